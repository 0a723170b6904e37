/**
 * One breadth-first search over a component space, with or without reduction: the first state that answers something is
 * one of the nearest, so the run to it is a shortest one.
 */
import { assert } from '../faults'
import type { Expr } from '../model/expr'
import { disjuncts, normal } from '../model/logic'
import type { PropertyKind } from '../model/model'
import type { Canon } from './canon'
import { DIVIDES, FALSE, TRUE } from './configurations'
import type { Landmarks } from './landmarks'
import { Packing } from './packing'
import { BROKEN, type ComponentSpace, type Condition } from './space'
import { Numbers, OpenStates } from './open-states'
import { hitsLoaded, hitsSaved } from './passes'
import { numbers, sound, type Piece, type PieceReader } from './pieces'
import { StateStore } from './store'
import type { Question, Stubborn } from './stubborn'

/** Something looked for. `index` is the caller's. */
export interface Watched {
  readonly index: number
  readonly kind: PropertyKind
  /** Reached where this becomes true: for an `always` or an `end` the negation of what is written. */
  readonly bad: Expr
  /** Judged at ends, although it is a property of all states. */
  readonly atEnd?: boolean
}

export type Reduction =
  | { readonly k: 'none' }
  /** All end states are reached. */
  | { readonly k: 'ends'; readonly stubborn: Stubborn }
  /** The question's states are reached; the search ends with the first. */
  | {
      readonly k: 'question'
      readonly stubborn: Stubborn
      readonly question: Question
      readonly landmarks: Landmarks
    }

export interface SearchSpec {
  readonly space: ComponentSpace
  readonly canon: Canon
  readonly watched: readonly Watched[]
  readonly reduction: Reduction
  /** Only these steps are taken: the model is looked at in part. */
  readonly only?: Uint8Array
}

/** Where it was reached: at a stored state, or by one more step out of it. */
export interface Hit {
  readonly state: number
  readonly via?: number
}

/** Judged after every step, at every end, or where a step leaves a domain. */
export const isState = (k: PropertyKind): boolean =>
  k === 'never' || k === 'always' || k === 'sometimes' || k === 'order'
export const isEnd = (k: PropertyKind): boolean => k === 'end' || k === 'complete' || k === 'deadlock'
/** Violated where what is written is false. */
export const isStrict = (k: PropertyKind): boolean => k === 'always' || isEnd(k)

interface Asked extends Watched {
  /** Any of them. */
  readonly any: readonly Condition[]
  /** A division by zero makes what is written false: an `always` or an `end` is violated by it. */
  readonly strict: boolean
}

export class Search {
  readonly hits = new Map<number, Hit>()
  depth = 0
  /** How often each step was taken. */
  readonly taken: Float64Array
  transitions = 0
  endStates = 0
  /** The nearest end; −1 where there is none. */
  firstEnd = -1
  expanded = 0
  private packing: Packing
  private store: StateStore
  private readonly parents = new Numbers()
  private readonly byState: Asked[]
  private readonly byEnd: Asked[]
  private readonly byRange: Watched[]
  private readonly ids: Int32Array
  private readonly next: Int32Array
  private words: Uint32Array
  /** A bound on stored states was hit: nothing of the state at hand is counted, it will be expanded again. */
  full = false
  /** Where the level at hand ends. */
  private levelEnd = 1
  /** Nearest first: what is open, the steps to each state, the shortest answer, and how often a state was taken up. */
  private open = new OpenStates()
  private readonly steps = new Numbers()
  private best = Infinity
  private turns = 1
  private begun = false

  constructor(private readonly spec: SearchSpec) {
    const { space, watched } = spec
    this.packing = Packing.first(space)
    this.store = new StateStore(this.packing.words)
    this.words = new Uint32Array(this.packing.words)
    this.ids = new Int32Array(space.size)
    this.next = new Int32Array(space.size)
    this.taken = new Float64Array(space.steps.length)
    const asked = (w: Watched): Asked => ({
      ...w,
      any: disjuncts(normal(w.bad)).map((e) => space.condition(e)),
      strict: isStrict(w.kind),
    })
    this.byState = watched.filter((w) => isState(w.kind) && !w.atEnd).map(asked)
    this.byEnd = watched.filter((w) => isEnd(w.kind) || w.atEnd).map(asked)
    this.byRange = watched.filter((w) => w.kind === 'range')
  }

  get size(): number {
    return this.store.size
  }
  get bytes(): number {
    return this.store.bytes + this.parents.bytes + this.spec.space.bytes()
  }

  /** Yields now and then; ends when all is explored, what it asks is answered, or `limit` states are stored. */
  *run(limit: number): Generator<void, void> {
    const { space, canon, reduction } = this.spec
    if (!this.begun) {
      this.begun = true
      const initial = space.initial()
      canon.apply(initial)
      this.insert(initial, -1, limit)
      if (reduction.k === 'question') this.open.push(reduction.landmarks.distance(reduction.question, initial), 0, 0)
    }
    if (reduction.k === 'question') yield* this.nearestFirst(limit, reduction)
    else yield* this.breadthFirst(limit)
  }

  private *breadthFirst(limit: number): Generator<void, void> {
    while (this.expanded < this.store.size) {
      if (this.expanded === this.levelEnd) {
        this.depth++
        this.levelEnd = this.store.size
      }
      const here = this.expanded
      this.expandWhole(
        here,
        limit,
        (via) => {
          const before = this.store.size
          const index = this.insert(this.next, here, limit)
          if (index === before) this.judge(this.next, { state: index })
          // The initial state is judged only when a step leads back to it.
          else if (index === 0) this.judge(this.next, { state: here, via })
        },
        (via) => {
          for (const w of this.byRange) if (!this.hits.has(w.index)) this.hits.set(w.index, { state: here, via })
        },
      )
      if (this.full) return
      this.expanded++
      if ((this.expanded & 0xff) === 0) yield
    }
  }

  /**
   * States in the order of the length of the shortest run that may lead through them: steps so far, and those that every
   * run to an answer still takes (A*: Hart, Nilsson and Raphael, 1968). A state is taken up again where a shorter way to
   * it is found; the search ends when no open state can lead to a shorter run than the one at hand.
   */
  private *nearestFirst(
    limit: number,
    { landmarks, question }: { readonly landmarks: Landmarks; readonly question: Question },
  ): Generator<void, void> {
    const { open, steps } = this
    const [watched] = this.spec.watched
    assert(watched && this.spec.watched.length === 1, 'one question')
    const answer = (length: number, hit: Hit): void => {
      if (length >= this.best) return
      this.best = length
      this.hits.set(watched.index, hit)
    }
    for (; open.nearest < this.best; this.turns++) {
      const bound = open.nearest
      const at = open.pop()
      // A shorter way to it has been found since.
      if (steps.get(at.state) < at.steps) continue
      const here = at.state
      const length = at.steps + 1
      this.depth = Math.max(this.depth, at.steps)
      this.expandWhole(
        here,
        limit,
        (via) => {
          const before = this.store.size
          const index = this.insert(this.next, here, limit)
          if (index < 0) return
          if (index < before) {
            if (index === 0 && this.answers(this.next)) answer(length, { state: here, via })
            if (steps.get(index) <= length) return
            this.parents.set(index, here)
          }
          steps.set(index, length)
          if (this.answers(this.next)) answer(length, { state: index })
          else open.push(length + landmarks.distance(question, this.next), index, length)
        },
        (via) => {
          if (this.byRange.length > 0) answer(length, { state: here, via })
        },
      )
      if (this.full) {
        open.push(bound, here, at.steps)
        return
      }
      this.expanded = Math.min(this.store.size, this.turns)
      if ((this.turns & 0xff) === 0) {
        this.turns++
        yield
        this.turns--
      }
    }
  }

  /** Expands a state; where the bound is hit meanwhile, without counting anything of it. */
  private expandWhole(here: number, limit: number, reached: (via: number) => void, left: (via: number) => void): void {
    if (limit - this.store.size > this.taken.length) {
      this.expand(here, reached, left)
      return
    }
    const { transitions, endStates, firstEnd } = this
    const taken = this.taken.slice()
    this.expand(here, reached, left)
    if (!this.full) return
    this.transitions = transitions
    this.endStates = endStates
    this.firstEnd = firstEnd
    this.taken.set(taken)
  }

  /** Takes the steps chosen in a state; `next` holds where each leads. */
  private expand(here: number, reached: (via: number) => void, left: (via: number) => void): void {
    const { space, canon } = this.spec
    const { enabled, broken } = this
    this.packing.unpack(this.store.segmentOf(here), this.store.offsetOf(here), this.ids)
    enabled.length = 0
    if (broken.size > 0) broken.clear()
    space.expand(this.ids, this.found)
    if (enabled.length === 0) this.judgeEnd(here)
    const chosen = this.chosen(enabled)
    for (let i = 0; i < chosen.length; i++) {
      const s = chosen[i] ?? 0
      this.transitions++
      this.taken[s] = (this.taken[s] ?? 0) + 1
      if (broken.has(s) || !space.take(s, this.ids, this.next)) left(s)
      else {
        canon.apply(this.next)
        reached(s)
        if (this.full) return
      }
    }
  }
  private readonly enabled: number[] = []
  private readonly broken = new Set<number>()
  private readonly found = (s: number, how: number): void => {
    if (this.spec.only?.[s] === 0) return
    this.enabled.push(s)
    if (how === BROKEN) this.broken.add(s)
  }

  private answers(ids: Int32Array): boolean {
    return this.byState.some((w) => this.holds(w, ids))
  }

  private chosen(enabled: readonly number[]): readonly number[] {
    const { reduction } = this.spec
    if (reduction.k === 'none') return enabled
    if (reduction.k === 'ends') return reduction.stubborn.forEnds(this.ids, enabled)
    return reduction.stubborn.forQuestion(reduction.question, this.ids, enabled)
  }

  private insert(ids: Int32Array, parent: number, limit: number): number {
    if (!this.packing.fits()) this.repack()
    this.packing.pack(ids, this.words)
    const before = this.store.size
    const index = this.store.insert(this.words, limit)
    if (index === before) this.parents.set(index, parent)
    if (index < 0) this.full = true
    return index
  }

  private repack(): void {
    const packing = this.packing.wider()
    const store = new StateStore(packing.words)
    const words = new Uint32Array(packing.words)
    const ids = new Int32Array(this.ids.length)
    for (let i = 0; i < this.store.size; i++) {
      this.packing.unpack(this.store.segmentOf(i), this.store.offsetOf(i), ids)
      packing.pack(ids, words)
      store.insert(words)
    }
    this.packing = packing
    this.store = store
    this.words = words
  }

  private judge(ids: Int32Array, where: Hit): void {
    const { byState } = this
    for (let i = 0; i < byState.length; i++) {
      const w = byState[i]
      if (w && !this.hits.has(w.index) && this.holds(w, ids)) this.hits.set(w.index, where)
    }
  }

  private judgeEnd(index: number): void {
    if (this.endStates++ === 0) this.firstEnd = index
    for (const w of this.byEnd)
      if (!this.hits.has(w.index) && this.holds(w, this.ids)) this.hits.set(w.index, { state: index })
  }

  private holds(w: Asked, ids: Int32Array): boolean {
    const { any } = w
    for (let i = 0; i < any.length; i++) {
      const c = any[i]
      const answer = c ? this.spec.space.ask(c, ids) : FALSE
      if (answer === TRUE || (answer === DIVIDES && w.strict)) return true
    }
    return false
  }

  /** Between two expansions, or when it is full. */
  save(out: Piece[]): void {
    const { store } = this
    out.push(
      numbers(
        ...[this.expanded, this.levelEnd, this.depth, this.transitions, this.endStates, this.firstEnd, this.turns],
        ...[this.best === Infinity ? -1 : this.best, Number(this.begun), store.size],
      ),
      this.taken,
      hitsSaved(this.hits),
      this.packing.widths,
      ...store.pieces(),
      this.parents.list(store.size),
      this.steps.list(store.size),
      this.open.list(),
    )
  }

  /** Before it has begun. Throws Damaged. */
  load(from: PieceReader): void {
    const { space } = this.spec
    const figures = from.counts(10, -1)
    const [expanded = 0, levelEnd = 0, depth = 0, transitions = 0, endStates = 0, firstEnd = 0, turns = 0] = figures
    const [best = 0, begun = 0, size = 0] = figures.slice(7)
    this.taken.set(from.numbers(this.taken.length))
    for (const [w, hit] of hitsLoaded(from)) this.hits.set(w, hit)
    this.packing = Packing.of(space, from.ints())
    this.store = new StateStore(this.packing.words)
    this.words = new Uint32Array(this.packing.words)
    for (let left = size; left > 0; left -= StateStore.SEGMENT) {
      const segment = from.words()
      sound(segment.length >= Math.min(left, StateStore.SEGMENT) * this.packing.words, 'states')
      for (let i = 0; i < Math.min(left, StateStore.SEGMENT); i++) {
        this.words.set(segment.subarray(i * this.words.length, (i + 1) * this.words.length))
        this.packing.unpack(this.words, 0, this.ids)
        sound(
          this.ids.every((id, c) => id < (space.classOf[c]?.size ?? 0)),
          'a configuration',
        )
        const before = this.store.size
        sound(this.store.insert(this.words) === before, 'a state once')
      }
    }
    const parents = from.ints()
    const steps = from.ints()
    sound(parents.length === size && steps.length === size, 'a parent of each state')
    parents.forEach((p, i) => {
      sound(p >= -1 && p < size, 'a parent')
      this.parents.set(i, p)
    })
    steps.forEach((n, i) => this.steps.set(i, n))
    sound(this.open.load(from.ints(), size), 'open states')
    sound(expanded <= size && firstEnd < size && [...this.hits.values()].every((hit) => hit.state < size), 'states')
    this.expanded = expanded
    this.levelEnd = levelEnd
    this.depth = depth
    this.transitions = transitions
    this.endStates = endStates
    this.firstEnd = firstEnd
    this.turns = turns
    this.best = best < 0 ? Infinity : best
    this.begun = begun === 1
  }

  /** The states from the initial one to this. */
  runTo(state: number): Int32Array[] {
    const list: Int32Array[] = []
    for (let at = state; at >= 0; at = this.parents.get(at)) {
      const ids = new Int32Array(this.ids.length)
      this.packing.unpack(this.store.segmentOf(at), this.store.offsetOf(at), ids)
      list.push(ids)
      assert(list.length <= this.store.size, 'a run without end')
    }
    return list.reverse()
  }
}
