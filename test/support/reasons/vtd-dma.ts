/** Requests that a VT-d unit refuses, each with the reason that the specification gives for it. */
import { encodeEntry, memoryOf, type Piece } from '../../../main/simulator/hardware/entry'
import type { BlockRegister } from '../../../main/simulator/hardware/block'
import {
  LEGACY_CONTEXT,
  LEGACY_ROOT,
  PASID_DIRECTORY,
  PASID_ENTRY,
  SCALABLE_CONTEXT,
  SCALABLE_ROOT,
} from '../../../main/simulator/hardware/vtd/entries'
import { DMA_REASONS } from '../../../main/simulator/hardware/vtd/reasons'
import { translate } from '../../../main/simulator/hardware/vtd/translate'
import type { Request, Unit } from '../../../main/simulator/hardware/vtd/unit'

type Values = Readonly<Record<string, bigint | number | boolean>>

/** One function, 00:02.0, with PASID 5: a first-stage table at 0x10000, a second-stage table at 0x20000. */
export interface Setup {
  unit?: Partial<Unit>
  root?: Values
  context?: Values
  directory?: Values
  entry?: Values
  /** Words by address; null: unreadable. */
  words?: Readonly<Record<number, bigint | null>>
  /** Bits that the declaration calls reserved, set at this address. */
  dirty?: number
  /** Accessed and Dirty updates fail. */
  frozen?: boolean
  request?: Partial<Request>
}

const ROOT = 0x1000
const CONTEXT = 0x2000 + 0x10 * 32
const LEGACY = 0x2000 + 0x10 * 16
export const DIRECTORY = 0x3000
export const ENTRY = 0x4000 + 5 * 64
export const FIRST = 0x10000
export const SECOND = 0x20000
export const LEAF = 0x13000
const PAGE = 0x7000
const UNIT: Unit = {
  ttm: 1,
  rootTable: BigInt(ROOT),
  major: 6,
  haw: 46,
  mgaw: 48,
  sagaw: [1, 2],
  scalable: true,
  abort: true,
  passThrough: true,
  deviceTlb: true,
  firstStage: true,
  secondStage: true,
  nested: true,
  executeRequests: true,
  fiveLevel: false,
  zeroLengthRead: true,
  pss: 19,
}
const REQUEST: Request = { source: 0x0010, kind: 'untranslated', access: 'read', address: 0x123n, pasid: 5 }

export function ask(s: Setup) {
  const pieces: Piece[] = []
  const put = (at: number, r: BlockRegister, base: Values, own: Values = {}) =>
    pieces.push({
      at,
      bits: r.width,
      value: encodeEntry(r, { ...base, ...own }) | (s.dirty === at ? (RESERVED_BIT[at] ?? 0n) : 0n),
    })
  const word = (at: number, value: bigint | null) => pieces.push({ at, value })
  const legacy = s.unit?.ttm === 0
  if (legacy) {
    put(ROOT, LEGACY_ROOT, { P: 1, CTP: 2 }, s.root)
    put(LEGACY, LEGACY_CONTEXT, { P: 1, TT: 0, SSPTPTR: SECOND >> 12, AW: 2, DID: 7 }, s.context)
  } else {
    put(ROOT, SCALABLE_ROOT, { LP: 1, LCTP: 2 }, s.root)
    const flags = { P: 1, DTE: 1, PASIDE: 1, PRE: 1, PDTS: 0, PASIDDIRPTR: 3 }
    put(CONTEXT, SCALABLE_CONTEXT, flags, s.context)
    put(DIRECTORY, PASID_DIRECTORY, { P: 1, SMPTBLPTR: 4 }, s.directory)
    const pointers = { SSPTPTR: SECOND >> 12, FSPTPTR: FIRST >> 12 }
    put(ENTRY, PASID_ENTRY, { P: 1, AW: 2, PGTT: 1, DID: 1, PWSNP: 1, ...pointers }, s.entry)
  }
  // Page tables: present, writable, user, accessed; the page is dirty already.
  for (const level of [0, 1, 2]) word(FIRST + level * 0x1000, BigInt(FIRST + (level + 1) * 0x1000 + 0x27))
  word(LEAF, BigInt(PAGE + 0x67))
  for (const level of [0, 1, 2]) word(SECOND + level * 0x1000, BigInt(SECOND + (level + 1) * 0x1000 + 0x103))
  const identity = [0, 7, 0x10, 0x11, 0x12, 0x13, 0x33]
  for (const page of identity) word(SECOND + 0x3000 + page * 8, BigInt(page * 0x1000 + 0x303))
  for (const [at, value] of Object.entries(s.words ?? {})) word(Number(at), value)
  const memory = memoryOf(pieces, () => !s.frozen)
  return translate({ ...UNIT, ...s.unit }, memory, { ...REQUEST, ...s.request })
}

const RESERVED_BIT: Readonly<Record<number, bigint>> = {
  [ROOT]: 1n << 5n,
  [CONTEXT]: 1n << 7n,
  [LEGACY]: 1n << 9n,
  [DIRECTORY]: 1n << 4n,
  [ENTRY]: 1n << 5n,
}

export const legacy: Setup = { unit: { ttm: 0 }, request: { pasid: undefined } }
const inLegacy = (s: Setup): Setup => ({
  ...s,
  unit: { ...legacy.unit, ...s.unit },
  request: { ...legacy.request, ...s.request },
})
export const second: Values = { PGTT: 2 }
export const nested: Values = { PGTT: 3 }
const wide = 1n << 50n
export const translated: Partial<Request> = { kind: 'translated', pasid: undefined }
const hpt = (k: 'beyond-size' | 'entry-unreadable' | 'reserved' | 'root-unreadable' | 'ended-early'): Setup => ({
  context: { HPTE: 1 },
  unit: { hpt: () => ({ k }) },
  request: { ...translated, access: k === 'ended-early' ? 'zero-length-read' : 'read' },
})
const hostSays = (read: boolean, write: boolean): Setup['unit'] => ({ hpt: () => ({ k: 'permission', read, write }) })
/** Requests without PASID use RID_PASID; entry 5 is theirs in these rows. */
export const rid: Values = { RID_PASID: 5 }

export const TABLE: readonly (readonly [number, string, Setup])[] = [
  [0x01, 'a legacy root entry that is not present', inLegacy({ root: { P: 0 } })],
  [0x02, 'a legacy context entry that is not present', inLegacy({ context: { P: 0 } })],
  [0x03, 'an address width that SAGAW does not name', inLegacy({ context: { AW: 3 } })],
  [0x03, 'the reserved translation type 11b', inLegacy({ context: { TT: 3 } })],
  [0x03, 'pass-through on a unit without it', inLegacy({ context: { TT: 2 }, unit: { passThrough: false } })],
  [0x03, 'a legacy second-stage root that cannot be read', inLegacy({ words: { [SECOND]: null } })],
  [0x04, 'an address beyond the address width', inLegacy({ request: { address: wide } })],
  [
    0x04,
    'a pass-through address above the host address width',
    inLegacy({ context: { TT: 2 }, request: { address: wide } }),
  ],
  [0x05, 'a write to a read-only page', inLegacy({ words: { [SECOND + 0x3000]: 0x1n }, request: { access: 'write' } })],
  [0x06, 'a read of a write-only page', inLegacy({ words: { [SECOND + 0x3000]: 0x2n } })],
  [0x06, 'a read where nothing is mapped', inLegacy({ words: { [SECOND + 0x3000]: 0n } })],
  [0x07, 'a legacy second-stage entry that cannot be read', inLegacy({ words: { [SECOND + 0x1000]: null } })],
  [0x08, 'a legacy root entry that cannot be read', inLegacy({ words: { [ROOT]: null } })],
  [0x09, 'a legacy context entry that cannot be read', inLegacy({ words: { [LEGACY]: null } })],
  [0x0a, 'reserved bits in a legacy root entry', inLegacy({ dirty: ROOT })],
  [0x0b, 'reserved bits in a legacy context entry', inLegacy({ dirty: LEGACY })],
  [
    0x0c,
    'a legacy second-stage address above the host address width',
    inLegacy({ words: { [SECOND + 0x3000]: wide + 3n } }),
  ],
  [0x0d, 'a translation request while the type is untranslated only', inLegacy({ request: { kind: 'translation' } })],
  [0x0e, 'a legacy mapping that ends in the interrupt range', inLegacy({ words: { [SECOND + 0x3000]: 0xfee00003n } })],
  [0x30, 'the reserved table mode 10b', { unit: { ttm: 2 } }],
  [0x30, 'abort mode on a unit without it', { unit: { ttm: 3, abort: false } }],
  [0x30, 'scalable mode on a unit without it', { unit: { scalable: false } }],
  [0x30, 'scalable interrupt writes with legacy mode', inLegacy({ unit: { ssirwe: true } })],
  [0x31, 'a request with PASID in legacy mode', inLegacy({ request: { pasid: 5 } })],
  [0x32, 'a page request in legacy mode', inLegacy({ request: { kind: 'page' } })],
  [0x33, 'any request in abort mode', { unit: { ttm: 3 } }],
  [0x34, 'execute-requested on major version 8', { unit: { major: 8 }, request: { execute: true } }],
  [0x38, 'a scalable root entry that cannot be read', { words: { [ROOT]: null } }],
  [0x39, 'a lower half that is not present', { root: { LP: 0 } }],
  [0x39, 'an upper half that is not present', { request: { source: 0x0080 } }],
  [0x3a, 'reserved bits in a scalable root entry', { dirty: ROOT }],
  [0x40, 'a scalable context entry that cannot be read', { words: { [CONTEXT + 24]: null } }],
  [0x41, 'a scalable context entry that is not present', { context: { P: 0 } }],
  [0x42, 'reserved bits in a scalable context entry', { dirty: CONTEXT }],
  [0x43, 'PRE without DTE', { context: { DTE: 0 } }],
  [0x43, 'RID_PASID beyond the directory', { context: { RID_PASID: 0x2000 } }],
  [0x43, 'EPTR without PASIDE', { context: { EPTR: 1, PASIDE: 0 } }],
  [0x44, 'a translation request while DTE=0', { context: { DTE: 0, PRE: 0 }, request: { kind: 'translation' } }],
  [0x45, 'a request with PASID while PASIDE=0', { context: { PASIDE: 0 } }],
  [0x46, 'a PASID beyond the directory', { request: { pasid: 0x2000 } }],
  [0x47, 'a page request while PRE=0', { context: { PRE: 0 }, request: { kind: 'page' } }],
  [0x48, 'an explicit PASID equal to RID_PASID', { context: rid }],
  [0x49, 'a translated request with PASID while EPTR=0', { request: { kind: 'translated' } }],
  [0x50, 'a directory entry that cannot be read', { words: { [DIRECTORY]: null } }],
  [0x51, 'a directory entry that is not present', { directory: { P: 0 } }],
  [0x52, 'reserved bits in a directory entry', { dirty: DIRECTORY }],
  [0x58, 'a PASID table entry that cannot be read', { words: { [ENTRY + 56]: null } }],
  [0x59, 'a PASID table entry that is not present', { entry: { P: 0 } }],
  [0x5a, 'reserved bits in a PASID table entry', { dirty: ENTRY }],
  ...[0, 5, 6, 7].map((PGTT) => [0x5b, `translation type ${PGTT}`, { entry: { PGTT } }] as const),
  [0x5b, 'nested translation on a unit without it', { entry: nested, unit: { nested: false } }],
  [0x5b, 'a second-stage width that SAGAW does not name', { entry: { ...second, AW: 3 } }],
  [0x5b, 'five first-stage levels on a unit without them', { entry: { FSPM: 1 } }],
  [0x5b, 'a nested first-stage pointer wider than the second stage', { entry: { ...nested, FSPTPTR: 1n << 40n } }],
  [0x5c, 'execute-requested without support', { unit: { executeRequests: false }, request: { execute: true } }],
  [0x5d, 'a privileged request while SRE=0', { request: { privileged: true } }],
  [0x5d, 'RID_PRIV while SRE=0', { context: { ...rid, RID_PRIV: 1 }, request: { pasid: undefined } }],
  [0x60, 'a translated address beyond the host permission table', { ...hpt('beyond-size') }],
  [0x70, 'a first-stage entry that cannot be read', { words: { [FIRST + 0x1000]: null } }],
  [0x71, 'a first-stage entry that is not present', { words: { [LEAF]: 0n } }],
  [0x72, 'a first-stage address above the host address width', { words: { [LEAF]: wide + 0x67n } }],
  [0x72, 'page size in a top-level first-stage entry', { words: { [FIRST]: 0x110a7n } }],
  [0x73, 'a first-stage root that cannot be read', { words: { [FIRST]: null } }],
  [
    0x74,
    'a nested first-stage address too wide',
    { unit: { haw: 52 }, entry: nested, words: { [LEAF]: (1n << 48n) + 0x67n } },
  ],
  [
    0x75,
    'a first-stage root that the second stage does not let it read',
    { entry: nested, words: { [SECOND + 0x3080]: 0x10002n } },
  ],
  [
    0x76,
    'a first-stage entry that the second stage does not let it read',
    { entry: nested, words: { [SECOND + 0x3088]: 0x11002n } },
  ],
  [
    0x77,
    'an Accessed bit that the second stage does not let it write',
    { entry: nested, words: { [LEAF]: 0x7007n, [SECOND + 0x3098]: 0x13301n } },
  ],
  [0x78, 'a second-stage entry that cannot be read', { entry: second, words: { [SECOND + 0x1000]: null } }],
  [0x79, 'a second-stage entry without permissions', { entry: second, words: { [SECOND + 0x3000]: 0n } }],
  [
    0x7a,
    'a second-stage address above the host address width',
    { entry: second, words: { [SECOND + 0x3000]: wide + 3n } },
  ],
  [0x7b, 'a second-stage root that cannot be read', { entry: second, words: { [SECOND]: null } }],
  [
    0x7c,
    'a second-stage Accessed update without snooping',
    { entry: { ...second, SSADE: 1, PWSNP: 0 }, words: { [SECOND]: 0x21003n } },
  ],
  [
    0x7d,
    'a second-stage Dirty update that fails',
    {
      entry: { ...second, SSADE: 1 },
      words: { [SECOND + 0x3000]: 0x103n },
      frozen: true,
      request: { access: 'write' },
    },
  ],
  [0x80, 'an address that is not canonical', { request: { address: 1n << 47n } }],
  [0x81, 'a user request to a supervisor page', { words: { [LEAF]: 0x7063n } }],
  [0x83, 'a pass-through address above the host address width', { entry: { PGTT: 4 }, request: { address: wide } }],
  [0x83, 'a translated address above the host address width', { request: { ...translated, address: wide } }],
  [0x84, 'a second-stage address beyond its width', { entry: second, request: { address: wide } }],
  [0x85, 'a write to a read-only page', { words: { [LEAF]: 0x7065n }, request: { access: 'write' } }],
  [
    0x85,
    'a nested write to a page that the second stage keeps read-only',
    { entry: nested, words: { [SECOND + 0x3038]: 0x7101n }, request: { access: 'write' } },
  ],
  [0x86, 'a read of a write-only page', { entry: second, words: { [SECOND + 0x3000]: 0x302n } }],
  [
    0x86,
    'an AtomicOp on a write-only page',
    { entry: second, words: { [SECOND + 0x3000]: 0x302n }, request: { access: 'atomic' } },
  ],
  [0x87, 'a mapping that ends in the interrupt range', { words: { [LEAF]: 0xfee00067n } }],
  [
    0x87,
    'a pass-through request with PASID to the interrupt range',
    { entry: { PGTT: 4 }, request: { address: 0xfee00000n, access: 'write' } },
  ],
  [0x89, 'a PASID above PSS', { unit: { pss: 3 }, request: { pasid: 0x10 } }],
  [0x90, 'a first-stage Accessed update without snooping', { entry: { PWSNP: 0 }, words: { [LEAF]: 0x7007n } }],
  [
    0x91,
    'a first-stage Dirty update that fails',
    { frozen: true, words: { [LEAF]: 0x7027n }, request: { access: 'write' } },
  ],
  [0xa0, 'a host permission entry that cannot be read', { ...hpt('entry-unreadable') }],
  [0xa1, 'reserved bits in a host permission entry', { ...hpt('reserved') }],
  [0xa2, 'a host permission root that cannot be read', { ...hpt('root-unreadable') }],
  [0xa3, 'a zero-length translated read that ended early', { ...hpt('ended-early') }],
  [
    0xa4,
    'a translated write that the host does not permit',
    { context: { HPTE: 1 }, unit: hostSays(true, false), request: { ...translated, access: 'write' } },
  ],
  [
    0xa5,
    'a translated read that the host does not permit',
    { context: { HPTE: 1 }, unit: hostSays(false, true), request: translated },
  ],
]
/** Host permission tables stand behind RID_PASID's entry here. */
export const withRid = (code: number, s: Setup): Setup =>
  code === 0x60 || code >= 0xa0 ? { ...s, context: { ...s.context, ...rid } } : s
/** What the requester gets, by the columns of the table. */
export function answer(kind: Request['kind'], code: number): string | undefined {
  const reason = DMA_REASONS.get(code)
  if (kind === 'page') return 'dropped'
  if (kind === 'translated') return reason?.translated
  return kind === 'untranslated' ? 'UR' : reason?.ats
}
export const hexOf = (code: number): string => code.toString(16).toUpperCase().padStart(2, '0')
