/** Every kind is known by its content, and several files about one machine make one platform. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { printDmar } from '../simulator/firmware/acpi/print/dmar'
import { checkPlatform } from '../simulator/platform/check'
import { placeable } from '../simulator/platform/place'
import { Platform } from '../simulator/platform/schema'
import { importFile, importFiles, openFile, type Source } from './import-file'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const source = (name: string, content: string | Uint8Array): Source => ({
  name,
  source: typeof content === 'string' ? bytes(content) : content,
})

const LSPCI = `00:00.0 Host bridge [0600]: Intel Corporation Invented [8086:7d14] (rev 04)
	Status: Cap- 66MHz-
	IOMMU group: 0

00:1c.0 PCI bridge [0604]: Intel Corporation Invented Port [8086:7e38] (rev 10) (prog-if 00 [Normal decode])
	Status: Cap+ 66MHz-
	IOMMU group: 1
	Bus: primary=00, secondary=01, subordinate=01, sec-latency=0
	Capabilities: [40] Express (v2) Root Port (Slot+), MSI 00
	Capabilities: [220 v1] Access Control Services
		ACSCap:	SrcValid+ TransBlk+ ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- DirectTrans-
		ACSCtl:	SrcValid+ TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- DirectTrans-

01:00.0 Ethernet controller [0200]: Example Ltd Gigabit [1d05:0001]
	Status: Cap+ 66MHz-
	IOMMU group: 2
	Capabilities: [a0] Express (v2) Endpoint, MSI 00
	Capabilities: [100 v1] Advanced Error Reporting
	Kernel driver in use: example
`
const GROUPS =
  'IOMMU Group 5:\n\t00:1c.0 PCI bridge [0604]: Example [1d05:0002]\nIOMMU Group 6:\n\t01:00.0 Ethernet controller [0200]: Example [1d05:0001]\n'
const DMESG = `[    0.000000] Linux version 6.8.0-49-generic (build@host) (x86_64-linux-gnu-gcc)
[    0.000000] Command line: BOOT_IMAGE=/vmlinuz ro intel_iommu=on
[    0.400000] iommu: Default domain type: Translated
[    0.500000] pci 0000:01:00.0: Adding to iommu group 2
`
const DMAR = printDmar({
  revision: 1,
  hostAddressWidth: 39,
  interruptRemapping: true,
  x2apicOptOut: false,
  dmaControlOptIn: false,
  units: [{ offset: 0, flags: 1, includeAll: true, sizeCode: 0, segment: 0, base: '0xfed90000', scopes: [] }],
  reservedMemory: [
    {
      offset: 0,
      segment: 0,
      base: '0x7d000000',
      limit: '0x7dffffff',
      scopes: [
        {
          offset: 0,
          type: 'endpoint',
          code: 1,
          flags: 0,
          enumerationId: 0,
          startBus: 0,
          path: [
            { device: 0x1c, function: 0 },
            { device: 0, function: 0 },
          ],
        },
      ],
    },
  ],
  rootPortAts: [],
  affinity: [],
  namespaceDevices: [],
  soc: [],
  properties: [],
})
const dump = (signature: string, table: Uint8Array): string =>
  `${signature} @ 0x0000000000000000\n` +
  Array.from({ length: Math.ceil(table.length / 16) }, (_, i) => {
    const row = [...table.subarray(i * 16, i * 16 + 16)].map((byte) => byte.toString(16).padStart(2, '0'))
    return `    ${(i * 16).toString(16).padStart(4, '0')}: ${row.join(' ')}`
  }).join('\n')

async function machine(...files: Source[]) {
  const read = await importFiles(files)
  if (!read.ok) throw new Error(`${read.error.code}: ${read.error.message}`)
  expect(checkPlatform(read.value.platform)).toEqual([])
  expect(Platform.parse(JSON.parse(JSON.stringify(read.value.platform)))).toEqual(read.value.platform)
  return read.value
}
const kindOf = async (content: string | Uint8Array, name = 'x') => {
  const opened = await openFile(typeof content === 'string' ? bytes(content) : content, name)
  return opened.ok ? opened.value.kind : opened.error.code
}
const codeOf = async (...files: Source[]) => {
  const read = await importFiles(files)
  return read.ok ? 'ok' : read.error.code
}

describe('a kind', () => {
  test('is known by content, whatever the file is called', async () => {
    expect(await kindOf(LSPCI)).toBe('lspci')
    expect(await kindOf(`Hi,\n\nhere is mine:\n\`\`\`\n${LSPCI}\`\`\`\n`)).toBe('lspci')
    expect(await kindOf('00:1c.0 PCI bridge: Example Ltd X\n')).toBe('lspci')
    expect(await kindOf('-[0000:00]-+-00.0  Example\n           \\-1f.0  Example\n')).toBe('lspci')
    expect(await kindOf(GROUPS)).toBe('groups')
    expect(await kindOf(GROUPS.replaceAll('\t', ''))).toBe('groups')
    expect(await kindOf(DMESG)).toBe('groups')
    expect(await kindOf('$ cat reserved_regions\n0x00000000fee00000 0x00000000feefffff msi\n')).toBe('groups')
    expect(await kindOf(DMAR)).toBe('acpi')
    expect(await kindOf(dump('DMAR', DMAR))).toBe('acpi')
    expect(await kindOf(Uint8Array.from([0xd0, 0x0d, 0xfe, 0xed]))).toBe('devicetree')
    expect(await kindOf('hello')).toBe('FILE_KIND_UNKNOWN')
  })

  test('of text is known in the UTF-16 of Windows, too', async () => {
    const wide = Uint8Array.from([0xff, 0xfe, ...[...LSPCI].flatMap((letter) => [letter.charCodeAt(0), 0])])
    expect(await kindOf(wide)).toBe('lspci')
    expect((await machine(source('a', wide))).platform.functions).toHaveLength(3)
  })
})

describe('a listing alone', () => {
  test('has one unit that serves all, and says that this is assumed', async () => {
    const { platform, observations, assumptions, kinds } = await machine(source('mine.txt', LSPCI))
    expect(kinds).toEqual(['lspci'])
    expect(platform).toMatchObject({
      name: 'mine.txt',
      arch: 'x86',
      iommus: [{ name: 'dmar0', kind: 'vt-d', serves: ['0000:00:00.0', '0000:00:1c.0', '0000:01:00.0'] }],
      unknown: ['bytecode', 'iommus', 'regions'],
    })
    expect(assumptions).toHaveLength(1)
    expect(assumptions[0]).toContain('one IOMMU unit (dmar0, vt-d) serves all 3 functions')
    expect(platform.assumptions).toEqual(assumptions)
    expect(observations.groups.map((group) => group.devices)).toEqual([
      ['0000:00:00.0'],
      ['0000:00:1c.0'],
      ['0000:01:00.0'],
    ])
    expect(placeable(platform, '01:00.0').ok).toBe(true)
  })

  test('gives the same platform without the groups that it shows', async () => {
    const blind = LSPCI.replace(/^\tIOMMU group.*\n/gm, '')
    expect((await machine(source('m', blind))).platform).toEqual((await machine(source('m', LSPCI))).platform)
  })

  test('of groups names functions, too', async () => {
    const { platform, observations } = await machine(source('g', GROUPS))
    expect(platform.functions.map((fn) => fn.bdf)).toEqual(['0000:00:1c.0', '0000:01:00.0'])
    expect(observations.groups).toHaveLength(2)
  })

  test('with an AMD IOMMU among the functions is taken for AMD-Vi, which does not serve itself', async () => {
    const amd = '00:00.2 0806: 1022:1481\n00:01.0 0600: 1022:1482\n'
    expect((await machine(source('a', amd))).platform.iommus).toMatchObject([
      { name: 'ivhd0', kind: 'amd-vi', serves: ['0000:00:01.0'] },
    ])
  })
})

describe('several files about one machine', () => {
  test('are merged: functions, tables, kernel, observations', async () => {
    for (const table of [source('DMAR', DMAR), source('dump.txt', dump('DMAR', DMAR))]) {
      const { platform, observations, assumptions } = await machine(
        source('mine.txt', LSPCI),
        table,
        source('dmesg.txt', DMESG),
      )
      expect(assumptions).toEqual([])
      expect(platform).toMatchObject({
        kernel: { release: '6.8.0-49-generic', cmdline: 'BOOT_IMAGE=/vmlinuz ro intel_iommu=on' },
        iommus: [{ name: 'dmar0', base: '0xfed90000', source: expect.stringContaining('INCLUDE_PCI_ALL') as string }],
        regions: [{ kind: 'rmrr', start: '0x7d000000', devices: ['0000:01:00.0'] }],
        unknown: ['bytecode'],
      })
      expect(observations.defaultDomain).toBe('Translated')
    }
  })

  test('may be given in any order', async () => {
    const a = await machine(source('a', LSPCI), source('b', DMAR), source('c', DMESG))
    const b = await machine(source('c', DMESG), source('b', DMAR), source('a', LSPCI))
    const facts = ({ platform: { functions, iommus, regions, kernel } }: typeof a) => ({
      functions,
      iommus,
      regions,
      kernel,
    })
    expect(facts(b)).toEqual(facts(a))
  })

  test('may be a listing and its drawing', async () => {
    const short = '00:1c.0 PCI bridge [0604]: X [1d05:0001]\n01:00.0 Ethernet controller [0200]: Y [1d05:0002]\n'
    const { platform } = await machine(source('a', short), source('t', '-[0000:00]---1c.0-[01]----00.0  Y\n'))
    expect(platform.functions.map((fn) => fn.parent)).toEqual(['pci0000:00', '0000:00:1c.0'])
  })

  test('may be tables alone: units without functions', async () => {
    const { platform } = await machine(source('DMAR', DMAR))
    expect(platform).toMatchObject({ arch: 'x86', functions: [], iommus: [{ name: 'dmar0', serves: [] }] })
    expect(platform.unknown).toContain('functions')
    expect(platform.warnings).toEqual([])
  })

  test('are refused where they cannot be one machine, or tell none', async () => {
    const capture = join(process.cwd(), 'test/fixtures/captures/x86-6.12-scalable-q7/capture.tar.gz')
    const whole = { name: 'c', source: capture }
    expect(await codeOf(whole, whole)).toBe('IMPORT_SEVERAL_MACHINES')
    expect(await codeOf(source('d', '[ 1.0] pci 0000:00:01.0: Adding to iommu group 1\n'))).toBe('IMPORT_NO_PCI')
    expect(await codeOf(source('t', DMAR.slice(0, 60)))).toBe('ACPI_TRUNCATED')
    expect(await codeOf(source('t', dump('WAET', new Uint8Array([0x57, 0x41, 0x45, 0x54, 40, 0, 0, 0]))))).toBe(
      'ACPI_NO_TABLE',
    )
  })
})

describe('a capture', () => {
  const path = join(process.cwd(), 'test/fixtures/captures/x86-6.12-scalable-q7/capture.tar.gz')

  test('comes with what was observed on it', async () => {
    const read = await importFile(path, 'q35')
    if (!read.ok) throw new Error(read.error.message)
    expect(read.value.observations.groups.length).toBeGreaterThan(5)
    expect(read.value.observations.units).toMatchObject([{ name: 'dmar0' }])
  })

  test('keeps its own table, and says that another was given', async () => {
    const alone = await machine({ name: 'c', source: path })
    const both = await machine({ name: 'c', source: path }, source('DMAR', DMAR))
    expect(both.platform.iommus).toEqual(alone.platform.iommus)
    expect(both.platform.warnings.map((entry) => entry.code)).toEqual(['IMPORT_CONFLICT'])
  })

  test('made without root is completed from a listing and a table', async () => {
    const opened = await openFile(path, 'c')
    if (!opened.ok || opened.value.kind !== 'capture') throw new Error('no capture')
    const poor = new Map(
      [...opened.value.tree].flatMap(([at, entry]) => {
        if (at.includes('acpi/tables')) return []
        return at.endsWith('/0000:01:00.0/config') && entry.kind === 'file'
          ? [[at, { kind: 'file' as const, bytes: entry.bytes.subarray(0, 64) }] as const]
          : [[at, entry] as const]
      }),
    )
    const { importInputs } = await import('../simulator/firmware/inputs')
    const listing = `01:00.0 Ethernet controller [0200]: Intel Corporation X [8086:10d3]
	Status: Cap+
	Capabilities: [e0] Express (v1) Endpoint, MSI 00
	Capabilities: [100 v1] Advanced Error Reporting
`
    const before = importInputs([{ kind: 'capture', name: 'c', tree: poor }])
    const after = importInputs([
      { kind: 'capture', name: 'c', tree: poor },
      { kind: 'lspci', name: 'l', data: bytes(listing) },
      { kind: 'acpi', name: 'DMAR', data: DMAR },
    ])
    if (!before.ok || !after.ok) throw new Error('not imported')
    const find = (platform: Platform) => platform.functions.find((fn) => fn.bdf === '0000:01:00.0')
    expect(find(before.value.platform)?.unknown).toContain('express')
    expect(before.value.platform.iommus.flatMap((unit) => unit.serves)).toEqual([])
    expect(find(after.value.platform)).toMatchObject({ express: { type: 'endpoint', version: 1 }, unknown: [] })
    expect(after.value.platform.iommus[0]?.serves.length).toBeGreaterThan(5)
  })
})

const DATASETS = join(process.cwd(), '../shared/datasets')

describe.skipIf(!existsSync(DATASETS))('the files of ../shared/datasets (skipped where it is absent)', () => {
  test('give a platform or a coded fault, every one', async () => {
    const kinds: Record<string, number> = {}
    for (const entry of readdirSync(DATASETS, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.name === 'meta.json') continue
      const file = join(entry.parentPath, entry.name)
      const read = await importFile(readFileSync(file), entry.name)
      const kind = read.ok ? read.value.kind : read.error.code
      kinds[kind] = (kinds[kind] ?? 0) + 1
      if (read.ok) expect(checkPlatform(read.value.platform), file).toEqual([])
      if (/lspci/.test(entry.name)) expect(kind, file).toBe('lspci')
    }
    expect(kinds).toMatchObject({ lspci: expect.any(Number) as number, acpi: expect.any(Number) as number })
  }, 60_000)
})
