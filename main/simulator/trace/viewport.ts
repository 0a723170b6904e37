/**
 * What a viewport shows, as columns for one batch of drawing. Time is cut into buckets of `resolution` at whole multiples
 * of it, so that panning never re-cuts them. An event that lasts at least one bucket is an item of its own (at most
 * MOST_LONG in a bucket); all others of a bucket are one item together.
 */
import { KIND_MASK, type EventStore } from './events'
import { LaneRows, type LaneIndex } from './lane-index'

export const MOST_LONG = 16
/** Spans that began before the viewport and still run in it, of one lane. */
export const MOST_RUNNING = 64
/** Items of 34 bytes: messages of about 128 KiB, which a window takes in between two frames; one of all would hold up both. */
export const ITEMS_PER_CHUNK = 4000

export interface Viewport {
  readonly from: number
  readonly to: number
  /** > 0 */
  readonly resolution: number
  /** Numbers of the lanes that are wanted, in that order. */
  readonly lanes: ArrayLike<number>
}

/** Items in the order of lanes as they were asked for, then of time. */
export interface Items {
  readonly lane: Uint16Array<ArrayBuffer>
  readonly kind: Uint8Array<ArrayBuffer>
  readonly flags: Uint8Array<ArrayBuffer>
  readonly start: Float64Array<ArrayBuffer>
  readonly end: Float64Array<ArrayBuffer>
  /** Events in it; 1: itself. */
  readonly count: Uint32Array<ArrayBuffer>
  readonly name: Uint32Array<ArrayBuffer>
  /** The event, or the first of those in it. */
  readonly row: Uint32Array<ArrayBuffer>
}

const itemsOf = (n: number): Items => ({
  lane: new Uint16Array(n),
  kind: new Uint8Array(n),
  flags: new Uint8Array(n),
  start: new Float64Array(n),
  end: new Float64Array(n),
  count: new Uint32Array(n),
  name: new Uint32Array(n),
  row: new Uint32Array(n),
})

/** A bucket gives at most MOST_LONG + 1 items, a lane's start MOST_RUNNING: the room kept free behind a full batch. */
const SPARE = MOST_RUNNING + MOST_LONG + 1

class Batch {
  private readonly items = itemsOf(ITEMS_PER_CHUNK + SPARE)
  length = 0

  put(store: EventStore, lane: number, row: number, count: number, end: number, flags: number): void {
    const { items } = this
    const i = this.length++
    items.lane[i] = lane
    items.kind[i] = (store.events.kind[row] ?? 0) & KIND_MASK
    items.flags[i] = flags
    items.start[i] = store.events.time[row] ?? 0
    items.end[i] = end
    items.count[i] = count
    items.name[i] = store.events.name[row] ?? 0
    items.row[i] = row
  }

  /** What is in it, as columns of their own; then it is empty. */
  take(): Items {
    const { items, length } = this
    this.length = 0
    return {
      lane: items.lane.slice(0, length),
      kind: items.kind.slice(0, length),
      flags: items.flags.slice(0, length),
      start: items.start.slice(0, length),
      end: items.end.slice(0, length),
      count: items.count.slice(0, length),
      name: items.name.slice(0, length),
      row: items.row.slice(0, length),
    }
  }
}

/** Yields a batch whenever it is full; the last one may be empty. */
export function* itemsIn(store: EventStore, index: LaneIndex, viewport: Viewport): Generator<Items> {
  const { from, to, resolution } = viewport
  const lastBucket = Math.ceil(to / resolution)
  const batch = new Batch()
  for (let l = 0; l < viewport.lanes.length; l++) {
    const lane = viewport.lanes[l] ?? 0
    if (lane >= store.lanes.length) continue
    const rows = new LaneRows(index, lane)
    let i = rows.seek(Math.floor(from / resolution) * resolution)
    for (const earlier of rows.running(from, 0, i, MOST_RUNNING)) single(store, rows, lane, earlier, batch)
    while (i < rows.length) {
      const bucket = Math.floor((rows.time[i] ?? 0) / resolution)
      if (bucket > lastBucket) break
      // At least one: a resolution may be below what numbers of this size can tell apart.
      const until = Math.max(i + 1, rows.seek((bucket + 1) * resolution, i))
      oneBucket(store, rows, lane, i, until, resolution, batch)
      i = until
      if (batch.length >= ITEMS_PER_CHUNK) yield batch.take()
    }
    if (batch.length >= ITEMS_PER_CHUNK - MOST_RUNNING) yield batch.take()
  }
  yield batch.take()
}

function single(store: EventStore, rows: LaneRows, lane: number, i: number, batch: Batch): void {
  batch.put(store, lane, rows.row(i), 1, rows.end(i), rows.flags(i))
}

/** Up to so many rows are looked at one by one; above, the pyramid is quicker. */
const FEW = 48

function oneBucket(
  store: EventStore,
  rows: LaneRows,
  lane: number,
  from: number,
  to: number,
  resolution: number,
  batch: Batch,
): void {
  if (to - from === 1) return single(store, rows, lane, from, batch)
  if (to - from > FEW) return manyInBucket(store, rows, lane, from, to, resolution, batch)
  let [first, others, end, flags, long] = [-1, 0, 0, 0, 0]
  for (let i = from; i < to; i++) {
    flags |= rows.flags(i)
    if (long < MOST_LONG && (rows.duration[i] ?? 0) >= resolution) long++
    else {
      if (others++ === 0) first = i
      const e = rows.end(i)
      if (e > end) end = e
    }
  }
  // Beside a long one the pyramid does not know the end of the others, only where the last of all begins.
  if (others === 1) single(store, rows, lane, first, batch)
  else if (others > 1)
    batch.put(store, lane, rows.row(first), others, long === 0 ? end : (rows.time[to - 1] ?? 0), flags)
  for (let i = from; i < to && long > 0; i++) {
    if ((rows.duration[i] ?? 0) < resolution) continue
    single(store, rows, lane, i, batch)
    long--
  }
}

function manyInBucket(
  store: EventStore,
  rows: LaneRows,
  lane: number,
  from: number,
  to: number,
  resolution: number,
  batch: Batch,
): void {
  const long = rows.atLeast(resolution, from, to, MOST_LONG)
  let first = from
  for (const i of long) if (i === first) first++
  const { end, flags } = rows.summary(from, to)
  const others = to - from - long.length
  batch.put(store, lane, rows.row(first), others, long.length === 0 ? end : (rows.time[to - 1] ?? 0), flags)
  for (const i of long) single(store, rows, lane, i, batch)
}

export const sizeOf = (items: Items): number => items.row.length
