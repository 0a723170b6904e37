/**
 * Which sets of added happens-before edges make every property hold: proved by full exploration, one at a time.
 *
 * Edges only take runs away. So a set that has lost the witness of a `sometimes` cannot be mended by more edges, and
 * every run that violates something under a set must be forbidden by one more edge: the search branches over the edges
 * that the run at hand breaks (a minimal hitting set tree), and no candidate is tried that leaves a known bad run alone.
 */
import { compile, type Program } from '../model/compile'
import type { Model, PropertyKind } from '../model/model'
import { ProgramOrder, withOrderings, type Action, type Ordering } from '../model/orderings'
import { Explorer } from './explore'
import { enabledAt, follow } from './path'

export interface RepairLimits {
  /** Edges in one set. */
  readonly maxEdges: number
  /** Sets that are explored before the search gives up. */
  readonly maxSets: number
  readonly maxStates: number
}

export interface RepairSet {
  readonly edges: readonly Ordering[]
  /** States that are left, of the unrepaired model's. */
  readonly states: number
}

export interface Repairs {
  /** Nothing is violated: there is nothing to repair. */
  readonly nothing: boolean
  /** Every single edge that repairs, in the order of its steps. */
  readonly singles: readonly RepairSet[]
  /** The weakest single edges, then the weakest minimal sets of edges that do not repair alone. */
  readonly weakest: readonly RepairSet[]
  /** False where a limit was hit: there may be more. */
  readonly complete: boolean
  readonly baseStates: number
  /** What is wrong before any repair, by property. */
  readonly wrong: readonly { readonly property: string; readonly kind: PropertyKind; readonly unwitnessed: boolean }[]
}

/** What exploring under a set of edges showed. */
type Outcome =
  | { readonly k: 'good'; readonly states: number }
  /** No more edges can help: a witness is gone, or it could not be decided. */
  | { readonly k: 'lost' }
  | { readonly k: 'bad'; readonly run: readonly number[] }

export interface RepairQuestion {
  readonly model: Model
  readonly before: readonly Action[]
  readonly after: readonly Action[]
}

export class RepairSearch {
  private readonly base: Program
  private readonly order: ProgramOrder
  private readonly outcomes = new Map<string, Outcome>()
  /** Runs of the unrepaired model that violate something there. */
  private readonly badRuns: (readonly number[])[] = []
  private readonly actionOf = new Map<number, Action>()
  private explored = 0
  private cut = false
  private cancelled = false
  private readonly work: Generator<void, Repairs>
  private finished: Repairs | undefined

  constructor(
    private readonly question: RepairQuestion,
    private readonly limits: RepairLimits,
  ) {
    this.base = compile(question.model)
    this.order = new ProgramOrder(question.model)
    for (const a of [...question.before, ...question.after]) for (const s of a.steps) this.actionOf.set(s, a)
    this.work = this.run()
  }

  advance(until: () => boolean): boolean {
    while (!this.finished) {
      const r = this.work.next()
      if (r.done) this.finished = r.value
      else if (until()) return false
    }
    return true
  }
  cancel(): void {
    this.cancelled = true
  }
  progress(): { sets: number } {
    return { sets: this.explored }
  }
  result(): Repairs | undefined {
    return this.finished
  }

  private *run(): Generator<void, Repairs> {
    const explorer = new Explorer(this.base, { maxStates: this.limits.maxStates })
    while (!explorer.advance(() => true)) yield
    const all = explorer.result()
    if (!all.complete) this.cut = true
    const wrong = this.question.model.properties.flatMap((p, i) => {
      const verdict = all.findings[i]?.verdict
      return verdict === 'violated' || verdict === 'unwitnessed'
        ? [{ property: p.name, kind: p.kind, unwitnessed: verdict === 'unwitnessed' }]
        : []
    })
    const lost = wrong.some((w) => w.unwitnessed)
    const empty = { singles: [], weakest: [], complete: !this.cut, baseStates: all.states, wrong }
    if (wrong.length === 0 || lost) return { ...empty, nothing: wrong.length === 0 && !this.cut }
    all.findings.forEach((f) => {
      if (f.verdict === 'violated' && f.choices) this.badRuns.push(this.stepsOf(this.base, f.choices))
    })
    const singles = yield* this.singleEdges()
    const alone = new Set(singles.map((s) => keyOf(s.edges)))
    const larger: RepairSet[] = []
    const [first] = this.badRuns
    if (first && this.limits.maxEdges > 1) yield* this.grow([], first, alone, larger, new Set<string>())
    const weakest = [...this.weakestOf(singles), ...this.weakestOf(minimalOf(larger))]
    return { nothing: false, singles, weakest, complete: !this.cut, baseStates: all.states, wrong }
  }

  /** Every pair that forbids all bad runs known so far is proved or shows one more bad run. */
  private *singleEdges(): Generator<void, RepairSet[]> {
    const out: RepairSet[] = []
    for (const after of this.question.after)
      for (const before of this.question.before) {
        if (before.agent === after.agent) continue
        const edge = { before, after }
        if (!this.badRuns.every((run) => breaks(run, edge))) continue
        const o = yield* this.explore([edge])
        if (o.k === 'good') out.push({ edges: [edge], states: o.states })
        if (this.giveUp()) return out
      }
    return out
  }

  /** `edges` do not repair, and `run` is a bad run under them: it has to be forbidden by one more. */
  private *grow(
    edges: readonly Ordering[],
    run: readonly number[],
    alone: ReadonlySet<string>,
    found: RepairSet[],
    seen: Set<string>,
  ): Generator<void, void> {
    for (const edge of this.forbidding(run)) {
      if (alone.has(keyOf([edge]))) continue
      const set = [...edges, edge]
      const key = keyOf(set)
      if (seen.has(key)) continue
      seen.add(key)
      if (found.some((f) => f.edges.every((e) => set.some((x) => sameEdge(x, e))))) continue
      if (this.giveUp()) return
      const o = yield* this.explore(set)
      if (o.k === 'good' && set.length > 1) found.push({ edges: set, states: o.states })
      else if (o.k === 'bad') {
        if (set.length < this.limits.maxEdges) yield* this.grow(set, o.run, alone, found, seen)
        else this.cut = true
      }
    }
  }

  private giveUp(): boolean {
    if (this.cancelled || this.explored >= this.limits.maxSets) this.cut = true
    return this.cancelled || this.explored >= this.limits.maxSets
  }

  /** Edges that this run breaks: the later action happened although the earlier one had not. */
  private forbidding(run: readonly number[]): Ordering[] {
    return this.question.after.flatMap((after) =>
      this.question.before.flatMap((before) => {
        const edge = { before, after }
        return before.agent !== after.agent && breaks(run, edge) ? [edge] : []
      }),
    )
  }

  private *explore(edges: readonly Ordering[]): Generator<void, Outcome> {
    const key = keyOf(edges)
    const known = this.outcomes.get(key)
    if (known) return known
    this.explored++
    const program = compile(withOrderings(this.question.model, edges))
    const explorer = new Explorer(program, { maxStates: this.limits.maxStates })
    while (!explorer.advance(() => true)) {
      if (this.cancelled) explorer.cancel()
      yield
    }
    yield
    const e = explorer.result()
    const verdicts = e.findings.map((f) => f.verdict)
    let outcome: Outcome
    if (!e.complete) {
      this.cut = true
      outcome = { k: 'lost' }
    } else if (verdicts.includes('unwitnessed')) outcome = { k: 'lost' }
    else {
      const bad = e.findings.flatMap((f) => (f.verdict === 'violated' && f.choices ? [f.choices] : []))
      const shortest = [...bad].sort((a, b) => a.length - b.length)[0]
      if (shortest) {
        const run = this.stepsOf(program, shortest)
        outcome = { k: 'bad', run }
        for (const choices of bad) this.learn(this.stepsOf(program, choices))
      } else outcome = { k: 'good', states: e.states }
    }
    this.outcomes.set(key, outcome)
    return outcome
  }

  /** A bad run under some edges is one of the unrepaired model too, unless it only ended because an edge held it. */
  private learn(run: readonly number[]): void {
    let state: Uint32Array = this.base.initial.slice()
    for (const step of run) {
      const next = enabledAt(this.base, state).find((x) => x.step === step)
      if (!next) return
      state = next.state
    }
    const violated = this.question.model.properties.some((p, i) => {
      if (p.kind === 'never' || p.kind === 'order') return this.base.test(i, state, 0)
      return p.kind === 'always' && !this.base.test(i, state, 0)
    })
    const last = run[run.length - 1]
    const out = last !== undefined && enabledAt(this.base, state).length === 0
    if (violated || out) this.badRuns.push(run)
  }

  private stepsOf(program: Program, choices: readonly number[]): readonly number[] {
    const path = follow(program, choices)
    return 'at' in path ? [] : path.steps
  }

  /** Those of which no other one demands less. */
  private weakestOf(sets: readonly RepairSet[]): RepairSet[] {
    return sets.filter((s) => !sets.some((t) => t !== s && this.stronger(s, t) && !this.stronger(t, s)))
  }

  /** Every edge of `t` follows from one of `s`. */
  private stronger(s: RepairSet, t: RepairSet): boolean {
    return t.edges.every((e) =>
      s.edges.some((x) => this.order.upTo(e.before, x.before) && this.order.upTo(x.after, e.after)),
    )
  }
}

/** In this run some way of `after` is taken before any of `before`. */
function breaks(run: readonly number[], { before, after }: Ordering): boolean {
  const at = run.findIndex((s) => after.steps.includes(s))
  return at >= 0 && !run.slice(0, at).some((s) => before.steps.includes(s))
}

const sameEdge = (a: Ordering, b: Ordering): boolean => a.before === b.before && a.after === b.after
const keyOf = (edges: readonly Ordering[]): string =>
  edges
    .map((e) => `${e.before.name} → ${e.after.name}`)
    .sort()
    .join('; ')

function minimalOf(sets: readonly RepairSet[]): RepairSet[] {
  return sets.filter(
    (s) =>
      !sets.some(
        (t) => t !== s && t.edges.length < s.edges.length && t.edges.every((e) => s.edges.some((x) => sameEdge(x, e))),
      ),
  )
}
