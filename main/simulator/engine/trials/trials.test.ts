import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { naiveTimedRun } from '../../../../test/support/naive-timed'
import { chains, timedModel } from '../../../../test/support/timed-model'
import { compile } from '../../model/compile'
import type { Model } from '../../model/model'
import { enabledAt } from '../path'
import { seedOf, Trials } from './trials'

const seed = fc.nat({ max: 0xffffffff })
const MAX = 40

/** What a trial must say, from the run by the book. */
function expected(model: Model, n: number) {
  const program = compile(model)
  const run = naiveTimedRun(program, n, MAX)
  const last = run.states.at(-1) ?? program.initial
  const ended = !run.outOfRange && !run.cut && enabledAt(program, last).length === 0
  const after = run.outOfRange ? run.states.slice(1, -1) : run.states.slice(1)
  const hits = model.properties.map((p, i) => {
    if (p.kind === 'range') return run.outOfRange
    if (p.kind === 'always') return after.some((s) => !program.test(i, s, 0))
    if (p.kind === 'end' || p.kind === 'complete' || p.kind === 'deadlock') return ended && !program.test(i, last, 0)
    return after.some((s) => program.test(i, s, 0))
  })
  const taken = model.steps.map((_, i) => run.times[run.steps.indexOf(i)] ?? -1)
  return { hits, taken, cut: run.cut && !run.outOfRange }
}

function said(trials: Trials, model: Model, n: number) {
  const cut = trials.run(n)
  return { hits: model.properties.map((_, i) => trials.hit(i)), taken: [...trials.taken], cut }
}

describe('a trial', () => {
  it('violates what the timed run of its seed violates, in straight code and in the engine, on random models', () => {
    let straight = 0
    fc.assert(
      fc.property(timedModel, fc.array(seed, { minLength: 1, maxLength: 5 }), (model, seeds) => {
        const code = new Trials(model, { maxSteps: MAX, record: true })
        const engine = new Trials(model, { maxSteps: MAX, record: true, engineOnly: true })
        const bare = new Trials(model, { maxSteps: MAX })
        if (code.straight) straight++
        for (const n of seeds) {
          const should = expected(model, n)
          expect(said(code, model, n)).toEqual(should)
          expect(said(engine, model, n)).toEqual(should)
          expect([...code.drawn]).toEqual([...engine.drawn])
          bare.run(n)
          expect(bare.hits).toEqual(code.hits)
        }
      }),
      { numRuns: 200 },
    )
    expect(straight).toBeGreaterThan(150)
  }, 60_000)

  it('is run by the engine where its times outgrow a word, or its model one function', () => {
    const long = chains(2, [100_000_000, 200_000_000])
    expect(new Trials(long).straight).toBe(true)
    const trials = new Trials(long, { maxSteps: 20, record: true })
    trials.run(5)
    expect([...trials.taken]).toEqual(expected(long, 5).taken)
    expect(new Trials(chains(100, [1, 2])).straight).toBe(false)
  })
})

describe('the seeds of trials', () => {
  it('are all different', () => {
    const seeds = new Set(Array.from({ length: 100_000 }, (_, k) => seedOf(7, k)))
    expect(seeds.size).toBe(100_000)
    expect(seedOf(8, 0)).not.toBe(seedOf(7, 0))
  })
})
