import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomModel } from '../../../test/support/random-model'
import { compile } from '../model/compile'
import { explore as naive } from '../model/naive'
import { explore } from './explore'

const LIMIT = 3000

describe('the reduced explorer', () => {
  it('gives the same verdicts and the same shortest lengths as the naive interpreter', () => {
    fc.assert(
      fc.property(randomModel, (model) => {
        const slow = naive(model, LIMIT)
        fc.pre(slow.states <= LIMIT)
        const fast = explore(compile(model), { reduce: true, symmetry: true })
        expect(fast.complete).toBe(true)
        expect(fast.findings.map((f) => f.choices?.length)).toEqual(slow.lengths)
      }),
      { numRuns: 1000 },
    )
  }, 60_000)
})
