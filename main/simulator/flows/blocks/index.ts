/** Every built-in block by its kind: the hardware, and the objects of the kernel and of user space around it. */
import { assert } from '../../faults'
import { HARDWARE } from '../../hardware/blocks'
import type { BlockSpec } from '../../hardware/block'
import { IOMMU_CORE } from './iommu-core'
import { RESERVED_REGIONS } from './reserved-regions'
import { VFIO_TYPE1_REGIONS } from './vfio-type1-regions'

const SOFTWARE: readonly BlockSpec[] = [IOMMU_CORE, RESERVED_REGIONS, VFIO_TYPE1_REGIONS]

export const BLOCKS: ReadonlyMap<string, BlockSpec> = new Map([...HARDWARE, ...SOFTWARE].map((s) => [s.block, s]))
assert(BLOCKS.size === HARDWARE.length + SOFTWARE.length, 'two blocks have the same kind')
