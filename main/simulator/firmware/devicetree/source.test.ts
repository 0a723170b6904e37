import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkPlatform } from '../../platform/check'
import { placeable } from '../../platform/place'
import type { DeviceTree } from '../../platform/tables'
import { importInputs } from '../inputs'
import { parseDeviceTree } from './bindings'
import { cells, stringList, walk, type DtNode } from './fdt'
import { parseSource } from './source'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function root(text: string): DtNode & { codes: string[] } {
  const parsed = parseSource(text)
  if (!parsed.ok) throw new Error(`${parsed.error.line}:${parsed.error.column} ${parsed.error.message}`)
  return { ...parsed.value.root, codes: parsed.value.warnings.map((entry) => entry.code) }
}
const at = (tree: DtNode, path: string): DtNode => {
  const found = [...walk(tree)].find((node) => node.path === path)
  if (!found) throw new Error(`no ${path}`)
  return found
}

/** An invented board in the manner of a P4080: two PCI controllers, a PAMU, three MSI banks with aliases. */
const BOARD = `/dts-v1/;
/* A board that nobody built. */
#include "included.dtsi"
#define BANK_SIZE 0x200
/ {
	model = "example,p4080-like";
	compatible = "example,board", "fsl,P4080DS";
	#address-cells = <2>;
	#size-cells = <2>;

	soc: soc@ffe000000 {
		#address-cells = <1>;
		#size-cells = <1>;
		ranges = <0x0 0xf 0xfe000000 0x1000000>;

		pamu: iommu@20000 {
			compatible = "fsl,pamu-v1.0", "fsl,pamu";
			reg = <0x20000 0x5000>;
		};
		msi0: msi@41600 {
			compatible = "fsl,p4080-msi", "fsl,mpic-msi";
			reg = <0x41600 BANK_SIZE 0x44140 4>;
			msi-available-ranges = <0 0x100>;
		};
		msi1: msi@41800 {
			compatible = "fsl,mpic-msi";
			reg = <0x41800 (BANK_SIZE)>;
			msi-available-ranges = <0 0x40 0x80 0x40>;
		};
		msi2: msi@41a00 {
			compatible = "fsl,mpic-msi-v4.3";
			reg = <0x41a00 0x200>, <0x46148 4>;
		};
	};

	pci0: pcie@ffe200000 {
		device_type = "pci"; // the first one
		compatible = "fsl,p4080-pcie";
		reg = <0xf 0xfe200000 0 0x1000>;
		bus-range = <0x0 0xff>;
		fsl,iommu-parent = <&pamu>;
		fsl,msi = <&msi0>;
	};
	pci1: pcie@ffe201000 {
		device_type = "pci";
		reg = <0xf 0xfe201000 0 0x1000>;
	};
};

&pci0 {
	fsl,liodn = <0x2a (1 << 4 | 3)>;
};
`

describe('device tree source', () => {
  test('is nodes and properties, as a blob has them', () => {
    const tree = root(BOARD)
    expect(stringList(tree, 'compatible')).toEqual(['example,board', 'fsl,P4080DS'])
    expect(cells(at(tree, '/soc@ffe000000/msi@41600'), 'reg')).toEqual([0x41600, 0x200, 0x44140, 4])
    expect(cells(at(tree, '/pcie@ffe200000'), 'fsl,liodn')).toEqual([0x2a, 0x13])
    expect(tree.codes).toEqual(['DEVICETREE_INCLUDE'])
  })

  test('gives a phandle to what is referred to, and keeps those that are there', () => {
    const tree = root('/ { a: a { phandle = <1>; }; b: b { }; user { refs = <&a &b &a>; path = &b; }; };')
    expect(cells(at(tree, '/user'), 'refs')).toEqual([1, 2, 1])
    expect(cells(at(tree, '/b'), 'phandle')).toEqual([2])
    expect(stringList(at(tree, '/user'), 'path')).toEqual(['/b'])
  })

  test('has strings, bytes, widths, expressions, labels anywhere, and deletions', () => {
    const tree = root(`/plugin/; /dts-v1/;
/memreserve/ 0x1000 0x2000;
/ { x: n@1 { s = "a\\"b", l: 'c'; b = [00 1f FF]; w = /bits/ 16 <1 0x10>; e = <(-1) (2 + 3 * 4) (~0 & 0xff) (0x10 >> 2)>; flag; gone; o = <010>; };
    dead { }; };
/delete-node/ &{/dead};
&x { /delete-property/ gone; };
`)
    const node = at(tree, '/n@1')
    expect(stringList(node, 's')).toEqual(['a"b', 'c'])
    expect([...(node.properties.get('b') ?? [])]).toEqual([0, 0x1f, 0xff])
    expect([...(node.properties.get('w') ?? [])]).toEqual([0, 1, 0, 0x10])
    expect(cells(node, 'e')).toEqual([0xffffffff, 14, 0xff, 4])
    expect(cells(node, 'o')).toEqual([8])
    expect([...node.properties.keys()]).toEqual(['s', 'b', 'w', 'e', 'flag', 'o'])
    expect(tree.children.map((child) => child.name)).toEqual(['n@1'])
  })

  test('with names from files that are not at hand says so and goes on', () => {
    const tree = root(
      '#include <x.h>\n/ { a { i = <GIC_SPI 5 IRQ_TYPE(1, 2)>; r = <&nobody>; }; };\n&nowhere { status = "okay"; };',
    )
    expect(cells(at(tree, '/a'), 'i')).toEqual([0, 5, 0])
    expect(tree.codes.sort()).toEqual([
      ...[
        'DEVICETREE_INCLUDE',
        'DEVICETREE_INCLUDE',
        'DEVICETREE_INCLUDE',
        'DEVICETREE_REFERENCE',
        'DEVICETREE_REFERENCE',
      ],
    ])
  })

  test.each([
    ['/ { a = <1>', 1, 12],
    ['/ {\n  a = ;\n};', 2, 7],
    ['/ {\n  a = <1 zz.>;\n};', 2, 10],
    ['/ {\n  ` };', 2, 3],
    ['', 1, 1],
    ['/ { n { }; }', 1, 13],
  ])('%s is refused with its place', (text, line, column) => {
    expect(parseSource(text)).toMatchObject({ ok: false, error: { code: 'DEVICETREE_SYNTAX', line, column } })
  })
})

describe('a PAMU board', () => {
  const table = (text: string): DeviceTree => {
    const parsed = parseDeviceTree(bytes(text))
    if (!parsed.ok) throw new Error(parsed.error.message)
    return parsed.value.table
  }

  test('has its unit, its banks with the address that a message goes to, and whose numbers controllers carry', () => {
    const { iommus, msiControllers, pciHosts } = table(BOARD)
    expect(iommus).toEqual([{ path: '/soc@ffe000000/iommu@20000', kind: 'pamu', base: '0xffe020000' }])
    expect(msiControllers).toEqual([
      {
        path: '/soc@ffe000000/msi@41600',
        kind: 'mpic',
        base: '0xffe041600',
        doorbell: '0xffe044140',
        interrupts: [{ first: 0, count: 256 }],
      },
      {
        path: '/soc@ffe000000/msi@41800',
        kind: 'mpic',
        base: '0xffe041800',
        doorbell: '0xffe041940',
        interrupts: [
          { first: 0, count: 64 },
          { first: 128, count: 64 },
        ],
      },
      {
        path: '/soc@ffe000000/msi@41a00',
        kind: 'mpic',
        base: '0xffe041a00',
        doorbell: '0xffe046148',
        interrupts: [{ first: 0, count: 512 }],
      },
    ])
    expect(pciHosts).toMatchObject([
      {
        path: '/pcie@ffe200000',
        liodns: [42, 19],
        iommuParent: '/soc@ffe000000/iommu@20000',
        msiBank: '/soc@ffe000000/msi@41600',
      },
      { path: '/pcie@ffe201000' },
    ])
    expect(pciHosts[1]?.liodns).toBeUndefined()
  })

  test('with a listing of its functions is a platform', () => {
    const lspci = `0000:00:00.0 0604: 1957:0401
	Bus: primary=00, secondary=01, subordinate=01, sec-latency=0
0000:01:00.0 0200: 8086:10d3
0001:00:00.0 0604: 1957:0401
	Bus: primary=00, secondary=01, subordinate=01, sec-latency=0
0001:01:00.0 0200: 8086:10d3
`
    const read = importInputs([
      { kind: 'lspci', name: 'lspci.txt', data: bytes(lspci) },
      { kind: 'devicetree', name: 'board.dts', data: bytes(BOARD) },
    ])
    if (!read.ok) throw new Error(read.error.message)
    const { platform } = read.value
    expect(checkPlatform(platform)).toEqual([])
    expect(platform).toMatchObject({
      arch: 'powerpc',
      assumptions: [],
      iommus: [{ name: 'iommu0', kind: 'pamu', serves: ['0000:00:00.0', '0000:01:00.0'] }],
    })
    const all = ['0000:00:00.0', '0000:01:00.0', '0001:00:00.0', '0001:01:00.0']
    expect(
      platform.msiControllers.map(({ name, kind, doorbell, serves }) => ({ name, kind, doorbell, serves })),
    ).toEqual([
      { name: 'msi@0xffe041600', kind: 'mpic', doorbell: '0xffe044140', serves: all },
      { name: 'msi@0xffe041800', kind: 'mpic', doorbell: '0xffe041940', serves: all.slice(2) },
      { name: 'msi@0xffe041a00', kind: 'mpic', doorbell: '0xffe046148', serves: all.slice(2) },
    ])
    expect(placeable(platform, '0000:01:00.0').ok).toBe(true)
  })
})

describe('damaged source', () => {
  const judge = (text: string): void => {
    const parsed = parseDeviceTree(bytes(text))
    if (!parsed.ok) expect(parsed.error.code).toMatch(/^DEVICETREE_/)
  }

  test('cut anywhere gives a coded fault, with a place in the text', () => {
    for (let size = 64; size < BOARD.length; size += 16) {
      const parsed = parseSource(BOARD.slice(0, size))
      if (parsed.ok) continue
      expect(parsed.error.code).toBe('DEVICETREE_SYNTAX')
      expect(parsed.error.line).toBeLessThanOrEqual(BOARD.slice(0, size).split('\n').length)
    }
  })

  test('with any characters changed gives an answer', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(BOARD.length - 1), fc.integer({ min: 9, max: 126 })), { maxLength: 8 }),
        (changes) => {
          const letters = [...BOARD]
          for (const [i, code] of changes) letters[i] = String.fromCharCode(code)
          judge(letters.join(''))
        },
      ),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            '/ {',
            '};',
            '{',
            '}',
            '<',
            '>',
            ';',
            '=',
            '(',
            ')',
            '&a',
            'a:',
            'x',
            '1',
            '"s"',
            '[ff]',
            '/bits/ 8',
            '-',
            '<<',
          ),
          { maxLength: 40 },
        ),
        (parts) => judge(`/dts-v1/; ${parts.join(' ')}`),
      ),
      { numRuns: 1000 },
    )
  })

  test('nested without end, or very large, gives an answer', () => {
    judge(`/ ${'{ a '.repeat(100_000)}`)
    judge(`/ { x = <${'('.repeat(100_000)}`)
    judge(`/ { x = <${'1 '.repeat(500_000)}>; };`)
    judge(`/*${' '.repeat(1_000_000)}`)
    judge(`/ { ${'n: n { }; '.repeat(20_000)} };`)
    judge(`/ { x = "${'\\\\'.repeat(500_000)}`)
  })
})
