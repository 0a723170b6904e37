import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '../../..')
const reference = join(root, '../shared/reference/00-seed-systems.md')

/** Items of each thread, S0 … S4, as numbered in the threads' own list. */
const COUNTS = [15, 16, 7, 14, 18]
const ITEMS = COUNTS.flatMap((n, thread) => Array.from({ length: n }, (_, i) => `S${thread}.${i + 1}`))

const scenarios = readdirSync(join(root, 'resources/scenarios'), { recursive: true, encoding: 'utf8' })
  .filter((f) => f.endsWith('.yaml'))
  .map((f) => ({
    id: basename(f, '.yaml'),
    covers: (parse(readFileSync(join(root, 'resources/scenarios', f), 'utf8')) as { covers?: string[] }).covers ?? [],
  }))

/** Rows of docs/coverage.md: item, "planner" or "history", what answers it. */
const rows = [
  ...readFileSync(join(root, 'docs/coverage.md'), 'utf8').matchAll(/^\| (S\d\.\d+)\s*\| (\w+)\s*\| (.+?)\s*\|$/gm),
]

describe('the numbered items of the threads', () => {
  it.skipIf(!existsSync(reference))('are those of the reference', () => {
    const named = [...readFileSync(reference, 'utf8').matchAll(/^### (S\d\.\d+)/gm)].map((m) => m[1])
    expect(named).toEqual(ITEMS)
  })

  it('are each shown by a scenario, answered by the planner, or history', () => {
    const covered = new Set([...scenarios.flatMap((s) => s.covers), ...rows.map((r) => r[1])])
    expect(ITEMS.filter((item) => !covered.has(item))).toEqual([])
  })

  it('are named by nothing that does not exist', () => {
    const known = new Set(ITEMS)
    const strangers = [...scenarios.flatMap((s) => s.covers), ...rows.map((r) => r[1] ?? '')].filter(
      (i) => !known.has(i),
    )
    expect(strangers).toEqual([])
    expect(new Set(rows.map((r) => r[2]))).toEqual(new Set(['planner', 'history']))
  })
})
