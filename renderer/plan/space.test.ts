import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { covers, fourGiB, layoutSpace, sizeWords } from './space'

const hex = (n: bigint): string => `0x${n.toString(16)}`
const region = fc
  .tuple(fc.bigInt(0n, (1n << 64n) - 1n), fc.bigInt(0n, (1n << 64n) - 1n))
  .map(([a, b]) => (a < b ? { start: hex(a), end: hex(b) } : { start: hex(b), end: hex(a) }))

describe('the picture of an address space', () => {
  it('fills its width without holes, in order of addresses', () => {
    fc.assert(
      fc.property(fc.array(region, { maxLength: 12 }), (regions) => {
        const { pieces, top } = layoutSpace(regions)
        expect(pieces[0]).toMatchObject({ start: 0n, x: 0 })
        expect(pieces.at(-1)?.end).toBe(top - 1n)
        pieces.slice(1).forEach((p, i) => {
          const before = pieces[i]
          expect(p.start).toBe((before?.end ?? 0n) + 1n)
          expect(p.x).toBeCloseTo((before?.x ?? 0) + (before?.width ?? 0), 9)
        })
        expect(pieces.reduce((sum, p) => sum + p.width, 0)).toBeCloseTo(1, 9)
      }),
    )
  })

  it('covers exactly what each region covers', () => {
    fc.assert(
      fc.property(fc.array(region, { minLength: 1, maxLength: 8 }), (regions) => {
        const { pieces } = layoutSpace(regions)
        regions.forEach((r, n) => {
          const mine = pieces.filter((p) => p.regions.includes(n))
          expect(hex(mine[0]?.start ?? -1n)).toBe(r.start)
          expect(hex(mine.at(-1)?.end ?? -1n)).toBe(r.end)
        })
      }),
    )
  })

  it('is cut at the boundaries of what is laid over it, which is then exactly covered', () => {
    fc.assert(
      fc.property(
        fc.array(region, { maxLength: 6 }),
        fc.array(region, { minLength: 1, maxLength: 3 }),
        (regions, ram) => {
          const { pieces } = layoutSpace(regions, ram)
          for (const r of ram) {
            const mine = pieces.filter((p) => covers(r, p))
            expect(hex(mine[0]?.start ?? -1n)).toBe(r.start)
            expect(hex(mine.at(-1)?.end ?? -1n)).toBe(r.end)
          }
        },
      ),
    )
  })

  it('keeps a page beside a whole 64-bit space wide enough to be seen', () => {
    const { pieces } = layoutSpace([
      { start: '0xfee00000', end: '0xfee00fff' },
      { start: '0x10000000000', end: '0xffffffffffffffff' },
    ])
    for (const p of pieces) expect(p.width).toBeGreaterThan(0.05)
  })

  it('ends at 4 GiB when nothing lies above', () => {
    expect(fourGiB(layoutSpace([{ start: '0xfee00000', end: '0xfeefffff' }]))).toBe(1)
    expect(fourGiB(layoutSpace([{ start: '0xfd00000000', end: '0xffffffffff' }]))).toBeLessThan(1)
    expect(sizeWords(0x100000n)).toBe('1\u202fMiB')
  })
})
