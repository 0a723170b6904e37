/**
 * Every reason that something declares for refusing is reached by running it: those of the decision procedures by their
 * tables of requests, those of built-in blocks by exploring small boards and the built-in scenarios. What has to be
 * reached is read from the declarations.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import * as amd from '../../../test/support/reasons/amdvi'
import { BOARDS } from '../../../test/support/reasons/boards'
import * as smmu from '../../../test/support/reasons/smmuv3'
import * as dma from '../../../test/support/reasons/vtd-dma'
import * as interrupts from '../../../test/support/reasons/vtd-interrupts'
import { explore } from '../engine/explore'
import { BLOCKS } from '../flows/blocks'
import { EVENTS as AMD_EVENTS } from '../hardware/amdvi/decide'
import { BlockSpec } from '../hardware/block'
import { COMMAND_ERRORS, FAILURES, OUT_OF_SCOPE, STATUS, swCode } from '../hardware/blocks/dsa-codes'
import { EVENTS as SMMU_EVENTS } from '../hardware/smmuv3/translate'
import { DMA_REASONS, INTERRUPT_REASONS } from '../hardware/vtd/reasons'
import { compile } from '../model/compile'
import { SW_ERRORS } from '../paths/faultline/idxd'
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

/** Blocks that are built in, and those in block files that come with Doorbell. */
const KINDS: ReadonlyMap<string, Pick<BlockSpec, 'faults'>> = new Map([
  ...BLOCKS,
  ...readdirSync(join(root, 'blocks')).map((f) => {
    const spec = BlockSpec.parse(parse(read('blocks', f)))
    return [spec.block, spec] as const
  }),
])

/** What a block of this kind declares, with the condition that is true when it has been reached. */
function declared(kind: string, name: string): (readonly [reason: string, condition: string])[] {
  const faults = Object.keys(KINDS.get(kind)?.faults ?? {})
  const codes = kind === 'dsa' ? DSA_CODES : []
  return [
    ...faults.map((code) => [`${kind} ${code}`, `${name}.fault == ${code}`] as const),
    ...codes.map(([register, value]) => [`${kind} ${register} ${value}`, `${name}.${register} == ${value}`] as const),
  ]
}

/** Codes that a DSA keeps in registers: command errors, software errors, completion records. */
const DSA_CODES = [
  ...Object.keys(COMMAND_ERRORS).map((error) => ['CMDSTS.ERR', error] as const),
  ...[0x19, ...Object.values(FAILURES)].map((code) => ['SWERROR.ERROR', swCode(code)] as const),
  ...Object.keys(STATUS).map((status) => ['COMP0.STATUS', status] as const),
]

/** What nothing reaches, and why; nobody adds to it. */
const NEVER: ReadonlyMap<string, string> = new Map([
  ['dsa COMP0.STATUS record_page_fault', 'there is no record to write it into'],
  ['dsa COMP0.STATUS record_misaligned', 'there is no record to write it into'],
])

/** The reasons that some state of a board shows, among those that nobody has reached yet. */
function reached(text: string, missing: ReadonlySet<string>): string[] {
  const board = parse(text) as Board
  const asked = Object.entries(board.blocks ?? {})
    .flatMap(([name, { kind }]) => declared(kind, name))
    .filter(([reason]) => missing.has(reason))
  if (asked.length === 0) return []
  const properties = asked.map(([, sometimes], i) => ({ name: `reason-${i}`, sometimes }))
  const c = compileScenario('faults', stringify({ ...board, edges: [], properties }), resources)
  if (!c.ok) throw new Error(`${JSON.stringify(c.error)}\n${text}`)
  const { findings } = explore(compile(c.value.model), { reduce: true, symmetry: true })
  return asked.flatMap(([reason], i) => (findings[i]?.verdict === 'witnessed' ? [reason] : []))
}

const without = <T>(all: Iterable<T>, found: Iterable<T | undefined>): T[] => {
  const known = new Set(found)
  return [...all].filter((x) => !known.has(x))
}

describe('every reason that is declared is given to somebody', () => {
  it('by VT-d, for DMA', () => {
    const given = dma.TABLE.map(([code, , setup]) => dma.ask(dma.withRid(code, setup)).reason?.code)
    expect(without(DMA_REASONS.keys(), given)).toEqual([])
  })
  it('by VT-d, for interrupts', () => {
    const given = interrupts.REASONS.map(([, , setup]) => interrupts.ask(setup).reason?.code)
    expect(without(INTERRUPT_REASONS.keys(), given)).toEqual([])
  })
  it('by an AMD IOMMU', () => {
    const given = amd.REFUSED.map(([, , setup, request]) => amd.dma(setup, request).event)
    expect(without(Object.keys(AMD_EVENTS), given)).toEqual([])
  })
  it('by an SMMUv3', () => {
    const given = smmu.TABLE_OF_EVENTS.map(([, , setup]) => smmu.ask(setup).event)
    expect(without(Object.keys(SMMU_EVENTS), given)).toEqual([])
  })

  it('or is left out of the model with a reason: every code of a DSA is one or the other', () => {
    const given = [0x19, ...Object.values(FAILURES)]
    expect(given.filter((code) => OUT_OF_SCOPE.has(code))).toEqual([])
    const known = [0x02, ...SW_ERRORS.map((e) => e.code)]
    expect([...given, ...OUT_OF_SCOPE.keys()].sort((a, b) => a - b)).toEqual(known.sort((a, b) => a - b))
    expect([...OUT_OF_SCOPE.values()].filter(({ why }) => why === '')).toEqual([])
  })

  it('by the blocks of a board, IDXD’s command errors among them', () => {
    const missing = new Set([...KINDS.keys()].flatMap((kind) => declared(kind, '').map(([reason]) => reason)))
    for (const text of BOARDS) {
      const found = reached(text, missing)
      expect(found, `reaches nothing of its own:\n${text}`).not.toEqual([])
      for (const reason of found) missing.delete(reason)
    }
    const scenarios = readdirSync(join(root, 'scenarios'), { recursive: true, encoding: 'utf8' })
      .filter((f) => f.endsWith('.yaml'))
      .map((f) => read('scenarios', f))
    for (const text of scenarios) for (const reason of reached(text, missing)) missing.delete(reason)
    expect([...missing]).toEqual([...NEVER.keys()])
  }, 240_000)
})
