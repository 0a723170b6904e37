/**
 * A set of whole numbers below 2³², one bit for each that may be in it: where states lie close together. While it is held,
 * threads may add to it at the same time.
 */
import { assert } from '../faults'
import { sound } from './pieces'
import { shared } from './shared'

const MOST = 2 ** 32

export class KeyBits {
  size = 0
  private words: Uint32Array
  /** Other threads add to it too. */
  held = false

  /** Every key is less than `end`, at most 2³². `words`: the set as `pieces` gave it; throws Damaged. */
  constructor(end: number, words?: Uint32Array) {
    assert(end <= MOST, 'keys of 32 bits')
    const length = Math.ceil(end / 32)
    this.words = words ?? new Uint32Array(length)
    sound(this.words.length === length, 'bits of states')
    if (words) for (const word of words) for (let w = word; w !== 0; w &= w - 1) this.size++
  }

  /** Bytes of a set of keys less than `end`. */
  static bytesFor(end: number): number {
    return end > MOST ? Infinity : Math.ceil(end / 32) * 4
  }
  get bytes(): number {
    return this.words.byteLength
  }
  get pieces(): Uint32Array {
    return this.words
  }

  /** For keys less than `end`, which is more than before. */
  widen(end: number): void {
    assert(end <= MOST, 'keys of 32 bits')
    const length = Math.ceil(end / 32)
    const wider = new Uint32Array(length)
    wider.set(this.words)
    this.words = wider
  }

  /** Into memory that other threads see. */
  share(): void {
    this.words = shared(this.words)
  }
  get isShared(): boolean {
    return this.words.buffer instanceof SharedArrayBuffer
  }
  readonly room = Infinity
  /** After it was held: so many more were added by others. */
  release(added: number): void {
    this.held = false
    this.size += added
  }
  /** The same memory, for another thread: held. */
  static over(words: Uint32Array): KeyBits {
    const set = new KeyBits(0)
    set.words = words
    set.held = true
    return set
  }

  /** True when the key is new; it is not taken in where the set already has `most` of them (then null). */
  add(key: number, most = Infinity): boolean | null {
    const { words } = this
    const at = key >>> 5
    const bit = 1 << (key & 31)
    const word = words[at] ?? 0
    if ((word & bit) !== 0) return false
    if (this.size >= most) return null
    if (this.held) {
      if ((Atomics.or(words, at, bit) & bit) !== 0) return false
    } else words[at] = word | bit
    this.size++
    return true
  }

  /**
   * The first `count` of `keys`, one after the other; `fresh` gets the places of those that are new: returns how many. Not
   * while it is held.
   */
  addAll(keys: Float64Array, count: number, fresh: Int32Array): number {
    const { words } = this
    this.touched = touch(words, keys, count)
    let found = 0
    for (let i = 0; i < count; i++) {
      const key = keys[i] ?? 0
      const at = key >>> 5
      const bit = 1 << (key & 31)
      const word = words[at] ?? 0
      if ((word & bit) !== 0) continue
      words[at] = word | bit
      fresh[found++] = i
    }
    this.size += found
    return found
  }
  /** Kept, so that nobody leaves it out. */
  touched = 0

  /** Every key, in ascending order. */
  each(take: (key: number) => void): void {
    const { words } = this
    for (let at = 0; at < words.length; at++)
      for (let w = words[at] ?? 0; w !== 0; w &= w - 1) take(at * 32 + 31 - Math.clz32(w & -w))
  }
}

/** Reads each word once, none of which waits for another. */
function touch(words: Uint32Array, keys: Float64Array, count: number): number {
  let all = 0
  for (let i = 0; i < count; i++) all |= words[(keys[i] ?? 0) >>> 5] ?? 0
  return all
}
