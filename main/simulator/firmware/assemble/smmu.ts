/** IORT on a topology → Arm SMMUs, whom they serve, and RMR regions (DEN0049; Linux drivers/acpi/arm64/iort.c). */
import { digits, hex } from '../../platform/address'
import type { FirmwareRegion, Iommu, PciFunction } from '../../platform/schema'
import type { Iort, IortNode, Madt } from '../../platform/tables'
import { warning } from '../warnings'
import { mapId, rootComplexOf, type Mapped } from '../acpi/iort-map'
import type { Context, Units } from './units'

export function smmuUnits(iort: Iort, madt: Madt | undefined, context: Context): Units {
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
  const components = new Map(
    iort.nodes.flatMap((node) => (node.type === 'named-component' ? [[node.name, componentStreams(iort, node)]] : [])),
  )
  const held: Held = { streams, components }
  const regions = iort.nodes.flatMap((node) => [
    ...reservedMemory(node, held, context),
    ...(madt ? untranslatedPages(iort, node, madt, held) : []),
  ])
  return { iommus, regions }
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

/** StreamIDs of a device that is not on PCI: one for each mapping, all of the unit that the first leads to (iort_nc_iommu_map). */
export function componentStreams(iort: Iort, node: Extract<IortNode, { type: 'named-component' }>): Mapped[] {
  const ends = node.mappings.flatMap((m) => mapId(iort, node, m.single ? 0 : m.inputBase, 'iommu') ?? [])
  return ends.filter((e) => e.node === ends[0]?.node)
}

/** StreamIDs of functions, and of what is not on PCI. */
interface Held {
  readonly streams: ReadonlyMap<PciFunction, readonly Mapped[]>
  readonly components: ReadonlyMap<string, readonly Mapped[]>
}

type Named = Pick<FirmwareRegion, 'devices' | 'platformDevices'>

/** Those of which some StreamID is one of these. */
function named({ streams, components }: Held, isOne: (stream: Mapped) => boolean): Named {
  const others = [...components].filter(([, mapped]) => mapped.some(isOne)).map(([name]) => name)
  return {
    devices: [...streams].filter(([, mapped]) => mapped.some(isOne)).map(([fn]) => fn.bdf),
    ...(others.length > 0 ? { platformDevices: others } : {}),
  }
}

const HI161X = 1
const ITS_PAGE = 0x10000n

/** GITS_TRANSLATER's page of each ITS behind a Hi161x (iort_iommu_msi_get_resv_regions). */
function untranslatedPages(iort: Iort, node: IortNode, madt: Madt, held: Held): FirmwareRegion[] {
  if (node.type !== 'smmu-v3' || node.model !== HI161X) return []
  const groupOf = ({ id }: Mapped): IortNode | undefined => mapId(iort, node, id, 'its')?.node
  return iort.nodes.flatMap((group): FirmwareRegion[] => {
    if (group.type !== 'its-group') return []
    const who = named(held, (stream) => stream.node === node && groupOf(stream) === group)
    const bases = group.its.flatMap((id) => madt.its.find((its) => its.id === id)?.base ?? [])
    return bases.map((base) => ({
      kind: 'its-page',
      start: hex(BigInt(base) + ITS_PAGE),
      end: hex(BigInt(base) + 2n * ITS_PAGE - 1n),
      ...who,
      source: `IORT SMMUv3 node at ${hex(node.offset)}, model HiSilicon Hi161x; ITS at ${base}`,
    }))
  })
}

const PAGE_MASK = 0xfffn

function reservedMemory(node: IortNode, held: Held, { warnings }: Context): FirmwareRegion[] {
  if (node.type !== 'rmr') return []
  const isHeld = (stream: Mapped): boolean =>
    node.mappings.some(
      ({ output, outputBase, count }) =>
        output === stream.node.offset && stream.id >= outputBase && stream.id <= outputBase + count,
    )
  const who = named(held, isHeld)
  return node.regions.map(({ base, length }) => {
    // What is not aligned to 64 KiB is widened to pages, with a complaint (iort_get_rmrs); pages of 4 KiB are assumed.
    const first = BigInt(base)
    const size = BigInt(length)
    if ((first | size) % ITS_PAGE !== 0n)
      warnings.push(
        warning('ACPI_REGION_MALFORMED', `RMR ${base}, ${length} bytes, is not aligned to 64 KiB: widened to pages`, {
          file: 'IORT',
          offset: node.offset,
        }),
      )
    const start = first & ~PAGE_MASK
    return {
      kind: 'rmr',
      start: hex(start),
      end: hex(BigInt.asUintN(64, (first + size - 1n) | PAGE_MASK)),
      ...who,
      ...((node.flags & 1) === 1 ? { relaxable: true } : {}),
      source: `IORT RMR node at ${hex(node.offset)}`,
    }
  })
}
