/** The built-in hardware, one block a file. */
import type { BlockSpec } from '../block'
import { COHERENT_MEMORY } from './coherent-memory'
import { DSA } from './dsa'
import { PCIE_LINK } from './pcie-link'
import { QUEUE_IMS } from './queue-ims'

export const HARDWARE: readonly BlockSpec[] = [COHERENT_MEMORY, DSA, PCIE_LINK, QUEUE_IMS]
