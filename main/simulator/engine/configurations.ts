/**
 * The configurations of one component, numbered as they are met: a state is a tuple of such numbers. Whatever is asked
 * about a configuration (does this part of a guard hold, what does this part of a step make of it) is worked out once
 * and then looked up, so the model's expressions are evaluated thousands of times, not millions.
 *
 * Components that are copies of one another share their configurations: then equal numbers mean equal contents, and
 * sorting numbers is what symmetry takes.
 */
import { assert } from '../faults'
import { DivisionByZero, evaluate, type Expr } from '../model/expr'
import { bitsFor } from '../model/layout'
import { cardinality, ordinal, valueAt, type Domain } from '../model/model'
import { sound } from './pieces'

/** Variables of these expressions are slots of the component. */
export interface LocalSet {
  readonly slot: number
  readonly value: Expr
}

/** What one step is to this component: the part of its guard and of its assignments that lies in it. */
interface Role {
  readonly guard: readonly number[]
  readonly sets: readonly LocalSet[]
  readonly holds: Answers
  readonly next: Answers
}

/** Answers of a truth: not asked yet (0), or one of these. */
export const FALSE = 1
export const TRUE = 2
/** The expression divides by zero in this configuration. */
export const DIVIDES = 3

/** The assignment leaves a domain (or divides by zero). */
export const LEAVES = -1
/** A configuration that has no number, where none may be given. */
export const UNNUMBERED = -2

/** A growing array of small answers, by configuration. */
class Answers {
  data = new Int32Array(32)
  /** `held`: counts the bytes of all. */
  constructor(private readonly held: { bytes: number }) {
    held.bytes += this.data.byteLength
  }
  room(index: number): void {
    if (index < this.data.length) return
    const wider = new Int32Array(Math.max(index + 1, this.data.length * 2))
    wider.set(this.data)
    this.held.bytes += wider.byteLength - this.data.byteLength
    this.data = wider
  }
}

/** A slot lies in one of two words: the lower one of 31 bits, and one above it. */
interface Slot {
  readonly domain: Domain
  readonly high: boolean
  readonly shift: number
  readonly mask: number
}

const WORD_BITS = 31
const WORD = 2 ** WORD_BITS
/** Both words together are one whole number. */
export const COMPONENT_BITS = 52

/** Slots of one orbit inside the component: `instances[i][k]` corresponds for all i. */
export type InnerOrbit = readonly (readonly number[])[]

export class Configurations {
  private readonly held = { bytes: 0 }
  private readonly slots: readonly Slot[]
  private readonly bits: number
  /** Packed contents, by number. */
  private low = new Int32Array(64)
  private high = new Int32Array(64)
  private readonly numbers = new Map<number, number>()
  private readonly truths: { readonly expr: Expr; readonly answers: Answers }[] = []
  private readonly truthNumbers = new Map<string, number>()
  private readonly roles: Role[] = []
  private readonly roleNumbers = new Map<string, number>()
  /** Roles with the agent's location in this component, by location value: the steps to try. */
  private readonly leading: number[] = []
  private readonly tries: (Int32Array | undefined)[] = []
  private readonly tried: number[] = []
  private readonly sorted = new Map<string, { readonly orbits: readonly InnerOrbit[]; readonly answers: Answers }>()

  /** Numbers are given elsewhere: what has none is UNNUMBERED, for the time being. */
  frozen = false

  constructor(domains: readonly Domain[]) {
    let used = 0
    this.slots = domains.map((domain) => {
      const bits = bitsFor(cardinality(domain))
      assert(bits <= WORD_BITS, 'bits of a variable')
      if (used < WORD_BITS && used + bits > WORD_BITS) used = WORD_BITS
      const high = used >= WORD_BITS
      const slot = { domain, high, shift: high ? used - WORD_BITS : used, mask: 2 ** bits - 1 }
      used += bits
      return slot
    })
    assert(used <= COMPONENT_BITS, 'bits of a component')
    this.bits = used
  }

  get size(): number {
    return this.numbers.size
  }

  /** Up to this many, by number, from `first` on. */
  list(size: number, first = 0): Float64Array {
    return Float64Array.from({ length: Math.max(0, size - first) }, (_, n) => this.contents(first + n))
  }
  /** What `list` gave: each gets its number again. Throws Damaged. */
  load(list: Float64Array, first = 0): void {
    list.forEach((contents, n) => {
      sound(Number.isInteger(contents) && contents >= 0 && contents < 2 ** this.bits, 'a configuration')
      const [low, high] = [contents % WORD, Math.floor(contents / WORD)]
      const known = this.slots.every((s) => (((s.high ? high : low) >>> s.shift) & s.mask) < cardinality(s.domain))
      sound(known && this.numberOf(low, high) === first + n, 'a configuration')
    })
  }

  /** The configuration with these values, one for each slot. */
  number(values: ArrayLike<number>): number {
    const positions = this.slots.map((s, i) => ordinal(s.domain, values[i] ?? NaN))
    assert(
      positions.every((p) => p >= 0),
      'a value of its domain',
    )
    return this.at(positions)
  }

  /** The configuration with these positions in the domains of its slots. */
  private at(positions: readonly number[]): number {
    let [low, high] = [0, 0]
    this.slots.forEach((s, i) => {
      if (s.high) high |= (positions[i] ?? 0) << s.shift
      else low |= (positions[i] ?? 0) << s.shift
    })
    return this.intern(low, high)
  }

  private intern(low: number, high: number): number {
    if (!this.frozen) return this.numberOf(low, high)
    return this.numbers.get(high * WORD + low) ?? UNNUMBERED
  }

  private numberOf(low: number, high: number): number {
    const contents = high * WORD + low
    const known = this.numbers.get(contents)
    if (known !== undefined) return known
    const n = this.numbers.size
    this.numbers.set(contents, n)
    if (n >= this.low.length) {
      const wider = (list: Int32Array): Int32Array<ArrayBuffer> => {
        const longer = new Int32Array(n * 2)
        longer.set(list)
        return longer
      }
      this.low = wider(this.low)
      this.high = wider(this.high)
    }
    this.low[n] = low
    this.high[n] = high
    return n
  }

  private position(configuration: number, s: Slot): number {
    return (((s.high ? this.high[configuration] : this.low[configuration]) ?? 0) >>> s.shift) & s.mask
  }

  value(configuration: number, slot: number): number {
    const s = this.slots[slot]
    assert(s, 'slot')
    return valueAt(s.domain, this.position(configuration, s))
  }

  /** A question about configurations; the same number for the same question. */
  truth(key: string, expr: Expr): number {
    const known = this.truthNumbers.get(key)
    if (known !== undefined) return known
    this.truthNumbers.set(key, this.truths.length)
    return this.truths.push({ expr, answers: new Answers(this.held) }) - 1
  }

  /** FALSE, TRUE or DIVIDES. */
  holds(truth: number, configuration: number): number {
    const t = this.truths[truth]
    assert(t, 'truth')
    const { answers } = t
    if (configuration >= answers.data.length) answers.room(configuration)
    const known = answers.data[configuration] ?? 0
    if (known !== 0) return known
    return (answers.data[configuration] = this.ask(t.expr, configuration))
  }

  private ask(e: Expr, configuration: number): number {
    try {
      return this.valueOf(e, configuration) !== 0 ? TRUE : FALSE
    } catch (x) {
      if (x instanceof DivisionByZero) return DIVIDES
      throw x
    }
  }

  private valueOf(e: Expr, configuration: number): number {
    this.reading = configuration
    return evaluate(e, this.read)
  }
  /** One function for all that is read: most of it is read once, by code that is never optimised. */
  private reading = 0
  private readonly read = (slot: number): number => this.value(this.reading, slot)

  /** What a step is to this component; `leads` where its agent's location lies here. */
  role(key: string, guard: readonly number[], sets: readonly LocalSet[], leads: boolean): number {
    const known = this.roleNumbers.get(key)
    if (known !== undefined) return known
    const n = this.roles.push({ guard, sets, holds: new Answers(this.held), next: new Answers(this.held) }) - 1
    this.roleNumbers.set(key, n)
    if (leads) this.leading.push(n)
    return n
  }

  /** The role's part of the guard: FALSE, TRUE or DIVIDES. */
  allows(role: number, configuration: number): number {
    const r = this.roles[role]
    assert(r, 'role')
    const { holds } = r
    if (configuration >= holds.data.length) holds.room(configuration)
    const known = holds.data[configuration] ?? 0
    if (known !== 0) return known
    let answer = TRUE
    const { guard } = r
    for (let i = 0; i < guard.length; i++) {
      const one = this.holds(guard[i] ?? 0, configuration)
      if (one === FALSE) {
        answer = FALSE
        break
      }
      if (one === DIVIDES) answer = DIVIDES
    }
    return (holds.data[configuration] = answer)
  }

  /** Conditions of the role's part of the guard. */
  conditions(role: number): readonly number[] {
    return this.roles[role]?.guard ?? []
  }

  /** The configuration after the role's assignments, or LEAVES, or UNNUMBERED. */
  after(role: number, configuration: number): number {
    const r = this.roles[role]
    assert(r, 'role')
    const { next } = r
    if (configuration >= next.data.length) next.room(configuration)
    const known = next.data[configuration] ?? 0
    if (known !== 0) return known < 0 ? LEAVES : known - 1
    const found = this.assign(configuration, r.sets, (e) => this.valueOf(e, configuration))
    // Another time it may have a number.
    if (found === UNNUMBERED) return found
    // Kept one higher: 0 is "not asked yet".
    next.data[configuration] = found === LEAVES ? -1 : found + 1
    return found
  }

  /** The configuration after these assignments; the values are given by `value`. */
  assign<T extends { readonly slot: number; readonly value: Expr }>(
    configuration: number,
    sets: readonly T[],
    value: (e: Expr) => number,
  ): number {
    let low = this.low[configuration] ?? 0
    let high = this.high[configuration] ?? 0
    try {
      for (const set of sets) {
        const s = this.slots[set.slot]
        assert(s, 'slot')
        const position = ordinal(s.domain, value(set.value))
        if (position < 0) return LEAVES
        if (s.high) high = (high & ~(s.mask << s.shift)) | (position << s.shift)
        else low = (low & ~(s.mask << s.shift)) | (position << s.shift)
      }
    } catch (x) {
      if (x instanceof DivisionByZero) return LEAVES
      throw x
    }
    return this.intern(low, high)
  }
  /** The role's assignments that read this component alone. */
  setsOf(role: number): readonly LocalSet[] {
    return this.roles[role]?.sets ?? []
  }

  /** Roles of this configuration's agents whose part of the guard here does not fail. */
  candidates(configuration: number): Int32Array {
    const known = this.tries[configuration]
    if (known) return known
    const { leading, tried } = this
    tried.length = 0
    for (let i = 0; i < leading.length; i++) {
      const r = leading[i] ?? 0
      if (this.allows(r, configuration) !== FALSE) tried.push(r)
    }
    const found = Int32Array.from(tried)
    this.tries[configuration] = found
    return found
  }

  /** A question answered by sorting instances of orbits inside the component. */
  sorting(orbits: readonly InnerOrbit[]): (configuration: number) => number {
    const key = JSON.stringify(orbits)
    const known = this.sorted.get(key)
    const entry = known ?? { orbits, answers: new Answers(this.held) }
    this.sorted.set(key, entry)
    return (configuration) => {
      const { answers } = entry
      if (configuration >= answers.data.length) answers.room(configuration)
      const before = answers.data[configuration] ?? 0
      if (before > 0) return before - 1
      const found = this.sortInside(configuration, orbits)
      answers.data[configuration] = found + 1
      return found
    }
  }

  private sortInside(configuration: number, orbits: readonly InnerOrbit[]): number {
    const positions = this.slots.map((s) => this.position(configuration, s))
    for (const instances of orbits) {
      const contents = instances.map((slots) => slots.map((s) => positions[s] ?? 0))
      contents.sort(lexicographic)
      contents.forEach((c, i) => instances[i]?.forEach((s, k) => (positions[s] = c[k] ?? 0)))
    }
    return this.at(positions)
  }

  /** For comparing configurations by what they hold, not by when they were met. */
  contents(configuration: number): number {
    return (this.high[configuration] ?? 0) * WORD + (this.low[configuration] ?? 0)
  }

  /** Bytes held. */
  get bytes(): number {
    return this.low.byteLength * 2 + this.numbers.size * 24 + this.held.bytes
  }
}

function lexicographic(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) {
    const d = (a[i] ?? 0) - (b[i] ?? 0)
    if (d !== 0) return d
  }
  return 0
}
