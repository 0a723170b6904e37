/**
 * Facts from any importer → a platform. Whom an IOMMU serves follows from firmware's tables alone: what a kernel was seen
 * to do is what the planner has to predict, so it must not come in here.
 */
import type { Platform, PlatformWarning } from '../../platform/schema'
import type { FirmwareTables } from '../../platform/tables'
import { topologyOf } from '../../platform/topology'
import type { Kernel, UnitRegisters } from '../sysfs/machine'
import type { PciTree } from '../sysfs/functions'
import { warning } from '../warnings'
import { amdUnits } from './amdvi'
import type { Assumed } from './assumed'
import { deviceTreeUnits, withRevisions } from './devicetree'
import { msiControllers } from './msi'
import { memoryRegions, platformDevices } from './platform-devices'
import { smmuUnits } from './smmu'
import { virtioUnits } from './virtio'
import { vtdUnits } from './vtd'
import type { Context, Units } from './units'

export interface Facts {
  readonly name: string
  /** What it was made from, for a person. */
  readonly source: string
  readonly arch: Platform['arch']
  readonly kernel: Kernel
  readonly cpuFlags?: readonly string[]
  readonly pci: PciTree
  readonly tables: FirmwareTables
  readonly registers: readonly UnitRegisters[]
  /** What is known to be missing: see `Platform.unknown`. */
  readonly unknown: readonly string[]
  readonly warnings: PlatformWarning[]
  /** A unit that stands in where no table describes one. */
  readonly assumed?: Assumed
}

export function assemble(facts: Facts): Platform {
  const { tables, pci, registers, warnings } = facts
  const topology = topologyOf(pci)
  const context: Context = { topology, registers, warnings }
  const units: Units[] = []
  if (tables.dmar) units.push(vtdUnits(tables.dmar, tables.madt, context))
  if (tables.ivrs) units.push(amdUnits(tables.ivrs, tables.madt, context))
  if (tables.iort) units.push(smmuUnits(tables.iort, tables.madt, context))
  if (tables.viot) units.push(virtioUnits(tables.viot, context))
  if (tables.deviceTree) units.push(deviceTreeUnits(tables.deviceTree, pci.hostDevice, context))
  const described = units.flatMap((part) => part.iommus)
  const iommus = onePerFunction(facts.assumed ? [...described, facts.assumed.iommu] : described)
  const others = platformDevices(tables, iommus)
  const seenOnly = unitsWithoutTable(facts, new Set(iommus.map((unit) => unit.name)))
  return {
    doorbellPlatform: 1,
    name: facts.name,
    arch: facts.arch,
    source: facts.source,
    kernel: facts.kernel,
    ...(facts.cpuFlags ? { cpuFlags: [...facts.cpuFlags] } : {}),
    roots: tables.deviceTree ? withRevisions(pci.roots, tables.deviceTree, pci.hostDevice) : pci.roots,
    functions: pci.functions,
    iommus: [...iommus, ...seenOnly],
    msiControllers: msiControllers(facts.arch, tables, iommus, pci.hostDevice, context),
    regions: [...units.flatMap((part) => part.regions), ...memoryRegions(tables)],
    ...(others.length > 0 ? { platformDevices: others } : {}),
    unknown: [...new Set([...facts.unknown, ...(seenOnly.length > 0 ? ['iommus', 'regions'] : [])])].sort(),
    tables,
    assumptions: facts.assumed ? [facts.assumed.assumption] : [],
    warnings: curbed(warnings),
  }
}

/** More than these nobody reads; a damaged table can make as many as it has bytes. */
const WARNING_LIMIT = 1000

function curbed(warnings: readonly PlatformWarning[]): PlatformWarning[] {
  if (warnings.length <= WARNING_LIMIT) return [...warnings]
  const more = warning('WARNINGS_LEFT_OUT', `${warnings.length - WARNING_LIMIT} more warnings are left out`)
  return [...warnings.slice(0, WARNING_LIMIT), more]
}

/** A function has one IOMMU: where two tables claim it, the first read keeps it. Names are unique, too. */
function onePerFunction(units: Platform['iommus']): Platform['iommus'] {
  const taken = new Set<string>()
  const names = new Set<string>()
  return units
    .filter((unit) => !names.has(unit.name) && names.add(unit.name))
    .map((unit) => ({ ...unit, serves: unit.serves.filter((bdf) => !taken.has(bdf) && taken.add(bdf)) }))
}

/** Units that a driver ran, but that no table at hand describes: there, serving nobody knows whom. */
function unitsWithoutTable(facts: Facts, described: ReadonlySet<string>): Platform['iommus'] {
  const bases = new Set([facts.tables.dmar?.units.map((unit) => unit.base) ?? []].flat())
  return facts.registers.flatMap((entry): Platform['iommus'] => {
    if (entry.kind === 'other' || described.has(entry.name)) return []
    if (entry.base !== undefined && bases.has(entry.base)) return []
    return [
      {
        name: entry.name,
        kind: entry.kind,
        ...(entry.base === undefined ? {} : { base: entry.base }),
        registers: { ...entry.registers },
        serves: [],
        source: `sys/class/iommu/${entry.name}: no firmware table at hand describes it`,
      },
    ]
  })
}
