/** IORT: which Arm SMMU and which ITS a requester ID ends at (Arm DEN0049E.e; Linux include/acpi/actbl2.h, drivers/acpi/arm64/iort.c). */
import { err, fault, ok, type Result } from '../../faults'
import type { IdMapping, Iort, IortNode } from '../../platform/tables'
import type { PlatformWarning } from '../../platform/schema'
import type { Bytes } from '../bytes'
import { warning } from '../warnings'
import { readTable } from './header'
import { atLeast, type Parsed, type Structure } from './structures'

const NODE_HEADER = 16
const MAPPING_LENGTH = 20
const RMR_LENGTH = 20

export function parseIort(data: Uint8Array): Result<Parsed<Iort>> {
  const header = readTable(data, 'IORT')
  if (!header.ok) return header
  const { bytes, revision } = header.value
  const fixed = atLeast({ offset: 0, type: 0, length: bytes.length }, 48, 'IORT')
  if (!fixed.ok) return fixed
  const warnings: PlatformWarning[] = []
  const nodes: IortNode[] = []
  let offset = bytes.u32(40)
  if (offset < 48 && bytes.u32(36) > 0)
    return err(fault('ACPI_BAD_LENGTH', `IORT: the first node at ${offset} lies inside the header`, { offset: 40 }))
  for (let left = bytes.u32(36); left > 0; left--) {
    const read = readNode(bytes, offset, warnings)
    if (!read.ok) return read
    nodes.push(read.value.node)
    offset += read.value.length
  }
  checkReferences(nodes, warnings)
  return ok({ table: { revision, nodes }, warnings })
}

function readNode(
  bytes: Bytes,
  offset: number,
  warnings: PlatformWarning[],
): Result<{ node: IortNode; length: number }> {
  if (!bytes.has(offset, NODE_HEADER))
    return err(fault('ACPI_TRUNCATED', 'IORT: a node lies beyond the end of the table', { offset }))
  const length = bytes.u16(offset + 1)
  if (length === 0) return err(fault('ACPI_LOOP', 'IORT node of length 0: the walk would never end', { offset }))
  if (length < NODE_HEADER || !bytes.has(offset, length))
    return err(fault('ACPI_BAD_LENGTH', `IORT node of length ${length} does not fit`, { offset }))
  const at: Structure = { offset, type: bytes.u8(offset), length }
  const mappings = readMappings(bytes, at)
  if (!mappings.ok) return mappings
  const common = {
    offset,
    revision: bytes.u8(offset + 3),
    identifier: bytes.u32(offset + 4),
    mappings: mappings.value,
  }
  const node = readBody(bytes, at, common, warnings)
  return node.ok ? ok({ node: node.value, length }) : node
}

function readMappings(bytes: Bytes, at: Structure): Result<IdMapping[]> {
  const count = bytes.u32(at.offset + 8)
  const start = bytes.u32(at.offset + 12)
  if (count === 0 || start === 0) return ok([]) // Linux: no mapping when either is 0
  if (start < NODE_HEADER || start + count * MAPPING_LENGTH > at.length)
    return err(
      fault('ACPI_BAD_LENGTH', `IORT: ${count} id mappings at ${start} do not fit a node of ${at.length} bytes`, {
        offset: at.offset,
      }),
    )
  return ok(
    Array.from({ length: count }, (_, i) => {
      const here = at.offset + start + i * MAPPING_LENGTH
      return {
        inputBase: bytes.u32(here),
        count: bytes.u32(here + 4),
        outputBase: bytes.u32(here + 8),
        output: bytes.u32(here + 12),
        single: (bytes.u32(here + 16) & 1) !== 0,
      }
    }),
  )
}

type Common = Pick<IortNode, 'offset' | 'revision' | 'identifier' | 'mappings'>

/** Node type → name and bytes that its first revision has. */
const SHAPES: Record<number, { name: string; minimum: number }> = {
  0: { name: 'IORT ITS group', minimum: 20 },
  1: { name: 'IORT named component', minimum: 30 },
  2: { name: 'IORT root complex', minimum: 32 },
  3: { name: 'IORT SMMU', minimum: 60 },
  4: { name: 'IORT SMMUv3', minimum: 60 },
  5: { name: 'IORT PMCG', minimum: 32 },
  6: { name: 'IORT RMR', minimum: 28 },
}

function readBody(bytes: Bytes, at: Structure, common: Common, warnings: PlatformWarning[]): Result<IortNode> {
  const { offset, type } = at
  const shape = SHAPES[type]
  if (!shape) {
    warnings.push(warning('ACPI_UNKNOWN_STRUCTURE', `IORT node type ${type} of ${at.length} bytes skipped`, { offset }))
    return ok({ type: 'unknown', ...common, code: type })
  }
  const enough = atLeast(at, shape.minimum, shape.name)
  if (!enough.ok) return enough
  /** Fields that later revisions added are read only where they end before the node's mappings. */
  const mappingStart = common.mappings.length > 0 ? bytes.u32(offset + 12) : at.length
  const fits = (end: number) => end <= mappingStart
  switch (type) {
    case 0:
      return readItsGroup(bytes, at, common)
    case 1:
      return ok({
        type: 'named-component',
        ...common,
        flags: bytes.u32(offset + 16),
        memoryProperties: bytes.hex64(offset + 20),
        addressLimit: bytes.u8(offset + 28),
        name: bytes.text(offset + 29, at.length - 29),
      })
    case 2:
      return ok({
        type: 'root-complex',
        ...common,
        memoryProperties: bytes.hex64(offset + 16),
        atsAttribute: bytes.u32(offset + 24),
        segment: bytes.u32(offset + 28),
        ...(common.revision >= 1 && fits(33) ? { addressLimit: bytes.u8(offset + 32) } : {}),
        ...(common.revision >= 3 && fits(35) ? { pasidCapabilities: bytes.u16(offset + 33) } : {}),
      })
    case 3:
      return ok({
        type: 'smmu',
        ...common,
        base: bytes.hex64(offset + 16),
        span: bytes.hex64(offset + 24),
        model: bytes.u32(offset + 32),
        flags: bytes.u32(offset + 36),
      })
    case 4:
      return ok({
        type: 'smmu-v3',
        ...common,
        base: bytes.hex64(offset + 16),
        flags: bytes.u32(offset + 24),
        vatos: bytes.hex64(offset + 32),
        model: bytes.u32(offset + 40),
        interrupts: {
          event: bytes.u32(offset + 44),
          pri: bytes.u32(offset + 48),
          gerror: bytes.u32(offset + 52),
          sync: bytes.u32(offset + 56),
        },
        ...(fits(64) ? { proximityDomain: bytes.u32(offset + 60) } : {}),
        ...(common.revision >= 1 && fits(68) ? { idMappingIndex: bytes.u32(offset + 64) } : {}),
      })
    case 5:
      return ok({
        type: 'pmcg',
        ...common,
        page0: bytes.hex64(offset + 16),
        overflowInterrupt: bytes.u32(offset + 24),
        node: bytes.u32(offset + 28),
        ...(fits(40) ? { page1: bytes.hex64(offset + 32) } : {}),
      })
    default:
      return readRmr(bytes, at, common)
  }
}

function readItsGroup(bytes: Bytes, at: Structure, common: Common): Result<IortNode> {
  const count = bytes.u32(at.offset + 16)
  if (20 + count * 4 > at.length)
    return err(fault('ACPI_BAD_LENGTH', `IORT ITS group: ${count} ids do not fit the node`, { offset: at.offset }))
  const its = Array.from({ length: count }, (_, i) => bytes.u32(at.offset + 20 + 4 * i))
  return ok({ type: 'its-group', ...common, its })
}

function readRmr(bytes: Bytes, at: Structure, common: Common): Result<IortNode> {
  const { offset } = at
  const count = bytes.u32(offset + 20)
  const start = bytes.u32(offset + 24)
  if (count > 0 && (start < 28 || start + count * RMR_LENGTH > at.length))
    return err(fault('ACPI_BAD_LENGTH', `IORT RMR: ${count} descriptors at ${start} do not fit the node`, { offset }))
  const regions = Array.from({ length: count }, (_, i) => ({
    base: bytes.hex64(offset + start + i * RMR_LENGTH),
    length: bytes.hex64(offset + start + i * RMR_LENGTH + 8),
  }))
  return ok({ type: 'rmr', ...common, flags: bytes.u32(offset + 16), regions })
}

function checkReferences(nodes: readonly IortNode[], warnings: PlatformWarning[]): void {
  const starts = new Set(nodes.map((node) => node.offset))
  for (const node of nodes)
    for (const mapping of node.mappings)
      if (!starts.has(mapping.output))
        warnings.push(
          warning('ACPI_BAD_REFERENCE', `IORT: an id mapping points at ${mapping.output}, where no node starts`, {
            offset: node.offset,
          }),
        )
}
