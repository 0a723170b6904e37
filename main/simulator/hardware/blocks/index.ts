/** The built-in hardware, one block a file. */
import type { BlockSpec } from '../block'
import { PCI_FUNCTION } from './pci-function'
import { VTD_CONTEXT } from './vtd-context'
import { VTD_IRTE } from './vtd-irte'
import { VTD_PAGE_REQUESTS } from './vtd-page-requests'
import { VTD_PASID } from './vtd-pasid'
import { VTD_POSTED_DESCRIPTOR } from './vtd-posted-descriptor'
import { VTD_UNIT } from './vtd-unit'

export const HARDWARE: readonly BlockSpec[] = [
  PCI_FUNCTION,
  VTD_CONTEXT,
  VTD_IRTE,
  VTD_PAGE_REQUESTS,
  VTD_PASID,
  VTD_POSTED_DESCRIPTOR,
  VTD_UNIT,
]
