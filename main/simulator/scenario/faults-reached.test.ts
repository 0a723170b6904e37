/**
 * Every fault that a built-in block declares is asked for by a test of blocks, by its code, or reached by a built-in
 * scenario. What has to be reached is read from the declarations.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { explore } from '../engine/explore'
import { BLOCKS } from '../flows/blocks'
import { compile } from '../model/compile'
import { Platform } from '../platform/schema'
import { compileScenario, type ScenarioResource } from './compile'

const root = join(import.meta.dirname, '../../../resources')
const read = (folder: string, file: string): string => readFileSync(join(root, folder, file), 'utf8')
const resources: ScenarioResource[] = [
  ...readdirSync(join(root, 'platforms')).map((f) => ({
    ref: { builtin: basename(f, '.yaml') },
    platform: Platform.parse(parse(read('platforms', f))),
  })),
  ...readdirSync(join(root, 'blocks')).map((f) => ({
    block: { builtin: basename(f, '.block.yaml') },
    text: read('blocks', f),
  })),
]

interface Board {
  readonly blocks?: Readonly<Record<string, { readonly kind: string }>>
}

const DECLARED = [...BLOCKS.values()].flatMap((b) => Object.keys(b.faults).map((code) => `${b.block} ${code}`))

/** The faults that some state of a board shows, among those that nobody has reached yet. */
function reached(text: string, missing: ReadonlySet<string>): string[] {
  const board = parse(text) as Board
  const asked = Object.entries(board.blocks ?? {}).flatMap(([name, { kind }]) =>
    Object.keys(BLOCKS.get(kind)?.faults ?? {})
      .filter((code) => missing.has(`${kind} ${code}`))
      .map((code) => ({ fault: `${kind} ${code}`, sometimes: `${name}.fault == ${code}` })),
  )
  if (asked.length === 0) return []
  const properties = asked.map(({ sometimes }, i) => ({ name: `fault-${i}`, sometimes }))
  const c = compileScenario('faults', stringify({ ...board, edges: [], properties }), resources)
  if (!c.ok) throw new Error(JSON.stringify(c.error))
  const { findings } = explore(compile(c.value.model))
  return asked.flatMap(({ fault }, i) => (findings[i]?.verdict === 'witnessed' ? [fault] : []))
}

/** Tests of blocks: they ask for a fault by its code, and fail where it is not reached. */
const tests = ['hardware/blocks', 'hardware/vtd', 'flows/blocks', 'scenario'].flatMap((folder) =>
  readdirSync(join(import.meta.dirname, '..', folder))
    .filter((f) => f.endsWith('.test.ts') && f !== basename(import.meta.filename))
    .map((f) => readFileSync(join(import.meta.dirname, '..', folder, f), 'utf8')),
)

/** In a test that makes an instance of this kind. */
function asked(fault: string): boolean {
  const [kind = '', code = ''] = fault.split(' ')
  return tests.some((t) => t.includes(kind) && new RegExp(`\\b${code}\\b`).test(t))
}

describe('every fault that a block declares', () => {
  it('is asked for by a test of blocks, or reached by a scenario', () => {
    const missing = new Set(DECLARED.filter((fault) => !asked(fault)))
    const texts = readdirSync(join(root, 'scenarios'), { recursive: true, encoding: 'utf8' })
      .filter((f) => f.endsWith('.yaml'))
      .map((f) => read('scenarios', f))
    for (const text of texts) for (const fault of reached(text, missing)) missing.delete(fault)
    expect([...missing]).toEqual([])
  }, 240_000)
})
