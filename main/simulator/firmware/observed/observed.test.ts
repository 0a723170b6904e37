import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { groupOf, type Observations } from '../../platform/observations'
import type { FileTree, TreeEntry } from '../tree'
import { parseObservations } from './text'
import { observationsOf } from './tree'

function read(text: string): Observations {
  const parsed = parseObservations(text)
  if (!parsed.ok) throw new Error(parsed.error.message)
  return parsed.value
}
const partition = (seen: Observations) => seen.groups.map(({ id, devices }) => [id, ...devices])

type Groups = readonly (readonly [id: number, devices: readonly string[]])[]
const short = (bdf: string): string => bdf.slice(5)
const row = (bdf: string): string => `${short(bdf)} PCI bridge [0604]: Example Ltd Port [1d05:0001] (rev 02)`
const each = (groups: Groups, one: (id: number, bdf: string) => string): string =>
  groups.flatMap(([id, devices]) => devices.map((bdf) => one(id, bdf))).join('\n')
const blocks = (
  groups: Groups,
  head: (id: number) => string,
  one: (bdf: string, id: number) => string,
  gap = '\n',
): string => groups.map(([id, devices]) => [head(id), ...devices.map((bdf) => one(bdf, id))].join('\n')).join(gap)

/** Every layout that people paste, as a printer. */
const LAYOUTS: Record<string, (groups: Groups) => string> = {
  'a heading and tabs': (g) =>
    blocks(
      g,
      (id) => `IOMMU Group ${id}:`,
      (bdf) => `\t${row(bdf)}`,
    ),
  'a heading and spaces': (g) =>
    blocks(
      g,
      (id) => `IOMMU Group ${id}:`,
      (bdf) => `        ${row(bdf)}`,
    ),
  'a heading without a colon': (g) =>
    blocks(
      g,
      (id) => `IOMMU group ${id}`,
      (bdf) => `  ${row(bdf)}`,
    ),
  'capitals and the id again': (g) =>
    blocks(
      g,
      (id) => `IOMMU GROUP ${id}`,
      (bdf, id) => ` (${id}) ${row(bdf)}`,
    ),
  'one line each': (g) => each(g, (id, bdf) => `IOMMU Group ${id} ${row(bdf)}`),
  'one line each, lower case': (g) => each(g, (id, bdf) => `IOMMU group ${id} ${row(bdf)}`),
  'a table with ids first': (g) =>
    each(g, (id, bdf) => `Group ${id}:        [1d05:0001] [R] ${short(bdf)}  Host bridge          Device 0001`),
  'a mail with stars': (g) =>
    blocks(
      g,
      (id) => `*IOMMU Group ${id} :*`,
      (bdf) => `* ${row(bdf)}`,
    ),
  'units, groups and devices': (g) =>
    blocks(
      g,
      (id) => `IOMMU: dmar15\n  IOMMU Group: ${id}`,
      (bdf) => `    Group Device: ${bdf} - System peripheral [0880]: Example Ltd X`,
    ),
  'indentation lost, blank lines between': (g) => blocks(g, (id) => `IOMMU Group ${id}:`, row, '\n\n'),
  'indentation lost, none between': (g) => blocks(g, (id) => `IOMMU Group ${id}:`, row),
  find: (g) => each(g, (id, bdf) => `/sys/kernel/iommu_groups/${id}/devices/${bdf}`),
  'ls of links': (g) =>
    each(
      g,
      (id, bdf) =>
        `lrwxrwxrwx 1 root root 0 Jan  1 00:00 /sys/kernel/iommu_groups/${id}/devices/${bdf} -> ../../../../devices/pci0000:00/${bdf}`,
    ),
  'ls of folders': (g) =>
    blocks(
      g,
      (id) => `/sys/kernel/iommu_groups/${id}/devices:\ntotal 0`,
      (bdf) => `lrwxrwxrwx 1 root root 0 Jan  1 00:00 ${bdf} -> ../../../../devices/pci0000:00/${bdf}`,
      '\n\n',
    ),
  'links of devices': (g) =>
    each(
      g,
      (id, bdf) =>
        `lrwxrwxrwx 1 root root 0 Jan  1 00:00 /sys/bus/pci/devices/${bdf}/iommu_group -> ../../../kernel/iommu_groups/${id}`,
    ),
  readlink: (g) =>
    each(
      g,
      (id, bdf) =>
        `$ readlink -f /sys/bus/pci/devices/${bdf.replaceAll(':', '\\:')}/iommu_group\n/sys/kernel/iommu_groups/${id}`,
    ),
  'lspci -vv': (g) => each(g, (id, bdf) => `${row(bdf)}\n\tStatus: Cap- 66MHz-\n\tIOMMU group: ${id}\n`),
  'lspci -v': (g) =>
    each(g, (id, bdf) => `${row(bdf)}\n\tFlags: bus master, fast devsel, latency 0, NUMA node 0, IOMMU group ${id}\n`),
  'lspci -v, broken by mail': (g) =>
    each(g, (id, bdf) => `${row(bdf)}\n\tFlags: bus master, fast devsel, latency 0, NUMA node 0,\nIOMMU group ${id}\n`),
  'lspci -vmm': (g) =>
    each(
      g,
      (id, bdf) =>
        `Slot:\t${short(bdf)}\nClass:\tPCI bridge [0604]\nVendor:\tExample [1d05]\nDevice:\tX [0001]\nIOMMUGroup:\t${id}\n`,
    ),
  dmesg: (g) => each(g, (id, bdf) => `[    1.234567] pci ${bdf}: Adding to iommu group ${id}`),
  'dmesg of a driver': (g) => each(g, (id, bdf) => `[   11.5] pcieport ${bdf}: Adding to iommu group ${id}`),
  'dmesg of old kernels': (g) => each(g, (id, bdf) => `[    0.9] iommu: Adding device ${bdf} to group ${id}`),
  'a journal, broken by mail': (g) =>
    each(g, (id, bdf) => `Jan 30 17:32:17 localhost kernel: [    2.5] pci ${bdf}:\nAdding to iommu group ${id}`),
}

const board: fc.Arbitrary<Groups> = fc
  .uniqueArray(fc.tuple(fc.nat(0xff), fc.nat(0x1f), fc.nat(7)), { minLength: 1, maxLength: 12, selector: String })
  .chain((devices) =>
    fc.array(fc.nat(5), { minLength: devices.length, maxLength: devices.length }).map((ids): Groups => {
      const groups = new Map<number, string[]>()
      devices.forEach(([bus, device, fn], i) => {
        const bdf = `0000:${bus.toString(16).padStart(2, '0')}:${device.toString(16).padStart(2, '0')}.${fn}`
        const id = (ids[i] ?? 0) * 3
        groups.set(id, [...(groups.get(id) ?? []), bdf].sort())
      })
      return [...groups].sort((a, b) => a[0] - b[0])
    }),
  )

describe('a listing of groups', () => {
  test.each(Object.keys(LAYOUTS))('in the layout "%s" is read', (name) => {
    fc.assert(
      fc.property(board, fc.constantFrom('', '> ', '>> '), fc.constantFrom('\n', '\r\n'), (groups, quote, end) => {
        const text = (LAYOUTS[name]?.(groups) ?? '').replace(/^/gm, quote).replaceAll('\n', end)
        expect(partition(read(text))).toEqual(groups.map(([id, devices]) => [id, ...devices]))
      }),
      { numRuns: 30 },
    )
  })

  test('behind the shell loop that made it, in a fence, is read', () => {
    const seen = read(`\`\`\`
$ for d in /sys/kernel/iommu_groups/*/devices/*; do n=\${d#*/iommu_groups/*}; printf 'IOMMU group %s ' "\${n%%/*}"; lspci -nns "\${d##*/}"; done
IOMMU group 1 00:01.0 PCI bridge [0604]: Example Ltd Port [1d05:0001] (rev 05)
IOMMU group 1 01:00.0 3D controller [0302]: Example Ltd Chip [1d05:0002] (rev a1)
\`\`\``)
    expect(partition(seen)).toEqual([[1, '0000:00:01.0', '0000:01:00.0']])
  })

  test('names units where it tells them, and keeps devices that are no PCI functions', () => {
    expect(read('IOMMU: dmar15\n  IOMMU Group: 16\n    Group Device: 0000:6a:01.0 - System peripheral').units).toEqual([
      { name: 'dmar15', devices: ['0000:6a:01.0'] },
    ])
    expect(partition(read('[ 1.0] platform ff6000000.qman-portal: Adding to iommu group 3'))).toEqual([
      [3, 'ff6000000.qman-portal'],
    ])
  })

  test('followed by a plain list does not draw that into its last group', () => {
    const seen = read('IOMMU Group 1:\n\t00:01.0 PCI bridge [0604]: A\n$ lspci\n02:00.0 PCI bridge [0604]: B\n')
    expect(partition(seen)).toEqual([[1, '0000:00:01.0']])
  })
})

describe('a boot log', () => {
  test('that moves a device leaves it where it was moved last', () => {
    const seen = read(`pci 0003:00:00.0: Adding to iommu group 60
fsl-pci ffe270000.pcie: Adding to iommu group 61
fsl-pci ffe270000.pcie: Removing from iommu group 61
pci 0003:00:00.0: Removing from iommu group 60
pci 0003:00:00.0: Adding to iommu group 64`)
    expect(partition(seen)).toEqual([[64, '0003:00:00.0']])
  })

  test('of several boots counts from the last, and says so', () => {
    const seen = read(`[    1.0] pci 0000:00:01.0: Adding to iommu group 0
[   90.0] pci 0000:00:02.0: Adding to iommu group 1
[    1.1] iommu: Default domain type: Translated
[    1.2] pci 0000:00:01.0: Adding to iommu group 7`)
    expect(partition(seen)).toEqual([[7, '0000:00:01.0']])
    expect(seen.defaultDomain).toBe('Translated')
    expect(seen.warnings.map((entry) => entry.code)).toEqual(['OBSERVED_SEVERAL_BOOTS'])
  })

  test('takes the new side of a difference, and no failure for a success', () => {
    const seen = read(`-pci 0003:00:00.0: Adding to iommu group 60
+pci 0003:00:00.0: Adding to iommu group 64
pci 0000:06:00.0: Failed to add to iommu group 23: -1`)
    expect(partition(seen)).toEqual([[64, '0003:00:00.0']])
  })
})

describe('reserved regions and types', () => {
  const regions = [
    { start: '0x0', end: '0xffffff', type: 'direct-relaxable' },
    { start: '0xfee00000', end: '0xfeefffff', type: 'msi' },
  ]
  const lines = '0x0000000000000000 0x0000000000ffffff direct-relaxable\n0x00000000fee00000 0x00000000feefffff msi\n'
  const path = '/sys/kernel/iommu_groups/9/reserved_regions'

  test.each<[string, string]>([
    ['cat', `$ cat ${path}\n${lines}`],
    ['grep', lines.replace(/^(?=0x)/gm, `${path}:`)],
    ['head or tail', `==> ${path} <==\n${lines}`],
    ['a quoted mail', `$ cat ${path}\n${lines}`.replace(/^/gm, '> > > > ')],
  ])('as %s prints them belong to their group', (_how, text) => {
    expect(read(text).groups).toEqual([{ id: 9, devices: [], reserved: regions }])
  })

  test('under the path of a device belong to its group, where that is known', () => {
    const cat = `# cat /sys/bus/pci/devices/0000\\:83\\:00.0/iommu_group/reserved_regions\n${lines}`
    expect(read(cat)).toMatchObject({ groups: [], loose: [{ device: '0000:83:00.0', reserved: regions }] })
    expect(read(`${cat}\npci 0000:83:00.0: Adding to iommu group 4`).groups).toEqual([
      { id: 4, devices: ['0000:83:00.0'], reserved: regions },
    ])
  })

  test('without a path are kept apart', () => {
    expect(read(lines)).toMatchObject({ groups: [], loose: [{ reserved: regions }] })
  })

  test('types are read as grep and cat print them', () => {
    for (const text of ['/sys/kernel/iommu_groups/9/type:DMA-FQ', '$ cat /sys/kernel/iommu_groups/9/type\nDMA-FQ'])
      expect(read(text).groups).toEqual([{ id: 9, devices: [], type: 'DMA-FQ' }])
  })
})

describe('text that tells nothing, or is damaged', () => {
  test('is refused with a code', () => {
    for (const text of ['', 'IOMMU groups are nice', 'Group 5 of the meeting', '00:1f.0 ISA bridge: Example Ltd X'])
      expect(parseObservations(text)).toMatchObject({ ok: false, error: { code: 'OBSERVED_EMPTY' } })
  })

  test('gives an answer, a device in one group only', () => {
    const whole = Object.values(LAYOUTS)
      .map((layout) =>
        layout([
          [1, ['0000:00:01.0', '0000:01:00.0']],
          [22, ['0000:00:1f.3']],
        ]),
      )
      .join('\n')
    const judge = (text: string): void => {
      const parsed = parseObservations(text)
      if (!parsed.ok) {
        expect(parsed.error.code).toBe('OBSERVED_EMPTY')
        return
      }
      const devices = parsed.value.groups.flatMap((group) => group.devices)
      expect(new Set(devices).size).toBe(devices.length)
    }
    for (let size = 0; size < whole.length; size += 64) judge(whole.slice(0, size))
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 30 }), (changes) => {
        const letters = [...whole]
        for (const [at, code] of changes) letters[at] = String.fromCharCode(code)
        judge(letters.join(''))
      }),
      { numRuns: 100 },
    )
    judge('IOMMU Group 99999999999999999999:\n\t00:01.0 X'.repeat(10_000))
    judge(`${'0x0000000000000000 0x0000000000ffffff msi\n'.repeat(100_000)}`)
    judge('x: '.repeat(1_000_000))
  })
})

describe('a capture', () => {
  const file = (text: string): TreeEntry => ({ kind: 'file', bytes: new TextEncoder().encode(text) })
  const link = (target: string): TreeEntry => ({ kind: 'link', target })

  test('holds groups, links of devices and whom units serve', () => {
    const tree: FileTree = new Map([
      ['capture/sys/kernel/iommu_groups/3/type', file('DMA-FQ\n')],
      ['capture/sys/kernel/iommu_groups/3/reserved_regions', file('0x00000000fee00000 0x00000000feefffff msi\n')],
      ['capture/sys/kernel/iommu_groups/3/devices/0000:00:02.0', link('../../../../devices/pci0000:00/0000:00:02.0')],
      ['capture/sys/devices/pci0000:00/0000:00:03.0/iommu_group', link('../../../kernel/iommu_groups/4')],
      ['capture/sys/class/iommu/dmar0/devices/0000:00:02.0', link('../../../../pci0000:00/0000:00:02.0')],
    ])
    expect(observationsOf(tree)).toMatchObject({
      groups: [
        {
          id: 3,
          devices: ['0000:00:02.0'],
          type: 'DMA-FQ',
          reserved: [{ start: '0xfee00000', end: '0xfeefffff', type: 'msi' }],
        },
        { id: 4, devices: ['0000:00:03.0'] },
      ],
      units: [{ name: 'dmar0', devices: ['0000:00:02.0'] }],
    })
    expect(observationsOf(new Map()).groups).toEqual([])
  })

  test('holds how each function would be reset: words only, and of functions only', () => {
    const at = (folder: string): string => `capture/sys/devices/pci0000:00/${folder}/reset_method`
    const tree: FileTree = new Map([
      [at('0000:00:02.0'), file('flr pm bus\n')],
      [at('0000:00:02.0/0000:01:00.0'), file('bus\n')],
      [at('0000:00:03.0'), file('')],
      [at('0000:00:04.0'), file('<b>\u0000 FLR ../../x')],
      [at('platform-thing'), file('bus\n')],
    ])
    expect(observationsOf(tree).resets).toEqual([
      { device: '0000:00:02.0', methods: ['flr', 'pm', 'bus'] },
      { device: '0000:01:00.0', methods: ['bus'] },
    ])
  })
})

const DATASETS = join(process.cwd(), '../shared/datasets')

describe.skipIf(!existsSync(DATASETS))(
  'the listings and logs of ../shared/datasets (skipped where it is absent)',
  () => {
    const of = (name: string): Observations => read(readFileSync(join(DATASETS, name), 'latin1'))

    test.each([
      ['e08-aacraid-170groups/lspci-v.txt', 123, 170],
      ['e08-aacraid-170groups/dmesg_6.5.13-5-pve.txt', 123, 170],
      ['e09-resource-realloc/lspci.txt', 25, 36],
      ['e09-resource-realloc/dmesg-trim-202510080734.txt', 25, 36],
      ['e21-amd-perf-counter/body.txt', 15, 28],
      ['g01-alshdavid-vfio/iommu-groups.txt', 32, 45],
      ['g01-alshdavid-vfio/0-manjaro-5-10-lxde_dmesg.txt', 32, 45],
      ['g03-ozzyhelix/iommu.txt', 57, 65],
      ['g04-turducken/iommu.txt', 44, 52],
      ['g07-7950x/iommu_groups.txt', 45, 53],
      ['g10-asokolsky-duo/hardware_duo_iommu.md', 15, 21],
      ['g16-crypsyslogs/dmesg', 15, 22],
      ['m13-tb4/lspci-vv.txt', 22, 30],
      ['m13-tb4/dmesg_cold.txt', 22, 30],
      ['s02-vfio-map-dma-einval/body.txt', 1, 5],
      ['s10-t450s-dmar-faults/body.txt', 12, 15],
    ])('%s: %i groups of %i devices', (name, groups, devices) => {
      const seen = of(name)
      expect(seen.groups).toHaveLength(groups)
      expect(seen.groups.flatMap((group) => group.devices)).toHaveLength(devices)
    })

    test('one machine, told in two ways, is the same partition', () => {
      for (const [a, b] of [
        ['e08-aacraid-170groups/lspci-v.txt', 'e08-aacraid-170groups/dmesg_6.5.13-5-pve.txt'],
        ['e09-resource-realloc/lspci.txt', 'e09-resource-realloc/dmesg-trim-202510080749.txt'],
        ['g01-alshdavid-vfio/iommu-groups.txt', 'g01-alshdavid-vfio/1-manjaro-5-17-lxde_dmesg.txt'],
        ['m13-tb4/lspci-vv.txt', 'm13-tb4/dmesg_cold.txt'],
      ] as const)
        expect(
          partition(of(a))
            .map(([, ...devices]) => devices.join())
            .sort(),
        ).toEqual(
          partition(of(b))
            .map(([, ...devices]) => devices.join())
            .sort(),
        )
    })

    test('reserved regions are with their groups', () => {
      expect(groupOf(of('s02-vfio-map-dma-einval/body.txt'), '0000:00:1f.3')?.reserved).toHaveLength(2)
      expect(of('rr04-lx2160a-rmr/body.txt').groups[0]?.reserved?.map((one) => one.type)).toEqual([
        ...['direct-relaxable', 'msi', 'direct-relaxable', 'direct-relaxable', 'direct-relaxable'],
      ])
      expect(of('rr01-question-resv/body.txt').loose[0]?.device).toBe('0000:83:00.0')
    })

    test('every other text gives an answer', () => {
      for (const entry of readdirSync(DATASETS, { recursive: true, withFileTypes: true }))
        if (entry.isFile() && !entry.parentPath.includes('/t0')) {
          const parsed = parseObservations(readFileSync(join(entry.parentPath, entry.name), 'latin1'))
          if (!parsed.ok) expect(parsed.error.code).toBe('OBSERVED_EMPTY')
        }
    })
  },
)
