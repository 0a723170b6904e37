import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PlatformWarning } from '../../platform/schema'
import { pastedLines } from '../pasted'
import { looksLikeTable, tablesInBytes, tablesInText } from './dump'
import { checksum } from './header'
import { readTables } from './tables'

/** A sound MCFG with one segment. */
function mcfg(segment: number): Uint8Array {
  const data = new Uint8Array(60)
  data.set([...'MCFG'].map((letter) => letter.charCodeAt(0)))
  data[4] = 60
  data.set([0, 0, 0, 0xe0, 0, 0, 0, 0, segment, 0, 0, 0xff], 44)
  data[9] = (256 - checksum(data)) & 0xff
  return data
}
const two = (byte: number): string => byte.toString(16).padStart(2, '0')
const ascii = (row: Uint8Array): string =>
  [...row].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
const rows = (data: Uint8Array, one: (offset: number, row: Uint8Array) => string): string =>
  Array.from({ length: Math.ceil(data.length / 16) }, (_, i) => one(i * 16, data.subarray(i * 16, i * 16 + 16))).join(
    '\n',
  )
const off = (value: number, width: number): string => value.toString(16).padStart(width, '0')
const spaced = (row: Uint8Array): string => [...row].map(two).join(' ')

const LAYOUTS: Record<string, (data: Uint8Array) => string> = {
  'acpidump, new': (data) =>
    `MCFG @ 0x0000000000000000\n${rows(data, (at, row) => `    ${off(at, 4).toUpperCase()}: ${spaced(row).toUpperCase().padEnd(47)}  ${ascii(row)}`)}\n`,
  'acpidump, old': (data) =>
    `MCFG @ 0x7bfae3ac\n${rows(data, (at, row) => `  ${off(at, 4)}: ${spaced(row).padEnd(48)} ${ascii(row)}`)}\n`,
  'iasl -d': (data) =>
    `[000h 0000   4]                    Signature : "MCFG"    [Memory Mapped Configuration table]\n\nRaw Table Data: Length ${data.length}\n\n${rows(data, (at, row) => `  ${off(at, 4)}: ${spaced(row)}  ${ascii(row)}`)}\n`,
  'hexdump -C': (data) =>
    rows(
      data,
      (at, row) => `${off(at, 8)}  ${spaced(row.subarray(0, 8))}  ${spaced(row.subarray(8))}  |${ascii(row)}|`,
    ),
  xxd: (data) =>
    rows(
      data,
      (at, row) =>
        `${off(at, 8)}: ${(
          spaced(row)
            .replaceAll(' ', '')
            .match(/.{1,4}/g) ?? []
        ).join(' ')}  ${ascii(row)}`,
    ),
}

describe('hex text', () => {
  test.each(Object.keys(LAYOUTS))('of %s gives the table back, quoted or with CRLF', (how) => {
    const data = mcfg(7)
    for (const dress of [
      (t: string) => t,
      (t: string) => t.replace(/^/gm, '> '),
      (t: string) => t.replaceAll('\n', '\r\n'),
    ]) {
      const warnings: PlatformWarning[] = []
      const tables = tablesInText(pastedLines(dress(LAYOUTS[how]?.(data) ?? '')), warnings)
      expect(tables).toMatchObject([{ signature: 'MCFG' }])
      expect([...(tables[0]?.data ?? [])]).toEqual([...data])
      expect(warnings).toEqual([])
    }
  })

  test('of several tables gives all of them', () => {
    const text = `${LAYOUTS['acpidump, new']?.(mcfg(1))}\n${LAYOUTS['acpidump, new']?.(mcfg(2))}`
    expect(tablesInText(pastedLines(text), []).map((table) => table.data[52])).toEqual([1, 2])
  })

  test('with a line lost keeps what came before, and says so', () => {
    const warnings: PlatformWarning[] = []
    const lines = (LAYOUTS['acpidump, new']?.(mcfg(1)) ?? '').split('\n')
    const [table] = tablesInText(pastedLines([...lines.slice(0, 2), ...lines.slice(3)].join('\n')), warnings)
    expect(table?.data).toHaveLength(16)
    expect(warnings.map((entry) => entry.code)).toEqual(['ACPIDUMP_MALFORMED'])
  })

  test('of other things gives nothing', () => {
    expect(tablesInText(pastedLines('00: 86 80 38 7e\n0000: 01 02 03\nhello 0000: 44 4d\n'), [])).toEqual([])
  })
})

describe('a binary file', () => {
  test('may hold several tables', () => {
    const both = Uint8Array.from([...mcfg(1), ...mcfg(2)])
    expect(tablesInBytes(both).map(({ signature, offset }) => [signature, offset])).toEqual([
      ['MCFG', 0],
      ['MCFG', 60],
    ])
    expect(looksLikeTable(both)).toBe(true)
    expect(looksLikeTable(new TextEncoder().encode('MCFG is a table that tells where configuration space is'))).toBe(
      false,
    )
  })

  test('of which one is damaged gives the others, and what is unknown for it', () => {
    const bad = mcfg(1)
    bad[50] = 0x55
    const warnings: PlatformWarning[] = []
    const read = readTables(
      [
        { signature: 'MCFG', data: bad, file: 'a' },
        { signature: 'DMAR', data: new Uint8Array(4), file: 'b' },
      ],
      warnings,
    )
    expect(read).toMatchObject({ read: [], fault: { code: 'ACPI_BAD_CHECKSUM', file: 'a' }, tables: {} })
    expect(read.unknown).toEqual(['iommus', 'msi-controllers', 'regions'])
    expect(warnings.map((entry) => entry.code)).toEqual(['ACPI_BAD_CHECKSUM', 'ACPI_TRUNCATED'])
  })

  test('of a table that is there already, but different, is told', () => {
    const warnings: PlatformWarning[] = []
    const both = [1, 1, 2].map((segment) => ({ signature: 'MCFG', data: mcfg(segment), file: `m${segment}` }))
    expect(readTables(both, warnings).tables.mcfg?.allocations[0]?.segment).toBe(1)
    expect(warnings.map((entry) => entry.code)).toEqual(['IMPORT_CONFLICT'])
  })

  test('of anything gives an answer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(60), (noise, at) => {
        const data = mcfg(1)
        data.set(noise.subarray(0, 60 - at), at)
        const tables = tablesInBytes(data)
        readTables(
          tables.map((table) => ({ ...table, file: 'x' })),
          [],
        )
        for (let size = 0; size < data.length; size += 7) tablesInBytes(data.subarray(0, size))
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => void tablesInText(pastedLines(text), [])),
    )
  })
})

const DATASETS = join(process.cwd(), '../shared/datasets')

// The body of a skipped block is read all the same.
const filesBelow = (folder: string) =>
  existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : []

describe.skipIf(!existsSync(DATASETS))('tables of ../shared/datasets (skipped where it is absent)', () => {
  const files = ['t01-linuxhw-acpi', 't02-qemu-acpi', 't03-xps13-9343-acpi'].flatMap((folder) =>
    filesBelow(join(DATASETS, folder))
      .filter((entry) => entry.isFile() && !/\.(json|dsl|md|c)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  )

  test('are known as tables, and read or refused with a code', () => {
    expect(files.length).toBeGreaterThan(100)
    for (const file of files) {
      const data = readFileSync(file)
      if (!/^(DMAR|IVRS|IORT|APIC|MCFG|VIOT|DSDT|SSDT)/.test(data.subarray(0, 4).toString('latin1'))) continue
      expect(looksLikeTable(data), file).toBe(true)
      const read = readTables(
        tablesInBytes(data).map((table) => ({ ...table, file })),
        [],
      )
      if (read.read.length === 0) expect(read.fault?.code, file).toMatch(/^ACPI_/)
    }
  })

  test('the raw data of a disassembly is the table', () => {
    const folder = join(DATASETS, 't03-xps13-9343-acpi')
    const [table] = tablesInText(pastedLines(readFileSync(join(folder, 'DMAR.dsl'), 'latin1')), [])
    expect([...(table?.data ?? [])]).toEqual([...readFileSync(join(folder, 'DMAR'))])
  })
})
