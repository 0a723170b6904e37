/** Every built-in block by its kind: the hardware, and the objects of the kernel and of user space around it. */
import { assert } from '../../faults'
import { HARDWARE } from '../../hardware/blocks'
import type { BlockSpec } from '../../hardware/block'
import { IDXD_VECTOR } from './idxd-vector'
import { IMS_IRQCHIP } from './ims-irqchip'
import { IOASID } from './ioasid'
import { QEMU_MSIX } from './qemu-msix'
import { VFIO_IMS } from './vfio-ims'
import { VIDXD } from './vidxd'

const SOFTWARE: readonly BlockSpec[] = [IDXD_VECTOR, IMS_IRQCHIP, IOASID, QEMU_MSIX, VFIO_IMS, VIDXD]

export const BLOCKS: ReadonlyMap<string, BlockSpec> = new Map([...HARDWARE, ...SOFTWARE].map((s) => [s.block, s]))
assert(BLOCKS.size === HARDWARE.length + SOFTWARE.length, 'two blocks have the same kind')
