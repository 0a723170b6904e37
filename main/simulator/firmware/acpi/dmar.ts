/**
 * DMAR: DMA remapping units, reserved memory, ATS (Intel VT-d specification 5.10 chapter 8; Linux include/acpi/actbl1.h).
 * Flag bit 2 is DMA_CTRL_PLATFORM_OPT_IN: that is what Linux tests, whatever ACPICA calls it.
 */
import { err, ok, type Result } from '../../faults'
import type { DeviceScope, Dmar } from '../../platform/tables'
import type { PlatformWarning } from '../../platform/schema'
import type { Bytes } from '../bytes'
import { warning } from '../warnings'
import { readTable } from './header'
import { atLeast, byteByte, structures, wordWord, type Parsed, type Structure } from './structures'

const STRUCTURE = wordWord('DMAR structure')
const SCOPE = byteByte('device scope')
const SCOPE_TYPES = ['unknown', 'endpoint', 'bridge', 'ioapic', 'hpet', 'namespace'] as const

/** Type → name and bytes before the device scopes (or in all). */
const SHAPES: Record<number, { name: string; fixed: number }> = {
  0: { name: 'DRHD', fixed: 16 },
  1: { name: 'RMRR', fixed: 24 },
  2: { name: 'ATSR', fixed: 8 },
  3: { name: 'RHSA', fixed: 20 },
  4: { name: 'ANDD', fixed: 8 },
  5: { name: 'SATC', fixed: 8 },
  6: { name: 'SIDP', fixed: 8 },
}

export function parseDmar(data: Uint8Array): Result<Parsed<Dmar>> {
  const header = readTable(data, 'DMAR')
  if (!header.ok) return header
  const { bytes, revision } = header.value
  const fixed = atLeast({ offset: 0, type: 0, length: bytes.length }, 48, 'DMAR')
  if (!fixed.ok) return fixed
  const found = structures(bytes, 48, bytes.length, STRUCTURE)
  if (!found.ok) return found

  const flags = bytes.u8(37)
  const table: Dmar = {
    revision,
    hostAddressWidth: bytes.u8(36) + 1,
    interruptRemapping: (flags & 1) !== 0,
    x2apicOptOut: (flags & 2) !== 0,
    dmaControlOptIn: (flags & 4) !== 0,
    units: [],
    reservedMemory: [],
    rootPortAts: [],
    affinity: [],
    namespaceDevices: [],
    soc: [],
    properties: [],
  }
  const warnings: PlatformWarning[] = []
  for (const structure of found.value) {
    const added = addStructure(table, bytes, structure, warnings)
    if (!added.ok) return added
  }
  checkOrder(table, warnings)
  return ok({ table, warnings })
}

function addStructure(table: Dmar, bytes: Bytes, at: Structure, warnings: PlatformWarning[]): Result<null> {
  const { offset, length } = at
  const shape = SHAPES[at.type]
  if (!shape) {
    warnings.push(
      warning('ACPI_UNKNOWN_STRUCTURE', `DMAR structure type ${at.type} of ${length} bytes skipped`, { offset }),
    )
    return ok(null)
  }
  const enough = atLeast(at, shape.fixed, shape.name)
  if (!enough.ok) return enough
  if (at.type === 3) {
    table.affinity.push({ offset, base: bytes.hex64(offset + 8), proximityDomain: bytes.u32(offset + 16) })
    return ok(null)
  }
  if (at.type === 4) {
    const name = bytes.text(offset + 8, length - 8)
    table.namespaceDevices.push({ offset, deviceNumber: bytes.u8(offset + 7), name })
    return ok(null)
  }

  const read = readScopes(bytes, offset + shape.fixed, offset + length, warnings)
  if (!read.ok) return read
  const scopes = read.value
  const segment = bytes.u16(offset + 6)
  const flags = bytes.u8(offset + 4)
  if (at.type === 0)
    table.units.push({
      offset,
      flags,
      includeAll: (flags & 1) !== 0,
      sizeCode: bytes.u8(offset + 5) & 0xf,
      segment,
      base: bytes.hex64(offset + 8),
      scopes,
    })
  else if (at.type === 1)
    table.reservedMemory.push({
      offset,
      segment,
      base: bytes.hex64(offset + 8),
      limit: bytes.hex64(offset + 16),
      scopes,
    })
  else if (at.type === 2) table.rootPortAts.push({ offset, allPorts: (flags & 1) !== 0, segment, scopes })
  else if (at.type === 5) table.soc.push({ offset, atcRequired: (flags & 1) !== 0, segment, scopes })
  else table.properties.push({ offset, segment, scopes })
  return ok(null)
}

function readScopes(bytes: Bytes, start: number, end: number, warnings: PlatformWarning[]): Result<DeviceScope[]> {
  const found = structures(bytes, start, end, SCOPE)
  if (!found.ok) return found
  const scopes: DeviceScope[] = []
  for (const at of found.value) {
    const enough = atLeast(at, 8, 'device scope') // six bytes and at least one path element
    if (!enough.ok) return err(enough.error)
    const { offset, length } = at
    const type = SCOPE_TYPES[at.type] ?? 'unknown'
    if (type === 'unknown')
      warnings.push(warning('ACPI_UNKNOWN_STRUCTURE', `device scope type ${at.type} skipped`, { offset }))
    const path = Array.from({ length: (length - 6) >> 1 }, (_, i) => ({
      device: bytes.u8(offset + 6 + 2 * i),
      function: bytes.u8(offset + 7 + 2 * i),
    }))
    scopes.push({
      offset,
      type,
      code: at.type,
      flags: bytes.u8(offset + 2),
      enumerationId: bytes.u8(offset + 4),
      startBus: bytes.u8(offset + 5),
      path,
    })
  }
  return ok(scopes)
}

/** The specification wants the unit that includes all the rest to be the last of its segment (90 §1). */
function checkOrder(table: Dmar, warnings: PlatformWarning[]): void {
  const last = new Map(table.units.map((unit) => [unit.segment, unit.offset]))
  for (const { includeAll, segment, offset } of table.units)
    if (includeAll && last.get(segment) !== offset)
      warnings.push(
        warning('ACPI_UNIT_ORDER', `DRHD with INCLUDE_PCI_ALL is not the last of segment ${segment}`, { offset }),
      )
}
