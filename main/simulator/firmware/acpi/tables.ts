/** Raw tables by signature → firmware's tables as data, and the bytecode among them. */
import { type Fault, type Result } from '../../faults'
import type { PlatformWarning } from '../../platform/schema'
import type { FirmwareTables } from '../../platform/tables'
import type { AmlTable } from '../aml/namespace'
import { asWarning, warning } from '../warnings'
import { parseDmar } from './dmar'
import type { RawTable } from './dump'
import { readTable } from './header'
import { parseIort } from './iort'
import { parseIvrs } from './ivrs'
import { parseMadt } from './madt'
import { parseMcfg } from './mcfg'
import type { Parsed } from './structures'
import { parseViot } from './viot'

export interface ReadTables {
  readonly tables: FirmwareTables
  readonly bytecode: AmlTable[]
  /** What stays unknown because a table is damaged: see `Platform.unknown`. */
  readonly unknown: string[]
  /** Tables that were read, in order. */
  readonly read: string[]
  /** The first table that could not be. */
  readonly fault?: Fault
}

const LOST: Record<string, readonly string[]> = {
  DMAR: ['iommus', 'msi-controllers', 'regions'],
  IVRS: ['iommus', 'msi-controllers', 'regions'],
  IORT: ['iommus', 'msi-controllers', 'regions'],
  VIOT: ['iommus'],
  APIC: ['msi-controllers'],
}

/** Of two tables with one signature the first counts, but for SSDTs. Tables of no interest are passed over. */
export function readTables(
  raw: readonly (RawTable & { readonly file: string })[],
  warnings: PlatformWarning[],
): ReadTables {
  const tables: FirmwareTables = {}
  const bytecode: AmlTable[] = []
  const unknown = new Set<string>()
  const read: string[] = []
  const first = new Map<string, Uint8Array>()
  let fault: Fault | undefined
  const parse = <T>(
    table: RawTable & { readonly file: string },
    parser: (data: Uint8Array) => Result<Parsed<T>>,
  ): T | undefined => {
    const parsed = parser(table.data)
    const file = table.file
    if (parsed.ok) {
      read.push(table.signature)
      warnings.push(...parsed.value.warnings.map((entry) => ({ file, ...entry })))
      return parsed.value.table
    }
    const lost = LOST[table.signature] ?? []
    for (const part of lost) unknown.add(part)
    fault ??= { file, ...parsed.error }
    const so = lost.length > 0 ? `the table is not used, so unknown: ${lost.join(', ')}` : 'the table is not used'
    warnings.push(asWarning(parsed.error, file, so))
    return undefined
  }
  for (const table of raw) {
    const { signature, data, file } = table
    const known = first.get(signature)
    if (known && !isBytecode(signature)) {
      if (!same(known, data))
        warnings.push(warning('IMPORT_CONFLICT', `a second, different ${signature} is ignored`, { file }))
      continue
    }
    first.set(signature, data)
    if (signature === 'DMAR') tables.dmar = parse(table, parseDmar)
    else if (signature === 'IVRS') tables.ivrs = parse(table, parseIvrs)
    else if (signature === 'IORT') tables.iort = parse(table, parseIort)
    else if (signature === 'APIC') tables.madt = parse(table, parseMadt)
    else if (signature === 'MCFG') tables.mcfg = parse(table, parseMcfg)
    else if (signature === 'VIOT') tables.viot = parse(table, parseViot)
    else if (isBytecode(signature)) {
      const checked = readTable(data, signature)
      if (checked.ok) {
        bytecode.push({ name: file, data: checked.value.bytes.data })
        read.push(signature)
      } else {
        fault ??= { file, ...checked.error }
        warnings.push(asWarning(checked.error, file, 'external-facing ports may be missed'))
      }
    }
  }
  return {
    tables: Object.fromEntries(Object.entries(tables).filter(([, table]) => table !== undefined)),
    bytecode: bytecode.sort((a, b) => Number(isSecondary(a)) - Number(isSecondary(b))),
    unknown: [...unknown],
    read,
    ...(fault ? { fault } : {}),
  }
}

const isBytecode = (signature: string): boolean => /^(?:DSDT|SSDT|PSDT)$/.test(signature)
/** The kernel loads the DSDT before all others. */
const isSecondary = ({ data }: AmlTable): boolean => data[0] !== 0x44

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i])
