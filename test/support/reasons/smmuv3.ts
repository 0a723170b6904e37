/** Transactions that an SMMUv3 aborts, each with the event that it records. */
import { encodeEntry, memoryOf } from '../../../main/simulator/hardware/entry'
import { CD, L1STD, STE } from '../../../main/simulator/hardware/smmuv3/entries'
import {
  translateSmmu,
  type SmmuEvent,
  type SmmuRequest,
  type SmmuUnit,
} from '../../../main/simulator/hardware/smmuv3/translate'

type Values = Readonly<Record<string, bigint | number | boolean>>
export interface Setup {
  unit?: Partial<SmmuUnit>
  ste?: Values
  cd?: Values
  /** Words by address; null: unreadable. */
  words?: Readonly<Record<number, bigint | null>>
  request?: Partial<SmmuRequest>
}

const UNIT: SmmuUnit = {
  enabled: true,
  gbpaAbort: false,
  atsCheck: true,
  streamTable: 0x100000n,
  log2size: 8,
  oas: 44,
  stage1: true,
  stage2: true,
}
const STREAM = 0x18
const ENTRY = 0x100000 + STREAM * 64
export const CDS = 0x200000
export const TABLE = 0x10000
export const PAGE = 0x7443n // valid page, Access flag, unprivileged, writable

export function ask(s: Setup) {
  const ste = { V: 1, Config: 5, S1ContextPtr: CDS >> 6, S1CDMax: 4, S1DSS: 2, EATS: 1, ...s.ste }
  const cd = encodeEntry(CD, { V: 1, AA64: 1, T0SZ: 25, IPS: 4, R: 1, A: 1, TTB0: TABLE >> 4, ...s.cd })
  const memory = memoryOf([
    { at: ENTRY, bits: STE.width, value: encodeEntry(STE, ste) },
    ...[0, 3].map((ssid) => ({ at: CDS + ssid * 64, bits: CD.width, value: cd })),
    { at: TABLE, value: BigInt(TABLE + 0x1000) | 3n },
    { at: TABLE + 0x1000, value: BigInt(TABLE + 0x2000) | 3n },
    { at: TABLE + 0x2000, value: PAGE },
    ...Object.entries(s.words ?? {}).map(([at, value]) => ({ at: Number(at), value })),
  ])
  const request: SmmuRequest = { stream: STREAM, substream: 3, kind: 'untranslated', access: 'read', address: 0x123n }
  return translateSmmu({ ...UNIT, ...s.unit }, memory, { ...request, ...s.request })
}

const L1 = 0x300000
export const twoLevel = { streamTable: BigInt(L1), split: 4 }
export const l1std = (Span: number) => ({ [L1 + 8]: encodeEntry(L1STD, { Span, L2Ptr: (ENTRY - 8 * 64) >> 6 }) })
export const plain = { substream: undefined }

export const TABLE_OF_EVENTS: readonly (readonly [SmmuEvent, string, Setup])[] = [
  ['C_BAD_STREAMID', 'a StreamID beyond LOG2SIZE', { unit: { log2size: 4 } }],
  ['C_BAD_STREAMID', 'a level 1 descriptor with Span 0', { unit: twoLevel, words: l1std(0) }],
  ['C_BAD_STREAMID', 'a StreamID beyond Span', { unit: twoLevel, words: l1std(4) }],
  ['F_STE_FETCH', 'an entry that cannot be read', { words: { [ENTRY + 56]: null } }],
  ['F_STE_FETCH', 'a level 1 descriptor that cannot be read', { unit: twoLevel, words: { [L1 + 8]: null } }],
  ['C_BAD_STE', 'an entry that is not valid', { ste: { V: 0 } }],
  ['C_BAD_STE', 'stage 1 on a unit without it', { unit: { stage1: false } }],
  ['C_BAD_STE', 'stage 2 on a unit without it', { unit: { stage2: false }, ste: { Config: 6 } }],
  ['F_BAD_ATS_TREQ', 'a translation request while EATS=0', { ste: { EATS: 0 }, request: { kind: 'translation' } }],
  ['F_STREAM_DISABLED', 'no SubstreamID while S1DSS=0', { ste: { S1DSS: 0 }, request: plain }],
  ['F_STREAM_DISABLED', 'SubstreamID 0 while S1DSS=2', { request: { substream: 0 } }],
  [
    'F_TRANSL_FORBIDDEN',
    'a translated transaction while EATS=0',
    { ste: { EATS: 0 }, request: { kind: 'translated' } },
  ],
  ['C_BAD_SUBSTREAMID', 'a SubstreamID beyond S1CDMax', { request: { substream: 16 } }],
  ['C_BAD_SUBSTREAMID', 'a SubstreamID while S1CDMax=0', { ste: { S1CDMax: 0 } }],
  ['C_BAD_SUBSTREAMID', 'a SubstreamID without stage 1', { ste: { Config: 4 } }],
  [
    'C_BAD_SUBSTREAMID',
    'a level 1 context descriptor that is not valid',
    { ste: { S1Fmt: 2, S1ContextPtr: 0x400000 >> 6 } },
  ],
  ['F_CD_FETCH', 'a context descriptor that cannot be read', { words: { [CDS + 3 * 64]: null } }],
  ['F_CD_FETCH', 'a level 1 context descriptor that cannot be read', { ste: { S1Fmt: 1 }, words: { [CDS]: null } }],
  ['C_BAD_CD', 'a context descriptor that is not valid', { cd: { V: 0 } }],
  ['C_BAD_CD', 'an input size of more than 48 bits', { cd: { T0SZ: 15 } }],
  ['C_BAD_CD', 'a table beyond the output size of the unit', { cd: { TTB0: 1n << 41n } }],
  ['F_WALK_EABT', 'a table that cannot be read', { words: { [TABLE + 0x1000]: null } }],
  ['F_TRANSLATION', 'nothing mapped', { words: { [TABLE + 0x2000]: 0n } }],
  ['F_TRANSLATION', 'an address beyond the input size', { request: { address: 1n << 39n } }],
  ['F_TRANSLATION', 'EPD0', { cd: { EPD0: 1 } }],
  ['F_ADDR_SIZE', 'an output address beyond IPS', { cd: { IPS: 0 }, words: { [TABLE + 0x2000]: PAGE | (1n << 33n) } }],
  ['F_ACCESS', 'a clear Access flag', { words: { [TABLE + 0x2000]: PAGE & ~(1n << 10n) } }],
  [
    'F_PERMISSION',
    'a write to a read-only page',
    { words: { [TABLE + 0x2000]: PAGE | (1n << 7n) }, request: { access: 'write' } },
  ],
  [
    'F_PERMISSION',
    'a write below a read-only table',
    { words: { [TABLE]: BigInt(TABLE + 0x1000) | 3n | (1n << 62n) }, request: { access: 'write' } },
  ],
  ['F_PERMISSION', 'an unprivileged access to a privileged page', { words: { [TABLE + 0x2000]: PAGE & ~(1n << 6n) } }],
  [
    'F_PERMISSION',
    'an instruction fetch from a UXN page',
    { words: { [TABLE + 0x2000]: PAGE | (1n << 54n) }, request: { instruction: true } },
  ],
]
