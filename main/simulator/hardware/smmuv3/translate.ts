/**
 * How an SMMUv3 decides about a transaction: stream table entry by StreamID, context descriptor by SubstreamID, stage 1
 * walk, each with its event.
 * Source: Linux 6.12 arm-smmu-v3.h (bits, event numbers 0x10–0x13; the others as its postings and QEMU number them), QEMU
 * hw/arm/smmuv3.c (order of configuration and walk faults, no event where the entry says abort). Scope: non-secure,
 * AArch64 tables of 4 KiB granule below TTB0, no stalls; stage 2 is not walked, its input is returned. What SubstreamID 0
 * and ATS meet is as the architecture has it from memory (unverified).
 */
import { EVENT_CODES } from './events'
import { bitsAt, Reader, type Entry, type Memory, type Walked } from '../entry'
import { CD, L1CD, L1STD, STE } from './entries'

/** Events by number, with what makes them. */
export const EVENTS = {
  C_BAD_STREAMID: { code: EVENT_CODES.C_BAD_STREAMID, condition: 'StreamID outside the stream table' },
  F_STE_FETCH: { code: EVENT_CODES.F_STE_FETCH, condition: 'stream table entry unreadable' },
  C_BAD_STE: { code: EVENT_CODES.C_BAD_STE, condition: 'stream table entry not valid, or programmed wrong' },
  F_BAD_ATS_TREQ: {
    code: EVENT_CODES.F_BAD_ATS_TREQ,
    condition: 'translation request where the entry does not allow ATS',
  },
  F_STREAM_DISABLED: {
    code: EVENT_CODES.F_STREAM_DISABLED,
    condition: 'no SubstreamID where the entry asks for one, or SubstreamID 0 where that is taken',
  },
  F_TRANSL_FORBIDDEN: {
    code: EVENT_CODES.F_TRANSL_FORBIDDEN,
    condition: 'translated transaction where the entry does not allow ATS',
  },
  C_BAD_SUBSTREAMID: {
    code: EVENT_CODES.C_BAD_SUBSTREAMID,
    condition: 'SubstreamID outside the table, or without stage 1',
  },
  F_CD_FETCH: { code: EVENT_CODES.F_CD_FETCH, condition: 'context descriptor unreadable' },
  C_BAD_CD: { code: EVENT_CODES.C_BAD_CD, condition: 'context descriptor not valid, or programmed wrong' },
  F_WALK_EABT: { code: EVENT_CODES.F_WALK_EABT, condition: 'translation table unreadable' },
  F_TRANSLATION: { code: EVENT_CODES.F_TRANSLATION, condition: 'nothing is mapped there' },
  F_ADDR_SIZE: { code: EVENT_CODES.F_ADDR_SIZE, condition: 'output address beyond the output size' },
  F_ACCESS: { code: EVENT_CODES.F_ACCESS, condition: 'Access flag clear' },
  F_PERMISSION: { code: EVENT_CODES.F_PERMISSION, condition: 'no such permission' },
} as const
export type SmmuEvent = keyof typeof EVENTS

export interface SmmuUnit {
  /** CR0.SMMUEN; while it is off GBPA.ABORT decides. */
  readonly enabled: boolean
  readonly gbpaAbort: boolean
  /** CR0.ATSCHK: translated transactions are checked. */
  readonly atsCheck: boolean
  readonly streamTable: bigint
  /** STRTAB_BASE_CFG: LOG2SIZE, and SPLIT where there are two levels. */
  readonly log2size: number
  readonly split?: number
  /** IDR5.OAS in bits; IDR0: stage 1, stage 2. */
  readonly oas: number
  readonly stage1: boolean
  readonly stage2: boolean
}

export interface SmmuRequest {
  readonly stream: number
  readonly substream?: number
  readonly kind: 'untranslated' | 'translation' | 'translated'
  readonly access: 'read' | 'write'
  readonly address: bigint
  readonly privileged?: boolean
  readonly instruction?: boolean
}

export interface SmmuDecision {
  /**
   * `stage-2`: stage 1 is done, the rest is not decided here; `ignored`: reads zero, writes do nothing (CD.A=0);
   * `no-permission`: a translation completion that grants nothing.
   */
  readonly outcome: 'bypass' | 'translated' | 'stage-2' | 'abort' | 'ignored' | 'no-permission'
  readonly address?: bigint
  readonly event?: SmmuEvent
  readonly recorded: boolean
  readonly walked: readonly Walked[]
}

export function translateSmmu(unit: SmmuUnit, memory: Memory, request: SmmuRequest): SmmuDecision {
  const reader = new Reader(memory)
  const { walked } = reader
  const fail = (event: SmmuEvent): SmmuDecision => ({ outcome: 'abort', event, recorded: true, walked })
  const bypass = (): SmmuDecision => ({ outcome: 'bypass', address: request.address, recorded: false, walked })
  const abort = (): SmmuDecision => ({ outcome: 'abort', recorded: false, walked })
  if (!unit.enabled) return unit.gbpaAbort || request.kind !== 'untranslated' ? abort() : bypass()
  const ste = streamEntry(unit, reader, request.stream)
  if (typeof ste === 'string') return fail(ste)
  const config = ste.number('Config')
  const [first, second] = [(config & 5) === 5, (config & 6) === 6]
  if (!ste.flag('V') || (first && !unit.stage1) || (second && !unit.stage2)) return fail('C_BAD_STE')
  if (config < 4) return abort()
  const ats = ste.number('EATS') !== 0 && config !== 4
  if (request.kind === 'translation' && !ats) return fail('F_BAD_ATS_TREQ')
  if (request.kind === 'translated') return unit.atsCheck && !ats ? fail('F_TRANSL_FORBIDDEN') : bypass()
  const next = (address: bigint, outcome: 'bypass' | 'translated'): SmmuDecision => ({
    outcome: second ? 'stage-2' : outcome,
    address,
    recorded: false,
    walked,
  })
  if (!first) return request.substream === undefined ? next(request.address, 'bypass') : fail('C_BAD_SUBSTREAMID')
  const substream = selected(ste, request.substream)
  if (substream === 'bypass') return next(request.address, 'bypass')
  if (typeof substream === 'string') return fail(substream)
  const cd = contextDescriptor(reader, ste, substream)
  if (typeof cd === 'string') return fail(cd)
  if (!wellFormed(unit, cd)) return fail('C_BAD_CD')
  const reached = walk(unit, reader, cd, request)
  if (typeof reached === 'bigint') return next(reached, 'translated')
  // An unreadable table is always recorded and always aborts; the rest goes by the descriptor.
  if (reached === 'F_WALK_EABT') return fail(reached)
  if (request.kind === 'translation') return { outcome: 'no-permission', event: reached, recorded: false, walked }
  return { outcome: cd.flag('A') ? 'abort' : 'ignored', event: reached, recorded: cd.flag('R'), walked }
}

function streamEntry(unit: SmmuUnit, reader: Reader, stream: number): Entry | SmmuEvent {
  if (stream >= 2 ** unit.log2size) return 'C_BAD_STREAMID'
  const { split } = unit
  if (split === undefined) return reader.fetch(STE, unit.streamTable + BigInt(stream * 64)) ?? 'F_STE_FETCH'
  const top = reader.fetch(L1STD, unit.streamTable + BigInt(Math.floor(stream / 2 ** split) * 8))
  if (!top) return 'F_STE_FETCH'
  const span = top.number('Span')
  const low = stream % 2 ** split
  if (span === 0 || low >= 2 ** (span - 1)) return 'C_BAD_STREAMID'
  return reader.fetch(STE, top.pointer('L2Ptr') + BigInt(low * 64)) ?? 'F_STE_FETCH'
}

/** The context descriptor that a transaction selects. */
function selected(ste: Entry, substream: number | undefined): number | 'bypass' | SmmuEvent {
  const max = ste.number('S1CDMax')
  const dss = ste.number('S1DSS')
  if (max === 0) return substream === undefined ? 0 : 'C_BAD_SUBSTREAMID'
  if (substream === undefined) return dss === 0 ? 'F_STREAM_DISABLED' : dss === 1 ? 'bypass' : 0
  if (substream >= 2 ** max) return 'C_BAD_SUBSTREAMID'
  return substream === 0 && dss === 2 ? 'F_STREAM_DISABLED' : substream
}

function contextDescriptor(reader: Reader, ste: Entry, substream: number): Entry | SmmuEvent {
  const table = ste.pointer('S1ContextPtr')
  const format = ste.number('S1CDMax') === 0 ? 0 : ste.number('S1Fmt')
  if (format === 0) return reader.fetch(CD, table + BigInt(substream * 64)) ?? 'F_CD_FETCH'
  const each = format === 1 ? 64 : 1024
  const top = reader.fetch(L1CD, table + BigInt(Math.floor(substream / each) * 8))
  if (!top) return 'F_CD_FETCH'
  if (!top.flag('V')) return 'C_BAD_SUBSTREAMID'
  return reader.fetch(CD, top.pointer('L2Ptr') + BigInt((substream % each) * 64)) ?? 'F_CD_FETCH'
}

const SIZES = [32, 36, 40, 42, 44, 48, 52]

function wellFormed(unit: SmmuUnit, cd: Entry): boolean {
  const size = cd.number('T0SZ')
  if (!cd.flag('V') || !cd.flag('AA64')) return false
  if (cd.flag('EPD0')) return true
  return (
    size >= 16 &&
    size <= 39 &&
    cd.number('TG0') === 0 &&
    !cd.flag('ENDI') &&
    cd.pointer('TTB0') >> BigInt(unit.oas) === 0n
  )
}

/** Stage 1, 4 KiB granule: where it leads, or the event. */
function walk(unit: SmmuUnit, reader: Reader, cd: Entry, request: SmmuRequest): bigint | SmmuEvent {
  const input = 64 - cd.number('T0SZ')
  const address = cd.flag('TBI0') ? bitsAt(request.address, 55, 0) : request.address
  if (cd.flag('EPD0') || address >> BigInt(input) !== 0n) return 'F_TRANSLATION'
  const output = Math.min(unit.oas, SIZES[cd.number('IPS')] ?? unit.oas)
  let level = 4 - Math.ceil((input - 12) / 9)
  let table = cd.pointer('TTB0')
  let [readOnly, privilegedOnly, noExecute] = [false, false, false]
  for (; ; level++) {
    const low = 12 + 9 * (3 - level)
    const at = table + bitsAt(address, low + 8, low) * 8n
    const d = reader.word(`translation table level ${level}`, at)
    if (d === undefined) return 'F_WALK_EABT'
    const table3 = (d & 2n) !== 0n
    if ((d & 1n) === 0n || (!table3 && (level === 0 || level === 3))) return 'F_TRANSLATION'
    const frame = bitsAt(d, 47, 12) << 12n
    if (frame >> BigInt(output) !== 0n) return 'F_ADDR_SIZE'
    if (table3 && level < 3) {
      // Table attributes take permissions away from everything below.
      readOnly ||= bitsAt(d, 62, 62) === 1n
      privilegedOnly ||= bitsAt(d, 61, 61) === 1n
      noExecute ||= bitsAt(d, 60, 60) === 1n
      table = frame
      continue
    }
    if (bitsAt(d, 10, 10) === 0n && !cd.flag('HA')) return 'F_ACCESS'
    readOnly ||= bitsAt(d, 7, 7) === 1n
    privilegedOnly ||= bitsAt(d, 6, 6) === 0n
    noExecute ||= bitsAt(d, 54, 54) === 1n
    const refused =
      (request.access === 'write' && readOnly) ||
      (request.privileged !== true && privilegedOnly) ||
      (request.instruction === true && request.privileged !== true && noExecute)
    return refused ? 'F_PERMISSION' : ((frame >> BigInt(low)) << BigInt(low)) + bitsAt(address, low - 1, 0)
  }
}
