/**
 * The repairs of a scenario: added edges (engine/repair.ts) and moves of one step within its agent, each proved by full
 * exploration, ranked by who can enforce it and by how much concurrency it keeps.
 */
import { RepairResult, type Repair, type RepairOptions, type RepairProgress } from '../../preload/contract'
import { ok, type Fault, type Result } from '../simulator/faults'
import { judge, type Look } from '../simulator/engine/repair-graph'
import { judgeSmall } from '../simulator/engine/small-judge'
import { RepairSearch, type RepairQuestion, type Repairs, type RepairSet } from '../simulator/engine/repair'
import { compile } from '../simulator/model/compile'
import { isHardware, type AgentRole, type Model } from '../simulator/model/model'
import { actionsOf, type Action } from '../simulator/model/orderings'
import { compileScenario, type CompiledScenario, type ScenarioResource } from '../simulator/scenario/compile'
import { movesOf, type Move } from '../simulator/scenario/moves'
import { REPORT_MS, SLICE_MS, type Clock } from './slices'

/** A search under way, in slices like an exploration. */
export interface Repairing {
  advance(until: () => boolean): boolean
  cancel(): void
  progress(): { readonly tried: number }
  result(): RepairResult
}

/** Edges in one set: all that a person would write for steps of one's own; the flows have many more steps. */
const MAX_EDGES = { litmus: [4], flows: [2, 4, 6] }
/** Transitions that are looked at for sets of edges: a dozen seconds. */
const MAX_WORK = 60_000_000
const MAX_STATES = 5_000_000

/** State spaces that are looked at faster than they are compiled. */
const SMALL = 1000

/** Who sees to an ordering, from the one that is easiest to change. */
const ENFORCERS: Readonly<Record<AgentRole, string>> = {
  guest: 'guest driver',
  host: 'host driver',
  irqchip: 'host irqchip',
  vmm: 'VMM',
  other: 'software',
  interrupt: 'interrupt controller',
  device: 'device',
  fabric: 'device read-back',
}
const TRAP = 'trap'
const RANK = [
  'guest driver',
  'host driver',
  'host irqchip',
  'VMM',
  TRAP,
  'software',
  'interrupt controller',
  'device',
  'device read-back',
]

/** Who makes a step wait: across the border of a guest only a trap can, a posted write is waited for by reading back. */
function enforcerOf(before: AgentRole, after: AgentRole): string {
  if (before === 'fabric') return ENFORCERS.fabric
  const host = (r: AgentRole): boolean => r === 'host' || r === 'irqchip' || r === 'vmm'
  if ((before === 'guest' && host(after)) || (host(before) && after === 'guest')) return TRAP
  return ENFORCERS[after]
}

export function repairing(
  name: string,
  text: string,
  resources: readonly ScenarioResource[],
  options: RepairOptions,
): Result<Repairing, Fault[]> {
  const compiled = compileScenario(name, text, resources, options.scale)
  if (!compiled.ok) return compiled
  const work = search(name, text, resources, compiled.value, options)
  let tried = 0
  let cancelled = false
  let finished: RepairResult | undefined
  return ok({
    advance(until) {
      while (!finished) {
        const r = work.next(cancelled)
        if (r.done) finished = r.value
        else {
          tried = r.value
          if (until()) return false
        }
      }
      return true
    },
    cancel: () => (cancelled = true),
    progress: () => ({ tried }),
    result: () => RepairResult.parse(finished),
  })
}

function* search(
  name: string,
  text: string,
  resources: readonly ScenarioResource[],
  { model, scenario }: CompiledScenario,
  options: RepairOptions,
): Generator<number, RepairResult, boolean> {
  const written = new Set(Object.keys(scenario.litmus ? scenario.litmus.agents : scenario.programs))
  const reacts = (agent: number): boolean => !written.has(model.agents[agent]?.id ?? '')
  const actions = actionsOf(model, reacts)
  const hardware = (a: Action): boolean => reacts(a.agent) || isHardware(model.agents[a.agent])
  // A litmus scenario's steps are all its author's; elsewhere nobody can hold the hardware's own steps back.
  const question = scenario.litmus
    ? { model, before: actions.filter((a) => !reacts(a.agent)), after: actions.filter((a) => !reacts(a.agent)) }
    : { model, before: actions, after: actions.filter((a) => !hardware(a)) }
  const { found, tried } = yield* orderings(question, scenario.litmus ? MAX_EDGES.litmus : MAX_EDGES.flows, options)
  if (!found || found.nothing) return nothing(name)
  const moves: { move: Move; states: number }[] = []
  let complete = found.complete
  const role = (agent: string): AgentRole => model.agents.find((a) => a.id === agent)?.role ?? 'other'
  const movable = movesOf(text).filter((m) => scenario.litmus !== undefined || !isHardware({ role: role(m.agent) }))
  for (const [i, move] of movable.entries()) {
    const variant = compileScenario(name, move.text, resources, options.scale)
    if (!variant.ok) continue
    const judging = judgeModel(variant.value.model, options.maxStates ?? MAX_STATES)
    let judged = judging.next()
    let cancelled = false
    while (!judged.done && !cancelled) {
      cancelled = yield tried + i
      if (!cancelled) judged = judging.next()
    }
    if (!judged.done || judged.value.k === 'unknown') complete = false
    else if (judged.value.k === 'good') moves.push({ move, states: judged.value.states })
    if (cancelled) break
  }
  const repairs = [
    ...found.weakest.map((s) => ofEdges(model, s, found)),
    ...moves.map(({ move, states }) => ofMove(move, role(move.agent), states, found)),
  ].sort((a, b) => rankOf(a) - rankOf(b) || sizeOf(a) - sizeOf(b) || a.cost - b.cost)
  const reason = repairs.length > 0 ? undefined : whyNot(found, complete, scenario.litmus !== undefined)
  return {
    scenario: name,
    complete,
    repairable: repairs.length > 0,
    repairs,
    singleEdges: found.singles.flatMap((s) => s.edges.map((e) => ({ before: e.before.name, after: e.after.name }))),
    ...(reason === undefined ? {} : { reason }),
  }
}

/** Larger sets are only asked for where smaller ones neither repair nor settle that none does. */
function* orderings(
  question: RepairQuestion,
  sizes: readonly number[],
  options: RepairOptions,
): Generator<number, { found: Repairs | undefined; tried: number }, boolean> {
  let tried = 0
  let found: Repairs | undefined
  for (const maxEdges of options.maxEdges === undefined ? sizes : [options.maxEdges]) {
    const edges = new RepairSearch(question, {
      maxEdges,
      maxWork: MAX_WORK,
      maxStates: options.maxStates ?? MAX_STATES,
    })
    let cancelled = false
    while (!edges.advance(() => true))
      if (yield tried + edges.progress().sets) {
        cancelled = true
        edges.cancel()
      }
    tried += edges.progress().sets
    found = edges.result()
    if (!found || found.nothing || found.complete || found.weakest.length > 0 || cancelled) break
  }
  return { found, tried }
}

function* judgeModel(model: Model, maxStates: number): Generator<void, Look> {
  return judgeSmall(model, Math.min(SMALL, maxStates)) ?? (yield* judge(compile(model), maxStates))
}

function nothing(scenario: string): RepairResult {
  const reason = 'nothing is violated: there is nothing to repair'
  return { scenario, complete: true, repairable: true, repairs: [], singleEdges: [], reason }
}

/** How much of the unrepaired state space is gone. */
const costOf = (states: number, { baseStates }: Repairs): number =>
  Math.round(Math.max(0, 1 - states / baseStates) * 1000) / 1000

function ofEdges(model: Model, s: RepairSet, found: Repairs): Repair {
  const role = (agent: number): AgentRole => model.agents[agent]?.role ?? 'other'
  const who = s.edges.map((e) => enforcerOf(role(e.before.agent), role(e.after.agent)))
  return {
    edges: s.edges.map((e) => ({
      before: e.before.name,
      after: e.after.name,
      agent: model.agents[e.after.agent]?.id ?? '',
    })),
    moves: [],
    // The hardest of them decides.
    enforcedBy: RANK.filter((r) => who.includes(r)).at(-1) ?? 'software',
    proved: true,
    minimal: true,
    cost: costOf(s.states, found),
  }
}

const ofMove = (move: Move, role: AgentRole, states: number, found: Repairs): Repair => ({
  edges: [],
  moves: [{ agent: move.agent, order: [...move.order] }],
  enforcedBy: ENFORCERS[role],
  proved: true,
  minimal: true,
  cost: costOf(states, found),
})

const rankOf = (r: Repair): number => RANK.indexOf(r.enforcedBy)
const sizeOf = (r: Repair): number => r.edges.length + r.moves.length

/** `own`: every step is its author's; elsewhere orderings that hold the hardware back were not looked at. */
function whyNot(found: Repairs, complete: boolean, own: boolean): string {
  const lost = found.wrong.filter((w) => w.unwitnessed).map((w) => w.property)
  if (lost.length > 0)
    return `no ordering repairs this: ${lost.join(', ')} is seen in no run, and orderings only take runs away; it needs another step`
  const bad = found.wrong.map((w) => w.property).join(', ')
  if (found.hopeless)
    return `no ordering repairs this: not one run keeps ${bad} and comes to a good end, so there is none to hold to; it needs another step or another value, not another order`
  return complete
    ? `no ordering repairs this: every one${own ? '' : ' that software can keep'} leaves ${bad} violated, loses a witness or holds a step for ever; it needs another mechanism`
    : `none was found before the bounds were hit; ${bad} is violated`
}

/** As `runInSlices`, for a search for repairs. */
export async function repairInSlices(
  search: Repairing,
  clock: Clock,
  signal: AbortSignal,
  report: (progress: RepairProgress) => void,
): Promise<RepairResult> {
  const start = clock.now()
  let reported = start
  for (;;) {
    const sliceEnd = clock.now() + SLICE_MS
    if (search.advance(() => clock.now() >= sliceEnd)) return search.result()
    const now = clock.now()
    if (now - reported >= REPORT_MS) {
      report({ ...search.progress(), elapsedMs: Math.round(now - start) })
      reported = now
    }
    await clock.turn()
    if (signal.aborted) search.cancel()
  }
}
