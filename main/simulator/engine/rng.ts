/**
 * Random numbers that are the same on every machine: PCG-XSH-RR with 64 bits of state (O'Neill, 2014) in two halves,
 * integers only.
 */
export class Random {
  private hi: number
  private lo: number

  /** `seed` is a 32-bit number. */
  constructor(seed: number) {
    this.hi = 0
    this.lo = 0
    this.next()
    const lo = (this.lo >>> 0) + (seed >>> 0)
    this.hi = (this.hi + (lo > 0xffffffff ? 1 : 0)) >>> 0
    this.lo = lo >>> 0
    this.next()
  }

  /** 32 random bits as a number from 0 to 2³²−1. */
  next(): number {
    const { hi, lo } = this
    // state × 6364136223846793005 + 1442695040888963407, both 64 bit
    const [pHi, pLo] = multiply(hi, lo, 0x5851f42d, 0x4c957f2d)
    const sum = pLo + 0xf767814f
    this.lo = sum >>> 0
    this.hi = (pHi + 0x14057b7e + (sum > 0xffffffff ? 1 : 0)) >>> 0
    // xorshifted = ((old >> 18) ^ old) >> 27; rotated right by old >> 59
    const sLo = ((lo >>> 18) | (hi << 14)) >>> 0
    const sHi = hi >>> 18
    const xLo = (sLo ^ lo) >>> 0
    const xHi = (sHi ^ hi) >>> 0
    const xorshifted = ((xLo >>> 27) | (xHi << 5)) >>> 0
    const rotate = hi >>> 27
    return ((xorshifted >>> rotate) | (xorshifted << (-rotate & 31))) >>> 0
  }

  /** From lo to hi, both inclusive, without bias. */
  between(lo: number, hi: number): number {
    const span = hi - lo + 1
    if (span <= 1) return lo
    const limit = 0x100000000 - (0x100000000 % span)
    for (;;) {
      const r = this.next()
      if (r < limit) return lo + (r % span)
    }
  }
}

/** The low 64 bits of a product of two 64-bit numbers given in halves. */
function multiply(aHi: number, aLo: number, bHi: number, bLo: number): [number, number] {
  const a0 = aLo & 0xffff
  const a1 = aLo >>> 16
  const b0 = bLo & 0xffff
  const b1 = bLo >>> 16
  const low = a0 * b0
  const mid = a1 * b0 + (low >>> 16)
  const mid2 = a0 * b1 + (mid & 0xffff)
  const lo = (((mid2 & 0xffff) << 16) | (low & 0xffff)) >>> 0
  const carry = a1 * b1 + Math.floor(mid / 0x10000) + Math.floor(mid2 / 0x10000)
  const hi = (carry + Math.imul(aHi, bLo) + Math.imul(aLo, bHi)) >>> 0
  return [hi, lo]
}
