import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compile } from '../model/compile'
import type { Model } from '../model/model'
import { explore as naive } from '../model/naive'
import { randomModel } from '../../../test/support/random-model'
import { explore, Explorer } from './explore'
import { follow } from './path'
import { choiceToken, parseToken, replayChoices } from './token'

const LIMIT = 3000

describe('the explorer on packed states', () => {
  it('finds the same graph, the same verdicts and the same shortest lengths as the naive interpreter', () => {
    fc.assert(
      fc.property(randomModel, (model) => {
        const slow = naive(model, LIMIT)
        fc.pre(slow.states <= LIMIT)
        const fast = explore(compile(model))
        expect(fast.complete).toBe(true)
        expect([fast.states, fast.transitions, fast.endStates]).toEqual([slow.states, slow.transitions, slow.endStates])
        expect(fast.findings.map((f) => f.choices?.length)).toEqual(slow.lengths)
      }),
      { numRuns: 1000 },
    )
  }, 60_000)

  it('gives runs that can be followed and replayed from a token of at most 200 characters', () => {
    fc.assert(
      fc.property(randomModel, (model) => {
        fc.pre(naive(model, LIMIT).states <= LIMIT)
        const program = compile(model)
        for (const f of explore(program).findings) {
          if (!f.choices) continue
          const path = follow(program, f.choices)
          if ('at' in path) throw new Error('the run cannot be followed')
          const token = choiceToken({ digest: '0123456789abcdef', scale: '' }, path)
          expect(token?.length).toBeLessThanOrEqual(200)
          const parsed = parseToken(token ?? '')
          if (!parsed.ok || parsed.value.k !== 'choices') throw new Error('the token cannot be read')
          expect(replayChoices(program, parsed.value)).toMatchObject({ ok: true, value: { steps: path.steps } })
        }
      }),
      { numRuns: 200 },
    )
  })

  it('finds the same runs whether the levels were kept or had to be gone through again', () => {
    fc.assert(
      fc.property(randomModel, (model) => {
        fc.pre(naive(model, LIMIT).states <= LIMIT)
        // Where memory is bounded no levels are kept.
        const { bytesPerState: _kept, ...kept } = explore(compile(model))
        const { bytesPerState: _again, ...again } = explore(compile(model), { maxBytes: 2 ** 40 })
        expect(again).toEqual(kept)
      }),
      { numRuns: 200 },
    )
  })

  it('does not depend on how its work is cut into slices', () => {
    fc.assert(
      fc.property(randomModel, fc.nat({ max: 3 }), (model, every) => {
        fc.pre(naive(model, LIMIT).states <= LIMIT)
        const sliced = new Explorer(compile(model))
        let n = 0
        while (!sliced.advance(() => n++ % (every + 1) === 0));
        expect(sliced.result()).toEqual(explore(compile(model)))
      }),
      { numRuns: 100 },
    )
  })

  it('says undecided, and never stores more, when it is bounded', () => {
    fc.assert(
      fc.property(randomModel, fc.integer({ min: 1, max: 40 }), (model, bound) => {
        const slow = naive(model, LIMIT)
        fc.pre(slow.states <= LIMIT)
        const e = explore(compile(model), { maxStates: bound })
        expect(e.states).toBeLessThanOrEqual(Math.max(1, bound))
        expect(e.complete).toBe(slow.states <= bound)
        if (!e.complete) for (const f of e.findings) expect(['violated', 'witnessed', 'undecided']).toContain(f.verdict)
      }),
      { numRuns: 300 },
    )
  })

  it('stops when it is cancelled and says what it covered', () => {
    const explorer = new Explorer(compile(counters(4, 12)))
    explorer.advance(() => true)
    explorer.cancel()
    expect(explorer.advance(() => false)).toBe(true)
    const r = explorer.result()
    expect(r).toMatchObject({ complete: false, stopped: 'cancelled' })
    expect(r.states).toBeGreaterThan(0)
    expect(r.states).toBeLessThan(13 ** 4)
  })

  it('stores states exactly, also when there are many segments of them', () => {
    const r = explore(compile(counters(5, 12)))
    expect(r).toMatchObject({ complete: true, states: 13 ** 5, transitions: 5 * 12 * 13 ** 4 })
  })
})

/** `agents` independent counters up to `top`: (top + 1)^agents states. */
function counters(agents: number, top: number): Model {
  const variables = Array.from({ length: agents }, (_, i) => ({
    name: `A${i}.location`,
    domain: { k: 'range' as const, lo: 0, hi: top },
    initial: 0,
    register: '',
    field: '',
    control: true,
  }))
  return {
    name: 'counters',
    names: [],
    variables,
    properties: [],
    agents: variables.map((_v, i) => ({ id: `A${i}`, title: '', role: 'other', location: i })),
    steps: variables.flatMap((_, a) =>
      Array.from({ length: top }, (_x, from) => ({
        id: `s${a}_${from}`,
        agent: a,
        from,
        to: from + 1,
        when: null,
        set: [],
        op: '',
        label: '',
        cite: '',
        latency: [1, 1] as const,
      })),
    ),
  }
}
