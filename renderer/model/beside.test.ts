import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { align } from './beside'

const run = fc.uniqueArray(fc.constantFrom(...'abcdefgh'), { maxLength: 8 })

describe('two runs beside each other', () => {
  it('show each step of both once, in order, and opposite only what is the same', () => {
    fc.assert(
      fc.property(run, run, (left, right) => {
        const { lines } = align(left, right)
        expect(lines.flatMap((l) => l.left ?? [])).toEqual([...left.keys()])
        expect(lines.flatMap((l) => l.right ?? [])).toEqual([...right.keys()])
        for (const l of lines) if (l.left !== null && l.right !== null) expect(left[l.left]).toBe(right[l.right])
      }),
    )
  })

  it('call moved what both take at different places, and nothing else', () => {
    fc.assert(
      fc.property(run, run, (left, right) => {
        const { lines, movedLeft, movedRight } = align(left, right)
        const opposite = new Set(lines.flatMap((l) => (l.left !== null && l.right !== null ? [left[l.left]] : [])))
        const moved = left.filter((s) => right.includes(s) && !opposite.has(s))
        expect([...movedLeft].map((i) => left[i])).toEqual(moved)
        expect(new Set([...movedRight].map((i) => right[i]))).toEqual(new Set(moved))
      }),
    )
  })

  it('keep as much opposite as can be', () => {
    const { lines } = align([...'abcd'], [...'dabc'])
    expect(lines.filter((l) => l.left !== null && l.right !== null)).toHaveLength(3)
    expect(align([...'ab'], [...'ab']).movedLeft.size).toBe(0)
  })
})
