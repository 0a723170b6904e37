/**
 * A scenario's run as a store: a lane for each agent and each channel that posted writes travel through; steps as events,
 * stretches in which an agent stands still and writes under way as spans; the scenario's edges as arrows; every variable
 * of the machine as a signal. A step that should have come first and did not come is a row of its own behind the end.
 */
import { StoreBuilder } from './builder'
import { compareRows, kindAt, type EventStore, type FlowKind, type LaneRole, type Origin } from './events'

/** What is taken from a scenario's view. */
export interface Described {
  readonly agents: readonly { readonly id: string; readonly title: string; readonly role: LaneRole }[]
  readonly steps: readonly {
    readonly id: string
    readonly agent: string
    readonly op: string
    readonly label: string
    readonly cite: string
    readonly line?: number
    readonly trap: boolean
    readonly posted?: string
  }[]
  readonly edges: readonly {
    readonly before: string
    readonly after: string
    readonly enforcedBy: FlowKind
    readonly why: string
  }[]
  readonly variables: readonly {
    readonly labels: readonly string[] | null
    readonly lo: number
    readonly hi: number
    readonly register: string
    readonly field: string
    readonly control: boolean
  }[]
}

export interface Recorded {
  /** Step ids in the order in which they were taken. */
  readonly steps: readonly string[]
  /** When, ns; absent: only their order is known. */
  readonly times?: readonly number[]
  /** (steps + 1) rows of one number a variable. */
  readonly states: Int32Array
}

/** Roles in the order in which a request travels: the order of lanes. */
const ORDER: readonly LaneRole[] = [
  'guest',
  'vmm',
  'host',
  'irqchip',
  'queue',
  'fabric',
  'device',
  'interrupt',
  'other',
]

export interface RecordedStore {
  readonly store: EventStore
  /** Row of each step, in order. */
  readonly rows: Uint32Array<ArrayBuffer>
}

export function record(view: Described, run: Recorded, origin: Origin): RecordedStore {
  const timed = run.times !== undefined
  const builder = new StoreBuilder(timed ? 'ns' : 'step', origin)
  const lanes = layLanes(view, run, builder)
  const steps = new Map(view.steps.map((s) => [s.id, s]))
  const at = (i: number): number => run.times?.[i] ?? i
  const last = run.steps.length === 0 ? 0 : at(run.steps.length - 1)
  const end = timed ? last : run.steps.length
  const nameOf = (id: string): number => {
    const step = steps.get(id)
    return builder.name(
      step
        ? { label: step.label, step: id, op: step.op, cite: step.cite, ...(step.line ? { line: step.line } : {}) }
        : { label: id, step: id },
    )
  }
  const firsts = new Map<string, number>()
  const numbers = run.steps.map((id, i) => {
    const number = builder.event({
      time: at(i),
      duration: timed ? 0 : 1,
      lane: lanes(steps.get(id)?.agent ?? id),
      kind: 'step',
      name: nameOf(id),
    })
    if (!firsts.has(id)) firsts.set(id, i)
    return number
  })
  for (const stop of stops(view, run.steps)) {
    const step = steps.get(run.steps[stop.from] ?? '')
    const to = stop.to < run.steps.length ? at(stop.to) : end
    if (step && to > at(stop.from))
      builder.event({
        time: at(stop.from),
        duration: to - at(stop.from),
        lane: lanes(step.agent),
        kind: 'stop',
        name: builder.name({ label: `stands still: ${step.label}`, cite: step.cite }),
      })
  }
  for (const { from, to, channel } of flights(view, run.steps)) {
    const step = steps.get(run.steps[from] ?? '')
    if (step)
      builder.event({
        time: at(from),
        duration: (to === null ? end : at(to)) - at(from),
        lane: lanes(`queue ${channel}`),
        kind: 'flight',
        name: builder.name({
          label: `${to === null ? 'not delivered' : 'on its way'}: ${step.label}`,
          cite: step.cite,
        }),
      })
  }
  arrows(view, firsts, numbers, builder, (id, nth) => {
    const step = steps.get(id)
    if (!step) return null
    const time = timed ? Math.ceil(end + (end + 20) * (0.02 + 0.02 * nth)) : end + 1 + nth
    const name = builder.name({ label: `not yet: ${step.label}`, step: id, op: step.op, cite: step.cite })
    return builder.event({ time, duration: timed ? 0 : 1, lane: lanes(step.agent), kind: 'missing', name })
  })
  changesOf(view, run, numbers, builder)
  const store = builder.build()
  const rows = Uint32Array.from(store.events.time.keys())
    .filter((row) => kindAt(store, row) === 'step')
    .sort((a, b) => compareRows(store, a, b))
  return { store, rows }
}

/** Agents that take part in the order of ORDER, then of the scenario; a queue for each channel that carried something. */
function layLanes(view: Described, run: Recorded, builder: StoreBuilder): (id: string) => number {
  const steps = new Map(view.steps.map((s) => [s.id, s]))
  const acting = new Set(run.steps.map((id) => steps.get(id)?.agent ?? id))
  const present = new Set(run.steps)
  for (const e of view.edges)
    if (e.enforcedBy === 'nobody' && present.has(e.after) && !present.has(e.before))
      acting.add(steps.get(e.before)?.agent ?? '')
  const channels = new Set(run.steps.flatMap((id) => steps.get(id)?.posted ?? []))
  const known = new Set(view.agents.map((a) => a.id))
  const all = [
    ...view.agents.filter((a) => acting.has(a.id)),
    ...[...acting].filter((id) => id !== '' && !known.has(id)).map((id) => ({ id, title: id, role: 'other' as const })),
    ...[...channels].map((c) => ({ id: `queue ${c}`, title: `queue of ${c}`, role: 'queue' as const })),
  ]
  const sorted = all
    .map((lane, i) => ({ lane, i }))
    .sort((a, b) => ORDER.indexOf(a.lane.role) - ORDER.indexOf(b.lane.role) || a.i - b.i)
  const numbers = new Map(
    sorted.map(({ lane: { id, title, role } }) => [id, builder.lane({ id, title, role, group: '' })]),
  )
  return (id) => numbers.get(id) ?? 0
}

interface Stretch {
  readonly from: number
  /** The number of steps where the run ends first. */
  readonly to: number
}

/**
 * An agent stands still from a step that traps to the last step before its own next one that a `trap` edge names;
 * without such an edge, to its own next step.
 */
function stops(view: Described, run: readonly string[]): Stretch[] {
  const steps = new Map(view.steps.map((s) => [s.id, s]))
  const resumes = new Map<string, Set<string>>()
  for (const edge of view.edges) {
    const after = steps.get(edge.after)
    if (edge.enforcedBy !== 'trap' || !after || steps.get(edge.before)?.agent === after.agent) continue
    const set = resumes.get(after.agent) ?? new Set()
    resumes.set(after.agent, set.add(edge.before))
  }
  const found: Stretch[] = []
  const open = new Map<string, { from: number; resumed: number }>()
  run.forEach((id, i) => {
    const step = steps.get(id)
    for (const [agent, stop] of open) if (agent !== step?.agent && resumes.get(agent)?.has(id)) stop.resumed = i
    if (!step) return
    const stop = open.get(step.agent)
    if (stop) found.push({ from: stop.from, to: stop.resumed >= 0 ? stop.resumed : i })
    open.delete(step.agent)
    if (step.trap) open.set(step.agent, { from: i, resumed: -1 })
  })
  for (const stop of open.values()) found.push({ from: stop.from, to: stop.resumed >= 0 ? stop.resumed : run.length })
  return found.sort((a, b) => a.from - b.from)
}

/** A posted write is under way until the step that a `pcie` edge leads to has been taken. */
function flights(view: Described, run: readonly string[]): { from: number; to: number | null; channel: string }[] {
  const steps = new Map(view.steps.map((s) => [s.id, s]))
  const arrivals = new Map<string, string[]>()
  for (const e of view.edges)
    if (e.enforcedBy === 'pcie') arrivals.set(e.before, [...(arrivals.get(e.before) ?? []), e.after])
  const found: { from: number; to: number | null; channel: string }[] = []
  run.forEach((id, from) => {
    const channel = steps.get(id)?.posted
    const ends = arrivals.get(id)
    if (channel === undefined || !ends) return
    const to = run.findIndex((other, i) => i > from && ends.includes(other))
    found.push({ from, to: to < 0 ? null : to, channel })
  })
  return found
}

function arrows(
  view: Described,
  firsts: ReadonlyMap<string, number>,
  numbers: readonly number[],
  builder: StoreBuilder,
  ghost: (id: string, nth: number) => number | null,
): void {
  const ghosts = new Map<string, number | null>()
  for (const { before, after, enforcedBy, why } of view.edges) {
    const to = firsts.get(after)
    if (to === undefined) continue
    const from = firsts.get(before)
    let tail = from === undefined ? null : (numbers[from] ?? null)
    if (from === undefined && enforcedBy === 'nobody') {
      tail = ghosts.get(before) ?? ghost(before, ghosts.size)
      ghosts.set(before, tail)
    }
    if (tail !== null) builder.flow(tail, numbers[to] ?? 0, enforcedBy, why)
  }
}

function changesOf(view: Described, run: Recorded, numbers: readonly number[], builder: StoreBuilder): void {
  const width = view.variables.length
  const signals = view.variables.map((v, i) => {
    const { register, field, labels, lo, hi } = v
    return v.control ? -1 : builder.signal({ register, field, labels, lo, hi, initial: run.states[i] ?? 0 })
  })
  for (let row = 1; row <= run.steps.length && (row + 1) * width <= run.states.length; row++)
    for (let v = 0; v < width; v++) {
      const from = run.states[(row - 1) * width + v] ?? 0
      const to = run.states[row * width + v] ?? 0
      if (from !== to && (signals[v] ?? -1) >= 0) builder.change(numbers[row - 1] ?? 0, signals[v] ?? 0, from, to)
    }
}
