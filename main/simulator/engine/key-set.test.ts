import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freshOf, keysOf } from '../../../test/support/key-lists'
import { KeySet } from './key-set'

describe('the set of keys', () => {
  it('says of every key whether it is new, as a plain set does, and gives all of them back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 44 }), fc.array(fc.maxSafeNat(), { maxLength: 3000 }), (bits, raw) => {
        const keys = raw.map((k) => k % 2 ** bits)
        const set = new KeySet(bits)
        const plain = new Set<number>()
        const [first, rest] = [keys.slice(0, 300), keys.slice(300)]
        for (const k of first) {
          expect(set.add(k)).toBe(!plain.has(k))
          plain.add(k)
        }
        const before = new Set(plain)
        for (const k of rest) plain.add(k)
        expect(freshOf(set, rest)).toEqual(
          [...rest.keys()].filter((i) => !before.has(rest[i] ?? 0) && rest.indexOf(rest[i] ?? 0) === i),
        )
        expect(set.size).toBe(plain.size)
        expect(keysOf(set).sort((a, b) => a - b)).toEqual([...plain].sort((a, b) => a - b))
      }),
      { numRuns: 200 },
    )
  }, 60_000)

  it('keeps neighbouring keys, which differ in few bits, at less than eight bytes each', () => {
    const set = new KeySet(40)
    for (let i = 0; i < 300_000; i++) set.add((i % 600) * 2 ** 20 + Math.floor(i / 600) * 8)
    expect(set.size).toBe(300_000)
    expect(set.bytes / set.size).toBeLessThan(8)
  }, 60_000)
})
