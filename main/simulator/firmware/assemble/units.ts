/** What every reader of IOMMU tables produces, and what it works from. */
import type { FirmwareRegion, Iommu, PlatformWarning } from '../../platform/schema'
import type { Topology } from '../../platform/topology'
import type { UnitRegisters } from '../sysfs/machine'

export interface Units {
  readonly iommus: Iommu[]
  readonly regions: FirmwareRegion[]
}

export interface Context {
  readonly topology: Topology
  /** Registers that a driver was seen to read: facts of the hardware, matched to units by address or name. */
  readonly registers: readonly UnitRegisters[]
  readonly warnings: PlatformWarning[]
}
