/** Fills the columns of a run one event at a time, in any order of time, and sorts them at the end. */
import { assert } from '../faults'
import {
  FLAG,
  flowNumber,
  KIND_BITS,
  kindNumber,
  MAX_LANES,
  NOBODY,
  NONE,
  type EventKind,
  type EventStore,
  type FlowKind,
  type LaneInfo,
  type Origin,
  type Signal,
  type Unit,
} from './events'
import { Interner } from './strings'

type Growing =
  | Float64Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>

/** A typed array that grows. */
export class Column<A extends Growing> {
  length = 0
  private array: A
  constructor(private readonly make: (length: number) => A) {
    this.array = make(256)
  }

  push(value: number): void {
    if (this.length === this.array.length) {
      const grown = this.make(this.array.length * 2)
      grown.set(this.array)
      this.array = grown
    }
    this.array[this.length++] = value
  }

  at(i: number): number {
    return this.array[i] ?? 0
  }

  /** What is in it, in the order of `order` where one is given. */
  done(order?: Uint32Array | null): A {
    const out = this.make(this.length)
    if (order) for (let i = 0; i < out.length; i++) out[i] = this.array[order[i] ?? 0] ?? 0
    else out.set(this.array.subarray(0, this.length))
    return out
  }
}

export const f64 = () => new Column((n) => new Float64Array(n))
export const u32 = () => new Column((n) => new Uint32Array(n))
export const i32 = () => new Column((n) => new Int32Array(n))
export const u16 = () => new Column((n) => new Uint16Array(n))
export const u8 = () => new Column((n) => new Uint8Array(n))

export interface NewName {
  readonly label: string
  readonly step?: string
  readonly op?: string
  readonly cite?: string
  readonly line?: number
}

export interface NewEvent {
  readonly time: number
  readonly duration?: number
  readonly lane: number
  readonly kind: EventKind
  readonly name: number
  readonly args?: string
}

export class StoreBuilder {
  readonly lanes: LaneInfo[] = []
  readonly signals: Signal[] = []
  private readonly strings = new Interner()
  private readonly known = new Map<string, number>()
  private readonly names = { label: u32(), step: u32(), op: u32(), cite: u32(), line: u32() }
  private readonly events = { time: f64(), duration: f64(), lane: u16(), kind: u8(), name: u32(), args: u32() }
  private readonly flows = { from: u32(), to: u32(), kind: u8(), why: u32() }
  private readonly changes = { event: u32(), signal: u32(), from: i32(), to: i32() }
  private hasArgs = false

  constructor(
    private readonly unit: Unit,
    private readonly origin: Origin,
  ) {}

  lane(lane: LaneInfo): number {
    assert(this.lanes.length < MAX_LANES, 'fewer lanes than a lane number can tell')
    return this.lanes.push(lane) - 1
  }

  signal(signal: Signal): number {
    return this.signals.push(signal) - 1
  }

  /** The same name gives the same number. */
  name({ label, step = '', op = '', cite = '', line = 0 }: NewName): number {
    const key = `${label}\0${step}\0${op}\0${cite}\0${line}`
    const old = this.known.get(key)
    if (old !== undefined) return old
    const id = this.known.size
    this.known.set(key, id)
    this.names.label.push(this.strings.id(label))
    this.names.step.push(step === '' ? NONE : this.strings.id(step))
    this.names.op.push(op === '' ? NONE : this.strings.id(op))
    this.names.cite.push(cite === '' ? NONE : this.strings.id(cite))
    this.names.line.push(line)
    return id
  }

  /** Number of the event, for arrows and changes: it stays valid although rows are sorted later. */
  event({ time, duration = 0, lane, kind, name, args }: NewEvent): number {
    const row = this.events.time.length
    this.events.time.push(time)
    this.events.duration.push(duration)
    this.events.lane.push(lane)
    this.events.kind.push(kindNumber(kind))
    this.events.name.push(name)
    this.events.args.push(args === undefined ? NONE : this.strings.id(args))
    this.hasArgs ||= args !== undefined
    return row
  }

  get length(): number {
    return this.events.time.length
  }

  flow(from: number, to: number, kind: FlowKind, why = ''): void {
    this.flows.from.push(from)
    this.flows.to.push(to)
    this.flows.kind.push(flowNumber(kind))
    this.flows.why.push(why === '' ? NONE : this.strings.id(why))
  }

  change(event: number, signal: number, from: number, to: number): void {
    this.changes.event.push(event)
    this.changes.signal.push(signal)
    this.changes.from.push(from)
    this.changes.to.push(to)
  }

  build(): EventStore {
    const { events, flows, changes, names } = this
    const columns = { time: events.time.done(), lane: events.lane.done() }
    const inTime = sortedBy(columns.time)
    const place = inverse(inTime)
    const { starts, rows } = byLane(columns.lane, this.lanes.length, inTime)
    const rowOf = inverse(rows)
    const kind = events.kind.done(rows)
    const moved = (column: Column<Uint32Array<ArrayBuffer>>): Uint32Array<ArrayBuffer> =>
      column.done().map((event) => rowOf[event] ?? 0)
    const order = rows.map((event) => place[event] ?? 0)
    const at = (row: number | undefined): number => order[row ?? 0] ?? 0
    const flow = { from: moved(flows.from), to: moved(flows.to) }
    const byHead = sortedBy(Float64Array.from(flow.to, (to, i) => at(to) * 2 ** 26 + (at(flow.from[i]) % 2 ** 26)))
    const head = { from: pick(flow.from, byHead), to: pick(flow.to, byHead), kind: flows.kind.done(byHead) }
    const event = moved(changes.event)
    const byEvent = sortedBy(Float64Array.from(event, at))
    const change = pick(event, byEvent)
    const time = events.time.done(rows)
    mark(kind, order, head, change)
    return {
      unit: this.unit,
      origin: this.origin,
      lanes: this.lanes,
      starts,
      signals: this.signals,
      strings: this.strings.table(),
      names: {
        label: names.label.done(),
        step: names.step.done(),
        op: names.op.done(),
        cite: names.cite.done(),
        line: names.line.done(),
      },
      events: {
        time,
        duration: events.duration.done(rows),
        kind,
        name: events.name.done(rows),
        args: this.hasArgs ? events.args.done(rows) : new Uint32Array(0),
        order: toldByTime(time, order) ? new Uint32Array(0) : order,
      },
      flows: { ...head, why: flows.why.done(byHead), byTail: sortedBy(Float64Array.from(head.from, at)) },
      changes: {
        event: change,
        signal: changes.signal.done(byEvent),
        from: changes.from.done(byEvent),
        to: changes.to.done(byEvent),
      },
    }
  }
}

/** Lane by lane, each in the order of time: where lanes begin, and which event stands in each row. */
function byLane(lane: Uint16Array, lanes: number, inTime: Uint32Array) {
  const starts = new Uint32Array(lanes + 1)
  for (const l of lane) starts[l + 1] = (starts[l + 1] ?? 0) + 1
  for (let l = 0; l < lanes; l++) starts[l + 1] = (starts[l + 1] ?? 0) + (starts[l] ?? 0)
  const next = starts.slice()
  const rows = new Uint32Array(lane.length)
  for (const event of inTime) {
    const l = lane[event] ?? 0
    rows[next[l] ?? 0] = event
    next[l] = (next[l] ?? 0) + 1
  }
  return { starts, rows }
}

/** FLAG bits above the kinds. */
export function mark(
  kind: Uint8Array,
  order: ArrayLike<number>,
  flows: { readonly from: ArrayLike<number>; readonly to: ArrayLike<number>; readonly kind: ArrayLike<number> },
  changed: ArrayLike<number>,
): void {
  const set = (row: number, bits: number): void => void (kind[row] = (kind[row] ?? 0) | (bits << KIND_BITS))
  for (let i = 0; i < changed.length; i++) set(changed[i] ?? 0, FLAG.changes)
  for (let i = 0; i < flows.to.length; i++) {
    const [from, to] = [flows.from[i] ?? 0, flows.to[i] ?? 0]
    const race = flows.kind[i] === NOBODY && (order[from] ?? 0) > (order[to] ?? 0)
    set(from, race ? FLAG.flow | FLAG.race : FLAG.flow)
    set(to, race ? FLAG.flow | FLAG.race : FLAG.flow)
  }
}

/** Is the order of all events that of their times, and of rows where those are the same? */
function toldByTime(time: Float64Array, order: Uint32Array): boolean {
  const rows = inverse(order)
  for (let i = 1; i < rows.length; i++) {
    const [a, b] = [rows[i - 1] ?? 0, rows[i] ?? 0]
    if (time[a] === time[b] && a > b) return false
  }
  return true
}

const pick = (column: Uint32Array<ArrayBuffer>, order: Uint32Array): Uint32Array<ArrayBuffer> =>
  order.map((i) => column[i] ?? 0)

/** Indices in ascending order of their keys; the same key: in their own order. */
function sortedBy(key: Float64Array): Uint32Array<ArrayBuffer> {
  const order = Uint32Array.from({ length: key.length }, (_, i) => i)
  for (let i = 1; i < key.length; i++)
    if ((key[i - 1] ?? 0) > (key[i] ?? 0)) return order.sort((a, b) => (key[a] ?? 0) - (key[b] ?? 0) || a - b)
  return order
}

function inverse(order: Uint32Array): Uint32Array<ArrayBuffer> {
  const place = new Uint32Array(order.length)
  for (let i = 0; i < order.length; i++) place[order[i] ?? 0] = i
  return place
}
