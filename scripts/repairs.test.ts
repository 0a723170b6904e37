import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { racyScenarios, repairRow, repairsOf, resourcesOf } from './repairs'

const root = resolve(import.meta.dirname, '..')
/** The table's own width is the formatter's. */
const squeezed = (row: string): string => row.replace(/\s+/g, ' ').trim()
const committed = readFileSync(join(root, 'docs/repairs.md'), 'utf8').split('\n').map(squeezed)
const scenarios = racyScenarios(root)
const resources = resourcesOf(root)
const rowOf = (id: string): string => {
  const scenario = scenarios.find((s) => s.id === id)
  if (!scenario) throw new Error(`no racy scenario ${id}`)
  return squeezed(repairRow(scenario, repairsOf(scenario, resources)))
}

describe('the committed table of repairs', () => {
  it('has every racy scenario of the catalogue, once', () => {
    const ids = committed.flatMap((row) => /^\| `([\w-]+)` \|/.exec(row)?.[1] ?? [])
    expect([...ids].sort()).toEqual(scenarios.map((s) => s.id).sort())
  })

  it.each(['idxd-vsvm-late', 'ims-family-nodrain', 'qmem-nic-late', 'msi-moved-unmasked', 'cookie-use-after-free'])(
    'says of %s what the search finds now',
    (id) => {
      expect(committed).toContain(rowOf(id))
    },
  )

  it('puts the thread’s own answer first: MSIXPERM is written before request_irq (S4.12)', () => {
    const [, , , repairs = ''] = (committed.find((row) => row.startsWith('| `idxd-vsvm-late` |')) ?? '').split('|')
    expect(repairs.trim()).toMatch(/^`guest: B2, B6, B3` \(guest driver\)/)
  })
})
