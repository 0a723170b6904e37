/** The built-in hardware, one block a file. */
import type { BlockSpec } from '../block'
import { DSA } from './dsa'
import { QUEUE_IMS } from './queue-ims'

export const HARDWARE: readonly BlockSpec[] = [DSA, QUEUE_IMS]
