/** The smallest replacement that turns one text into another: what lies between their common start and end. */
export interface Replacement {
  /** Offsets into the old text. */
  start: number
  end: number
  text: string
}

export function replacement(before: string, after: string): Replacement | null {
  if (before === after) return null
  const most = Math.min(before.length, after.length)
  let start = 0
  while (start < most && before[start] === after[start]) start++
  let tail = 0
  while (tail < most - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++
  return { start, end: before.length - tail, text: after.slice(start, after.length - tail) }
}
