/** Firmware tables → devices that are not on PCI, with the unit that checks their DMA. */
import { hex } from '../../platform/address'
import type { FirmwareRegion, Iommu, PlatformDevice } from '../../platform/schema'
import type { Dmar, FirmwareTables, Iort, Ivrs, Viot } from '../../platform/tables'
import { hidDevices } from './amdvi'
import { componentStreams } from './smmu'

export function platformDevices(tables: FirmwareTables, iommus: readonly Iommu[]): PlatformDevice[] {
  return [
    ...(tables.deviceTree?.masters ?? []).flatMap((m): PlatformDevice[] => {
      const kind = tables.deviceTree?.iommus.find((u) => u.path === m.iommu)
      const unit = iommus.find((u) => u.kind === kind?.kind && (u.kind === 'pamu' || u.base === kind.base))
      return unit ? [{ name: m.platformName, iommu: unit.name, ids: m.ids, source: `device tree ${m.path}` }] : []
    }),
    ...(tables.iort ? namedComponents(tables.iort, iommus) : []),
    ...(tables.dmar ? namespaceDevices(tables.dmar, iommus) : []),
    ...(tables.ivrs ? amdDevices(tables.ivrs, iommus) : []),
    ...(tables.viot ? endpoints(tables.viot, iommus) : []),
  ]
}

/** What a device tree's memory regions ask for those devices; the tables' own regions name them themselves. */
export function memoryRegions(tables: FirmwareTables): FirmwareRegion[] {
  return (tables.deviceTree?.masters ?? []).flatMap((m) =>
    (m.reserved ?? []).map(({ path, start, end, identity }): FirmwareRegion => ({
      kind: 'iommu-addresses',
      start,
      end,
      devices: [],
      platformDevices: [m.platformName],
      identity,
      source: `device tree ${path}`,
    })),
  )
}

/** A named component has StreamIDs where its mappings lead to an SMMU. */
function namedComponents(iort: Iort, iommus: readonly Iommu[]): PlatformDevice[] {
  return iort.nodes.flatMap((node): PlatformDevice[] => {
    if (node.type !== 'named-component') return []
    const streams = componentStreams(iort, node)
    const end = streams[0]?.node
    const base = end && (end.type === 'smmu-v3' || end.type === 'smmu') ? end.base : undefined
    const unit = base === undefined ? undefined : iommus.find((u) => u.base === base)
    if (!unit) return []
    const ids = [...new Set(streams.map((s) => s.id))]
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

function amdDevices(ivrs: Ivrs, iommus: readonly Iommu[]): PlatformDevice[] {
  return hidDevices(ivrs).flatMap(({ name, id, block, offset }): PlatformDevice[] => {
    const at = iommus.find((u) => u.kind === 'amd-vi' && u.base === block.base)
    return at ? [{ name, iommu: at.name, ids: [id], source: `IVRS entry at ${hex(offset)}` }] : []
  })
}

/** An MMIO endpoint is known by the base of its registers alone (drivers/acpi/viot.c viot_mmio_dev_iommu_init). */
function endpoints(viot: Viot, iommus: readonly Iommu[]): PlatformDevice[] {
  return viot.nodes.flatMap((node): PlatformDevice[] => {
    if (node.type !== 'mmio') return []
    const unit = iommus.find((u) => u.source === `VIOT node at ${hex(node.output)}`)
    if (!unit) return []
    const name = `device at ${node.base}`
    return [{ name, iommu: unit.name, ids: [node.endpoint], source: `VIOT MMIO endpoint at ${hex(node.offset)}` }]
  })
}
