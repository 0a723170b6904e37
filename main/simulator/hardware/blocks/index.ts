/** The built-in hardware, one block a file. */
import type { BlockSpec } from '../block'
import { COHERENT_MEMORY } from './coherent-memory'
import { GICV2M } from './gicv2m'
import { GICV3_ITS } from './gicv3-its'
import { MSI_CAPABILITY } from './msi-capability'
import { MSIX_TABLE } from './msix-table'
import { PCIE_LINK } from './pcie-link'
import { SMMU } from './smmu'
import { X86_MSI_WINDOW } from './x86-msi-window'

export const HARDWARE: readonly BlockSpec[] = [
  COHERENT_MEMORY,
  GICV2M,
  GICV3_ITS,
  MSI_CAPABILITY,
  MSIX_TABLE,
  PCIE_LINK,
  SMMU,
  X86_MSI_WINDOW,
]
