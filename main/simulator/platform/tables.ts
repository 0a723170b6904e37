/** Firmware's tables as data, kept beside the platform they describe: the planner reads its reasons from them. */
import { z } from 'zod'
import { DeviceTree, Madt, Mcfg, Viot } from './tables/board'
import { Dmar } from './tables/dmar'
import { Iort } from './tables/iort'
import { Ivrs } from './tables/ivrs'

export const FirmwareTables = z.object({
  dmar: Dmar.optional(),
  ivrs: Ivrs.optional(),
  iort: Iort.optional(),
  madt: Madt.optional(),
  mcfg: Mcfg.optional(),
  viot: Viot.optional(),
  deviceTree: DeviceTree.optional(),
})

export type FirmwareTables = z.infer<typeof FirmwareTables>
export type { DeviceScope, Dmar, Drhd, Rmrr } from './tables/dmar'
export type { Ivhd, IvhdEntry, Ivmd, Ivrs } from './tables/ivrs'
export type { IdMapping, Iort, IortNode } from './tables/iort'
export type { DeviceTree, DeviceTreeMap, Madt, Mcfg, Viot, ViotNode } from './tables/board'
