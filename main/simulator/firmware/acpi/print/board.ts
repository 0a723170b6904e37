import type { Madt, Mcfg, Viot } from '../../../platform/tables'
import { Writer, byOffset, withHeader } from './writer'

/** Processors are not kept in the parsed form but by number: as many local APICs or GIC CPU interfaces are printed last. */
export function printMadt(madt: Madt): Uint8Array {
  const body = new Writer().u32(Number(madt.localInterruptController)).u32(madt.flags)
  const parts: { offset: number; type: number; content: Writer }[] = [
    ...madt.ioApics.map(({ offset, id, address, gsiBase }) => ({
      offset,
      type: 1,
      content: new Writer().u8(id, 0).u32(Number(address)).u32(gsiBase),
    })),
    ...madt.distributors.map(({ offset, id, base, gsiBase, version }) => ({
      offset,
      type: 12,
      content: new Writer().u16(0).u32(id).u64(base).u32(gsiBase).u8(version).zeros(3),
    })),
    ...madt.msiFrames.map(({ offset, id, base, overrideSpi, spiCount, spiBase }) => ({
      offset,
      type: 13,
      content: new Writer()
        .u16(0)
        .u32(id)
        .u64(base)
        .u32(overrideSpi ? 1 : 0)
        .u16(spiCount)
        .u16(spiBase),
    })),
    ...madt.redistributors.map(({ offset, base, length }) => ({
      offset,
      type: 14,
      content: new Writer().u16(0).u64(base).u32(length),
    })),
    ...madt.its.map(({ offset, id, base }) => ({
      offset,
      type: 15,
      content: new Writer().u16(0).u32(id).u64(base).u32(0),
    })),
  ]
  for (const { type, content } of byOffset(parts)) body.u8(type, 2 + content.length).append(content)
  for (let cpu = 0; cpu < madt.cpus; cpu++) body.u8(0, 8, cpu, cpu).u32(1)
  return withHeader('APIC', madt.revision, body)
}

export function printMcfg(mcfg: Mcfg): Uint8Array {
  const body = new Writer().zeros(8)
  for (const { base, segment, startBus, endBus } of mcfg.allocations)
    body.u64(base).u16(segment).u8(startBus, endBus).u32(0)
  return withHeader('MCFG', mcfg.revision, body)
}

export function printViot(viot: Viot): Uint8Array {
  const body = new Writer().u16(viot.nodes.length).u16(48).zeros(8)
  for (const node of viot.nodes)
    switch (node.type) {
      case 'pci-range':
        body.u8(1, 0).u16(24).u32(node.endpointStart).u16(node.segmentStart).u16(node.segmentEnd)
        body.u16(node.bdfStart).u16(node.bdfEnd).u16(node.output).zeros(6)
        break
      case 'mmio':
        body.u8(2, 0).u16(24).u32(node.endpoint).u64(node.base).u16(node.output).zeros(6)
        break
      case 'virtio-iommu-pci':
        body.u8(3, 0).u16(16).u16(node.segment).u16(node.bdf).zeros(8)
        break
      case 'virtio-iommu-mmio':
        body.u8(4, 0).u16(16).zeros(4).u64(node.base)
        break
    }
  return withHeader('VIOT', viot.revision, body)
}
