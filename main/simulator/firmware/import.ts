/** A capture of a machine (a tree of sysfs, procfs and firmware files) → a platform. */
import { err, fault, ok, type Fault, type Result } from '../faults'
import type { Platform, PlatformWarning } from '../platform/schema'
import type { FirmwareTables } from '../platform/tables'
import { parseDmar } from './acpi/dmar'
import { parseIort } from './acpi/iort'
import { parseIvrs } from './acpi/ivrs'
import { parseMadt } from './acpi/madt'
import { parseMcfg } from './acpi/mcfg'
import type { Parsed } from './acpi/structures'
import { parseViot } from './acpi/viot'
import { readTable } from './acpi/header'
import type { AmlTable } from './aml/namespace'
import { assemble } from './assemble/assemble'
import { withBytecode } from './assemble/bytecode'
import { parseDeviceTree } from './devicetree/bindings'
import { readPciTree, type PciTree } from './sysfs/functions'
import { readArchitecture, readCpuFlags, readKernel, readNotRead, readUnits } from './sysfs/machine'
import { Files, type FileTree } from './tree'
import { asWarning, warning } from './warnings'

const TABLES = 'sys/firmware/acpi/tables'
const DEVICE_TREE = 'sys/firmware/fdt'
/** Archives that a hint names; the rest is counted. */
const NAMED = 4

/** Paths of the archives in a folder, in order. */
export const archivesIn = (tree: FileTree): string[] =>
  [...tree].flatMap(([path, e]) => (e.kind === 'file' && /\.(tar|tar\.gz|tgz)$/i.test(path) ? [path] : [])).sort()

/** For a folder that is no capture but holds some: what to give instead. */
function whichArchive(tree: FileTree): string | undefined {
  const found = archivesIn(tree)
  if (found.length === 0) return undefined
  const more = found.length > NAMED ? ` and ${found.length - NAMED} more` : ''
  return `it holds ${found.slice(0, NAMED).join(', ')}${more}: give one of them`
}

/**
 * Faults: CAPTURE_EMPTY (nothing of a capture in it), CAPTURE_NO_PCI. Everything else that is wrong or missing becomes a
 * warning, and the platform says under `unknown` what cannot be known without it.
 * `name` is what the user calls the file; it becomes the platform's name and source. `amend` may complete its functions.
 */
export function importCapture(
  tree: FileTree,
  name = 'capture',
  amend: (pci: PciTree) => PciTree = (pci) => pci,
): Result<Platform> {
  const base = captureRoot(tree)
  if (base === undefined)
    return err(
      fault('CAPTURE_EMPTY', 'no sys/ or proc/ folder in it', {
        hint: whichArchive(tree) ?? 'a capture is a tree of sysfs and procfs files as resources/capture.sh makes it',
      }),
    )
  const files = new Files(tree, base)
  const warnings: PlatformWarning[] = []
  const unknown = new Set<string>()
  const kernel = readKernel(files)
  const cpuFlags = readCpuFlags(files)
  const pci = readPciTree(files, warnings)
  if (!pci.ok) return pci
  const tables = readTables(files, warnings, unknown)
  const bytecode = readBytecode(files, warnings)
  if (bytecode.length === 0 && !tables.deviceTree) unknown.add('bytecode')
  const notRead = readNotRead(files, warnings)
  if (notRead.some((path) => path.startsWith('/sys/firmware')) && !tables.dmar && !tables.ivrs && !tables.iort)
    for (const part of ['iommus', 'msi-controllers', 'regions']) unknown.add(part)
  return ok(
    assemble({
      name,
      source: `capture ${name}`,
      arch: readArchitecture(files, kernel),
      kernel,
      ...(cpuFlags ? { cpuFlags } : {}),
      pci: withBytecode(amend(pci.value), bytecode, warnings),
      tables,
      registers: readUnits(files, kernel),
      unknown: [...unknown],
      warnings,
    }),
  )
}

/** The folder that holds sys/ or proc/: the top of the tree, or its only folder; undefined when there is none. */
export function captureRoot(tree: FileTree): string | undefined {
  const tops = new Set<string>()
  for (const path of tree.keys()) {
    const [top = '', second] = path.split('/')
    if (second !== undefined && (top === 'sys' || top === 'proc')) return ''
    if (second === 'sys' || second === 'proc') tops.add(top)
  }
  return tops.size === 1 ? [...tops][0] : undefined
}

/** What is not known when a table cannot be read. */
const CONSEQUENCES: Record<string, readonly string[]> = {
  DMAR: ['iommus', 'msi-controllers', 'regions'],
  IVRS: ['iommus', 'msi-controllers', 'regions'],
  IORT: ['iommus', 'msi-controllers', 'regions'],
  VIOT: ['iommus'],
  APIC: ['msi-controllers'],
  MCFG: [],
  'device tree': ['iommus', 'msi-controllers', 'regions'],
}

function readTables(files: Files, warnings: PlatformWarning[], unknown: Set<string>): FirmwareTables {
  const read = <T>(
    what: string,
    path: string,
    parse: (data: Uint8Array) => Result<Parsed<T>, Fault>,
  ): T | undefined => {
    const data = files.bytes(path)
    if (!data) return undefined
    const parsed = parse(data)
    if (parsed.ok) {
      warnings.push(...parsed.value.warnings.map((entry) => ({ file: path, ...entry })))
      return parsed.value.table
    }
    const lost = CONSEQUENCES[what] ?? []
    for (const part of lost) unknown.add(part)
    const consequence =
      lost.length > 0 ? `the table is not used, so unknown: ${lost.join(', ')}` : 'the table is not used'
    warnings.push(asWarning(parsed.error, path, consequence))
    return undefined
  }
  const acpi = <T>(signature: string, parse: (data: Uint8Array) => Result<Parsed<T>, Fault>): T | undefined =>
    read(signature, `${TABLES}/${signature}`, parse)
  const tables: FirmwareTables = {
    dmar: acpi('DMAR', parseDmar),
    ivrs: acpi('IVRS', parseIvrs),
    iort: acpi('IORT', parseIort),
    madt: acpi('APIC', parseMadt),
    mcfg: acpi('MCFG', parseMcfg),
    viot: acpi('VIOT', parseViot),
    deviceTree: read('device tree', DEVICE_TREE, parseDeviceTree),
  }
  if (!files.has(TABLES) && tables.deviceTree === undefined && !unknown.has('iommus')) {
    for (const part of ['iommus', 'msi-controllers', 'regions']) unknown.add(part)
    warnings.push(
      warning(
        'CAPTURE_INCOMPLETE',
        'neither ACPI tables nor a device tree in the capture: whom IOMMUs serve is unknown (reading them needs root)',
      ),
    )
  }
  return Object.fromEntries(Object.entries(tables).filter(([, table]) => table !== undefined))
}

/** DSDT and every SSDT, in the order in which the kernel loads them; a damaged one is left out with a warning. */
function readBytecode(files: Files, warnings: PlatformWarning[]): AmlTable[] {
  const names = [
    ...files.list(TABLES).filter((name) => /^(?:DSDT|SSDT\d*|PSDT)$/.test(name)),
    ...files.list(`${TABLES}/dynamic`).map((name) => `dynamic/${name}`),
  ]
  return names.flatMap((name): AmlTable[] => {
    const path = `${TABLES}/${name}`
    const data = files.bytes(path)
    if (!data) return []
    const table = readTable(data, name.replace(/^dynamic\//, '').slice(0, 4))
    if (table.ok) return [{ name: path, data: table.value.bytes.data }]
    warnings.push(asWarning(table.error, path, 'external-facing ports may be missed'))
    return []
  })
}
