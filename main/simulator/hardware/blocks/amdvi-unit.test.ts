import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inline } from '../../../../test/support/inline'
import { deliverAmd, translateAmd, type AmdDecision, type AmdInterruptDecision } from '../amdvi/decide'
import { DTE, IRTE32 } from '../amdvi/entries'
import { encodeEntry, memoryOf } from '../entry'
import { AMDVI_UNIT } from './amdvi-unit'

type Values = Readonly<Record<string, boolean | number | string>>
const operands = (v: Values): string => Object.entries(v).map(([k, x]) => `, ${k}: ${x}`).join('') // prettier-ignore

/** Properties that name the end of function 0: its fault, outcome, and whether an event was logged. */
const ends = (faults: readonly string[]): string =>
  [
    ...['none', ...faults].map((f) => `  - { name: ${f}, end: unit.fault == ${f} }`),
    ...['forwarded', 'translated', 'remapped', 'aborted'].map((o) => `  - { name: ${o}, end: unit.outcome0 == ${o} }`),
    '  - { name: logged, end: unit.logged0 }',
  ].join('\n')
const FAULTS = Object.keys(AMDVI_UNIT.faults)

/** One request after the tables were written: the names of what holds at the end. */
function once(dte: Values, irte: Values | undefined, request: string): string[] {
  const r = inline(`
blocks: { unit: { kind: amdvi-unit } }
programs:
  host: [{ unit.write_dte: { function: 0${operands(dte)} } }, ${irte ? `{ unit.write_irte: { function: 0, cpu: old_cpu${operands(irte)} } }, ` : ''}{ unit.completion_wait: {}, id: READY }]
  device: [{ wait: { until: done(READY) } }, { ${request} }]
properties:
${ends(FAULTS)}
`)
  return Object.entries(r.verdicts())
    .filter(([name, v]) => v === 'holds' && !['complete', 'range'].includes(name))
    .map(([name]) => name)
}
const message = (dte: Values, irte?: Values, entry = 0) =>
  once(dte, irte, `unit.message: { function: 0, entry: ${entry} }`)
const dma = (dte: Values, AT = 0) => once(dte, undefined, `unit.dma: { function: 0, AT: ${AT} }`)

describe('an AMD IOMMU answers an interrupt request', () => {
  it.each<readonly [string, Values, Values | undefined, number, readonly string[]]>([
    ['unmapped while IV=0', { IV: false }, undefined, 0, ['none', 'forwarded']],
    ['unmapped while IntCtl=1', { IntCtl: 'forward' }, undefined, 0, ['none', 'forwarded']],
    ['by the entry', {}, {}, 0, ['none', 'remapped']],
    ['with IO_PAGE_FAULT while IntCtl=0', { IntCtl: 'abort' }, {}, 0, ['IO_PAGE_FAULT', 'aborted', 'logged']],
    ['silently while IntCtl=0 and IG=1', { IntCtl: 'abort', IG: true }, {}, 0, ['IO_PAGE_FAULT', 'aborted']],
    ['with IO_PAGE_FAULT beyond its table', { IntTabLen: 0 }, {}, 1, ['IO_PAGE_FAULT', 'aborted', 'logged']],
    ['with IO_PAGE_FAULT while RemapEn=0', {}, undefined, 0, ['IO_PAGE_FAULT', 'aborted', 'logged']],
    ['silently where SupIOPF=1', {}, { RemapEn: false, SupIOPF: true }, 0, ['IO_PAGE_FAULT', 'aborted']],
    [
      'with ILLEGAL_DEV_TABLE_ENTRY while IntCtl=3',
      { IntCtl: 'reserved' },
      {},
      0,
      ['ILLEGAL_DEV_TABLE_ENTRY', 'aborted', 'logged'],
    ],
  ])('%s', (_, dte, irte, entry, expected) => {
    expect(message(dte, irte, entry)).toEqual(expected)
  })
})

describe('an AMD IOMMU answers a DMA request', () => {
  it.each<readonly [string, Values, number, readonly string[]]>([
    ['untranslated while V=0', { V: false }, 0, ['none', 'forwarded']],
    ['by the page table', {}, 0, ['none', 'translated']],
    ['with IO_PAGE_FAULT while TV=0', { TV: false }, 0, ['IO_PAGE_FAULT', 'aborted', 'logged']],
    ['silently while SA=1', { TV: false, SA: true }, 0, ['IO_PAGE_FAULT', 'aborted']],
    ['with INVALID_DEVICE_REQUEST of AT=1 while I=0', {}, 1, ['INVALID_DEVICE_REQUEST', 'aborted', 'logged']],
    ['with ILLEGAL_DEV_TABLE_ENTRY in mode 7', { Mode: 7 }, 0, ['ILLEGAL_DEV_TABLE_ENTRY', 'aborted', 'logged']],
  ])('%s', (_, dte, at, expected) => {
    expect(dma(dte, at)).toEqual(expected)
  })

  it('with IO_PAGE_FAULT after its page was unmapped', () => {
    const r = inline(`
blocks: { unit: { kind: amdvi-unit } }
programs:
  host: [{ unit.write_dte: { function: 0 } }, { unit.unmap: { function: 0 }, id: GONE }]
  device: [{ wait: { until: done(GONE) } }, { unit.dma: { function: 0, write: true } }]
properties:
${ends(FAULTS)}
`)
    expect(r.verdicts()).toMatchObject({ IO_PAGE_FAULT: 'holds', logged: 'holds', translated: 'violated' })
  })
})

describe('the interrupt cache', () => {
  const after = (more: string) =>
    inline(`
blocks: { unit: { kind: amdvi-unit } }
programs:
  host: [{ unit.write_dte: { function: 0 } }, { unit.write_irte: { function: 0, cpu: old_cpu }, id: UP }, { wait: { until: done(S1) } }, { unit.write_irte: { function: 0, RemapEn: false, cpu: old_cpu } }${more}, { wait: { until: 'true' }, id: OFF }]
  device: [{ wait: { until: done(UP) } }, { unit.message: { function: 0 }, id: S1 }, { wait: { until: done(OFF) } }, { unit.message: { function: 0 }, id: S2 }]
properties:
  - { name: through, end: unit.outcome0 == remapped }
  - { name: blocked, end: unit.fault == IO_PAGE_FAULT }
  - { name: first, sometimes: unit.delivered0_0 == old_cpu }
`).verdicts()
  const INVALIDATE = ', { unit.invalidate_interrupt_table: { function: 0 } }'

  it('remaps by an entry that was cleared, until its table is invalidated and COMPLETION_WAIT completes', () => {
    expect(after('')).toMatchObject({ through: 'holds', first: 'witnessed' })
    expect(after(INVALIDATE)).toMatchObject({ through: 'violated', blocked: 'violated' })
    expect(after(`${INVALIDATE}, unit.completion_wait`)).toMatchObject({ blocked: 'holds', first: 'witnessed' })
  })

  it('keeps functions apart: the same data selects an entry of the requester’s own table', () => {
    const r = inline(`
blocks: { unit: { kind: amdvi-unit, functions: 2 } }
programs:
  host: [{ unit.write_dte: { function: 0 } }, { unit.write_dte: { function: 1 } }, { unit.write_irte: { function: 0, cpu: new_cpu }, id: UP }]
  device: [{ wait: { until: done(UP) } }, { unit.message: { function: 0 }, id: OWN }, { unit.message: { function: 1 } }]
properties:
  - { name: own, end: unit.delivered0_0 == new_cpu && unit.outcome0 == remapped }
  - { name: other, end: unit.outcome1 == aborted && unit.fault == IO_PAGE_FAULT }
  - { name: some, sometimes: done(OWN) }
`)
    expect(r.verdicts()).toMatchObject({ own: 'holds', other: 'holds', some: 'witnessed' })
  })

  it('shows the entries in their bits', () => {
    const r = inline(`
blocks: { unit: { kind: amdvi-unit } }
programs:
  host: [{ unit.write_dte: { function: 0 } }, { unit.write_irte: { function: 0, cpu: new_cpu }, id: UP }]
properties:
  - { name: up, sometimes: done(UP) }
`)
    expect(r.register('unit IRTE[0][0]', 'IRTE', 'up')).toBe(0x410201)
  })
})

describe('the block and the decision procedure', () => {
  const CONTROL = ['abort', 'forward', 'remap', 'reserved']
  const dte = fc.record({
    V: fc.boolean(),
    TV: fc.boolean(),
    Mode: fc.constantFrom(0, 3, 7),
    IR: fc.boolean(),
    I: fc.boolean(),
    SA: fc.boolean(),
    IV: fc.constantFrom(true, true, false),
    IntTabLen: fc.constantFrom(0, 1, 11, 12),
    IG: fc.boolean(),
    IntCtl: fc.constantFrom('remap', 'remap', ...CONTROL),
  })
  const irte = fc.record({
    RemapEn: fc.constantFrom(true, true, false),
    IntType: fc.constantFrom(0, 1, 2),
    GuestMode: fc.boolean(),
    SupIOPF: fc.boolean(),
  })
  const unit = { deviceTable: 0n, entries: 1, ga: false, x2apic: false }
  const names = (d: AmdDecision | AmdInterruptDecision): string[] => {
    const outcome = { 'target-abort': 'aborted', passed: 'forwarded' }[d.outcome as string] ?? d.outcome
    return [d.event ?? 'none', outcome, ...(d.logged ? ['logged'] : [])]
  }

  it('agree about every request', () => {
    fc.assert(
      fc.property(dte, irte, fc.constantFrom(0, 1), fc.constantFrom(0, 1, 2), (d, i, entry, AT) => {
        const half = encodeEntry(IRTE32, { ...i, Destination: 1, Vector: 0x41 })
        const memory = memoryOf([
          {
            at: 0,
            bits: DTE.width,
            value: encodeEntry(DTE, {
              ...d,
              IntCtl: CONTROL.indexOf(d.IntCtl),
              IntTabRoot: 0x8000 >> 6,
              Root: 0x10000 >> 12,
            }),
          },
          { at: 0x8000, value: entry ? half << 32n : half },
          { at: 0x10000, value: 0x6000000000007001n },
        ])
        expect(message(d, { ...i, entry }, entry)).toEqual(names(deliverAmd(unit, memory, { source: 0, data: entry })))
        const kind = (['untranslated', 'translation', 'translated'] as const)[AT] ?? 'untranslated'
        expect(dma(d, AT)).toEqual(names(translateAmd(unit, memory, { source: 0, kind, access: 'read', address: 0n })))
      }),
      { numRuns: 60, seed: 1 },
    )
  })
})
