/**
 * Several inputs about one machine → one platform. Each contributes what it knows: a capture or a listing of lspci the
 * functions, tables and device trees whom units serve, a boot log the kernel. What the kernel was seen to do comes out beside
 * the platform and has no part in it.
 */
import { err, fault, ok, type Fault, type Result } from '../faults'
import type { Observations } from '../platform/observations'
import { parsePlatform } from '../platform/file'
import type { Platform, PlatformWarning } from '../platform/schema'
import { looksLikeTable, tablesInBytes, tablesInText, type RawTable } from './acpi/dump'
import { readTables, type ReadTables } from './acpi/tables'
import { assemble } from './assemble/assemble'
import { assumedUnit } from './assemble/assumed'
import { withBytecode } from './assemble/bytecode'
import type { FileKind } from './detect'
import { parseDeviceTree } from './devicetree/bindings'
import { captureRoot, importCapture } from './import'
import { parseLspciLines, type Lspci } from './lspci/lspci'
import { amended } from './lspci/amend'
import { kernelIn } from './observed/kernel'
import { observedIn } from './observed/text'
import { observationsOf } from './observed/tree'
import { decodeText, pastedLines, type PastedLine } from './pasted'
import type { FileTree } from './tree'
import { warning } from './warnings'

export type Input =
  | { readonly kind: 'capture'; readonly name: string; readonly tree: FileTree }
  | { readonly kind: Exclude<FileKind, 'capture'>; readonly name: string; readonly data: Uint8Array }

export interface Machine {
  readonly kinds: readonly FileKind[]
  readonly platform: Platform
  readonly observations: Observations
  /** The same as the platform's. */
  readonly assumptions: readonly string[]
}

/**
 * Faults: IMPORT_SEVERAL_MACHINES (more than one capture or platform), IMPORT_NO_PCI (observations only), those of the
 * importers for an input of which nothing could be read.
 */
export function importInputs(inputs: readonly Input[]): Result<Machine> {
  const bases = inputs.filter((input) => input.kind === 'capture' || input.kind === 'platform')
  if (bases.length > 1)
    return err(
      fault('IMPORT_SEVERAL_MACHINES', `${bases.map((base) => base.name).join(' and ')} are whole machines each`, {
        hint: 'give one capture or platform, and beside it tables or text about the same machine',
      }),
    )
  const [base] = bases
  const texts = textsOf(inputs)
  const seen = observedIn(texts)
  const platform =
    base?.kind === 'capture'
      ? fromCapture(base, inputs, texts)
      : base?.kind === 'platform'
        ? fromPlatform(base, inputs)
        : fromParts(inputs, texts)
  if (!platform.ok) return platform
  return ok({
    kinds: inputs.map((input) => input.kind),
    platform: platform.value,
    observations: base?.kind === 'capture' ? joined(observationsOf(base.tree), seen) : seen,
    assumptions: platform.value.assumptions,
  })
}

/** What one input says that a kernel did, whatever machine it is about. */
export function observationsIn(input: Input): Observations {
  return input.kind === 'capture' ? observationsOf(input.tree) : observedIn(textsOf([input]))
}

/** What a tree says of its own machine comes first; text fills in where it says nothing. */
const joined = (tree: Observations, text: Observations): Observations => ({
  ...text,
  ...tree,
  groups: tree.groups.length > 0 ? tree.groups : text.groups,
  units: tree.units.length > 0 ? tree.units : text.units,
  loose: [...tree.loose, ...text.loose],
  warnings: [...tree.warnings, ...text.warnings],
})

/** All text, one file behind the other, so that a list and a drawing of one machine are read as one. */
function textsOf(inputs: readonly Input[]): PastedLine[] {
  return inputs.flatMap((input) =>
    input.kind === 'lspci' || input.kind === 'groups'
      ? [...pastedLines(decodeText(input.data)), { number: 0, text: '' }]
      : [],
  )
}

type Named = RawTable & { readonly file: string }

function rawTables(inputs: readonly Input[], warnings: PlatformWarning[]): Named[] {
  return inputs.flatMap((input): Named[] => {
    if (input.kind !== 'acpi') return []
    const found = looksLikeTable(input.data)
      ? tablesInBytes(input.data)
      : tablesInText(pastedLines(decodeText(input.data)), warnings)
    return found.map((table) => ({
      ...table,
      file: found.length > 1 ? `${input.name} ${table.signature}` : input.name,
    }))
  })
}

/** A capture, completed with tables that it lacks and with capabilities that it could not read. */
function fromCapture(
  base: Extract<Input, { kind: 'capture' }>,
  inputs: readonly Input[],
  texts: readonly PastedLine[],
): Result<Platform> {
  const warnings: PlatformWarning[] = []
  const root = captureRoot(base.tree) ?? ''
  const tree = new Map(base.tree)
  const put = (path: string, bytes: Uint8Array, file: string): void => {
    const whole = root === '' ? path : `${root}/${path}`
    if (tree.has(whole)) warnings.push(warning('IMPORT_CONFLICT', `the capture has its own ${path}`, { file }))
    else tree.set(whole, { kind: 'file', bytes })
  }
  const counts = new Map<string, number>()
  for (const { signature, data, file } of rawTables(inputs, warnings)) {
    const count = (counts.get(signature) ?? 0) + 1
    counts.set(signature, count)
    put(`sys/firmware/acpi/tables/${signature}${signature === 'SSDT' && count > 1 ? count : ''}`, data, file)
  }
  for (const input of inputs) if (input.kind === 'devicetree') put('sys/firmware/fdt', input.data, input.name)
  const listed = inputs.some((input) => input.kind === 'lspci') ? parseLspciLines(texts) : undefined
  const more: Lspci | undefined = listed?.ok ? listed.value : undefined
  const platform = importCapture(tree, base.name, more ? (pci) => amended(pci, more.pci, warnings) : undefined)
  return platform.ok
    ? ok({ ...platform.value, warnings: [...platform.value.warnings, ...warnings] })
    : err({ file: base.name, ...platform.error })
}

function fromPlatform(base: Input, inputs: readonly Input[]): Result<Platform> {
  if (base.kind === 'capture') return err(fault('PLATFORM_INVALID', 'a capture is no platform file'))
  const platform = parsePlatform(decodeText(base.data), base.name)
  if (!platform.ok) return err({ file: base.name, ...platform.error })
  const ignored = inputs.filter((input) => input !== base && input.kind !== 'groups')
  const warnings = ignored.map((input) =>
    warning('IMPORT_CONFLICT', `${input.name} is ignored: a platform file says all there is`, { file: input.name }),
  )
  return ok({ ...platform.value, warnings: [...platform.value.warnings, ...warnings] })
}

function fromParts(inputs: readonly Input[], texts: readonly PastedLine[]): Result<Platform> {
  const warnings: PlatformWarning[] = []
  const lspci = texts.length > 0 ? parseLspciLines(texts, endsWhole(inputs)) : undefined
  const acpi = readTables(rawTables(inputs, warnings), warnings)
  if (acpi.fault && acpi.read.length === 0) return err(acpi.fault)
  const hasTables = inputs.some((input) => input.kind === 'acpi')
  if (hasTables && acpi.read.length === 0 && !lspci?.ok)
    return err(
      fault('ACPI_NO_TABLE', 'none of the tables is one of DMAR, IVRS, IORT, VIOT, APIC, MCFG, DSDT, SSDT', {
        file: inputs[0]?.name ?? '',
      }),
    )
  const tree = deviceTreeOf(inputs, warnings)
  if (!tree.ok) return tree
  const tables = { ...acpi.tables, ...(tree.value ? { deviceTree: tree.value } : {}) }
  if (lspci && !lspci.ok && !hasTables && !tree.value)
    return err(
      fault('IMPORT_NO_PCI', 'what a kernel was seen to do does not tell the machine it did it on', {
        file: inputs[0]?.name ?? '',
        hint: 'give a capture or the text of lspci with it',
      }),
    )
  if (lspci?.ok) warnings.push(...lspci.value.warnings)
  const empty = { roots: [], functions: [], hostDevice: new Map<string, string>() }
  const pci = withBytecode(lspci?.ok ? lspci.value.pci : empty, acpi.bytecode, warnings)
  return ok(completed(inputs, texts, { pci, tables, acpi, lspci: lspci?.ok ? lspci.value : undefined }, warnings))
}

interface Parts {
  readonly pci: Lspci['pci']
  readonly tables: Platform['tables'] & object
  readonly acpi: ReadTables
  readonly lspci: Lspci | undefined
}

function completed(
  inputs: readonly Input[],
  texts: readonly PastedLine[],
  { pci, tables, acpi, lspci }: Parts,
  warnings: PlatformWarning[],
): Platform {
  const { arch: logged, ...kernel } = kernelIn(texts)
  const arch = archOf(tables, lspci?.arch, logged)
  const unknown = new Set(acpi.unknown)
  const described = tables.dmar ?? tables.ivrs ?? tables.iort ?? tables.viot ?? tables.deviceTree
  const assumed = described === undefined ? assumedUnit(pci.functions, arch) : undefined
  if (described === undefined) for (const part of ['iommus', 'regions']) unknown.add(part)
  if (arch !== 'x86' && !tables.madt && !tables.deviceTree) unknown.add('msi-controllers')
  if (pci.functions.length === 0) unknown.add('functions')
  else if (acpi.bytecode.length === 0 && !tables.deviceTree) unknown.add('bytecode')
  const name = inputs[0]?.name ?? 'machine'
  const platform = assemble({
    name,
    source: inputs.map((input) => `${input.kind} ${input.name}`).join(', '),
    arch,
    kernel,
    pci,
    tables,
    registers: [],
    unknown: [...unknown],
    warnings,
    ...(assumed ? { assumed } : {}),
  })
  if (pci.functions.length > 0) return platform
  // Without functions nothing can be found that a scope names: not worth a warning each.
  const rest = platform.warnings.filter((entry) => entry.code !== 'ACPI_SCOPE_NOT_FOUND')
  return { ...platform, warnings: rest }
}

function archOf(
  tables: Parts['tables'],
  listed: Platform['arch'] | undefined,
  logged: Platform['arch'] | undefined,
): Platform['arch'] {
  if (tables.dmar || tables.ivrs || (tables.madt && tables.madt.ioApics.length > 0)) return 'x86'
  if (tables.iort || (tables.madt && tables.madt.distributors.length > 0)) return 'arm64'
  if (logged !== undefined) return logged
  if (tables.deviceTree) return isPowerPc(tables.deviceTree) ? 'powerpc' : 'arm64'
  return listed ?? 'unknown'
}

const isPowerPc = (tree: NonNullable<Parts['tables']['deviceTree']>): boolean =>
  tree.iommus.some((unit) => unit.kind === 'pamu') || tree.msiControllers.some((unit) => unit.kind === 'mpic')

function deviceTreeOf(
  inputs: readonly Input[],
  warnings: PlatformWarning[],
): Result<NonNullable<Parts['tables']['deviceTree']> | undefined, Fault> {
  const [first, ...others] = inputs.filter((input) => input.kind === 'devicetree')
  if (!first || first.kind === 'capture') return ok(undefined)
  for (const other of others)
    warnings.push(warning('IMPORT_CONFLICT', `a second device tree, ${other.name}, is ignored`, { file: other.name }))
  const parsed = parseDeviceTree(first.data)
  if (!parsed.ok) return err({ file: first.name, ...parsed.error })
  warnings.push(...parsed.value.warnings.map((entry) => ({ file: first.name, ...entry })))
  return ok(parsed.value.table)
}

/** Whether the last listing ends with the end of a line. */
function endsWhole(inputs: readonly Input[]): boolean {
  const last = inputs.findLast((input) => input.kind === 'lspci')
  if (!last || last.kind === 'capture') return true
  return /(?:^|[\r\n])[ \r\n>`]*$/.test(decodeText(last.data.subarray(-4096)))
}
