/**
 * What a device's memory regions ask of its I/O addresses: `memory-region` → `iommu-addresses = <&device address size …>`
 * (bindings reserved-memory.yaml; Linux drivers/iommu/of_iommu.c of_iommu_get_resv_regions). Addresses are taken as the
 * device sees them: `dma-ranges` above it are not looked at.
 */
import { hex } from '../../platform/address'
import type { DeviceTree } from '../../platform/tables'
import { cellCount, cells, cpuAddress, joinCells, type DtNode } from './fdt'

type Reserved = NonNullable<NonNullable<DeviceTree['masters']>[number]['reserved']>[number]

/** Of regions that a device names, and of entries of one region: a damaged tree may have any number of both. */
const LIMIT = 64
const LAST = 0xffffffffffffffffn

export function reservedFor(device: DtNode, byPhandle: ReadonlyMap<number, DtNode>): Reserved[] {
  return (cells(device, 'memory-region') ?? []).slice(0, LIMIT).flatMap((phandle) => {
    const region = byPhandle.get(phandle)
    return region ? claims(region, device, byPhandle) : []
  })
}

/** Each entry has as many cells as the bus of the device that it names; those of other devices are passed over. */
function claims(region: DtNode, device: DtNode, byPhandle: ReadonlyMap<number, DtNode>): Reserved[] {
  const list = cells(region, 'iommu-addresses') ?? []
  const memory = memoryOf(region)
  const out: Reserved[] = []
  for (let at = 0, read = 0; at < list.length && read < LIMIT; read++) {
    const named = byPhandle.get(list[at] ?? 0)
    const bus = named?.parent
    if (!bus) return out
    const wide = cellCount(bus, '#address-cells', 2)
    const long = cellCount(bus, '#size-cells', 1)
    const start = joinCells(list, at + 1, wide)
    const size = joinCells(list, at + 1 + wide, long)
    at += 1 + wide + long
    const end = start + size - 1n
    if (named !== device || size === 0n || at > list.length || end > LAST) continue
    out.push({
      path: region.path,
      start: hex(start),
      end: hex(end),
      identity: memory !== undefined && memory.start === start && memory.end === end,
    })
  }
  return out
}

/** A region of one byte counts as none, as the kernel's test has it (`phys->start >= phys->end`). */
function memoryOf(region: DtNode): { start: bigint; end: bigint } | undefined {
  const start = cpuAddress(region)
  const reg = cells(region, 'reg')
  if (start === undefined || !reg || !region.parent) return undefined
  const wide = cellCount(region.parent, '#address-cells', 2)
  const size = joinCells(reg, wide, cellCount(region.parent, '#size-cells', 1))
  return size > 1n ? { start, end: start + size - 1n } : undefined
}
