/** PCI addresses and 64-bit numbers as text: the one place that knows how they are written. */

export interface PciAddress {
  /** PCI segment (Linux: domain). 16 bits by specification; Linux gives VMD children domains from 0x10000. */
  readonly segment: number
  readonly bus: number
  readonly device: number
  readonly function: number
}

const PATTERN = /^(?:([0-9a-f]{1,8}):)?([0-9a-f]{1,2}):([01]?[0-9a-f])\.([0-7])$/

/** Accepts what people write (`01:00.0`, `0:1:0.0`, upper case); undefined when it is no PCI address. */
export function parseAddress(text: string): PciAddress | undefined {
  const match = PATTERN.exec(text.trim().toLowerCase())
  if (!match) return undefined
  const [, segment, bus = '', device = '', fn = ''] = match
  return {
    segment: segment === undefined ? 0 : parseInt(segment, 16),
    bus: parseInt(bus, 16),
    device: parseInt(device, 16),
    function: parseInt(fn, 16),
  }
}

/** `0000:01:00.0`: lower case, at least four digits of segment. */
export function formatAddress(address: PciAddress): string {
  const { segment, bus, device } = address
  return `${digits(segment, 4)}:${digits(bus, 2)}:${digits(device, 2)}.${address.function}`
}

/** Requester ID: bus 15:8, device 7:3, function 2:0. */
export const requesterId = (address: PciAddress): number =>
  (address.bus << 8) | (address.device << 3) | address.function

export function addressOfRequester(segment: number, rid: number): PciAddress {
  return { segment, bus: (rid >> 8) & 0xff, device: (rid >> 3) & 0x1f, function: rid & 7 }
}

/** A requester ID as people write it: `01:00.0`. */
export const formatRequester = (rid: number): string =>
  `${digits((rid >> 8) & 0xff, 2)}:${digits((rid >> 3) & 0x1f, 2)}.${rid & 7}`

/** `0xfee00000`: no padding, lower case; negative numbers do not occur. */
export const hex = (value: number | bigint): string => `0x${value.toString(16)}`

/** Zero-padded lower-case hex digits, without prefix. */
export const digits = (value: number | bigint, width: number): string => value.toString(16).padStart(width, '0')
