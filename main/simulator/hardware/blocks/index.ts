/** The built-in hardware, one block a file. */
import type { BlockSpec } from '../block'
import { COHERENT_MEMORY } from './coherent-memory'
import { TRANSLATION_UNIT } from './translation-unit'

export const HARDWARE: readonly BlockSpec[] = [COHERENT_MEMORY, TRANSLATION_UNIT]
