import { describe, expect, test } from 'vitest'
import { parseDmar } from './dmar'
import { Writer, withHeader } from './print/writer'

/** QEMU's DMAR for a q35 with one root port and one endpoint, cut down by hand: header, DRHD, two scopes. */
const SCOPES = [0x03, 0x08, 0, 0, 0x00, 0xff, 0x00, 0x00, 0x02, 0x0a, 0, 0, 0x00, 0x00, 0x02, 0x00, 0x01, 0x03]
const dmar = (...structures: Writer[]): Uint8Array => {
  const body = new Writer().u8(0x26, 0x01).zeros(10)
  for (const structure of structures) body.append(structure)
  return withHeader('DMAR', 1, body)
}
const drhd = (...scopes: number[]): Writer =>
  new Writer()
    .u16(0)
    .u16(16 + scopes.length)
    .u8(1, 0)
    .u16(0)
    .u64('0xfed90000')
    .u8(...scopes)

describe('DMAR', () => {
  test('tells the address width, remapping and its units with their scopes', () => {
    const parsed = parseDmar(dmar(drhd(...SCOPES)))
    if (!parsed.ok) throw new Error(parsed.error.message)
    expect(parsed.value.warnings).toEqual([])
    expect(parsed.value.table).toMatchObject({ hostAddressWidth: 39, interruptRemapping: true, x2apicOptOut: false })
    expect(parsed.value.table.units).toEqual([
      {
        offset: 48,
        flags: 1,
        includeAll: true,
        sizeCode: 0,
        segment: 0,
        base: '0xfed90000',
        scopes: [
          {
            offset: 64,
            type: 'ioapic',
            code: 3,
            flags: 0,
            enumerationId: 0,
            startBus: 0xff,
            path: [{ device: 0, function: 0 }],
          },
          {
            offset: 72,
            type: 'bridge',
            code: 2,
            flags: 0,
            enumerationId: 0,
            startBus: 0,
            path: [
              { device: 2, function: 0 },
              { device: 1, function: 3 },
            ],
          },
        ],
      },
    ])
  })

  test('reads RMRR, ATSR, RHSA, ANDD, SATC and SIDP', () => {
    const rmrr = new Writer().u16(1).u16(24).u16(0).u16(1).u64('0x30000000').u64('0x3000ffff')
    const atsr = new Writer().u16(2).u16(8).u8(1, 0).u16(0)
    const rhsa = new Writer().u16(3).u16(20).u32(0).u64('0xfed90000').u32(7)
    const andd = new Writer().u16(4).u16(16).zeros(3).u8(2).text('\\_SB.I2C', 8)
    const satc = new Writer().u16(5).u16(8).u8(1, 0).u16(0)
    const sidp = new Writer().u16(6).u16(8).u16(0).u16(3)
    const parsed = parseDmar(dmar(rmrr, atsr, rhsa, andd, satc, sidp))
    if (!parsed.ok) throw new Error(parsed.error.message)
    expect(parsed.value.table).toMatchObject({
      reservedMemory: [{ segment: 1, base: '0x30000000', limit: '0x3000ffff' }],
      rootPortAts: [{ allPorts: true }],
      affinity: [{ base: '0xfed90000', proximityDomain: 7 }],
      namespaceDevices: [{ deviceNumber: 2, name: '\\_SB.I2C' }],
      soc: [{ atcRequired: true }],
      properties: [{ segment: 3 }],
    })
  })

  test('skips a structure it does not know by its length and says so', () => {
    const parsed = parseDmar(dmar(new Writer().u16(99).u16(12).zeros(8), drhd()))
    if (!parsed.ok) throw new Error(parsed.error.message)
    expect(parsed.value.table.units).toHaveLength(1)
    expect(parsed.value.warnings).toMatchObject([{ code: 'ACPI_UNKNOWN_STRUCTURE', offset: 48 }])
  })

  test('warns of a unit with INCLUDE_PCI_ALL that is not the last', () => {
    const parsed = parseDmar(dmar(drhd(), drhd()))
    expect(parsed.ok && parsed.value.warnings.map((entry) => entry.code)).toEqual(['ACPI_UNIT_ORDER'])
  })

  const broken: [string, Uint8Array, string, number][] = [
    ['a structure of length 0', dmar(new Writer().u16(0).u16(0).zeros(12)), 'ACPI_LOOP', 48],
    ['a structure shorter than its header', dmar(new Writer().u16(0).u16(3).zeros(12)), 'ACPI_BAD_LENGTH', 48],
    ['a structure beyond the end', dmar(new Writer().u16(0).u16(0xffff).zeros(12)), 'ACPI_BAD_LENGTH', 48],
    ['a DRHD too short for its fields', dmar(new Writer().u16(0).u16(8).zeros(4)), 'ACPI_BAD_LENGTH', 48],
    ['a header of a structure that is cut', dmar(new Writer().u16(0)), 'ACPI_TRUNCATED', 48],
    ['a scope of length 0', dmar(drhd(1, 0, 0, 0, 0, 0, 0, 0)), 'ACPI_LOOP', 64],
    ['a scope without a path', dmar(drhd(1, 6, 0, 0, 0, 0)), 'ACPI_BAD_LENGTH', 64],
    ['a scope beyond its unit', dmar(drhd(1, 200, 0, 0, 0, 0, 0, 0)), 'ACPI_BAD_LENGTH', 64],
    ['another table', withHeader('APIC', 1, new Writer().zeros(12)), 'ACPI_BAD_SIGNATURE', 0],
    ['half a header', dmar(drhd()).subarray(0, 20), 'ACPI_TRUNCATED', 20],
    ['a table that is cut', dmar(drhd()).subarray(0, 60), 'ACPI_TRUNCATED', 60],
  ]
  test.each(broken)('refuses %s with a code and the offset', (_what, data, code, offset) => {
    const parsed = parseDmar(data)
    expect(parsed.ok ? 'parsed' : parsed.error).toMatchObject({ code, offset })
  })

  test('refuses a wrong checksum', () => {
    const data = dmar(drhd())
    data[60] = 0x55
    const parsed = parseDmar(data)
    expect(parsed.ok ? 'parsed' : parsed.error).toMatchObject({ code: 'ACPI_BAD_CHECKSUM', offset: 9 })
  })
})
