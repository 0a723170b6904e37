/** Everything that one frame is drawn from. */
import { FLOW_KINDS, type FlowKind, type RunArrows, type RunLane } from '../../preload/contract'
import type { Axis } from './axis'
import type { Baked } from './bake'
import type { LaneRow } from './rows'

/** Height of an event in its lane. */
export const CHIP = 20

export interface Causal {
  before: Uint32Array
  after: Uint32Array
  beforeTime: Float64Array
  afterTime: Float64Array
}

export interface Frame {
  width: number
  height: number
  axis: Axis
  /** Rows in view; their y is that of the content. */
  rows: readonly LaneRow[]
  top: number
  lanes: readonly RunLane[]
  baked: Baked | null
  /** What matches a search, to be marked; null: nothing is searched for. */
  matches: Baked | null
  arrows: RunArrows | null
  shown: ReadonlySet<FlowKind>
  selected: { row: number; lane: number; time: number; duration: number } | null
  hover: number
  causal: Causal | null
  markers: readonly { time: number; name: string }[]
  measure: { from: number; to: number } | null
  /** Label of a name; undefined while it is not known yet. */
  label: (name: number) => string | undefined
}

export const kindOf = (arrows: RunArrows, i: number): FlowKind => FLOW_KINDS[arrows.kind[i] ?? 0] ?? 'other'
