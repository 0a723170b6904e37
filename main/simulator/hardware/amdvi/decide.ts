/**
 * How an AMD IOMMU decides about DMA and interrupt requests. Isolation is by table: the requester selects its device
 * table entry, and with it its page table and its own interrupt table; entries name no source.
 * Source: Linux 6.12 drivers/iommu/amd/amd_iommu_types.h (bits, event numbers; reference 60 §6), QEMU hw/i386/amd_iommu.c
 * (what V, IV, IntCtl and the pass bits do). Scope: host page tables and requests without PASID; which event goes with
 * V=1 and TV=0, and with an unreadable interrupt table, is not in these sources (unverified), nor whether V has a say about
 * interrupts: here IV decides alone (unverified).
 */
import { EVENT_CODES } from './events'
import { bitsAt, Reader, type Entry, type Memory, type Walked } from '../entry'
import { DTE, IRTE128, IRTE128_GUEST, IRTE32 } from './entries'

export const EVENTS = {
  ILLEGAL_DEV_TABLE_ENTRY: EVENT_CODES.ILLEGAL_DEV_TABLE_ENTRY,
  IO_PAGE_FAULT: EVENT_CODES.IO_PAGE_FAULT,
  DEV_TAB_HARDWARE_ERROR: EVENT_CODES.DEV_TAB_HARDWARE_ERROR,
  PAGE_TAB_HARDWARE_ERROR: EVENT_CODES.PAGE_TAB_HARDWARE_ERROR,
  INVALID_DEVICE_REQUEST: EVENT_CODES.INVALID_DEVICE_REQUEST,
} as const
export type AmdEvent = keyof typeof EVENTS

export interface AmdUnit {
  readonly deviceTable: bigint
  /** Entries of the device table. */
  readonly entries: number
  /** Guest virtual APIC enabled: interrupt entries have 128 bits. */
  readonly ga: boolean
  /** x2APIC mode (XTEn): destinations have 32 bits, 8 otherwise. */
  readonly x2apic: boolean
}

export interface AmdRequest {
  readonly source: number
  readonly kind: 'untranslated' | 'translation' | 'translated'
  readonly access: 'read' | 'write'
  readonly address: bigint
}

interface Common {
  readonly walked: readonly Walked[]
  readonly event?: AmdEvent
  /** The event is written to the log. */
  readonly logged: boolean
  /** What decided it, in words. */
  readonly why: string
}
export type AmdDecision = Common & {
  readonly outcome: 'forwarded' | 'translated' | 'target-abort'
  readonly address?: bigint
}
export type AmdInterruptDecision = Common &
  (
    | { readonly outcome: 'target-abort' | 'passed' }
    | {
        readonly outcome: 'remapped'
        readonly index: number
        readonly destination: number
        readonly vector: number
        readonly logical: boolean
      }
    /** Into the guest's virtual APIC: a doorbell to the processor while it runs, else the log where that is asked for. */
    | {
        readonly outcome: 'guest'
        readonly index: number
        readonly vector: number
        readonly running: boolean
        readonly toLog: boolean
      }
  )

type Refusal = Common & { readonly outcome: 'target-abort' }

class Walker extends Reader {
  refuse(event: AmdEvent, why: string, logged = true): Refusal {
    return { outcome: 'target-abort', event, logged, why, walked: this.walked }
  }

  /** The device table entry, or why there is none. */
  device(unit: AmdUnit, source: number): Entry | Refusal {
    if (source >= unit.entries) return this.refuse('ILLEGAL_DEV_TABLE_ENTRY', 'the device table has no entry for it')
    const dte = this.fetch(DTE, unit.deviceTable + BigInt(source * 32))
    return dte ?? this.refuse('DEV_TAB_HARDWARE_ERROR', 'the device table entry cannot be read')
  }
}
const isRefusal = (x: Entry | Refusal): x is Refusal => 'outcome' in x

/** Decides about a DMA request without PASID. */
export function translateAmd(unit: AmdUnit, memory: Memory, request: AmdRequest): AmdDecision {
  const w = new Walker(memory)
  const dte = w.device(unit, request.source)
  if (isRefusal(dte)) return dte
  const pass = (why: string): AmdDecision => ({
    outcome: 'forwarded',
    address: request.address,
    logged: false,
    why,
    walked: w.walked,
  })
  if (!dte.flag('V')) return pass('V=0: the device is not translated')
  const quiet = dte.flag('SA')
  const mode = dte.number('Mode')
  if (dte.reserved || mode === 7)
    return w.refuse('ILLEGAL_DEV_TABLE_ENTRY', dte.reserved ? 'reserved bits are set' : 'paging mode 7 is reserved')
  if (request.kind !== 'untranslated' && !dte.flag('I'))
    return w.refuse('INVALID_DEVICE_REQUEST', 'I=0: the entry allows no translation requests and no translated ones')
  if (request.kind === 'translated') return pass('translated by the device’s own TLB')
  if (!dte.flag('TV')) return w.refuse('IO_PAGE_FAULT', 'TV=0: there is nothing to translate it by', !quiet)
  const may = (entry: Pick<Entry, 'flag'>): boolean => entry.flag(request.access === 'write' ? 'IW' : 'IR')
  if (!may(dte)) return w.refuse('IO_PAGE_FAULT', 'the entry gives no such permission', !quiet)
  if (mode === 0) return pass('paging mode 0: permissions only')
  return walk(w, request, dte.pointer('Root'), mode, quiet)
}

/** Host page tables: each entry names the level of the next one; 0 is a page, 7 a page of the size that its zeros tell. */
function walk(w: Walker, request: AmdRequest, root: bigint, mode: number, quiet: boolean): AmdDecision {
  const fault = (why: string): Refusal => w.refuse('IO_PAGE_FAULT', why, !quiet)
  if (mode < 6 && request.address >> BigInt(12 + 9 * mode) !== 0n) return fault('the address is beyond the paging mode')
  let table = root
  let level = mode
  for (;;) {
    const at = table + bitsAt(request.address, 11 + 9 * level, 3 + 9 * level) * 8n
    const entry = w.word(`page table level ${level}`, at)
    if (entry === undefined) return w.refuse('PAGE_TAB_HARDWARE_ERROR', 'a page table entry cannot be read')
    if ((entry & 1n) === 0n) return fault('nothing is mapped there')
    if (bitsAt(entry, request.access === 'write' ? 62 : 61, request.access === 'write' ? 62 : 61) === 0n)
      return fault('the mapping gives no such permission')
    const next = Number(bitsAt(entry, 11, 9))
    const frame = bitsAt(entry, 51, 12) << 12n
    if (next === 0 || next === 7) {
      const size = next === 0 ? 3 + 9 * level : sizeBits(frame)
      const base = (frame >> BigInt(size)) << BigInt(size)
      return {
        outcome: 'translated',
        address: base + bitsAt(request.address, size - 1, 0),
        logged: false,
        why: 'mapped',
        walked: w.walked,
      }
    }
    if (next >= level) return fault('the next level is not below this one')
    table = frame
    // Levels may be skipped; the address bits in between must be 0.
    if (level - next > 1 && bitsAt(request.address, 2 + 9 * level, 12 + 9 * next) !== 0n)
      return fault('address bits of a skipped level are set')
    level = next
  }
}

/** Page size of an entry with next level 7: the first zero from bit 12 on, log2 of the size. */
function sizeBits(frame: bigint): number {
  let bit = 12
  while ((frame >> BigInt(bit)) & 1n) bit++
  return bit + 1
}

/** Decides about an interrupt request: a write to 0xfeexxxxx. `data` 10:0 selects the entry, 10:8 are its mode as well. */
export function deliverAmd(
  unit: AmdUnit,
  memory: Memory,
  request: { readonly source: number; readonly data: number },
): AmdInterruptDecision {
  const w = new Walker(memory)
  const dte = w.device(unit, request.source)
  if (isRefusal(dte)) return dte
  const passed = (why: string): AmdInterruptDecision => ({ outcome: 'passed', logged: false, why, walked: w.walked })
  if (!dte.flag('IV')) return passed('IV=0: interrupts are not mapped')
  if (dte.reserved) return w.refuse('ILLEGAL_DEV_TABLE_ENTRY', 'reserved bits are set')
  const other = special(w, dte, (request.data >> 8) & 7)
  if (other) return other
  const control = dte.number('IntCtl')
  if (control === 1) return passed('IntCtl=1: forwarded unmapped')
  if (control === 3) return w.refuse('ILLEGAL_DEV_TABLE_ENTRY', 'IntCtl=3 is reserved')
  if (control === 0) return w.refuse('IO_PAGE_FAULT', 'IntCtl=0: aborted', !dte.flag('IG'))
  const length = dte.number('IntTabLen')
  if (length > 11) return w.refuse('ILLEGAL_DEV_TABLE_ENTRY', 'IntTabLen above 11 is reserved')
  const index = request.data & 0x7ff
  if (index >= 2 ** length) return w.refuse('IO_PAGE_FAULT', 'the index is beyond the table', !dte.flag('IG'))
  return remap(unit, w, dte, index)
}

/** NMI, INIT and ExtINT pass by bits of their own; SMI and the reserved modes do not. */
function special(w: Walker, dte: Entry, mode: number): AmdInterruptDecision | undefined {
  if (mode <= 1) return undefined
  const bit = { 4: 'NMIPass', 5: 'InitPass', 7: 'EIntPass' }[mode]
  if (bit !== undefined && dte.flag(bit)) return { outcome: 'passed', logged: false, why: `${bit}=1`, walked: w.walked }
  return w.refuse('IO_PAGE_FAULT', bit === undefined ? `delivery mode ${mode} is never passed` : `${bit}=0`)
}

function remap(unit: AmdUnit, w: Walker, dte: Entry, index: number): AmdInterruptDecision {
  const root = dte.bits('IntTabRoot') << 6n
  const plain = unit.ga ? w.fetch(IRTE128, root + BigInt(index * 16)) : word32(w, root + BigInt(index * 4))
  if (!plain) return w.refuse('PAGE_TAB_HARDWARE_ERROR', 'the interrupt table cannot be read')
  const fault = (why: string): Refusal => w.refuse('IO_PAGE_FAULT', why, !plain.flag('SupIOPF') && !dte.flag('IG'))
  if (!plain.flag('RemapEn')) return fault('the entry is not valid')
  if (plain.flag('GuestMode')) {
    if (!unit.ga) return fault('guest mode in an entry of 32 bits')
    const guest = w.fetch(IRTE128_GUEST, root + BigInt(index * 16))
    if (!guest || guest.reserved) return fault('reserved bits are set')
    const running = guest.flag('IsRun')
    return {
      outcome: 'guest',
      index,
      vector: guest.number('Vector'),
      running,
      toLog: !running && guest.flag('GALogIntr'),
      logged: false,
      why: running ? 'the vCPU runs' : 'the vCPU does not run',
      walked: w.walked,
    }
  }
  if (plain.reserved) return fault('reserved bits are set')
  if (plain.number('IntType') > 1) return fault('the interrupt type is reserved')
  const low = plain.number('Destination')
  const destination = !unit.x2apic ? low & 0xff : unit.ga ? low + plain.number('DestinationHi') * 2 ** 24 : low
  return {
    outcome: 'remapped',
    index,
    destination,
    vector: plain.number('Vector'),
    logical: plain.flag('DM'),
    logged: false,
    why: 'remapped',
    walked: w.walked,
  }
}

/** An entry of 32 bits: half of an aligned word. */
function word32(w: Walker, address: bigint): Entry | undefined {
  const half = address & 4n
  const shifted: Memory = {
    read: (at) => {
      const word = w.memory.read(at - half)
      return word === undefined ? undefined : bitsAt(word, half ? 63 : 31, half ? 32 : 0)
    },
  }
  const reader = new Reader(shifted)
  const entry = reader.fetch(IRTE32, address)
  w.walked.push(...reader.walked)
  return entry
}
