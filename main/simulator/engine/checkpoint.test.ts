import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomModel } from '../../../test/support/random-model'
import { compile, type Program } from '../model/compile'
import { explore as naive } from '../model/naive'
import { Explorer, type Exploration, type ExploreOptions } from './explore'
import type { Piece } from './pieces'

const LIMIT = 3000

/** Without what memory tables were taken, which is a matter of when they were filled. */
const figures = ({ bytesPerState: _bytes, ...rest }: Exploration): Omit<Exploration, 'bytesPerState'> => rest

/** As from a file: no array is shared with the exploration that wrote it. */
const copied = (pieces: readonly Piece[]): Piece[] => pieces.map((p) => p.slice())

function inOneGo(program: Program, options: ExploreOptions): Omit<Exploration, 'bytesPerState'> {
  const e = new Explorer(program, options)
  e.advance(() => false)
  return figures(e.result())
}

/** Explored to the end, put aside and taken up again after every so many slices. */
function inPieces(program: Program, options: ExploreOptions, slices: readonly number[], cancel: boolean) {
  let aside: Piece[] | undefined
  for (let turn = 0; ; turn++) {
    const e = new Explorer(program, options)
    if (aside) expect(e.resume(aside)).toBe(true)
    let left = slices[turn] ?? Infinity
    if (e.advance(() => left-- <= 0)) return figures(e.result())
    if (cancel) {
      e.cancel()
      e.advance(() => false)
    }
    aside = copied(e.save())
  }
}

const options = fc.record({
  reduce: fc.boolean(),
  symmetry: fc.boolean(),
  small: fc.constantFrom(0, 20, 1000),
})

describe('an exploration that is put aside', () => {
  it('ends as it would have ended in one go, wherever a bound on states stopped it', () => {
    fc.assert(
      fc.property(
        randomModel,
        options,
        fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 4 }),
        (model, how, steps) => {
          fc.pre(naive(model, LIMIT).states <= LIMIT)
          const program = compile(model)
          let aside: Piece[] | undefined
          let bound = 0
          for (const more of [...steps, undefined]) {
            bound += more ?? 0
            const e = new Explorer(program, more === undefined ? how : { ...how, maxStates: bound })
            if (aside) expect(e.resume(aside)).toBe(true)
            e.advance(() => false)
            const r = e.result()
            if (r.complete) {
              expect(figures(r)).toEqual(inOneGo(program, how))
              return
            }
            expect(r.states).toBeLessThanOrEqual(bound)
            aside = copied(e.save())
          }
          expect.unreachable()
        },
      ),
      { numRuns: 400 },
    )
  }, 60_000)

  it('ends as it would have ended in one go, wherever it was cancelled or simply left', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 4 }),
        fc.integer({ min: 5, max: 8 }),
        options,
        fc.array(fc.nat({ max: 40 }), { maxLength: 5 }),
        fc.boolean(),
        (agents, top, how, slices, cancel) => {
          const program = compile(rising(agents, top))
          expect(inPieces(program, how, slices, cancel)).toEqual(inOneGo(program, how))
        },
      ),
      { numRuns: 25 },
    )
  }, 180_000)

  it('is not taken up by a program that it does not belong to, nor when it is damaged', () => {
    const e = new Explorer(compile(rising(4, 9)), { reduce: false })
    e.advance(() => true)
    const pieces = e.save()
    expect(new Explorer(compile(rising(3, 9)), { reduce: false }).resume(pieces)).toBe(false)
    for (let i = 0; i < pieces.length; i++)
      expect(new Explorer(compile(rising(4, 9)), { reduce: false }).resume(pieces.filter((_, k) => k !== i))).toBe(
        false,
      )
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer(), (which, at, value) => {
        const other = copied(pieces)
        const p = other[which % other.length]
        if (p && p.length > 0) p[at % p.length] = value
        const again = new Explorer(compile(rising(4, 9)), { reduce: false })
        // It may be another state of affairs, but never one that it falls over.
        if (again.resume(other)) again.advance(() => again.progress().states > 20_000)
      }),
      { numRuns: 100 },
    )
  }, 60_000)
})

/** Counters that rise together, at most two apart from the first; the last state is to be found. */
function rising(agents: number, top: number): Parameters<typeof compile>[0] {
  const location = (i: number) => ({ k: 'var' as const, variable: i })
  const apart = { k: 'const' as const, value: 2 }
  return {
    name: 'rising',
    names: [],
    variables: Array.from({ length: agents }, (_, i) => ({
      name: `A${i}`,
      domain: { k: 'range' as const, lo: 0, hi: top },
      initial: 0,
      register: '',
      field: '',
      control: true,
    })),
    agents: Array.from({ length: agents }, (_, i) => ({ id: `A${i}`, title: '', role: 'other' as const, location: i })),
    steps: Array.from({ length: agents * top }, (_, s) => {
      const agent = Math.floor(s / top)
      const from = s % top
      return {
        id: `s${s}`,
        agent,
        from,
        to: from + 1,
        when:
          agent === 0
            ? null
            : {
                k: 'bin' as const,
                op: '<=' as const,
                a: { k: 'const' as const, value: from },
                b: { k: 'bin' as const, op: '+' as const, a: location(0), b: apart },
              },
        set: [],
        op: '',
        label: '',
        cite: '',
        latency: [1, 1] as const,
      }
    }),
    properties: [
      {
        name: 'top',
        title: '',
        kind: 'never' as const,
        text: '',
        test: {
          k: 'bin' as const,
          op: '==' as const,
          a: { k: 'bin' as const, op: '+' as const, a: location(1), b: location(agents - 1) },
          b: { k: 'const' as const, value: 2 * top },
        },
      },
      { name: 'end', title: '', kind: 'end' as const, text: '', test: { k: 'const' as const, value: 0 } },
    ],
  }
}
