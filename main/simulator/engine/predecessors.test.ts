import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomModel } from '../../../test/support/random-model'
import { predecessors } from './predecessors'
import { BROKEN, ComponentSpace } from './space'

describe('states that may lead to a state', () => {
  it('have among them every state that does, in random models', () => {
    let asked = 0
    fc.assert(
      fc.property(randomModel, fc.array(fc.nat(), { maxLength: 30 }), (model, picks) => {
        const space = new ComponentSpace(model)
        let here = space.initial()
        for (const pick of picks) {
          const steps: number[] = []
          space.expand(here, (s, how) => how !== BROKEN && steps.push(s))
          const step = steps[pick % steps.length]
          const next = new Int32Array(space.size)
          if (step === undefined || !space.take(step, here, next)) break
          const before = new Set<string>()
          const all = predecessors(space, next, (ids) => before.add(ids.join()))
          expect(all).toBe(true)
          expect(before).toContain(here.join())
          asked++
          here = next
        }
      }),
    )
    expect(asked).toBeGreaterThan(40)
  })
})
