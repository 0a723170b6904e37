/**
 * One breadth-first search over a component space, with or without reduction: the first state that answers something is
 * one of the nearest, so the run to it is a shortest one.
 */
import { assert } from '../faults'
import type { Expr } from '../model/expr'
import { disjuncts, normal } from '../model/logic'
import type { PropertyKind } from '../model/model'
import type { Canon } from './canon'
import { DIVIDES, TRUE } from './configurations'
import { Packing } from './packing'
import { BROKEN, type ComponentSpace, type Condition } from './space'
import { StateStore } from './store'
import type { Question, Stubborn } from './stubborn'

/** Something looked for. `index` is the caller's. */
export interface Watched {
  readonly index: number
  readonly kind: PropertyKind
  /** Reached where this becomes true: for an `always` or an `end` the negation of what is written. */
  readonly bad: Expr
}

export type Reduction =
  | { readonly k: 'none' }
  /** All end states are reached. */
  | { readonly k: 'ends'; readonly stubborn: Stubborn }
  /** The question's states are reached; the search ends with the first. */
  | { readonly k: 'question'; readonly stubborn: Stubborn; readonly question: Question }

export interface SearchSpec {
  readonly space: ComponentSpace
  readonly canon: Canon
  readonly watched: readonly Watched[]
  readonly reduction: Reduction
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
  readonly levels: number[] = [0]
  /** How often each step was taken. */
  readonly taken: Float64Array
  transitions = 0
  endStates = 0
  expanded = 0
  private packing: Packing
  private store: StateStore
  private parents = new Int32Array(256)
  private readonly byState: Asked[]
  private readonly byEnd: Asked[]
  private readonly byRange: Watched[]
  private readonly ids: Int32Array
  private readonly next: Int32Array
  private words: Uint32Array
  /** A bound on stored states was hit. */
  full = false

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
    this.byState = watched.filter((w) => isState(w.kind)).map(asked)
    this.byEnd = watched.filter((w) => isEnd(w.kind)).map(asked)
    this.byRange = watched.filter((w) => w.kind === 'range')
  }

  get size(): number {
    return this.store.size
  }
  get bytes(): number {
    return this.store.bytes + this.parents.byteLength + this.spec.space.bytes()
  }
  get depth(): number {
    return this.levels.length - 1
  }

  /** Yields now and then; ends when all is explored, what it asks is answered, or `limit` states are stored. */
  *run(limit: number): Generator<void, void> {
    const { space, canon, reduction } = this.spec
    const initial = space.initial()
    canon.apply(initial)
    this.insert(initial, -1, limit)
    let levelEnd = 1
    const enabled: number[] = []
    const broken = new Set<number>()
    const found = (s: number, how: number): void => {
      enabled.push(s)
      if (how === BROKEN) broken.add(s)
    }
    while (this.expanded < this.store.size) {
      if (this.expanded === levelEnd) {
        this.levels.push(levelEnd)
        levelEnd = this.store.size
      }
      const here = this.expanded
      this.packing.unpack(this.store.segmentOf(here), this.store.offsetOf(here), this.ids)
      enabled.length = 0
      if (broken.size > 0) broken.clear()
      space.expand(this.ids, found)
      if (enabled.length === 0) this.judgeEnd(here)
      for (const s of this.chosen(enabled)) {
        this.transitions++
        this.taken[s] = (this.taken[s] ?? 0) + 1
        if (broken.has(s) || !space.take(s, this.ids, this.next)) {
          for (const w of this.byRange) if (!this.hits.has(w.index)) this.hits.set(w.index, { state: here, via: s })
          continue
        }
        canon.apply(this.next)
        const before = this.store.size
        const index = this.insert(this.next, here, limit)
        if (index < 0) this.full = true
        else if (index === before) this.judge(this.next, { state: index })
        // The initial state is judged only when a step leads back to it.
        else if (index === 0) this.judge(this.next, { state: here, via: s })
      }
      if (this.full) return
      this.expanded++
      if (reduction.k === 'question' && this.hits.size > 0) return
      if ((this.expanded & 0xff) === 0) yield
    }
    if (this.levels[this.levels.length - 1] !== levelEnd && levelEnd < this.store.size) this.levels.push(levelEnd)
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
    if (index === before) {
      if (index >= this.parents.length) {
        const wider = new Int32Array(this.parents.length * 2)
        wider.set(this.parents)
        this.parents = wider
      }
      this.parents[index] = parent
    }
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
    for (const w of this.byState) if (!this.hits.has(w.index) && this.holds(w, ids)) this.hits.set(w.index, where)
  }

  private judgeEnd(index: number): void {
    this.endStates++
    for (const w of this.byEnd)
      if (!this.hits.has(w.index) && this.holds(w, this.ids)) this.hits.set(w.index, { state: index })
  }

  private holds(w: Asked, ids: Int32Array): boolean {
    for (const c of w.any) {
      const answer = this.spec.space.ask(c, ids)
      if (answer === TRUE || (answer === DIVIDES && w.strict)) return true
    }
    return false
  }

  /** The states from the initial one to this. */
  runTo(state: number): Int32Array[] {
    const list: Int32Array[] = []
    for (let at = state; at >= 0; at = this.parents[at] ?? -1) {
      const ids = new Int32Array(this.ids.length)
      this.packing.unpack(this.store.segmentOf(at), this.store.offsetOf(at), ids)
      list.push(ids)
      assert(list.length <= this.store.size, 'a run without end')
    }
    return list.reverse()
  }
}
