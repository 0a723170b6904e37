/** A flow window: how many messages of one kind may be on their way unacknowledged, and what becomes of the others. */

export interface FlowWindow {
  /** Send now, or when there is room again: only the latest of the waiting ones is kept. */
  latest(payload: unknown): void
  /** Send in order when there is room; true once sent, false when the window closed before. */
  queue(payload: unknown): Promise<boolean>
  /** The peer has taken `n` more. More than were sent is counted as that many. */
  credit(n: number): void
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>
  /** Nothing is sent from now on; waiting ones are dropped. */
  close(): void
}

export function createWindow(size: number, send: (payload: unknown, seq: number) => void): FlowWindow {
  let onTheWay = 0
  let seq = 0
  let closed = false
  let pending: { payload: unknown } | undefined
  const waiting: { payload: unknown; settle: (sent: boolean) => void }[] = []
  const idle: (() => void)[] = []

  const sendNow = (payload: unknown) => {
    onTheWay++
    send(payload, seq++)
  }
  const settleIdle = () => {
    if (waiting.length === 0) for (const done of idle.splice(0)) done()
  }

  return {
    latest(payload) {
      if (closed) return
      if (onTheWay < size) sendNow(payload)
      else pending = { payload }
    },
    queue(payload) {
      if (closed) return Promise.resolve(false)
      if (onTheWay < size) {
        sendNow(payload)
        return Promise.resolve(true)
      }
      return new Promise((settle) => waiting.push({ payload, settle }))
    },
    credit(n) {
      if (closed) return
      onTheWay = Math.max(0, onTheWay - n)
      while (onTheWay < size) {
        const next = waiting.shift()
        if (!next) break
        sendNow(next.payload)
        next.settle(true)
      }
      if (pending && onTheWay < size) {
        const { payload } = pending
        pending = undefined
        sendNow(payload)
      }
      settleIdle()
    },
    drained: () => (waiting.length === 0 ? Promise.resolve() : new Promise((done) => idle.push(done))),
    close() {
      closed = true
      pending = undefined
      for (const { settle } of waiting.splice(0)) settle(false)
      settleIdle()
    },
  }
}
