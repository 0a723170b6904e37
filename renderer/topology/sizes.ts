/** How large the cards are, and where they stand: what every layout speaks of. */
import type { GraphNode } from '../model/topology'

export interface Size {
  width: number
  height: number
}
export type Places = Map<string, { x: number; y: number }>

export const CARD_HEIGHT = 44
export const SIZES: Record<GraphNode['kind'], Size> = {
  msi: { width: 172, height: CARD_HEIGHT },
  iommu: { width: 172, height: CARD_HEIGHT },
  root: { width: 132, height: CARD_HEIGHT },
  bridge: { width: 176, height: CARD_HEIGHT },
  function: { width: 208, height: CARD_HEIGHT },
  many: { width: 208, height: CARD_HEIGHT },
  vdev: { width: 204, height: CARD_HEIGHT },
}
