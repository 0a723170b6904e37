import { describe, expect, test } from 'vitest'
import { chosenBlocks } from '../assemble/amdvi'
import { parseIvrs } from './ivrs'
import { Writer, withHeader } from './print/writer'

const ivrs = (...blocks: Writer[]): Uint8Array => {
  const body = new Writer().u32(0x2800).zeros(8)
  for (const block of blocks) body.append(block)
  return withHeader('IVRS', 1, body)
}
const ivhd = (type: number, deviceId: number, ...entries: number[]): Writer => {
  const extra = type === 0x10 ? 0 : 16
  return new Writer()
    .u8(type, 0xd1)
    .u16(24 + extra + entries.length)
    .u16(deviceId)
    .u16(0x40)
    .u64('0xfed80000')
    .u16(0)
    .u16(0)
    .u32(0x44)
    .append(extra > 0 ? new Writer().u64('0x29d3').u64('0x1') : new Writer())
    .u8(...entries)
}
const table = (data: Uint8Array) => {
  const parsed = parseIvrs(data)
  if (!parsed.ok) throw new Error(`${parsed.error.code}: ${parsed.error.message}`)
  return parsed.value
}

describe('IVRS', () => {
  test('reads device entries of every length', () => {
    const { table: found, warnings } = table(
      ivrs(
        ivhd(
          0x10,
          0x38,
          ...[0x02, 0x08, 0x00, 0x30], // select 00:01.0, data 0x30
          ...[0x03, 0x00, 0x01, 0x00, 0x04, 0xff, 0x01, 0x00], // range 01:00.0–01:1f.7
          ...[0x42, 0x00, 0x02, 0x00, 0x00, 0x10, 0x02, 0x00], // 02:00.0 is seen as 02:02.0
          ...[0x46, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00, 0x80], // extended select, ATS disabled
          ...[0x48, 0x00, 0x00, 0x00, 0x05, 0xa0, 0x00, 0x01], // I/O APIC 5 at 00:14.0
          ...[0xf0, 0x00, 0x04, 0x00, ...'AMDI0020'].map((x) => (typeof x === 'string' ? x.charCodeAt(0) : x)),
          ...[0, 0, 0, 0, 0, 0, 0, 0, 2, 3, 0x55, 0x52, 0x54], // no CID; UID "URT"
        ),
      ),
    )
    expect(warnings).toEqual([])
    expect(found.hardware[0]?.entries).toMatchObject([
      { kind: 'select', deviceId: 0x0008, data: 0x30 },
      { kind: 'range-start', deviceId: 0x0100 },
      { kind: 'range-end', deviceId: 0x01ff },
      { kind: 'alias-select', deviceId: 0x0200, sourceId: 0x0210 },
      { kind: 'extended-select', extended: 0x80000000 },
      { kind: 'special', special: { handle: 5, sourceId: 0xa0, variety: 'ioapic' } },
      { kind: 'acpi-hid', acpi: { hid: 'AMDI0020', cid: '', uidType: 2, uid: 'URT' } },
    ])
  })

  test('reads the extended feature registers of blocks 0x11 and 0x40', () => {
    expect(table(ivrs(ivhd(0x11, 2))).table.hardware[0]).toMatchObject({ efr: '0x29d3', efr2: '0x1' })
  })

  test('reads IVMD blocks', () => {
    const ivmd = new Writer().u8(0x22, 7).u16(32).u16(0x100).u16(0x1ff).u16(3).zeros(6).u64('0x30000000').u64('0x10000')
    expect(table(ivrs(ivmd)).table.memory).toEqual([
      {
        offset: 48,
        type: 0x22,
        flags: 7,
        deviceId: 0x100,
        auxiliary: 0x1ff,
        segment: 3,
        start: '0x30000000',
        length: '0x10000',
      },
    ])
  })

  test('of one IOMMU described three times the last description counts', () => {
    const { table: found } = table(
      ivrs(ivhd(0x10, 2), ivhd(0x11, 2), ivhd(0x40, 2), new Writer().u8(0x51, 0).u16(8).u32(0)),
    )
    expect(chosenBlocks(found).map((block) => block.type)).toEqual([0x40])
  })

  test('blocks of several IOMMUs are all of the chosen type', () => {
    const { table: found } = table(ivrs(ivhd(0x10, 2), ivhd(0x10, 0x4002), ivhd(0x11, 2), ivhd(0x11, 0x4002)))
    expect(chosenBlocks(found).map((block) => [block.type, block.deviceId])).toEqual([
      [0x11, 2],
      [0x11, 0x4002],
    ])
  })

  test('an unknown block is skipped, an entry of unknown length ends its block', () => {
    const { table: found, warnings } = table(
      ivrs(new Writer().u8(0x51, 0).u16(8).u32(0), ivhd(0x10, 2, 0x02, 0x08, 0, 0, 0x81, 0, 0, 0, 0x02, 0x10, 0, 0)),
    )
    expect(found.hardware[0]?.entries).toHaveLength(1)
    expect(warnings.map((entry) => entry.code)).toEqual(['ACPI_UNKNOWN_STRUCTURE', 'ACPI_UNKNOWN_STRUCTURE'])
  })

  const broken: [string, Uint8Array, string][] = [
    ['a block of length 0', ivrs(new Writer().u8(0x10, 0).u16(0).zeros(20)), 'ACPI_LOOP'],
    ['an IVHD too short', ivrs(new Writer().u8(0x40, 0).u16(24).zeros(20)), 'ACPI_BAD_LENGTH'],
    ['an IVMD too short', ivrs(new Writer().u8(0x21, 0).u16(16).zeros(12)), 'ACPI_BAD_LENGTH'],
    ['an 8-byte entry that is cut', ivrs(ivhd(0x10, 2, 0x48, 0, 0, 0, 0)), 'ACPI_BAD_LENGTH'],
    ['an ACPI entry that is cut', ivrs(ivhd(0x10, 2, 0xf0, 0, 0, 0, 0, 0, 0, 0)), 'ACPI_BAD_LENGTH'],
    ['an entry of fewer than four bytes', ivrs(ivhd(0x10, 2, 0x02, 0)), 'ACPI_TRUNCATED'],
  ]
  test.each(broken)('refuses %s with a code and an offset', (_what, data, code) => {
    const parsed = parseIvrs(data)
    expect(parsed.ok ? 'parsed' : parsed.error.code).toBe(code)
    expect(parsed.ok ? undefined : parsed.error.offset).toBeGreaterThanOrEqual(48)
  })
})
