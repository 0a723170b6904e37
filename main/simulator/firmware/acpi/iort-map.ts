/**
 * Following an id through an IORT: requester ID → StreamID at an SMMU → DeviceID at an ITS.
 * As Linux 6.12 does it (drivers/acpi/arm64/iort.c iort_id_map and iort_node_map_id; 90 §3 "mapping rule").
 */
import type { Iort, IortNode } from '../../platform/tables'

export interface Mapped {
  readonly node: IortNode
  readonly id: number
}

/** Node types that an id may be wanted at. */
export type IortGoal = 'iommu' | 'its'

const isGoal = (node: IortNode, goal: IortGoal): boolean =>
  goal === 'its' ? node.type === 'its-group' : node.type === 'smmu' || node.type === 'smmu-v3'

/** Linux has one root complex a segment: the first in the table. */
export const rootComplexOf = (iort: Iort, segment: number): IortNode | undefined =>
  iort.nodes.find((node) => node.type === 'root-complex' && node.segment === segment)

/** Where the id ends up, and as which id; undefined when some mapping on the way does not know it. */
export function mapId(iort: Iort, start: IortNode, id: number, goal: IortGoal): Mapped | undefined {
  const byOffset = new Map(iort.nodes.map((node) => [node.offset, node]))
  let node: IortNode | undefined = start
  // A table whose nodes refer to each other in a circle has no end: no path is longer than the number of nodes.
  for (let hops = 0; node && hops <= iort.nodes.length; hops++) {
    if (isGoal(node, goal)) return { node, id }
    const step = mapOnce(node, id)
    if (!step) return undefined
    node = byOffset.get(step.output)
    id = step.id
  }
  return undefined
}

function mapOnce(node: IortNode, id: number): { output: number; id: number } | undefined {
  const first = node.mappings[0]
  if (!first || first.output === 0) return undefined // Linux looks at the first mapping's reference only
  const ownIndex = ownMappingIndex(node)
  let provisional: { output: number; id: number } | undefined
  for (const [i, mapping] of node.mappings.entries()) {
    if (i === ownIndex) continue
    if (mapping.single) {
      if (node.type !== 'named-component' && node.type !== 'root-complex') continue
      return { output: mapping.output, id: mapping.outputBase }
    }
    const last = mapping.inputBase + mapping.count // the count is of ids minus one
    if (id < mapping.inputBase || id > last) continue
    // After a match at the end of an earlier range only a range that starts here may still win (count mistaken by one).
    if (provisional && id !== mapping.inputBase) continue
    const found = { output: mapping.output, id: (mapping.outputBase + (id - mapping.inputBase)) >>> 0 }
    if (mapping.count === 0 || id !== last) return found
    provisional = found
  }
  return provisional
}

/** The mapping that is a unit's own DeviceID, not one of the devices behind it; undefined where there is none. */
function ownMappingIndex(node: IortNode): number | undefined {
  if (node.type === 'pmcg') return node.overflowInterrupt !== 0 || node.mappings.length === 0 ? undefined : 0
  if (node.type !== 'smmu-v3' || node.revision < 1 || node.idMappingIndex === undefined) return undefined
  const { event, pri, gerror, sync } = node.interrupts
  const allWired = event !== 0 && pri !== 0 && gerror !== 0 && sync !== 0
  return allWired || node.idMappingIndex >= node.mappings.length ? undefined : node.idMappingIndex
}
