/**
 * What happens before an event and what after it: program order in each lane, and the arrows that somebody enforces.
 * A lane's events are in one order, so the past of an event is a beginning of each lane and its future an end of each:
 * two numbers a lane, which are the event's vector clock read from both sides. Everything between them is concurrent.
 */
import { compareRows, laneAt, NOBODY, NONE, type EventStore } from './events'

export interface Causality {
  /** Last row of each lane that happens before the event, or is it; NONE: none does. */
  readonly before: Uint32Array<ArrayBuffer>
  /** First row of each lane that happens after the event, or is it; NONE: none does. */
  readonly after: Uint32Array<ArrayBuffer>
}

/** One pass over the arrows in each direction: those that count all point forward. */
export function causality(store: EventStore, row: number): Causality {
  const { from, to, kind, byTail } = store.flows
  const before = new Uint32Array(store.lanes.length).fill(NONE)
  const after = new Uint32Array(store.lanes.length).fill(NONE)
  const own = laneAt(store, row)
  before[own] = row
  after[own] = row
  // Forwards: in the order of tails, whatever can reach an arrow's tail has been followed before it.
  for (let k = firstTail(store, row); k < byTail.length; k++) {
    const i = byTail[k] ?? 0
    const [f, t] = [from[i] ?? 0, to[i] ?? 0]
    if (f < (after[laneAt(store, f)] ?? NONE) || !orders(store, f, t, kind[i])) continue
    const lane = laneAt(store, t)
    if (t < (after[lane] ?? NONE)) after[lane] = t
  }
  // Backwards: in the order of heads, from the last.
  for (let i = headsUpTo(store, row) - 1; i >= 0; i--) {
    const [f, t] = [from[i] ?? 0, to[i] ?? 0]
    const reached = before[laneAt(store, t)] ?? NONE
    if (reached === NONE || t > reached || !orders(store, f, t, kind[i])) continue
    const lane = laneAt(store, f)
    const known = before[lane] ?? NONE
    if (known === NONE || f > known) before[lane] = f
  }
  return { before, after }
}

const orders = (store: EventStore, from: number, to: number, kind: number | undefined): boolean =>
  kind !== NOBODY && compareRows(store, from, to) < 0

function search(n: number, isBefore: (i: number) => boolean): number {
  let low = 0
  let high = n
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}

/** The first arrow that does not lead to something before `row`. */
export const firstHead = (store: EventStore, row: number): number =>
  search(store.flows.to.length, (i) => compareRows(store, store.flows.to[i] ?? 0, row) < 0)

const headsUpTo = (store: EventStore, row: number): number =>
  search(store.flows.to.length, (i) => compareRows(store, store.flows.to[i] ?? 0, row) <= 0)

/** The first place in the order of tails that does not come from something before `row`. */
function firstTail(store: EventStore, row: number): number {
  const { from, byTail } = store.flows
  return search(byTail.length, (k) => compareRows(store, from[byTail[k] ?? 0] ?? 0, row) < 0)
}

/** Arrows that lead to an event, and those that come from it. */
export function arrowsOf(store: EventStore, row: number): number[] {
  const { from, to, byTail } = store.flows
  const found: number[] = []
  for (let i = firstHead(store, row); i < to.length && to[i] === row; i++) found.push(i)
  for (let k = firstTail(store, row); k < byTail.length && from[byTail[k] ?? 0] === row; k++) found.push(byTail[k] ?? 0)
  return found
}

export type Relation = 'self' | 'before' | 'after' | 'concurrent'

export function relation({ before, after }: Causality, row: number, other: number, lane: number): Relation {
  if (other === row) return 'self'
  const b = before[lane] ?? NONE
  if (b !== NONE && other <= b) return 'before'
  return other >= (after[lane] ?? NONE) ? 'after' : 'concurrent'
}

/**
 * Vector clocks of all events: `lanes` numbers an event, the count of each lane's events in its past (itself included).
 * For runs short enough to keep them; rows as in the store.
 */
export function vectorClocks(store: EventStore): Uint32Array {
  const width = store.lanes.length
  const { from, to } = store.flows
  const n = store.events.time.length
  const clocks = new Uint32Array(n * width)
  const take = (row: number, past: number): void => {
    for (let l = 0; l < width; l++) {
      const value = clocks[past * width + l] ?? 0
      if (value > (clocks[row * width + l] ?? 0)) clocks[row * width + l] = value
    }
  }
  const inOrder = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => compareRows(store, a, b))
  let arrow = 0
  for (const row of inOrder) {
    const lane = laneAt(store, row)
    if (row > (store.starts[lane] ?? 0)) take(row, row - 1)
    for (; arrow < to.length && to[arrow] === row; arrow++)
      if (orders(store, from[arrow] ?? 0, row, store.flows.kind[arrow])) take(row, from[arrow] ?? 0)
    clocks[row * width + lane] = (clocks[row * width + lane] ?? 0) + 1
  }
  return clocks
}
