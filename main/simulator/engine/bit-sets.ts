/** Sets of small numbers, 32 to a word, all of one room. */
export type Bits = Uint32Array

export const noBits = (room: number): Bits => new Uint32Array((room + 31) >>> 5)
export const hasBit = (bits: Bits, i: number): boolean => (((bits[i >>> 5] ?? 0) >>> (i & 31)) & 1) === 1
export function setBit(bits: Bits, i: number): void {
  bits[i >>> 5] = (bits[i >>> 5] ?? 0) | (1 << (i & 31))
}

/** Everything in `a` is in `b`. */
export function within(a: Bits, b: Bits): boolean {
  for (let w = 0; w < a.length; w++) if (((a[w] ?? 0) & ~(b[w] ?? 0)) !== 0) return false
  return true
}

export function common(a: Bits, b: Bits): Bits {
  return a.map((x, w) => x & (b[w] ?? 0))
}

export function countBits(a: Bits): number {
  let n = 0
  for (let x of a) for (; x !== 0; x &= x - 1) n++
  return n
}

/** Ascending. */
export function listBits(a: Bits): number[] {
  const out: number[] = []
  a.forEach((word, w) => {
    for (let x = word; x !== 0; x &= x - 1) out.push(w * 32 + 31 - Math.clz32(x & -x))
  })
  return out
}
