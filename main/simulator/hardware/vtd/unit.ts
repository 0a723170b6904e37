/** What a translation depends on: the unit's registers and capabilities, the request, and the shape of the answer. */
import type { BlockRegister } from '../block'
import { Reader, type Entry, type Walked } from '../entry'
import { DMA_REASONS, type FaultReason } from './reasons'
import { assert } from '../../faults'

export interface Unit {
  /** RTADDR.TTM: 0 legacy, 1 scalable, 3 abort. */
  readonly ttm: number
  /** RTADDR.RTA: address of the root table. */
  readonly rootTable: bigint
  /** VER.MAJOR. */
  readonly major: number
  /** Host address width, bits (DMAR table). */
  readonly haw: number
  /** CAP.MGAW, bits. */
  readonly mgaw: number
  /** CAP.SAGAW: address widths that AW may name (1 = 39 bit, 2 = 48, 3 = 57). */
  readonly sagaw: readonly number[]
  /** ECAP: SMTS, ADMS, PT, DT, FSTS, SSTS, NEST, ERS, SSAD and so on. */
  readonly scalable: boolean
  readonly abort: boolean
  readonly passThrough: boolean
  readonly deviceTlb: boolean
  readonly firstStage: boolean
  readonly secondStage: boolean
  readonly nested: boolean
  readonly executeRequests: boolean
  /** CAP.FS5LP, CAP.ZLR. */
  readonly fiveLevel: boolean
  readonly zeroLengthRead: boolean
  /** ECAP.PSS: PASIDs have PSS+1 bits. */
  readonly pss: number
  /** Scalable interrupt-remapping-write enable bit set by software: wrong together with legacy mode (80 §5, 30h). */
  readonly ssirwe?: boolean
  /** The host permission table, where HPTE is used: its layout is not in the reference, so its answers are given. */
  readonly hpt?: (address: bigint) => HostPermission
}

export type HostPermission =
  | { readonly k: 'beyond-size' | 'entry-unreadable' | 'reserved' | 'root-unreadable' | 'ended-early' }
  | { readonly k: 'permission'; readonly read: boolean; readonly write: boolean }

export interface Request {
  /** Requester ID: bus 15:8, device 7:3, function 2:0. */
  readonly source: number
  readonly kind: 'untranslated' | 'translation' | 'translated' | 'page'
  readonly access: 'read' | 'write' | 'atomic' | 'zero-length-read'
  readonly address: bigint
  /** The PASID on the wire; undefined: a request without PASID. */
  readonly pasid?: number
  readonly execute?: boolean
  readonly privileged?: boolean
  /** No-Write flag of a translation request. */
  readonly noWrite?: boolean
  /** A page request that wants an answer. */
  readonly last?: boolean
}

export interface Decision {
  /**
   * `forwarded`: goes on to `address`; `success`: a translation completion; `interrupt`: an interrupt request (60 §3);
   * `queued`: a page request for software; `UR`, `CA`: refused; `invalid-request`, `dropped`: answers to page requests.
   */
  readonly outcome: 'forwarded' | 'success' | 'interrupt' | 'queued' | 'UR' | 'CA' | 'invalid-request' | 'dropped'
  readonly address?: bigint
  readonly permission?: { readonly read: boolean; readonly write: boolean }
  readonly reason?: FaultReason
  /** The fault is recorded for software. */
  readonly logged: boolean
  /** Structures that were read, in order. */
  readonly walked: readonly Walked[]
  /** Conditions that were looked at, by number, in order; the last one is the reason where there is one. */
  readonly checked: readonly number[]
}

/** One condition of the table: its number, and whether the request meets it. */
export type Check = readonly [code: number, failed: boolean]

/** A walk in progress: what has been read and looked at, and whether some FPD was seen. */
export class Trail extends Reader {
  readonly checked: number[] = []
  fpd = false

  override fetch(register: BlockRegister, address: bigint): Entry | undefined {
    const entry = super.fetch(register, address)
    if (entry?.register.fields.some((f) => f.name === 'FPD') && entry.flag('FPD')) this.fpd = true
    return entry
  }

  /** The first condition that is met; they are looked at in this order. */
  first(...checks: readonly Check[]): number | undefined {
    for (const [code, failed] of checks) {
      this.checked.push(code)
      if (failed) return code
    }
    return undefined
  }

  fail(code: number): number {
    if (this.checked.at(-1) !== code) this.checked.push(code)
    return code
  }

  /** The request goes on. */
  pass(outcome: 'forwarded' | 'success' | 'interrupt' | 'queued', more: Partial<Decision> = {}): Decision {
    return { outcome, logged: false, walked: this.walked, checked: this.checked, ...more }
  }

  /** The answer that the table gives to this kind of request. */
  refuse(code: number, request: Request, permission = { read: false, write: false }): Decision {
    const reason = DMA_REASONS.get(code)
    assert(reason, `fault reason ${code.toString(16)}`)
    const log = !(reason.qualified && this.fpd)
    const common = { reason, walked: this.walked, checked: this.checked }
    if (request.kind === 'page')
      return { ...common, outcome: request.last ? 'invalid-request' : 'dropped', logged: log }
    if (request.kind === 'translated') return { ...common, outcome: reason.translated, logged: log }
    if (request.kind === 'untranslated') return { ...common, outcome: 'UR', logged: log }
    if (reason.ats === 'UR' || reason.ats === 'CA') return { ...common, outcome: reason.ats, logged: log }
    // The device sees a fault that it may recover from; only a failed Accessed or Dirty update is recorded besides.
    return { ...common, outcome: 'success', permission, logged: log && code === 0x91 }
  }
}

/** 0xfee00000–0xfeefffff. */
export const inInterruptRange = (address: bigint): boolean => address >> 20n === 0xfeen

export const beyond = (address: bigint, bits: number): boolean => address >> BigInt(bits) !== 0n
