/** The built-in hardware, one block a file. */
import type { BlockSpec } from '../block'
import { COHERENT_MEMORY } from './coherent-memory'
import { PCIE_LINK } from './pcie-link'

export const HARDWARE: readonly BlockSpec[] = [COHERENT_MEMORY, PCIE_LINK]
