/** Carrier over the object that the preload script puts into the window (Electron). */
import type { Carrier } from './carrier'

/** All that the window gets of Electron, as `window.doorbell`: frozen, one channel, nothing of `ipcRenderer` itself. */
export interface Bridge {
  send(message: unknown): void
  /** One listener; a second replaces it. */
  listen(listener: (message: unknown) => void): void
}

export function bridgeCarrier(bridge: Bridge): Carrier {
  return {
    send(message) {
      try {
        bridge.send(message)
      } catch (error) {
        throw new TypeError(error instanceof Error ? error.message : String(error), { cause: error })
      }
    },
    start: (receiver) => bridge.listen((message) => receiver.message(message)),
    close: () => bridge.listen(() => undefined),
  }
}

declare global {
  interface Window {
    /** Only in Electron. */
    readonly doorbell?: Bridge
  }
}
