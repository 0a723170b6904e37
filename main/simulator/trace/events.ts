/**
 * A run as columns: one typed array a property, one row an event. Rows stand lane by lane, each lane's in the order in
 * which they happened: what is drawn together lies together, and a lane needs no list of its rows. Ten million events take
 * about 190 MB and no object each.
 *
 * Times are whole numbers ≤ 2⁵³: nanoseconds of a timed run or of a measured trace, or the number of the step where
 * a run has only an order. Rows are numbered from 0; NONE stands for "no row" and "no text".
 */
import type { StringTable } from './strings'

export const NONE = 0xffffffff

/** What a row is. The number is what stands in the column, the file and the wire: append only. */
export const EVENT_KINDS = [
  /** A step of the model, or an instant of an imported trace. */
  'step',
  /** Something that takes time: a span of an imported trace. */
  'span',
  /** An agent stands still in a trap. */
  'stop',
  /** A posted write is on its way: in the lane of its queue. */
  'flight',
  /** A step that should have come before another and has not come at all: drawn as a ghost behind the end. */
  'missing',
] as const
export type EventKind = (typeof EVENT_KINDS)[number]
export const kindNumber = (kind: EventKind): number => EVENT_KINDS.indexOf(kind)

/** Who enforces an arrow (flows/edges.ts): the number in the columns. The last is that of a foreign trace's own arrows. */
export const FLOW_KINDS = ['program-order', 'trap', 'device', 'pcie', 'software', 'nobody', 'other'] as const
export type FlowKind = (typeof FLOW_KINDS)[number]
export const flowNumber = (kind: FlowKind): number => FLOW_KINDS.indexOf(kind)
export const NOBODY = flowNumber('nobody')

/** Bits of an event, derived from arrows and changes: they stand above the kind, in the same byte. */
export const FLAG = { changes: 1, flow: 2, race: 4 } as const
export const KIND_BITS = 4
export const KIND_MASK = (1 << KIND_BITS) - 1

/** Whole numbers ≥ 0, in as few bytes as the largest of them needs. */
export type Numbers = Uint8Array | Uint16Array | Uint32Array | Float64Array

export type Unit = 'step' | 'ns'

export const LANE_ROLES = [
  'guest',
  'vmm',
  'host',
  'irqchip',
  'fabric',
  'device',
  'interrupt',
  'queue',
  'other',
] as const
export type LaneRole = (typeof LANE_ROLES)[number]

export interface LaneInfo {
  /** The agent's id, or that of a queue: unique. */
  readonly id: string
  readonly title: string
  readonly role: LaneRole
  /** Lanes of one group stand together and fold together: a process of an imported trace. Empty: none. */
  readonly group: string
}

/** Something with a value that changes: a field of a register, a variable. */
export interface Signal {
  readonly register: string
  readonly field: string
  /** Words for the values lo, lo + 1, …; null: the number itself. */
  readonly labels: readonly string[] | null
  readonly lo: number
  readonly hi: number
  readonly initial: number
}

/** What is the same for all events of a name: columns over names. Texts are numbers in `strings`. */
export interface NameColumns {
  /** What a person reads. */
  readonly label: Numbers
  readonly step: Numbers
  readonly op: Numbers
  readonly cite: Numbers
  /** Line of the scenario, 1-based; 0: none. */
  readonly line: Numbers
}

export interface EventColumns {
  readonly time: Float64Array
  readonly duration: Numbers
  /** Kind in the lower bits, FLAG bits above. */
  readonly kind: Uint8Array
  /** Index into the name columns. */
  readonly name: Numbers
  /** Arguments of an imported event, as JSON, in `strings`; or NONE. Of length 0 where no event has any. */
  readonly args: Numbers
  /** Place in the order of all events; of length 0 where time and then row tell it. */
  readonly order: Numbers
}

/**
 * Arrows, in the order of the events that they lead to. An arrow is happens-before where somebody enforces it and it
 * points forward. One of nobody that points back is a race: what should have come first came later, or (a missing one)
 * not at all.
 */
export interface FlowColumns {
  readonly from: Numbers
  readonly to: Numbers
  readonly kind: Numbers
  /** Why, in `strings`, or NONE. */
  readonly why: Numbers
  /** The arrows again, in the order of the events that they come from. */
  readonly byTail: Numbers
}

/** Changes of signals, in the order of their events. */
export interface ChangeColumns {
  readonly event: Numbers
  readonly signal: Numbers
  readonly from: Int32Array
  readonly to: Int32Array
}

/** Where a run comes from: enough to make it again. */
export interface Origin {
  readonly title: string
  readonly scenario?: string
  readonly token?: string
  readonly digest?: string
}

export interface EventStore {
  readonly unit: Unit
  readonly origin: Origin
  readonly lanes: readonly LaneInfo[]
  /** Where each lane's rows begin; lanes + 1 entries. */
  readonly starts: Uint32Array
  readonly signals: readonly Signal[]
  readonly strings: StringTable
  readonly names: NameColumns
  readonly events: EventColumns
  readonly flows: FlowColumns
  readonly changes: ChangeColumns
}

export const MAX_LANES = 0xffff
export const MAX_TIME = Number.MAX_SAFE_INTEGER

export const kindAt = ({ events }: Pick<EventStore, 'events'>, row: number): EventKind =>
  EVENT_KINDS[(events.kind[row] ?? 0) & KIND_MASK] ?? 'step'

/** The lane whose rows include this one. */
export function laneAt({ starts }: Pick<EventStore, 'starts'>, row: number): number {
  let low = 0
  let high = starts.length - 1
  while (low + 1 < high) {
    const middle = (low + high) >>> 1
    if ((starts[middle] ?? 0) <= row) low = middle
    else high = middle
  }
  // of lanes without rows, which begin where the next does, the last is the one that has some
  while (low + 2 < starts.length && (starts[low + 1] ?? 0) <= row) low++
  return low
}

/** < 0 where `a` comes before `b` in the order of all events. */
export function compareRows({ events }: Pick<EventStore, 'events'>, a: number, b: number): number {
  const { time, order } = events
  return (time[a] ?? 0) - (time[b] ?? 0) || (order.length > 0 ? (order[a] ?? 0) - (order[b] ?? 0) : 0) || a - b
}

export function signalWord(signal: Signal, value: number): string {
  return signal.labels?.[value - signal.lo] ?? String(value)
}

export const text = (store: Pick<EventStore, 'strings'>, id: number | undefined): string =>
  id === undefined || id === NONE ? '' : store.strings.at(id)

export const labelOf = (store: EventStore, row: number): string =>
  text(store, store.names.label[store.events.name[row] ?? 0])
