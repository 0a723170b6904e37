/** The built-in hardware, one block a file. */
import type { BlockSpec } from '../block'
import { COHERENT_MEMORY } from './coherent-memory'
import { MPIC_MSI } from './mpic-msi'
import { PAMU } from './pamu'
import { PAMU_ENDPOINT } from './pamu-endpoint'
import { PCIE_LINK } from './pcie-link'

export const HARDWARE: readonly BlockSpec[] = [COHERENT_MEMORY, MPIC_MSI, PAMU, PAMU_ENDPOINT, PCIE_LINK]
