import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomBoard } from '../../../test/support/random-board'
import type { Platform } from '../platform/schema'
import { planPlatform } from './plan'
import { policyFor } from './policies/proposals'

const slots = fc.array(fc.nat({ max: 0xffff }), { maxLength: 10 })

function groups(platform: Platform): string[][] {
  const policy = policyFor('6.12')
  if (!policy) throw new Error('policy')
  return planPlatform(platform, policy).groups.map((g) => g.members.map((m) => m.fn.bdf))
}

const ACS = { cap: 0x1f, ctrl: 0x1d }

describe('groups of any tree', () => {
  it('are a partition of all functions that a unit serves', () => {
    fc.assert(
      fc.property(slots, (s) => {
        const p = randomBoard({ slots: s })
        const all = groups(p).flat()
        expect(new Set(all).size).toBe(all.length)
        expect([...all].sort()).toEqual(p.functions.map((f) => f.bdf).sort())
      }),
    )
  })

  it('do not depend on bus numbers', () => {
    fc.assert(
      fc.property(slots, fc.integer({ min: 1, max: 40 }), (s, shift) => {
        const [a, b] = [randomBoard({ slots: s }), randomBoard({ slots: s }, shift)]
        const index = (p: Platform) =>
          groups(p)
            .map((g) =>
              g
                .map((bdf) => p.functions.findIndex((f) => f.bdf === bdf))
                .sort((x, y) => x - y)
                .join(),
            )
            .sort()
        expect(index(b)).toEqual(index(a))
      }),
    )
  })

  it('are never merged by adding ACS to a port or function', () => {
    fc.assert(
      fc.property(slots, fc.nat(), (s, pick) => {
        const p = randomBoard({ slots: s })
        fc.pre(p.functions.length > 0)
        const chosen = p.functions[pick % p.functions.length]
        const more = { ...p, functions: p.functions.map((f) => (f === chosen && f.express ? { ...f, acs: ACS } : f)) }
        const of = (list: string[][]) => new Map(list.flatMap((g, i) => g.map((d) => [d, i] as const)))
        const before = of(groups(p))
        for (const g of groups(more)) expect(new Set(g.map((d) => before.get(d))).size).toBe(1)
      }),
      { numRuns: 300 },
    )
  })

  it('come with what would separate each function that joined another', () => {
    fc.assert(
      fc.property(slots, (s) => {
        const policy = policyFor('6.12')
        if (!policy) throw new Error('policy')
        for (const g of planPlatform(randomBoard({ slots: s }), policy).groups) {
          expect(g.because.length).toBe(g.members.length - 1)
          for (const reason of g.because) expect(reason.apart ?? '').not.toBe('')
        }
      }),
    )
  })
})
