/** Layered layout by ELK, in a worker of its own: the window never waits for it. */
import ELK, { type ElkExtendedEdge, type ElkNode, type LayoutOptions } from 'elkjs/lib/elk-api.js'
import ElkWorker from 'elkjs/lib/elk-worker.min.js?worker'
import type { GraphNode, PlatformGraph } from '../model/topology'
import { PADDING } from './hulls'
import { SIZES, type Places } from './sizes'
import { tidy } from './tidy'

/** From so many cards on, ELK's layers take longer than a person waits. */
const LARGE = 120

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.spacing.nodeNode': '10',
  'elk.layered.spacing.nodeNodeBetweenLayers': '44',
  'elk.spacing.componentComponent': '28',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.crossingMinimization.forceNodeModelOrder': 'false',
}
/** ELK 0.12 fails where it is to keep the order of nodes across boxes; that of edges it keeps, and they come by address. */
const GROUPED = {
  ...OPTIONS,
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.layered.considerModelOrder.strategy': 'PREFER_EDGES',
}
const LEFT = { 'elk.alignment': 'LEFT' }
/** A box of its own keeps the members of a group together, and leaves room for the hull. */
const IN_GROUP = {
  ...GROUPED,
  ...LEFT,
  'elk.padding': `[top=${PADDING.top},left=${PADDING.x},bottom=${PADDING.bottom},right=${PADDING.x}]`,
  'elk.layered.spacing.nodeNodeBetweenLayers': '30',
}
/** Room for the hulls of single cards. */
const APART = {
  ...OPTIONS,
  'elk.spacing.nodeNode': String(PADDING.top + PADDING.bottom),
}

let elk: InstanceType<typeof ELK> | undefined

const card = (node: GraphNode): ElkNode => ({ id: node.id, ...SIZES[node.kind] })
/** Cards of different width begin at one line. */
const flush = (node: GraphNode): ElkNode => ({ ...card(node), layoutOptions: LEFT })
const boxOf = (group: number): string => `group/${group}`

/** `groups`: function → number of its IOMMU group, where these are to be drawn. */
export function layout(graph: PlatformGraph, groups: ReadonlyMap<string, number> = new Map()): Promise<Places> {
  if (graph.nodes.length > LARGE) return Promise.resolve(tidy(graph, groups))
  if (groups.size === 0) return flat(graph, OPTIONS)
  // Groups that lie across each other have no nested boxes; then they are drawn in pieces.
  return nested(graph, groups).catch(() => flat(graph, APART))
}

const edgesOf = (graph: PlatformGraph): ElkExtendedEdge[] =>
  graph.edges.map((edge) => ({ id: edge.id, sources: [edge.from], targets: [edge.to] }))
const run = async (graph: ElkNode): Promise<Places> => {
  elk ??= new ELK({ workerFactory: () => new ElkWorker() })
  return placesOf(await elk.layout(graph))
}
const flat = (graph: PlatformGraph, layoutOptions: LayoutOptions): Promise<Places> =>
  run({ id: 'platform', layoutOptions, children: graph.nodes.map(card), edges: edgesOf(graph) })

/** ELK turns some siblings round: those of a group that lead nowhere are put back in the order of their addresses. */
function inOrder(graph: PlatformGraph, groups: ReadonlyMap<string, number>, places: Places): Places {
  const parents = new Set(graph.edges.map((e) => e.from))
  const siblings = new Map<string, string[]>()
  for (const { from, to } of graph.edges) {
    const [group, at] = [groups.get(to), places.get(to)]
    if (group === undefined || !at || parents.has(to)) continue
    const key = `${from} ${group} ${at.x}`
    siblings.set(key, [...(siblings.get(key) ?? []), to])
  }
  const next = new Map(places)
  for (const ids of siblings.values()) {
    const spots = ids.flatMap((id) => places.get(id) ?? []).sort((a, b) => a.y - b.y)
    ids.sort().forEach((id, i) => {
      const spot = spots[i]
      if (spot) next.set(id, spot)
    })
  }
  return next
}

async function nested(graph: PlatformGraph, groups: ReadonlyMap<string, number>): Promise<Places> {
  const members = new Map<number, ElkNode[]>()
  const children: ElkNode[] = []
  for (const node of graph.nodes) {
    const group = groups.get(node.id)
    const box = group === undefined ? undefined : members.get(group)
    if (group === undefined) children.push(flush(node))
    else if (box) box.push(flush(node))
    else {
      const first = [flush(node)]
      members.set(group, first)
      children.push({ id: boxOf(group), layoutOptions: IN_GROUP, children: first })
    }
  }
  const places = await run({ id: 'platform', layoutOptions: GROUPED, children, edges: edgesOf(graph) })
  return inOrder(graph, groups, places)
}

function placesOf(parent: ElkNode, x = 0, y = 0, places: Places = new Map()): Places {
  for (const node of parent.children ?? []) {
    const at = { x: x + (node.x ?? 0), y: y + (node.y ?? 0) }
    if (node.children) placesOf(node, at.x, at.y, places)
    else places.set(node.id, at)
  }
  return places
}
