/**
 * A set of whole numbers below 2⁴⁴, exact, at four bytes a slot: part of a key is where it lies (Cleary, "Compact hash
 * tables using bidirectional linear probing", 1984). A key is q·2ʳ + low; its home is a bucket computed from q and low, from
 * which q can be computed back, so a slot keeps `low` and how many buckets behind home it lies.
 *
 * Buckets of eight slots lie in one cache line each; the table grows by half, so it is never less than 54 % full for long.
 *
 * Threads may add to it at the same time while it is held (memory that all of them see, no growth): a slot is filled once
 * and never emptied, so whoever comes second to a key finds it.
 */
import { assert } from '../faults'
import { sound } from './pieces'
import { shared, sharedInts } from './shared'

const SLOTS = 8
/** Buckets that a key may lie behind its home, plus one: 0 is an empty slot. */
const BEHIND_BITS = 6
const MOST_BEHIND = 2 ** BEHIND_BITS - 1
const LOW_BITS = 32 - BEHIND_BITS
const FULL = 0.82
/** Room for what is to come at once, and as much more as lets it not grow soon. */
const AT_ONCE = 1.2
/** While it cannot grow. */
const HELD_FULL = 0.9
const FIRST_BUCKETS = 128
export const KEY_BITS = 44

/** Neighbours among the high parts go far apart: an odd factor and its inverse modulo 2³². */
const ODD = 0x9e3779b1
const INVERSE = 0xe8b2f51

export class KeySet {
  private slots: Int32Array
  private buckets: number
  /** Low bits of a key, and 2 to that power. */
  private low: number
  private scale: number
  private unscale: number
  private highMask = 0
  size = 0
  /** Other threads add to it too: it does not grow, and what finds no slot near its home is not taken in. */
  held = false

  /** `bits`: of a key, at most KEY_BITS; `keys`: so many are to come at once. */
  constructor(
    readonly bits: number,
    keys = 0,
  ) {
    assert(bits <= KEY_BITS, 'bits of a key')
    const wanted = Math.ceil((keys * AT_ONCE) / (SLOTS * FULL))
    this.buckets = Math.max(FIRST_BUCKETS, 2 ** Math.max(0, bits - LOW_BITS), wanted)
    this.low = 0
    this.scale = 1
    this.unscale = 1
    this.fit()
    this.slots = new Int32Array(this.buckets * SLOTS)
  }

  private fit(): void {
    // As few low bits as the buckets leave: q < buckets.
    let low = Math.max(0, this.bits - 31)
    while (2 ** (this.bits - low) > this.buckets) low++
    this.low = low
    this.scale = 2 ** low
    this.unscale = 1 / this.scale
    this.highMask = 2 ** (this.bits - low) - 1
    assert(this.low <= LOW_BITS, 'low bits')
  }

  get bytes(): number {
    return this.slots.byteLength
  }

  /** True when the key is new; it is not taken in where the set already has `most` of them or is held and crowded (then null). */
  add(key: number, most = Infinity): boolean | null {
    const { buckets, slots } = this
    const high = Math.floor(key * this.unscale)
    const low = key - high * this.scale
    const q = Math.imul(high, ODD) & this.highMask
    let bucket = q + spread(low, buckets)
    if (bucket >= buckets) bucket -= buckets
    const base = low << BEHIND_BITS
    for (let behind = 1; ; behind++) {
      if (behind > MOST_BEHIND) {
        if (this.held) return null
        this.grow()
        return this.add(key, most)
      }
      const wanted = base | behind
      const end = (bucket + 1) * SLOTS
      for (let at = bucket * SLOTS; at < end; at++) {
        const slot = slots[at]
        if (slot === wanted) return false
        if (slot === 0) {
          if (this.size >= most) return null
          if (this.held) {
            const there = Atomics.compareExchange(slots, at, 0, wanted)
            if (there === wanted) return false
            if (there !== 0) continue
            this.size++
            return true
          }
          slots[at] = wanted
          if (++this.size > buckets * SLOTS * FULL) this.grow()
          return true
        }
      }
      if (++bucket === buckets) bucket = 0
    }
  }

  /**
   * The first `count` of `keys`, one after the other; `fresh` gets the places of those that are new: returns how many. Not
   * while it is held.
   */
  addAll(keys: Float64Array, count: number, fresh: Int32Array): number {
    let found = 0
    for (let i = 0; i < count; i++) if (this.add(keys[i] ?? 0) === true) fresh[found++] = i
    return found
  }

  /** Every key, in no particular order. */
  each(take: (key: number) => void): void {
    const { slots } = this
    for (let at = 0; at < slots.length; at++) if (slots[at] !== 0) take(this.keyAt(at))
  }

  /** The key in a slot that is not empty. */
  private keyAt(at: number): number {
    const { buckets } = this
    const slot = this.slots[at] ?? 0
    const low = slot >>> BEHIND_BITS
    let home = ((at / SLOTS) | 0) - ((slot & MOST_BEHIND) - 1)
    if (home < 0) home += buckets
    let q = home - spread(low, buckets)
    if (q < 0) q += buckets
    return (Math.imul(q, INVERSE) & this.highMask) * this.scale + low
  }

  /** As they lie; `bits` is for whoever takes them up to know. */
  get pieces(): Int32Array {
    return this.slots
  }
  /** Into memory that other threads see. */
  share(): void {
    this.slots = shared(this.slots)
  }
  /** Keys that it has room for while it is held. */
  get room(): number {
    return this.slots.length * HELD_FULL - this.size
  }
  /** After it was held: so many more were added by others. */
  release(added: number): void {
    this.held = false
    this.size += added
    while (this.size > this.slots.length * FULL) this.grow()
  }
  /** The same memory, for another thread: held. */
  static over(bits: number, slots: Int32Array): KeySet {
    const set = new KeySet(bits)
    set.buckets = slots.length / SLOTS
    set.fit()
    set.slots = slots
    set.held = true
    return set
  }
  /** A set of these slots. Throws Damaged. */
  static of(bits: number, slots: Int32Array): KeySet {
    const set = new KeySet(bits)
    sound(slots.length % SLOTS === 0 && slots.length >= set.slots.length, 'slots')
    set.buckets = slots.length / SLOTS
    set.fit()
    set.slots = slots
    for (let i = 0; i < slots.length; i++) if (slots[i] !== 0) set.size++
    sound(set.size <= slots.length * FULL, 'free slots')
    return set
  }

  get isShared(): boolean {
    return this.slots.buffer instanceof SharedArrayBuffer
  }

  private grow(): void {
    const wider = new KeySet(this.bits)
    wider.buckets = this.buckets + Math.ceil(this.buckets / 2)
    wider.fit()
    wider.slots = this.isShared ? sharedInts(wider.buckets * SLOTS) : new Int32Array(wider.buckets * SLOTS)
    const { slots } = this
    for (let at = 0; at < slots.length; at++) if (slots[at] !== 0) wider.add(this.keyAt(at))
    this.slots = wider.slots
    this.buckets = wider.buckets
    this.low = wider.low
    this.scale = wider.scale
    this.unscale = wider.unscale
    this.highMask = wider.highMask
    this.size = wider.size
  }
}

/** A bucket from the low bits: a multiplicative hash (the constants of MurmurHash3's finaliser), scaled to the buckets. */
function spread(low: number, buckets: number): number {
  let h = Math.imul(low ^ (low >>> 15), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  h ^= h >>> 16
  return Math.floor(((h >>> 0) / 0x100000000) * buckets)
}
