/** Every capture there is imports; whom its IOMMU units serve agrees with what the kernel did, but for what is listed here. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Result } from '../simulator/faults'
import { parseDmar } from '../simulator/firmware/acpi/dmar'
import { parseIort } from '../simulator/firmware/acpi/iort'
import { parseIvrs } from '../simulator/firmware/acpi/ivrs'
import { parseMadt } from '../simulator/firmware/acpi/madt'
import { parseMcfg } from '../simulator/firmware/acpi/mcfg'
import type { Parsed } from '../simulator/firmware/acpi/structures'
import { parseViot } from '../simulator/firmware/acpi/viot'
import { decodeConfigSpace } from '../simulator/firmware/config-space/decode'
import type { Platform } from '../simulator/platform/schema'
import { Platform as PlatformSchema } from '../simulator/platform/schema'
import { checkPlatform } from '../simulator/platform/check'
import { observationsOf } from '../simulator/firmware/observed/tree'
import { importFile, openFile } from './import-file'

const FIXTURES = join(process.cwd(), 'test/fixtures/captures')
const SHARED = join(process.cwd(), '../shared/captures')
const shared = existsSync(SHARED)
  ? readdirSync(SHARED).filter((name) => existsSync(join(SHARED, name, 'capture.tar.gz')))
  : []

async function imported(folder: string, name: string): Promise<Platform> {
  const read = await importFile(join(folder, name, 'capture.tar.gz'), name)
  if (!read.ok) throw new Error(`${read.error.code}: ${read.error.message}`)
  expect(read.value.kind).toBe('capture')
  return read.value.platform
}
const unit = (platform: Platform, name: string) => platform.iommus.find((entry) => entry.name === name)
const controller = (platform: Platform, name: string) => platform.msiControllers.find((entry) => entry.name === name)
const find = (platform: Platform, bdf: string) => platform.functions.find((fn) => fn.bdf === bdf)

describe('the captures that every clone has', () => {
  test('q35 with VT-d in scalable mode', async () => {
    const platform = await imported(FIXTURES, 'x86-6.12-scalable-q7')
    expect(platform).toMatchObject({
      arch: 'x86',
      kernel: { release: '6.12.107+deb13-amd64', cmdline: 'console=ttyS0,115200 intel_iommu=on,sm_on' },
      roots: [{ id: 'pci0000:00', segment: 0, bus: 0 }],
      unknown: [],
      warnings: [],
    })
    expect(unit(platform, 'dmar0')).toMatchObject({
      kind: 'vt-d',
      base: '0xfed90000',
      registers: { VER_REG: '0x10', CAP_REG: '0xd2008c22260286', ECAP_REG: '0x480080f00f4a' },
      interruptRemapping: true,
    })
    expect(unit(platform, 'dmar0')?.serves).toHaveLength(17)
    expect(controller(platform, 'x86-apic')).toMatchObject({ doorbell: '0xfee00000', size: '0x100000' })
    expect(controller(platform, 'dmar0-ir')?.serves).toHaveLength(17)
    expect(find(platform, '0000:00:02.0')).toMatchObject({
      headerType: 1,
      parent: 'pci0000:00',
      bridge: { primary: 0, secondary: 1, subordinate: 1 },
      express: { type: 'root-port', version: 2, slot: true },
      acs: { cap: 0x5f, ctrl: 0x1d },
      driver: 'pcieport',
    })
    expect(find(platform, '0000:01:00.0')).toMatchObject({
      parent: '0000:00:02.0',
      vendor: 0x8086,
      device: 0x10d3,
      msix: { vectors: 5, enabled: true },
      driver: 'e1000e',
    })
    // A conventional function is whole with 256 bytes; no capability of it is unknown.
    expect(find(platform, '0000:00:00.0')).toMatchObject({ configSize: 256, unknown: [] })
  })

  test('q35 with an AMD IOMMU: it does not serve itself', async () => {
    const platform = await imported(FIXTURES, 'x86-6.12-amd-ir-on')
    expect(unit(platform, 'ivhd0')).toMatchObject({
      kind: 'amd-vi',
      interruptRemapping: true,
      registers: { EFR: '0x29d3' },
    })
    const served = unit(platform, 'ivhd0')?.serves
    expect(platform.functions.map((fn) => fn.bdf).filter((bdf) => !served?.includes(bdf))).toEqual(['0000:00:07.0'])
  })

  test('Arm virt with SMMUv3 and ITS: the message of every function is taken by the ITS', async () => {
    const platform = await imported(FIXTURES, 'arm-6.12-gic3-its')
    expect(platform.arch).toBe('arm64')
    expect(unit(platform, 'smmu3.0x0000000009050000')).toMatchObject({ kind: 'smmu-v3', base: '0x9050000' })
    expect(platform.msiControllers).toMatchObject([{ kind: 'gicv3-its', doorbell: '0x8090040' }])
    expect(controller(platform, 'its@0x8080000')?.serves).toHaveLength(platform.functions.length)
    expect(find(platform, '0000:06:01.0')?.parent).toBe('0000:05:00.0')
  })

  test('are platforms by the schema, and the same when they went through JSON', async () => {
    for (const name of readdirSync(FIXTURES)) {
      const platform = await imported(FIXTURES, name)
      expect(checkPlatform(platform)).toEqual([])
      expect(PlatformSchema.parse(JSON.parse(JSON.stringify(platform)))).toEqual(platform)
    }
  })
})

/**
 * Where the kernel served fewer functions than firmware's tables say, and why. The tables alone decide what a platform
 * says; which of these functions Linux then leaves out is for the planner to predict. The list may only get shorter.
 */
const NOT_PROBED = 'no driver tried to probe it, and on this system only that makes Linux ask firmware (05.16, 05.17)'
const STREAM_TAKEN = 'its StreamID or endpoint id was taken, or is shared behind the bridge (05.17)'
const LEFT_OUT: Record<string, Record<string, string>> = {
  'arm-6.1-dt-gic2-v2m': { '0000:00:00.0': NOT_PROBED, '0000:06:02.0': STREAM_TAKEN },
  'arm-6.1-gic2-v2m': { '0000:00:00.0': NOT_PROBED, '0000:06:02.0': STREAM_TAKEN },
  'arm-6.1-iort-rmr': { '0000:00:00.0': NOT_PROBED, '0000:06:02.0': STREAM_TAKEN },
  'arm-6.12-gic3-its': { '0000:00:00.0': NOT_PROBED, '0000:06:02.0': STREAM_TAKEN },
  'arm-6.12-iort-rmr-preserve': { '0000:00:00.0': NOT_PROBED, '0000:06:02.0': STREAM_TAKEN },
  'arm-6.12-iort-streamid-collide': {
    '0000:00:00.0': NOT_PROBED,
    '0000:01:00.0': STREAM_TAKEN,
    '0000:02:00.0': STREAM_TAKEN,
    '0000:06:02.0': STREAM_TAKEN,
  },
  'arm-6.12-passthrough1': { '0000:00:00.0': NOT_PROBED, '0000:06:02.0': STREAM_TAKEN },
  'arm-6.12-switch-mf': { '0000:00:00.0': NOT_PROBED },
  'arm-6.12-virtio-iommu': {
    '0000:00:00.0': NOT_PROBED,
    '0000:06:01.0': STREAM_TAKEN,
    '0000:06:02.0': STREAM_TAKEN,
  },
  'x86-6.12-virtio-iommu': { '0000:00:01.0': NOT_PROBED },
}
/** Where the kernel ran no unit at all though firmware describes one. */
const UNITS_OFF: Record<string, string> = {
  'x86-6.12-intel-off': 'the command line says intel_iommu=off',
  'x86-6.12-rmrr-bridge-scope': 'an RMRR names a bridge as an endpoint, which disables the whole table for DMA (05.3)',
}

const DATASETS = join(process.cwd(), '../shared/datasets')
const PARSERS: Record<string, (data: Uint8Array) => Result<Parsed<unknown>>> = {
  DMAR: parseDmar,
  IVRS: parseIvrs,
  IORT: parseIort,
  APIC: parseMadt,
  MCFG: parseMcfg,
  VIOT: parseViot,
}

describe.skipIf(!existsSync(DATASETS))('the tables of ../shared/datasets (skipped where it is absent)', () => {
  const files = (folder: string): string[] =>
    readdirSync(join(DATASETS, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))

  test('are read, every one', () => {
    const seen: Record<string, number> = {}
    for (const file of ['t01-linuxhw-acpi', 't02-qemu-acpi', 't03-xps13-9343-acpi'].flatMap(files)) {
      const data = readFileSync(file)
      const signature = data.subarray(0, 4).toString('latin1')
      const parse = PARSERS[signature]
      if (!parse) continue
      const parsed = parse(data)
      if (!parsed.ok) throw new Error(`${file}: ${parsed.error.code} ${parsed.error.message}`)
      seen[signature] = (seen[signature] ?? 0) + 1
    }
    expect(Object.keys(seen).sort()).toEqual(Object.keys(PARSERS).sort())
  })

  test('and so are raw configuration spaces', () => {
    for (const file of files('t05-libvirt-pciconfig').filter((name) => name.endsWith('.config')))
      expect(decodeConfigSpace(readFileSync(file), file).warnings).toEqual([])
  })
})

interface Truth {
  iommus: { name: string; devices: string[] }[]
}

describe.skipIf(shared.length === 0)('the captures of ../shared (skipped where it is absent)', () => {
  test.each(shared)('%s', async (name) => {
    const platform = await imported(SHARED, name)
    expect(checkPlatform(platform)).toEqual([])
    expect(platform.unknown).toEqual([])
    const truth = JSON.parse(readFileSync(join(SHARED, name, 'truth.json'), 'utf8')) as Truth
    if (name in UNITS_OFF) {
      expect(truth.iommus).toEqual([])
      expect(platform.iommus.length).toBeGreaterThan(0)
      return
    }
    expect(platform.iommus.map((entry) => entry.name)).toEqual(truth.iommus.map((entry) => entry.name))
    const differences = truth.iommus.flatMap(({ name: at, devices }) => {
      const said = unit(platform, at)?.serves ?? []
      expect(devices.filter((bdf) => !said.includes(bdf))).toEqual([])
      return said.filter((bdf) => !devices.includes(bdf))
    })
    expect(differences).toEqual(Object.keys(LEFT_OUT[name] ?? {}))
  })

  test('without the observations in them give the same platform', async () => {
    const { openFile, understand } = await import('./import-file')
    for (const name of shared) {
      const opened = await openFile(join(SHARED, name, 'capture.tar.gz'), name)
      if (!opened.ok || opened.value.kind !== 'capture') throw new Error(name)
      const observed = /kernel\/iommu_groups|\/iommu_group$|class\/iommu\/[^/]+\/devices|dmesg/
      const blind = new Map([...opened.value.tree].filter(([path]) => !observed.test(path)))
      expect(blind.size).toBeLessThan(opened.value.tree.size)
      const [all, none] = [understand(opened.value, name), understand({ kind: 'capture', tree: blind }, name)]
      if (!all.ok || !none.ok) throw new Error(name)
      expect(none.value.platform).toEqual(all.value.platform)
      expect([none.value.observations.groups, none.value.observations.units]).toEqual([[], []])
    }
  })
})

interface TruthGroups extends Truth {
  groups: { id: number; type: string; devices: string[]; reserved: { start: string; end: string; type: string }[] }[]
}

describe.skipIf(shared.length === 0)('what the captures of ../shared observed (skipped where it is absent)', () => {
  test.each(shared)('%s', async (name) => {
    const opened = await openFile(join(SHARED, name, 'capture.tar.gz'), name)
    if (!opened.ok || opened.value.kind !== 'capture') throw new Error(name)
    const seen = observationsOf(opened.value.tree)
    const truth = JSON.parse(readFileSync(join(SHARED, name, 'truth.json'), 'utf8')) as TruthGroups
    const sorted = (groups: TruthGroups['groups']) =>
      groups
        .map((group) => ({ ...group, devices: group.devices.toSorted() }))
        .map(({ id, type, devices, reserved }) => ({ id, type, devices, reserved: reserved.map(words) }))
        .sort((a, b) => a.id - b.id)
    const words = (one: { start: string; end: string; type: string }) =>
      `${BigInt(one.start)} ${BigInt(one.end)} ${one.type}`
    const groups = seen.groups.map(({ id, type = '', devices, reserved = [] }) => ({ id, type, devices, reserved }))
    expect(sorted(groups)).toEqual(sorted(truth.groups))
    expect(seen.units.map((unit) => unit.name)).toEqual(truth.iommus.map((unit) => unit.name))
  })
})

describe.skipIf(shared.length === 0)(
  'what bytecode decides in the captures of ../shared (skipped where absent)',
  () => {
    test('one port faces outwards, one host bridge keeps its configuration; nothing is unclear', async () => {
      const external: string[] = []
      const kept: string[] = []
      for (const name of shared) {
        const platform = await imported(SHARED, name)
        external.push(...platform.functions.filter((fn) => fn.externalFacing).map((fn) => `${name} ${fn.bdf}`))
        kept.push(...platform.roots.filter((root) => root.preserveConfig).map((root) => `${name} ${root.id}`))
        expect(platform.warnings.map((entry) => entry.code)).not.toContain('AML_NOT_UNDERSTOOD')
        expect(platform.roots.flatMap((root) => root.unknown ?? [])).toEqual([])
        expect(platform.functions.filter((fn) => fn.unknown.includes('external-facing'))).toEqual([])
      }
      // Every case in whose truth an untrusted device or a reserved memory region of a PCI function shows (05.7, 05.18).
      expect(external).toEqual(['x86-6.12-untrusted 0000:00:02.0'])
      expect(kept).toEqual(['arm-6.12-iort-rmr-preserve pci0000:00'])
    })
  },
)
