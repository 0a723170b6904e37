/**
 * Every state of a model, breadth first, as fast as that goes: a state is one number below 2⁴⁴ with a field for each
 * component, what may happen in a configuration is laid out once as additions to that number, and the visited set keeps
 * four bytes a slot (key-set.ts). Only the frontier is kept besides; runs are found again by going through the levels
 * once more.
 *
 * It is `search.ts` without reduction, for models that fit; a test compares the two.
 */
import { assert } from '../faults'
import { disjuncts, normal } from '../model/logic'
import { DIVIDES, TRUE } from './configurations'
import { KeyBits } from './key-bits'
import { KEY_BITS, KeySet } from './key-set'
import { layFields, packed, unpack, type Fields } from './fields'
import { Moves, ROW, SLOW } from './moves'
import { Keys } from './keys'
import { numbers, sound, type Piece, type PieceReader } from './pieces'
import { isEnd, isState, isStrict, type Watched } from './search'
import { BROKEN, DISABLED, type ComponentSpace, type Condition } from './space'

/** Places for configurations that are still to be met: at first, and one for so many that are known. */
const FIRST_PLACES = 8
const SPARE = 4
const places = (known: number): number => known + Math.ceil(known / SPARE) + 1
const DENSE_SPARE = 64
/** Bytes a state, at most, of a set with a bit for each number; a small one may come early, it is far faster. */
const DENSE_BYTES = 7
const EARLY_BYTES = 12
const EARLY_MOST = 2 ** 26
const dense = (end: number, states: number): boolean => {
  const bytes = KeyBits.bytesFor(end)
  return bytes <= (bytes <= EARLY_MOST ? EARLY_BYTES : DENSE_BYTES) * states
}
/** By how much the set has to grow until a bit for each number is thought of again. */
const DENSE_AGAIN = 1.25

interface Asked extends Watched {
  readonly any: readonly Condition[]
  readonly strict: boolean
  /** The number of its bit in the moves, where every alternative lies in one component. */
  readonly bit: number
}

export class WholeSearch {
  readonly hits = new Map<number, Found>()
  readonly taken: Float64Array
  transitions = 0
  endStates = 0
  expanded = 0
  depth = 0
  /** A bound on stored states was hit: nothing of the state at hand is counted, it will be expanded again. */
  full = false
  /** The model does not fit into such numbers: nothing that was found counts. */
  outgrown = false
  private fields: Fields
  private set: KeySet | KeyBits
  private moves: Moves
  private frontier = new Keys()
  private following = new Keys()
  /** Of the state in the frontier that is expanded next. */
  private position = 0
  private initial = 0
  /** Components that one step writes, at most. */
  private readonly mostWritten: number
  /** Levels that are gone through again. */
  private readonly kept: Keys[] = []
  private readonly ids: Int32Array<ArrayBuffer>
  private readonly next: Int32Array<ArrayBuffer>
  /** Of the state at hand: where each component's moves are laid out. */
  private readonly rows: Int32Array
  private readonly byState: Asked[]
  private readonly byEnd: Asked[]
  private readonly byRange: Watched[]
  /** Bits of the properties that moves answer and that are still open. */
  private open = 0

  constructor(
    private readonly space: ComponentSpace,
    watched: readonly Watched[],
    fields?: Fields,
  ) {
    let bits = 0
    const asked = (w: Watched): Asked => {
      const any = disjuncts(normal(w.bad)).map((e) => space.condition(e))
      const local = isState(w.kind) && bits < 30 && any.every((c) => c.component >= 0)
      return { ...w, any, strict: isStrict(w.kind), bit: local ? bits++ : -1 }
    }
    this.byState = watched.filter((w) => isState(w.kind)).map(asked)
    this.byEnd = watched.filter((w) => isEnd(w.kind)).map(asked)
    this.byRange = watched.filter((w) => w.kind === 'range')
    for (const w of this.byState) if (w.bit >= 0) this.open |= 1 << w.bit
    this.settle()
    this.ids = new Int32Array(space.size)
    this.next = new Int32Array(space.size)
    this.rows = new Int32Array(space.size)
    this.mostWritten = space.steps.reduce((n, s) => Math.max(n, s.writes.length / 2), 0)
    this.taken = new Float64Array(space.steps.length)
    const first = space.initial()
    this.fields = fields ?? layFields(space.classOf.map((c) => Math.max(FIRST_PLACES, places(c.size))))
    this.outgrown = this.fields.bits > KEY_BITS
    this.set = new KeySet(Math.min(KEY_BITS, this.fields.bits))
    this.moves = this.layMoves()
    this.initial = packed(this.fields, first)
  }

  private layMoves(): Moves {
    return new Moves(
      this.space,
      this.fields,
      this.byState.filter((w) => w.bit >= 0),
    )
  }

  get size(): number {
    return this.set.size
  }
  get bytes(): number {
    return this.set.bytes + this.frontier.bytes + this.following.bytes + this.moves.bytes + this.space.bytes()
  }

  /** Yields now and then; ends when all is explored, `limit` states are stored, or it is `outgrown`. */
  *run(limit: number): Generator<void, void> {
    yield* this.levels(limit)
  }

  /** Level by level; of so many levels from the first on each is kept, and then that is enough. */
  private *levels(limit: number, keep = 0): Generator<void, void> {
    if (this.outgrown) return
    if (this.set.size === 0) {
      this.set.add(this.initial)
      this.frontier.push(this.initial)
    }
    for (;;) {
      if (keep > 0 && this.kept.push(this.frontier) >= keep) return
      while (this.position < this.frontier.length) {
        const key = this.frontier.at(this.position)
        if (limit - this.set.size > this.taken.length) this.visit(key, limit)
        else this.visitOrLeave(key, limit)
        if (this.full || this.outgrown) return
        this.position++
        this.expanded++
        if ((this.expanded & 0x1ff) === 0) {
          if (this.set.size >= this.denseFrom) this.makeDense()
          yield
        }
      }
      if (this.following.length === 0) return
      const spent = keep > 0 ? new Keys() : this.frontier
      spent.clear()
      this.frontier = this.following
      this.following = spent
      this.position = 0
      this.depth++
    }
  }

  private outgrowing(): boolean {
    const { space, fields } = this
    for (let c = 0; c < space.classOf.length; c++)
      if ((space.classOf[c]?.size ?? 0) > (fields.most[c] ?? 0)) return true
    return false
  }

  /** More places where they are needed. A number that has none was never made: see `reach`. */
  private widen(limit: number): void {
    const fields = layFields(
      this.space.classOf.map((of, c) => {
        const most = this.fields.most[c] ?? 0
        return of.size > most ? places(of.size) : most
      }),
    )
    if (fields.bits > KEY_BITS) {
      this.outgrown = true
      return
    }
    const stays = this.set instanceof KeyBits && dense(fields.end, this.set.size)
    this.layAnew(fields, stays ? new KeyBits(fields.end) : new KeySet(fields.bits))
    // A configuration that is new is not in the initial state: whence these were reached does not matter.
    for (const ids of this.waiting.splice(0)) {
      this.next.set(ids)
      this.store(packed(fields, ids), 0, 0, limit)
    }
  }

  /** Every number in other fields. */
  private layAnew(fields: Fields, set: KeySet | KeyBits): void {
    const old = this.fields
    const again = (key: number): number => {
      unpack(old, key, this.next)
      return packed(fields, this.next)
    }
    for (const key of this.set.keys()) set.add(again(key))
    for (const list of new Set([this.frontier, this.following, ...this.kept]))
      for (let i = 0; i < list.length; i++) list.set(i, again(list.at(i)))
    for (const [w, hit] of this.hits) this.hits.set(w, { ...hit, key: again(hit.key) })
    this.initial = again(this.initial)
    this.set = set
    this.fields = fields
    this.moves = this.layMoves()
  }

  /** Where states lie so close together that a bit for each number takes no more than they do. */
  private makeDense(): void {
    this.denseFrom = this.set.size * DENSE_AGAIN
    if (this.set instanceof KeyBits) return
    const fields = layFields(this.space.classOf.map((of) => of.size + Math.floor(of.size / DENSE_SPARE)))
    if (dense(fields.end, this.set.size)) this.layAnew(fields, new KeyBits(fields.end))
  }
  /** The size at which that is tried next. */
  private denseFrom = 0

  /** Successors with a configuration that is new and does not fit yet. */
  private readonly waiting: Int32Array[] = []

  private visit(key: number, limit: number): void {
    this.expand(key, limit)
    if (!this.moves.fresh) return
    this.moves.fresh = false
    if (!this.full && this.outgrowing()) this.widen(limit)
  }

  /** Where the bound is hit meanwhile nothing of the state is counted: it will be expanded again. */
  private visitOrLeave(key: number, limit: number): void {
    const { transitions, endStates } = this
    const taken = this.taken.slice()
    this.visit(key, limit)
    if (!this.full) return
    this.transitions = transitions
    this.endStates = endStates
    this.taken.set(taken)
    this.waiting.length = 0
  }

  private expand(key: number, limit: number): void {
    const { moves, rows, taken, set } = this
    const { unit } = this.fields
    const { table, base } = moves
    let answers = 0
    let rest = key
    for (let c = rows.length - 1; c >= 0; c--) {
      const one = unit[c] ?? 1
      const id = (rest / one) | 0
      rest -= id * one
      let row = (base[c] ?? 0) + id * ROW
      if ((table[row + 1] ?? 0) < 0) row = moves.row(c, id)
      rows[c] = row
      answers |= table[row] ?? 0
    }
    if (moves.fresh || key === this.initial) {
      this.expandSlowly(key, answers, limit)
      return
    }
    const { needs, kind, step, adds } = moves
    let found = 0
    for (let c = 0; c < rows.length; c++) {
      const row = rows[c] ?? 0
      const end = table[row + 2] ?? 0
      for (let m = table[row + 1] ?? 0; m < end; m++) {
        const wanted = needs[m] ?? 0
        if ((answers & wanted) !== wanted) continue
        const k = kind[m] ?? 0
        if (k < 0) {
          found += this.unusual(k, step[m] ?? 0, key, limit)
          continue
        }
        found++
        const s = step[m] ?? 0
        taken[s] = (taken[s] ?? 0) + 1
        const next = key + (adds[m] ?? 0)
        const isNew = set.add(next, limit)
        if (isNew === false && next !== this.initial) continue
        if (isNew === true && this.settled && (k & this.open) === 0) this.following.push(next)
        else this.added(next, isNew, key, s)
      }
    }
    this.transitions += found
    if (found === 0) this.judgeEnd(key)
  }

  /**
   * The same where configurations were met for the first time, which may have no place in their fields yet, and for the
   * initial state, whose steps are worked out one by one: what held before them was not judged there.
   */
  private expandSlowly(key: number, answers: number, limit: number): void {
    const { ids, moves, rows, taken } = this
    const { needs, kind, step, adds, table } = moves
    unpack(this.fields, key, ids)
    const isInitial = key === this.initial
    let found = 0
    for (let c = 0; c < ids.length; c++) {
      const row = rows[c] ?? 0
      const end = table[row + 2] ?? 0
      for (let m = table[row + 1] ?? 0; m < end; m++) {
        const wanted = needs[m] ?? 0
        if ((answers & wanted) !== wanted) continue
        const k = kind[m] ?? 0
        const s = step[m] ?? 0
        if (k < 0 || isInitial) {
          found += this.unusual(isInitial ? SLOW : k, s, key, limit)
          continue
        }
        found++
        taken[s] = (taken[s] ?? 0) + 1
        if (this.grows(c, adds[m] ?? 0, ids[c] ?? 0)) this.reach(s, key, limit)
        else {
          const next = key + (adds[m] ?? 0)
          this.added(next, this.set.add(next, limit), key, s)
        }
      }
    }
    this.transitions += found
    if (found === 0) this.judgeEnd(key)
  }

  /** A move that leads out of a domain, or whose effect is worked out by the space; 1 where it is enabled. */
  private unusual(kind: number, s: number, key: number, limit: number): number {
    unpack(this.fields, key, this.ids)
    if (kind === SLOW) return this.work(s, key, limit)
    this.taken[s] = (this.taken[s] ?? 0) + 1
    this.leave(key, s)
    return 1
  }

  /** A step by the space itself; 1 where it is enabled. */
  private work(s: number, key: number, limit: number): number {
    const how = this.space.enabled(s, this.ids)
    if (how === DISABLED) return 0
    this.taken[s] = (this.taken[s] ?? 0) + 1
    if (how === BROKEN) this.leave(key, s)
    else this.reach(s, key, limit)
    return 1
  }

  /** The configuration that a move leads to has no place in its field yet. */
  private grows(component: number, adds: number, id: number): boolean {
    if (!this.moves.fresh) return false
    return id + adds / (this.fields.unit[component] ?? 1) >= (this.fields.most[component] ?? 0)
  }

  private leave(key: number, via: number): void {
    if (this.full) return
    for (const w of this.byRange) if (!this.hits.has(w.index)) this.hits.set(w.index, { depth: this.depth, key, via })
  }

  /** The successor by a step, by all its components. */
  private reach(s: number, key: number, limit: number): void {
    const { next, fields } = this
    if (!this.space.take(s, this.ids, next)) {
      this.leave(key, s)
      return
    }
    for (let c = 0; c < next.length; c++)
      if ((next[c] ?? 0) >= (fields.most[c] ?? 0)) {
        this.moves.fresh = true
        this.waiting.push(next.slice())
        return
      }
    this.store(packed(fields, next), key, s, limit)
  }

  /** `next` holds the state of this number. */
  private store(key: number, from: number, via: number, limit: number): void {
    const isNew = this.set.add(key, limit)
    if (isNew === null) this.full = true
    else if (isNew) {
      this.following.push(key)
      this.judge(this.next, this.byState, { depth: this.depth + 1, key })
    } else if (key === this.initial)
      // The initial state is judged only when a step leads back to it.
      this.judge(this.next, this.byState, { depth: this.depth, key: from, via })
  }

  /** What follows from the answer of the set. */
  private added(key: number, isNew: boolean | null, from: number, via: number): void {
    if (isNew === null) {
      this.full = true
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
    for (const w of asked) {
      if (this.hits.has(w.index) || !this.holds(w, ids)) continue
      this.hits.set(w.index, found)
      if (w.bit >= 0) this.open &= ~(1 << w.bit)
      this.settle()
    }
  }
  /** What moves cannot answer is decided. */
  private settled = false
  private settle(): void {
    this.settled = this.byState.every((w) => w.bit >= 0 || this.hits.has(w.index))
  }

  private judgeEnd(key: number): void {
    this.endStates++
    unpack(this.fields, key, this.ids)
    this.judge(this.ids, this.byEnd, { depth: this.depth, key })
  }

  private holds(w: Asked, ids: Int32Array): boolean {
    return w.any.some((c) => {
      const answer = this.space.ask(c, ids)
      return answer === TRUE || (answer === DIVIDES && w.strict)
    })
  }

  /**
   * States of a shortest run to each of these, the initial one first: the levels are gone through once more. Null where
   * that does not fit into such numbers.
   */
  *runsTo(goals: readonly Found[]): Generator<void, Int32Array[][] | null> {
    const again = new WholeSearch(this.space, [], this.fields)
    if (this.set instanceof KeyBits) again.set = new KeyBits(this.fields.end)
    const deepest = Math.max(0, ...goals.map((g) => g.depth))
    if (deepest > 0) yield* again.levels(Infinity, deepest)
    if (again.outgrown) return null
    const runs: Int32Array[][] = []
    for (const { depth, key } of goals) {
      let ids = new Int32Array(this.space.size)
      unpack(this.fields, key, ids)
      const run = [ids]
      for (let d = depth - 1; d >= 0; d--) {
        const level = again.kept[d]
        assert(level, 'a level')
        ids = again.predecessor(level, ids)
        run.push(ids)
        yield
      }
      runs.push(run.reverse())
    }
    return runs
  }

  /** Between two expansions, or when it is full. */
  save(out: Piece[]): void {
    const hits = [...this.hits].flatMap(([w, { depth, key, via }]) => [w, depth, key, via ?? -1])
    out.push(
      numbers(this.transitions, this.endStates, this.expanded, this.depth, this.initial),
      this.taken,
      numbers(...hits),
      this.fields.most,
      this.set.pieces,
      this.frontier.list(this.position),
      this.following.list(),
    )
  }

  /** Before it runs. Throws Damaged. */
  load(from: PieceReader): void {
    const [transitions = 0, endStates = 0, expanded = 0, depth = 0, initial = 0] = from.counts(5)
    this.taken.set(from.numbers(this.taken.length))
    const hits = from.numbers()
    const most = from.counts(this.ids.length, 1)
    sound(hits.length % 4 === 0, 'hits')
    this.fields = layFields(most)
    sound(this.fields.bits <= KEY_BITS, 'fields')
    sound(initial === packed(this.fields, this.space.initial()), 'the initial state')
    this.outgrown = false
    const bits = from.bits()
    if (bits instanceof Int32Array) this.set = KeySet.of(this.fields.bits, bits)
    else {
      sound(KeyBits.bytesFor(this.fields.end) === bits.byteLength, 'bits of states')
      this.set = new KeyBits(this.fields.end, bits)
    }
    const known = (key: number): void => {
      sound(Number.isSafeInteger(key) && key >= 0 && key < this.fields.end, 'a state')
      unpack(this.fields, key, this.ids)
      sound(
        this.ids.every((id, c) => id < (this.space.classOf[c]?.size ?? 0)),
        'a configuration',
      )
    }
    for (const list of [this.frontier, this.following])
      for (const key of from.numbers()) {
        known(key)
        list.push(key)
      }
    for (let i = 0; i < hits.length; i += 4) {
      const [w = 0, at = 0, key = 0, via = -1] = hits.subarray(i, i + 4)
      known(key)
      sound(Number.isInteger(at) && at >= 0 && at <= depth + 1, 'depth of a hit')
      this.hits.set(w, via < 0 ? { depth: at, key } : { depth: at, key, via })
    }
    for (const w of this.byState) if (this.hits.has(w.index) && w.bit >= 0) this.open &= ~(1 << w.bit)
    this.settle()
    this.moves = this.layMoves()
    // Configurations that do not fit may be known already.
    this.moves.fresh = true
    this.transitions = transitions
    this.endStates = endStates
    this.expanded = expanded
    this.depth = depth
    this.initial = initial
  }

  /** The first state of a level that leads to another. */
  private predecessor(level: Keys, goal: Int32Array): Int32Array<ArrayBuffer> {
    const { space, ids, next } = this
    for (let i = 0; i < level.length; i++) {
      unpack(this.fields, level.at(i), ids)
      let differ = 0
      for (let c = 0; c < ids.length; c++) if (ids[c] !== goal[c]) differ++
      if (differ > this.mostWritten) continue
      let leads = false
      space.expand(ids, (s, how) => {
        if (leads || how === BROKEN || !space.take(s, ids, next)) return
        leads = next.every((id, c) => id === goal[c])
      })
      if (leads) return ids.slice()
    }
    return assert(false, 'a state has a predecessor one level before') as never
  }
}

/** At this depth; with `via`, by one more step out of it. */
export interface Found {
  readonly depth: number
  readonly key: number
  readonly via?: number
}
