/**
 * How a VT-d unit decides about an interrupt request: a DWORD write without PASID to 0xfeexxxxx. The conditions stand in
 * the order of reference 60 §3 (VT-d 5.10 §3.15, §5.1–5.2, Table 15); each of them blocks the message.
 */
import { assert } from '../../faults'
import { bitsAt, fetchEntry, type Entry, type Memory } from '../entry'
import { decodeCompatibility, decodeRemappable, type ApicMessage, type DeliveryMode } from '../x86/message'
import { IRTE_POSTED, IRTE_REMAPPED, POSTED_DESCRIPTOR } from './entries'
import { INTERRUPT_REASONS, type FaultReason } from './reasons'

export interface InterruptUnit {
  /** GSTS.IRES, GSTS.CFIS. */
  readonly ires: boolean
  readonly cfis: boolean
  /** IRTA: table address, EIME, and S: the table has 2^(S+1) entries. */
  readonly table: bigint
  readonly eime: boolean
  readonly size: number
  /** Capabilities: remapping required (IRREQ), extended mode required (EIMER). */
  readonly irreq?: boolean
  readonly eimer?: boolean
  /** Host address width, bits. */
  readonly haw: number
}

export interface InterruptRequest {
  readonly source: number
  readonly address: bigint
  readonly data: number
  /** What it is besides a DWORD write, where it is no such thing. */
  readonly shape?: 'wrong-size' | 'read' | 'atomic'
}

export type InterruptDecision = {
  readonly reason?: FaultReason
  readonly logged: boolean
  /** Entry of the table, where one was read. */
  readonly index?: number
  readonly irte?: Entry
  readonly descriptor?: Entry
  readonly checked: readonly number[]
} & (
  | { readonly outcome: 'blocked' }
  | { readonly outcome: 'compatibility' | 'remapped'; readonly message: ApicMessage }
  /** The vector is posted; a notification goes out only where one is due. */
  | { readonly outcome: 'posted'; readonly vector: number; readonly notify?: { vector: number; destination: number } }
)

export function deliver(unit: InterruptUnit, memory: Memory, request: InterruptRequest): InterruptDecision {
  const checked: number[] = []
  const first = (...checks: readonly (readonly [number, boolean])[]): number | undefined => {
    for (const [code, failed] of checks) {
      checked.push(code)
      if (failed) return code
    }
    return undefined
  }
  const block = (code: number, more: Partial<InterruptDecision> = {}): InterruptDecision => {
    const reason = INTERRUPT_REASONS.get(code)
    assert(reason, `fault reason ${code.toString(16)}`)
    const fpd = more.irte?.flag('FPD') === true
    return { ...more, outcome: 'blocked', reason, logged: !(reason.qualified && fpd), checked }
  }
  const compatibility = bitsAt(request.address, 4, 4) === 0n
  const early = first(
    [0x29, request.shape !== undefined],
    [0x2b, !unit.ires && unit.irreq === true],
    [0x2a, unit.ires && unit.eimer === true && !unit.eime],
    [0x25, unit.ires && compatibility && (unit.eime || !unit.cfis)],
  )
  if (early !== undefined) return block(early)
  if (!unit.ires || compatibility)
    return {
      outcome: 'compatibility',
      message: decodeCompatibility(request.address, request.data),
      logged: false,
      checked,
    }
  const { index, reserved } = decodeRemappable(request.address, request.data)
  const address = unit.table + BigInt(index * 16)
  const range = first([0x20, reserved], [0x21, index >= 2 ** (unit.size + 1) || address >> BigInt(unit.haw) !== 0n])
  if (range !== undefined) return block(range, { index })
  const plain = fetchEntry(memory, IRTE_REMAPPED, address)
  if (!plain) return block(first([0x23, true]) ?? 0x23, { index })
  const posted = plain.flag('IM') ? fetchEntry(memory, IRTE_POSTED, address) : undefined
  const irte = posted ?? plain
  const refused = first(
    [0x23, false],
    [0x22, !irte.flag('P')],
    [0x24, irte.reserved || irte.number('SVT') === 3],
    [0x26, !sourceMatches(irte, request.source)],
  )
  if (refused !== undefined) return block(refused, { index, irte })
  if (!posted) return { outcome: 'remapped', message: remapped(unit, irte), logged: false, checked, index, irte }
  const at = (irte.bits('PDAH') << 32n) | (irte.bits('PDAL') << 6n)
  const descriptor = fetchEntry(memory, POSTED_DESCRIPTOR, at)
  const unusable = first([0x27, !descriptor || memory.update?.(at) === false], [0x28, descriptor?.reserved === true])
  if (!descriptor || unusable !== undefined) return block(unusable ?? 0x27, { index, irte })
  const due = (!descriptor.flag('SN') || irte.flag('URG')) && !descriptor.flag('ON')
  return {
    outcome: 'posted',
    vector: irte.number('VV'),
    ...(due
      ? { notify: { vector: descriptor.number('NV'), destination: destination(unit, descriptor.bits('NDST')) } }
      : {}),
    logged: false,
    checked,
    index,
    irte,
    descriptor,
  }
}

/** SVT and SQ of an entry against a requester ID. */
export function sourceMatches(irte: Entry, source: number): boolean {
  const sid = irte.number('SID')
  switch (irte.number('SVT')) {
    case 0:
      return true
    case 1: {
      const ignored = [0, 4, 6, 7][irte.number('SQ')] ?? 0
      return (sid & ~ignored) === (source & ~ignored)
    }
    default:
      return source >> 8 >= sid >> 8 && source >> 8 <= (sid & 0xff)
  }
}

const destination = (unit: InterruptUnit, field: bigint): number => Number(unit.eime ? field : bitsAt(field, 15, 8))

const MODES: readonly DeliveryMode[] = ['fixed', 'lowest', 'smi', 'reserved', 'nmi', 'init', 'reserved', 'extint']

const remapped = (unit: InterruptUnit, irte: Entry): ApicMessage => ({
  destination: destination(unit, irte.bits('DST')),
  logical: irte.flag('DM'),
  hint: irte.flag('RH'),
  vector: irte.number('V'),
  mode: MODES[irte.number('DLM')] ?? 'reserved',
  level: irte.flag('TM'),
})
