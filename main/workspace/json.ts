/** JSON whose keys are always in the same order, so that files can be compared and kept under version control. */

export const stableJson = (value: unknown): string => JSON.stringify(sorted(value), null, 2) + '\n'

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}
