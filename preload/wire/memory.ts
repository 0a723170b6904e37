/** Two joined carriers inside one thread: each message is cloned as a real carrier would, and arrives in a later microtask. */
import type { Carrier, Receiver } from './carrier'

export function memoryPair(clone: (message: unknown) => unknown = structuredClone): [Carrier, Carrier] {
  const receivers: (Receiver | undefined)[] = [undefined, undefined]
  const early: unknown[][] = [[], []]
  let open = true
  const deliver = (to: number, message: unknown) => {
    const receiver = receivers[to]
    if (receiver) receiver.message(message)
    else early[to]?.push(message)
  }
  const carrier = (own: number): Carrier => {
    const other = 1 - own
    return {
      send(message) {
        if (!open) return
        const copy = clone(message)
        queueMicrotask(() => open && deliver(other, copy))
      },
      start(receiver) {
        receivers[own] = receiver
        for (const message of early[own]?.splice(0) ?? []) receiver.message(message)
      },
      close() {
        if (!open) return
        open = false
        for (const receiver of receivers) receiver?.closed('closed')
      },
    }
  }
  return [carrier(0), carrier(1)]
}
