import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomModel } from '../../../test/support/random-model'
import { constant, DivisionByZero, evaluate, variable, binary, type Expr } from './expr'
import type { Model } from './model'
import { Sharing } from './share'

const expressionsOf = (model: Model): Expr[] => [
  ...model.steps.flatMap((s) => [...(s.when ? [s.when] : []), ...s.set.map((a) => a.value)]),
  ...model.properties.map((p) => p.test),
]
const value = (e: Expr, state: readonly number[]): number | string => {
  try {
    return evaluate(e, (v) => state[v] ?? 0)
  } catch (x) {
    if (x instanceof DivisionByZero) return 'division by zero'
    throw x
  }
}

describe('shared expressions', () => {
  it('mean what they meant, and are one object where they are written alike', () => {
    fc.assert(
      fc.property(randomModel, fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 12 }), (model, state) => {
        const sharing = new Sharing()
        for (const e of expressionsOf(model)) {
          const shared = sharing.share(e)
          expect(value(shared, state)).toBe(value(e, state))
          expect(sharing.share(structuredClone(e))).toBe(shared)
          expect(sharing.share(shared)).toBe(shared)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('tell apart what differs by an operator, an order, a sign or a place', () => {
    const [a, b] = [variable(1), variable(2)]
    const different: Expr[] = [
      binary('-', a, b),
      binary('-', b, a),
      { k: 'un', op: '-', a },
      { k: 'un', op: '!', a },
      constant(1),
      constant(-1),
      a,
      { k: 'if', c: a, a: b, b: a },
      { k: 'if', c: a, a, b },
      { k: 'if', c: b, a, b: a },
    ]
    const sharing = new Sharing()
    expect(new Set(different.map((e) => sharing.share(e))).size).toBe(different.length)
  })
})
