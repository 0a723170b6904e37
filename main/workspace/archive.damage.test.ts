/** Captures that were cut, bent and lied to: always a coded fault, or a platform with warnings. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { FAULT_CODES } from '../simulator/faults'
import { checkPlatform } from '../simulator/platform/check'
import { importCapture } from '../simulator/firmware/import'
import type { FileTree, TreeEntry } from '../simulator/firmware/tree'
import { readArchive } from './archive'
import { importFile } from './import-file'

const FIXTURES = join(process.cwd(), 'test/fixtures/captures')
const names = readdirSync(FIXTURES)
const archiveOf = (name: string): Uint8Array => readFileSync(join(FIXTURES, name, 'capture.tar.gz'))
const trees = new Map<string, FileTree>()

beforeAll(async () => {
  for (const name of names) {
    const read = await readArchive(archiveOf(name))
    if (!read.ok) throw new Error(read.error.message)
    trees.set(name, read.value)
  }
})
const treeOf = (name: string): FileTree => trees.get(name) ?? new Map()

/** The import of a tree with one file exchanged: it must not throw, and what it gives must hold together. */
function judge(tree: FileTree): { codes: string[]; unknown: string[] } {
  const imported = importCapture(tree)
  if (!imported.ok) {
    expect(FAULT_CODES).toContain(imported.error.code)
    return { codes: [imported.error.code], unknown: [] }
  }
  expect(checkPlatform(imported.value)).toEqual([])
  return { codes: imported.value.warnings.map((entry) => entry.code), unknown: imported.value.unknown }
}
const exchanged = (tree: FileTree, path: string, bytes: Uint8Array): FileTree =>
  new Map<string, TreeEntry>([...tree, [path, { kind: 'file', bytes }]])
const bytesOf = (tree: FileTree, path: string): Uint8Array => {
  const entry = tree.get(path)
  return entry?.kind === 'file' ? entry.bytes : new Uint8Array()
}
const TABLES = 'capture/sys/firmware/acpi/tables/'
const tablesOf = (tree: FileTree): string[] =>
  ['DMAR', 'IVRS', 'IORT', 'APIC', 'MCFG'].map((name) => TABLES + name).filter((path) => tree.has(path))
function checksummed(data: Uint8Array): Uint8Array {
  if (data.length > 9) {
    data[9] = 0
    data[9] = (256 - (data.reduce((sum, byte) => sum + byte, 0) & 0xff)) & 0xff
  }
  return data
}

describe.each(names)('%s', (name) => {
  test('cut anywhere, its archive is refused as cut', async () => {
    const whole = archiveOf(name)
    for (let size = 0; size < whole.length; size += Math.ceil(whole.length / 40)) {
      const read = await importFile(whole.subarray(0, size), `${name}.tar.gz`)
      expect(read.ok ? 'read' : read.error.code).toBe('ARCHIVE_TRUNCATED')
    }
  })

  test('cut at every 64 bytes, each table becomes a warning and what it said becomes unknown', () => {
    const tree = treeOf(name)
    for (const path of tablesOf(tree)) {
      const whole = bytesOf(tree, path)
      for (let size = 0; size < whole.length; size += 64) {
        const { codes, unknown } = judge(exchanged(tree, path, whole.slice(0, size)))
        expect(codes).toContain('ACPI_TRUNCATED')
        if (!path.endsWith('MCFG')) expect(unknown).toContain('msi-controllers')
      }
    }
  })

  test('cut at every 64 bytes with a length and checksum that agree, each table is refused or read with what is left', () => {
    const tree = treeOf(name)
    for (const path of tablesOf(tree)) {
      const whole = bytesOf(tree, path)
      for (let size = 64; size < whole.length; size += 64) {
        const cut = whole.slice(0, size)
        new DataView(cut.buffer).setUint32(4, size, true)
        judge(exchanged(tree, path, checksummed(cut)))
      }
    }
  })

  test('with any bits of a table flipped there is an answer, with a right checksum and with a wrong one', () => {
    const tree = treeOf(name)
    fc.assert(
      fc.property(
        fc.constantFrom(...tablesOf(tree)),
        fc.array(fc.tuple(fc.nat(4095), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        (path, changes, mend) => {
          const data = bytesOf(tree, path).slice()
          for (const [at, value] of changes) data[at % data.length] = value
          judge(exchanged(tree, path, mend ? checksummed(data) : data))
        },
      ),
      { numRuns: 60 },
    )
  })

  test('with a huge value in any length of a table there is an answer', () => {
    const tree = treeOf(name)
    for (const path of tablesOf(tree)) {
      const whole = bytesOf(tree, path)
      for (let at = 36; at + 4 <= whole.length; at += 4) {
        const data = whole.slice()
        new DataView(data.buffer).setUint32(at, 0xffffffff, true)
        judge(exchanged(tree, path, checksummed(data)))
      }
    }
  })

  test('with configuration space or attributes replaced by noise there is an answer', () => {
    const tree = treeOf(name)
    const paths = [...tree.keys()].filter(
      (path) => path.startsWith('capture/sys/devices/') && tree.get(path)?.kind === 'file',
    )
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.uint8Array({ maxLength: 300 }), (path, noise) => {
        judge(exchanged(tree, path, noise))
      }),
      { numRuns: 60 },
    )
  })

  test('with any files missing there is an answer', () => {
    const tree = treeOf(name)
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(3)), (keep) => {
        judge(new Map([...tree].filter(() => keep.next().value !== 0)))
      }),
      { numRuns: 30 },
    )
  })
})

describe('a tree that is no capture of a machine', () => {
  const file = (text: string): TreeEntry => ({ kind: 'file', bytes: new TextEncoder().encode(text) })

  test('without sys or proc is empty; with them but without a function it has no PCI', () => {
    expect(judge(new Map()).codes).toEqual(['CAPTURE_EMPTY'])
    expect(judge(new Map([['readme', file('')]])).codes).toEqual(['CAPTURE_EMPTY'])
    expect(judge(new Map([['capture/proc/cmdline', file('quiet')]])).codes).toEqual(['CAPTURE_NO_PCI'])
  })

  test('functions nested in each other in circles still make one tree', () => {
    const at = 'sys/devices/pci0000:00/'
    judge(
      new Map([
        [`${at}0000:00:01.0/0000:00:02.0/vendor`, file('0x8086')],
        [`${at}0000:00:02.0/0000:00:01.0/vendor`, file('0x8086')],
        [`${at}0000:00:03.0/0000:00:03.0/vendor`, file('0x8086')],
        [`${at}0000:00:04.0/0000:01:00.0/vendor`, file('0x8086')],
      ]),
    )
  })

  test('values that are no numbers are told with their file', () => {
    const imported = importCapture(new Map([['sys/devices/pci0000:00/0000:00:01.0/vendor', file('intel')]]))
    expect(imported.ok && imported.value.warnings).toContainEqual({
      code: 'CAPTURE_BAD_VALUE',
      message: 'not a number up to 65535: "intel"',
      file: 'sys/devices/pci0000:00/0000:00:01.0/vendor',
    })
  })

  test('without device paths the tree follows from the bus numbers of bridges', () => {
    const config = (bytes: Record<number, number>): TreeEntry => {
      const data = new Uint8Array(64)
      for (const [offset, value] of Object.entries(bytes)) data[Number(offset)] = value
      return { kind: 'file', bytes: data }
    }
    const imported = importCapture(
      new Map([
        ['sys/bus/pci/devices/0000:00:02.0/config', config({ 0x0e: 1, 0x19: 1, 0x1a: 1 })],
        ['sys/bus/pci/devices/0000:01:00.0/config', config({})],
      ]),
    )
    if (!imported.ok) throw new Error(imported.error.message)
    expect(imported.value.functions.map(({ bdf, parent }) => [bdf, parent])).toEqual([
      ['0000:00:02.0', 'pci0000:00'],
      ['0000:01:00.0', '0000:00:02.0'],
    ])
    expect(imported.value.warnings.map((entry) => entry.code)).toContain('TOPOLOGY_GUESSED')
  })

  test('a capture made without root says what is unknown', () => {
    const imported = importCapture(
      new Map([
        ['capture/not-read.txt', file('/sys/firmware/acpi/tables/DMAR\n/proc/iomem\n')],
        ['capture/sys/devices/pci0000:00/0000:00:01.0/vendor', file('0x8086')],
      ]),
    )
    if (!imported.ok) throw new Error(imported.error.message)
    expect(imported.value.unknown).toEqual(['bytecode', 'iommus', 'msi-controllers', 'regions'])
    expect(imported.value.warnings.map((entry) => entry.code)).toContain('CAPTURE_INCOMPLETE')
  })

  test('a unit that ran though no table describes it is there, serving nobody knows whom', () => {
    const imported = importCapture(
      new Map([
        ['sys/devices/pci0000:00/0000:00:01.0/vendor', file('0x8086')],
        ['sys/class/iommu/dmar0/intel-iommu/ecap', file('f00f4a')],
        ['sys/class/iommu/dmar0/intel-iommu/address', file('fed90000')],
        ['sys/firmware/acpi/tables/DMAR', file('DMAR')],
      ]),
    )
    if (!imported.ok) throw new Error(imported.error.message)
    expect(imported.value.iommus).toMatchObject([{ name: 'dmar0', base: '0xfed90000', serves: [] }])
    expect(imported.value.unknown).toContain('iommus')
  })
})
