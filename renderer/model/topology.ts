/**
 * A platform as a graph, drawn the way a message travels: MSI controller ← IOMMU ← root ← ports ← function ← virtual device.
 * Pure: positions come later, from the layout.
 */
import type { Iommu, MsiController, PciFunction, Platform, Root, ScenarioView } from '../../preload/contract'
import { isBridge } from './pci'

export type VirtualDevice = ScenarioView['devices'][number]

export type GraphNode =
  | { id: string; kind: 'msi'; msi: MsiController }
  | { id: string; kind: 'iommu'; iommu: Iommu }
  | { id: string; kind: 'root'; root: Root; functions: number }
  | { id: string; kind: 'bridge' | 'function'; fn: PciFunction; iommus: string[]; msis: string[] }
  /** So many siblings that are alike, with all below them, folded into one; `fn` is the first of them. */
  | { id: string; kind: 'many'; fn: PciFunction; ids: string[]; functions: number }
  | { id: string; kind: 'vdev'; device: VirtualDevice }

export interface GraphEdge {
  id: string
  from: string
  to: string
  /** tree: PCI parent and child. serves: unit to what it serves. virtual: carved out of. */
  kind: 'tree' | 'serves' | 'virtual'
  label?: string
}

export interface PlatformGraph {
  nodes: GraphNode[]
  edges: GraphEdge[]
  /** Function to its root's id. */
  rootOf: Map<string, string>
}

const iommuId = (name: string): string => `iommu/${name}`
const msiId = (name: string): string => `msi/${name}`
export const deviceId = (id: string): string => `vdev/${id}`

export function platformGraph(platform: Platform, devices: readonly VirtualDevice[] = []): PlatformGraph {
  const functions = new Map(platform.functions.map((f) => [f.bdf, f]))
  const rootOf = roots(platform, functions)
  const nodes: GraphNode[] = []
  const edges: GraphEdge[] = []
  const edge = (from: string, to: string, kind: GraphEdge['kind'], label?: string): void => {
    edges.push({ id: `${from}→${to}`, from, to, kind, label })
  }

  for (const msi of platform.msiControllers) nodes.push({ id: msiId(msi.name), kind: 'msi', msi })
  for (const iommu of platform.iommus) nodes.push({ id: iommuId(iommu.name), kind: 'iommu', iommu })
  const population = new Map<string, number>()
  for (const root of rootOf.values()) population.set(root, (population.get(root) ?? 0) + 1)
  for (const root of platform.roots)
    nodes.push({ id: root.id, kind: 'root', root, functions: population.get(root.id) ?? 0 })

  const servers = index(platform.iommus)
  const takers = index(platform.msiControllers)
  for (const fn of [...platform.functions].sort((a, b) => (a.bdf < b.bdf ? -1 : 1))) {
    const iommus = servers.get(fn.bdf) ?? []
    nodes.push({ id: fn.bdf, kind: isBridge(fn) ? 'bridge' : 'function', fn, iommus, msis: takers.get(fn.bdf) ?? [] })
    edge(fn.physfn && functions.has(fn.physfn) ? fn.physfn : fn.parent, fn.bdf, 'tree')
  }
  for (const device of devices) {
    nodes.push({ id: deviceId(device.id), kind: 'vdev', device })
    if (device.under !== null && functions.has(device.under)) edge(device.under, deviceId(device.id), 'virtual')
  }
  for (const iommu of platform.iommus) serves(iommuId(iommu.name), iommu.serves, platform, functions, rootOf, edge)
  for (const msi of platform.msiControllers) {
    const behind = platform.iommus.filter((u) => u.serves.some((bdf) => msi.serves.includes(bdf)))
    for (const unit of behind) edge(msiId(msi.name), iommuId(unit.name), 'serves')
    const covered = new Set(behind.flatMap((u) => u.serves))
    serves(
      msiId(msi.name),
      msi.serves.filter((bdf) => !covered.has(bdf)),
      platform,
      functions,
      rootOf,
      edge,
    )
  }
  const known = new Set(nodes.map((n) => n.id))
  return { nodes, edges: edges.filter((e) => known.has(e.from) && known.has(e.to)), rootOf }
}

function index(units: readonly { name: string; serves: readonly string[] }[]): Map<string, string[]> {
  const by = new Map<string, string[]>()
  for (const unit of units) for (const bdf of unit.serves) by.set(bdf, [...(by.get(bdf) ?? []), unit.name])
  return by
}

function roots(platform: Platform, functions: ReadonlyMap<string, PciFunction>): Map<string, string> {
  const known = new Set(platform.roots.map((r) => r.id))
  const of = new Map<string, string>()
  for (const fn of platform.functions) {
    let at: string = fn.parent
    for (let depth = 0; depth < 64 && !known.has(at); depth++) at = functions.get(at)?.parent ?? at
    if (known.has(at)) of.set(fn.bdf, at)
  }
  return of
}

/** One edge to a root where a unit serves most of it; else one to each topmost function that it serves there. */
function serves(
  unit: string,
  served: readonly string[],
  platform: Platform,
  functions: ReadonlyMap<string, PciFunction>,
  rootOf: ReadonlyMap<string, string>,
  edge: (from: string, to: string, kind: 'serves', label?: string) => void,
): void {
  const set = new Set(served)
  for (const root of platform.roots) {
    const here = platform.functions.filter((f) => rootOf.get(f.bdf) === root.id)
    const mine = here.filter((f) => set.has(f.bdf))
    if (mine.length === 0) continue
    if (mine.length * 2 > here.length) {
      edge(unit, root.id, 'serves', mine.length < here.length ? `${mine.length} of ${here.length}` : undefined)
    } else {
      for (const f of mine) if (!set.has(functions.get(f.parent)?.bdf ?? '')) edge(unit, f.bdf, 'serves')
    }
  }
}

/**
 * What belongs together with a node. A function or virtual device: everything on the way of its message to the CPU.
 * A unit: what it serves. A root: itself.
 */
export function pathOf(graph: PlatformGraph, id: string): Set<string> {
  const nodes = new Map(graph.nodes.map((n) => [n.id, n]))
  const parents = new Map(graph.edges.filter((e) => e.kind !== 'serves').map((e) => [e.to, e.from]))
  const path = new Set([id])
  const node = nodes.get(id)
  if (node?.kind === 'iommu' || node?.kind === 'msi') {
    for (const bdf of node.kind === 'iommu' ? node.iommu.serves : node.msi.serves) {
      path.add(bdf)
      const root = graph.rootOf.get(bdf)
      if (root) path.add(root)
    }
    return path
  }
  const start = node?.kind === 'vdev' ? nodes.get(node.device.under ?? '') : node
  if (start?.kind === 'function' || start?.kind === 'bridge') {
    for (const unit of start.iommus) path.add(iommuId(unit))
    for (const unit of start.msis) path.add(msiId(unit))
  }
  for (let at = parents.get(id); at !== undefined && !path.has(at); at = parents.get(at)) path.add(at)
  return path
}

/** Nodes that a search names: by address, id, class, driver, unit name; all words have to match. */
export function searchGraph(graph: PlatformGraph, query: string, text: (node: GraphNode) => string): string[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return []
  return graph.nodes.filter((node) => words.every((w) => text(node).toLowerCase().includes(w))).map((n) => n.id)
}
