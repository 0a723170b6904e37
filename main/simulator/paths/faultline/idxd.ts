/**
 * SWERROR of an idxd device: four words as the driver prints them (`err[0]: 0x…`, idxd_misc_thread), or bare.
 * Layout: drivers/dma/idxd/registers.h union sw_err_reg; codes: DSA 3.0 (reference 70 §6).
 */
import { code } from '../hop'
import { BDF, bits, flag, hex64, type FaultLine } from './line'
import { faultLine, hex, reason, type FaultReason } from './reason'

/** SWERROR has numbers and no names. */
const error = (n: number, condition: string, place: Parameters<typeof reason>[3]): FaultReason =>
  reason(n, `SWERROR ${code(n)}`, condition, place)
const descriptor = (n: number, condition: string, field: string): FaultReason =>
  error(n, condition, ['device', 'Descriptor', field])

export const SW_ERRORS: readonly FaultReason[] = [
  descriptor(0x03, 'page fault, operation completed in part', 'address'),
  error(0x04, 'page request answered with Invalid Request', ['translation', 'Page-group response', 'Response Code']),
  descriptor(0x05, 'descriptors of a batch failed', 'batch'),
  error(0x06, 'page fault on the descriptor list of a batch', ['translation', 'Descriptor', 'Descriptor List Address']),
  descriptor(0x07, 'delta record: offsets not in order', 'delta record'),
  descriptor(0x08, 'delta record: offset out of range', 'delta record'),
  descriptor(0x09, 'DIF error', 'DIF flags'),
  descriptor(0x10, 'operation not supported', 'Operation'),
  descriptor(0x11, 'invalid flags', 'Flags'),
  descriptor(0x12, 'reserved field not 0', 'reserved fields'),
  descriptor(0x13, 'transfer size out of range', 'Transfer Size'),
  descriptor(0x14, 'descriptor count out of range', 'Descriptor Count'),
  descriptor(0x15, 'delta record size out of range', 'Maximum Delta Record Size'),
  descriptor(0x16, 'buffers overlap', 'Source and Destination Address'),
  descriptor(0x17, 'destinations of a dualcast misaligned to each other', 'Destination 1 and 2 Address'),
  descriptor(0x18, 'descriptor list misaligned', 'Descriptor List Address'),
  error(
    0x19,
    'invalid interrupt handle: out of range, revoked, or PASID_EN or PASID of its entry is not that of the work queue or the descriptor',
    ['permission', 'MSIXPERM or IMS entry', 'PASID_EN, PASID'],
  ),
  error(0x1a, 'page fault on the completion record', ['translation', 'Descriptor', 'Completion Record Address']),
  descriptor(0x1b, 'completion record misaligned', 'Completion Record Address'),
  descriptor(0x1c, 'address misaligned for the operation', 'Source or Destination Address'),
  error(0x1d, 'privilege not allowed', ['permission', 'WQCFG', 'Priv']),
  error(0x1e, 'traffic class selector not configured', ['permission', 'GRPCFG', 'Traffic Class']),
  error(0x1f, 'page fault on the readback address', ['translation', 'Descriptor', 'Destination Address']),
  error(0x20, 'hardware error', ['device', 'Device', 'hardware']),
  error(0x21, 'hardware error while reading back', ['device', 'Device', 'hardware']),
  error(0x22, 'address translation failed', ['translation', 'Descriptor', 'address']),
  descriptor(0x26, 'drain: an error was written to the event log', 'event log'),
  descriptor(0x27, 'batch: an error was written to the event log', 'event log'),
]

const VALID = 0
const OVERFLOW = 1

/** Undefined: VALID is 0, or the code is none. */
export function swError(record: readonly bigint[], device?: string): FaultLine | undefined {
  const [first = 0n, second = 0n, third = 0n] = record
  if (!flag(first, VALID)) return undefined
  const raw = Number(bits(first, 15, 8))
  const known = SW_ERRORS.find((e) => e.code === (raw & 0x7f))
  if (!known) return undefined
  const described = flag(first, 2)
  const pasid = described ? bits(first, 59, 40) : undefined
  const fields: Record<string, string> = {
    SWERROR: hex(first),
    ...(flag(first, 3) ? { WQ: bits(first, 23, 16).toString() } : {}),
    ...(described ? { operation: code(Number(bits(first, 39, 32))) } : {}),
    ...(pasid === undefined ? {} : { PASID: hex(pasid), privileged: flag(first, 6) ? '1' : '0' }),
    ...(flag(first, 4) ? { 'batch index': bits(second, 15, 0).toString() } : {}),
    ...(known.code === 0x11 ? { 'invalid flags': hex(bits(second, 63, 32)) } : {}),
    overflow: flag(first, OVERFLOW) ? '1' : '0',
  }
  return faultLine(known, {
    source: 'idxd SWERROR',
    device,
    address: third === 0n ? undefined : third,
    access: flag(first, 5) || (raw & 0x80) !== 0 ? 'write' : 'read',
    pasid,
    at: device ?? 'idxd',
    fields,
    cite: known.block === 'permission' ? 'DSA 3.0; 70 §4.1, §6' : 'DSA 3.0; 70 §6',
    facts: [
      ...Object.entries({ field: known.field, ...fields }).map(([k, v]) => `${k} ${v}`),
      ...(flag(first, OVERFLOW) ? ['further errors were lost'] : []),
    ],
  })
}

export function readIdxd(text: string): FaultLine | { readonly unknown: string } | undefined {
  const found = [...text.matchAll(/\berr\[([0-3])\]: ((?:0x)?[0-9a-f]{1,16})\b/gi)].slice(0, 4)
  if (found.length === 0) return undefined
  const record = [0n, 0n, 0n, 0n]
  for (const [, at, word] of found) record[Number(at)] = hex64(word) ?? 0n
  const device = new RegExp(`idxd ${BDF}`).exec(text)?.[1]
  const first = record[0] ?? 0n
  return (
    swError(record, device) ?? {
      unknown: flag(first, VALID)
        ? `idxd has no error code ${code(Number(bits(first, 14, 8)))}`
        : 'its bit 0 (valid) is 0',
    }
  )
}
