/**
 * Requester IDs on the wire: pci_for_each_dma_alias with its pairs of function and alias (drivers/pci/search.c), which
 * set_msi_sid and the ITS read too (reference 10 §2; 60 §4).
 */
import { aliasDevfns, aliasWalk } from '../linux/aliases'
import type { Board } from '../linux/board'
import { requesterId } from '../platform/address'
import type { PciFunction } from '../platform/schema'

export interface Alias {
  readonly fn: PciFunction
  readonly id: number
  readonly by: 'itself' | 'quirk' | 'bridge'
}

export function aliasPairs(fn: PciFunction, board: Board): Alias[] {
  const [start, ...above] = aliasWalk(fn, board)
  if (!start) return []
  const id = requesterId(board.topology.address(start))
  return [
    { fn: start, id, by: 'itself' },
    ...aliasDevfns(start, board).map((devfn): Alias => ({ fn: start, id: (id & 0xff00) | devfn, by: 'quirk' })),
    ...above.map((bridge): Alias => ({ fn: bridge, id: takenBy(bridge, board), by: 'bridge' })),
  ]
}

/** PCIe-to-PCI bridges answer for device 0 of their secondary bus, others for themselves. */
const takenBy = (bridge: PciFunction, board: Board): number =>
  bridge.express?.type === 'pcie-to-pci-bridge'
    ? (bridge.bridge?.secondary ?? 0) << 8
    : requesterId(board.topology.address(bridge))

const busOf = (id: number): number => id >> 8

/** SID, SQ and SVT of a remapping entry (set_msi_sid, drivers/iommu/intel/irq_remapping.c). */
export function sourceFields(
  aliases: readonly Alias[],
  board: Board,
): { SID: number; SQ: number; SVT: number; rule: string } {
  const [first] = aliases
  const last = aliases.at(-1)
  if (!first || !last) return { SID: 0, SQ: 0, SVT: 0, rule: 'no requester ID is known' }
  const own = first.id
  let count = 0
  let matching = 0
  let alias = own
  let walker = first.fn
  for (const a of aliases) {
    if (count === 0 || busOf(a.id) === busOf(alias)) matching++
    walker = a.fn
    alias = a.id
    count++
  }
  const walkerBus = busOf(requesterId(board.topology.address(walker)))
  const range = (start: number, end: number, rule: string) => ({ SID: (start << 8) | end, SQ: 0, SVT: 2, rule })
  if (busOf(alias) !== walkerBus)
    return range(busOf(alias), busOf(own), 'behind a PCIe-to-PCI bridge only the bus can be verified')
  if (count >= 2 && matching === count)
    return range(busOf(own), busOf(own), 'several aliases on one bus: only the bus is verified')
  if (walkerBus !== busOf(own))
    return { SID: alias, SQ: 0, SVT: 1, rule: 'the bridge to conventional PCI sends with its own requester ID' }
  return { SID: own, SQ: 0, SVT: 1, rule: 'its own requester ID, all 16 bits' }
}

/** Requester ID that the ITS's DeviceID is made of (pci_msi_domain_get_msi_rid, get_msi_id_cb). */
export function messageRequester(aliases: readonly Alias[], board: Board): number {
  let id = aliases[0]?.id ?? 0
  for (const a of aliases) {
    const bus = busOf(id)
    if (busOf(requesterId(board.topology.address(a.fn))) !== bus || busOf(a.id) !== bus) id = a.id
  }
  return id
}
