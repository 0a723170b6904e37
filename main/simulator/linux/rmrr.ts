/** Which RMRRs concern a function, by kernel (drivers/iommu/intel/iommu.c device_has_rmrr, device_rmrr_is_relaxable). */
import type { FirmwareRegion, PciFunction } from '../platform/schema'
import type { Board } from './board'
import { isGraphics } from './graphics'
import { atLeast, type Version } from './policies/policy'

/** USB and graphics: firmware uses the region only until the driver takes over (S2.2, S2.3). */
export const rmrrIsRelaxable = (fn: PciFunction): boolean => fn.class >> 8 === 0x0c03 || isGraphics(fn)

/** Before 5.3 a scope that names a bridge says nothing of what is below it (is_downstream_to_pci_bridge). */
export function rmrrsOf(board: Board, fn: PciFunction, version: Version): FirmwareRegion[] {
  const below = atLeast(version, 5, 3)
  return board.platform.regions.filter(
    (r) => r.kind === 'rmrr' && (below ? r.devices : (r.named ?? r.devices)).includes(fn.bdf),
  )
}
