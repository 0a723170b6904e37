/** IVRS: AMD IOMMUs and the memory their devices need (AMD I/O Virtualization specification ch. 5; Linux drivers/iommu/amd/init.c). */
import { err, ok, type Result } from '../../faults'
import type { Ivhd, IvhdEntry, Ivmd, Ivrs } from '../../platform/tables'
import type { PlatformWarning } from '../../platform/schema'
import { hex } from '../../platform/address'
import type { Bytes } from '../bytes'
import { warning } from '../warnings'
import { readTable } from './header'
import { atLeast, byteSkipWord, structures, type Layout, type Parsed, type Structure } from './structures'

const BLOCK = byteSkipWord('IVRS block')

/** Bytes before the device entries. */
const IVHD_HEADER: Record<number, number> = { 0x10: 24, 0x11: 40, 0x40: 40 }
const IVMD_TYPES = [0x20, 0x21, 0x22]
const IVMD_LENGTH = 32

const ENTRY_KINDS: Record<number, IvhdEntry['kind']> = {
  0: 'pad',
  1: 'all',
  2: 'select',
  3: 'range-start',
  4: 'range-end',
  64: 'pad',
  66: 'alias-select',
  67: 'alias-range-start',
  70: 'extended-select',
  71: 'extended-range-start',
  72: 'special',
  240: 'acpi-hid',
}

/** The two top bits of the type give the length; the one variable entry says its own. */
const ENTRY: Layout = {
  what: 'IVHD device entry',
  header: 4,
  type: (bytes, at) => bytes.u8(at),
  length: (bytes, at) => {
    const type = bytes.u8(at)
    if (type < 0x80) return 4 << (type >> 6)
    // A cut entry gets a length that the walk then finds too long.
    return bytes.has(at, 22) ? 22 + bytes.u8(at + 21) : 22
  },
}

export function parseIvrs(data: Uint8Array): Result<Parsed<Ivrs>> {
  const header = readTable(data, 'IVRS')
  if (!header.ok) return header
  const { bytes, revision } = header.value
  const fixed = atLeast({ offset: 0, type: 0, length: bytes.length }, 48, 'IVRS')
  if (!fixed.ok) return fixed
  const found = structures(bytes, 48, bytes.length, BLOCK)
  if (!found.ok) return found

  const table: Ivrs = { revision, info: bytes.u32(36), hardware: [], memory: [], order: [] }
  const warnings: PlatformWarning[] = []
  for (const block of found.value) {
    const { offset, type } = block
    if (type in IVHD_HEADER || IVMD_TYPES.includes(type)) {
      const read = type in IVHD_HEADER ? readHardware(bytes, block, warnings) : readMemory(bytes, block)
      if (!read.ok) return read
      if ('entries' in read.value) table.hardware.push(read.value)
      else table.memory.push(read.value)
    } else
      warnings.push(
        warning('ACPI_UNKNOWN_STRUCTURE', `IVRS block type ${hex(type)} of ${block.length} bytes skipped`, { offset }),
      )
    table.order.push({ type, deviceId: block.length >= 6 ? bytes.u16(offset + 4) : 0 })
  }
  return ok({ table, warnings })
}

function readHardware(bytes: Bytes, block: Structure, warnings: PlatformWarning[]): Result<Ivhd> {
  const { offset, type } = block
  const headerLength = IVHD_HEADER[type] ?? 0
  const enough = atLeast(block, headerLength, `IVHD ${hex(type)}`)
  if (!enough.ok) return err(enough.error)
  const entries = readEntries(bytes, offset + headerLength, offset + block.length, warnings)
  if (!entries.ok) return entries
  return ok({
    offset,
    type,
    flags: bytes.u8(offset + 1),
    deviceId: bytes.u16(offset + 4),
    capabilityOffset: bytes.u16(offset + 6),
    base: bytes.hex64(offset + 8),
    segment: bytes.u16(offset + 16),
    info: bytes.u16(offset + 18),
    attributes: bytes.u32(offset + 20),
    ...(headerLength === 40 ? { efr: bytes.hex64(offset + 24), efr2: bytes.hex64(offset + 32) } : {}),
    entries: entries.value,
  })
}

function readEntries(bytes: Bytes, start: number, end: number, warnings: PlatformWarning[]): Result<IvhdEntry[]> {
  // An entry type from 0x80 other than 240 has no length that anybody knows: what follows it cannot be read.
  let stop = start
  while (stop + 4 <= end && (bytes.u8(stop) < 0x80 || bytes.u8(stop) === 240)) stop += ENTRY.length(bytes, stop)
  if (stop + 4 <= end) {
    warnings.push(
      warning(
        'ACPI_UNKNOWN_STRUCTURE',
        `IVHD device entry type ${bytes.u8(stop)} of unknown length: the ${end - stop} bytes from there on are not read`,
        { offset: stop },
      ),
    )
    end = stop
  }
  const found = structures(bytes, start, end, ENTRY)
  if (!found.ok) return found
  return ok(found.value.map((at) => readEntry(bytes, at, warnings)))
}

function readEntry(bytes: Bytes, at: Structure, warnings: PlatformWarning[]): IvhdEntry {
  const { offset, type } = at
  const kind = ENTRY_KINDS[type] ?? 'unknown'
  const entry: IvhdEntry = { offset, kind, type, deviceId: bytes.u16(offset + 1), data: bytes.u8(offset + 3) }
  switch (kind) {
    case 'alias-select':
    case 'alias-range-start':
      return { ...entry, sourceId: bytes.u16(offset + 5) }
    case 'extended-select':
    case 'extended-range-start':
      return { ...entry, extended: bytes.u32(offset + 4) }
    case 'special': {
      const code = bytes.u8(offset + 7)
      const variety = code === 1 ? 'ioapic' : code === 2 ? 'hpet' : 'unknown'
      return { ...entry, special: { handle: bytes.u8(offset + 4), sourceId: bytes.u16(offset + 5), variety, code } }
    }
    case 'acpi-hid': {
      const uidType = bytes.u8(offset + 20)
      const uidLength = bytes.u8(offset + 21)
      const uid =
        uidType === 1 && uidLength === 8
          ? bytes.hex64(offset + 22)
          : uidType === 2
            ? bytes.text(offset + 22, uidLength)
            : undefined
      const acpi = { hid: bytes.text(offset + 4, 8), cid: bytes.text(offset + 12, 8), uidType }
      return { ...entry, acpi: uid === undefined ? acpi : { ...acpi, uid } }
    }
    case 'unknown':
      warnings.push(warning('ACPI_UNKNOWN_STRUCTURE', `IVHD device entry type ${type} skipped`, { offset }))
      return entry
    case 'pad':
    case 'all':
    case 'select':
    case 'range-start':
    case 'range-end':
      return entry
  }
}

function readMemory(bytes: Bytes, block: Structure): Result<Ivmd> {
  const { offset, type } = block
  const enough = atLeast(block, IVMD_LENGTH, `IVMD ${hex(type)}`)
  if (!enough.ok) return err(enough.error)
  return ok({
    offset,
    type,
    flags: bytes.u8(offset + 1),
    deviceId: bytes.u16(offset + 4),
    auxiliary: bytes.u16(offset + 6),
    segment: bytes.u16(offset + 8),
    start: bytes.hex64(offset + 16),
    length: bytes.hex64(offset + 24),
  })
}
