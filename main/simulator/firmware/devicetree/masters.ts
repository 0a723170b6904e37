/**
 * Devices that are not on PCI and name the unit that checks their DMA: `iommus = <&smmu id …>` (bindings iommu.txt), and
 * `fsl,liodn` for PAMU, of which one set of tables serves the whole chip (bindings pamu.txt).
 */
import type { DeviceTree } from '../../platform/tables'
import { reservedFor } from './reserved'
import { cells, cpuAddress, platformName, stringList, walk, type DtNode } from './fdt'

type Master = NonNullable<DeviceTree['masters']>[number]

/** A damaged tree may claim any number of cells. */
const CELLS_LIMIT = 4

export function mastersOf(root: DtNode, byPhandle: ReadonlyMap<number, DtNode>, units: DeviceTree['iommus']): Master[] {
  const known = new Set(units.map((u) => u.path))
  const pamu = units.find((u) => u.kind === 'pamu')?.path
  const masters: Master[] = []
  for (const node of walk(root)) {
    if (stringList(node, 'status')[0] === 'disabled' || stringList(node, 'device_type')[0] === 'pci') continue
    const reserved = reservedFor(node, byPhandle)
    const base = {
      path: node.path,
      platformName: platformName(node, cpuAddress(node)),
      ...(reserved.length > 0 ? { reserved } : {}),
    }
    const liodns = cells(node, 'fsl,liodn')
    if (liodns && pamu !== undefined) masters.push({ ...base, iommu: pamu, ids: liodns })
    const [iommu, ...ids] = streamsOf(node, byPhandle, known)
    if (iommu) masters.push({ ...base, iommu: iommu.path, ids: [iommu.id, ...ids.map((x) => x.id)] })
  }
  return masters
}

/** The unit of the first specifier decides; a second unit is not a thing that Linux takes. */
function streamsOf(
  node: DtNode,
  byPhandle: ReadonlyMap<number, DtNode>,
  known: ReadonlySet<string>,
): { path: string; id: number }[] {
  const list = cells(node, 'iommus') ?? []
  const found: { path: string; id: number }[] = []
  for (let at = 0; at < list.length;) {
    const unit = byPhandle.get(list[at] ?? 0)
    const width = unit && cells(unit, '#iommu-cells')?.[0]
    if (!unit || width === undefined || width > CELLS_LIMIT) return found
    if (known.has(unit.path) && (found.length === 0 || found[0]?.path === unit.path))
      found.push({ path: unit.path, id: list[at + 1] ?? 0 })
    at += 1 + width
  }
  return found
}
