/**
 * What repairs each racy scenario of the catalogue, found by running repair over all of them. `npm run repairs` writes
 * docs/repairs.md.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { assert } from '../main/simulator/faults'
import { Platform } from '../main/simulator/platform/schema'
import type { ScenarioResource } from '../main/simulator/scenario/compile'
import { repairing } from '../main/worker/repairing'
import type { RepairResult } from '../preload/contract'

export interface Racy {
  readonly id: string
  readonly folder: string
  readonly text: string
  /** Properties that its author says are violated or never seen. */
  readonly violated: readonly string[]
}

interface File {
  readonly properties?: readonly Claim[]
  readonly litmus?: { readonly properties?: readonly Claim[] }
}
interface Claim {
  readonly name: string
  readonly expected?: string
}

/** Scenarios with a property that is expected to be violated, by folder and name. */
export function racyScenarios(root: string): Racy[] {
  const base = join(root, 'resources/scenarios')
  return readdirSync(base, { recursive: true, encoding: 'utf8' })
    .filter((f) => f.endsWith('.yaml'))
    .sort()
    .flatMap((f) => {
      const text = readFileSync(join(base, f), 'utf8')
      const file = parse(text) as File
      const violated = [...(file.properties ?? []), ...(file.litmus?.properties ?? [])]
        .filter((p) => p.expected === 'violated')
        .map((p) => p.name)
      return violated.length > 0
        ? [{ id: basename(f, '.yaml'), folder: f.split(/[\\/]/)[0] ?? '', text, violated }]
        : []
    })
}

/** Platforms and blocks that scenarios name. */
export function resourcesOf(root: string): ScenarioResource[] {
  const at = join(root, 'resources')
  const platforms = readdirSync(join(at, 'platforms'))
    .filter((f) => f.endsWith('.yaml'))
    .map((f) => ({
      ref: { builtin: basename(f, '.yaml') },
      platform: Platform.parse(parse(readFileSync(join(at, 'platforms', f), 'utf8'))),
    }))
  const blocks = readdirSync(join(at, 'blocks')).map((f) => ({
    block: { builtin: basename(f, '.block.yaml') },
    text: readFileSync(join(at, 'blocks', f), 'utf8'),
  }))
  return [...platforms, ...blocks]
}

export function repairsOf(s: Racy, resources: readonly ScenarioResource[]): RepairResult {
  const r = repairing(s.id, s.text, resources, {})
  assert(r.ok, `${s.id} compiles: ${JSON.stringify(r.ok ? null : r.error)}`)
  r.value.advance(() => false)
  return r.value.result()
}

const MOST = 6

/** One row of the table. */
export function repairRow(s: Racy, r: RepairResult): string {
  const list = r.repairs.slice(0, MOST).map((x) => {
    const edges = x.edges.map((e) => `${e.before} → ${e.after}`)
    const moves = x.moves.map((m) => `${m.agent}: ${m.order.join(', ')}`)
    return `${[...edges, ...moves].map((w) => `\`${w}\``).join(' and ')} (${x.enforcedBy})`
  })
  const more = r.repairs.length > MOST ? [`and ${r.repairs.length - MOST} more`] : []
  const what = list.length > 0 ? [...list, ...more].join('; ') : (r.reason ?? '')
  return `| \`${s.id}\` | ${s.violated.join(', ')} | ${what.replaceAll('|', '\\|')} |`
}

const INTRO = `# What repairs each racy scenario

Written by \`npm run repairs\`, which runs \`doorbell repair\` over every scenario of the catalogue with a property that is
expected to be violated. A test runs some of them again and compares.

A repair is an ordering (the step on the right waits for the one on the left) or another place for one step in its
program (the whole program is given). Each keeps every property, every witness, every mandatory step, and leaves no step
held for ever; that was seen in all that is left of the state space. Who can enforce it stands behind it; the easiest
comes first, and of those the one that takes the fewest interleavings away. Sets of at most two orderings were looked for
(of four in a litmus scenario; of up to six where two neither repair nor settle that none does), and of orderings only the
weakest are given. Outside litmus scenarios no ordering holds back a step that hardware takes by itself.
`

/** docs/repairs.md, from rows by scenario. */
export function repairsDocument(rows: readonly (readonly [Racy, string])[]): string {
  const folders = [...new Set(rows.map(([s]) => s.folder))]
  const section = (folder: string): string =>
    [
      `## ${folder}`,
      '',
      '| scenario | violated | repairs |',
      '| --- | --- | --- |',
      ...rows.flatMap(([s, row]) => (s.folder === folder ? [row] : [])),
      '',
    ].join('\n')
  return [INTRO, ...folders.map(section)].join('\n')
}
