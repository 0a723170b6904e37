/**
 * MSI controllers and whose messages they take.
 * x86: the local APIC window takes every message (60 §1); a remapping unit, where there is one, stands before it for the
 * functions it serves. Arm: ITS by IORT or msi-map, else the first GICv2m frame (Linux gicv2m_get_fwnode).
 */
import { hex } from '../../platform/address'
import type { Iommu, MsiController, Platform, PciFunction } from '../../platform/schema'
import type { FirmwareTables, Iort, Madt } from '../../platform/tables'
import { mapId, rootComplexOf } from '../acpi/iort-map'
import { warning } from '../warnings'
import { hostOf, lookUp, type HostDevices } from './devicetree'
import type { Context } from './units'

const APIC_WINDOW = { doorbell: '0xfee00000', size: '0x100000' } // 0xfee00000–0xfeefffff
const SETSPI_NS = 0x40n // GICv2m, 60 §7
const GITS_TRANSLATER = 0x10040n // GICv3 ITS, 60 §8

export function msiControllers(
  arch: Platform['arch'],
  tables: FirmwareTables,
  iommus: readonly Iommu[],
  hosts: HostDevices,
  context: Context,
): MsiController[] {
  if (arch === 'x86') return x86Controllers(iommus, context)
  if (tables.deviceTree) return deviceTreeControllers(tables.deviceTree, hosts, context)
  return tables.madt ? armControllers(tables.madt, tables.iort, context) : []
}

function x86Controllers(iommus: readonly Iommu[], { topology }: Context): MsiController[] {
  const remappers = iommus.flatMap((unit): MsiController[] =>
    unit.interruptRemapping === false || (unit.kind !== 'vt-d' && unit.kind !== 'amd-vi')
      ? []
      : [
          {
            name: `${unit.name}-ir`,
            kind: unit.kind === 'vt-d' ? 'vt-d-ir' : 'amd-ir',
            ...APIC_WINDOW,
            serves: [...unit.serves],
            source:
              unit.interruptRemapping === undefined
                ? `${unit.source}; its capability registers are not known`
                : unit.source,
          },
        ],
  )
  const all = topology.functions.map((fn) => fn.bdf)
  return [{ name: 'x86-apic', kind: 'x86-apic', ...APIC_WINDOW, serves: all, source: 'architecture' }, ...remappers]
}

function armControllers(madt: Madt, iort: Iort | undefined, context: Context): MsiController[] {
  const { topology, warnings } = context
  const takenBy = new Map<PciFunction, number>()
  const missing = new Set<number>()
  for (const fn of topology.functions) {
    const id = iort === undefined ? undefined : itsOf(iort, fn, context)
    if (id === undefined) continue
    if (madt.its.some((its) => its.id === id)) takenBy.set(fn, id)
    else missing.add(id)
  }
  for (const id of missing)
    warnings.push(
      warning('ACPI_ITS_MISSING', `the IORT sends messages to ITS ${id}, which the MADT does not have`, {
        file: 'IORT',
      }),
    )
  const frames = madt.msiFrames.map((frame, index): MsiController => ({
    ...frameAt(frame.base),
    ...(frame.overrideSpi ? { spis: { base: frame.spiBase, count: frame.spiCount } } : {}),
    // Linux knows no mapping to frames: the first takes all that no ITS takes.
    serves: index === 0 ? topology.functions.filter((fn) => !takenBy.has(fn)).map((fn) => fn.bdf) : [],
    source: `MADT GIC MSI frame at ${hex(frame.offset)}`,
  }))
  const its = madt.its.map(({ id, base, offset }): MsiController => ({
    ...itsAt(base),
    serves: [...takenBy].filter(([, taker]) => taker === id).map(([fn]) => fn.bdf),
    source: `MADT GIC ITS ${id} at ${hex(offset)}`,
  }))
  return [...frames, ...its]
}

/** The id of the first ITS in the group that a function's messages are mapped to. */
function itsOf(iort: Iort, fn: PciFunction, { topology }: Context): number | undefined {
  const start = rootComplexOf(iort, topology.address(topology.dmaFunction(fn)).segment)
  // A message carries the requester ID of the last bridge that took ownership (Linux pci_msi_domain_get_msi_rid).
  const rid = topology.requesters(fn).at(-1)
  const found = start && rid !== undefined ? mapId(iort, start, rid, 'its') : undefined
  return found?.node.type === 'its-group' ? found.node.its[0] : undefined
}

function deviceTreeControllers(
  tree: NonNullable<FirmwareTables['deviceTree']>,
  hosts: HostDevices,
  context: Context,
): MsiController[] {
  const { topology } = context
  const takenBy = new Map<PciFunction, string>()
  for (const fn of topology.functions) {
    const host = hostOf(tree, fn, hosts, context)
    if (!host) continue
    const rid = topology.requesters(fn).at(-1) ?? 0
    const target = (host.msiMap && lookUp(host.msiMap, host.msiMapMask, rid)) ?? host.msiParent
    if (target !== undefined) takenBy.set(fn, target)
  }
  return tree.msiControllers.map(({ path, kind, base, spis, doorbell, interrupts }): MsiController => ({
    ...(kind === 'gicv2m' ? frameAt(base) : kind === 'mpic' ? bankAt(base, doorbell) : itsAt(base)),
    ...(spis ? { spis } : {}),
    ...(interrupts ? { interrupts } : {}),
    serves:
      kind === 'mpic'
        ? bankServes(tree, path, hosts, context)
        : [...takenBy].filter(([, taker]) => taker === path).map(([fn]) => fn.bdf),
    source: `device tree ${path}`,
  }))
}

/** Without `fsl,msi` a controller's messages go to whichever bank has a free interrupt (Linux fsl_setup_msi_irqs). */
function bankServes(
  tree: NonNullable<FirmwareTables['deviceTree']>,
  path: string,
  hosts: HostDevices,
  context: Context,
): string[] {
  return context.topology.functions
    .filter((fn) => {
      const host = hostOf(tree, fn, hosts, context)
      return host !== undefined && (host.msiBank === undefined || host.msiBank === path)
    })
    .map((fn) => fn.bdf)
}

type Place = Pick<MsiController, 'name' | 'kind' | 'doorbell' | 'size' | 'base'>

const frameAt = (base: string): Place => ({
  name: `gicv2m@${base}`,
  kind: 'gicv2m',
  doorbell: hex(BigInt.asUintN(64, BigInt(base) + SETSPI_NS)),
  size: '0x4',
  base,
})

const bankAt = (base: string, doorbell = base): Place => ({
  name: `msi@${base}`,
  kind: 'mpic',
  doorbell,
  size: '0x4',
  base,
})

const itsAt = (base: string): Place => ({
  name: `its@${base}`,
  kind: 'gicv3-its',
  doorbell: hex(BigInt.asUintN(64, BigInt(base) + GITS_TRANSLATER)),
  size: '0x4',
  base,
})
