/** The built-in hardware, one block a file. */
import type { BlockSpec } from '../block'
import { COHERENT_MEMORY } from './coherent-memory'
import { PCIE_LINK } from './pcie-link'
import { TRANSLATION_UNIT } from './translation-unit'

export const HARDWARE: readonly BlockSpec[] = [COHERENT_MEMORY, PCIE_LINK, TRANSLATION_UNIT]
