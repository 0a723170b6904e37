/** Search as in a palette: every word has to occur, letters in order; hits at the start of words count more. */

export function score(text: string, query: string): number | null {
  const hay = text.toLowerCase()
  let total = 0
  for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
    const one = scoreWord(hay, word)
    if (one === null) return null
    total += one
  }
  return total
}

function scoreWord(hay: string, word: string): number | null {
  const at = hay.indexOf(word)
  if (at >= 0) return 100 + (startsWord(hay, at) ? 40 : 0) - Math.min(30, at)
  let total = 0
  let from = 0
  for (const letter of word) {
    const next = hay.indexOf(letter, from)
    if (next < 0) return null
    total += startsWord(hay, next) ? 6 : next === from ? 3 : 0
    from = next + 1
  }
  return total
}

const startsWord = (hay: string, at: number): boolean => at === 0 || /[^a-z0-9]/.test(hay[at - 1] ?? ' ')

/** Those that match, best first; in the given order where they are equally good or the query is empty. */
export function rank<T>(items: readonly T[], query: string, text: (item: T) => string): T[] {
  if (query.trim() === '') return [...items]
  return items
    .flatMap((item, i) => {
      const s = score(text(item), query)
      return s === null ? [] : [{ item, s, i }]
    })
    .sort((a, b) => b.s - a.s || a.i - b.i)
    .map((hit) => hit.item)
}
