/** Layered layout by ELK, in a worker of its own: the window never waits for it. */
import ELK from 'elkjs/lib/elk-api.js'
import ElkWorker from 'elkjs/lib/elk-worker.min.js?worker'
import type { GraphNode, PlatformGraph } from '../model/topology'

export interface Size {
  width: number
  height: number
}

export const SIZES: Record<GraphNode['kind'], Size> = {
  msi: { width: 172, height: 44 },
  iommu: { width: 172, height: 44 },
  root: { width: 132, height: 44 },
  bridge: { width: 176, height: 44 },
  function: { width: 208, height: 44 },
  vdev: { width: 204, height: 44 },
}

let elk: InstanceType<typeof ELK> | undefined

export async function layout(graph: PlatformGraph): Promise<Map<string, { x: number; y: number }>> {
  elk ??= new ELK({ workerFactory: () => new ElkWorker() })
  const placed = await elk.layout({
    id: 'platform',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.edgeRouting': 'ORTHOGONAL',
      'elk.spacing.nodeNode': '10',
      'elk.layered.spacing.nodeNodeBetweenLayers': '44',
      'elk.spacing.componentComponent': '28',
      'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
      'elk.layered.crossingMinimization.forceNodeModelOrder': 'false',
    },
    children: graph.nodes.map((node) => ({ id: node.id, ...SIZES[node.kind] })),
    edges: graph.edges.map((edge) => ({ id: edge.id, sources: [edge.from], targets: [edge.to] })),
  })
  return new Map((placed.children ?? []).map((node) => [node.id, { x: node.x ?? 0, y: node.y ?? 0 }]))
}
