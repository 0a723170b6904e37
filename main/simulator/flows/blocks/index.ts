/** Every built-in block by its kind: the hardware, and the objects of the kernel and of user space around it. */
import { assert } from '../../faults'
import { HARDWARE } from '../../hardware/blocks'
import type { BlockSpec } from '../../hardware/block'
import { IOMMUFD } from './iommufd'
import { IRQ_DOMAINS } from './irq-domains'
import { IRQ_MSI } from './irq-msi'
import { MSI_COOKIE } from './msi-cookie'
import { RESERVED_IOVA } from './reserved-iova'
import { VFIO_IOVA } from './vfio-iova'
import { VFIO_TYPE1 } from './vfio-type1'

const SOFTWARE: readonly BlockSpec[] = [IOMMUFD, IRQ_DOMAINS, IRQ_MSI, MSI_COOKIE, RESERVED_IOVA, VFIO_IOVA, VFIO_TYPE1]

export const BLOCKS: ReadonlyMap<string, BlockSpec> = new Map([...HARDWARE, ...SOFTWARE].map((s) => [s.block, s]))
assert(BLOCKS.size === HARDWARE.length + SOFTWARE.length, 'two blocks have the same kind')
