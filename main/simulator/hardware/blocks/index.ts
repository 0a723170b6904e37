/** The built-in hardware, one block a file. */
import type { BlockSpec } from '../block'
import { AMDVI_UNIT } from './amdvi-unit'
import { COHERENT_MEMORY } from './coherent-memory'
import { DSA } from './dsa'
import { GICV2M } from './gicv2m'
import { GICV3_ITS } from './gicv3-its'
import { MPIC_MSI } from './mpic-msi'
import { MSI_CAPABILITY } from './msi-capability'
import { MSIX_TABLE } from './msix-table'
import { PAMU } from './pamu'
import { PAMU_ENDPOINT } from './pamu-endpoint'
import { PCI_FUNCTION } from './pci-function'
import { PCIE_LINK } from './pcie-link'
import { QUEUE_IMS } from './queue-ims'
import { SMMU } from './smmu'
import { SMMUV3_STREAM } from './smmuv3-stream'
import { TRANSLATION_UNIT } from './translation-unit'
import { VTD_CONTEXT } from './vtd-context'
import { VTD_IRTE } from './vtd-irte'
import { VTD_PAGE_REQUESTS } from './vtd-page-requests'
import { VTD_PASID } from './vtd-pasid'
import { VTD_POSTED_DESCRIPTOR } from './vtd-posted-descriptor'
import { VTD_UNIT } from './vtd-unit'
import { X86_MSI_WINDOW } from './x86-msi-window'

export const HARDWARE: readonly BlockSpec[] = [
  AMDVI_UNIT,
  COHERENT_MEMORY,
  DSA,
  GICV2M,
  GICV3_ITS,
  MPIC_MSI,
  MSIX_TABLE,
  MSI_CAPABILITY,
  PAMU,
  PAMU_ENDPOINT,
  PCIE_LINK,
  PCI_FUNCTION,
  QUEUE_IMS,
  SMMU,
  SMMUV3_STREAM,
  TRANSLATION_UNIT,
  VTD_CONTEXT,
  VTD_IRTE,
  VTD_PAGE_REQUESTS,
  VTD_PASID,
  VTD_POSTED_DESCRIPTOR,
  VTD_UNIT,
  X86_MSI_WINDOW,
]
