/** DeviceIDs at an ITS: of the mappings of IORT (root complex, then SMMU, then ITS group) or the device tree's msi-map. */
import type { Board } from '../linux/board'
import type { PciFunction } from '../platform/schema'
import type { IdMapping } from '../platform/tables'

export interface DeviceId {
  readonly id: number
  readonly by: string
}

export function deviceId(board: Board, fn: PciFunction, requester: number): DeviceId {
  const segment = board.topology.address(fn).segment
  const { iort, deviceTree } = board.platform.tables ?? {}
  let node = iort?.nodes.find((n) => n.type === 'root-complex' && n.segment === segment)
  const start = node
  let id = requester
  // A chain is at most as long as the table has nodes: one that comes back to itself ends here.
  for (let i = 0; node && node.type !== 'its-group' && i < (iort?.nodes.length ?? 0); i++) {
    const mapping: IdMapping | undefined = node.mappings.find(
      (m) => !m.single && id >= m.inputBase && id <= m.inputBase + m.count,
    )
    if (!mapping) break
    id = mapping.outputBase + id - mapping.inputBase
    node = iort?.nodes.find((n) => n.offset === mapping.output)
  }
  if (start) return { id, by: `IORT root complex at 0x${start.offset.toString(16)}` }
  const host = deviceTree?.pciHosts.find((h) => (h.segment ?? 0) === segment)
  const masked = requester & (host?.msiMapMask ?? 0xffffffff)
  const entry = host?.msiMap?.find((m) => masked >= m.inputBase && masked < m.inputBase + m.length)
  if (host && entry) return { id: entry.outputBase + masked - entry.inputBase, by: `msi-map of ${host.path}` }
  return { id: requester, by: 'no mapping says otherwise: the requester ID' }
}
