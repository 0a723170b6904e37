import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layFields, packed, Relaid, unpack } from './fields'

describe('states whose components get other places', () => {
  it('mean afterwards what they meant before, in whatever order they are asked', () => {
    const component = fc.record({ most: fc.integer({ min: 1, max: 9 }), more: fc.nat({ max: 9 }) })
    fc.assert(
      fc.property(fc.array(component, { minLength: 1, maxLength: 5 }), fc.array(fc.nat()), (components, picks) => {
        const old = layFields(components.map((c) => c.most))
        const fields = layFields(components.map((c) => c.most + c.more))
        const again = new Relaid(old, fields)
        const ids = new Int32Array(components.length)
        for (const key of picks.map((p) => p % old.end)) {
          unpack(old, key, ids)
          expect(again.of(key)).toBe(packed(fields, ids))
        }
      }),
    )
  })
})
