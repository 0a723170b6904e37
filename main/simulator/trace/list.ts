/** The events of a stretch of time in the order in which they happened, a page at a time: lanes are merged where they are read. */
import { compareRows, type EventStore } from './events'
import { LaneRows, type LaneIndex } from './lane-index'

export interface Stretch {
  readonly from: number
  /** Exclusive. */
  readonly to: number
  readonly lanes: ArrayLike<number>
}

interface Cursor {
  readonly rows: LaneRows
  at: number
  readonly end: number
}

export interface Page {
  /** Events in the whole stretch. */
  readonly total: number
  readonly rows: Uint32Array<ArrayBuffer>
}

const lanesOf = (index: LaneIndex, lanes: ArrayLike<number>): LaneRows[] =>
  Array.from(lanes, (lane) => new LaneRows(index, lane)).filter((rows) => rows.length > 0)

export function pageOf(store: EventStore, index: LaneIndex, stretch: Stretch, offset: number, count: number): Page {
  const cursors = lanesOf(index, stretch.lanes).map((rows): Cursor => {
    const at = rows.seek(stretch.from)
    return { rows, at, end: rows.seek(stretch.to, at) }
  })
  const total = cursors.reduce((n, c) => n + c.end - c.at, 0)
  let skip = Math.min(offset, total) - leap(cursors, stretch, offset)
  const found: number[] = []
  while (found.length < count) {
    const next = first(store, cursors)
    if (!next) break
    if (skip > 0) skip--
    else found.push(next.rows.row(next.at))
    next.at++
  }
  return { total, rows: Uint32Array.from(found) }
}

/** How many events of a stretch come before `row`: its place in the list, where it is one of them. */
export function placeOf(store: EventStore, index: LaneIndex, { from, lanes }: Stretch, row: number): number {
  const time = store.events.time[row] ?? 0
  let place = 0
  for (const rows of lanesOf(index, lanes)) {
    const first = rows.seek(from)
    let at = rows.seek(time, first)
    while (at < rows.length && rows.time[at] === time && compareRows(store, rows.row(at), row) < 0) at++
    place += at - first
  }
  return place
}

/** Moves all cursors to the latest time before which there are not more than `offset` events; returns how many there are. */
function leap(cursors: readonly Cursor[], { from, to }: Stretch, offset: number): number {
  const passed = (time: number): number =>
    cursors.reduce((n, c) => n + Math.min(c.end, c.rows.seek(time, c.at)) - c.at, 0)
  let low = Math.floor(from)
  let high = Math.ceil(Math.min(to, Number.MAX_SAFE_INTEGER))
  while (low < high) {
    const middle = low + Math.ceil((high - low) / 2)
    if (passed(middle) <= offset) low = middle
    else high = middle - 1
  }
  const n = passed(low)
  for (const c of cursors) c.at = Math.min(c.end, c.rows.seek(low, c.at))
  return n
}

function first(store: EventStore, cursors: readonly Cursor[]): Cursor | null {
  let best: Cursor | null = null
  for (const c of cursors)
    if (c.at < c.end && (!best || compareRows(store, c.rows.row(c.at), best.rows.row(best.at)) < 0)) best = c
  return best
}

/** The event of these lanes that comes next after `row` (or before it); −1: none. */
export function neighbour(
  store: EventStore,
  index: LaneIndex,
  lanes: ArrayLike<number>,
  row: number,
  direction: 1 | -1,
): number {
  const time = store.events.time[row] ?? 0
  let best = -1
  for (const rows of lanesOf(index, lanes)) {
    let at = rows.seek(time)
    while (
      at < rows.length &&
      rows.time[at] === time &&
      compareRows(store, rows.row(at), row) < (direction === 1 ? 1 : 0)
    )
      at++
    if (direction === -1) at--
    if (at < 0 || at >= rows.length) continue
    const candidate = rows.row(at)
    if (best < 0 || compareRows(store, candidate, best) * direction < 0) best = candidate
  }
  return best
}

/** The first event of these lanes that is not before a time, or else the last one before it; −1: there is none. */
export function eventAt(store: EventStore, index: LaneIndex, lanes: ArrayLike<number>, time: number): number {
  let best = -1
  for (const rows of lanesOf(index, lanes)) {
    const at = Math.min(rows.length - 1, rows.seek(time))
    const candidate = rows.row(at)
    const late = (row: number): boolean => (store.events.time[row] ?? 0) >= time
    if (best < 0 || (late(candidate) !== late(best) ? late(candidate) : nearer(store, candidate, best, late(best))))
      best = candidate
  }
  return best
}

const nearer = (store: EventStore, a: number, b: number, late: boolean): boolean =>
  late ? compareRows(store, a, b) < 0 : compareRows(store, a, b) > 0
