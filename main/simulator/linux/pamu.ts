/**
 * Freescale's PAMU tells PCI functions apart only behind controllers of block revision 2.4 or newer; behind an older one
 * all functions carry the controller's LIODNs and share its group.
 * Sources: drivers/iommu/fsl_pamu_domain.c check_pci_ctl_endpt_part, fsl_pamu_device_group (reference 10 §6; 50 §1).
 */
import { hex } from '../platform/address'
import type { PciFunction, Root } from '../platform/schema'
import type { Board } from './board'
import { atLeast, type Version } from './policies/policy'
import { because, type Reason } from './reason'
import type { Units } from './units'

/** BRR1 bits 15:0: IP major, minor. */
const PARTITIONING = 0x204

export interface SharedController {
  readonly root: Root
  readonly reason: Reason
  readonly assumed?: string
}

/** Undefined: its group is found like any PCI function's. */
export function sharedController(
  board: Board,
  units: Units,
  version: Version,
): (fn: PciFunction) => SharedController | undefined {
  return (fn) => {
    if (units.served.get(fn)?.unit.kind !== 'pamu') return undefined
    const root = board.topology.root(fn)
    const revision = root.controllerRevision
    if (revision !== undefined && revision >= PARTITIONING) return undefined
    const known = revision === undefined ? 'block revision not known' : `BRR1 is ${hex(BigInt(revision))}`
    // Up to 6.4 the controller's own device left the group when its first function came.
    const controller = atLeast(version, 6, 5) ? ', the controller’s own device with them' : ''
    const reason: Reason = {
      ...because(
        `all functions behind one PCI controller share its LIODNs and so its group${controller}`,
        '10 §6; check_pci_ctl_endpt_part',
        `${root.id}: ${known}, telling them apart takes 0x204`,
      ),
      apart: 'a controller of block revision 2.4 or newer, or a controller of its own for each function',
    }
    return {
      root,
      reason,
      ...(revision === undefined
        ? { assumed: `${root.id}: the block revision of its PCI controller is not known, taken as older than 2.4` }
        : {}),
    }
  }
}
