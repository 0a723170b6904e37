/** The built-in hardware, one block a file. */
import type { BlockSpec } from '../block'
import { COHERENT_MEMORY } from './coherent-memory'
import { DSA } from './dsa'
import { MPIC_MSI } from './mpic-msi'
import { PAMU } from './pamu'
import { PAMU_ENDPOINT } from './pamu-endpoint'
import { PCIE_LINK } from './pcie-link'
import { QUEUE_IMS } from './queue-ims'
import { TRANSLATION_UNIT } from './translation-unit'

export const HARDWARE: readonly BlockSpec[] = [
  COHERENT_MEMORY,
  DSA,
  MPIC_MSI,
  PAMU,
  PAMU_ENDPOINT,
  PCIE_LINK,
  QUEUE_IMS,
  TRANSLATION_UNIT,
]
