import { describe, expect, it } from 'vitest'
import { encodeEntry, memoryOf, type Piece } from '../entry'
import { encodeRemappable } from '../x86/message'
import { IRTE_POSTED, IRTE_REMAPPED, POSTED_DESCRIPTOR } from './entries'
import { deliver, type InterruptRequest, type InterruptUnit } from './interrupt'
import { INTERRUPT_REASONS } from './reasons'

type Values = Readonly<Record<string, bigint | number | boolean>>
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
const compat = { address: 0xfee01000n, data: 0x31 }

function ask(s: Setup) {
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

const REASONS: readonly (readonly [number, string, Setup])[] = [
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
const hexOf = (code: number): string => `${code.toString(16).toUpperCase()}h`

describe('interrupt remapping blocks', () => {
  it.each(REASONS.map(([code, what, s]) => [hexOf(code), what, code, s] as const))('%s: %s', (_, __, code, s) => {
    const d = ask(s)
    expect([d.outcome, d.reason?.code, d.logged]).toEqual(['blocked', code, true])
    expect(d.checked.at(-1)).toBe(code)
  })

  it('for every reason of the table, at least once', () => {
    const reached = new Set(REASONS.map(([code]) => code))
    expect([...INTERRUPT_REASONS.keys()].filter((code) => !reached.has(code)).map(hexOf)).toEqual([])
  })

  it.each(REASONS.filter(([code]) => INTERRUPT_REASONS.get(code)?.qualified && code !== 0x24))(
    '%i silently when FPD=1: %s',
    (code, _, s) => {
      const d = ask({ ...s, ...(s.posted ? { posted: { FPD: 1 } } : { irte: { ...s.irte, FPD: 1 } }) })
      expect([d.outcome, d.reason?.code, d.logged]).toEqual(['blocked', code, false])
    },
  )
})

describe('interrupt remapping delivers', () => {
  it('the vector and destination of the entry, 32 bits wide with EIME and 8 bits without', () => {
    expect(ask({})).toMatchObject({ outcome: 'remapped', index: 3, message: { destination: 0x102, vector: 0x41 } })
    expect(ask({ unit: { eime: false } })).toMatchObject({ message: { destination: 0x01 } })
  })

  it('a compatibility message without any source check while CFIS=1, whoever sends it', () => {
    const d = ask({ unit: { eime: false, cfis: true }, request: { ...compat, source: 0xbeef } })
    expect(d).toMatchObject({ outcome: 'compatibility', message: { destination: 1, vector: 0x31 } })
  })

  it('everything as it came while remapping is off', () => {
    expect(ask({ unit: { ires: false }, request: compat }).outcome).toBe('compatibility')
  })

  it.each([
    [0, 0x0018, true],
    [1, 0x0014, true],
    [1, 0x0011, false],
    [2, 0x0016, true],
    [3, 0x0017, true],
    [3, 0x0018, false],
  ])('with SQ=%i requester %i passes: %s', (SQ, source, passes) => {
    const SVT = SQ === 0 ? 0 : 1
    expect(ask({ irte: { SVT, SQ }, request: { source } }).outcome).toBe(passes ? 'remapped' : 'blocked')
  })

  it('from any function of a bus range with SVT=2', () => {
    expect(ask({ irte: { SVT: 2, SID: 0x0103 }, request: { source: 0x02ff } }).outcome).toBe('remapped')
  })
})

describe('a posted entry', () => {
  it.each<readonly [string, Values, Values, boolean]>([
    ['notifies while SN=0 and ON=0', {}, {}, true],
    ['does not notify again while ON=1', {}, { ON: 1 }, false],
    ['posts silently while SN=1', {}, { SN: 1 }, false],
    ['notifies while SN=1 when it is urgent', { URG: 1 }, { SN: 1 }, true],
    ['does not notify again when it is urgent and ON=1', { URG: 1 }, { ON: 1 }, false],
  ])('%s', (_, posted, descriptor, notifies) => {
    const d = ask({ posted, descriptor })
    expect(d).toMatchObject({ outcome: 'posted', vector: 0x55 })
    expect('notify' in d && d.notify).toEqual(notifies ? { vector: 0xf2, destination: 9 } : false)
  })
})
