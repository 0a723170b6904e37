import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomModel } from '../../../test/support/random-model'
import { compile } from '../model/compile'
import type { Model } from '../model/model'
import { explore as naive } from '../model/naive'
import { actionsOf, withOrderings } from '../model/orderings'
import { explore } from './explore'
import { follow } from './path'
import { rearranged } from './rearrange'

const LIMIT = 2000

/** Shortest runs that the explorer has found, without those that leave a domain. */
function runsOf(model: Model): (readonly number[])[] {
  const program = compile(model)
  return explore(program).findings.flatMap((f) => {
    const path = f.choices && follow(program, f.choices)
    return path && !('at' in path) && !path.outOfRange ? [path.steps] : []
  })
}

describe('a run in another order', () => {
  it('is the run itself where nothing has to change', () => {
    fc.assert(
      fc.property(randomModel, (model) => {
        fc.pre(naive(model, LIMIT).states <= LIMIT)
        for (const run of runsOf(model)) {
          const program = compile(model)
          const { choices, left } = rearranged(program, run, LIMIT)
          const path = follow(program, choices)
          expect(left).toEqual([])
          expect('at' in path ? null : path.steps).toEqual(run)
        }
      }),
      { numRuns: 150 },
    )
  }, 60_000)

  it('keeps an added ordering, takes every step of the given run that it does not leave, and no more than it says', () => {
    let turned = 0
    fc.assert(
      fc.property(randomModel, fc.nat(), (model, pick) => {
        fc.pre(naive(model, LIMIT).states <= LIMIT)
        const actions = actionsOf(model, () => false)
        for (const run of runsOf(model)) {
          const at = (steps: readonly number[]): number => run.findIndex((s) => steps.includes(s))
          // What this run breaks.
          const broken = actions.flatMap((before) =>
            actions.flatMap((after) =>
              before.agent !== after.agent &&
              at(after.steps) >= 0 &&
              (at(before.steps) < 0 || at(before.steps) > at(after.steps))
                ? [{ before, after }]
                : [],
            ),
          )
          const edge = broken[pick % Math.max(1, broken.length)]
          if (!edge) continue
          const program = compile(withOrderings(model, [edge]))
          const { choices, left } = rearranged(program, run, LIMIT)
          const path = follow(program, choices)
          if ('at' in path) throw new Error('the run can be followed')
          const first = path.steps.findIndex((s) => edge.before.steps.includes(s))
          const then = path.steps.findIndex((s) => edge.after.steps.includes(s))
          if (then >= 0) expect(first).toBeGreaterThanOrEqual(0)
          if (then >= 0) expect(first).toBeLessThan(then)
          if (then >= 0) turned++
          const rest = [...path.steps]
          for (const s of run) {
            const i = rest.indexOf(s)
            if (i >= 0) rest.splice(i, 1)
            else expect(left).toContain(s)
          }
        }
      }),
      { numRuns: 150 },
    )
    expect(turned).toBeGreaterThan(5)
  }, 60_000)

  it('gives up looking at its bound', () => {
    fc.assert(
      fc.property(randomModel, (model) => {
        fc.pre(naive(model, LIMIT).states <= LIMIT)
        const program = compile(model)
        const never = model.steps.length
        expect(rearranged(program, [never], 3)).toEqual({ choices: [], left: [never] })
      }),
      { numRuns: 20 },
    )
  })
})
