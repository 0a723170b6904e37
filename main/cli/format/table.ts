/** Columns of text, aligned with spaces. */

/** Rows of cells; `right` says which columns are numbers. No trailing blanks. */
export function columns(
  rows: readonly (readonly string[])[],
  { indent = '', gap = 2, right = [] as readonly number[] } = {},
): string {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, width(cell))))
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => {
        const blanks = ' '.repeat((widths[i] ?? 0) - width(cell))
        return right.includes(i) ? blanks + cell : cell + blanks
      })
      .join(' '.repeat(gap))
  return rows.map((row) => (indent + line(row)).trimEnd() + '\n').join('')
}

/** Characters, not UTF-16 units. */
const width = (text: string): number => [...text].length

/** 1234567 → 1,234,567 on every machine, whatever its locale. */
export const count = (n: number): string => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',')

export const plural = (n: number, word: string): string => `${count(n)} ${word}${n === 1 ? '' : 's'}`

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
}

/** Words broken into lines of at most `most` characters. */
export function wrap(text: string, most: number): string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/).filter((w) => w !== '')) {
    const last = lines.at(-1)
    if (last !== undefined && width(last) + 1 + width(word) <= most) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
