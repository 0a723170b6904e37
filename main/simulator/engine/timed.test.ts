import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { naiveTimedRun } from '../../../test/support/naive-timed'
import { timedModel, chains } from '../../../test/support/timed-model'
import { compile } from '../model/compile'
import { timedRun } from './timed'

const seed = fc.nat({ max: 0xffffffff })

describe('a run in time', () => {
  it('is the one that looking at everything anew after each step gives, on random models with random latencies', () => {
    fc.assert(
      fc.property(timedModel, seed, (model, n) => {
        const program = compile(model)
        expect(timedRun(program, n, 60)).toEqual(naiveTimedRun(program, n, 60))
      }),
      { numRuns: 300 },
    )
  }, 60_000)

  it('is so with a wheel, too: with more agents than a heap is used for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 64, max: 90 }), seed, (n, s) => {
        const program = compile(chains(n, [1, 3000]))
        expect(timedRun(program, s, 300)).toEqual(naiveTimedRun(program, s, 300))
      }),
      { numRuns: 5 },
    )
  }, 60_000)

  it('can have latencies beyond 32 bits', () => {
    const program = compile(chains(2, [0, 5_000_000_000]))
    const run = timedRun(program, 3, 50)
    expect(run.times).toEqual(naiveTimedRun(program, 3, 50).times)
    expect(run.times.at(-1)).toBeGreaterThan(2 ** 32)
  })
})
