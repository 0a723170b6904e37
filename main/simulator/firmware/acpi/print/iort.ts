import type { Iort, IortNode } from '../../../platform/tables'
import { Writer, withHeader } from './writer'

/** Parsing what this prints gives the same table; nodes stand one behind the other from offset 48. */
export function printIort(iort: Iort): Uint8Array {
  const body = new Writer().u32(iort.nodes.length).u32(48).u32(0)
  for (const node of iort.nodes) body.append(nodeOf(node))
  return withHeader('IORT', iort.revision, body)
}

const CODES = {
  'its-group': 0,
  'named-component': 1,
  'root-complex': 2,
  smmu: 3,
  'smmu-v3': 4,
  pmcg: 5,
  rmr: 6,
} as const

function nodeOf(node: IortNode): Writer {
  const data = dataOf(node)
  const mappings = new Writer()
  for (const { inputBase, count, outputBase, output, single } of node.mappings)
    mappings
      .u32(inputBase)
      .u32(count)
      .u32(outputBase)
      .u32(output)
      .u32(single ? 1 : 0)
  const code = node.type === 'unknown' ? node.code : CODES[node.type]
  return new Writer()
    .u8(code)
    .u16(16 + data.length + mappings.length)
    .u8(node.revision)
    .u32(node.identifier)
    .u32(node.mappings.length)
    .u32(node.mappings.length > 0 ? 16 + data.length : 0)
    .append(data)
    .append(mappings)
}

/** Everything between the node's header and its mappings. */
function dataOf(node: IortNode): Writer {
  const data = new Writer()
  switch (node.type) {
    case 'its-group':
      data.u32(node.its.length)
      for (const id of node.its) data.u32(id)
      return data
    case 'named-component':
      return data
        .u32(node.flags)
        .u64(node.memoryProperties)
        .u8(node.addressLimit)
        .text(node.name, node.name.length + 1)
    case 'root-complex':
      data.u64(node.memoryProperties).u32(node.atsAttribute).u32(node.segment)
      if (node.addressLimit !== undefined)
        data
          .u8(node.addressLimit)
          .u16(node.pasidCapabilities ?? 0)
          .u8(0)
      return data
    case 'smmu':
      // No interrupts: their counts are zero and their offsets point behind the node's fixed part.
      return data.u64(node.base).u64(node.span).u32(node.model).u32(node.flags).u32(60).u32(0).u32(60).u32(0).u32(60)
    case 'smmu-v3':
      data
        .u64(node.base)
        .u32(node.flags)
        .u32(0)
        .u64(node.vatos)
        .u32(node.model)
        .u32(node.interrupts.event)
        .u32(node.interrupts.pri)
        .u32(node.interrupts.gerror)
        .u32(node.interrupts.sync)
      if (node.proximityDomain !== undefined) data.u32(node.proximityDomain).u32(node.idMappingIndex ?? 0)
      return data
    case 'pmcg':
      data.u64(node.page0).u32(node.overflowInterrupt).u32(node.node)
      return node.page1 === undefined ? data : data.u64(node.page1)
    case 'rmr':
      data.u32(node.flags).u32(node.regions.length).u32(28)
      for (const { base, length } of node.regions) data.u64(base).u64(length).u32(0)
      return data
    case 'unknown':
      return data
  }
}
