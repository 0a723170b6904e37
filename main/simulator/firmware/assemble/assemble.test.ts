import { describe, expect, test } from 'vitest'
import type { PciFunction, Platform, Root } from '../../platform/schema'
import type { DeviceScope, Dmar, Drhd, FirmwareTables, Ivhd, Ivmd, Iort, Madt, Viot } from '../../platform/tables'
import { assemble } from './assemble'

const fn = (bdf: string, parent: string, more: Partial<PciFunction> = {}): PciFunction => ({
  bdf,
  parent,
  vendor: 0x8086,
  device: 0x1234,
  class: 0x020000,
  headerType: 0,
  multifunction: false,
  configSize: 4096,
  unknown: [],
  ...more,
})
const bridge = (bdf: string, parent: string, secondary: number, more: Partial<PciFunction> = {}): PciFunction =>
  fn(bdf, parent, {
    headerType: 1,
    class: 0x060400,
    bridge: { primary: 0, secondary, subordinate: secondary },
    express: { type: 'root-port', version: 2, slot: false },
    ...more,
  })
const ROOT: Root = { id: 'pci0000:00', segment: 0, bus: 0 }

/** 00:01.0 endpoint; 00:02.0 root port → 01:00.0 endpoint with VF 01:10.0; 00:03.0 → PCI bridge 02:00.0 → 03:01.0. */
const BOARD: PciFunction[] = [
  fn('0000:00:01.0', ROOT.id),
  bridge('0000:00:02.0', ROOT.id, 1),
  bridge('0000:00:03.0', ROOT.id, 2),
  fn('0000:01:00.0', '0000:00:02.0'),
  fn('0000:01:10.0', '0000:00:02.0', { physfn: '0000:01:00.0' }),
  bridge('0000:02:00.0', '0000:00:03.0', 3, { express: { type: 'pcie-to-pci-bridge', version: 2, slot: false } }),
  fn('0000:03:01.0', '0000:02:00.0'),
]
const ALL = BOARD.map((each) => each.bdf)

function made(tables: FirmwareTables, functions = BOARD, roots = [ROOT], arch: Platform['arch'] = 'x86'): Platform {
  return assemble({
    name: 'test',
    source: 'test',
    arch,
    kernel: {},
    pci: { roots, functions, hostDevice: new Map() },
    tables,
    registers: [],
    unknown: [],
    warnings: [],
  })
}
const codes = (platform: Platform) => platform.warnings.map((entry) => entry.code)
const serves = (platform: Platform) => Object.fromEntries(platform.iommus.map((unit) => [unit.name, unit.serves]))

const scope = (type: DeviceScope['type'], startBus: number, ...path: [number, number][]): DeviceScope => ({
  offset: 0,
  type,
  code: type === 'bridge' ? 2 : 1,
  flags: 0,
  enumerationId: 0,
  startBus,
  path: path.map(([device, f]) => ({ device, function: f })),
})
const drhd = (base: string, scopes: DeviceScope[], includeAll = false): Drhd => ({
  offset: 48,
  flags: includeAll ? 1 : 0,
  includeAll,
  sizeCode: 0,
  segment: 0,
  base,
  scopes,
})
const dmar = (units: Drhd[], more: Partial<Dmar> = {}): Dmar => ({
  revision: 1,
  hostAddressWidth: 39,
  interruptRemapping: true,
  x2apicOptOut: false,
  dmaControlOptIn: false,
  units,
  reservedMemory: [],
  rootPortAts: [],
  affinity: [],
  namespaceDevices: [],
  soc: [],
  properties: [],
  ...more,
})

describe('a VT-d unit', () => {
  test('serves the endpoints its scopes name, and everything below the bridges', () => {
    const platform = made({
      dmar: dmar([
        drhd('0x1000', [scope('endpoint', 0, [1, 0]), scope('bridge', 0, [3, 0])]),
        drhd('0x2000', [], true),
      ]),
    })
    expect(serves(platform)).toEqual({
      dmar0: ['0000:00:01.0', '0000:00:03.0', '0000:02:00.0', '0000:03:01.0'],
      dmar1: ['0000:00:02.0', '0000:01:00.0', '0000:01:10.0'],
    })
  })

  test('is found through bridges by the path, whatever bus numbers those have now', () => {
    const platform = made({ dmar: dmar([drhd('0x1000', [scope('endpoint', 0, [2, 0], [0, 0])])]) })
    // A virtual function is where its physical function is: scopes never name it.
    expect(serves(platform)).toEqual({ dmar0: ['0000:01:00.0', '0000:01:10.0'] })
  })

  test('may be named from a bus below a bridge', () => {
    const platform = made({ dmar: dmar([drhd('0x1000', [scope('endpoint', 3, [1, 0])])]) })
    expect(serves(platform)).toEqual({ dmar0: ['0000:03:01.0'] })
  })

  test('that includes all the rest takes what no other has, even when it comes first in the table', () => {
    const platform = made({ dmar: dmar([drhd('0x2000', [], true), drhd('0x1000', [scope('endpoint', 0, [1, 0])])]) })
    expect(serves(platform)['dmar1']).toEqual(['0000:00:01.0'])
    expect(serves(platform)['dmar0']).not.toContain('0000:00:01.0')
  })

  test('named twice for one function: the later in the table has it, and that is told', () => {
    const both = [scope('endpoint', 0, [1, 0])]
    const platform = made({ dmar: dmar([drhd('0x1000', both), drhd('0x2000', both)]) })
    expect(serves(platform)).toEqual({ dmar0: [], dmar1: ['0000:00:01.0'] })
    expect(codes(platform)).toContain('ACPI_SCOPE_CONFLICT')
  })

  test('listed twice is one unit', () => {
    const platform = made({ dmar: dmar([drhd('0x1000', [], true), drhd('0x1000', [], true)]) })
    expect(serves(platform)).toEqual({ dmar0: ALL })
    expect(codes(platform)).toEqual(['ACPI_DUPLICATE_UNIT'])
  })

  test('of another segment serves nobody here', () => {
    const platform = made({ dmar: dmar([{ ...drhd('0x1000', [], true), segment: 1 }]) })
    expect(serves(platform)).toEqual({ dmar0: [] })
  })

  test('scopes that name nobody, or a bridge as an endpoint, are told', () => {
    const platform = made({
      dmar: dmar([drhd('0x1000', [scope('endpoint', 0, [9, 0]), scope('endpoint', 0, [2, 0])])]),
    })
    expect(codes(platform)).toEqual(['ACPI_SCOPE_NOT_FOUND', 'ACPI_SCOPE_TYPE_MISMATCH'])
  })

  test('serves what is behind a VMD endpoint where it serves the endpoint', () => {
    const vmd = { id: 'pci10000:e0', segment: 0x10000, bus: 0xe0, behind: '0000:00:01.0' }
    const platform = made(
      { dmar: dmar([drhd('0x1000', [scope('endpoint', 0, [1, 0])])]) },
      [...BOARD, fn('10000:e0:06.0', vmd.id)],
      [ROOT, vmd],
    )
    expect(serves(platform)).toEqual({ dmar0: ['0000:00:01.0', '10000:e0:06.0'] })
  })

  test('remaps interrupts only when firmware allows it and every I/O APIC is in a scope', () => {
    const madt: Madt = {
      revision: 4,
      localInterruptController: '0xfee00000',
      flags: 1,
      cpus: 1,
      ioApics: [{ offset: 0, id: 0, address: '0xfec00000', gsiBase: 0 }],
      distributors: [],
      redistributors: [],
      msiFrames: [],
      its: [],
    }
    const ioApic: DeviceScope = { ...scope('ioapic', 0xff, [0, 0]), code: 3 }
    const remaps = (tables: FirmwareTables) => made(tables).iommus[0]?.interruptRemapping
    expect(remaps({ dmar: dmar([drhd('0x1', [ioApic], true)], { interruptRemapping: false }), madt })).toBe(false)
    expect(remaps({ dmar: dmar([drhd('0x1', [], true)]), madt })).toBe(false)
    // Whether the hardware can is in a register that this input does not have.
    expect(remaps({ dmar: dmar([drhd('0x1', [ioApic], true)]), madt })).toBeUndefined()
  })

  test('an RMRR is for the functions of its scopes and those below them', () => {
    const rmrr = { offset: 9, segment: 0, base: '0x30000000', limit: '0x3000ffff' }
    const platform = made({
      dmar: dmar([drhd('0x1000', [], true)], {
        reservedMemory: [
          { ...rmrr, scopes: [scope('bridge', 0, [2, 0])] },
          { ...rmrr, limit: '0x2fff', scopes: [] },
        ],
      }),
    })
    expect(platform.regions.map((region) => region.devices)).toEqual([
      ['0000:00:02.0', '0000:01:00.0', '0000:01:10.0'],
      [],
    ])
    expect(codes(platform)).toEqual(['ACPI_REGION_MALFORMED'])
  })
})

describe('an AMD IOMMU', () => {
  const block = (entries: Ivhd['entries'], deviceId = 0x10): Ivhd => ({
    offset: 48,
    type: 0x10,
    flags: 0,
    deviceId,
    capabilityOffset: 0x40,
    base: '0xfed80000',
    segment: 0,
    info: 0,
    attributes: 0,
    entries,
  })
  const entry = (kind: Ivhd['entries'][number]['kind'], deviceId: number, sourceId?: number) => ({
    offset: 0,
    kind,
    type: 0,
    deviceId,
    data: 0,
    ...(sourceId === undefined ? {} : { sourceId }),
  })
  const ivrs = (hardware: Ivhd[]): FirmwareTables => ({
    ivrs: {
      revision: 1,
      info: 0,
      hardware,
      memory: [],
      order: hardware.map(({ type, deviceId }) => ({ type, deviceId })),
    },
  })

  test('serves selected functions, ranges, and aliases', () => {
    const platform = made(
      ivrs([
        block([
          entry('select', 0x08),
          entry('range-start', 0x100),
          entry('range-end', 0x1ff),
          entry('alias-select', 0x309, 0x308),
        ]),
      ]),
    )
    expect(serves(platform)).toEqual({ ivhd0: ['0000:00:01.0', '0000:01:00.0', '0000:01:10.0', '0000:03:01.0'] })
  })

  test('does not serve itself, though the table lists it', () => {
    expect(serves(made(ivrs([block([entry('all', 0)], 0x08)])))).toEqual({ ivhd0: ALL.slice(1) })
  })

  const ivmd = (more: Partial<Ivmd>): Ivmd => ({
    offset: 96,
    type: 0x21,
    flags: 0x07,
    deviceId: 0x08,
    auxiliary: 0,
    segment: 0,
    start: '0x30000000',
    length: '0x10000',
    ...more,
  })
  const withMemory = (...memory: Ivmd[]): Platform => {
    const { ivrs: table } = ivrs([block([entry('all', 0)])])
    if (!table) throw new Error('no table')
    return made({ ivrs: { ...table, memory } })
  }
  const regions = (...memory: Ivmd[]) => withMemory(...memory).regions

  test('keeps the memory of an IVMD block for all functions, for one, or for a range of them', () => {
    const of = (more: Partial<Ivmd>) => regions(ivmd(more))[0]?.devices
    expect(of({ type: 0x20 })).toEqual(ALL)
    expect(of({ type: 0x21, deviceId: 0x08 })).toEqual(['0000:00:01.0'])
    expect(of({ type: 0x22, deviceId: 0x10, auxiliary: 0x100 })).toEqual([
      '0000:00:02.0',
      '0000:00:03.0',
      '0000:01:00.0',
    ])
    expect(of({ type: 0x20, segment: 1 })).toEqual([])
  })

  test('keeps none for a block that is neither unity mapped nor excluded, whatever it says of reads and writes', () => {
    expect(regions(...[0x00, 0x02, 0x04, 0x06, 0x10].map((flags) => ivmd({ flags })))).toEqual([])
    expect(regions(...[0x01, 0x07, 0x08, 0x09].map((flags) => ivmd({ flags }))).map((r) => r.exclusion)).toEqual([
      undefined,
      undefined,
      true,
      true,
    ])
  })

  test('keeps whole pages: start and length are rounded up, each for itself, so that the first bytes may be missing', () => {
    const of = (start: string, length: string) => {
      const [region] = regions(ivmd({ start, length }))
      return region && [region.start, region.end]
    }
    expect(of('0x30000000', '0x1000')).toEqual(['0x30000000', '0x30000fff'])
    expect(of('0x30000000', '0x1')).toEqual(['0x30000000', '0x30000fff'])
    expect(of('0x30000800', '0x1000')).toEqual(['0x30001000', '0x30001fff'])
    expect(of('0x30000fff', '0x1001')).toEqual(['0x30001000', '0x30002fff'])
  })

  test('warns of a block of no bytes, and of a range that ends before it begins', () => {
    const empty = withMemory(ivmd({ length: '0x0' }))
    expect([empty.regions, codes(empty)]).toEqual([[], ['ACPI_REGION_MALFORMED']])
    const backwards = withMemory(ivmd({ type: 0x22, deviceId: 0x100, auxiliary: 0x08 }))
    expect([backwards.regions[0]?.devices, codes(backwards)]).toEqual([[], ['ACPI_REGION_MALFORMED']])
  })
})

describe('an SMMU', () => {
  const iort = (count: number): Iort => ({
    revision: 3,
    nodes: [
      {
        type: 'smmu-v3',
        offset: 48,
        revision: 4,
        identifier: 0,
        mappings: [],
        base: '0x9050000',
        flags: 0,
        vatos: '0x0',
        model: 0,
        interrupts: { event: 1, pri: 1, gerror: 1, sync: 1 },
      },
      {
        type: 'root-complex',
        offset: 120,
        revision: 1,
        identifier: 0,
        memoryProperties: '0x0',
        atsAttribute: 0,
        segment: 0,
        mappings: [{ inputBase: 0, count, outputBase: 0, output: 48, single: false }],
      },
      {
        type: 'rmr',
        offset: 200,
        revision: 1,
        identifier: 0,
        mappings: [{ inputBase: 0, count: 0, outputBase: 0x300, output: 48, single: false }],
        flags: 0,
        regions: [{ base: '0x60000000', length: '0x10000' }],
      },
    ],
  })

  test('serves what the root complex maps to it', () => {
    expect(serves(made({ iort: iort(0xffff) }, BOARD, [ROOT], 'arm64'))).toEqual({ 'smmu3.0x0000000009050000': ALL })
  })

  test('does not serve a function when the id that its bridge puts on its traffic is not mapped', () => {
    // Up to 02:00.0: the device at 03:01.0 also appears as 03:00.0, which is not in the map, and neither is itself.
    expect(serves(made({ iort: iort(0x200) }, BOARD, [ROOT], 'arm64'))['smmu3.0x0000000009050000']).not.toContain(
      '0000:03:01.0',
    )
    // Up to 03:00.0 its alias is mapped, its own id is not.
    expect(serves(made({ iort: iort(0x300) }, BOARD, [ROOT], 'arm64'))['smmu3.0x0000000009050000']).not.toContain(
      '0000:03:01.0',
    )
  })

  test('keeps memory for the functions whose streams an RMR names, aliases too', () => {
    const platform = made({ iort: iort(0xffff) }, BOARD, [ROOT], 'arm64')
    expect(platform.regions).toEqual([
      {
        kind: 'rmr',
        start: '0x60000000',
        end: '0x6000ffff',
        devices: ['0000:03:01.0'],
        source: 'IORT RMR node at 0xc8',
      },
    ])
  })
})

describe('a virtio-iommu', () => {
  const viot = (ranges: [number, number, number][]): Viot => ({
    revision: 0,
    nodes: [
      { type: 'virtio-iommu-pci', offset: 48, segment: 0, bdf: 0x08 },
      { type: 'virtio-iommu-mmio', offset: 64, base: '0xa000000' },
      ...ranges.map(([bdfStart, bdfEnd, output]) => ({
        type: 'pci-range' as const,
        offset: 80,
        endpointStart: 0,
        segmentStart: 0,
        segmentEnd: 0,
        bdfStart,
        bdfEnd,
        output,
      })),
    ],
  })

  test('is named by its function and does not translate itself', () => {
    const platform = made({ viot: viot([[0, 0xffff, 48]]) })
    expect(platform.iommus[0]).toMatchObject({ name: '0000:00:01.0', kind: 'virtio-iommu', serves: ALL.slice(1) })
  })

  test('of two ranges the last in the table is asked first', () => {
    const platform = made({
      viot: viot([
        [0, 0xffff, 48],
        [0x100, 0x1ff, 64],
      ]),
    })
    expect(platform.iommus[1]?.serves).toEqual(['0000:01:00.0', '0000:01:10.0'])
  })
})
