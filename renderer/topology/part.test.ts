import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { GraphEdge } from '../model/topology'
import { meet, type Box } from './hulls'
import { partOf, regionFor, sightOf } from './part'

const room = { width: 800, height: 400 }
const views = fc.record({
  x: fc.integer({ min: -50_000, max: 50_000 }),
  y: fc.integer({ min: -50_000, max: 50_000 }),
  zoom: fc.double({ min: 0.08, max: 2, noNaN: true }),
})
const holds = (outer: Box, inner: Box): boolean =>
  outer.left <= inner.left && outer.top <= inner.top && outer.right >= inner.right && outer.bottom >= inner.bottom

describe('the part of a large board that is drawn', () => {
  it('holds all that is in sight, wherever one looks and wherever one has looked before', () => {
    fc.assert(
      fc.property(fc.array(views, { minLength: 1, maxLength: 12 }), (all) => {
        let region: Box | null = null
        for (const view of all) {
          const sight = sightOf(view, room)
          region = regionFor(sight, region)
          expect(holds(region, sight)).toBe(true)
        }
      }),
    )
  })

  it('stays as it is while one drags by less than half a screen', () => {
    fc.assert(
      fc.property(views, fc.integer({ min: -400, max: 400 }), (view, by) => {
        const first = regionFor(sightOf(view, room), null)
        expect(regionFor(sightOf({ ...view, x: view.x + by }, room), first)).toBe(first)
      }),
    )
  })

  it('has every card in the region, both ends of every line, and every line of a card in it', () => {
    const box = fc
      .record({ left: fc.integer({ min: 0, max: 3000 }), top: fc.integer({ min: 0, max: 3000 }) })
      .map(({ left, top }): Box => ({ left, top, right: left + 190, bottom: top + 44 }))
    fc.assert(
      fc.property(
        fc.array(box, { minLength: 2, maxLength: 40 }),
        fc.array(fc.tuple(fc.nat(39), fc.nat(39)), { maxLength: 60 }),
        box,
        (boxes, pairs, region) => {
          const cards = new Map(boxes.map((card, i) => [`n${i}`, card]))
          const edges = pairs
            .filter(([a, b]) => a !== b && a < boxes.length && b < boxes.length)
            .map(([a, b], i): GraphEdge => ({ id: `e${i}`, from: `n${a}`, to: `n${b}`, kind: 'tree' }))
          const part = partOf(edges, cards, region, new Set(['n0']))
          expect(part.nodes.has('n0')).toBe(true)
          for (const [id, card] of cards) if (meet(card, region)) expect(part.nodes.has(id)).toBe(true)
          for (const { id, from, to } of edges) {
            if (part.edges.has(id)) expect(part.nodes.has(from) && part.nodes.has(to)).toBe(true)
            const ends = [cards.get(from), cards.get(to)]
            if (ends.some((card) => card && meet(card, region))) expect(part.edges.has(id)).toBe(true)
          }
        },
      ),
    )
  })

  it('draws one line where a thousand of one card pass through', () => {
    const cards = new Map<string, Box>([['root', { left: 0, top: 0, right: 100, bottom: 40 }]])
    const edges: GraphEdge[] = []
    for (let i = 0; i < 1000; i++) {
      const top = 100_000 + i * 50
      cards.set(`f${i}`, { left: 300, top, right: 490, bottom: top + 44 })
      edges.push({ id: `e${i}`, from: 'root', to: `f${i}`, kind: 'tree' })
    }
    const part = partOf(edges, cards, { left: 0, top: 5000, right: 800, bottom: 6000 }, new Set())
    expect(part.edges.size).toBe(1)
    expect(part.nodes.size).toBe(2)
  })
})
