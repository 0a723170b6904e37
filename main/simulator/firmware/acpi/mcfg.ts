/** MCFG: where configuration space is mapped (PCI Firmware 3.3 §4.1.2). */
import { err, fault, ok, type Result } from '../../faults'
import type { Mcfg } from '../../platform/tables'
import { readTable } from './header'
import { atLeast, type Parsed } from './structures'

const START = 44
const ALLOCATION = 16

export function parseMcfg(data: Uint8Array): Result<Parsed<Mcfg>> {
  const header = readTable(data, 'MCFG')
  if (!header.ok) return header
  const { bytes, revision } = header.value
  const fixed = atLeast({ offset: 0, type: 0, length: bytes.length }, START, 'MCFG')
  if (!fixed.ok) return fixed
  const rest = bytes.length - START
  if (rest % ALLOCATION !== 0)
    return err(
      fault('ACPI_TRUNCATED', `MCFG: the last allocation has ${rest % ALLOCATION} of 16 bytes`, {
        offset: bytes.length - (rest % ALLOCATION),
      }),
    )
  const allocations = Array.from({ length: rest / ALLOCATION }, (_, i) => {
    const offset = START + i * ALLOCATION
    return {
      offset,
      base: bytes.hex64(offset),
      segment: bytes.u16(offset + 8),
      startBus: bytes.u8(offset + 10),
      endBus: bytes.u8(offset + 11),
    }
  })
  return ok({ table: { revision, allocations }, warnings: [] })
}
