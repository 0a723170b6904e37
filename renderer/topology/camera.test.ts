import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { beginning, inSight, near, READABLE, whole, type Room, type View } from './camera'
import type { Box } from './hulls'

const box = fc
  .tuple(
    fc.integer({ min: -2000, max: 2000 }),
    fc.integer({ min: -2000, max: 2000 }),
    fc.integer({ min: 20, max: 2000 }),
    fc.integer({ min: 20, max: 2000 }),
  )
  .map(([left, top, width, height]): Box => ({ left, top, right: left + width, bottom: top + height }))
const room = fc.record({ width: fc.integer({ min: 200, max: 2500 }), height: fc.integer({ min: 200, max: 1400 }) })

/** What vue-flow then shows in the upper left corner. */
const shown = ({ x, y, zoom }: View, { width, height }: Room): View => ({
  x: width / 2 - x * zoom,
  y: height / 2 - y * zoom,
  zoom,
})

describe('the view of the graph', () => {
  it('of a whole has all of it in sight', () => {
    fc.assert(
      fc.property(box, room, (b, r) => {
        expect(inSight(b, shown(whole(b, r), r), r)).toBe(true)
      }),
    )
  })

  it('near a box has all of it in sight', () => {
    fc.assert(
      fc.property(box, fc.double({ min: 0.1, max: 2, noNaN: true }), room, (b, zoom, r) => {
        expect(inSight(b, shown(near(b, zoom, r), r), r)).toBe(true)
      }),
    )
  })

  it('of the beginning can be read, and has the upper left corner of the groups in sight', () => {
    fc.assert(
      fc.property(
        fc.array(box, { minLength: 1, maxLength: 5 }),
        fc.array(box, { maxLength: 2 }),
        room,
        (groups, roots, r) => {
          const view = beginning(groups, roots, r)
          if (!view) throw new Error('a view')
          expect(view.zoom).toBeGreaterThanOrEqual(READABLE)
          const left = Math.min(...groups.map((g) => g.left))
          const top = Math.min(...groups.map((g) => g.top))
          const at = shown(view, r)
          if (roots.length > 0) return
          expect(left * at.zoom + at.x).toBeGreaterThan(0)
          expect(left * at.zoom + at.x).toBeLessThan(r.width)
          expect(top * at.zoom + at.y).toBeGreaterThan(0)
          expect(top * at.zoom + at.y).toBeLessThan(r.height)
        },
      ),
    )
  })
})
