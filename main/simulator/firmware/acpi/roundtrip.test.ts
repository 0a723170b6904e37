/** Print → parse gives the same table, for every table format; and no bytes whatever make a parser throw. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Result } from '../../faults'
import type {
  DeviceScope,
  Dmar,
  IortNode,
  Iort,
  Ivrs,
  IvhdEntry,
  Madt,
  Mcfg,
  Viot,
  ViotNode,
} from '../../platform/tables'
import { parseDmar } from './dmar'
import { parseIort } from './iort'
import { parseIvrs } from './ivrs'
import { parseMadt } from './madt'
import { parseMcfg } from './mcfg'
import { printMadt, printMcfg, printViot } from './print/board'
import { printDmar } from './print/dmar'
import { printIort } from './print/iort'
import { printIvrs } from './print/ivrs'
import { Writer, withHeader } from './print/writer'
import type { Parsed } from './structures'
import { parseViot } from './viot'

const u8 = fc.nat(0xff)
const u16 = fc.nat(0xffff)
const u32 = fc.nat(0xffffffff)
const hex64 = fc.bigInt(0n, (1n << 64n) - 1n).map((value) => `0x${value.toString(16)}`)
const few = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 4 })
const ascii = fc.stringMatching(/^[A-Z_.\\]{0,12}$/)

/** Where a structure stands is made up when it is printed: only what it says is compared. */
const withoutOffsets = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(withoutOffsets)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value).flatMap(([key, inner]) => (key === 'offset' ? [] : [[key, withoutOffsets(inner)]])),
        )
      : value

function same<T>(
  arbitrary: fc.Arbitrary<T>,
  print: (table: T) => Uint8Array,
  parse: (data: Uint8Array) => Result<Parsed<T>>,
) {
  fc.assert(
    fc.property(arbitrary, (table) => {
      const first = parse(print(table))
      if (!first.ok) throw new Error(`${first.error.code}: ${first.error.message}`)
      expect(withoutOffsets(first.value.table)).toEqual(withoutOffsets(table))
      const second = parse(print(first.value.table))
      expect(second.ok && second.value.table).toEqual(first.value.table)
    }),
  )
}

const SCOPE_TYPES = ['endpoint', 'bridge', 'ioapic', 'hpet', 'namespace'] as const
const scope: fc.Arbitrary<DeviceScope> = fc
  .record({
    code: fc.integer({ min: 1, max: 5 }),
    flags: u8,
    enumerationId: u8,
    startBus: u8,
    path: fc.array(fc.record({ device: fc.nat(31), function: fc.nat(7) }), { minLength: 1, maxLength: 5 }),
  })
  .map((rest) => ({ offset: 0, type: SCOPE_TYPES[rest.code - 1] ?? 'unknown', ...rest }))
const scopes = few(scope)

const dmar: fc.Arbitrary<Dmar> = fc.record({
  revision: u8,
  hostAddressWidth: fc.integer({ min: 1, max: 256 }),
  interruptRemapping: fc.boolean(),
  x2apicOptOut: fc.boolean(),
  dmaControlOptIn: fc.boolean(),
  units: few(
    fc
      .record({ flags: u8, sizeCode: fc.nat(15), segment: u16, base: hex64, scopes })
      .map((unit) => ({ offset: 0, includeAll: (unit.flags & 1) !== 0, ...unit })),
  ),
  reservedMemory: few(fc.record({ offset: fc.constant(1), segment: u16, base: hex64, limit: hex64, scopes })),
  rootPortAts: few(fc.record({ offset: fc.constant(2), allPorts: fc.boolean(), segment: u16, scopes })),
  affinity: few(fc.record({ offset: fc.constant(3), base: hex64, proximityDomain: u32 })),
  namespaceDevices: few(fc.record({ offset: fc.constant(4), deviceNumber: u8, name: ascii })),
  soc: few(fc.record({ offset: fc.constant(5), atcRequired: fc.boolean(), segment: u16, scopes })),
  properties: few(fc.record({ offset: fc.constant(6), segment: u16, scopes })),
})

const entry: fc.Arbitrary<IvhdEntry> = fc.oneof(
  fc
    .constantFrom(['all', 1], ['select', 2], ['range-start', 3], ['range-end', 4], ['pad', 0], ['pad', 64])
    .chain(([kind, type]) =>
      fc.record({ deviceId: u16, data: u8 }).map((rest) => ({ offset: 0, kind: kind as 'all', type: type, ...rest })),
    ),
  fc.record({
    offset: fc.constant(0),
    kind: fc.constant('alias-select' as const),
    type: fc.constant(66),
    deviceId: u16,
    data: u8,
    sourceId: u16,
  }),
  fc.record({
    offset: fc.constant(0),
    kind: fc.constant('extended-range-start' as const),
    type: fc.constant(71),
    deviceId: u16,
    data: u8,
    extended: u32,
  }),
  fc.record({
    offset: fc.constant(0),
    kind: fc.constant('special' as const),
    type: fc.constant(72),
    deviceId: u16,
    data: u8,
    special: fc.record({ handle: u8, sourceId: u16, variety: fc.constant('hpet' as const), code: fc.constant(2) }),
  }),
  fc.record({
    offset: fc.constant(0),
    kind: fc.constant('acpi-hid' as const),
    type: fc.constant(240),
    deviceId: u16,
    data: u8,
    acpi: fc.oneof(
      fc.record({ hid: fc.constant('AMDI0020'), cid: fc.constant(''), uidType: fc.constant(1), uid: hex64 }),
      fc.record({ hid: fc.constant('PNP0501'), cid: fc.constant('X'), uidType: fc.constant(2), uid: ascii }),
    ),
  }),
)

const ivrs: fc.Arbitrary<Ivrs> = fc
  .record({
    revision: u8,
    info: u32,
    hardware: few(
      fc.constantFrom(0x10, 0x11, 0x40).chain((type) =>
        fc.record({
          offset: fc.constant(0),
          type: fc.constant(type),
          flags: u8,
          deviceId: u16,
          capabilityOffset: u16,
          base: hex64,
          segment: u16,
          info: u16,
          attributes: u32,
          ...(type === 0x10 ? {} : { efr: hex64, efr2: hex64 }),
          entries: few(entry),
        }),
      ),
    ),
    memory: few(
      fc.record({
        offset: fc.constant(1),
        type: fc.constantFrom(0x20, 0x21, 0x22),
        flags: u8,
        deviceId: u16,
        auxiliary: u16,
        segment: u16,
        start: hex64,
        length: hex64,
      }),
    ),
  })
  .map((table) => ({
    ...table,
    order: [...table.hardware, ...table.memory].map(({ type, deviceId }) => ({ type, deviceId })),
  }))

const mappings = few(fc.record({ inputBase: u32, count: u32, outputBase: u32, output: u32, single: fc.boolean() }))
const common = { offset: fc.constant(0), identifier: u32, mappings }
const node: fc.Arbitrary<IortNode> = fc.oneof(
  fc.record({ type: fc.constant('its-group' as const), ...common, revision: u8, its: few(u32) }),
  fc.record({
    type: fc.constant('named-component' as const),
    ...common,
    revision: u8,
    flags: u32,
    memoryProperties: hex64,
    addressLimit: u8,
    name: ascii,
  }),
  fc.record({
    type: fc.constant('root-complex' as const),
    ...common,
    revision: fc.constant(3),
    memoryProperties: hex64,
    atsAttribute: u32,
    segment: u32,
    addressLimit: u8,
    pasidCapabilities: u16,
  }),
  fc.record({
    type: fc.constant('smmu' as const),
    ...common,
    revision: u8,
    base: hex64,
    span: hex64,
    model: u32,
    flags: u32,
  }),
  fc.record({
    type: fc.constant('smmu-v3' as const),
    ...common,
    revision: fc.constant(4),
    base: hex64,
    flags: u32,
    vatos: hex64,
    model: u32,
    interrupts: fc.record({ event: u32, pri: u32, gerror: u32, sync: u32 }),
    proximityDomain: u32,
    idMappingIndex: u32,
  }),
  fc.record({
    type: fc.constant('pmcg' as const),
    ...common,
    revision: u8,
    page0: hex64,
    overflowInterrupt: u32,
    node: u32,
    page1: hex64,
  }),
  fc.record({
    type: fc.constant('rmr' as const),
    ...common,
    revision: u8,
    flags: u32,
    regions: few(fc.record({ base: hex64, length: hex64 })),
  }),
)
const iort: fc.Arbitrary<Iort> = fc.record({ revision: u8, nodes: few(node) })

const madt: fc.Arbitrary<Madt> = fc.record({
  revision: u8,
  localInterruptController: u32.map((value) => `0x${value.toString(16)}`),
  flags: u32,
  cpus: fc.nat(5),
  ioApics: few(
    fc.record({ offset: fc.constant(0), id: u8, address: u32.map((a) => `0x${a.toString(16)}`), gsiBase: u32 }),
  ),
  distributors: few(fc.record({ offset: fc.constant(1), id: u32, base: hex64, gsiBase: u32, version: u8 })),
  redistributors: few(fc.record({ offset: fc.constant(3), base: hex64, length: u32 })),
  msiFrames: few(
    fc.record({ offset: fc.constant(2), id: u32, base: hex64, overrideSpi: fc.boolean(), spiCount: u16, spiBase: u16 }),
  ),
  its: few(fc.record({ offset: fc.constant(4), id: u32, base: hex64 })),
})

const mcfg: fc.Arbitrary<Mcfg> = fc.record({
  revision: u8,
  allocations: few(fc.record({ offset: fc.constant(0), base: hex64, segment: u16, startBus: u8, endBus: u8 })),
})

const viotNode: fc.Arbitrary<ViotNode> = fc.oneof(
  fc.record({
    type: fc.constant('pci-range' as const),
    offset: fc.constant(0),
    endpointStart: u32,
    segmentStart: u16,
    segmentEnd: u16,
    bdfStart: u16,
    bdfEnd: u16,
    output: u16,
  }),
  fc.record({ type: fc.constant('mmio' as const), offset: fc.constant(0), endpoint: u32, base: hex64, output: u16 }),
  fc.record({ type: fc.constant('virtio-iommu-pci' as const), offset: fc.constant(0), segment: u16, bdf: u16 }),
  fc.record({ type: fc.constant('virtio-iommu-mmio' as const), offset: fc.constant(0), base: hex64 }),
)
const viot: fc.Arbitrary<Viot> = fc.record({ revision: u8, nodes: few(viotNode) })

describe('print and parse again', () => {
  test('DMAR', () => same(dmar, printDmar, parseDmar))
  test('IVRS', () => same(ivrs, printIvrs, parseIvrs))
  test('IORT', () => same(iort, printIort, parseIort))
  test('MADT', () => same(madt, printMadt, parseMadt))
  test('MCFG', () => same(mcfg, printMcfg, parseMcfg))
  test('VIOT', () => same(viot, printViot, parseViot))
})

type AnyParser = (data: Uint8Array) => Result<Parsed<unknown>>
const PARSERS: Record<string, AnyParser> = {
  DMAR: parseDmar,
  IVRS: parseIvrs,
  IORT: parseIort,
  APIC: parseMadt,
  MCFG: parseMcfg,
  VIOT: parseViot,
}

/** Small structures with plausible types and lengths reach deeper than noise does. */
const plausible = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.tuple(fc.nat(8), fc.nat(40)).map(([type, length]) => Uint8Array.of(type, length, 0, 0)),
      fc.tuple(fc.nat(8), fc.nat(64)).map(([type, length]) => Uint8Array.of(type, 0, length, 0)),
    ),
    { maxLength: 30 },
  )
  .map((pieces) => new Writer().u8(...pieces.flatMap((piece) => [...piece])))

describe('whatever the bytes, an answer or a coded fault', () => {
  test.each(Object.entries(PARSERS))('%s', (signature, parse) => {
    const check = (data: Uint8Array) => {
      const parsed = parse(data)
      if (!parsed.ok) expect(parsed.error.code).toMatch(/^ACPI_/)
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), check))
    fc.assert(
      fc.property(plausible, (body) => check(withHeader(signature, 1, body))),
      { numRuns: 400 },
    )
  })
})
