/**
 * Who may use the served workbench: whoever opens the link that was printed in the terminal, in the browser that opened it.
 *
 * - The link carries a token that works once; it is exchanged for a cookie of this server's lifetime, HttpOnly and
 *   SameSite=Strict, so that reload and further tabs work and no page of another site can use it.
 * - The Host header must name the loopback address and our port: a foreign name that resolves to 127.0.0.1
 *   (DNS rebinding) gets nothing, not even a page.
 * - A WebSocket must come from a page of our own (Origin), as browsers do not hold WebSockets to the same-origin rule.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

const secret = () => randomBytes(32).toString('base64url')
const same = (a: string, b: string) =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())

export interface Access {
  /** A new token for a link; each works once. */
  issue(): string
  /** True once for each issued token. */
  redeem(token: string): boolean
  readonly setCookie: string
  hasCookie(headers: IncomingHttpHeaders): boolean
  hostAllowed(headers: IncomingHttpHeaders): boolean
  originAllowed(headers: IncomingHttpHeaders): boolean
}

/** Cookies do not keep ports apart, so the port is in the name: two workbenches on one machine do not log each other out. */
export function createAccess(port: number): Access {
  const cookieName = `doorbell-${port}`
  const session = secret()
  const tokens = new Set<string>()
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`])
  return {
    issue() {
      const token = secret()
      tokens.add(token)
      return token
    },
    redeem(token) {
      for (const issued of tokens) if (same(issued, token)) return tokens.delete(issued)
      return false
    },
    setCookie: `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/`,
    hasCookie: ({ cookie = '' }) =>
      cookie.split(';').some((pair) => {
        const [name, value] = pair.trim().split('=', 2)
        return name === cookieName && value !== undefined && same(value, session)
      }),
    hostAllowed: ({ host }) => host !== undefined && hosts.has(host),
    originAllowed: ({ origin, host }) => origin !== undefined && origin === `http://${host}` && hosts.has(host ?? ''),
  }
}
