/**
 * What a model's symmetry does to its steps: an exchange of instances turns each step into another. What is said of one
 * step, or of the order of two, can so be said of all that are alike.
 */
import { assert } from '../faults'
import type { Model } from '../model/model'
import type { Renaming } from '../model/symmetry'
import { stepKey } from './questions'

export class AlikeSteps {
  /** For each exchange, the image of each step; −1 where there is none, which a checked symmetry does not have. */
  private readonly images: readonly Int32Array[]

  constructor(model: Model, exchanges: readonly Renaming[]) {
    const numbers = new Map(
      exchanges.length === 0 ? [] : model.steps.map((_, s) => [stepKey(model, s, (v) => v), s] as const),
    )
    this.images = exchanges.map((image) =>
      Int32Array.from(model.steps, (_, s) => numbers.get(stepKey(model, s, (v) => image[v] ?? v)) ?? -1),
    )
  }

  /** All tuples that exchanges turn this one into, itself first; null where there are more than `most`. */
  of(tuple: readonly number[], most: number): readonly (readonly number[])[] | null {
    const seen = new Map([[tuple.join(' '), tuple]])
    for (const t of seen.values())
      for (const image of this.images) {
        const other = t.map((s) => image[s] ?? -1)
        if (other.includes(-1)) continue
        seen.set(other.join(' '), other)
        if (seen.size > most) return null
      }
    return [...seen.values()]
  }

  /** One step of each class has been marked: whether that can be said of every step. */
  spread(marked: Uint8Array): Uint8Array {
    const out = marked.slice()
    const open = [...marked.keys()].filter((s) => marked[s] === 1)
    for (let s = open.pop(); s !== undefined; s = open.pop())
      for (const image of this.images) {
        const other = image[s]
        assert(other !== undefined, 'image of a step')
        if (other < 0 || out[other] === 1) continue
        out[other] = 1
        open.push(other)
      }
    return out
  }
}
