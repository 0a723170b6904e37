/**
 * Every state of a model, breadth first, as fast as that goes: a state is one number below 2⁴⁴ with a field for each
 * component, what may happen in a configuration is laid out once as additions to that number, and the visited set keeps
 * four bytes a slot (key-set.ts). Only the frontier is kept besides; runs are found again by going through the levels
 * once more.
 *
 * It is `search.ts` without reduction, for models that fit; a test compares the two.
 */
import { assert } from '../faults'
import { bitsFor } from '../model/layout'
import { disjuncts, normal } from '../model/logic'
import { DIVIDES, TRUE } from './configurations'
import { KEY_BITS, KeySet } from './key-set'
import { LEAVING, Moves, SLOW, type Fields } from './moves'
import { Keys } from './keys'
import { numbers, sound, type Piece, type PieceReader } from './pieces'
import { isEnd, isState, isStrict, type Watched } from './search'
import { BROKEN, DISABLED, type ComponentSpace, type Condition } from './space'

/** Low bits of a number that are looked at together. */
const HALF_BITS = 26
const HALF = 2 ** HALF_BITS
const FIRST_BITS = 3

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
  private set: KeySet
  private moves: Moves
  private frontier = new Keys()
  private following = new Keys()
  /** Of the state in the frontier that is expanded next. */
  private position = 0
  private initial = 0
  /** Levels that are gone through again. */
  private readonly kept: Keys[] = []
  private readonly ids: Int32Array<ArrayBuffer>
  private readonly next: Int32Array<ArrayBuffer>
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
    this.taken = new Float64Array(space.steps.length)
    const first = space.initial()
    this.fields = fields ?? layFields(space.classOf.map((c) => Math.max(FIRST_BITS, bitsFor(c.size))))
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
    yield* this.levels(limit, () => false)
  }

  /** Level by level; `done` is shown each, and may keep it, and says when that is enough. */
  private *levels(limit: number, done: (level: Keys) => boolean): Generator<void, void> {
    if (this.outgrown) return
    if (this.set.size === 0) {
      this.set.add(this.initial)
      this.frontier.push(this.initial)
    }
    for (;;) {
      while (this.position < this.frontier.length) {
        const key = this.frontier.at(this.position)
        if (limit - this.set.size > this.taken.length) this.visit(key, limit)
        else this.visitOrLeave(key, limit)
        if (this.full || this.outgrown) return
        this.position++
        this.expanded++
        if ((this.expanded & 0x1ff) === 0) yield
      }
      if (done(this.frontier) || this.following.length === 0) return
      this.frontier = this.following
      this.following = new Keys()
      this.position = 0
      this.depth++
    }
  }

  private outgrowing(): boolean {
    const { space, fields } = this
    for (let c = 0; c < space.classOf.length; c++)
      if ((space.classOf[c]?.size ?? 0) > 2 ** (fields.width[c] ?? 0)) return true
    return false
  }

  /** Fields with a bit to spare, and every number in them. A number that no longer fits was never made: see `store`. */
  private widen(limit: number): void {
    const old = this.fields
    const fields = layFields(
      this.space.classOf.map((of, c) => {
        const needed = bitsFor(of.size)
        return needed > (old.width[c] ?? 0) ? needed + 1 : (old.width[c] ?? 0)
      }),
    )
    if (fields.bits > KEY_BITS) {
      this.outgrown = true
      return
    }
    const again = (key: number): number => {
      unpack(old, key, this.next)
      return packed(fields, this.next)
    }
    const set = new KeySet(fields.bits)
    for (const key of this.set.keys()) set.add(again(key))
    for (const list of [this.frontier, this.following, ...this.kept])
      for (let i = 0; i < list.length; i++) list.set(i, again(list.at(i)))
    for (const [w, hit] of this.hits) this.hits.set(w, { ...hit, key: again(hit.key) })
    this.initial = again(this.initial)
    this.set = set
    this.fields = fields
    this.moves = this.layMoves()
    // A configuration that is new is not in the initial state: whence these were reached does not matter.
    for (const ids of this.waiting.splice(0)) {
      this.next.set(ids)
      this.store(packed(fields, ids), 0, 0, limit)
    }
  }
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
    const { ids, moves, taken } = this
    unpack(this.fields, key, ids)
    let answers = 0
    for (let c = 0; c < ids.length; c++) answers |= moves.answer(c, ids[c] ?? 0)
    const { needs, kind, step, adds } = moves
    const isInitial = key === this.initial
    let found = 0
    for (let c = 0; c < ids.length; c++) {
      const id = ids[c] ?? 0
      const from = moves.first(c, id)
      const end = from + moves.count(c, id)
      for (let m = from; m < end; m++) {
        const wanted = needs[m] ?? 0
        if ((answers & wanted) !== wanted) continue
        const k = kind[m] ?? 0
        const s = step[m] ?? 0
        // From the initial state each step is worked out: what held before it was not judged there.
        if (k === SLOW || isInitial) {
          found += this.work(s, key, limit)
          continue
        }
        found++
        taken[s] = (taken[s] ?? 0) + 1
        if (k === LEAVING) this.leave(key, s)
        else if (this.grows(c, adds[m] ?? 0, id)) this.reach(s, key, limit)
        else this.add(key + (adds[m] ?? 0), k & this.open, key, s, limit)
      }
    }
    this.transitions += found
    if (found === 0) this.judgeEnd(key)
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

  private add(key: number, answered: number, from: number, via: number, limit: number): void {
    const isNew = this.set.add(key, limit)
    if (isNew === false && key !== this.initial) return
    if (isNew === null) {
      this.full = true
      return
    }
    if (isNew) {
      this.following.push(key)
      if (answered === 0 && this.settled) return
    }
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
    this.judge(this.ids, this.byEnd, { depth: this.depth, key })
  }

  private holds(w: Asked, ids: Int32Array): boolean {
    return w.any.some((c) => {
      const answer = this.space.ask(c, ids)
      return answer === TRUE || (answer === DIVIDES && w.strict)
    })
  }

  /**
   * States of a shortest run to this one, the initial one first: the levels are gone through once more. Null where the
   * rest of the last level does not fit into such numbers.
   */
  *runTo({ depth, key }: Found): Generator<void, Int32Array[] | null> {
    const again = new WholeSearch(this.space, [], this.fields)
    yield* again.levels(Infinity, (level) => again.kept.push(level) >= depth)
    if (again.outgrown) return null
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
    return run.reverse()
  }

  /** Between two expansions, or when it is full. */
  save(out: Piece[]): void {
    const hits = [...this.hits].flatMap(([w, { depth, key, via }]) => [w, depth, key, via ?? -1])
    out.push(
      numbers(this.transitions, this.endStates, this.expanded, this.depth, this.initial),
      this.taken,
      numbers(...hits),
      Int32Array.from(this.fields.width),
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
    const widths = from.ints()
    sound(hits.length % 4 === 0 && widths.length === this.ids.length, 'hits and widths')
    this.fields = layFields([...widths])
    sound(widths.every((w) => w >= 0 && w <= HALF_BITS) && this.fields.bits <= KEY_BITS, 'widths of fields')
    sound(initial === packed(this.fields, this.space.initial()), 'the initial state')
    this.outgrown = false
    this.set = KeySet.of(this.fields.bits, from.ints())
    const known = (key: number): void => {
      sound(Number.isSafeInteger(key) && key >= 0 && key < 2 ** this.fields.bits, 'a state')
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

  private predecessor(level: Keys, goal: Int32Array): Int32Array<ArrayBuffer> {
    const { space } = this
    for (let i = 0; i < level.length; i++) {
      unpack(this.fields, level.at(i), this.ids)
      let leads = false
      space.expand(this.ids, (s, how) => {
        if (leads || how === BROKEN || !space.take(s, this.ids, this.next)) return
        leads = this.next.every((id, c) => id === goal[c])
      })
      if (leads) return this.ids.slice()
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

/** No field lies across the middle, so that each is read out of one half. */
function layFields(widths: readonly number[]): Fields {
  const at: number[] = []
  let used = 0
  for (const w of widths) {
    if (used < HALF_BITS && used + w > HALF_BITS) used = HALF_BITS
    at.push(used)
    used += w
  }
  return {
    at: Int32Array.from(at),
    width: widths,
    unit: Float64Array.from(at, (a) => 2 ** a),
    most: Float64Array.from(widths, (w) => 2 ** w),
    bits: Math.max(1, used),
  }
}

function packed({ unit }: Fields, ids: Int32Array): number {
  let key = 0
  for (let c = 0; c < ids.length; c++) key += (ids[c] ?? 0) * (unit[c] ?? 0)
  return key
}

function unpack({ at, most }: Fields, key: number, ids: Int32Array): void {
  const high = Math.floor(key / HALF)
  const low = key - high * HALF
  for (let c = 0; c < ids.length; c++) {
    const a = at[c] ?? 0
    const mask = ((most[c] ?? 1) | 0) - 1
    ids[c] = a >= HALF_BITS ? (high >>> (a - HALF_BITS)) & mask : (low >>> a) & mask
  }
}
