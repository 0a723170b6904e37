/** Interrupt requests that VT-d blocks, each with its reason. */
import { encodeEntry, memoryOf, type Piece } from '../../../main/simulator/hardware/entry'
import { encodeRemappable } from '../../../main/simulator/hardware/x86/message'
import { IRTE_POSTED, IRTE_REMAPPED, POSTED_DESCRIPTOR } from '../../../main/simulator/hardware/vtd/entries'
import { deliver, type InterruptRequest, type InterruptUnit } from '../../../main/simulator/hardware/vtd/interrupt'

export type Values = Readonly<Record<string, bigint | number | boolean>>
interface Setup {
  unit?: Partial<InterruptUnit>
  irte?: Values
  posted?: Values
  descriptor?: Values
  /** Words by address; null: unreadable. */
  words?: Readonly<Record<number, bigint | null>>
  frozen?: boolean
  request?: Partial<InterruptRequest>
}

const TABLE = 0x1000
const ENTRY = TABLE + 3 * 16
const DESCRIPTOR = 0x8000
const UNIT: InterruptUnit = { ires: true, cfis: false, table: BigInt(TABLE), eime: true, size: 7, haw: 46 }
export const compat = { address: 0xfee01000n, data: 0x31 }

export function ask(s: Setup) {
  const pieces: Piece[] = []
  const put = (at: number, bits: number, value: bigint) => pieces.push({ at, bits, value })
  const source = { SID: 0x0010, SVT: 1 }
  put(
    ENTRY,
    128,
    s.posted
      ? encodeEntry(IRTE_POSTED, { P: 1, IM: 1, VV: 0x55, PDAL: DESCRIPTOR >> 6, ...source, ...s.posted })
      : encodeEntry(IRTE_REMAPPED, { P: 1, V: 0x41, DST: 0x102, ...source, ...s.irte }),
  )
  put(DESCRIPTOR, 512, encodeEntry(POSTED_DESCRIPTOR, { NV: 0xf2, NDST: 9, ...s.descriptor }))
  for (const [at, value] of Object.entries(s.words ?? {})) pieces.push({ at: Number(at), value })
  const memory = memoryOf(pieces, () => !s.frozen)
  return deliver({ ...UNIT, ...s.unit }, memory, { source: 0x0010, ...encodeRemappable(1, 2), ...s.request })
}

export const REASONS: readonly (readonly [number, string, Setup])[] = [
  [0x20, 'a sub-handle with data 31:16 set', { request: { data: 0x10002 } }],
  [0x21, 'an index beyond the table', { request: encodeRemappable(0x100) }],
  [0x21, 'an index that is beyond the table only with its sub-handle', { request: encodeRemappable(0xff, 1) }],
  [0x22, 'an entry that is not present', { irte: { P: 0 } }],
  [0x23, 'a table that cannot be read', { words: { [ENTRY]: null } }],
  [0x24, 'reserved bits in an entry', { words: { [ENTRY + 8]: 0x100010n | (1n << 40n) } }],
  [0x24, 'the reserved source validation type 3', { irte: { SVT: 3 } }],
  [0x25, 'the compatibility format while EIME=1', { unit: { cfis: true }, request: compat }],
  [0x25, 'the compatibility format while CFIS=0', { unit: { eime: false }, request: compat }],
  [0x26, 'another requester than the entry’s', { request: { source: 0x0018 } }],
  [0x26, 'a requester outside the bus range', { irte: { SVT: 2, SID: 0x0103 } }],
  [0x27, 'a posted descriptor that cannot be read', { posted: {}, words: { [DESCRIPTOR]: null } }],
  [0x27, 'a posted descriptor that cannot be updated', { posted: {}, frozen: true }],
  [0x28, 'reserved bits in a posted descriptor', { posted: {}, words: { [DESCRIPTOR + 40]: 1n } }],
  [0x29, 'a write of another size', { request: { shape: 'wrong-size' } }],
  [0x29, 'a read without PASID', { request: { shape: 'read' } }],
  [0x29, 'an AtomicOp without PASID', { request: { shape: 'atomic' } }],
  [0x2a, 'anything while extended mode is required but off', { unit: { eimer: true, eime: false } }],
  [0x2b, 'anything while remapping is required but off', { unit: { ires: false, irreq: true } }],
]
export const hexOf = (code: number): string => `${code.toString(16).toUpperCase()}h`
