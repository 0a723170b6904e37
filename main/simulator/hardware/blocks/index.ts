/** The built-in hardware, one block a file. */
import type { BlockSpec } from '../block'

export const HARDWARE: readonly BlockSpec[] = []
