/** Amounts of RAM as people write them. Pure. */
import { sizeWords } from './space'

const SHIFT: Record<string, number> = { M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }
/** The contract's limit. */
const MOST = 2 ** 50

/** "8G", "512 MiB", "1.5T"; a bare number counts MiB, as QEMU's -m does. Bytes, or null when it cannot be read as whole MiB. */
export function readRam(text: string): number | null {
  const [, amount, unit = 'M'] = /^\s*(\d{1,9}(?:\.\d{1,3})?)\s*([MGT])?(?:i?B)?\s*$/i.exec(text) ?? []
  if (amount === undefined) return null
  const bytes = Number(amount) * (SHIFT[unit.toUpperCase()] ?? Number.NaN)
  return bytes >= 2 ** 20 && bytes <= MOST && Number.isInteger(bytes / 2 ** 20) ? bytes : null
}

export const ramWords = (bytes: number): string => sizeWords(BigInt(bytes))
