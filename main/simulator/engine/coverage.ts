/**
 * What an exploration has exercised: steps that no run takes, and happens-before edges that some run breaks.
 *
 * How often a step was taken is counted while exploring. What was left out by a reduction, or lies behind the place where
 * a search ended, is asked for by itself: "is there a state in which this step is enabled", "… in which the later step is
 * enabled and the earlier one has not happened". All of these are questions to one further exploration, reduced and
 * bounded; what it leaves open is undecided, never guessed.
 *
 * Where the graph that was counted is the full one, how often an edge was broken is counted too: in the same graph with
 * the later step in two, one for runs in which the earlier one has happened and one for those in which it has not.
 */
import { all, divides, not } from '../model/expr'
import { compile } from '../model/compile'
import type { Model, Property, Step, Variable } from '../model/model'
import { happened, ready, type Action, type Ordering } from '../model/orderings'
import { symmetryOf } from '../model/symmetry'
import { AlikeSteps } from './alike'
import { Explorer, type Exploration, type ExploreOptions } from './explore'
import { enabledAt } from './path'

export interface CoverageQuestion {
  readonly model: Model
  /** Of the exploration that is reported. */
  readonly explored: Pick<Exploration, 'complete' | 'reduction' | 'taken' | 'states'>
  readonly edges: readonly Ordering[]
  /** States of the further exploration, and of each count. */
  readonly maxStates: number
  /** As in ExploreOptions. */
  readonly small?: number | undefined
}

export interface EdgeCoverage {
  /** Some run takes `after` while `before` has not happened; null: not decided. */
  readonly exercised: boolean | null
  /** Transitions of the full graph that do so; null where the full graph was not counted. */
  readonly times: number | null
}

export interface Coverage {
  /** Steps that no run takes. */
  readonly never: readonly number[]
  /** Steps that were not taken in what was explored; whether a run takes them was not decided. */
  readonly undecided: readonly number[]
  /** One for each edge asked about. */
  readonly edges: readonly EdgeCoverage[]
}

/** A model asked other questions: these, and whether values leave their domains, which decides what may be left out. */
export function askedOf(model: Model, properties: readonly Property[]): Model {
  const range = model.properties.filter((p) => p.kind === 'range' && !properties.includes(p))
  return { ...model, properties: [...properties, ...range] }
}

/** Explores in the slices of its caller; `stopped` is asked between them. */
export function* explored(
  model: Model,
  options: ExploreOptions,
  stopped: () => boolean,
): Generator<Explorer, Exploration> {
  const explorer = new Explorer(compile(model), options)
  while (!explorer.advance(() => true)) {
    if (stopped()) explorer.cancel()
    yield explorer
  }
  return explorer.result()
}

export function* coverage(q: CoverageQuestion, stopped: () => boolean): Generator<Explorer, Coverage> {
  const { model } = q
  const full = q.explored.reduction === 'none'
  const seen = taken(q)
  const open = model.steps.flatMap((_, s) => (seen[s] === 1 ? [] : [s]))
  const counts: (number | null)[] = []
  for (const e of q.edges)
    counts.push(full && q.explored.complete && q.explored.states <= q.maxStates ? yield* count(q, e, stopped) : null)
  // Every transition of the full graph was counted: what was not taken, no run takes.
  const asked = full && q.explored.complete ? [] : open
  const edges = q.edges.filter((_, i) => counts[i] === null)
  const answers = yield* ask(q, asked, edges, stopped)
  const verdict = (i: number): boolean | null => answers[i] ?? null
  let nth = asked.length
  return {
    never: open.filter((s) => !asked.includes(s) || verdict(asked.indexOf(s)) === false),
    undecided: asked.filter((_, i) => verdict(i) === null),
    edges: counts.map((times) => ({ times, exercised: times === null ? verdict(nth++) : times > 0 })),
  }
}

/** Steps that were taken, or are alike to one that was, or are enabled at the start. */
function taken({ model, explored }: CoverageQuestion): Uint8Array {
  const marked = Uint8Array.from(model.steps, (_, s) => Number((explored.taken[s] ?? 0) > 0))
  if (!marked.includes(0)) return marked
  const program = compile(model)
  for (const e of enabledAt(program, program.initial)) marked[e.step] = 1
  return new AlikeSteps(model, symmetryOf(model).exchanges).spread(marked)
}

/** Whether a run can take each of these steps, then whether one breaks each of these edges. */
function* ask(
  { model, maxStates, small }: CoverageQuestion,
  steps: readonly number[],
  edges: readonly Ordering[],
  stopped: () => boolean,
): Generator<Explorer, (boolean | null)[]> {
  if (steps.length + edges.length === 0) return []
  const variables: Variable[] = [...model.variables]
  const flagged: Step[] = [...model.steps]
  const done = happened(model, variables, flagged)
  const single = (s: number): Action => {
    const step = model.steps[s]
    return { name: step?.id ?? '', agent: step?.agent ?? -1, from: step?.from ?? -1, steps: [s] }
  }
  const tests = [
    ...steps.map((s) => ready(model, single(s))),
    ...edges.map((e) => all([ready(model, e.after), not(done(e.before))])),
  ]
  const properties = tests.map((test, i): Property => ({
    name: `asked ${i}`,
    title: '',
    kind: 'sometimes',
    test,
    text: 'built in',
  }))
  const asked = askedOf({ ...model, variables, steps: flagged }, properties)
  const { findings } = yield* explored(asked, { reduce: true, symmetry: true, maxStates, small }, stopped)
  const program = compile(asked)
  return tests.map((test, i) => {
    // What is true at the start is judged there by nobody else; a guard that may divide by zero is not asked about.
    if (program.test(i, program.initial, 0)) return true
    const { verdict } = findings[i] ?? { verdict: 'undecided' }
    if (verdict === 'witnessed') return true
    return verdict === 'unwitnessed' && !divides(test) ? false : null
  })
}

/** Transitions of the full graph that take `after` while `before` has not happened. */
function* count(
  { model, maxStates }: CoverageQuestion,
  { before, after }: Ordering,
  stopped: () => boolean,
): Generator<Explorer, number | null> {
  const variables: Variable[] = [...model.variables]
  const steps: Step[] = [...model.steps]
  const first = happened(model, variables, steps)(before)
  const early = after.steps.map((i) => {
    const s = steps[i] ?? model.steps[i]
    if (!s) return -1
    // Asked last: a guard that divides by zero fires, and may do so only in one of the two.
    const given = s.when ? [s.when] : []
    steps[i] = { ...s, when: all([first, ...given]) }
    return steps.push({ ...s, id: `${s.id} early`, when: all([not(first), ...given]) }) - 1
  })
  const split: Model = { ...model, variables, steps, properties: [] }
  const e = yield* explored(split, { reduce: false, symmetry: false, maxStates }, stopped)
  return e.complete ? early.reduce((n, s) => n + (e.taken[s] ?? 0), 0) : null
}
