/**
 * Every state of a model, breadth first, as fast as that goes: a state is one number below 2⁴⁴ with a field for each
 * component, what may happen in a configuration is laid out once as additions to that number (expansion.ts), and the
 * visited set keeps four bytes a slot (key-set.ts). Only the frontier is kept besides; runs are found again by going
 * through the levels once more (retrace.ts).
 *
 * It is `search.ts` without reduction, for models that fit; a test compares the two.
 */
import type { Crew } from './crew'
import { DONE, Expansion, type Found } from './expansion'
import { layFields, packed, Relaid, unpack, type Fields } from './fields'
import { KeyBits } from './key-bits'
import { KEY_BITS, KeySet } from './key-set'
import { Keys, Level, SEGMENT } from './keys'
import { numbers, sound, type Piece, type PieceReader } from './pieces'
import { densePlaces, firstPlaces, moreDensePlaces, morePlaces } from './places'
import { Rounds } from './rounds'
import type { Watched } from './search'
import type { ComponentSpace } from './space'

/** A bit for each number is not worth it for fewer states. */
const DENSE_FROM = 2048
/** By how much the set has to grow until that is thought of again. */
const DENSE_AGAIN = 1.25

/** States between two looks up: a power of 2. */
const SLICE = 512
const SLICE_MASK = SLICE - 1

/** So many bytes of levels are little beside everything else; more only while all memory is as many bytes a state. */
const KEPT_ANYHOW = 2 ** 24
const KEPT_BYTES = 9

export interface WholeOptions {
  /** Places of configurations, where they are known. */
  readonly fields?: Fields | undefined
  /** Levels are kept, so that runs need no second search, as long as they take no more bytes. */
  readonly keep?: number | undefined
  readonly crew?: Crew | undefined
}

export class WholeSearch {
  expanded = 0
  /** The model does not fit into such numbers: nothing that was found counts. */
  outgrown = false
  readonly expansion: Expansion
  fields: Fields
  set: KeySet | KeyBits
  readonly frontier: { now: Keys; next: Keys }
  /** Of the state in the frontier that is expanded next. */
  private position = 0
  private initial = 0
  private readonly ids: Int32Array<ArrayBuffer>
  /** All levels so far; null where they were too much. */
  kept: Level[] | null
  private keptBytes = 0
  private readonly most: number
  private readonly crew: Crew | undefined
  private readonly rounds: Rounds | undefined

  constructor(
    readonly space: ComponentSpace,
    readonly watched: readonly Watched[],
    { fields, crew, keep = 0 }: WholeOptions = {},
  ) {
    this.crew = crew
    this.most = keep
    this.kept = keep > 0 ? [] : null
    this.expansion = new Expansion(space, watched)
    this.ids = new Int32Array(space.size)
    const now = new Keys()
    const next = new Keys()
    this.frontier = { now, next }
    this.expansion.following = next
    const initial = space.initial()
    this.fields = fields ?? firstPlaces(this.known())
    this.outgrown = this.fields.bits > KEY_BITS
    this.set = new KeySet(Math.min(KEY_BITS, this.fields.bits))
    this.expansion.lay(this.fields, this.set)
    this.initial = packed(this.fields, initial)
    this.rounds = crew && new Rounds(crew, this)
  }

  get size(): number {
    return this.set.size
  }
  get hits(): ReadonlyMap<number, Found> {
    return this.expansion.hits
  }
  get transitions(): number {
    return this.expansion.transitions
  }
  get endStates(): number {
    return this.expansion.endStates
  }
  get taken(): Float64Array {
    return this.expansion.taken
  }
  get depth(): number {
    return this.expansion.depth
  }
  /** A bound on stored states was hit: nothing of the state at hand is counted, it will be expanded again. */
  get full(): boolean {
    return this.expansion.full
  }
  /** Some of it was done by several threads. */
  get shared(): boolean {
    return this.rounds?.used ?? false
  }
  get bytes(): number {
    const lists = this.frontier.now.bytes + this.frontier.next.bytes
    const beside = this.keptBytes + (this.rounds?.bytes ?? 0)
    return this.set.bytes + lists + this.expansion.bytes + this.space.bytes() + beside
  }

  /**
   * Yields now and then; ends when all is explored, `limit` states are stored, or it is `outgrown`. `begin` is given each
   * level before it is expanded, and may say that it is enough.
   */
  *run(limit: number, begin?: (level: Keys) => boolean): Generator<void, void> {
    try {
      yield* this.levels(limit, begin)
    } finally {
      this.rounds?.end()
    }
  }

  /** Level by level. */
  private *levels(limit: number, begin?: (level: Keys) => boolean): Generator<void, void> {
    const { frontier, rounds } = this
    if (this.outgrown) return
    if (this.set.size === 0) {
      this.set.add(this.initial)
      frontier.now.push(this.initial)
    }
    for (;;) {
      if (begin?.(frontier.now)) return
      if (this.position === 0) this.keepLevel(frontier.now)
      while (this.position < frontier.now.length) {
        if (rounds?.pays(frontier.now.length - this.position)) {
          this.together(rounds)
          if (this.outgrown) return
          if (this.set.size > limit) {
            this.expansion.full = true
            return
          }
          this.makeDense()
          yield
          continue
        }
        const done = limit - this.set.size > this.expansion.room ? this.visitMany() : 0
        this.position += done
        this.expanded += done
        if (this.position < frontier.now.length && (done === 0 || (this.expanded & SLICE_MASK) !== 0)) {
          if (limit - this.set.size > this.taken.length) this.visit(limit)
          else this.visitOrLeave(limit)
          if (this.full || this.outgrown) return
          this.position++
          this.expanded++
        }
        if ((this.expanded & SLICE_MASK) === 0) {
          this.makeDense()
          yield
        }
      }
      if (frontier.next.length === 0) return
      const spent = frontier.now
      spent.clear()
      frontier.now = frontier.next
      frontier.next = spent
      this.expansion.following = spent
      this.position = 0
      this.expansion.depth++
    }
  }

  private keepLevel(keys: Keys): void {
    if (!this.kept) return
    const level = new Level(keys, this.fields)
    this.keptBytes += level.bytes
    this.kept.push(level)
    if (this.keptBytes <= KEPT_ANYHOW) return
    if (this.keptBytes > this.most || this.bytes > KEPT_BYTES * this.size) this.forgetLevels()
  }
  private forgetLevels(): void {
    this.kept = null
    this.keptBytes = 0
  }

  /** A part of the level, by all threads. */
  private together(rounds: Rounds): void {
    const done = rounds.round(this.position)
    this.position += done
    this.expanded += done
    rounds.takeLeft(() => this.widen())
  }

  /** Configurations of each component that have a number. */
  private known(): number[] {
    return this.space.classOf.map((of) => of.size)
  }

  /** More places where they are needed. A number that has none was never made. */
  private widen(): void {
    if (this.set instanceof KeyBits && this.widenDense(this.set)) return
    const fields = morePlaces(this.fields, this.known())
    if (fields.bits > KEY_BITS) this.outgrown = true
    else this.layAnew(fields, new KeySet(fields.bits, this.set.size))
  }

  /** The same where each number has its bit: false where that takes too many by now. */
  private widenDense(set: KeyBits): boolean {
    const old = this.fields
    const fields = moreDensePlaces(old, this.known(), set.size)
    if (!fields) return false
    if (fields.unit.every((unit, c) => unit === old.unit[c])) {
      set.widen(fields.end)
      this.fields = fields
      this.expansion.lay(fields, set)
    } else this.layAnew(fields, new KeyBits(fields.end))
    return true
  }

  /** Every number in other fields. */
  private layAnew(fields: Fields, set: KeySet | KeyBits): void {
    const again = new Relaid(this.fields, fields)
    this.set.each((key) => set.add(again.of(key)))
    const lists = [this.frontier.now, this.frontier.next, ...(this.rounds?.lists ?? [])]
    for (const list of lists) for (let i = 0; i < list.length; i++) list.set(i, again.of(list.at(i)))
    for (const [w, hit] of this.hits) this.expansion.hits.set(w, { ...hit, key: again.of(hit.key) })
    this.initial = again.of(this.initial)
    this.set = set
    this.fields = fields
    this.expansion.lay(fields, set)
  }

  /** Where states lie so close together that a bit for each number takes no more than they do. */
  private makeDense(): void {
    if (this.set.size < this.denseFrom) return
    this.denseFrom = this.set.size * DENSE_AGAIN
    if (this.set instanceof KeyBits) return
    const fields = densePlaces(this.known(), this.set.size)
    if (fields) this.layAnew(fields, new KeyBits(fields.end))
  }
  /** The size at which that is tried next. */
  private denseFrom = DENSE_FROM

  /** A search of the same numbers from the start, which stay as they are as long as every configuration has its place. */
  again(): WholeSearch {
    const again = new WholeSearch(this.space, [], { fields: this.fields, crew: this.crew })
    if (this.set instanceof KeyBits) {
      again.set = new KeyBits(this.fields.end)
      again.expansion.into(again.set)
    }
    again.denseFrom = Infinity
    return again
  }

  /** From the one at hand on, as far as nothing unusual comes, to the end of a slice or segment: how many. */
  private visitMany(): number {
    const { now } = this.frontier
    const { position } = this
    const slice = SLICE - (this.expanded & SLICE_MASK)
    const first = position & (SEGMENT - 1)
    const end = Math.min(SEGMENT, first + Math.min(slice, now.length - position))
    return this.expansion.expandAll(now.segmentOf(position), first, end)
  }

  private visit(limit: number): void {
    const here = (): number => this.frontier.now.at(this.position)
    let done = this.expansion.expand(here(), limit)
    while (done !== DONE) {
      this.widen()
      if (this.full || this.outgrown) return
      done = this.expansion.expand(here(), limit, done)
    }
  }

  /** Where the bound is hit meanwhile nothing of the state is counted: it will be expanded again. */
  private visitOrLeave(limit: number): void {
    const { expansion } = this
    const { transitions, endStates } = expansion
    const taken = this.taken.slice()
    this.visit(limit)
    if (!this.full) return
    expansion.transitions = transitions
    expansion.endStates = endStates
    this.taken.set(taken)
  }

  /** Between two expansions, or when it is full. */
  save(out: Piece[]): void {
    const hits = [...this.hits].flatMap(([w, { depth, key, via }]) => [w, depth, key, via ?? -1])
    out.push(
      numbers(this.transitions, this.endStates, this.expanded, this.depth, this.initial),
      this.taken,
      numbers(...hits),
      this.fields.most,
      this.set.pieces.slice(),
      this.frontier.now.list(this.position),
      this.frontier.next.list(),
    )
  }

  /** Before it runs. Throws Damaged. */
  load(from: PieceReader): void {
    const { expansion, space, frontier } = this
    this.forgetLevels()
    const [transitions = 0, endStates = 0, expanded = 0, depth = 0, initial = 0] = from.counts(5)
    this.taken.set(from.numbers(this.taken.length))
    const hits = from.numbers()
    const most = from.counts(this.ids.length, 1)
    sound(hits.length % 4 === 0, 'hits')
    this.fields = layFields(most)
    sound(this.fields.bits <= KEY_BITS, 'fields')
    sound(initial === packed(this.fields, space.initial()), 'the initial state')
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
        this.ids.every((id, c) => id < (space.classOf[c]?.size ?? 0)),
        'a configuration',
      )
    }
    for (const list of [frontier.now, frontier.next])
      for (const key of from.numbers()) {
        known(key)
        list.push(key)
      }
    expansion.lay(this.fields, this.set)
    for (let i = 0; i < hits.length; i += 4) {
      const [w = 0, at = 0, key = 0, via = -1] = hits.subarray(i, i + 4)
      known(key)
      sound(Number.isInteger(at) && at >= 0 && at <= depth + 1, 'depth of a hit')
      expansion.close(w, via < 0 ? { depth: at, key } : { depth: at, key, via })
    }
    expansion.transitions = transitions
    expansion.endStates = endStates
    this.expanded = expanded
    expansion.depth = depth
    this.initial = initial
  }
}
