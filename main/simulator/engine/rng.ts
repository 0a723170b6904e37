/**
 * Random numbers that are the same on every machine: PCG-XSH-RR with 64 bits of state (O'Neill, 2014) in two halves,
 * integers only.
 */
export class Random {
  /** High and low half of the state, as signed words: integers that need no boxing. */
  private hi = 0
  private lo = 0

  /** `seed` is a 32-bit number. */
  constructor(seed: number) {
    this.reset(seed)
  }

  /** As new with this seed. */
  reset(seed: number): void {
    this.hi = 0
    this.lo = 0
    this.next()
    const lo = (this.lo >>> 0) + (seed >>> 0)
    if (lo > 0xffffffff) this.hi = (this.hi + 1) | 0
    this.lo = lo | 0
    this.next()
  }

  /** 32 random bits as a number from 0 to 2³²−1. */
  next(): number {
    const { hi, lo } = this
    // state × 6364136223846793005 + 1442695040888963407, both 64 bit: the product's high word from 16-bit parts
    const a0 = lo & 0xffff
    const a1 = lo >>> 16
    const mid = (Math.imul(a1, MUL_LO & 0xffff) + (Math.imul(a0, MUL_LO & 0xffff) >>> 16)) >>> 0
    const mid2 = (Math.imul(a0, MUL_LO >>> 16) + (mid & 0xffff)) >>> 0
    const high = Math.imul(a1, MUL_LO >>> 16) + (mid >>> 16) + (mid2 >>> 16)
    const sum = (Math.imul(lo, MUL_LO) + ADD_LO) | 0
    const carry = sum >>> 0 < ADD_LO ? 1 : 0
    this.lo = sum
    this.hi = (high + Math.imul(hi, MUL_LO) + Math.imul(lo, MUL_HI) + ADD_HI + carry) | 0
    // xorshifted = ((old >> 18) ^ old) >> 27; rotated right by old >> 59
    const xLo = ((lo >>> 18) | (hi << 14)) ^ lo
    const xHi = (hi >>> 18) ^ hi
    const xorshifted = (xLo >>> 27) | (xHi << 5)
    const rotate = hi >>> 27
    return ((xorshifted >>> rotate) | (xorshifted << (-rotate & 31))) >>> 0
  }

  /** From lo to hi, both inclusive, without bias. */
  between(lo: number, hi: number): number {
    const span = hi - lo + 1
    return span <= 1 ? lo : lo + (span >= WORD ? this.belowWide(span) : this.below(span, rejectFrom(span)))
  }

  /** From 0 to span − 1; the span is less than 2³² and `limit` is its `rejectFrom`. */
  below(span: number, limit: number): number {
    for (;;) {
      const r = this.next()
      if (r < limit) return r % (span >>> 0)
    }
  }

  private belowWide(span: number): number {
    const limit = rejectFrom(span)
    for (;;) {
      const r = span === WORD ? this.next() : (this.next() & 0x1fffff) * WORD + this.next()
      if (r < limit) return r % span
    }
  }
}

const WORD = 0x100000000
export const MUL_HI = 0x5851f42d
export const MUL_LO = 0x4c957f2d
export const ADD_HI = 0x14057b7e
export const ADD_LO = 0xf767814f

/** Draws from here on would favour small results: they are drawn again. Of one word, or of 53 bits where a span is wider. */
export function rejectFrom(span: number): number {
  const all = span > WORD ? 2 ** 53 : WORD
  return all - (all % span)
}
