/** Arrows of a viewport: not more than can be told apart, those that nobody enforces and those of the selected event first. */
import { f64, u16, u32, u8 } from './builder'
import { arrowsOf } from './causality'
import { compareRows, laneAt, NOBODY, type EventStore } from './events'

export const MOST_ARROWS = 1500
/** Arrows that are looked at before the rest is left out. */
const MOST_SEEN = 60_000

export interface Arrows {
  readonly kind: Uint8Array<ArrayBuffer>
  readonly fromRow: Uint32Array<ArrayBuffer>
  readonly toRow: Uint32Array<ArrayBuffer>
  readonly fromLane: Uint16Array<ArrayBuffer>
  readonly toLane: Uint16Array<ArrayBuffer>
  /** Times of both ends: an arrow begins where its event ends, if that is before the other begins. */
  readonly from: Float64Array<ArrayBuffer>
  readonly to: Float64Array<ArrayBuffer>
  /** Text number of the reason, or NONE. */
  readonly why: Uint32Array<ArrayBuffer>
  /** There are more than were sent. */
  readonly cut: boolean
}

export interface ArrowQuery {
  readonly from: number
  readonly to: number
  readonly resolution: number
  /** Arrows from and to this event are always among them. */
  readonly row?: number
}

/** Races of a store, once: arrows of nobody that point back. In the order of their heads. */
export function racesOf(store: EventStore): Uint32Array<ArrayBuffer> {
  const { from, to, kind } = store.flows
  const found = u32()
  for (let i = 0; i < to.length; i++)
    if (kind[i] === NOBODY && compareRows(store, from[i] ?? 0, to[i] ?? 0) > 0) found.push(i)
  return found.done()
}

export function arrowsIn(store: EventStore, races: Uint32Array, query: ArrowQuery): Arrows {
  const { from, to, resolution, row } = query
  const { flows } = store
  const time = (r: number | undefined): number => store.events.time[r ?? 0] ?? 0
  const chosen = new Set<number>(row === undefined ? [] : arrowsOf(store, row).slice(0, MOST_ARROWS))
  let cut = false
  let lastAt = -Infinity
  for (const i of races) {
    const [tail, head] = [time(flows.from[i]), time(flows.to[i])]
    if (head > to) break
    if (tail < from) continue
    // So close to the one before that they would lie on one another.
    if (chosen.size >= MOST_ARROWS || (races.length > 200 && head - lastAt < resolution * 4)) {
      cut = true
      continue
    }
    chosen.add(i)
    lastAt = head
  }
  const first = headAt(store, from)
  const last = headAt(store, to)
  if (last - first > MOST_SEEN) cut = true
  else
    for (let i = first; i < last; i++) {
      // Shorter than a few pixels, in one place: only a blot.
      if (Math.abs(time(flows.to[i]) - time(flows.from[i])) < resolution * 3) continue
      if (chosen.size < MOST_ARROWS) chosen.add(i)
      else cut = true
    }
  return columns(store, [...chosen], cut)
}

/** The first arrow whose head is not before a time. */
function headAt({ events, flows }: EventStore, time: number): number {
  let low = 0
  let high = flows.to.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((events.time[flows.to[middle] ?? 0] ?? 0) < time) low = middle + 1
    else high = middle
  }
  return low
}

function columns(store: EventStore, chosen: readonly number[], cut: boolean): Arrows {
  const { events, flows } = store
  const c = {
    kind: u8(),
    fromRow: u32(),
    toRow: u32(),
    fromLane: u16(),
    toLane: u16(),
    from: f64(),
    to: f64(),
    why: u32(),
  }
  for (const i of chosen) {
    const [f, t] = [flows.from[i] ?? 0, flows.to[i] ?? 0]
    const begin = events.time[f] ?? 0
    const arrive = events.time[t] ?? 0
    const done = begin + (events.duration[f] ?? 0)
    c.kind.push(flows.kind[i] ?? 0)
    c.fromRow.push(f)
    c.toRow.push(t)
    c.fromLane.push(laneAt(store, f))
    c.toLane.push(laneAt(store, t))
    c.from.push(done <= arrive ? done : begin)
    c.to.push(arrive)
    c.why.push(flows.why[i] ?? 0)
  }
  return {
    kind: c.kind.done(),
    fromRow: c.fromRow.done(),
    toRow: c.toRow.done(),
    fromLane: c.fromLane.done(),
    toLane: c.toLane.done(),
    from: c.from.done(),
    to: c.to.done(),
    why: c.why.done(),
    cut,
  }
}
