/**
 * What follows from one state of a search on whole numbers: its steps are taken, what they lead to is added to the set
 * and judged, and all of it is counted. `whole.ts` says which states, one after the other; threads share them (shard.ts).
 */
import { answers, question, type Question } from './asked'
import { packed, unpack, type Fields } from './fields'
import type { KeyBits } from './key-bits'
import type { KeySet } from './key-set'
import { Keys } from './keys'
import { BEYOND, Moves, SLOW } from './moves'
import { isEnd, isState, type Watched } from './search'
import { BROKEN, DISABLED, type ComponentSpace } from './space'
import { NOWHERE, Successors, UNUSUAL, type Ground } from './successors'

/** At this depth; with `via`, by one more step out of it. */
export interface Found {
  readonly depth: number
  readonly key: number
  readonly via?: number
}

interface Asked extends Question {
  /** The number of its bit in the moves, where every alternative lies in one component. */
  readonly bit: number
}

/** What a state leads to, left to whoever may do it: states and steps out of them, already counted. */
export interface Left {
  push(key: number, step: number): void
}

/** A state was expanded to its end. */
export const DONE = -1
/** A step leads to what has no place yet. */
const STUCK = -1

export class Expansion {
  readonly hits = new Map<number, Found>()
  transitions = 0
  endStates = 0
  /** Of the states that are expanded. */
  depth = 0
  /** A bound on stored states was hit. */
  full = false
  following: { push(key: number): void } = new Keys()
  /** Where what cannot be done here goes; null: it can be made possible. */
  left: Left | null = null
  private fields!: Fields
  private moves!: Moves
  private set!: KeySet | KeyBits
  private initial = 0
  private readonly ids: Int32Array<ArrayBuffer>
  private readonly next: Int32Array<ArrayBuffer>
  /** Of the state at hand: where each component's moves are laid out. */
  private readonly rows: Int32Array
  private readonly successors: Successors
  /** Of the successors, those that are new. */
  private readonly fresh: Int32Array
  private ground!: Ground
  private readonly byState: readonly Asked[]
  private readonly byEnd: readonly Asked[]
  private readonly byRange: readonly Watched[]
  /** Bits of the properties that moves answer and that are still open. */
  private open = 0

  constructor(
    private readonly space: ComponentSpace,
    watched: readonly Watched[],
    /** How often each step was taken. */
    readonly taken: Float64Array = new Float64Array(space.steps.length),
  ) {
    let bits = 0
    const asked = (w: Watched): Asked => {
      const asked = question(space, w)
      const local = isState(w.kind) && bits < 30 && asked.any.every((c) => c.component >= 0)
      return { ...asked, bit: local ? bits++ : -1 }
    }
    this.byState = watched.filter((w) => isState(w.kind)).map(asked)
    this.byEnd = watched.filter((w) => isEnd(w.kind)).map(asked)
    this.byRange = watched.filter((w) => w.kind === 'range')
    this.ids = new Int32Array(space.size)
    this.next = new Int32Array(space.size)
    this.rows = new Int32Array(space.size)
    this.successors = new Successors(space.size, space.steps.length)
    this.fresh = new Int32Array(this.successors.room)
    this.settle()
  }

  /** Numbers of states mean this from now on. */
  lay(fields: Fields, set: KeySet | KeyBits): void {
    this.fields = fields
    this.set = set
    this.moves = new Moves(
      this.space,
      fields,
      this.byState.filter((w) => w.bit >= 0),
    )
    this.initial = packed(fields, this.space.initial())
    const { moves, initial, taken } = this
    this.ground = { moves, fields, initial, taken, slow: (s, key) => this.slow(s, key) }
  }
  /** The same numbers in another set. */
  into(set: KeySet | KeyBits): void {
    this.set = set
  }
  /** More configurations have numbers. */
  learned(): void {
    this.moves.learned()
  }
  get bytes(): number {
    return this.moves.bytes
  }

  /** It need not be looked for any more. */
  close(index: number, found: Found): void {
    this.hits.set(index, found)
    this.settle()
  }
  /** What moves cannot answer is decided. */
  private settled = false
  private settle(): void {
    this.open = 0
    for (const w of this.byState) if (w.bit >= 0 && !this.hits.has(w.index)) this.open |= 1 << w.bit
    this.settled = this.byState.every((w) => w.bit >= 0 || this.hits.has(w.index))
  }

  /** Room that `expandAll` needs below a bound. */
  get room(): number {
    return this.successors.room
  }

  /**
   * `states` from `first` on, before `end`, as far as nothing unusual comes: returns how many. What was found of them is
   * what `expand` would have found, in the same order.
   */
  expandAll(states: Float64Array, first: number, end: number): number {
    const { successors, fresh, ground } = this
    let at = first
    while (at < end) {
      const done = successors.gather(ground, states, at, end)
      at += done
      this.transitions += successors.count
      if (this.set.held) this.addHeld(states)
      else this.follow(states, this.set.addAll(successors.keys, successors.count, fresh))
      if (successors.ended) this.judgeEnd(states[at - 1] ?? 0)
      else if (done === 0) break
    }
    return at - first
  }

  /** All of them; what has no place is left to whoever may make one. */
  expandEach(states: Float64Array, first: number, end: number): void {
    for (let at = first; at < end; at++) {
      at += this.expandAll(states, at, end)
      if (at < end) this.expand(states[at] ?? 0, Infinity)
    }
  }

  /** The first `count` of `fresh` are new. */
  private follow(states: Float64Array, count: number): void {
    const { fresh, following } = this
    const { keys, moves, origins } = this.successors
    const { kind, step } = this.moves
    for (let i = 0; i < count; i++) {
      const j = fresh[i] ?? 0
      const m = moves[j] ?? 0
      const key = keys[j] ?? 0
      if (this.settled && ((kind[m] ?? 0) & this.open) === 0) following.push(key)
      else this.added(key, true, states[origins[j] ?? 0] ?? 0, step[m] ?? 0)
    }
  }

  /** Beside other threads, which may leave no room. */
  private addHeld(states: Float64Array): void {
    const { count, keys, moves, origins } = this.successors
    const { kind, step } = this.moves
    for (let j = 0; j < count; j++) {
      const m = moves[j] ?? 0
      const key = keys[j] ?? 0
      const isNew = this.set.add(key)
      if (isNew === false) continue
      if (isNew === true && this.settled && ((kind[m] ?? 0) & this.open) === 0) this.following.push(key)
      else this.added(key, isNew, states[origins[j] ?? 0] ?? 0, step[m] ?? 0)
    }
  }

  /** Where a step leads whose effect the space works out. */
  private slow(s: number, key: number): number {
    const { ids, next, fields, space } = this
    unpack(fields, key, ids)
    const how = space.enabled(s, ids)
    if (how === DISABLED) return NOWHERE
    if (how === BROKEN || !space.take(s, ids, next)) return UNUSUAL
    for (let c = 0; c < next.length; c++) {
      const id = next[c] ?? -1
      if (id < 0 || id >= (fields.most[c] ?? 0)) return UNUSUAL
    }
    return packed(fields, next)
  }

  /**
   * One state, whatever is unusual about it, after `taken` of its steps: DONE; or how many steps were taken before one that
   * leads to what has no place yet: go on from there.
   */
  expand(key: number, limit: number, taken = 0): number {
    unpack(this.fields, key, this.ids)
    let answers = 0
    this.ids.forEach((id, c) => {
      this.rows[c] = this.moves.row(c, id)
      answers |= this.moves.table[this.rows[c] ?? 0] ?? 0
    })
    return this.slowly(key, answers, limit, taken)
  }

  /**
   * One step after another, in the same order. Of the initial state they are worked out one by one: what held before them
   * was not judged there.
   */
  private slowly(key: number, answers: number, limit: number, skip: number): number {
    const { moves, rows } = this
    const { needs, kind, step, adds, table } = moves
    const isInitial = key === this.initial
    let found = 0
    for (let c = 0; c < rows.length; c++) {
      const row = rows[c] ?? 0
      const end = table[row + 2] ?? 0
      for (let m = table[row + 1] ?? 0; m < end; m++) {
        const wanted = needs[m] ?? 0
        if ((answers & wanted) !== wanted) continue
        const k = isInitial ? SLOW : (kind[m] ?? 0)
        const s = step[m] ?? 0
        if (found < skip) {
          unpack(this.fields, key, this.ids)
          if (k !== SLOW || this.space.enabled(s, this.ids) !== DISABLED) found++
        } else if (k < 0) {
          const one = this.unusual(k, s, key, limit)
          if (one === STUCK) return found
          found += one
        } else {
          found++
          this.taken[s] = (this.taken[s] ?? 0) + 1
          const next = key + (adds[m] ?? 0)
          this.added(next, this.set.add(next, limit), key, s)
        }
      }
    }
    this.transitions += found
    if (found === 0) this.judgeEnd(key)
    return DONE
  }

  /** A move whose effect is worked out by the space, or that leads out of a domain or beyond: 1 where it was enabled, or STUCK. */
  private unusual(kind: number, s: number, key: number, limit: number): number {
    if (kind === BEYOND) return this.beyond(s, key)
    unpack(this.fields, key, this.ids)
    if (kind === SLOW) {
      const how = this.space.enabled(s, this.ids)
      if (how === DISABLED) return 0
      if (how !== BROKEN) return this.reach(s, key, limit)
    }
    this.taken[s] = (this.taken[s] ?? 0) + 1
    this.leave(key, s)
    return 1
  }

  private beyond(s: number, key: number): number {
    if (!this.left) return STUCK
    this.taken[s] = (this.taken[s] ?? 0) + 1
    this.left.push(key, s)
    return 1
  }

  private leave(key: number, via: number): void {
    if (this.full) return
    for (const w of this.byRange) if (!this.hits.has(w.index)) this.hits.set(w.index, { depth: this.depth, key, via })
  }

  /** The successor of the state in `ids` by a step. */
  private reach(s: number, key: number, limit: number): number {
    const { next, fields, taken } = this
    const stays = this.space.take(s, this.ids, next)
    for (let c = 0; stays && c < next.length; c++) {
      const id = next[c] ?? -1
      if (id < 0 || id >= (fields.most[c] ?? 0)) return this.beyond(s, key)
    }
    taken[s] = (taken[s] ?? 0) + 1
    if (stays) this.store(key, s, limit)
    else this.leave(key, s)
    return 1
  }

  private store(key: number, s: number, limit: number): void {
    const to = packed(this.fields, this.next)
    this.added(to, this.set.add(to, limit), key, s)
  }

  /** A step that was left to this: false where it leads to what has no place yet. */
  take(key: number, s: number, limit: number): boolean {
    unpack(this.fields, key, this.ids)
    const taken = this.taken[s] ?? 0
    const done = this.reach(s, key, limit) !== STUCK
    this.taken[s] = taken
    return done
  }

  /** What follows from the answer of the set. */
  private added(key: number, isNew: boolean | null, from: number, via: number): void {
    if (isNew === null) {
      if (this.left) this.left.push(from, via)
      else this.full = true
      return
    }
    if (isNew) this.following.push(key)
    // The initial state is judged only when a step leads back to it.
    else if (key !== this.initial) return
    unpack(this.fields, key, this.next)
    this.judge(this.next, this.byState, isNew ? { depth: this.depth + 1, key } : { depth: this.depth, key: from, via })
  }

  private judge(ids: Int32Array, asked: readonly Asked[], found: Found): void {
    // The rest of the state is looked at when it is expanded again.
    if (this.full) return
    for (const w of asked) if (!this.hits.has(w.index) && answers(this.space, w, ids)) this.close(w.index, found)
  }

  private judgeEnd(key: number): void {
    this.endStates++
    unpack(this.fields, key, this.ids)
    this.judge(this.ids, this.byEnd, { depth: this.depth, key })
  }
}
