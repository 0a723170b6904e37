import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freshOf, keysOf } from '../../../test/support/key-lists'
import { KeyBits } from './key-bits'

describe('a set of keys that lie close together', () => {
  it('holds what a set holds, never more than it may, and is taken up again as it was', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.array(fc.nat({ max: 2999 }), { maxLength: 300 }),
        fc.integer({ min: 1, max: 200 }),
        (end, list, most) => {
          const bits = new KeyBits(end)
          const set = new Set<number>()
          for (const key of list.map((k) => k % end)) {
            const expected = set.has(key) ? false : set.size >= most ? null : true
            expect(bits.add(key, most)).toBe(expected)
            if (expected) set.add(key)
          }
          const sorted = [...set].sort((a, b) => a - b)
          expect(keysOf(bits)).toEqual(sorted)
          const again = new KeyBits(end, bits.pieces.slice())
          expect([again.size, ...keysOf(again)]).toEqual([set.size, ...sorted])
        },
      ),
    )
  })

  it('says of many at once what it says of one after the other', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat({ max: 200 }), { maxLength: 40 })), (lists) => {
        const [one, many] = [new KeyBits(201), new KeyBits(201)]
        for (const keys of lists)
          expect(freshOf(many, keys)).toEqual([...keys.keys()].filter((i) => one.add(keys[i] ?? 0)))
        expect([many.size, ...keysOf(many)]).toEqual([one.size, ...keysOf(one)])
      }),
    )
  })

  it('reaches to the last of its numbers', () => {
    const bits = new KeyBits(2 ** 31 + 40)
    for (const key of [2 ** 31 - 1, 2 ** 31, 2 ** 31 + 39]) {
      expect(bits.add(key)).toBe(true)
      expect(bits.add(key)).toBe(false)
    }
    expect(bits.size).toBe(3)
  })

  it('holds what it held when it is made for larger keys', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 999 })), fc.array(fc.nat({ max: 4999 })), (before, after) => {
        const set = new KeyBits(1000)
        for (const key of before) set.add(key)
        set.widen(5000)
        for (const key of after) set.add(key)
        const expected = [...new Set([...before, ...after])].sort((a, b) => a - b)
        expect(keysOf(set)).toEqual(expected)
        expect(set.size).toBe(expected.length)
      }),
    )
  })
})
