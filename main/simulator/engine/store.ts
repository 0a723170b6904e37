/**
 * The visited set: whole states, exactly, in typed arrays that grow by segments; found again by open addressing over
 * their numbers. States are numbered in the order of insertion, so breadth-first levels are contiguous.
 */
import { assert } from '../faults'

const SEGMENT_BITS = 16
const SEGMENT = 1 << SEGMENT_BITS
const LOAD = 0.65
/** States that the first segment holds before it grows: most scenarios are small. */
const FIRST = 256

export class StateStore {
  private readonly segments: Uint32Array[] = []
  private table = new Int32Array(512).fill(-1)
  private count = 0
  constructor(readonly words: number) {
    assert(words >= 1, 'words')
  }

  get size(): number {
    return this.count
  }
  /** Bytes held by states and table. */
  get bytes(): number {
    return this.segments.reduce((n, s) => n + s.byteLength, this.table.byteLength)
  }
  static readonly SEGMENT = SEGMENT
  /** All states, one segment after the other; the last may have room for more. */
  pieces(): readonly Uint32Array[] {
    return this.segments
  }
  /** The segment that holds a state: valid until the next insertion. */
  segmentOf(index: number): Uint32Array {
    const s = this.segments[index >>> SEGMENT_BITS]
    assert(s, 'a state that is stored')
    return s
  }
  offsetOf(index: number): number {
    return (index & (SEGMENT - 1)) * this.words
  }

  copy(index: number): Uint32Array {
    const offset = this.offsetOf(index)
    return this.segmentOf(index).slice(offset, offset + this.words)
  }

  /** The number of the state in `state[0..words)`; a new one is `size − 1` afterwards. −1: it is new and the store is full. */
  insert(state: Uint32Array, limit = Infinity): number {
    const mask = this.table.length - 1
    let at = hash(state, this.words) & mask
    for (;;) {
      const index = this.table[at] ?? -1
      if (index < 0) break
      if (this.equals(index, state)) return index
      at = (at + 1) & mask
    }
    if (this.count >= limit) return -1
    const index = this.count++
    const within = index & (SEGMENT - 1)
    if (within === 0) this.segments.push(new Uint32Array((index === 0 ? FIRST : SEGMENT) * this.words))
    else if (index < SEGMENT && (index & (index - 1)) === 0 && index >= FIRST) this.widenFirst(index)
    this.segmentOf(index).set(state, within * this.words)
    this.table[at] = index
    if (this.count > this.table.length * LOAD) this.grow()
    return index
  }

  private widenFirst(held: number): void {
    const wider = new Uint32Array(held * 2 * this.words)
    wider.set(this.segmentOf(0))
    this.segments[0] = wider
  }

  private equals(index: number, state: Uint32Array): boolean {
    const segment = this.segmentOf(index)
    const offset = this.offsetOf(index)
    for (let w = 0; w < this.words; w++) if (segment[offset + w] !== state[w]) return false
    return true
  }

  private grow(): void {
    const table = new Int32Array(this.table.length * 2).fill(-1)
    const mask = table.length - 1
    const state = new Uint32Array(this.words)
    for (let i = 0; i < this.count; i++) {
      const offset = this.offsetOf(i)
      state.set(this.segmentOf(i).subarray(offset, offset + this.words))
      let at = hash(state, this.words) & mask
      while ((table[at] ?? -1) >= 0) at = (at + 1) & mask
      table[at] = i
    }
    this.table = table
  }
}

/** A multiply–xor mix of all words (constants of MurmurHash3's finaliser). */
function hash(state: Uint32Array, words: number): number {
  let h = 0x9e3779b9
  for (let w = 0; w < words; w++) {
    h = Math.imul(h ^ (state[w] ?? 0), 0x85ebca6b)
    h ^= h >>> 13
    h = Math.imul(h, 0xc2b2ae35)
    h ^= h >>> 16
  }
  return h >>> 0
}
