/** The questions, answered with their hops and the smallest change that would let a refused one through. */
import { dmaPath, type DmaQuestion } from './dma/explain'
import { smallestChange } from './fix'
import type { Path } from './hop'
import { msiPath } from './msi/explain'
import type { Situation } from './situation'
import { slotChanges, slotPath, type Work } from './slot'

export interface Explained extends Path {
  readonly fix?: string
}

export function explainMsi(situation: Situation, vector: number): Explained {
  const path = msiPath(situation, vector)
  if (path.accepted) return path
  const fix = smallestChange(situation, {}, (changed) => msiPath(changed, vector))
  return { ...path, ...(fix === undefined ? {} : { fix }) }
}

export function explainDma(situation: Situation, question: DmaQuestion): Explained {
  const path = dmaPath(situation, question)
  if (path.accepted) return path
  const { iova, pasid } = question
  const fix = smallestChange(situation, { iova, pasid }, (changed, at) =>
    dmaPath(changed, { ...question, iova: at ?? iova }),
  )
  return { ...path, ...(fix === undefined ? {} : { fix }) }
}

/** A message out of the device's own store, in one state of a scenario. */
export function explainSlot(situation: Situation, work: Work): Explained {
  const path = slotPath(situation, work)
  if (path.accepted) return path
  for (const change of slotChanges(work))
    if (slotPath(situation, change.work).accepted) return { ...path, fix: change.words }
  const fix = smallestChange(situation, {}, (changed) => slotPath(changed, work))
  return { ...path, ...(fix === undefined ? {} : { fix }) }
}
