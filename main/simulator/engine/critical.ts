/**
 * The critical pair of a counterexample: the one order of two steps that decided it.
 *
 * Of a run, (first, second) is a candidate where a step of `first` ran, `second` is an action of another agent that had
 * not happened by then, and the two are dependent (model/footprint.ts): their order can show. It *decides* where the
 * opposite order, second → first, as an added edge (for all that is alike under the model's symmetry, as the violation
 * is), makes the violation unreachable and holds no step for ever. Of those that decide, the pair with the latest
 * `first` is taken, and of these the one whose `second` its agent comes to soonest: the least that has to be ordered.
 *
 * Where the scenario names edges that nobody enforces and the run breaks one, these are the candidates: the pair is the
 * latest of them, whether its opposite order makes every run safe or only this run impossible (there is another way to
 * the violation).
 *
 * Where there are none, and no candidate decides alone or within the bounds, a weaker claim is tried in the same order:
 * with second → first the steps of this run cannot be put into any order that violates the property.
 */
import { FALSE } from '../model/expr'
import { Relations } from '../model/footprint'
import type { Model } from '../model/model'
import { HELD, withOrderings, type Action, type Ordering } from '../model/orderings'
import { symmetryOf, type Renaming } from '../model/symmetry'
import { AlikeSteps } from './alike'
import { askedOf, explored } from './coverage'
import type { Explorer } from './explore'
import { orbitsFor, watchedOf } from './questions'

export interface CriticalQuestion {
  readonly model: Model
  readonly actions: readonly Action[]
  /** Edges that nobody enforces. */
  readonly nobody: readonly Ordering[]
  /** Index of the violated property. */
  readonly property: number
  /** Steps of the counterexample, by number. */
  readonly run: readonly number[]
  /** States of one candidate; states and candidates of all. */
  readonly maxStates: number
  readonly maxTotal: number
  readonly maxTried: number
  /** As in ExploreOptions. */
  readonly small?: number | undefined
}

export interface CriticalPair {
  readonly first: Action
  readonly second: Action
  /** What the opposite order makes safe: every run of the model, or only what this run is made of. */
  readonly scope: 'every-run' | 'this-run'
  /** How many pairs the opposite order was asked of: more than one where several are alike. */
  readonly alike: number
}

const MOST_ALIKE = 64

/** What was found, and how many states it took to look for it. */
export interface CriticalAnswer {
  readonly pair: CriticalPair | null
  readonly states: number
}

export function* criticalPair(q: CriticalQuestion, stopped: () => boolean): Generator<Explorer, CriticalAnswer> {
  const named = brokenBy(q.run, q.nobody)
  const pairs = (named.length > 0 ? named : candidates(q)).slice(0, q.maxTried)
  let spent = 0
  if (pairs.length === 0) return { pair: null, states: spent }
  const alike = new AlikeSteps(q.model, exchangesOf(q))
  for (const pair of pairs) {
    if (stopped() || spent >= q.maxTotal) break
    const edges = images(q, pair, alike)
    if (!edges) continue
    const verdict = yield* safe(q, q.model, edges, stopped)
    spent += verdict.states
    if (verdict.safe) return found(pair, 'every-run', edges.length, spent)
  }
  const [claimed] = named
  if (claimed) return found(claimed, 'this-run', 1, spent)
  const own = onlyRun(q)
  for (const pair of pairs) {
    if (stopped()) break
    if (!q.run.some((s) => pair.before.steps.includes(s)) || spent >= q.maxTotal) continue
    const verdict = yield* safe(q, own, [pair], stopped)
    spent += verdict.states
    if (verdict.safe) return found(pair, 'this-run', 1, spent)
  }
  return { pair: null, states: spent }
}

const found = (edge: Ordering, scope: CriticalPair['scope'], alike: number, states: number): CriticalAnswer => ({
  pair: { first: edge.after, second: edge.before, scope, alike },
  states,
})

/** Edges whose later action the run takes while the earlier one has not happened, the latest first. */
function brokenBy(run: readonly number[], edges: readonly Ordering[]): Ordering[] {
  const at = (a: Action): number => run.findIndex((s) => a.steps.includes(s))
  return edges
    .filter((e) => at(e.after) >= 0 && (at(e.before) < 0 || at(e.before) > at(e.after)))
    .sort((x, y) => at(y.after) - at(x.after))
}

/** Pairs as the edges that would turn them round, the latest first. */
export function candidates({ model, actions, run }: Pick<CriticalQuestion, 'model' | 'actions' | 'run'>): Ordering[] {
  const { dependent } = new Relations(model)
  const ofStep = new Map(actions.flatMap((a, i) => a.steps.map((s): [number, number] => [s, i])))
  const happenedAt = new Map<number, number>()
  run.forEach((s, at) => {
    const a = ofStep.get(s)
    if (a !== undefined && !happenedAt.has(a)) happenedAt.set(a, at)
  })
  const out: Ordering[] = []
  for (const [first, at] of [...happenedAt].sort((a, b) => b[1] - a[1])) {
    const after = actions[first]
    const step = run[at]
    if (!after || step === undefined) continue
    const seconds = new Set<number>()
    for (const t of dependent[step] ?? []) {
      const second = ofStep.get(t)
      if (second !== undefined && (happenedAt.get(second) ?? Infinity) > at) seconds.add(second)
    }
    for (const second of [...seconds].sort((a, b) => a - b)) {
      const before = actions[second]
      if (before && before.agent !== after.agent) out.push({ before, after })
    }
  }
  return out
}

/** Exchanges that leave the property as it is. */
function exchangesOf({ model, property }: CriticalQuestion): Renaming[] {
  const watched = watchedOf(model.properties).filter((w) => w.index === property)
  return orbitsFor(model, symmetryOf(model), watched).flatMap((o) =>
    o.instances.slice(1).map((instance, i) => {
      const image = Int32Array.from(model.variables, (_, v) => v)
      ;(o.instances[i] ?? []).forEach((v, k) => {
        const other = instance[k] ?? v
        image[v] = other
        image[other] = v
      })
      return image
    }),
  )
}

function images({ actions }: CriticalQuestion, { before, after }: Ordering, alike: AlikeSteps): Ordering[] | null {
  const [b, a] = [before.steps[0] ?? -1, after.steps[0] ?? -1]
  const tuples = alike.of([b, a], MOST_ALIKE)
  return (
    tuples?.flatMap(([x, y]): Ordering[] => {
      const first = actions.find((z) => z.steps.includes(x ?? -1))
      const then = actions.find((z) => z.steps.includes(y ?? -1))
      return first && then ? [{ before: first, after: then }] : []
    }) ?? null
  )
}

/** With these edges the property is not violated, and no step is held for ever. */
function* safe(
  { property, maxStates, small }: CriticalQuestion,
  model: Model,
  edges: readonly Ordering[],
  stopped: () => boolean,
): Generator<Explorer, { safe: boolean; states: number }> {
  const ordered = withOrderings(model, edges)
  const asked = ordered.properties.filter((p, i) => i === property || p.name === HELD)
  const options = { reduce: true, symmetry: true, maxStates, small }
  const e = yield* explored(askedOf(ordered, asked), options, stopped)
  return { safe: asked.every((_, i) => e.findings[i]?.verdict === 'holds'), states: e.states }
}

/** The model in which only the run's own steps can be taken. */
function onlyRun({ model, run }: CriticalQuestion): Model {
  const own = new Set(run)
  return { ...model, replicas: [], steps: model.steps.map((s, i) => (own.has(i) ? s : { ...s, when: FALSE })) }
}
