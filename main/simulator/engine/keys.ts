import { assert } from '../faults'
import type { Fields } from './fields'

/** A list of numbers that grows by segments and can be used again: a level of a search. */
export const SEGMENT = 1 << 14

export class Keys {
  private readonly segments: Float64Array[] = []
  length = 0

  push(key: number): void {
    const s = this.length >>> 14
    let segment = this.segments[s]
    if (!segment) this.segments.push((segment = new Float64Array(SEGMENT)))
    segment[this.length & (SEGMENT - 1)] = key
    this.length++
  }
  at(i: number): number {
    return this.segments[i >>> 14]?.[i & (SEGMENT - 1)] ?? 0
  }
  /** The segment that holds one, at its number modulo SEGMENT. */
  segmentOf(i: number): Float64Array {
    const segment = this.segments[i >>> 14]
    assert(segment, 'a segment of the list')
    return segment
  }
  set(i: number, key: number): void {
    const segment = this.segments[i >>> 14]
    if (segment) segment[i & (SEGMENT - 1)] = key
  }
  /** From `first` on. */
  list(first = 0): Float64Array {
    return Float64Array.from({ length: this.length - first }, (_, i) => this.at(first + i))
  }
  /** Into `out`, from its beginning: `count` of them, from `first` on. */
  copy(first: number, count: number, out: Float64Array): void {
    for (let done = 0; done < count;) {
      const i = first + done
      const within = i & (SEGMENT - 1)
      const n = Math.min(count - done, SEGMENT - within)
      const segment = this.segments[i >>> 14]
      if (segment) out.set(segment.subarray(within, within + n), done)
      done += n
    }
  }
  /** The first `count` of a list. */
  append(list: Float64Array, count: number): void {
    for (let i = 0; i < count; i++) this.push(list[i] ?? 0)
  }
  clear(): void {
    this.length = 0
  }
  get bytes(): number {
    return this.segments.length * SEGMENT * 8
  }
}

/** A level that is kept, in less memory: four or six bytes a key below 2⁴⁸, and what the keys mean. */
export class Level {
  private readonly low: Uint32Array
  private readonly high: Uint16Array | null

  constructor(
    keys: Keys,
    readonly fields: Fields,
  ) {
    const { length } = keys
    this.low = new Uint32Array(length)
    this.high = fields.end > HIGH ? new Uint16Array(length) : null
    for (let i = 0; i < length; i++) {
      const key = keys.at(i)
      this.low[i] = key
      if (this.high) this.high[i] = key / HIGH
    }
  }
  get length(): number {
    return this.low.length
  }
  at(i: number): number {
    return (this.high?.[i] ?? 0) * HIGH + (this.low[i] ?? 0)
  }
  /** The next one, from `i` on and before `end`, whose lowest bits are marked; `end` where there is none. */
  marked(marks: Marks, i: number, end: number): number {
    const { low } = this
    while (i < end && marks[(low[i] ?? 0) & MARKED] === 0) i++
    return i
  }
  get bytes(): number {
    return this.low.byteLength + (this.high?.byteLength ?? 0)
  }
}

/** Which of the lowest bits of a key are looked for: most others are passed over at a glance. */
const MARKED = 0xffff
export type Marks = Uint8Array
export function marksOf(keys: Iterable<number>): Marks {
  const marks = new Uint8Array(MARKED + 1)
  for (const key of keys) marks[key % (MARKED + 1)] = 1
  return marks
}
const HIGH = 2 ** 32
