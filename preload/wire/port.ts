/** Carrier over a worker's port: `parentPort` inside the thread, the `Worker` object outside, either end of a MessageChannel. */
import type { Carrier } from './carrier'

/** What Node's MessagePort and Worker have in common. */
export interface PortLike {
  postMessage(message: unknown): void
  on(event: 'message' | 'messageerror', listener: (message: unknown) => void): unknown
  on(event: 'close', listener: () => void): unknown
}

/** `close` ends the thread or the port; the caller knows how. */
export function portCarrier(port: PortLike, close: () => void): Carrier {
  let open = true
  return {
    send(message) {
      if (!open) return
      try {
        port.postMessage(message)
      } catch (error) {
        throw new TypeError(error instanceof Error ? error.message : String(error), { cause: error })
      }
    },
    start(receiver) {
      port.on('message', (message) => open && receiver.message(message))
      port.on('messageerror', () => open && receiver.malformed('a message could not be read'))
      port.on('close', () => {
        if (!open) return
        open = false
        receiver.closed('the port was closed')
      })
    },
    close() {
      if (!open) return
      open = false
      close()
    },
  }
}
