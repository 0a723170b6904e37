/**
 * Which part of a large board is handed to the drawing library, which looks at all it has in every frame of a drag: what lies
 * about a screen around the view, until the view leaves that. Pure.
 */
import type { GraphEdge } from '../model/topology'
import type { Room } from './camera'
import { meet, union, type Box } from './hulls'

/** Boards of so many cards are handed over whole. */
export const SMALL = 200
/** Screens around the view. */
const AROUND = 0.75
/** A part with so many times the view's area is more than one wants. */
const MOST = 40

export interface Part {
  readonly nodes: ReadonlySet<string>
  readonly edges: ReadonlySet<string>
}

/** What is in sight. `at`: what is at the upper left corner, in pixels, and the zoom. */
export function sightOf(at: { x: number; y: number; zoom: number }, { width, height }: Room): Box {
  const [left, top] = [-at.x / at.zoom, -at.y / at.zoom]
  return { left, top, right: left + width / at.zoom, bottom: top + height / at.zoom }
}

const area = (box: Box): number => (box.right - box.left) * (box.bottom - box.top)
const holds = (outer: Box, inner: Box): boolean =>
  outer.left <= inner.left && outer.top <= inner.top && outer.right >= inner.right && outer.bottom >= inner.bottom

/** The region as it was while that will do, so that most frames change nothing. */
export function regionFor(sight: Box, before: Box | null): Box {
  if (before && holds(before, sight) && area(before) <= MOST * area(sight)) return before
  const [x, y] = [(sight.right - sight.left) * AROUND, (sight.bottom - sight.top) * AROUND]
  return { left: sight.left - x, top: sight.top - y, right: sight.right + x, bottom: sight.bottom + y }
}

/**
 * Cards in the region, the lines from and to them with the cards at their other ends, and what is to be there in any case. Of
 * the lines of one card that only pass through, one for each column that they lead to: they lie on one another there.
 */
export function partOf(
  edges: readonly GraphEdge[],
  cards: ReadonlyMap<string, Box>,
  region: Box,
  always: ReadonlySet<string>,
): Part {
  const inside = new Set<string>()
  for (const [id, card] of cards) if (always.has(id) || meet(card, region)) inside.add(id)
  const nodes = new Set(inside)
  const drawn = new Set<string>()
  const passing = new Set<string>()
  for (const { id, from, to } of edges) {
    const [a, b] = [cards.get(from), cards.get(to)]
    if (!a || !b) continue
    if (!inside.has(from) && !inside.has(to)) {
      const bundle = `${from} ${b.left}`
      if (passing.has(bundle) || !meet(union(a, b), region)) continue
      passing.add(bundle)
    }
    drawn.add(id)
    nodes.add(from).add(to)
  }
  return { nodes, edges: drawn }
}
