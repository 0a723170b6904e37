/**
 * Large machines: siblings that are alike, with all below them alike, become one node, until a person opens it. Pure. What is
 * alike: same ids, class, driver and units, and the same below; addresses and groups may differ.
 */
import type { PciFunction } from '../../preload/contract'
import type { GraphEdge, GraphNode, PlatformGraph } from './topology'

/** Drawn one by one up to here. */
export const PLENTY = 200
/** Fewer alike are not worth a fold. */
const FOLD = 4

export interface Folded {
  readonly graph: PlatformGraph
  /** Node of the whole graph → the fold that stands for it. */
  readonly inside: ReadonlyMap<string, string>
}

/** `open`: ids of folds that are shown one by one. */
export function fold(graph: PlatformGraph, open: ReadonlySet<string>): Folded {
  if (graph.nodes.length <= PLENTY) return { graph, inside: new Map() }
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  const children = new Map<string, string[]>()
  for (const edge of graph.edges) if (edge.kind !== 'serves') listed(children, edge.from).push(edge.to)
  const below = (id: string): readonly string[] => children.get(id) ?? []

  const shapes = new Map<string, string>()
  const shape = (id: string): string => {
    const known = shapes.get(id)
    if (known !== undefined) return known
    const made = JSON.stringify([look(nodes.get(id)), below(id).map(shape).sort()])
    shapes.set(id, made)
    return made
  }
  const inside = new Map<string, string>()
  const folds = new Map<string, GraphNode>()
  const swallow = (id: string, into: string): number => {
    inside.set(id, into)
    return below(id).reduce((sum, child) => sum + swallow(child, into), 1)
  }
  const visit = (parent: string): void => {
    const alike = new Map<string, string[]>()
    for (const id of below(parent)) listed(alike, shape(id)).push(id)
    for (const ids of alike.values()) {
      const [first = ''] = ids
      const id = `many/${first}`
      const node = nodes.get(first)
      if (ids.length < FOLD || open.has(id) || (node?.kind !== 'function' && node?.kind !== 'bridge')) {
        for (const one of ids) visit(one)
        continue
      }
      const functions = ids.reduce((sum, one) => sum + swallow(one, id), 0)
      folds.set(first, { id, kind: 'many', fn: node.fn, ids, functions })
    }
  }
  for (const node of graph.nodes) if (node.kind === 'root') visit(node.id)

  const drawn = graph.nodes.flatMap((node) => {
    const many = folds.get(node.id)
    return many ? [many] : inside.has(node.id) ? [] : [node]
  })
  const edges = new Map<string, GraphEdge>()
  for (const edge of graph.edges) {
    const [from, to] = [inside.get(edge.from) ?? edge.from, inside.get(edge.to) ?? edge.to]
    if (from !== to) edges.set(`${from}→${to}`, { ...edge, id: `${from}→${to}`, from, to })
  }
  return { graph: { nodes: drawn, edges: [...edges.values()], rootOf: graph.rootOf }, inside }
}

/** Everything of a node that a person would tell it apart by, besides its address. */
function look(node: GraphNode | undefined): unknown {
  if (node?.kind !== 'function' && node?.kind !== 'bridge') return node?.id
  const { fn, iommus, msis } = node
  const { vendor, device, driver, acs, physfn }: PciFunction = fn
  return [node.kind, vendor, device, fn.class, driver, acs?.ctrl, fn.express?.type, physfn !== undefined, iommus, msis]
}

/** The list of a key, which is made where there is none. */
function listed<K, V>(lists: Map<K, V[]>, key: K): V[] {
  const known = lists.get(key)
  if (known) return known
  const made: V[] = []
  lists.set(key, made)
  return made
}
