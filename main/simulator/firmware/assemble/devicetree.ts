/** Device tree on a topology → IOMMUs and whom they serve (bindings pci-iommu.txt, pci-msi.txt; Linux drivers/of/base.c of_map_id). */
import type { Iommu, PciFunction, Root } from '../../platform/schema'
import type { DeviceTree, DeviceTreeMap } from '../../platform/tables'
import { smmuName } from './smmu'
import type { Context, Units } from './units'

type Host = DeviceTree['pciHosts'][number]

/** What the driver calls itself in sysfs; several instances share one set of tables (50 §1). */
const PAMU_NAME = 'iommu0'

/** The PAMU that checks DMA of a PCI controller: its node has logical I/O device numbers, or will get them at boot. */
function pamuOf(tree: DeviceTree, host: Host): string | undefined {
  if (!host.liodns && host.iommuParent === undefined) return undefined
  return tree.iommus.find((unit) => unit.kind === 'pamu')?.path
}

/** Root bus id → what sysfs calls the device above it (`4010000000.pcie`). */
export type HostDevices = ReadonlyMap<string, string>

export function deviceTreeUnits(tree: DeviceTree, hosts: HostDevices, context: Context): Units {
  const { topology } = context
  const targets = new Map<PciFunction, string>()
  for (const fn of topology.functions) {
    const host = hostOf(tree, fn, hosts, context)
    const pamu = host && pamuOf(tree, host)
    if (pamu !== undefined) targets.set(fn, pamu)
    if (!host?.iommuMap) continue
    const map = host.iommuMap
    const found = topology.requesters(fn).map((rid) => lookUp(map, host.iommuMapMask, rid))
    const first = found[0]
    if (first !== undefined && found.every((path) => path !== undefined)) targets.set(fn, first)
  }
  const iommus = tree.iommus.map(({ path, kind, base, coherent }): Iommu => ({
    name: kind === 'pamu' ? PAMU_NAME : smmuName(kind, base),
    kind,
    base,
    registers: {},
    // An SMMUv3 has no other way to say so; an older one may serve devices that are coherent themselves.
    ...(kind === 'smmu-v3' ? { coherent: coherent === true } : coherent === true ? { coherent } : {}),
    serves: [...targets].filter(([, target]) => target === path).map(([fn]) => fn.bdf),
    source: `device tree ${path}`,
  }))
  return { iommus, regions: [] }
}

/** Freescale's controllers: what the tree says of their revision, which decides whether functions are told apart. */
export const withRevisions = (roots: readonly Root[], tree: DeviceTree, hosts: HostDevices): Root[] =>
  roots.map((root) => {
    const revision = hostOfRoot(tree, root, hosts)?.revision
    return revision === undefined ? root : { ...root, controllerRevision: revision }
  })

/** The host bridge node of a function: by the name of the platform device above its root bus, else by segment. */
export function hostOf(tree: DeviceTree, fn: PciFunction, hosts: HostDevices, { topology }: Context): Host | undefined {
  return hostOfRoot(tree, topology.root(topology.dmaFunction(fn)), hosts)
}

function hostOfRoot(tree: DeviceTree, root: Root, hosts: HostDevices): Host | undefined {
  const device = hosts.get(root.id)
  const named = tree.pciHosts.find((host) => host.platformName === device)
  if (named) return named
  // Without linux,pci-domain the kernel counts host bridges from 0.
  return tree.pciHosts.find((host, i) => (host.segment ?? i) === root.segment)
}

/** The node that a requester ID is mapped to; undefined when no entry has it. */
export function lookUp(map: readonly DeviceTreeMap[], mask: number, rid: number): string | undefined {
  const masked = (rid & mask) >>> 0
  return map.find(({ inputBase, length }) => masked >= inputBase && masked - inputBase < length)?.target
}
