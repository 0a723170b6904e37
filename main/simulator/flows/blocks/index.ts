/** Every built-in block by its kind: the hardware, and the objects of the kernel and of user space around it. */
import { assert } from '../../faults'
import { HARDWARE } from '../../hardware/blocks'
import type { BlockSpec } from '../../hardware/block'
import { FSL_PAMU_DOMAIN } from './fsl-pamu-domain'
import { VFIO_PAMU } from './vfio-pamu'
import { VFIO_PAMU_2013 } from './vfio-pamu-2013'
import { VFIO_PAMU_DEVICE } from './vfio-pamu-device'
import { VFIO_PAMU_GROUP } from './vfio-pamu-group'

const SOFTWARE: readonly BlockSpec[] = [FSL_PAMU_DOMAIN, VFIO_PAMU, VFIO_PAMU_2013, VFIO_PAMU_DEVICE, VFIO_PAMU_GROUP]

export const BLOCKS: ReadonlyMap<string, BlockSpec> = new Map([...HARDWARE, ...SOFTWARE].map((s) => [s.block, s]))
assert(BLOCKS.size === HARDWARE.length + SOFTWARE.length, 'two blocks have the same kind')
