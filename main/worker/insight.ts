/**
 * What there is to say behind the verdicts: which order decided each counterexample; where it is asked for, what was
 * exercised, and the smallest instance that still fails. Each has bounds of its own and leaves open what it does not
 * decide; the verdicts stay as they are.
 */
import type { Coverage, ExploreOptions, ExploreResult, ExploreStage, PropertyResult } from '../../preload/contract'
import { assert } from '../simulator/faults'
import { coverage, type EdgeCoverage } from '../simulator/engine/coverage'
import { criticalPair, type CriticalPair } from '../simulator/engine/critical'
import type { Explorer, Exploration as Explored } from '../simulator/engine/explore'
import { follow } from '../simulator/engine/path'
import { actionsOf, type Action, type Ordering } from '../simulator/model/orderings'
import type { CompiledScenario } from '../simulator/scenario/compiled'
import type { Ready } from './exploring'
import type { Further, ScenarioSource } from './simulator'
import type { smallest } from './smallest'

/** States of the further search that coverage takes, and of each count of a broken edge. */
const COVERAGE_STATES = 200_000
/** Of one candidate, and of all of one result: so that an answer is not much later for having its reason. */
const PAIR_STATES = 20_000
const PAIRS_STATES = 60_000
const PAIRS = 8
const INSTANCE_STATES = 2_000_000

interface Asked {
  readonly options: ExploreOptions
  /** Name the critical pairs. */
  readonly decide: boolean
}

interface Smaller {
  readonly smallest: typeof smallest
  readonly source: ScenarioSource
}

/** A search under way, the stage that it belongs to set before. */
type Work<T> = Generator<Explorer, T>

export function insight(
  r: Ready,
  asked: Asked,
  explored: Explored,
  result: ExploreResult,
  smaller: Smaller | null,
): Further {
  let stage: ExploreStage = 'critical'
  let current: Explorer | undefined
  let cancelled = false
  const stopped = (): boolean => cancelled
  const work = said(r, asked, explored, result, smaller, (s) => (stage = s), stopped)
  let finished: ExploreResult | undefined
  return {
    advance(until) {
      while (!finished) {
        const next = work.next()
        if (next.done) finished = next.value
        else {
          current = next.value
          if (until()) return false
        }
      }
      return true
    },
    cancel: () => (cancelled = true),
    progress() {
      const p = current?.progress() ?? { states: 0, transitions: 0, depth: 0, frontier: 0, bytes: 0 }
      const { states, transitions, depth, frontier, bytes } = p
      return { stage, states, transitions, depth, frontier, memoryBytes: bytes }
    },
    result() {
      assert(finished, 'all has been asked')
      return finished
    },
  }
}

function* said(
  r: Ready,
  { options, decide }: Asked,
  explored: Explored,
  result: ExploreResult,
  smaller: Smaller | null,
  enter: (stage: ExploreStage) => void,
  stopped: () => boolean,
): Work<ExploreResult> {
  const named = namedIn(r.c)
  const bound = (n: number): number => Math.min(n, options.maxStates ?? n)
  const violated = (i: number): boolean => explored.findings[i]?.verdict === 'violated'
  let left = PAIRS_STATES
  const properties: PropertyResult[] = []
  for (const [i, p] of result.properties.entries()) {
    const choices = violated(i) && decide ? explored.findings[i]?.choices : undefined
    const path = choices && !stopped() ? follow(r.program, choices) : undefined
    if (!path || 'at' in path) {
      properties.push(p)
      continue
    }
    enter('critical')
    const limits = { maxStates: bound(PAIR_STATES), maxTotal: left, maxTried: PAIRS }
    const question = { model: r.c.model, actions: named.actions, nobody: named.nobody, property: i, run: path.steps }
    const { pair, states } = yield* criticalPair({ ...question, ...limits }, stopped)
    left -= states
    properties.push(pair ? { ...p, critical: inWords(r.c, p.name, pair) } : p)
  }
  if (smaller)
    for (const [i, p] of properties.entries()) {
      if (!violated(i) || stopped()) continue
      enter('smallest')
      const { text, resources } = smaller.source
      const scale = { ...r.c.scenario.scale, ...options.scale }
      const given = { name: result.scenario, text, resources, scale, property: p.name }
      const least = yield* smaller.smallest({ ...given, maxStates: bound(INSTANCE_STATES) }, stopped)
      if (least) properties[i] = { ...p, smallest: least }
    }
  if (!options.coverage) return { ...result, properties }
  enter('coverage')
  const edges = named.nobody
  const question = { model: r.c.model, explored, edges, maxStates: bound(COVERAGE_STATES) }
  const covered = yield* coverage(question, stopped)
  return { ...result, properties, coverage: counted(r.c, explored, edges, covered) }
}

/** The scenario's actions, and the edges between them that nobody enforces. */
function namedIn(c: CompiledScenario): { readonly actions: readonly Action[]; readonly nobody: readonly Ordering[] } {
  const { model, scenario } = c
  const written = new Set(Object.keys(scenario.litmus ? scenario.litmus.agents : scenario.programs))
  const actions = actionsOf(model, (agent) => !written.has(baseOf(model.agents[agent]?.id ?? '')))
  const numbers = new Map(model.steps.map((s, i) => [s.id, i]))
  const holding = (id: string): Action | undefined => {
    const step = numbers.get(id)
    return step === undefined ? undefined : actions.find((a) => a.steps.includes(step))
  }
  const nobody = c.edges.flatMap((e): Ordering[] => {
    if (e.enforcedBy !== 'nobody') return []
    const [before, after] = [holding(e.before), holding(e.after)]
    return before && after ? [{ before, after }] : []
  })
  return { actions, nobody }
}

/** Of a copy's agent, the name that the text has. */
const baseOf = (id: string): string => id.replace(/^vm\d+\./, '')

function inWords(c: CompiledScenario, property: string, pair: CriticalPair): NonNullable<PropertyResult['critical']> {
  const agent = (a: Action): string => c.model.agents[a.agent]?.id ?? ''
  const { first, second, scope } = pair
  return {
    first: first.name,
    second: second.name,
    agents: [agent(first), agent(second)],
    scope,
    why: whyCritical(property, pair),
  }
}

function whyCritical(property: string, { first, second, scope, alike }: CriticalPair): string {
  const everywhere = alike > 1 ? ` (and so for the ${alike - 1} pairs like it)` : ''
  return scope === 'every-run'
    ? `${first.name} ran before ${second.name}; with ${second.name} first${everywhere}, no run violates ${property}`
    : `${first.name} ran before ${second.name}; with ${second.name} first, this run cannot come to violate ${property}`
}

function counted(
  { model }: CompiledScenario,
  explored: Explored,
  edges: readonly Ordering[],
  covered: { never: readonly number[]; undecided: readonly number[]; edges: readonly EdgeCoverage[] },
): Coverage {
  const id = (s: number): string => model.steps[s]?.id ?? ''
  return {
    graph: explored.reduction === 'none' ? 'full' : 'reduced',
    steps: model.steps.map((s, i) => ({
      step: s.id,
      agent: model.agents[s.agent]?.id ?? '',
      taken: explored.taken[i] ?? 0,
    })),
    never: covered.never.map(id),
    undecided: covered.undecided.map(id),
    nobody: edges.map(({ before, after }, i) => ({
      before: before.name,
      after: after.name,
      exercised: covered.edges[i]?.exercised ?? null,
      times: covered.edges[i]?.times ?? null,
    })),
  }
}
