/**
 * Interrupt messages of x86: writes to 0xfeexxxxx. Compatibility format (the LAPIC's own), with the extended destination
 * ID of KVM, Xen and Hyper-V; VT-d remappable format; the I/O APIC's remappable redirection entry.
 * Source: VT-d 5.10 §5.1 (reference 60 §1–§2).
 */
import { bitsAt } from '../entry'

export type DeliveryMode = 'fixed' | 'lowest' | 'smi' | 'nmi' | 'init' | 'extint' | 'reserved'
const MODES: readonly DeliveryMode[] = ['fixed', 'lowest', 'smi', 'reserved', 'nmi', 'init', 'reserved', 'extint']

export interface ApicMessage {
  readonly destination: number
  /** Destination mode: logical, or physical. */
  readonly logical: boolean
  /** Redirection hint. */
  readonly hint: boolean
  readonly vector: number
  readonly mode: DeliveryMode
  /** Trigger mode: level, or edge. */
  readonly level: boolean
  /** What a LAPIC would not take, for a person. */
  readonly wrong?: string
}

export const isApicAddress = (address: bigint): boolean => address >> 20n === 0xfeen

/**
 * Address and data in compatibility format. `extended`: bits 11:5 of the address are destination bits 14:8 (KVM and
 * others under a paravirtual feature bit); reserved otherwise.
 */
export function decodeCompatibility(address: bigint, data: number, extended = false): ApicMessage {
  const vector = data & 0xff
  const mode = MODES[(data >> 8) & 7] ?? 'reserved'
  const high = Number(bitsAt(address, 11, 5))
  const wrong = !isApicAddress(address)
    ? 'the address is outside 0xfeexxxxx'
    : bitsAt(address, 4, 4) === 1n
      ? 'the address is in remappable format'
      : (mode === 'fixed' || mode === 'lowest') && (vector < 16 || vector > 254)
        ? 'vectors go from 16 to 254'
        : mode === 'reserved'
          ? 'the delivery mode is reserved'
          : undefined
  return {
    destination: Number(bitsAt(address, 19, 12)) | (extended ? high << 8 : 0),
    hint: bitsAt(address, 3, 3) === 1n,
    logical: bitsAt(address, 2, 2) === 1n,
    vector,
    mode,
    level: ((data >> 15) & 1) === 1,
    ...(wrong === undefined ? {} : { wrong }),
  }
}

/** The message in compatibility format; destinations above 255 need the extended destination ID (below 2^15). */
export function encodeCompatibility(m: Omit<ApicMessage, 'wrong'>): {
  readonly address: bigint
  readonly data: number
} {
  const address =
    0xfee00000 |
    ((m.destination & 0xff) << 12) |
    (((m.destination >> 8) & 0x7f) << 5) |
    (m.hint ? 8 : 0) |
    (m.logical ? 4 : 0)
  return {
    address: BigInt(address >>> 0),
    data: m.vector | (MODES.indexOf(m.mode) << 8) | (m.level ? 0xc000 : 0),
  }
}

export interface Remappable {
  /** Handle, sub-handle if SHV is set, and the entry that they select. */
  readonly handle: number
  readonly shv: boolean
  readonly subhandle: number
  readonly index: number
  /** SHV is set and data 31:16 are not 0. */
  readonly reserved: boolean
}

export function decodeRemappable(address: bigint, data: number): Remappable {
  const handle = Number(bitsAt(address, 19, 5)) | (Number(bitsAt(address, 2, 2)) << 15)
  const shv = bitsAt(address, 3, 3) === 1n
  const subhandle = shv ? data & 0xffff : 0
  return { handle, shv, subhandle, index: handle + subhandle, reserved: shv && data >>> 16 !== 0 }
}

/**
 * The message for an entry. With a sub-handle (Linux 6.12 always): the first entry of the block in the handle, the
 * vector's place in it in the data. Without: the whole index in the handle, data 0.
 */
export function encodeRemappable(
  handle: number,
  subhandle?: number,
): { readonly address: bigint; readonly data: number } {
  const shv = subhandle !== undefined
  const address = 0xfee00010 | ((handle & 0x7fff) << 5) | (shv ? 8 : 0) | ((handle >> 15) << 2)
  return { address: BigInt(address >>> 0), data: subhandle ?? 0 }
}

/** A 64-bit I/O APIC redirection entry in remappable format: index 14:0 in 63:49, index 15 in bit 11. */
export function decodeRedirection(entry: bigint): {
  remappable: boolean
  index: number
  vector: number
  level: boolean
} {
  return {
    remappable: bitsAt(entry, 48, 48) === 1n,
    index: Number(bitsAt(entry, 63, 49)) | (Number(bitsAt(entry, 11, 11)) << 15),
    vector: Number(bitsAt(entry, 7, 0)),
    level: bitsAt(entry, 15, 15) === 1n,
  }
}
