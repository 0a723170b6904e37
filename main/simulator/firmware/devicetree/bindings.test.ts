import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lookUp } from '../assemble/devicetree'
import { parseDeviceTree } from './bindings'
import { cells, cpuAddress, parseFdt, walk, type DtNode } from './fdt'

type Value = string | number[] | null
interface Source {
  readonly [name: string]: Value | Source
}

/** A device tree blob from nested objects: strings, lists of cells, null for an empty property, objects for nodes. */
function blob(root: Source): Uint8Array {
  const strings: string[] = []
  const offsetOf = (name: string): number => {
    if (!strings.includes(name)) strings.push(name)
    return strings.slice(0, strings.indexOf(name)).reduce((sum, s) => sum + s.length + 1, 0)
  }
  const word = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff)
  const padded = (bytes: number[]): number[] => [...bytes, ...new Array<number>((4 - (bytes.length % 4)) % 4).fill(0)]
  const ascii = (text: string): number[] => [...text].map((c) => c.charCodeAt(0)).concat(0)
  const node = (name: string, source: Source): number[] => {
    const inner = Object.entries(source).flatMap(([key, value]) => {
      if (value !== null && typeof value === 'object' && !Array.isArray(value)) return node(key, value)
      const data = value === null ? [] : typeof value === 'string' ? ascii(value) : value.flatMap(word)
      return [...word(3), ...word(data.length), ...word(offsetOf(key)), ...padded(data)]
    })
    return [...word(1), ...padded(ascii(name)), ...inner, ...word(2)]
  }
  const structure = [...node('', root), ...word(9)]
  const names = strings.flatMap(ascii)
  const total = 40 + structure.length + names.length
  const header = [0xd00dfeed, total, 40, 40 + structure.length, 40, 17, 16, 0, names.length, structure.length]
  return Uint8Array.from([...header.flatMap(word), ...structure, ...names])
}

const BOARD: Source = {
  '#address-cells': [2],
  '#size-cells': [2],
  'smmuv3@9050000': { compatible: 'arm,smmu-v3', reg: [0, 0x9050000, 0, 0x20000], phandle: [1] },
  'intc@8000000': {
    '#address-cells': [2],
    '#size-cells': [2],
    ranges: null,
    compatible: 'arm,cortex-a15-gic',
    'v2m@8020000': {
      compatible: 'arm,gic-v2m-frame',
      reg: [0, 0x8020000, 0, 0x1000],
      phandle: [2],
      'arm,msi-base-spi': [80],
      'arm,msi-num-spis': [64],
    },
  },
  'pcie@10000000': {
    device_type: 'pci',
    compatible: 'pci-host-ecam-generic',
    reg: [0x40, 0x10000000, 0, 0x10000000],
    'bus-range': [0, 255],
    'linux,pci-domain': [0],
    'iommu-map': [0, 1, 0, 0x100, 0x200, 1, 0x9000, 0x100],
    'msi-parent': [2],
  },
}

describe('a device tree', () => {
  test('tells IOMMUs, MSI controllers and what PCI host bridges are mapped to', () => {
    const parsed = parseDeviceTree(blob(BOARD))
    if (!parsed.ok) throw new Error(parsed.error.message)
    expect(parsed.value.warnings).toEqual([])
    expect(parsed.value.table.iommus).toEqual([{ path: '/smmuv3@9050000', kind: 'smmu-v3', base: '0x9050000' }])
    expect(parsed.value.table.msiControllers).toEqual([
      { path: '/intc@8000000/v2m@8020000', kind: 'gicv2m', base: '0x8020000', spis: { base: 80, count: 64 } },
    ])
    expect(parsed.value.table.pciHosts).toMatchObject([
      {
        platformName: '4010000000.pcie',
        segment: 0,
        iommuMap: [
          { inputBase: 0, target: '/smmuv3@9050000', outputBase: 0, length: 0x100 },
          { inputBase: 0x200, target: '/smmuv3@9050000', outputBase: 0x9000, length: 0x100 },
        ],
        msiParent: '/intc@8000000/v2m@8020000',
      },
    ])
  })

  test('a map ends before its length, and takes the id under its mask', () => {
    const map = [{ inputBase: 0x200, target: '/a', outputBase: 0, length: 0x100 }]
    const at = (rid: number, mask = 0xffffffff) => lookUp(map, mask, rid)
    expect([at(0x1ff), at(0x200), at(0x2ff), at(0x300)]).toEqual([undefined, '/a', '/a', undefined])
    expect(at(0xf2ff, 0x0fff)).toBe('/a')
  })

  test('nodes that are disabled do not count', () => {
    const parsed = parseDeviceTree(
      blob({ ...BOARD, 'smmuv3@9050000': { compatible: 'arm,smmu-v3', reg: [0, 0, 0, 0], status: 'disabled' } }),
    )
    expect(parsed.ok && parsed.value.table.iommus).toEqual([])
  })

  test('a reference to no node is a warning', () => {
    const parsed = parseDeviceTree(blob({ pcie: { device_type: 'pci', 'msi-parent': [77] } }))
    expect(parsed.ok && parsed.value.warnings.map((entry) => entry.code)).toEqual(['DEVICETREE_REFERENCE'])
  })

  test('addresses go through the ranges of every bus above', () => {
    const root = parseFdt(
      blob({
        '#address-cells': [2],
        '#size-cells': [1],
        soc: {
          '#address-cells': [1],
          '#size-cells': [1],
          ranges: [0x0, 0x1, 0x80000000, 0x100000],
          'dev@1000': { reg: [0x1000, 0x100] },
        },
        island: { '#address-cells': [1], '#size-cells': [1], 'dev@0': { reg: [0, 4] } },
      }),
    )
    if (!root.ok) throw new Error(root.error.message)
    const at = (path: string): bigint | undefined => {
      const node: DtNode | undefined = [...walk(root.value)].find((n) => n.path === path)
      return node && cpuAddress(node)
    }
    expect(at('/soc/dev@1000')).toBe(0x180001000n)
    expect(at('/island/dev@0')).toBeUndefined()
    expect(cells(root.value, '#address-cells')).toEqual([2])
  })
})

describe('a damaged device tree', () => {
  const whole = blob(BOARD)

  test('cut anywhere gives a coded fault', () => {
    for (let size = 0; size < whole.length; size += 16) {
      const parsed = parseDeviceTree(whole.subarray(0, size))
      expect(parsed.ok ? 'parsed' : parsed.error.code).toMatch(/^DEVICETREE_/)
    }
  })

  test('with any bytes changed gives an answer or a coded fault', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const data = whole.slice()
        for (const [at, value] of changes) data[at] = value
        const parsed = parseDeviceTree(data)
        if (!parsed.ok) expect(parsed.error.code).toMatch(/^DEVICETREE_/)
      }),
      { numRuns: 500 },
    )
  })
})
