/** Requests that an AMD IOMMU refuses, each with the event that it writes. */
import { encodeEntry, memoryOf } from '../../../main/simulator/hardware/entry'
import {
  deliverAmd,
  EVENTS,
  translateAmd,
  type AmdRequest,
  type AmdUnit,
} from '../../../main/simulator/hardware/amdvi/decide'
import { DTE } from '../../../main/simulator/hardware/amdvi/entries'

export type Values = Readonly<Record<string, bigint | number | boolean>>

const UNIT: AmdUnit = { deviceTable: 0x1000n, entries: 0x100, ga: false, x2apic: false }
export const SOURCE = 0x18
const DEVICE = 0x1000 + SOURCE * 32
export const ROOT = 0x10000
export const TABLE = 0x8000
export const PTE = 0x6000000000000001n

export interface Setup {
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
export const dma = (s: Setup, request: Partial<AmdRequest> = {}) =>
  translateAmd({ ...UNIT, ...s.unit }, memory(s), {
    source: SOURCE,
    kind: 'untranslated',
    access: 'read',
    address: 0x123n,
    ...request,
  })
export const interrupt = (s: Setup, data = 3, source = SOURCE) =>
  deliverAmd({ ...UNIT, ...s.unit }, memory(s), { source, data })
export const reserved = { [DEVICE]: 0x4n | 3n }

export const REFUSED: readonly (readonly [keyof typeof EVENTS, string, Setup, Partial<AmdRequest>?])[] = [
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
