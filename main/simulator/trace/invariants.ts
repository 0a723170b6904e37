/**
 * What holds of every store, and is checked of one that comes from a file: everything behind relies on it. Whether arrows
 * and changes stand in the order of their events is not among it, because that costs more than all the rest: a file in
 * which they do not shows wrong arrows, and nothing worse.
 */
import { EVENT_KINDS, FLOW_KINDS, KIND_MASK, MAX_TIME, NONE, type EventStore, type Numbers } from './events'

/** Null: all is well. Otherwise the first thing that is wrong, for a person. */
export function whatIsWrong(store: EventStore): string | null {
  return eventsWrong(store) ?? namesWrong(store) ?? flowsWrong(store) ?? changesWrong(store)
}

function eventsWrong({ lanes, starts, names, events }: EventStore): string | null {
  const { time, duration, kind, name, args, order } = events
  const n = time.length
  if ([duration, kind, name].some((c) => c.length !== n) || [args, order].some((c) => c.length !== 0 && c.length !== n))
    return 'columns of events differ in length'
  if (starts.length !== lanes.length + 1 || starts[0] !== 0 || starts.at(-1) !== n || !ascending(starts))
    return 'lanes do not follow one another'
  if (new Set(lanes.map((l) => l.id)).size !== lanes.length) return 'two lanes have the same id'
  const labels = names.label.length
  for (let lane = 0; lane < lanes.length; lane++) {
    const to = starts[lane + 1] ?? 0
    let before = 0
    for (let i = starts[lane] ?? 0; i < to; i++) {
      const t = time[i] ?? 0
      const d = duration[i] ?? 0
      // NaN fails the comparisons
      if (!(t >= before && d >= 0 && t + d <= MAX_TIME)) return `event ${i} lies outside of time or of its lane's order`
      if (t !== Math.floor(t) || d !== Math.floor(d)) return `event ${i} does not lie at a whole number`
      if (((kind[i] ?? 0) & KIND_MASK) >= EVENT_KINDS.length) return `event ${i} is of no kind`
      before = t
    }
  }
  if (!below(name, labels)) return 'an event has no name'
  return order.length > 0 ? orderWrong(events, starts) : null
}

/** The order is one of all events, goes with time, and in each lane with the rows. */
function orderWrong({ time, order }: EventStore['events'], starts: Uint32Array): string | null {
  const n = order.length
  const rows = new Uint32Array(n).fill(NONE)
  for (let row = 0; row < n; row++) {
    const place = order[row] ?? 0
    if (!(place < n) || rows[place] !== NONE) return 'two events have the same place'
    rows[place] = row
  }
  for (let i = 1; i < n; i++)
    if ((time[rows[i - 1] ?? 0] ?? 0) > (time[rows[i] ?? 0] ?? 0)) return 'the order of events is not that of time'
  for (let lane = 0; lane + 1 < starts.length; lane++)
    for (let row = (starts[lane] ?? 0) + 1; row < (starts[lane + 1] ?? 0); row++)
      if ((order[row - 1] ?? 0) > (order[row] ?? 0)) return 'the order of events is not that of a lane'
  return null
}

function namesWrong({ strings, names, events, flows }: EventStore): string | null {
  if (strings.offsets[0] !== 0 || !ascending(strings.offsets) || strings.offsets.at(-1) !== strings.bytes.length)
    return 'texts overlap'
  if ([names.step, names.op, names.cite, names.line].some((c) => c.length !== names.label.length))
    return 'columns of names differ in length'
  const isText = (c: Numbers): boolean => below(c, strings.length, true)
  return [names.label, names.step, names.op, names.cite, flows.why, events.args].every(isText)
    ? null
    : 'a text is not there'
}

function flowsWrong(store: EventStore): string | null {
  const { from, to, kind, why, byTail } = store.flows
  const n = store.events.time.length
  if ([from, kind, why, byTail].some((c) => c.length !== to.length)) return 'columns of arrows differ in length'
  if (!below(from, n) || !below(to, n)) return 'an arrow leads nowhere'
  if (!below(kind, FLOW_KINDS.length)) return 'an arrow is of no kind'
  if (!below(byTail, to.length)) return 'arrows are not in the order of their tails'
  return null
}

function changesWrong(store: EventStore): string | null {
  const { event, signal, from, to } = store.changes
  if ([signal, from, to].some((c) => c.length !== event.length)) return 'columns of changes differ in length'
  if (!below(event, store.events.time.length)) return 'a change belongs to no event'
  if (!below(signal, store.signals.length)) return 'a change belongs to no signal'
  return null
}

function below(column: Numbers, limit: number, orNone = false): boolean {
  for (let i = 0; i < column.length; i++) {
    const value = column[i] ?? 0
    if (!(value < limit || (orNone && value === NONE))) return false
  }
  return !(column instanceof Float64Array) || column.every((value) => value >= 0 && value === Math.floor(value))
}

function ascending(column: Numbers): boolean {
  for (let i = 1; i < column.length; i++) if ((column[i] ?? 0) < (column[i - 1] ?? 0)) return false
  return true
}
