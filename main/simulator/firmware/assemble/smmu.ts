/** IORT on a topology → Arm SMMUs, whom they serve, and RMR regions (DEN0049; Linux drivers/acpi/arm64/iort.c). */
import { digits, hex } from '../../platform/address'
import type { FirmwareRegion, Iommu, PciFunction } from '../../platform/schema'
import type { Iort, IortNode } from '../../platform/tables'
import { mapId, rootComplexOf, type Mapped } from '../acpi/iort-map'
import type { Context, Units } from './units'

export function smmuUnits(iort: Iort, context: Context): Units {
  const { topology } = context
  const streams = new Map<PciFunction, readonly Mapped[]>()
  for (const fn of topology.functions) {
    const mapped = streamsOf(iort, fn, context)
    if (mapped.length > 0) streams.set(fn, mapped)
  }
  const iommus = iort.nodes.flatMap((node): Iommu[] => {
    if (node.type !== 'smmu' && node.type !== 'smmu-v3') return []
    const serves = [...streams].filter(([, mapped]) => mapped[0]?.node === node).map(([fn]) => fn.bdf)
    return [
      {
        name: smmuName(node.type, node.base),
        kind: node.type === 'smmu-v3' ? 'smmu-v3' : 'smmu-v2',
        base: node.base,
        registers: {},
        ...coherence(node),
        serves,
        source: `IORT ${node.type === 'smmu-v3' ? 'SMMUv3' : 'SMMU'} node at ${hex(node.offset)}`,
      },
    ]
  })
  return { iommus, regions: iort.nodes.flatMap((node) => regionsOf(node, streams)) }
}

/**
 * SMMUv3 flag bit 0 (COHACC override) decides alone. Bit 1 of older units (coherent walk) only when set: without it a
 * device that is coherent itself will do (arm-smmu.c arm_smmu_capable).
 */
function coherence(node: Extract<IortNode, { type: 'smmu' | 'smmu-v3' }>): Pick<Iommu, 'coherent'> {
  if (node.type === 'smmu-v3') return { coherent: (node.flags & 1) !== 0 }
  return (node.flags & 2) !== 0 ? { coherent: true } : {}
}

/** Linux's name in sysfs: `smmu3.0x0000000009050000`, and `smmu.` for versions 1 and 2. */
export const smmuName = (kind: 'smmu-v3' | 'smmu' | 'smmu-v2', base: string): string =>
  `${kind === 'smmu-v3' ? 'smmu3' : 'smmu'}.0x${digits(BigInt(base), 16)}`

/**
 * StreamIDs of a function, one for each requester ID that its traffic may carry. Linux gives up on the function when one
 * of them is not mapped (iort_pci_iommu_init under pci_for_each_dma_alias), so then there is none.
 */
function streamsOf(iort: Iort, fn: PciFunction, { topology }: Context): Mapped[] {
  const start = rootComplexOf(iort, topology.address(topology.dmaFunction(fn)).segment)
  if (!start) return []
  const mapped = topology.requesters(fn).map((rid) => mapId(iort, start, rid, 'iommu'))
  const known = mapped.filter((entry) => entry !== undefined)
  return known.length === mapped.length ? known : []
}

function regionsOf(node: IortNode, streams: ReadonlyMap<PciFunction, readonly Mapped[]>): FirmwareRegion[] {
  if (node.type !== 'rmr') return []
  const isHeld = (stream: Mapped): boolean =>
    node.mappings.some(
      ({ output, outputBase, count }) =>
        output === stream.node.offset && stream.id >= outputBase && stream.id <= outputBase + count,
    )
  const devices = [...streams].filter(([, mapped]) => mapped.some(isHeld)).map(([fn]) => fn.bdf)
  return node.regions.map(({ base, length }) => ({
    kind: 'rmr',
    start: base,
    end: hex(BigInt.asUintN(64, BigInt(base) + BigInt(length) - 1n)),
    devices,
    ...((node.flags & 1) === 1 ? { relaxable: true } : {}),
    source: `IORT RMR node at ${hex(node.offset)}`,
  }))
}
