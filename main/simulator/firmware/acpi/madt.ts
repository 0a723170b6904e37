/** MADT (signature "APIC"): interrupt controllers (ACPI 6.5 §5.2.12; Linux include/acpi/actbl2.h). Only what decides MSI routes is kept. */
import { ok, type Result } from '../../faults'
import type { Madt } from '../../platform/tables'
import type { PlatformWarning } from '../../platform/schema'
import { hex } from '../../platform/address'
import type { Bytes } from '../bytes'
import { warning } from '../warnings'
import { readTable } from './header'
import { atLeast, byteByte, structures, type Parsed, type Structure } from './structures'

const STRUCTURE = byteByte('MADT structure')

/** Type → least length. Types not named here but known to the specification are passed over in silence. */
const MINIMUM: Record<number, { name: string; minimum: number }> = {
  0: { name: 'local APIC', minimum: 8 },
  1: { name: 'I/O APIC', minimum: 12 },
  9: { name: 'local x2APIC', minimum: 16 },
  11: { name: 'GIC CPU interface', minimum: 40 },
  12: { name: 'GIC distributor', minimum: 24 },
  13: { name: 'GIC MSI frame', minimum: 24 },
  14: { name: 'GIC redistributor', minimum: 16 },
  15: { name: 'GIC ITS', minimum: 20 },
}
const LAST_KNOWN_TYPE = 27 // RISC-V PLIC (ACPI 6.6); 0x80 and above belong to the OEM

export function parseMadt(data: Uint8Array): Result<Parsed<Madt>> {
  const header = readTable(data, 'APIC')
  if (!header.ok) return header
  const { bytes, revision } = header.value
  const fixed = atLeast({ offset: 0, type: 0, length: bytes.length }, 44, 'MADT')
  if (!fixed.ok) return fixed
  const found = structures(bytes, 44, bytes.length, STRUCTURE)
  if (!found.ok) return found
  const table: Madt = {
    revision,
    localInterruptController: hex(bytes.u32(36)),
    flags: bytes.u32(40),
    cpus: 0,
    ioApics: [],
    distributors: [],
    redistributors: [],
    msiFrames: [],
    its: [],
  }
  const warnings: PlatformWarning[] = []
  for (const at of found.value) {
    const shape = MINIMUM[at.type]
    if (shape) {
      const enough = atLeast(at, shape.minimum, shape.name)
      if (!enough.ok) return enough
      addStructure(table, bytes, at)
    } else if (at.type > LAST_KNOWN_TYPE && at.type < 0x80)
      warnings.push(
        warning('ACPI_UNKNOWN_STRUCTURE', `MADT structure type ${at.type} of ${at.length} bytes skipped`, {
          offset: at.offset,
        }),
      )
  }
  return ok({ table, warnings })
}

function addStructure(table: Madt, bytes: Bytes, at: Structure): void {
  const { offset, type } = at
  if (type === 0) table.cpus += bytes.u32(offset + 4) & 1
  else if (type === 9) table.cpus += bytes.u32(offset + 8) & 1
  else if (type === 11) table.cpus += bytes.u32(offset + 12) & 1
  else if (type === 1)
    table.ioApics.push({
      offset,
      id: bytes.u8(offset + 2),
      address: hex(bytes.u32(offset + 4)),
      gsiBase: bytes.u32(offset + 8),
    })
  else if (type === 12)
    table.distributors.push({
      offset,
      id: bytes.u32(offset + 4),
      base: bytes.hex64(offset + 8),
      gsiBase: bytes.u32(offset + 16),
      version: bytes.u8(offset + 20),
    })
  else if (type === 13)
    table.msiFrames.push({
      offset,
      id: bytes.u32(offset + 4),
      base: bytes.hex64(offset + 8),
      overrideSpi: (bytes.u32(offset + 16) & 1) !== 0,
      spiCount: bytes.u16(offset + 20),
      spiBase: bytes.u16(offset + 22),
    })
  else if (type === 14)
    table.redistributors.push({ offset, base: bytes.hex64(offset + 4), length: bytes.u32(offset + 12) })
  else table.its.push({ offset, id: bytes.u32(offset + 4), base: bytes.hex64(offset + 8) })
}
