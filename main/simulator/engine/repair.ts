/**
 * Which sets of added happens-before edges make every property hold: proved by looking at all that is left of the state
 * space under each.
 *
 * Edges only take runs away. So a set that has lost the witness of a `sometimes`, or every good end, cannot be mended by
 * more edges; and every bad run under a set must be forbidden by one more edge. The search branches over the edges that
 * the run at hand breaks (a minimal hitting set tree, a level for each size), and no candidate is looked at that leaves a
 * known bad run alone.
 */
import { compile, type Program } from '../model/compile'
import type { Model, PropertyKind } from '../model/model'
import { ProgramOrder, type Action, type Ordering } from '../model/orderings'
import { common, countBits, hasBit, listBits, noBits, setBit, within, type Bits } from './bit-sets'
import { Explorer } from './explore'
import { Restricted, type Look } from './repair-graph'
import { lookAt } from './repair-large'
import { buildGraph } from './state-graph'

export interface RepairLimits {
  /** Edges in one set. */
  readonly maxEdges: number
  /** Transitions that are looked at, of all sets together. */
  readonly maxWork: number
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
  /** Not one run comes to a good end, so none is left when the bad ones are forbidden. */
  readonly hopeless: boolean
}

export interface RepairQuestion {
  readonly model: Model
  readonly before: readonly Action[]
  readonly after: readonly Action[]
}

/** State spaces that are kept whole; larger ones are explored again for each set. */
const GRAPH_STATES = 2_000_000
/** What a transition costs that is explored, where one that is looked up costs 1. */
const EXPLORED = 30
/** What a set costs that is thought of, beside the looks at it. */
const THOUGHT = 100
/** Sets of one size that wait to be grown. */
const MAX_OPEN = 200_000

/** Numbers of edges, ascending. */
type EdgeSet = readonly number[]
interface Open {
  readonly set: EdgeSet
  /** Edges of which one has to be added. */
  readonly choices: Bits
}

export class RepairSearch {
  private readonly base: Program
  private readonly order: ProgramOrder
  private readonly edges: readonly Ordering[]
  private readonly looks = new Map<string, Look>()
  /** Of each known run that has to be forbidden: which edges it breaks; none where another breaks fewer. */
  private pool: Bits[] = []
  private readonly actions: ReadonlyMap<number, readonly Action[]>
  private restricted: Restricted | undefined
  private explored = 0
  private tried = 0
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
    this.edges = question.after.flatMap((after) =>
      question.before.flatMap((before) => (before.agent === after.agent ? [] : [{ before, after }])),
    )
    const actions = new Map<number, Action[]>()
    for (const a of new Set([...question.before, ...question.after]))
      for (const s of a.steps) actions.set(s, [...(actions.get(s) ?? []), a])
    this.actions = actions
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
    return { sets: this.tried }
  }
  result(): Repairs | undefined {
    return this.finished
  }

  private *run(): Generator<void, Repairs> {
    const { model } = this.question
    const explorer = new Explorer(this.base, { reduce: true, symmetry: true, maxStates: this.limits.maxStates })
    while (!explorer.advance(() => true)) {
      if (this.cancelled) explorer.cancel()
      yield
    }
    const all = explorer.result()
    const verdicts = all.findings.map((f) => f.verdict)
    if (verdicts.includes('undecided')) this.cut = true
    const wrong = model.properties.flatMap((p, i) => {
      const verdict = verdicts[i]
      return verdict === 'violated' || verdict === 'unwitnessed'
        ? [{ property: p.name, kind: p.kind, unwitnessed: verdict === 'unwitnessed' }]
        : []
    })
    const none = { singles: [], weakest: [], baseStates: all.states, wrong, hopeless: false }
    if (wrong.length === 0) return { ...none, complete: !this.cut, nothing: !this.cut }
    if (wrong.some((w) => w.unwitnessed)) return { ...none, complete: true, nothing: false }
    const baseStates = (yield* this.keepGraph()) ?? all.states
    const first = yield* this.look([], false)
    if (first.k === 'lost') return { ...none, baseStates, complete: true, nothing: false, hopeless: true }
    this.learn(first)
    const singles = yield* this.singleEdges()
    const larger = yield* this.sets(first, singles)
    const weakest = [...this.weakestOf(singles), ...this.weakestOf(larger)]
    const out = (list: readonly EdgeSet[]): RepairSet[] =>
      list.map((set) => {
        const l = this.looks.get(keyOf(set))
        return { edges: this.orderings(set), states: l?.k === 'good' ? l.states : baseStates }
      })
    return {
      ...none,
      nothing: false,
      singles: out(singles),
      weakest: out(weakest),
      complete: !this.cut,
      baseStates,
    }
  }

  /** How many states there are, if they can be kept. */
  private *keepGraph(): Generator<void, number | undefined> {
    const maxStates = Math.min(GRAPH_STATES, this.limits.maxStates)
    const building = buildGraph(this.base, { maxStates })
    for (;;) {
      const r = building.next()
      if (r.done) {
        if (r.value.k !== 'graph') return undefined
        this.restricted = new Restricted(r.value.graph)
        return r.value.graph.size
      }
      if (this.cancelled) return undefined
      yield
    }
  }

  /** Every edge that forbids all bad runs known so far is proved or shows one more bad run. */
  private *singleEdges(): Generator<void, EdgeSet[]> {
    const out: EdgeSet[] = []
    for (const e of this.edges.keys()) {
      if (!this.forbids([e])) continue
      if (this.giveUp()) return out
      const look = yield* this.look([e], true)
      if (look.k === 'good') out.push([e])
      this.learn(look)
    }
    return out
  }

  /** Edges that larger sets can be made of: they do not repair alone, and are not what no other edge can mend. */
  private *usable(singles: readonly EdgeSet[]): Generator<void, Bits> {
    const usable = noBits(this.edges.length)
    const alone = new Set(singles.flatMap((s) => s))
    for (const e of this.edges.keys()) {
      if (alone.has(e)) continue
      const look = yield* this.look([e], false)
      this.learn(look)
      if (look.k === 'bad') setBit(usable, e)
      if (this.giveUp()) break
    }
    return usable
  }

  /** Minimal sets of edges that do not repair alone, a size at a time. */
  private *sets(first: Look, singles: readonly EdgeSet[]): Generator<void, EdgeSet[]> {
    const found: EdgeSet[] = []
    if (this.limits.maxEdges < 2 || first.k !== 'bad' || this.giveUp()) return found
    const usable = yield* this.usable(singles)
    this.pool = this.pool.map((broken) => common(broken, usable))
    let open: Open[] = [{ set: [], choices: this.narrowest([], common(this.brokenBy(first.run), usable)) }]
    for (let size = 1; size <= this.limits.maxEdges && open.length > 0; size++) {
      const next: Open[] = []
      const seen = new Set<string>()
      for (const { set, choices } of open)
        for (const e of listBits(choices)) {
          const grown = [...set, e].sort((a, b) => a - b)
          const key = keyOf(grown)
          if (seen.has(key)) continue
          seen.add(key)
          this.explored += THOUGHT
          if (found.some((f) => contains(grown, f)) || this.knownLost(grown)) continue
          if (this.giveUp() || next.length > MAX_OPEN) {
            this.cut = true
            return yield* this.minimal(found)
          }
          // The last size is not grown: a bad run that is known will do.
          const last = size === this.limits.maxEdges
          if (last && !this.forbids(grown)) {
            this.cut = true
            continue
          }
          const look = yield* this.look(grown, last)
          this.learn(look, usable)
          if (look.k === 'good' && size > 1) found.push(grown)
          else if (look.k === 'bad') {
            if (last) this.cut = true
            else {
              const broken = common(this.brokenBy(look.run), usable)
              next.push({ set: grown, choices: this.narrowest(grown, broken) })
            }
          }
        }
      open = next
    }
    return yield* this.minimal(found)
  }

  /** Each edge is needed: without it, and without any more of them, something is violated. */
  private *minimal(sets: readonly EdgeSet[]): Generator<void, EdgeSet[]> {
    const out: EdgeSet[] = []
    for (const set of sets) {
      let needed = true
      for (const part of partsOf(set)) {
        if (!needed || !this.forbids(part)) continue
        if ((yield* this.look(part, true)).k === 'good') needed = false
      }
      if (needed) out.push(set)
    }
    return out
  }

  private giveUp(): boolean {
    if (this.cancelled || this.explored + (this.restricted?.work ?? 0) >= this.limits.maxWork) this.cut = true
    return this.cancelled || this.explored + (this.restricted?.work ?? 0) >= this.limits.maxWork
  }

  private orderings(set: EdgeSet): Ordering[] {
    return set.flatMap((e) => this.edges[e] ?? [])
  }

  private *look(set: EdgeSet, quick: boolean): Generator<void, Look> {
    const key = keyOf(set)
    const known = this.looks.get(key)
    // What was seen quickly may still turn out to be lost.
    if (known && (quick || known.k !== 'bad' || set.length === 0)) return known
    this.tried++
    let look: Look
    if (this.restricted) {
      const ways = this.orderings(set).map((o) => ({ before: o.before.steps, after: o.after.steps }))
      look = this.restricted.look(ways, quick)
      yield
    } else {
      const { model } = this.question
      const { maxStates } = this.limits
      const r = yield* lookAt(model, this.base, this.orderings(set), maxStates, () => this.cancelled)
      this.explored += r.transitions * EXPLORED
      look = r.look
    }
    if (look.k === 'unknown') this.cut = true
    this.looks.set(key, look)
    return look
  }

  /** What a look has shown to be forbidden, whatever edges are added. */
  private learn(look: Look, usable?: Bits): void {
    if (look.k !== 'bad' || !look.always) return
    const all = this.brokenBy(look.always)
    const broken = usable ? common(all, usable) : all
    if (this.pool.some((known) => within(known, broken))) return
    this.pool = this.pool.filter((known) => !within(broken, known))
    this.pool.push(broken)
  }

  /** Every known bad run breaks one of these edges. */
  private forbids(set: EdgeSet): boolean {
    return this.pool.every((broken) => set.some((e) => hasBit(broken, e)))
  }

  /** Of the runs that are still there, what the one breaks that leaves the least choice. */
  private narrowest(set: EdgeSet, broken: Bits): Bits {
    let best = broken
    let least = countBits(broken)
    for (const known of this.pool) {
      if (set.some((e) => hasBit(known, e))) continue
      const n = countBits(known)
      if (n < least) [best, least] = [known, n]
    }
    return best
  }

  /** A set within this one has lost a witness or every good end. */
  private knownLost(set: EdgeSet): boolean {
    return partsOf(set).some((part) => this.looks.get(keyOf(part))?.k === 'lost')
  }

  /** Edges that a run breaks: the later action happens although the earlier one has not. */
  private brokenBy(run: readonly number[]): Bits {
    const at = new Map<Action, number>()
    run.forEach((s, i) => {
      for (const a of this.actions.get(s) ?? []) if (!at.has(a)) at.set(a, i)
    })
    const broken = noBits(this.edges.length)
    this.edges.forEach(({ before, after }, e) => {
      if ((at.get(after) ?? Infinity) < (at.get(before) ?? Infinity)) setBit(broken, e)
    })
    return broken
  }

  /** Those of which no other one demands less. */
  private weakestOf(sets: readonly EdgeSet[]): EdgeSet[] {
    return sets.filter((s) => !sets.some((t) => t !== s && this.stronger(s, t) && !this.stronger(t, s)))
  }

  /** Every edge of `t` follows from one of `s`. */
  private stronger(s: EdgeSet, t: EdgeSet): boolean {
    const [demanding, demanded] = [this.orderings(s), this.orderings(t)]
    return demanded.every((e) =>
      demanding.some((x) => this.order.upTo(e.before, x.before) && this.order.upTo(x.after, e.after)),
    )
  }
}

const keyOf = (set: EdgeSet): string => set.join()
const contains = (set: EdgeSet, part: EdgeSet): boolean => part.every((e) => set.includes(e))

/** Every set within this one that is neither empty nor the whole. */
function partsOf(set: EdgeSet): EdgeSet[] {
  const out: EdgeSet[] = []
  for (let mask = 1; mask < 2 ** set.length - 1; mask++) out.push(set.filter((_, i) => ((mask >> i) & 1) === 1))
  return out
}
