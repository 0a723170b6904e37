/** VIOT on a topology → virtio-iommus and whom they serve (ACPI 6.5 §5.2.36; Linux drivers/acpi/viot.c). */
import { addressOfRequester, formatAddress, hex } from '../../platform/address'
import type { Iommu } from '../../platform/schema'
import type { Viot, ViotNode } from '../../platform/tables'
import { warning } from '../warnings'
import type { Context, Units } from './units'

export function virtioUnits(viot: Viot, { topology, warnings }: Context): Units {
  const ranges = viot.nodes.filter((node) => node.type === 'pci-range')
  const iommus = viot.nodes.flatMap((node): Iommu[] => {
    if (node.type !== 'virtio-iommu-pci' && node.type !== 'virtio-iommu-mmio') return []
    const own = node.type === 'virtio-iommu-pci' ? formatAddress(addressOfRequester(node.segment, node.bdf)) : undefined
    if (own !== undefined && !topology.find(own))
      warnings.push(
        warning('ACPI_SCOPE_NOT_FOUND', `VIOT: there is no virtio-iommu at ${own}`, {
          file: 'VIOT',
          offset: node.offset,
        }),
      )
    const serves = topology.functions.filter((fn) => {
      if (fn.bdf === own) return false // it does not translate itself
      const { segment } = topology.address(topology.dmaFunction(fn))
      return topology.requesters(fn).every((rid) => firstRange(ranges, segment, rid)?.output === node.offset)
    })
    return [
      {
        // Linux names it by its parent device: the PCI function.
        name: own ?? `virtio-mmio@${node.type === 'virtio-iommu-mmio' ? node.base : ''}`,
        kind: 'virtio-iommu',
        ...(node.type === 'virtio-iommu-mmio' ? { base: node.base } : {}),
        registers: {},
        interruptRemapping: false,
        serves: serves.map((fn) => fn.bdf),
        source: `VIOT node at ${hex(node.offset)}`,
      },
    ]
  })
  return { iommus, regions: [] }
}

type PciRange = Extract<ViotNode, { type: 'pci-range' }>

/** Linux puts each range at the head of its list: the last in the table is asked first. */
const firstRange = (ranges: readonly PciRange[], segment: number, rid: number): PciRange | undefined =>
  ranges.findLast(
    (range) =>
      segment >= range.segmentStart && segment <= range.segmentEnd && rid >= range.bdfStart && rid <= range.bdfEnd,
  )
