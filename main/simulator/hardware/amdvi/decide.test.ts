import { describe, expect, it } from 'vitest'
import { encodeEntry, memoryOf } from '../entry'
import { deliverAmd, EVENTS, translateAmd, type AmdRequest, type AmdUnit } from './decide'
import { DTE, IRTE128, IRTE128_GUEST, IRTE32 } from './entries'

type Values = Readonly<Record<string, bigint | number | boolean>>

const UNIT: AmdUnit = { deviceTable: 0x1000n, entries: 0x100, ga: false, x2apic: false }
const SOURCE = 0x18
const DEVICE = 0x1000 + SOURCE * 32
const ROOT = 0x10000
const TABLE = 0x8000
const PTE = 0x6000000000000001n

interface Setup {
  unit?: Partial<AmdUnit>
  dte?: Values
  /** Words by address; null: unreadable. */
  words?: Readonly<Record<number, bigint | null>>
}

function memory(s: Setup) {
  const dte = {
    V: 1,
    TV: 1,
    Mode: 3,
    Root: ROOT >> 12,
    IR: 1,
    IW: 1,
    IV: 1,
    IntCtl: 2,
    IntTabLen: 9,
    IntTabRoot: TABLE >> 6,
  }
  return memoryOf([
    { at: DEVICE, bits: DTE.width, value: encodeEntry(DTE, { ...dte, ...s.dte }) },
    { at: ROOT, value: PTE | BigInt(ROOT + 0x1000) | (2n << 9n) },
    { at: ROOT + 0x1000, value: PTE | BigInt(ROOT + 0x2000) | (1n << 9n) },
    { at: ROOT + 0x2000, value: PTE | 0x7000n },
    ...Object.entries(s.words ?? {}).map(([at, value]) => ({ at: Number(at), value })),
  ])
}
const dma = (s: Setup, request: Partial<AmdRequest> = {}) =>
  translateAmd({ ...UNIT, ...s.unit }, memory(s), {
    source: SOURCE,
    kind: 'untranslated',
    access: 'read',
    address: 0x123n,
    ...request,
  })
const interrupt = (s: Setup, data = 3, source = SOURCE) =>
  deliverAmd({ ...UNIT, ...s.unit }, memory(s), { source, data })
const reserved = { [DEVICE]: 0x4n | 3n }

const REFUSED: readonly (readonly [keyof typeof EVENTS, string, Setup, Partial<AmdRequest>?])[] = [
  ['ILLEGAL_DEV_TABLE_ENTRY', 'of a requester beyond the device table', { unit: { entries: 0x10 } }],
  ['ILLEGAL_DEV_TABLE_ENTRY', 'where reserved bits are set', { words: reserved }],
  ['ILLEGAL_DEV_TABLE_ENTRY', 'in paging mode 7', { dte: { Mode: 7 } }],
  ['DEV_TAB_HARDWARE_ERROR', 'where the entry cannot be read', { words: { [DEVICE]: null } }],
  ['INVALID_DEVICE_REQUEST', 'that asks for a translation while I=0', {}, { kind: 'translation' }],
  ['INVALID_DEVICE_REQUEST', 'that is translated already while I=0', {}, { kind: 'translated' }],
  ['IO_PAGE_FAULT', 'while TV=0', { dte: { TV: 0 } }],
  ['IO_PAGE_FAULT', 'that the device table entry does not permit', { dte: { IR: 0 } }],
  ['IO_PAGE_FAULT', 'where nothing is mapped', { words: { [ROOT + 0x2000]: 0n } }],
  [
    'IO_PAGE_FAULT',
    'to a page that is read-only',
    { words: { [ROOT + 0x2000]: 0x2000000000007001n } },
    { access: 'write' },
  ],
  ['IO_PAGE_FAULT', 'beyond the paging mode', {}, { address: 1n << 39n }],
  ['IO_PAGE_FAULT', 'whose next level is not below', { words: { [ROOT]: PTE | (3n << 9n) } }],
  [
    'IO_PAGE_FAULT',
    'with bits of a skipped level',
    { words: { [ROOT]: PTE | BigInt(ROOT + 0x2000) | (1n << 9n) } },
    { address: 1n << 21n },
  ],
  ['PAGE_TAB_HARDWARE_ERROR', 'where a page table cannot be read', { words: { [ROOT + 0x1000]: null } }],
]

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
