/** What the timeline draws, as plain geometry: lanes, chips for steps, bands for agents that stand still, arrows. */
import type { Enforcer, ScenarioView, StepView, Trace } from '../../preload/contract'
import type { EdgeInstance } from '../model/edges'
import type { Lane, Role } from '../model/lanes'
import type { Stop } from '../model/stops'
import { ticks, toPixel, type Axis, type Tick } from './axis'
import { arrows, type Arrow } from './arrows'

export const RULER = 20
export const CHIP = 20

export interface Chip {
  /** Index of the event; -1 for a step that has not happened. */
  event: number
  step: string
  agent: string
  role: Role
  x: number
  y: number
  w: number
  /** Cut to the chip's width. */
  text: string
  label: string
  ghost: boolean
  trap: boolean
  posted: boolean
}

export interface Band {
  x: number
  w: number
  y: number
  role: Role
}

export interface SceneLane extends Lane {
  y: number
}

export interface Scene {
  width: number
  height: number
  laneHeight: number
  lanes: SceneLane[]
  ticks: Tick[]
  chips: Chip[]
  bands: Band[]
  arrows: Arrow[]
  /** Column of the selected event, or the place before the first step. */
  selected: { x: number; w: number; initial: boolean }
}

export interface SceneInput {
  view: Pick<ScenarioView, 'steps'>
  trace: Pick<Trace, 'events'>
  lanes: readonly Lane[]
  /** Of each event, in the axis' units. */
  places: readonly number[]
  instances: readonly EdgeInstance[]
  stops: readonly Stop[]
  shown: ReadonlySet<Enforcer>
  axis: Axis
  width: number
  laneHeight: number
  /** Steps taken; the selected event is the one before. */
  step: number
  measure: (text: string) => number
}

/** Steps that should have come first and have not come at all: shown as ghosts behind the end of the run. */
export function ghosts(instances: readonly EdgeInstance[], steps: ReadonlyMap<string, StepView>): StepView[] {
  const seen = new Set<string>()
  return instances.flatMap((e) => {
    if (e.state !== 'missing' || e.edge.enforcedBy !== 'nobody' || seen.has(e.edge.before)) return []
    seen.add(e.edge.before)
    const step = steps.get(e.edge.before)
    return step ? [step] : []
  })
}

export function buildScene(input: SceneInput): Scene {
  const { view, trace, axis, width, laneHeight, step } = input
  const steps = new Map(view.steps.map((s) => [s.id, s]))
  const lanes: SceneLane[] = input.lanes.map((lane, i) => ({ ...lane, y: RULER + (i + 0.5) * laneHeight }))
  const laneOf = new Map(lanes.map((lane) => [lane.agent, lane]))
  const missing = ghosts(input.instances, steps)
  const chips = [
    ...realChips(input, laneOf, steps),
    ...missing.map((ghost, i) => ghostChip(ghost, toPixel(axis, ghostPlace(axis, trace, i)), laneOf, input.measure)),
  ].filter((chip) => chip !== null)
  fitChips(chips, axis, width, input.measure)
  const x = (event: number): number => toPixel(axis, input.places[event] ?? axis.end)
  const bands = input.stops.flatMap((stop): Band[] => {
    const lane = laneOf.get(stop.agent)
    if (!lane) return []
    const from = x(stop.from)
    return [{ x: from, w: Math.max(0, x(stop.to) - from), y: lane.y, role: lane.role }]
  })
  const selectedPlace = input.places[step - 1]
  return {
    width,
    height: RULER + lanes.length * laneHeight,
    laneHeight,
    lanes,
    ticks: ticks(axis, width, axis.unit === 'step' ? trace.events.length - 1 : axis.end),
    chips,
    bands,
    arrows: arrows(chips, input.instances, input.shown, step - 1),
    selected:
      selectedPlace === undefined
        ? { x: toPixel(axis, 0) - 6, w: 0, initial: true }
        : { x: toPixel(axis, selectedPlace), w: axis.unit === 'step' ? axis.scale : 0, initial: false },
  }
}

function realChips(
  { trace, axis, places }: SceneInput,
  laneOf: ReadonlyMap<string, SceneLane>,
  steps: ReadonlyMap<string, StepView>,
): (Chip | null)[] {
  return trace.events.map((event, i) => {
    const lane = laneOf.get(event.agent)
    if (!lane) return null
    const step = steps.get(event.step)
    return {
      event: i,
      step: event.step,
      agent: event.agent,
      role: lane.role,
      x: toPixel(axis, places[i] ?? 0),
      y: lane.y,
      w: 0,
      text: '',
      label: event.label,
      ghost: false,
      trap: step?.trap ?? false,
      posted: step?.posted !== undefined,
    }
  })
}

/** Behind the last event: columns of their own for steps, a share of the extent for times. */
export function ghostPlace(axis: Pick<Axis, 'unit' | 'end'>, trace: Pick<Trace, 'events'>, index: number): number {
  return axis.unit === 'step' ? trace.events.length + index : axis.end * (0.94 + 0.02 * index)
}

function ghostChip(
  step: StepView,
  x: number,
  laneOf: ReadonlyMap<string, SceneLane>,
  measure: (text: string) => number,
): Chip | null {
  const lane = laneOf.get(step.agent)
  if (!lane) return null
  const label = `not yet: ${step.label}`
  const { id, agent } = step
  const w = measure(label) + PADDING
  return {
    event: -1,
    step: id,
    agent,
    role: lane.role,
    x,
    y: lane.y,
    w,
    text: label,
    label,
    ghost: true,
    trap: step.trap,
    posted: false,
  }
}

const PADDING = 15
const GAP = 6

/** Each chip is as wide as its label, but not into the next chip of its lane; the label is cut to what is left. */
function fitChips(chips: readonly Chip[], axis: Axis, width: number, measure: (text: string) => number): void {
  const next = new Map<string, number>()
  const least = axis.unit === 'step' ? Math.max(4, axis.scale - GAP) : 6
  for (let i = chips.length - 1; i >= 0; i--) {
    const chip = chips[i]
    if (!chip) continue
    const edge = chip.x < width - 30 ? width - 4 : Infinity // near the right edge the label is cut, not the chip
    const room = Math.min((next.get(chip.agent) ?? Infinity) - GAP, edge) - chip.x
    chip.w = Math.max(4, Math.min(room, Math.max(Math.min(least, room), measure(chip.label) + PADDING)))
    chip.text = ellipsis(chip.label, chip.w - PADDING + 2, measure)
    next.set(chip.agent, chip.x)
  }
}

export function ellipsis(text: string, width: number, measure: (text: string) => number): string {
  if (measure(text) <= width) return text
  let low = 0
  let high = text.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (measure(text.slice(0, middle).trimEnd() + '…') <= width) low = middle
    else high = middle - 1
  }
  return low < 2 ? '' : text.slice(0, low).trimEnd() + '…'
}

/** The chip at a point, or else the event whose column it is. */
export function hit(scene: Scene, x: number, y: number): Chip | null {
  for (let i = scene.chips.length - 1; i >= 0; i--) {
    const chip = scene.chips[i]
    if (chip && x >= chip.x && x <= chip.x + chip.w && Math.abs(y - chip.y) <= CHIP / 2 + 2) return chip
  }
  return null
}

export function nearestEvent(axis: Axis, places: readonly number[], x: number): number {
  const at = axis.from + (x - toPixel({ ...axis, from: 0 }, 0)) / axis.scale
  if (axis.unit === 'step') return Math.max(0, Math.min(places.length - 1, Math.floor(at)))
  let best = 0
  places.forEach((place, i) => {
    if (Math.abs(place - at) < Math.abs((places[best] ?? 0) - at)) best = i
  })
  return best
}
