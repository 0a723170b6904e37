/** Firmware tables → devices that are not on PCI, with the unit that checks their DMA. */
import { hex } from '../../platform/address'
import type { Iommu, PlatformDevice } from '../../platform/schema'
import type { Dmar, FirmwareTables, Iort, Ivrs } from '../../platform/tables'
import { mapId } from '../acpi/iort-map'

export function platformDevices(tables: FirmwareTables, iommus: readonly Iommu[]): PlatformDevice[] {
  return [
    ...(tables.deviceTree?.masters ?? []).flatMap((m): PlatformDevice[] => {
      const kind = tables.deviceTree?.iommus.find((u) => u.path === m.iommu)
      const unit = iommus.find((u) => u.kind === kind?.kind && (u.kind === 'pamu' || u.base === kind.base))
      return unit ? [{ name: m.platformName, iommu: unit.name, ids: m.ids, source: `device tree ${m.path}` }] : []
    }),
    ...(tables.iort ? namedComponents(tables.iort, iommus) : []),
    ...(tables.dmar ? namespaceDevices(tables.dmar, iommus) : []),
    ...(tables.ivrs ? hidDevices(tables.ivrs, iommus) : []),
  ]
}

/** A named component has StreamIDs where its mappings lead to an SMMU (iort_nc_iommu_map). */
function namedComponents(iort: Iort, iommus: readonly Iommu[]): PlatformDevice[] {
  return iort.nodes.flatMap((node): PlatformDevice[] => {
    if (node.type !== 'named-component') return []
    const ends = node.mappings.flatMap((m) => mapId(iort, node, m.single ? 0 : m.inputBase, 'iommu') ?? [])
    const [first] = ends
    const end = first?.node
    const base = end && (end.type === 'smmu-v3' || end.type === 'smmu') ? end.base : undefined
    const unit = base === undefined ? undefined : iommus.find((u) => u.base === base)
    if (!unit) return []
    const ids = [...new Set(ends.filter((e) => e.node === end).map((e) => e.id))]
    return [{ name: node.name, iommu: unit.name, ids, source: `IORT named component at ${hex(node.offset)}` }]
  })
}

/** A unit's scope may name a device of the ACPI namespace by number; an ANDD structure has its name. */
function namespaceDevices(dmar: Dmar, iommus: readonly Iommu[]): PlatformDevice[] {
  return dmar.units.flatMap((unit) =>
    unit.scopes.flatMap((scope): PlatformDevice[] => {
      const andd = dmar.namespaceDevices.find((d) => d.deviceNumber === scope.enumerationId)
      const at = iommus.find((u) => u.kind === 'vt-d' && u.base === unit.base)
      if (scope.type !== 'namespace' || !andd || !at) return []
      return [{ name: andd.name, iommu: at.name, ids: [], source: `DMAR ANDD at ${hex(andd.offset)}` }]
    }),
  )
}

function hidDevices(ivrs: Ivrs, iommus: readonly Iommu[]): PlatformDevice[] {
  const seen = new Set<string>()
  return ivrs.hardware.flatMap((ivhd) =>
    ivhd.entries.flatMap((e): PlatformDevice[] => {
      const at = iommus.find((u) => u.kind === 'amd-vi' && u.base === ivhd.base)
      if (e.kind !== 'acpi-hid' || !e.acpi || !at) return []
      const uid = e.acpi.uid === undefined ? '' : `:${e.acpi.uid}`
      const name = `${e.acpi.hid}${uid}`
      // Blocks 0x11 and 0x40 of one unit list the same devices.
      if (seen.has(name)) return []
      seen.add(name)
      return [{ name, iommu: at.name, ids: [e.deviceId], source: `IVRS entry at ${hex(e.offset)}` }]
    }),
  )
}
