/** One reader per capability that Doorbell uses: bits → fields of a platform's function. */
import type { PciFunction } from '../../platform/schema'
import { hasWideAcs } from '../../platform/wide-acs'
import type { Bytes } from '../bytes'
import type { Capability } from './capabilities'

export type CapabilityFields = Pick<
  PciFunction,
  'express' | 'msi' | 'msix' | 'pm' | 'af' | 'acs' | 'ats' | 'pri' | 'pasid' | 'sriov' | 'siov' | 'cxlPort' | 'ari'
>

/** Identity, for the one capability whose layout depends on the device. */
interface Target extends CapabilityFields {
  vendor?: number
  device?: number
}

/**
 * Fills `into`. Returns undefined when all is read, 'cut' when the bytes end before the capability does,
 * 'other' when it is another capability under the same id, anything else: what is wrong.
 */
type Read = (bytes: Bytes, at: Capability, into: Target) => string | undefined

type ExpressType = NonNullable<PciFunction['express']>['type']
const EXPRESS_TYPES: Record<number, ExpressType> = {
  0: 'endpoint',
  1: 'legacy-endpoint',
  4: 'root-port',
  5: 'upstream-port',
  6: 'downstream-port',
  7: 'pcie-to-pci-bridge',
  8: 'pci-to-pcie-bridge',
  9: 'rc-integrated-endpoint',
  10: 'rc-event-collector',
}

/** Device Capabilities bit 28 (PCIe 6.0 §7.5.3.3). */
const FLR = 1 << 28
/** Device Capabilities 2, at +0x24 from version 2 of the capability on: bit 21 (PCIe 6.0 §7.5.3.15). */
const DEVICE_CAPABILITIES_2 = 0x24
const TLP_PREFIX = 1 << 21
const NO_SOFT_RESET = 1 << 3

const express: Read = (bytes, { offset }, into) => {
  if (!bytes.has(offset, 4)) return 'cut'
  const flags = bytes.u16(offset + 2)
  const type = EXPRESS_TYPES[(flags >> 4) & 0xf]
  if (!type) return `device/port type ${(flags >> 4) & 0xf} is not defined`
  const flr = bytes.has(offset + 4, 4) ? { flr: (bytes.u32(offset + 4) & FLR) !== 0 } : {}
  const version = flags & 0xf
  // The first version has no such register: nothing of it can carry a prefix.
  const shown = version < 2 || bytes.has(offset + DEVICE_CAPABILITIES_2, 4)
  const tlpPrefix = version >= 2 && shown && (bytes.u32(offset + DEVICE_CAPABILITIES_2) & TLP_PREFIX) !== 0
  into.express = { type, version, slot: (flags & 0x100) !== 0, ...flr, ...(shown ? { tlpPrefix } : {}) }
  return undefined
}

/** PCI Power Management 1.2 §3.2.4: PMCSR at +4. */
const pm: Read = (bytes, { offset }, into) => {
  if (!bytes.has(offset, 6)) return 'cut'
  into.pm = { noSoftReset: (bytes.u16(offset + 4) & NO_SOFT_RESET) !== 0 }
  return undefined
}

/** ECN Advanced Capabilities for Conventional PCI: AF Capabilities at +3. */
const af: Read = (bytes, { offset }, into) => {
  if (!bytes.has(offset, 4)) return 'cut'
  const capability = bytes.u8(offset + 3)
  into.af = { tp: (capability & 1) !== 0, flr: (capability & 2) !== 0 }
  return undefined
}

const msi: Read = (bytes, { offset }, into) => {
  if (!bytes.has(offset, 4)) return 'cut'
  const control = bytes.u16(offset + 2)
  into.msi = {
    vectors: 1 << ((control >> 1) & 7),
    enabled: (control & 1) !== 0,
    maskable: (control & 0x100) !== 0,
    address64: (control & 0x80) !== 0,
  }
  return undefined
}

const msix: Read = (bytes, { offset }, into) => {
  if (!bytes.has(offset, 12)) return 'cut'
  const control = bytes.u16(offset + 2)
  const table = bytes.u32(offset + 4)
  const pba = bytes.u32(offset + 8)
  into.msix = {
    vectors: (control & 0x7ff) + 1,
    enabled: (control & 0x8000) !== 0,
    tableBir: table & 7,
    tableOffset: (table & ~7) >>> 0,
    pbaBir: pba & 7,
    pbaOffset: (pba & ~7) >>> 0,
  }
  return undefined
}

const acs: Read = (bytes, { offset }, into) => {
  const controlAt = hasWideAcs(into) ? 8 : 6
  if (!bytes.has(offset, controlAt + 2)) return 'cut'
  into.acs = { cap: bytes.u16(offset + 4), ctrl: bytes.u16(offset + controlAt) }
  return undefined
}

const ari: Read = (_bytes, _at, into) => {
  into.ari = true
  return undefined
}

const ats: Read = (bytes, { offset }, into) => {
  if (!bytes.has(offset, 8)) return 'cut'
  const control = bytes.u16(offset + 6)
  into.ats = {
    enabled: (control & 0x8000) !== 0,
    stu: control & 0x1f,
    queueDepth: bytes.u16(offset + 4) & 0x1f || 32, // 0 stands for 32
  }
  return undefined
}

const pri: Read = (bytes, { offset }, into) => {
  if (!bytes.has(offset, 6)) return 'cut'
  into.pri = { enabled: (bytes.u16(offset + 4) & 1) !== 0 }
  return undefined
}

const pasid: Read = (bytes, { offset }, into) => {
  if (!bytes.has(offset, 8)) return 'cut'
  const capability = bytes.u16(offset + 4)
  into.pasid = {
    width: (capability >> 8) & 0x1f,
    exec: (capability & 2) !== 0,
    priv: (capability & 4) !== 0,
    enabled: (bytes.u16(offset + 6) & 1) !== 0,
  }
  return undefined
}

const sriov: Read = (bytes, { offset }, into) => {
  if (!bytes.has(offset, 0x1c)) return 'cut'
  const enabled = (bytes.u16(offset + 8) & 1) !== 0
  into.sriov = {
    total: bytes.u16(offset + 0xe),
    initial: bytes.u16(offset + 0xc),
    enabled: enabled ? bytes.u16(offset + 0x10) : 0,
    firstOffset: bytes.u16(offset + 0x14),
    stride: bytes.u16(offset + 0x16),
    vfDevice: bytes.u16(offset + 0x1a),
  }
  return undefined
}

/**
 * Scalable I/O virtualisation is one of many capabilities with the id "vendor specific": Intel's, number 5 (95 §3).
 * Another is that of a CXL port (CXL 3.1 §8.1.5).
 */
const siov: Read = (bytes, { offset }, into) => {
  if (!bytes.has(offset, 0xa)) return 'cut'
  if (bytes.u16(offset + 4) === 0x1e98 && bytes.u16(offset + 8) === 3) into.cxlPort = true
  if (bytes.u16(offset + 4) !== 0x8086 || bytes.u16(offset + 8) !== 5) return 'other'
  if (!bytes.has(offset, 0x18)) return 'cut'
  into.siov = { ims: (bytes.u32(offset + 0x14) & 1) !== 0 }
  return undefined
}

export const STANDARD_READERS: Record<number, { name: string; read: Read }> = {
  0x01: { name: 'pm', read: pm },
  0x05: { name: 'msi', read: msi },
  0x10: { name: 'express', read: express },
  0x11: { name: 'msix', read: msix },
  0x13: { name: 'af', read: af },
}

export const EXTENDED_READERS: Record<number, { name: string; read: Read }> = {
  0x0d: { name: 'acs', read: acs },
  0x0e: { name: 'ari', read: ari },
  0x0f: { name: 'ats', read: ats },
  0x10: { name: 'sriov', read: sriov },
  0x13: { name: 'pri', read: pri },
  0x1b: { name: 'pasid', read: pasid },
  0x23: { name: 'siov', read: siov },
}
