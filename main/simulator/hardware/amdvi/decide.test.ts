import { describe, expect, it } from 'vitest'
import {
  dma,
  interrupt,
  PTE,
  REFUSED,
  reserved,
  ROOT,
  type Setup,
  SOURCE,
  TABLE,
  type Values,
} from '../../../../test/support/reasons/amdvi'
import { encodeEntry } from '../entry'
import { EVENTS, type AmdRequest } from './decide'
import { IRTE128, IRTE128_GUEST, IRTE32 } from './entries'

describe('an AMD IOMMU refuses DMA', () => {
  it.each(REFUSED.map(([event, what, s, request]) => [event, what, s, request ?? {}] as const))(
    'with %s: %s',
    (event, _, s, request) => {
      expect(dma(s, request)).toMatchObject({ outcome: 'target-abort', event, logged: true })
    },
  )

  it('without an event while SA=1', () => {
    expect(dma({ dte: { SA: 1 }, words: { [ROOT + 0x2000]: 0n } })).toMatchObject({
      event: 'IO_PAGE_FAULT',
      logged: false,
    })
  })
})

describe('an AMD IOMMU lets DMA through', () => {
  it.each<readonly [string, Setup, Partial<AmdRequest>, bigint]>([
    ['by the page table', {}, {}, 0x7123n],
    ['untranslated while V=0, whatever else the entry says', { dte: { V: 0, IR: 0 } }, {}, 0x123n],
    ['untranslated in paging mode 0 with permission', { dte: { Mode: 0 } }, { access: 'write' }, 0x123n],
    ['translated already while I=1', { dte: { I: 1 } }, { kind: 'translated' }, 0x123n],
    ['by a page of 2 MiB', { words: { [ROOT + 0x1000]: PTE | 0x400000n } }, { address: 0x12345n }, 0x412345n],
    ['by a page of 32 KiB (next level 7)', { words: { [ROOT + 0x2000]: PTE | (7n << 9n) | 0x13000n } }, {}, 0x10123n],
    ['over a skipped level', { words: { [ROOT]: PTE | BigInt(ROOT + 0x2000) | (1n << 9n) } }, {}, 0x7123n],
  ])('%s', (_, s, request, address) => {
    expect(dma(s, request)).toMatchObject({ address, logged: false })
  })
})

describe('an AMD IOMMU and interrupts', () => {
  const entry32 = (index: number, values: Values) => {
    const raw = encodeEntry(IRTE32, { RemapEn: 1, Destination: 5, Vector: 0x41, ...values })
    return { [TABLE + (index >> 1) * 8]: raw << (index & 1 ? 32n : 0n) }
  }
  const entry128 = (raw: bigint) => ({ [TABLE + 0x30]: raw & (2n ** 64n - 1n), [TABLE + 0x38]: raw >> 64n })

  it('passes everything unmapped while IV=0, and with IntCtl=1', () => {
    expect(interrupt({ dte: { IV: 0 } }).outcome).toBe('passed')
    expect(interrupt({ dte: { IntCtl: 1 } }).outcome).toBe('passed')
  })

  const aborted: readonly (readonly [keyof typeof EVENTS, string, Setup, number?])[] = [
    ['IO_PAGE_FAULT', 'with IntCtl=0', { dte: { IntCtl: 0 } }],
    ['ILLEGAL_DEV_TABLE_ENTRY', 'with IntCtl=3', { dte: { IntCtl: 3 } }],
    ['ILLEGAL_DEV_TABLE_ENTRY', 'with a table longer than 2048', { dte: { IntTabLen: 12 } }],
    ['ILLEGAL_DEV_TABLE_ENTRY', 'with reserved bits', { words: reserved }],
    ['IO_PAGE_FAULT', 'beyond the table', { dte: { IntTabLen: 1 } }],
    ['PAGE_TAB_HARDWARE_ERROR', 'whose table cannot be read', { words: { [TABLE + 8]: null } }],
    ['IO_PAGE_FAULT', 'whose entry is not valid', {}],
    ['IO_PAGE_FAULT', 'whose type is reserved', { words: entry32(3, { IntType: 2 }) }],
    ['IO_PAGE_FAULT', 'in guest mode with entries of 32 bits', { words: entry32(3, { GuestMode: 1 }) }],
    ['IO_PAGE_FAULT', 'of an NMI while NMIPass=0', {}, 0x400],
    ['IO_PAGE_FAULT', 'of an SMI', {}, 0x200],
  ]
  it.each(aborted.map(([event, what, s, data]) => [event, what, s, data ?? 3] as const))(
    'aborts with %s: %s',
    (event, _, s, data) => {
      expect(interrupt(s, data)).toMatchObject({ outcome: 'target-abort', event, logged: true })
    },
  )

  it('lets NMI, INIT and ExtINT pass by their bits', () => {
    const by = (bit: string, data: number) => interrupt({ dte: { [bit]: 1 } }, data).outcome
    expect([by('NMIPass', 0x400), by('InitPass', 0x500), by('EIntPass', 0x700)]).toEqual(['passed', 'passed', 'passed'])
  })

  it('says nothing of an entry that is not valid while SupIOPF=1', () => {
    expect(interrupt({ words: entry32(3, { RemapEn: 0, SupIOPF: 1 }) })).toMatchObject({
      outcome: 'target-abort',
      logged: false,
    })
  })

  it('remaps by an entry of 32 bits, two in a word', () => {
    expect(interrupt({ words: entry32(3, {}) })).toMatchObject({ outcome: 'remapped', destination: 5, vector: 0x41 })
    expect(interrupt({ words: entry32(2, { DM: 1 }) }, 2)).toMatchObject({ outcome: 'remapped', logical: true })
  })

  it('remaps by an entry of 128 bits; the destination has 32 bits in x2APIC mode only', () => {
    const raw = encodeEntry(IRTE128, { RemapEn: 1, Destination: 0x102, DestinationHi: 1, Vector: 0x51 })
    const on = (x2apic: boolean) => interrupt({ unit: { ga: true, x2apic }, words: entry128(raw) })
    expect(on(true)).toMatchObject({ outcome: 'remapped', destination: 0x1000102, vector: 0x51 })
    expect(on(false)).toMatchObject({ destination: 2 })
  })

  it('hands it to the guest’s APIC in guest mode: at once while it runs, into the log where asked otherwise', () => {
    const on = (values: Values) =>
      interrupt({
        unit: { ga: true },
        words: entry128(encodeEntry(IRTE128_GUEST, { RemapEn: 1, GuestMode: 1, Vector: 0x61, ...values })),
      })
    expect(on({ IsRun: 1, GALogIntr: 1 })).toMatchObject({
      outcome: 'guest',
      vector: 0x61,
      running: true,
      toLog: false,
    })
    expect(on({ GALogIntr: 1 })).toMatchObject({ running: false, toLog: true })
  })

  it('isolates by table: another requester with the same index meets its own entry', () => {
    expect(interrupt({ words: entry32(3, {}) }, 3, SOURCE + 1)).toMatchObject({ outcome: 'passed' })
  })
})

describe('the events of AMD-Vi', () => {
  it('have the numbers of the log', () => {
    expect(Object.values(EVENTS)).toEqual([1, 2, 3, 4, 8])
  })
})
