/**
 * An exploration in the contract's shapes, stage by stage: verdicts; what was exercised; the order that decided each
 * counterexample; where it is asked for, the smallest instance that still fails. The verdicts are those of the first stage
 * alone: the later ones have bounds of their own, and leave open what they do not decide.
 */
import type { ExploreOptions, ExploreResult, ExploreStage, PropertyResult, Trace } from '../../preload/contract'
import { assert } from '../simulator/faults'
import { coverage, type Coverage } from '../simulator/engine/coverage'
import { criticalPair, type CriticalPair } from '../simulator/engine/critical'
import { Explorer, type Exploration as Explored } from '../simulator/engine/explore'
import { follow, type Path } from '../simulator/engine/path'
import { choiceToken, propertyToken } from '../simulator/engine/token'
import type { Program } from '../simulator/model/compile'
import { actionsOf, type Action, type Ordering } from '../simulator/model/orderings'
import type { CompiledScenario, ScenarioResource } from '../simulator/scenario/compile'
import { describe } from '../simulator/trace/describe'
import { smallest } from './smallest'
import type { Exploration } from './simulator'

export interface Ready {
  readonly c: CompiledScenario
  readonly program: Program
}

/** States of one question after the verdicts, and of all critical pairs of one property. */
const COVERAGE_STATES = 200_000
const PAIR_STATES = 50_000
const PAIRS_STATES = 200_000
const PAIRS = 8
const INSTANCE_STATES = 2_000_000

interface Extra {
  readonly coverage: Coverage
  readonly nobody: readonly { readonly before: string; readonly after: string }[]
  readonly critical: ReadonlyMap<number, CriticalPair>
  readonly smallest: ReadonlyMap<number, NonNullable<PropertyResult['smallest']>>
}

export function exploring(
  given: { readonly name: string; readonly text: string; readonly resources: readonly ScenarioResource[] },
  r: Ready,
  options: ExploreOptions,
): Exploration {
  const explorer = new Explorer(r.program, {
    maxStates: options.maxStates,
    maxBytes: options.maxMemory === undefined ? undefined : options.maxMemory * 1024 * 1024,
    reduce: options.reduce ?? true,
    symmetry: options.symmetry ?? true,
  })
  let stage: ExploreStage = 'verdicts'
  let current = explorer
  let cancelled = false
  const later = behind(
    given,
    r,
    options,
    explorer,
    (s) => (stage = s),
    () => cancelled,
  )
  let extra: Extra | undefined
  return {
    advance(until) {
      if (!explorer.advance(until)) return false
      while (!extra) {
        const next = later.next()
        if (next.done) extra = next.value
        else {
          current = next.value
          if (until()) return false
        }
      }
      return true
    },
    cancel() {
      cancelled = true
      explorer.cancel()
    },
    progress() {
      const p = current.progress()
      const { states, transitions, depth, frontier } = p
      return { stage, states, transitions, depth, frontier, memoryBytes: p.bytes }
    },
    result(elapsedMs): ExploreResult {
      assert(extra, 'the exploration has ended')
      return {
        scenario: given.name,
        elapsedMs,
        ...figures(explorer.result()),
        ...reported(r, explorer.result(), extra),
      }
    },
  }
}

function figures(e: Explored) {
  const { complete, stopped, states, transitions, depth, endStates, reduction, bytesPerState } = e
  return { complete, ...(stopped ? { stopped } : {}), states, transitions, depth, endStates, reduction, bytesPerState }
}

/** What comes after the verdicts. */
function* behind(
  given: { readonly name: string; readonly text: string; readonly resources: readonly ScenarioResource[] },
  { c, program }: Ready,
  options: ExploreOptions,
  explorer: Explorer,
  enter: (stage: ExploreStage) => void,
  stopped: () => boolean,
): Generator<Explorer, Extra> {
  const { model, scenario } = c
  const explored = explorer.result()
  const bound = (n: number): number => Math.min(n, options.maxStates ?? n)
  const written = new Set(Object.keys(scenario.litmus ? scenario.litmus.agents : scenario.programs))
  const copies = new Set(model.agents.filter((a) => written.has(baseOf(a.id))).map((a) => a.id))
  const actions = actionsOf(model, (agent) => !copies.has(model.agents[agent]?.id ?? ''))
  const nobody = c.edges.flatMap((e) => {
    const edge = e.enforcedBy === 'nobody' ? orderingOf(c, actions, e) : null
    return edge ? [{ edge, before: e.before, after: e.after }] : []
  })
  enter('coverage')
  const covered = yield* coverage(
    { model, explored, edges: nobody.map((n) => n.edge), maxStates: bound(COVERAGE_STATES) },
    stopped,
  )
  enter('critical')
  const pairs = new Map<number, CriticalPair>()
  const small = new Map<number, NonNullable<PropertyResult['smallest']>>()
  for (const [property, f] of explored.findings.entries()) {
    const path = f.verdict === 'violated' && f.choices && !stopped() ? follow(program, f.choices) : undefined
    if (!path || 'at' in path) continue
    const question = { model, actions, nobody: nobody.map((n) => n.edge), property, run: path.steps }
    const limits = { maxStates: bound(PAIR_STATES), maxTotal: PAIRS_STATES, maxTried: PAIRS }
    const pair = yield* criticalPair({ ...question, ...limits }, stopped)
    if (pair) pairs.set(property, pair)
  }
  if (options.minimise) {
    enter('smallest')
    for (const [property, f] of explored.findings.entries()) {
      if (f.verdict !== 'violated' || stopped()) continue
      const scale = { ...scenario.scale, ...options.scale }
      const asked = { ...given, scale, property: model.properties[property]?.name ?? '' }
      const least = yield* smallest({ ...asked, maxStates: bound(INSTANCE_STATES) }, stopped)
      if (least) small.set(property, least)
    }
  }
  return { coverage: covered, nobody, critical: pairs, smallest: small }
}

/** Of a copy's agent, the name that the text has. */
const baseOf = (id: string): string => id.replace(/^vm\d+\./, '')

function orderingOf(c: CompiledScenario, actions: readonly Action[], e: { before: string; after: string }) {
  const step = (id: string): number => c.model.steps.findIndex((s) => s.id === id)
  const [b, a] = [step(e.before), step(e.after)]
  const before = actions.find((x) => x.steps.includes(b))
  const after = actions.find((x) => x.steps.includes(a))
  return before && after ? ({ before, after } satisfies Ordering) : null
}

function reported(r: Ready, explored: Explored, extra: Extra): Pick<ExploreResult, 'properties' | 'coverage'> {
  const { model } = r.c
  const id = (s: number): string => model.steps[s]?.id ?? ''
  const agentOf = (agent: number | undefined): string => model.agents[agent ?? -1]?.id ?? ''
  const properties = propertyResults(r, explored).map((p, i): PropertyResult => {
    const [pair, least] = [extra.critical.get(i), extra.smallest.get(i)]
    const critical = pair && {
      first: pair.first.name,
      second: pair.second.name,
      agents: [agentOf(pair.first.agent), agentOf(pair.second.agent)] as [string, string],
      scope: pair.scope,
      why: whyCritical(p.name, pair),
    }
    return { ...p, ...(critical ? { critical } : {}), ...(least ? { smallest: least } : {}) }
  })
  return {
    properties,
    coverage: {
      graph: explored.reduction === 'none' ? 'full' : 'reduced',
      steps: model.steps.map((s, i) => ({ step: s.id, agent: agentOf(s.agent), taken: explored.taken[i] ?? 0 })),
      never: extra.coverage.never.map(id),
      undecided: extra.coverage.undecided.map(id),
      nobody: extra.nobody.map(({ before, after }, i) => ({
        before,
        after,
        exercised: extra.coverage.edges[i]?.exercised ?? null,
        times: extra.coverage.edges[i]?.times ?? null,
      })),
    },
  }
}

function whyCritical(property: string, { first, second, scope, alike }: CriticalPair): string {
  const everywhere = alike > 1 ? ` (and so for the ${alike - 1} pairs like it)` : ''
  return scope === 'every-run'
    ? `${first.name} ran before ${second.name}; with ${second.name} first${everywhere}, no run violates ${property}`
    : `${first.name} ran before ${second.name}; with ${second.name} first, this run cannot come to violate ${property}`
}

export const head = (c: CompiledScenario) => ({ digest: c.digest, scale: c.scale })

export function trace({ program }: Ready, path: Path & { times?: readonly number[] }, token: string | null): Trace {
  return { ...describe(program, path), token: token ?? '' }
}

function propertyResults(r: Ready, explored: Explored): PropertyResult[] {
  return r.c.model.properties.map((p, i) => {
    const f = explored.findings[i]
    const path = f?.choices ? follow(r.program, f.choices) : undefined
    const shown =
      path && !('at' in path) ? trace(r, path, choiceToken(head(r.c), path) ?? propertyToken(head(r.c), i)) : undefined
    return {
      name: p.name,
      kind: p.kind,
      title: p.title,
      verdict: f?.verdict ?? 'undecided',
      ...(p.expected ? { expected: p.expected } : {}),
      ...(shown ? (p.kind === 'sometimes' ? { witness: shown } : { counterexample: shown }) : {}),
    }
  })
}
