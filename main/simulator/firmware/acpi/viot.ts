/** VIOT: which endpoints a virtio-iommu manages (ACPI 6.5 §5.2.36; Linux include/acpi/actbl3.h, drivers/acpi/viot.c). */
import { err, fault, ok, type Result } from '../../faults'
import type { Viot, ViotNode } from '../../platform/tables'
import type { PlatformWarning } from '../../platform/schema'
import type { Bytes } from '../bytes'
import { warning } from '../warnings'
import { readTable } from './header'
import { atLeast, type Parsed, type Structure } from './structures'

const NODE_HEADER = 4
const SHAPES: Record<number, { name: string; minimum: number }> = {
  1: { name: 'VIOT PCI range', minimum: 24 },
  2: { name: 'VIOT MMIO endpoint', minimum: 24 },
  3: { name: 'VIOT virtio-iommu on PCI', minimum: 16 },
  4: { name: 'VIOT virtio-iommu on MMIO', minimum: 16 },
}

export function parseViot(data: Uint8Array): Result<Parsed<Viot>> {
  const header = readTable(data, 'VIOT')
  if (!header.ok) return header
  const { bytes, revision } = header.value
  const fixed = atLeast({ offset: 0, type: 0, length: bytes.length }, 48, 'VIOT')
  if (!fixed.ok) return fixed
  const count = bytes.u16(36)
  let offset = bytes.u16(38)
  if (count > 0 && offset < 48)
    return err(fault('ACPI_BAD_LENGTH', `VIOT: the first node at ${offset} lies inside the header`, { offset: 38 }))
  const table: Viot = { revision, nodes: [] }
  const warnings: PlatformWarning[] = []
  for (let left = count; left > 0; left--) {
    if (!bytes.has(offset, NODE_HEADER))
      return err(fault('ACPI_TRUNCATED', 'VIOT: a node lies beyond the end of the table', { offset }))
    const length = bytes.u16(offset + 2)
    if (length === 0) return err(fault('ACPI_LOOP', 'VIOT node of length 0: the walk would never end', { offset }))
    if (length < NODE_HEADER || !bytes.has(offset, length))
      return err(fault('ACPI_BAD_LENGTH', `VIOT node of length ${length} does not fit`, { offset }))
    const node = readNode(bytes, { offset, type: bytes.u8(offset), length }, warnings)
    if (!node.ok) return node
    if (node.value) table.nodes.push(node.value)
    offset += length
  }
  return ok({ table, warnings })
}

function readNode(bytes: Bytes, at: Structure, warnings: PlatformWarning[]): Result<ViotNode | null> {
  const { offset, type } = at
  const shape = SHAPES[type]
  if (!shape) {
    warnings.push(warning('ACPI_UNKNOWN_STRUCTURE', `VIOT node type ${type} of ${at.length} bytes skipped`, { offset }))
    return ok(null)
  }
  const enough = atLeast(at, shape.minimum, shape.name)
  if (!enough.ok) return enough
  if (type === 1)
    return ok({
      type: 'pci-range',
      offset,
      endpointStart: bytes.u32(offset + 4),
      segmentStart: bytes.u16(offset + 8),
      segmentEnd: bytes.u16(offset + 10),
      bdfStart: bytes.u16(offset + 12),
      bdfEnd: bytes.u16(offset + 14),
      output: bytes.u16(offset + 16),
    })
  if (type === 2)
    return ok({
      type: 'mmio',
      offset,
      endpoint: bytes.u32(offset + 4),
      base: bytes.hex64(offset + 8),
      output: bytes.u16(offset + 16),
    })
  if (type === 3)
    return ok({ type: 'virtio-iommu-pci', offset, segment: bytes.u16(offset + 4), bdf: bytes.u16(offset + 6) })
  return ok({ type: 'virtio-iommu-mmio', offset, base: bytes.hex64(offset + 8) })
}
