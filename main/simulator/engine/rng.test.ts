import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from './rng'

/** PCG-XSH-RR 64/32 as published, in big integers. */
function* reference(seed: number): Generator<number> {
  const M = 0xffffffffffffffffn
  const inc = 1442695040888963407n
  let state = 0n
  const step = () => {
    const old = state
    state = (old * 6364136223846793005n + inc) & M
    const xorshifted = Number((((old >> 18n) ^ old) >> 27n) & 0xffffffffn)
    const rot = Number(old >> 59n)
    return ((xorshifted >>> rot) | (xorshifted << (-rot & 31))) >>> 0
  }
  step()
  state = (state + BigInt(seed >>> 0)) & M
  step()
  for (;;) yield step()
}

describe('the random numbers', () => {
  it('are those of PCG-XSH-RR, for every seed', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffffffff }), (seed) => {
        const random = new Random(seed)
        const expected = reference(seed)
        for (let i = 0; i < 50; i++) expect(random.next()).toBe(expected.next().value)
      }),
    )
  })

  it('lie between both ends, and reach both', () => {
    const random = new Random(7)
    const seen = new Set(Array.from({ length: 500 }, () => random.between(3, 9)))
    expect([...seen].sort()).toEqual([3, 4, 5, 6, 7, 8, 9])
  })
})
