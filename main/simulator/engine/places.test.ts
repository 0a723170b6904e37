import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyBits } from './key-bits'
import { densePlaces, firstPlaces, moreDensePlaces, morePlaces } from './places'

const grown = fc.array(fc.record({ first: fc.integer({ min: 1, max: 60 }), more: fc.nat({ max: 60 }) }), {
  minLength: 1,
  maxLength: 5,
})

describe('places for configurations', () => {
  it('are there for every one that is known, and are never taken away', () => {
    fc.assert(
      fc.property(grown, fc.nat({ max: 1e7 }), (components, states) => {
        const before = components.map((c) => c.first)
        const after = components.map((c) => c.first + c.more)
        const first = firstPlaces(before)
        const dense = densePlaces(before, states)
        const later = [morePlaces(first, after), dense && moreDensePlaces(dense, after, states)]
        for (const [old, fields] of [first, dense].map((f, i) => [f, later[i]] as const))
          fields?.most.forEach((most, c) => {
            expect(most).toBeGreaterThanOrEqual(after[c] ?? 0)
            expect(most).toBeGreaterThanOrEqual(old?.most[c] ?? 0)
          })
      }),
    )
  })

  it('take no more than seven bytes a state where they are a bit each, or forty of what is small anyhow', () => {
    fc.assert(
      fc.property(grown, fc.integer({ min: 1, max: 1e7 }), (components, states) => {
        const fields = densePlaces(
          components.map((c) => c.first),
          states,
        )
        if (!fields) return
        const bytes = KeyBits.bytesFor(fields.end)
        expect(bytes / states).toBeLessThanOrEqual(bytes <= 2 ** 25 ? 40 : 7)
      }),
    )
  })

  it('of the last component leave every number as it is when it alone needs more', () => {
    const old = densePlaces([20, 20, 3], 100_000)
    expect(old && moreDensePlaces(old, [20, 20, 9], 100_000)?.unit).toEqual(old?.unit)
  })
})
