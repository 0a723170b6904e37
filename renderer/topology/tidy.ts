/**
 * Layout of large machines: the PCI tree as a tidy tree (Reingold and Tilford, in linear time), units in columns before it,
 * each at the height of what it serves. ELK's layers take seconds from 200 cards on; here nothing crosses by construction.
 */
import { stratify, tree } from 'd3-hierarchy'
import type { PlatformGraph } from '../model/topology'
import { PADDING } from './hulls'
import { CARD_HEIGHT, SIZES, type Places } from './sizes'

const GAP = { x: 44, y: 10 }
const ROW = CARD_HEIGHT + GAP.y
/** Above every root; no node is called so. */
const TOP = '//'

interface Item {
  readonly id: string
  readonly parent: string | null
}
type Groups = ReadonlyMap<string, number>

/** `groups`: function → number of its IOMMU group, where hulls are drawn: they take room, and members stand together. */
export function tidy(graph: PlatformGraph, groups: Groups): Places {
  const kinds = new Map(graph.nodes.map((node) => [node.id, node.kind]))
  const units = graph.nodes.filter((node) => node.kind === 'iommu' || node.kind === 'msi').map((node) => node.id)
  const parents = new Map(graph.edges.filter((e) => e.kind !== 'serves').map((e) => [e.to, e.from]))
  const items = graph.nodes.flatMap(({ id }): Item[] =>
    units.includes(id) ? [] : [{ id, parent: parents.get(id) ?? TOP }],
  )
  const rank = ranks(graph, groups)
  const root = stratify<Item>()
    .id((item) => item.id)
    .parentId((item) => item.parent)([{ id: TOP, parent: null }, ...items])
    .sort((a, b) => (rank.get(a.data.id) ?? 0) - (rank.get(b.data.id) ?? 0))
  const hull = groups.size > 0 ? (PADDING.top + PADDING.bottom) / ROW : 0
  const placed = tree<Item>()
    .nodeSize([ROW, 1])
    .separation((a, b) => (together(a.data, b.data, groups) ? 1 : 1 + hull))(root)

  const columns: number[] = []
  placed.each(({ data, depth }) => {
    const kind = kinds.get(data.id)
    columns[depth] = Math.max(columns[depth] ?? 0, kind ? SIZES[kind].width : 0)
  })
  // Depth 0 is the place above the roots, which is not drawn.
  const lefts = columns.map((_, depth) => columns.slice(1, depth).reduce((sum, width) => sum + width + GAP.x, 0))
  const places: Places = new Map()
  placed.each(({ data, depth, x }) => {
    if (data.id !== TOP) places.set(data.id, { x: lefts[depth] ?? 0, y: x })
  })
  // What serves units is placed after them: controllers before IOMMUs before roots.
  placeBefore(
    graph,
    units.filter((id) => kinds.get(id) === 'iommu'),
    1,
    places,
  )
  placeBefore(
    graph,
    units.filter((id) => kinds.get(id) === 'msi'),
    2,
    places,
  )
  return fromOrigin(places)
}

function together(a: Item, b: Item, groups: Groups): boolean {
  const group = groups.get(a.id)
  return group !== undefined && group === groups.get(b.id)
}

/** By the first address of the group, then as the graph has them. */
function ranks(graph: PlatformGraph, groups: Groups): Map<string, number> {
  const firsts = new Map<number, number>()
  for (const [i, { id }] of graph.nodes.entries()) {
    const group = groups.get(id)
    if (group !== undefined && !firsts.has(group)) firsts.set(group, i)
  }
  const n = graph.nodes.length
  return new Map(
    graph.nodes.map(({ id }, i) => {
      const group = groups.get(id)
      return [id, (group === undefined ? i : (firsts.get(group) ?? i)) * n + i]
    }),
  )
}

/** A column of units to the left: each at the middle of what it serves, moved down where another one is. */
function placeBefore(graph: PlatformGraph, ids: readonly string[], column: number, places: Places): void {
  const targets = new Map<string, number[]>()
  for (const { from, to, kind } of graph.edges) {
    const at = places.get(to)
    if (kind === 'serves' && at) targets.set(from, [...(targets.get(from) ?? []), at.y])
  }
  const middle = (ys: readonly number[] = [0]): number => ys.reduce((sum, y) => sum + y, 0) / ys.length
  let free = -Infinity
  for (const { id, y } of ids.map((id) => ({ id, y: middle(targets.get(id)) })).sort((a, b) => a.y - b.y)) {
    const at = Math.max(y, free)
    places.set(id, { x: -column * (SIZES.iommu.width + GAP.x), y: at })
    free = at + ROW
  }
}

function fromOrigin(places: Places): Places {
  let [left, top] = [Infinity, Infinity]
  for (const { x, y } of places.values()) [left, top] = [Math.min(left, x), Math.min(top, y)]
  return new Map([...places].map(([id, { x, y }]) => [id, { x: x - left, y: y - top }]))
}
