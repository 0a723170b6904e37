/** A list of numbers that grows by segments and can be used again: a level of a search. */
const SEGMENT = 1 << 14

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
  set(i: number, key: number): void {
    const segment = this.segments[i >>> 14]
    if (segment) segment[i & (SEGMENT - 1)] = key
  }
  /** From `first` on. */
  list(first = 0): Float64Array {
    return Float64Array.from({ length: this.length - first }, (_, i) => this.at(first + i))
  }
  clear(): void {
    this.length = 0
  }
  get bytes(): number {
    return this.segments.length * SEGMENT * 8
  }
}
