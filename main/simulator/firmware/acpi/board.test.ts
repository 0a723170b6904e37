import { describe, expect, test } from 'vitest'
import { parseMadt } from './madt'
import { parseMcfg } from './mcfg'
import { Writer, withHeader } from './print/writer'
import { parseViot } from './viot'

describe('MADT', () => {
  test('keeps I/O APICs, GIC parts, MSI frames and ITS, and counts processors', () => {
    const body = new Writer()
      .u32(0xfee00000)
      .u32(1)
      .u8(0, 8, 0, 0)
      .u32(1)
      .u8(1, 12, 5, 0)
      .u32(0xfec00000)
      .u32(24)
      .u8(12, 24, 0, 0)
      .u32(0)
      .u64('0x8000000')
      .u32(0)
      .u8(3, 0, 0, 0)
      .u8(13, 24, 0, 0)
      .u32(0)
      .u64('0x8020000')
      .u32(1)
      .u16(64)
      .u16(80)
      .u8(15, 20, 0, 0)
      .u32(3)
      .u64('0x8080000')
      .u32(0)
    const parsed = parseMadt(withHeader('APIC', 4, body))
    expect(parsed.ok && parsed.value.table).toMatchObject({
      localInterruptController: '0xfee00000',
      cpus: 1,
      ioApics: [{ id: 5, address: '0xfec00000', gsiBase: 24 }],
      distributors: [{ base: '0x8000000', version: 3 }],
      msiFrames: [{ base: '0x8020000', overrideSpi: true, spiBase: 80, spiCount: 64 }],
      its: [{ id: 3, base: '0x8080000' }],
    })
  })

  test('a structure of length 0 or too short is refused', () => {
    const code = (...bytes: number[]) => {
      const parsed = parseMadt(
        withHeader(
          'APIC',
          4,
          new Writer()
            .u32(0)
            .u32(0)
            .u8(...bytes),
        ),
      )
      return parsed.ok ? 'parsed' : parsed.error.code
    }
    expect(code(1, 0, 0, 0)).toBe('ACPI_LOOP')
    expect(code(15, 4, 0, 0)).toBe('ACPI_BAD_LENGTH')
    expect(code(1)).toBe('ACPI_TRUNCATED')
    expect(code(0x90, 4, 0, 0)).toBe('parsed')
  })
})

describe('MCFG', () => {
  test('lists allocations and refuses half of one', () => {
    const body = new Writer().zeros(8).u64('0xb0000000').u16(0).u8(0, 255).u32(0)
    const parsed = parseMcfg(withHeader('MCFG', 1, body))
    expect(parsed.ok && parsed.value.table.allocations).toEqual([
      { offset: 44, base: '0xb0000000', segment: 0, startBus: 0, endBus: 255 },
    ])
    const cut = parseMcfg(withHeader('MCFG', 1, body.zeros(3)))
    expect(cut.ok ? 'parsed' : cut.error).toMatchObject({ code: 'ACPI_TRUNCATED', offset: 60 })
  })
})

describe('VIOT', () => {
  const viot = (count: number, nodes: Writer): Uint8Array =>
    withHeader('VIOT', 0, new Writer().u16(count).u16(48).zeros(8).append(nodes))
  const pci = () => new Writer().u8(3, 0).u16(16).u16(0).u16(0x40).zeros(8)

  test('tells ranges of endpoints and where their IOMMU is', () => {
    const range = new Writer().u8(1, 0).u16(24).u32(0).u16(0).u16(0).u16(0).u16(0x4ff).u16(48).zeros(6)
    const parsed = parseViot(viot(2, pci().append(range)))
    expect(parsed.ok && parsed.value.table.nodes).toEqual([
      { type: 'virtio-iommu-pci', offset: 48, segment: 0, bdf: 0x40 },
      {
        type: 'pci-range',
        offset: 64,
        endpointStart: 0,
        segmentStart: 0,
        segmentEnd: 0,
        bdfStart: 0,
        bdfEnd: 0x4ff,
        output: 48,
      },
    ])
  })

  test('refuses nodes that are cut, empty, too short or missing', () => {
    const code = (count: number, nodes: Writer) => {
      const parsed = parseViot(viot(count, nodes))
      return parsed.ok ? 'parsed' : parsed.error.code
    }
    expect(code(3, pci())).toBe('ACPI_TRUNCATED')
    expect(code(1, new Writer().u8(1, 0).u16(0).zeros(20))).toBe('ACPI_LOOP')
    expect(code(1, new Writer().u8(1, 0).u16(8).zeros(4))).toBe('ACPI_BAD_LENGTH')
    expect(code(1, new Writer().u8(1, 0).u16(300).zeros(4))).toBe('ACPI_BAD_LENGTH')
    expect(code(1, new Writer().u8(77, 0).u16(8).zeros(4))).toBe('parsed')
  })
})
