/** Names of Electron's channels between window and host. A page announces itself with a session number of its own making;
 * every message carries it, so that an answer to the page before a reload is never taken for one of this page. */
export const CHANNEL = {
  /** page → host: (session) */
  open: 'doorbell:open',
  /** page → host: (session, message) */
  toHost: 'doorbell:to-host',
  /** host → page: (session, message) */
  toPage: 'doorbell:to-page',
} as const
