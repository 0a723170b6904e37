import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hullsOf, meet, PADDING, type Box } from './hulls'

/** Cards on a grid wide enough for the padding, as the layout leaves them; groups anywhere on it. */
const [WIDE, HIGH] = [100 + 2 * PADDING.x, 44 + PADDING.top + PADDING.bottom]
const cell = fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 5 }))
const layouts = fc
  .uniqueArray(fc.tuple(cell, fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined })), {
    selector: ([at]) => at.join(),
    minLength: 1,
    maxLength: 30,
  })
  .map((placed) => {
    const cards = new Map<string, Box>()
    const numbers = new Map<string, number>()
    for (const [[x, y], group] of placed) {
      const id = `${x}.${y}`
      cards.set(id, { left: x * WIDE, top: y * HIGH, right: x * WIDE + 100, bottom: y * HIGH + 44 })
      if (group !== undefined) numbers.set(id, group)
    }
    return { cards, numbers }
  })

describe('the hulls of groups', () => {
  it('hold every member exactly once, inside the padding', () => {
    fc.assert(
      fc.property(layouts, ({ cards, numbers }) => {
        const hulls = hullsOf(cards, numbers)
        const held = hulls.flatMap((h) => h.members.map((id) => [id, h] as const))
        expect(held.map(([id]) => id).sort()).toEqual([...numbers.keys()].sort())
        for (const [id, hull] of held) {
          const card = cards.get(id)
          if (!card) throw new Error(id)
          expect(hull.group).toBe(numbers.get(id))
          expect(hull.left).toBeLessThanOrEqual(card.left - PADDING.x)
          expect(hull.right).toBeGreaterThanOrEqual(card.right + PADDING.x)
          expect(hull.top).toBeLessThanOrEqual(card.top - PADDING.top)
          expect(hull.bottom).toBeGreaterThanOrEqual(card.bottom + PADDING.bottom)
        }
      }),
    )
  })

  it('meet no card of anybody else, and no hull of another group', () => {
    fc.assert(
      fc.property(layouts, ({ cards, numbers }) => {
        const hulls = hullsOf(cards, numbers)
        for (const h of hulls) {
          for (const [id, card] of cards)
            if (!h.members.includes(id)) expect(numbers.get(id) === h.group || !meet(h, card)).toBe(true)
          for (const other of hulls) if (other.group !== h.group) expect(meet(h, other)).toBe(false)
        }
      }),
    )
  })

  it('are one where nothing stands between the members, and apart where something does', () => {
    const row = ['a', 'b', 'c'].map((id, i): [string, Box] => [
      id,
      { left: 0, top: i * HIGH, right: 100, bottom: i * HIGH + 44 },
    ])
    const cards = new Map(row)
    expect(hullsOf(cards, new Map(row.map(([id]) => [id, 1]))).map((h) => h.members)).toEqual([['a', 'b', 'c']])
    const apart = new Map([
      ['a', 1],
      ['b', 2],
      ['c', 1],
    ])
    expect(hullsOf(cards, apart).map((h) => [h.group, h.members])).toEqual([
      [1, ['a']],
      [1, ['c']],
      [2, ['b']],
    ])
  })

  it('do not depend on the order in which the cards come', () => {
    fc.assert(
      fc.property(layouts, ({ cards, numbers }) => {
        expect(hullsOf(new Map([...cards].reverse()), numbers)).toEqual(hullsOf(cards, numbers))
      }),
    )
  })
})
