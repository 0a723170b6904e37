/**
 * DMAR on a topology → VT-d units, whom they serve, and RMRRs (VT-d 5.10 §8.3, §8.4; 90 §1).
 * Several units that claim one function: Linux keeps those without INCLUDE_PCI_ALL in reverse table order, the others
 * behind them in table order, and takes the first that matches (drivers/iommu/intel/dmar.c dmar_register_drhd_unit).
 */
import { digits, hex, type PciAddress } from '../../platform/address'
import type { Iommu, PciFunction } from '../../platform/schema'
import type { DeviceScope, Dmar, Drhd, Madt, Rmrr } from '../../platform/tables'
import type { Topology } from '../../platform/topology'
import { warning } from '../warnings'
import type { UnitRegisters } from '../sysfs/machine'
import type { Context, Units } from './units'

const ECAP_INTERRUPT_REMAPPING = 1n << 3n

export function vtdUnits(dmar: Dmar, madt: Madt | undefined, context: Context): Units {
  const { topology, warnings } = context
  const units = withoutDuplicates(dmar, context)
  const covered = units.map((unit) => (unit.includeAll ? new Set<string>() : cover(unit, context, 'DRHD').covered))
  const serving = units.map((): string[] => [])
  const rank = [
    ...units.flatMap((unit, i) => (unit.includeAll ? [] : [i])).reverse(),
    ...units.flatMap((unit, i) => (unit.includeAll ? [i] : [])),
  ]
  for (const fn of topology.functions) {
    // Scopes name physical functions only; a virtual function is where its physical function is, VMD's children where VMD is.
    const dma = topology.dmaFunction(fn)
    const looked = (dma.physfn === undefined ? undefined : topology.find(dma.physfn)) ?? dma
    const { segment } = topology.address(looked)
    const claims = rank.filter(
      (i) => units[i]?.segment === segment && (units[i]?.includeAll === true || covered[i]?.has(looked.bdf) === true),
    )
    const named = claims.filter((i) => units[i]?.includeAll === false)
    if (named.length > 1)
      warnings.push(
        warning(
          'ACPI_SCOPE_CONFLICT',
          `${fn.bdf} is in the scope of ${named
            .slice(0, 4)
            .map((i) => `dmar${i}`)
            .join(' and ')}`,
          {
            file: 'DMAR',
          },
        ),
      )
    const winner = claims[0]
    if (winner !== undefined) serving[winner]?.push(fn.bdf)
  }
  const remappable = dmar.interruptRemapping && coversIoApics(dmar, madt, context)
  const byBase = new Map(context.registers.flatMap((entry) => (entry.kind === 'vt-d' ? [[entry.base, entry]] : [])))
  return {
    iommus: units.map((unit, i) => unitOf(unit, i, remappable, serving[i] ?? [], byBase.get(unit.base))),
    regions: dmar.reservedMemory.map((rmrr) => regionOf(rmrr, context)),
  }
}

/** Linux skips a unit that repeats segment and base of an earlier one, and does not count it. */
function withoutDuplicates(dmar: Dmar, { warnings }: Context): Drhd[] {
  const seen = new Set<string>()
  return dmar.units.filter((unit) => {
    const key = `${unit.segment} ${unit.base}`
    if (!seen.has(key)) return seen.add(key)
    warnings.push(
      warning('ACPI_DUPLICATE_UNIT', `a second DRHD for the unit at ${unit.base} is ignored`, {
        file: 'DMAR',
        offset: unit.offset,
      }),
    )
    return false
  })
}

function unitOf(
  unit: Drhd,
  index: number,
  remappable: boolean,
  serves: string[],
  seen: UnitRegisters | undefined,
): Iommu {
  const ecap = seen?.registers['ECAP_REG']
  // Both must agree: firmware for the board, the capability register for this unit.
  const remaps = !remappable ? false : ecap === undefined ? undefined : (BigInt(ecap) & ECAP_INTERRUPT_REMAPPING) !== 0n
  return {
    name: `dmar${index}`,
    kind: 'vt-d',
    segment: unit.segment,
    base: unit.base,
    registers: { ...seen?.registers },
    ...(remaps === undefined ? {} : { interruptRemapping: remaps }),
    serves,
    source: `DMAR DRHD at ${hex(unit.offset)}${unit.includeAll ? ', INCLUDE_PCI_ALL' : ''}`,
  }
}

function regionOf(rmrr: Rmrr, context: Context): Units['regions'][number] {
  const { topology, warnings } = context
  if (
    BigInt(rmrr.base) % 0x1000n !== 0n ||
    (BigInt(rmrr.limit) + 1n) % 0x1000n !== 0n ||
    BigInt(rmrr.limit) <= BigInt(rmrr.base)
  )
    warnings.push(
      warning('ACPI_REGION_MALFORMED', `RMRR ${rmrr.base}–${rmrr.limit} is empty or not aligned to 4 KiB`, {
        file: 'DMAR',
        offset: rmrr.offset,
      }),
    )
  const { covered: devices, named } = cover(rmrr, context, 'RMRR')
  return {
    kind: 'rmrr',
    start: rmrr.base,
    end: rmrr.limit,
    devices: topology.functions.filter((fn) => devices.has(fn.bdf)).map((fn) => fn.bdf),
    named: [...named].map((fn) => fn.bdf),
    source: `DMAR RMRR at ${hex(rmrr.offset)}`,
  }
}

/** Functions that the scopes of one structure name, with everything below bridges among them. */
function cover(
  structure: { segment: number; scopes: readonly DeviceScope[] },
  { topology, warnings }: Context,
  what: string,
): { covered: Set<string>; named: Set<PciFunction> } {
  const covered = new Set<string>()
  const named = new Set<PciFunction>()
  for (const scope of structure.scopes) {
    if (scope.type !== 'endpoint' && scope.type !== 'bridge') continue
    const fn = resolveScope(scope, structure.segment, topology)
    if (!fn) {
      warnings.push(
        warning('ACPI_SCOPE_NOT_FOUND', `${what}: no function at ${describe(scope, structure.segment)}`, {
          file: 'DMAR',
          offset: scope.offset,
        }),
      )
      continue
    }
    const isBridge = fn.headerType !== 0
    // A non-transparent bridge may be named as a bridge though its header is type 0 (Linux dmar_insert_dev_scope).
    const fits = scope.type === 'endpoint' ? !isBridge : isBridge || fn.class >>> 16 === 6
    if (!fits)
      warnings.push(
        warning(
          'ACPI_SCOPE_TYPE_MISMATCH',
          `${what}: ${fn.bdf} is named as ${scope.type === 'bridge' ? 'a bridge' : 'an endpoint'} and is none: Linux leaves DMA remapping off for the whole table`,
          { file: 'DMAR', offset: scope.offset },
        ),
      )
    if (named.has(fn)) continue
    named.add(fn)
    for (const member of isBridge ? topology.below(fn) : [fn]) covered.add(member.bdf)
  }
  return { covered, named }
}

/**
 * Follows a path from its start bus: each element but the last is a bridge, the next one sits directly below it.
 * Done on the tree, not on bus numbers, because those may have been given anew after firmware wrote the table.
 */
export function resolveScope(scope: DeviceScope, segment: number, topology: Topology): PciFunction | undefined {
  const [first, ...rest] = scope.path
  if (!first) return undefined
  let fn = topology.find(formatAt({ segment, bus: scope.startBus, ...first }))
  for (const step of rest) {
    if (!fn) return undefined
    fn = topology.children(fn.bdf).find((child) => {
      const at = topology.address(child)
      return child.physfn === undefined && at.device === step.device && at.function === step.function
    })
  }
  return fn
}

const formatAt = (at: PciAddress): string =>
  `${digits(at.segment, 4)}:${digits(at.bus, 2)}:${digits(at.device, 2)}.${at.function}`

const describe = (scope: DeviceScope, segment: number): string =>
  `${digits(segment, 4)}:${digits(scope.startBus, 2)} path ${scope.path.map((step) => `${digits(step.device, 2)}.${step.function}`).join(' / ')}`

/** Every I/O APIC must be in some unit's scope: without that Linux does not enable interrupt remapping at all (05.9). */
function coversIoApics(dmar: Dmar, madt: Madt | undefined, { warnings }: Context): boolean {
  const scoped = new Set(
    dmar.units.flatMap((unit) => unit.scopes.filter((s) => s.type === 'ioapic').map((s) => s.enumerationId)),
  )
  const missing = (madt?.ioApics ?? []).filter((ioApic) => !scoped.has(ioApic.id))
  for (const ioApic of missing)
    warnings.push(
      warning(
        'ACPI_NO_IOAPIC_SCOPE',
        `I/O APIC ${ioApic.id} is in no unit's scope: Linux leaves interrupt remapping off`,
        { file: 'DMAR' },
      ),
    )
  return missing.length === 0
}
