import { describe, expect, it } from 'vitest'
import { encodeEntry, memoryOf } from '../entry'
import { CD, L1CD, L1STD, STE } from './entries'
import { EVENTS, translateSmmu, type SmmuEvent, type SmmuRequest, type SmmuUnit } from './translate'

type Values = Readonly<Record<string, bigint | number | boolean>>
interface Setup {
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
const CDS = 0x200000
const TABLE = 0x10000
const PAGE = 0x7443n // valid page, Access flag, unprivileged, writable

function ask(s: Setup) {
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
const twoLevel = { streamTable: BigInt(L1), split: 4 }
const l1std = (Span: number) => ({ [L1 + 8]: encodeEntry(L1STD, { Span, L2Ptr: (ENTRY - 8 * 64) >> 6 }) })
const plain = { substream: undefined }

const TABLE_OF_EVENTS: readonly (readonly [SmmuEvent, string, Setup])[] = [
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

describe('an SMMUv3 aborts with', () => {
  it.each(TABLE_OF_EVENTS)('%s: %s', (event, _, s) => {
    expect(ask(s)).toMatchObject({ outcome: 'abort', event, recorded: true })
  })

  it('every event of the table, at least once', () => {
    const reached = new Set(TABLE_OF_EVENTS.map(([event]) => event))
    expect(Object.keys(EVENTS).filter((e) => !reached.has(e as SmmuEvent))).toEqual([])
  })

  it('no event at all where the entry says abort, or where it is off and GBPA says abort', () => {
    expect(ask({ ste: { Config: 0 } })).toMatchObject({ outcome: 'abort', recorded: false })
    expect(ask({ unit: { enabled: false, gbpaAbort: true } })).toMatchObject({ outcome: 'abort', recorded: false })
  })

  it('nothing in the queue while CD.R=0, and lets it run into the void while CD.A=0', () => {
    const nothing = { words: { [TABLE + 0x2000]: 0n } }
    expect(ask({ ...nothing, cd: { R: 0 } })).toMatchObject({
      outcome: 'abort',
      event: 'F_TRANSLATION',
      recorded: false,
    })
    expect(ask({ ...nothing, cd: { A: 0 } })).toMatchObject({ outcome: 'ignored', recorded: true })
  })

  it('nothing in the queue for a translation request that finds no page: the device is told', () => {
    const d = ask({ words: { [TABLE + 0x2000]: 0n }, request: { kind: 'translation' } })
    expect(d).toMatchObject({ outcome: 'no-permission', recorded: false })
  })

  it('an event for configuration faults whatever CD.R says', () => {
    expect(ask({ cd: { V: 0, R: 0 } })).toMatchObject({ event: 'C_BAD_CD', recorded: true })
  })
})

describe('an SMMUv3 lets through', () => {
  it.each<readonly [string, Setup, string, bigint]>([
    ['a substream by its own context descriptor', {}, 'translated', 0x7123n],
    ['a transaction without SubstreamID by descriptor 0 while S1DSS=2', { request: plain }, 'translated', 0x7123n],
    [
      'a transaction without SubstreamID past stage 1 while S1DSS=1',
      { ste: { S1DSS: 1 }, request: plain },
      'bypass',
      0x123n,
    ],
    ['everything that an entry bypasses', { ste: { Config: 4 }, request: plain }, 'bypass', 0x123n],
    ['everything while it is off', { unit: { enabled: false } }, 'bypass', 0x123n],
    ['a translated transaction with ATS', { request: { kind: 'translated' } }, 'bypass', 0x123n],
    [
      'a translated transaction without ATS, where nobody checks',
      { unit: { atsCheck: false }, ste: { EATS: 0 }, request: { kind: 'translated' } },
      'bypass',
      0x123n,
    ],
    ['a block of 2 MiB', { words: { [TABLE + 0x1000]: 0x400441n } }, 'translated', 0x400123n],
    [
      'a page whose Access flag hardware sets',
      { cd: { HA: 1 }, words: { [TABLE + 0x2000]: PAGE & ~(1n << 10n) } },
      'translated',
      0x7123n,
    ],
    [
      'an address with a tag in its top byte (TBI0)',
      { cd: { TBI0: 1 }, request: { address: (0xabn << 56n) | 0x123n } },
      'translated',
      0x7123n,
    ],
    ['stage 2’s input', { ste: { Config: 7 } }, 'stage-2', 0x7123n],
    ['two levels of stream table', { unit: twoLevel, words: l1std(5) }, 'translated', 0x7123n],
    [
      'two levels of context descriptors',
      {
        ste: { S1Fmt: 2, S1ContextPtr: 0x400000 >> 6 },
        words: { 0x400000: encodeEntry(L1CD, { V: 1, L2Ptr: CDS >> 12 }) },
      },
      'translated',
      0x7123n,
    ],
  ])('%s', (_, s, outcome, address) => {
    expect(ask(s)).toMatchObject({ outcome, address, recorded: false })
  })
})
