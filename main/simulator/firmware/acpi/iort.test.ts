import { describe, expect, test } from 'vitest'
import type { Iort, IortNode } from '../../platform/tables'
import { parseIort } from './iort'
import { mapId, rootComplexOf } from './iort-map'
import { printIort } from './print/iort'
import { Writer, withHeader } from './print/writer'

const common = { revision: 1, identifier: 0 }
const its: IortNode = { type: 'its-group', offset: 48, ...common, mappings: [], its: [0] }
const smmu = (offset: number, mappings: IortNode['mappings'], wired = true): IortNode => ({
  type: 'smmu-v3',
  offset,
  ...common,
  revision: 4,
  mappings,
  base: '0x9050000',
  flags: 1,
  vatos: '0x0',
  model: 0,
  interrupts: wired ? { event: 106, pri: 107, gerror: 109, sync: 108 } : { event: 0, pri: 0, gerror: 0, sync: 0 },
  proximityDomain: 0,
  idMappingIndex: 0,
})
const root = (offset: number, mappings: IortNode['mappings'], segment = 0): IortNode => ({
  type: 'root-complex',
  offset,
  ...common,
  mappings,
  memoryProperties: '0x1',
  atsAttribute: 0,
  segment,
  addressLimit: 64,
})
const map = (inputBase: number, count: number, outputBase: number, output: number, single = false) => ({
  inputBase,
  count,
  outputBase,
  output,
  single,
})

describe('mapping an id', () => {
  test('goes from the root complex through the SMMU to the ITS', () => {
    const iort: Iort = {
      revision: 3,
      nodes: [its, smmu(72, [map(0, 0xffff, 0x10000, 48)]), root(200, [map(0, 0xffff, 0, 72)])],
    }
    const start = rootComplexOf(iort, 0)
    expect(start && mapId(iort, start, 0x108, 'iommu')).toMatchObject({ id: 0x108, node: { type: 'smmu-v3' } })
    expect(start && mapId(iort, start, 0x108, 'its')).toMatchObject({ id: 0x10108, node: { type: 'its-group' } })
    expect(rootComplexOf(iort, 1)).toBeUndefined()
  })

  test('the count is of ids minus one: the last id of a range is in it, the next is not', () => {
    const iort: Iort = { revision: 3, nodes: [smmu(48, []), root(116, [map(0x100, 0xff, 0, 48)])] }
    const at = (id: number) => mapId(iort, root(116, [map(0x100, 0xff, 0, 48)]), id, 'iommu')?.id
    expect([at(0xff), at(0x100), at(0x1ff), at(0x200)]).toEqual([undefined, 0, 0xff, undefined])
  })

  test('where two ranges meet in one id, the one that starts there wins', () => {
    const start = root(200, [map(0, 0x100, 0, 48), map(0x100, 0xff, 0x5000, 72)])
    const iort: Iort = { revision: 3, nodes: [{ ...smmu(48, []) }, { ...smmu(72, []) }, start] }
    expect(mapId(iort, start, 0x100, 'iommu')).toMatchObject({ id: 0x5000, node: { offset: 72 } })
    expect(mapId(iort, start, 0xff, 'iommu')).toMatchObject({ id: 0xff, node: { offset: 48 } })
  })

  test('at the end of a range with no other the first match stays', () => {
    const start = root(200, [map(0, 0x100, 0, 48), map(0x80, 0x200, 0x5000, 72)])
    const iort: Iort = { revision: 3, nodes: [smmu(48, []), smmu(72, []), start] }
    expect(mapId(iort, start, 0x100, 'iommu')).toMatchObject({ id: 0x100, node: { offset: 48 } })
  })

  test('a single mapping ignores the id at a root complex and is skipped at an SMMU', () => {
    const start = root(200, [map(0, 0, 0x77, 72, true)])
    const unit = smmu(72, [map(0, 0, 0x99, 48, true)])
    const iort: Iort = { revision: 3, nodes: [its, unit, start] }
    expect(mapId(iort, start, 0x500, 'iommu')?.id).toBe(0x77)
    expect(mapId(iort, start, 0x500, 'its')).toBeUndefined()
  })

  test('the mapping that is the SMMU’s own DeviceID is not one for the devices behind it', () => {
    const unit = smmu(72, [map(0, 0xffff, 0x1, 48), map(0, 0xffff, 0x20000, 48)], false)
    const iort: Iort = { revision: 3, nodes: [its, unit] }
    expect(mapId(iort, unit, 0x10, 'its')?.id).toBe(0x20010)
  })

  test('nodes that refer to each other in a circle lead nowhere', () => {
    const a = root(48, [map(0, 0xffff, 0, 120)])
    const b = root(120, [map(0, 0xffff, 0, 48)], 1)
    expect(mapId({ revision: 3, nodes: [a, b] }, a, 1, 'its')).toBeUndefined()
  })
})

describe('IORT', () => {
  test('a reference to where no node starts is a warning', () => {
    const parsed = parseIort(printIort({ revision: 3, nodes: [root(48, [map(0, 1, 0, 5000)])] }))
    expect(parsed.ok && parsed.value.warnings.map((entry) => entry.code)).toEqual(['ACPI_BAD_REFERENCE'])
  })

  test('a node of another type is skipped by its length', () => {
    const body = new Writer().u32(2).u32(48).u32(0)
    body.u8(99).u16(20).u8(0).zeros(16).u8(0).u16(24).u8(1).u32(0).u32(0).u32(0).u32(1).u32(5)
    const parsed = parseIort(withHeader('IORT', 3, body))
    expect(parsed.ok && parsed.value.table.nodes.map((node) => node.type)).toEqual(['unknown', 'its-group'])
  })

  const node = (length: number, ...rest: number[]): Uint8Array =>
    withHeader(
      'IORT',
      3,
      new Writer()
        .u32(1)
        .u32(48)
        .u32(0)
        .u8(0)
        .u16(length)
        .u8(0, ...rest),
    )
  const broken: [string, Uint8Array, string, number][] = [
    ['a node of length 0', node(0, ...new Array<number>(16).fill(0)), 'ACPI_LOOP', 48],
    ['a node shorter than its header', node(8, ...new Array<number>(16).fill(0)), 'ACPI_BAD_LENGTH', 48],
    ['a node beyond the end', node(500, ...new Array<number>(16).fill(0)), 'ACPI_BAD_LENGTH', 48],
    ['more nodes than there are', withHeader('IORT', 3, new Writer().u32(9).u32(48).u32(0)), 'ACPI_TRUNCATED', 48],
    ['nodes inside the header', withHeader('IORT', 3, new Writer().u32(1).u32(0).u32(0)), 'ACPI_BAD_LENGTH', 40],
    [
      'mappings that do not fit',
      node(20, 0, 0, 0, 0, 255, 255, 255, 255, 16, 0, 0, 0, 0, 0, 0, 0),
      'ACPI_BAD_LENGTH',
      48,
    ],
    ['ITS ids that do not fit', node(20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0), 'ACPI_BAD_LENGTH', 48],
  ]
  test.each(broken)('refuses %s with a code and the offset', (_what, data, code, offset) => {
    const parsed = parseIort(data)
    expect(parsed.ok ? 'parsed' : parsed.error).toMatchObject({ code, offset })
  })
})
