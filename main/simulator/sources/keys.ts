/**
 * Which sections of Doorbell's own notes a citation names. The notes are chapters (10, 20 …) with sections ("20 §2",
 * "70 §8.1"), the items of the five threads ("00 S0.12", short "S0.12") and what booted kernels showed ("05.16").
 *
 * A citation may name several, continue a chapter (", §7"), give ranges ("§3–§4", "05.4 … 05.7"), name a whole chapter
 * ("80", "reference 20 (domains)") and say more in words; a "§" after anything else ("VT-d 5.10 §6.5") is another's.
 */

/** A section and where in the text it is named. `part` is a row of it that may have a source of its own ("G2"). */
export interface Mention {
  readonly key: string
  readonly part?: string
  readonly start: number
  readonly end: number
}

const CHAPTERS = new Set(['10', '20', '30', '40', '50', '60', '70', '80', '85', '90', '95'])

const WHOLE = String.raw`(?<=^|[;'"] ?|reference )(?<whole>05|10|20|30|40|50|60|70|80|85|90|95)(?=$|[;'"]| \()`

const SECTION = String.raw`(?:(?<before>[\w.:-]+)\s)?§(?<section>\d+(?:\.\d+)*)(?:–§?(?<last>\d+(?:\.\d+)*))?(?:,? (?<part>[GH]\d)\b)?`
const THREAD = String.raw`(?<![\w.])(?:00 )?S(?<item>[0-4](?:\.\d+)?)(?!\w)(?:(?:–| … )S(?<lastItem>[0-4]\.\d+))?`
const BOOTED = String.raw`(?<![\w.:])05\.(?<seen>\d+)(?![\w.]\d)(?:(?:–| … )05\.(?<lastSeen>\d+))?`
const ALL = new RegExp(`${SECTION}|${THREAD}|${BOOTED}|${WHOLE}`, 'g')

/** "3" to "5" → 3, 4, 5; "1.2" to "1.4" likewise in its last number. */
function between(first: string, last: string | undefined): string[] {
  if (last === undefined) return [first]
  const stem = first.slice(0, first.lastIndexOf('.') + 1)
  if (!last.startsWith(stem)) return [first, last]
  const [from, to] = [Number(first.slice(stem.length)), Number(last.slice(stem.length))]
  return Array.from({ length: Math.max(to - from, 0) + 1 }, (_, i) => `${stem}${from + i}`)
}

/** Every section that a text names, in its order. */
export function mentions(text: string): Mention[] {
  const found: Mention[] = []
  let chapter: string | undefined
  for (const match of text.matchAll(ALL)) {
    const { before, section, last, part, item, lastItem, seen, lastSeen, whole } = match.groups ?? {}
    const at = { start: match.index, end: match.index + match[0].length }
    const add = (keys: readonly string[]): void => {
      for (const key of keys) found.push({ key, ...at, ...(part === undefined ? {} : { part }) })
    }
    if (item !== undefined) add(between(item, lastItem).map((n) => `00 S${n}`))
    else if (seen !== undefined) add(between(seen, lastSeen).map((n) => `05.${n}`))
    else if (whole !== undefined) add([(chapter = whole)])
    else if (section !== undefined) {
      if (before !== undefined && CHAPTERS.has(before)) chapter = before
      else if (before !== undefined && before !== 'and') chapter = undefined
      if (chapter !== undefined) add(between(section, last).map((n) => `${chapter} §${n}`))
    }
  }
  return found
}
