/** Electron or the browser? Decided from what is there, with the reason in words for the person who reads it. */
import type { Runtime } from './electron'

export interface Facts {
  /** The option that asks for the browser, if one does. */
  readonly browser: '--browser' | '--port' | undefined
  readonly runtime: Runtime['state']
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  /** Both ends of the terminal are there to ask in. */
  readonly tty: boolean
  /** Numeric user id; undefined where there is no such thing. */
  readonly uid: number | undefined
}

export type Decision =
  | { readonly host: 'electron' }
  /** Ask whether the runtime should be fetched. */
  | { readonly host: 'offer' }
  | { readonly host: 'serve'; readonly reason: string }

/** Undefined when there is a display, else why there is none. */
export function noDisplay({ platform, env }: Pick<Facts, 'platform' | 'env'>): string | undefined {
  if (platform === 'win32' || platform === 'darwin')
    return env['SSH_CONNECTION'] ? 'this is a remote login without a display' : undefined
  if (env['DISPLAY'] || env['WAYLAND_DISPLAY']) return undefined
  return 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)'
}

export function decide(facts: Facts): Decision {
  const serve = (reason: string): Decision => ({ host: 'serve', reason })
  if (facts.browser) return serve(`${facts.browser} asks for it`)
  const dark = noDisplay(facts)
  if (dark) return serve(dark)
  if (facts.platform === 'linux' && facts.uid === 0) return serve('Electron does not run as root')
  switch (facts.runtime) {
    case 'present':
      return { host: 'electron' }
    case 'not-installed':
      return serve('Electron is not installed')
    case 'absent':
      return facts.tty
        ? { host: 'offer' }
        : serve("Electron's runtime has not been fetched (npx install-electron fetches it)")
  }
}
