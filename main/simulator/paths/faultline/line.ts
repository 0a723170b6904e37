/** What the readers of log lines share. Lines are anybody's: every pattern is anchored on a literal and bounded. */
import type { Hop } from '../hop'

export interface FaultLine {
  /** Who wrote it: `Linux intel-iommu`, `Linux arm-smmu-v3` … */
  readonly source: string
  /** The function, as far as the line names it. */
  readonly device?: string
  readonly address?: string
  readonly access?: 'read' | 'write'
  readonly pasid?: string
  readonly hop: Hop
  /** How many more faults there are in what was pasted. */
  readonly further?: number
}

/** Characters that are read of a paste: more than any of these messages has. */
export const MAX_LINE = 8192

export const hex64 = (text: string | undefined): bigint | undefined =>
  text !== undefined && /^(0x)?[0-9a-f]{1,16}$/i.test(text) ? BigInt(`0x${text.replace(/^0x/i, '')}`) : undefined

export const bits = (value: bigint, msb: number, lsb: number): bigint =>
  (value >> BigInt(lsb)) & ((1n << BigInt(msb - lsb + 1)) - 1n)

export const flag = (value: bigint, n: number): boolean => bits(value, n, n) === 1n

/** `1:0.0` and `0000:01:00.0` alike as they stand in the text, lower case. */
export const BDF = '((?:[0-9a-fA-F]{4,8}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7])'

/** 64-bit words of a dump, at most eight: those with `0x` and 16 digits, or after `err[N]:`. */
export function words(text: string): bigint[] {
  const found = text.matchAll(/\b0x([0-9a-fA-F]{16})\b/g)
  const out: bigint[] = []
  for (const m of found) {
    if (out.push(BigInt(`0x${m[1] ?? '0'}`)) === 8) break
  }
  return out
}
