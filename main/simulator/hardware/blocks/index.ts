/** The built-in hardware, one block a file. */
import type { BlockSpec } from '../block'
import { COHERENT_MEMORY } from './coherent-memory'

export const HARDWARE: readonly BlockSpec[] = [COHERENT_MEMORY]
