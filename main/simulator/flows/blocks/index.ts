/** Every built-in block by its kind: the hardware, and the objects of the kernel and of user space around it. */
import { assert } from '../../faults'
import { HARDWARE } from '../../hardware/blocks'
import type { BlockSpec } from '../../hardware/block'
import { FSL_PAMU_DOMAIN } from './fsl-pamu-domain'
import { IDXD_VECTOR } from './idxd-vector'
import { IMS_IRQCHIP } from './ims-irqchip'
import { IOASID } from './ioasid'
import { IOMMU_CORE } from './iommu-core'
import { IOMMUFD } from './iommufd'
import { IRQ_DOMAINS } from './irq-domains'
import { IRQ_MSI } from './irq-msi'
import { MSI_COOKIE } from './msi-cookie'
import { QEMU_MSIX } from './qemu-msix'
import { RESERVED_IOVA } from './reserved-iova'
import { RESERVED_REGIONS } from './reserved-regions'
import { VFIO_IMS } from './vfio-ims'
import { VFIO_IOVA } from './vfio-iova'
import { VFIO_PAMU } from './vfio-pamu'
import { VFIO_PAMU_2013 } from './vfio-pamu-2013'
import { VFIO_PAMU_DEVICE } from './vfio-pamu-device'
import { VFIO_PAMU_GROUP } from './vfio-pamu-group'
import { VFIO_TYPE1 } from './vfio-type1'
import { VFIO_TYPE1_REGIONS } from './vfio-type1-regions'
import { VIDXD } from './vidxd'

const SOFTWARE: readonly BlockSpec[] = [
  FSL_PAMU_DOMAIN,
  IDXD_VECTOR,
  IMS_IRQCHIP,
  IOASID,
  IOMMUFD,
  IOMMU_CORE,
  IRQ_DOMAINS,
  IRQ_MSI,
  MSI_COOKIE,
  QEMU_MSIX,
  RESERVED_IOVA,
  RESERVED_REGIONS,
  VFIO_IMS,
  VFIO_IOVA,
  VFIO_PAMU,
  VFIO_PAMU_2013,
  VFIO_PAMU_DEVICE,
  VFIO_PAMU_GROUP,
  VFIO_TYPE1,
  VFIO_TYPE1_REGIONS,
  VIDXD,
]

export const BLOCKS: ReadonlyMap<string, BlockSpec> = new Map([...HARDWARE, ...SOFTWARE].map((s) => [s.block, s]))
assert(BLOCKS.size === HARDWARE.length + SOFTWARE.length, 'two blocks have the same kind')
