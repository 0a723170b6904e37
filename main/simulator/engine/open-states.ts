/** What a search keeps of states by their numbers, and the states that it has not taken up yet. */

/** A growing list of integers. */
export class Numbers {
  private data = new Int32Array(256)
  get(index: number): number {
    return this.data[index] ?? 0
  }
  set(index: number, value: number): void {
    if (index >= this.data.length) {
      const wider = new Int32Array(Math.max(index + 1, this.data.length * 2))
      wider.set(this.data)
      this.data = wider
    }
    this.data[index] = value
  }
  get bytes(): number {
    return this.data.byteLength
  }
  /** The first `size` of them, by themselves. */
  list(size: number): Int32Array {
    const out = new Int32Array(size)
    out.set(this.data.subarray(0, Math.min(size, this.data.length)))
    return out
  }
}

/** No run that is looked for takes as many. */
const MOST_STEPS = 2 ** 24

/** States by a bound on the length of runs through them; among equals the last one first, which leads ahead. */
export class OpenStates {
  private readonly buckets: number[][] = []
  /** Infinity when there is none. */
  nearest = Infinity

  push(bound: number, state: number, steps: number): void {
    const bucket = (this.buckets[bound] ??= [])
    bucket.push(state, steps)
    if (bound < this.nearest) this.nearest = bound
  }

  /** Bound, how many, and state and steps of each, one bound after the other. */
  list(): Int32Array {
    return Int32Array.from(
      this.buckets.flatMap((bucket, bound) => (bucket.length === 0 ? [] : [bound, bucket.length / 2, ...bucket])),
    )
  }
  /** What `list` gave, of states below `size`; false where it is something else. */
  load(list: Int32Array, size: number): boolean {
    let at = 0
    while (at < list.length) {
      const [bound = -1, count = -1] = list.subarray(at, at + 2)
      if (bound < 0 || bound >= MOST_STEPS || count <= 0 || at + 2 + 2 * count > list.length) return false
      for (let i = 0; i < count; i++) {
        const [state = -1, steps = -1] = list.subarray(at + 2 + 2 * i, at + 4 + 2 * i)
        if (state < 0 || state >= size || steps < 0) return false
        this.push(bound, state, steps)
      }
      at += 2 + 2 * count
    }
    return true
  }

  /** One of the nearest; there must be one. */
  pop(): { readonly state: number; readonly steps: number } {
    const bucket = this.buckets[this.nearest] ?? []
    const steps = bucket.pop() ?? 0
    const state = bucket.pop() ?? 0
    while (this.nearest < this.buckets.length && (this.buckets[this.nearest]?.length ?? 0) === 0) this.nearest++
    if (this.nearest >= this.buckets.length) this.nearest = Infinity
    return { state, steps }
  }
}
