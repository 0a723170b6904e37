import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apertureOf, mapErrno, usableRanges } from './iova'
import { insertRegion, insertRegionBefore54 } from './region-list'
import { REGION_TYPES, type Region } from './regions'

const region = fc
  .record({
    start: fc.nat({ max: 40 }),
    length: fc.integer({ min: 1, max: 12 }),
    type: fc.constantFrom(...REGION_TYPES),
  })
  .map(({ start, length, type }): Region => ({
    start: BigInt(start),
    end: BigInt(start + length - 1),
    type,
    devices: ['0000:00:01.0'],
    because: { rule: '', cite: '', facts: [] },
  }))
const insertAll = (list: readonly Region[]): Region[] => list.reduce<Region[]>((l, r) => insertRegion(l, r), [])
const insertAllBefore54 = (list: readonly Region[]): Region[] =>
  list.reduce<Region[]>((l, r) => insertRegionBefore54(l, r), [])
const bare = (list: readonly Region[]) => list.map((r) => `${r.start}-${r.end} ${r.type}`)
const covered = (list: readonly Region[], type: string) =>
  new Set(
    list
      .filter((r) => r.type === type)
      .flatMap((r) => Array.from({ length: Number(r.end - r.start) + 1 }, (_, i) => Number(r.start) + i)),
  )

describe('inserting reserved regions', () => {
  it('covers exactly what was inserted, type by type', () => {
    fc.assert(
      fc.property(fc.array(region, { maxLength: 8 }), (list) => {
        for (const type of REGION_TYPES) expect(covered(insertAll(list), type)).toEqual(covered(list, type))
      }),
    )
  })

  it('leaves no two regions of one type that overlap or touch, and sorts by start, then by the kernel’s order of types', () => {
    fc.assert(
      fc.property(fc.array(region, { maxLength: 8 }), (list) => {
        const out = insertAll(list)
        for (const [i, a] of out.entries())
          for (const b of out.slice(i + 1)) if (a.type === b.type) expect(b.start > a.end + 1n).toBe(true)
        for (const [i, a] of out.entries()) {
          const b = out[i + 1]
          if (b)
            expect(
              a.start < b.start ||
                (a.start === b.start && REGION_TYPES.indexOf(a.type) <= REGION_TYPES.indexOf(b.type)),
            ).toBe(true)
        }
      }),
    )
  })

  it('does not depend on the order of devices', () => {
    fc.assert(
      fc.property(
        fc
          .array(region, { maxLength: 6 })
          .chain((l) => fc.tuple(fc.constant(l), fc.shuffledSubarray(l, { minLength: l.length }))),
        ([a, b]) => {
          expect(bare(insertAll(a))).toEqual(bare(insertAll(b)))
        },
      ),
    )
  })
})

describe('usable IOVA ranges', () => {
  it('are the aperture without every region but the relaxable ones', () => {
    fc.assert(
      fc.property(fc.array(region, { maxLength: 8 }), (list) => {
        const ranges = usableRanges({ start: 0n, end: 63n }, insertAll(list))
        for (let x = 0n; x < 64n; x++) {
          const blocked = list.some((r) => r.type !== 'direct-relaxable' && x >= r.start && x <= r.end)
          expect(ranges.some((r) => x >= r.start && x <= r.end)).toBe(!blocked)
        }
      }),
    )
  })

  it('end at the width that MGAW and SAGAW of a VT-d unit allow', () => {
    const unit = (cap: string) => ({
      name: 'dmar0',
      kind: 'vt-d' as const,
      registers: { CAP_REG: cap },
      serves: [],
      source: '',
    })
    expect(apertureOf(unit('0xd2008c22260206')).end).toBe(2n ** 39n - 1n)
    expect(apertureOf(unit('0xd2008c222f0606')).end).toBe(2n ** 48n - 1n)
  })

  it('answer a mapping with EINVAL outside or unaligned, EEXIST on an existing one', () => {
    const ranges = [{ start: 0n, end: 0xfedfffffn }]
    expect(mapErrno(0x1000n, 0x1000n, ranges, [])).toBeUndefined()
    expect(mapErrno(0xfee00000n, 0x1000n, ranges, [])).toBe('EINVAL')
    expect(mapErrno(0xfedff000n, 0x2000n, ranges, [])).toBe('EINVAL')
    expect(mapErrno(0x800n, 0x1000n, ranges, [])).toBe('EINVAL')
    expect(mapErrno(0x1000n, 0x1000n, ranges, [{ start: 0x1000n, end: 0x1fffn }])).toBe('EEXIST')
  })
})

describe('regions by kernel', () => {
  const at = (start: number, end: number, type: Region['type'], device = 'a'): Region => ({
    start: BigInt(start),
    end: BigInt(end),
    type,
    devices: [device],
    because: { rule: '', cite: '', facts: [] },
  })

  it('of one type that touch become one from 5.4 on; up to 5.3 only those that overlap', () => {
    const touching = [at(0, 9, 'direct'), at(10, 19, 'direct')]
    expect(bare(insertAll(touching))).toEqual(['0-19 direct'])
    expect(bare(insertAllBefore54(touching))).toEqual(['0-9 direct', '10-19 direct'])
    const overlapping = [at(0, 9, 'direct'), at(5, 19, 'direct')]
    expect(bare(insertAllBefore54(overlapping))).toEqual(['0-19 direct'])
  })

  const any = fc.array(region, { maxLength: 12 })

  it('up to 5.3, too, cover exactly what was put in', () => {
    fc.assert(
      fc.property(any, (list) => {
        for (const type of REGION_TYPES) expect(covered(insertAllBefore54(list), type)).toEqual(covered(list, type))
      }),
    )
  })

  it('up to 5.3 do not overlap those of their type, as long as there is one type only', () => {
    fc.assert(
      fc.property(any, (list) => {
        const out = insertAllBefore54(list.map((r) => ({ ...r, type: 'direct' })))
        for (const [i, a] of out.entries())
          for (const b of out.slice(i + 1)) expect(a.end < b.start || b.end < a.start).toBe(true)
      }),
    )
    // With two types even that depends on the order: why 5.4 wrote it anew.
    const mixed = [at(1, 1, 'reserved'), at(0, 1, 'direct'), at(0, 0, 'direct')]
    expect(bare(insertAllBefore54(mixed))).toEqual(['0-0 direct', '1-1 reserved', '0-1 direct'])
  })
})
