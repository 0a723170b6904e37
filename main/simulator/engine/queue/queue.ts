/**
 * The event queue of timed runs: which event is next. An event is a small number (0 … capacity−1) that is pending at most
 * once; time is in integer nanoseconds up to 2^53. Of events at the same time the lower number comes first.
 *
 * Everything lies in typed arrays that are made once: no object and no closure for an event.
 */
import { HeapQueue } from './heap'
import { WheelQueue } from './wheel'

export interface EventQueue {
  /** Time of the event taken last, ns. */
  readonly now: number
  /** Events pending. */
  readonly size: number
  /** The event is not pending, and `time` is not before `now`. */
  schedule(event: number, time: number): void
  /** The event is pending. */
  cancel(event: number): void
  /** Takes the next event and moves `now` to it; −1 when none is pending. */
  pop(): number
  /** Nothing pending, time 0. */
  clear(): void
}

/** From so many pending events on, a wheel is faster than a heap (measured by `npm run bench -- --only timed`). */
export const WHEEL_FROM = 64
/** Slots of a wheel at most, each 1 ns: what lies further ahead waits in a heap. */
const MAX_SLOTS = 1 << 16

/** `capacity`: numbers of events; `pending`: how many are pending at once, at most; `ahead`: the longest delay, ns. */
export function eventQueue(capacity: number, pending: number, ahead: number): EventQueue {
  if (pending < WHEEL_FROM) return new HeapQueue(capacity)
  let slots = 1024
  while (slots <= ahead && slots < MAX_SLOTS) slots *= 2
  return new WheelQueue(capacity, slots)
}
