/** Carrier over a WebSocket: the browser's own in the window, the `ws` package's at the host. One binary frame a message. */
import type { Carrier, Receiver } from './carrier'
import { decodeFrame, encodeFrame } from './frame'

/** What both kinds of WebSocket have in common. */
export interface SocketLike {
  binaryType: string
  readonly readyState: number
  send(bytes: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'open' | 'error', listener: () => void): void
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void
}

const CONNECTING = 0
const OPEN = 1

export function socketCarrier(socket: SocketLike): Carrier {
  const early: Uint8Array<ArrayBuffer>[] = []
  socket.binaryType = 'arraybuffer'
  return {
    send(message) {
      const frame = encodeFrame(message)
      if (socket.readyState === OPEN) socket.send(frame)
      else if (socket.readyState === CONNECTING) early.push(frame)
    },
    start(receiver) {
      socket.addEventListener('open', () => {
        for (const frame of early.splice(0)) socket.send(frame)
      })
      socket.addEventListener('message', ({ data }) => receive(receiver, data))
      socket.addEventListener('error', () => undefined) // a close always follows, and says more
      socket.addEventListener('close', ({ code, reason }) =>
        receiver.closed(reason !== '' ? reason : `the connection was closed (${code})`),
      )
    },
    close: () => socket.close(1000),
  }
}

function receive(receiver: Receiver, data: unknown) {
  if (!(data instanceof ArrayBuffer)) return receiver.malformed('text frames are not part of the protocol')
  const decoded = decodeFrame(new Uint8Array(data))
  if (decoded.ok) receiver.message(decoded.value)
  else receiver.malformed(decoded.error)
}
