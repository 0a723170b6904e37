/**
 * Configuration space → what a function says of itself. Registers and bits: PCIe 6.0 chapters 7 and 9, MSI and MSI-X
 * 60 §10–11, the rest 95 §3. What the bytes at hand do not reach is listed under `unknown`, never taken as absent.
 */
import type { PciFunction, PlatformWarning } from '../../platform/schema'
import { digits, hex } from '../../platform/address'
import { Bytes } from '../bytes'
import { warning } from '../warnings'
import { extendedChain, standardChain, type Capability, type Chain } from './capabilities'
import { EXTENDED_READERS, STANDARD_READERS, type CapabilityFields } from './fields'

/** Everything that configuration space tells; vendor to revision are absent where the bytes are too few. */
export interface ConfigSpace extends CapabilityFields {
  size: 0 | 64 | 256 | 4096
  vendor?: number
  device?: number
  class?: number
  revision?: number
  subsystem?: { vendor: number; device: number }
  headerType?: 0 | 1 | 2
  multifunction?: boolean
  busMaster?: boolean
  interruptPin?: number
  bridge?: NonNullable<PciFunction['bridge']>
  registers?: NonNullable<PciFunction['registers']>
  unknown: string[]
}

const STANDARD_NAMES = ['af', 'express', 'msi', 'msix', 'pm']
const EXTENDED_NAMES = ['acs', 'ari', 'ats', 'pasid', 'pri', 'siov', 'sriov']
const STATUS_CAPABILITY_LIST = 0x10

export function decodeConfigSpace(data: Uint8Array, file: string): { space: ConfigSpace; warnings: PlatformWarning[] } {
  const warnings: PlatformWarning[] = []
  const size = data.length >= 4096 ? 4096 : data.length >= 256 ? 256 : data.length >= 64 ? 64 : 0
  const bytes = new Bytes(data.subarray(0, size))
  if (size === 0) {
    const message = `configuration space has ${data.length} bytes, the header alone has 64`
    warnings.push(warning(data.length > 0 ? 'CONFIG_SPACE_TRUNCATED' : 'CONFIG_SPACE_ABSENT', message, { file }))
    return { space: { size, unknown: [...STANDARD_NAMES, ...EXTENDED_NAMES] }, warnings }
  }
  if (data.every((byte) => byte === 0xff)) {
    // A function that was powered down (D3cold) or gone when it was read.
    warnings.push(warning('CONFIG_SPACE_ALL_ONES', 'configuration space reads as all ones: nothing is known', { file }))
    return { space: { size, unknown: [...STANDARD_NAMES, ...EXTENDED_NAMES] }, warnings }
  }
  const space = decodeHeader(bytes, size)
  if (space.headerType === undefined)
    warnings.push(
      warning('CONFIG_SPACE_UNKNOWN_TYPE', `header type ${bytes.u8(0x0e) & 0x7f} is none of 0, 1, 2`, { file }),
    )
  if ((bytes.u16(6) & STATUS_CAPABILITY_LIST) === 0) return { space, warnings } // no list: no capability at all
  const chain = standardChain(bytes, bytes.u8(space.headerType === 2 ? 0x14 : 0x34))
  readChain(bytes, chain, STANDARD_READERS, STANDARD_NAMES, space, warnings, file, size === 64)
  if (size === 4096)
    readChain(bytes, extendedChain(bytes), EXTENDED_READERS, EXTENDED_NAMES, space, warnings, file, false)
  else if (space.express || space.unknown.includes('express')) space.unknown.push(...EXTENDED_NAMES)
  space.unknown.sort()
  return { space, warnings }
}

function decodeHeader(bytes: Bytes, size: ConfigSpace['size']): ConfigSpace {
  const layout = bytes.u8(0x0e)
  const kind = layout & 0x7f
  const headerType = kind === 0 || kind === 1 || kind === 2 ? kind : undefined
  const space: ConfigSpace = {
    size,
    vendor: bytes.u16(0),
    device: bytes.u16(2),
    class: bytes.u32(8) >>> 8,
    revision: bytes.u8(8),
    headerType,
    multifunction: (layout & 0x80) !== 0,
    busMaster: (bytes.u16(4) & 4) !== 0,
    unknown: [],
  }
  const pin = bytes.u8(0x3d)
  if (pin <= 4) space.interruptPin = pin
  if (headerType === 0) space.subsystem = { vendor: bytes.u16(0x2c), device: bytes.u16(0x2e) }
  if (headerType === 1 || headerType === 2)
    space.bridge = { primary: bytes.u8(0x18), secondary: bytes.u8(0x19), subordinate: bytes.u8(0x1a) }
  const registers = chipsetRegisters(bytes, size, space)
  if (registers) space.registers = registers
  return space
}

/** Registers that quirks of IOMMU drivers read: drivers/iommu/intel/iommu.c (GGC, VTISOCHCTRL). */
const CHIPSETS: readonly { devices: readonly number[]; name: string; offset: number; bytes: 2 | 4 }[] = [
  { devices: [0x0040, 0x0044, 0x0062, 0x006a], name: 'GGC', offset: 0x52, bytes: 2 },
  { devices: [0x342e], name: 'VTISOCHCTRL', offset: 0x188, bytes: 4 },
]

function chipsetRegisters(bytes: Bytes, size: number, { vendor, device }: ConfigSpace): ConfigSpace['registers'] {
  const register = CHIPSETS.find((c) => vendor === 0x8086 && device !== undefined && c.devices.includes(device))
  if (!register || register.offset + register.bytes > size) return undefined
  const value = register.bytes === 2 ? bytes.u16(register.offset) : bytes.u32(register.offset)
  return { [register.name]: hex(BigInt(value)) }
}

type Readers = Record<
  number,
  { name: string; read: (bytes: Bytes, at: Capability, into: ConfigSpace) => string | undefined }
>

/**
 * Applies the reader of each capability. Of several with the same id Linux finds the first; so do we.
 * A capability whose body is cut off, and every one that a cut chain might have led to, becomes unknown.
 */
function readChain(
  bytes: Bytes,
  chain: Chain,
  readers: Readers,
  names: readonly string[],
  space: ConfigSpace,
  warnings: PlatformWarning[],
  file: string,
  cutExpected: boolean,
): void {
  const met = new Set<string>()
  for (const capability of chain.capabilities) {
    const reader = readers[capability.id]
    if (!reader || met.has(reader.name)) continue
    const problem = reader.read(bytes, capability, space)
    if (problem === 'other') continue // same id, another vendor's
    met.add(reader.name)
    if (problem === undefined) continue
    space.unknown.push(reader.name)
    const where = `capability ${reader.name} at 0x${digits(capability.offset, 2)}`
    if (problem !== 'cut') warnings.push(warning('CONFIG_SPACE_UNKNOWN_TYPE', `${where}: ${problem}`, { file }))
    else if (!cutExpected) warnings.push(warning('CONFIG_SPACE_TRUNCATED', `${where} is cut off`, { file }))
  }
  if (chain.loop !== undefined)
    warnings.push(
      warning('CONFIG_SPACE_LOOP', `capability list comes back to 0x${digits(chain.loop, 2)}`, {
        file,
        offset: chain.loop,
      }),
    )
  if (chain.beyond === undefined) return
  space.unknown.push(...names.filter((name) => !met.has(name)))
  if (!cutExpected)
    warnings.push(
      warning(
        'CONFIG_SPACE_TRUNCATED',
        `capability list goes on at 0x${digits(chain.beyond, 2)}, where nothing can be read`,
        {
          file,
          offset: chain.beyond,
        },
      ),
    )
}
