/** The few device tree bindings that decide DMA and MSI routes (pci-iommu.txt, pci-msi.txt, arm,smmu*, arm,gic*). */
import type { Result } from '../../faults'
import { ok } from '../../faults'
import { hex } from '../../platform/address'
import type { PlatformWarning } from '../../platform/schema'
import type { DeviceTree, DeviceTreeMap } from '../../platform/tables'
import type { Parsed } from '../acpi/structures'
import { warning } from '../warnings'
import { cells, cpuAddress, parseFdt, stringList, walk, type DtNode } from './fdt'

const IOMMUS: Record<string, DeviceTree['iommus'][number]['kind']> = {
  'arm,smmu-v3': 'smmu-v3',
  'arm,smmu-v1': 'smmu-v2',
  'arm,smmu-v2': 'smmu-v2',
  'arm,mmu-400': 'smmu-v2',
  'arm,mmu-401': 'smmu-v2',
  'arm,mmu-500': 'smmu-v2',
  'cavium,smmu-v2': 'smmu-v2',
  'qcom,smmu-v2': 'smmu-v2',
}
const MSI_CONTROLLERS: Record<string, DeviceTree['msiControllers'][number]['kind']> = {
  'arm,gic-v2m-frame': 'gicv2m',
  'arm,gic-v3-its': 'gicv3-its',
}

export function parseDeviceTree(data: Uint8Array): Result<Parsed<DeviceTree>> {
  const root = parseFdt(data)
  if (!root.ok) return root
  const warnings: PlatformWarning[] = []
  const byPhandle = new Map<number, DtNode>()
  for (const node of walk(root.value)) {
    const phandle = (cells(node, 'phandle') ?? cells(node, 'linux,phandle'))?.[0]
    if (phandle !== undefined) byPhandle.set(phandle, node)
  }
  const target = (node: DtNode, phandle: number): string => {
    const found = byPhandle.get(phandle)
    if (!found)
      warnings.push(warning('DEVICETREE_REFERENCE', `${node.path} refers to phandle ${phandle}, which no node has`))
    return found?.path ?? `phandle ${phandle}`
  }
  const table: DeviceTree = { pciHosts: [], iommus: [], msiControllers: [] }
  for (const node of walk(root.value)) {
    if (stringList(node, 'status')[0] === 'disabled') continue
    const compatible = stringList(node, 'compatible')
    const iommu = compatible.map((name) => IOMMUS[name]).find((kind) => kind !== undefined)
    const msi = compatible.map((name) => MSI_CONTROLLERS[name]).find((kind) => kind !== undefined)
    const base = cpuAddress(node)
    if ((iommu ?? msi) && base === undefined)
      warnings.push(warning('DEVICETREE_REFERENCE', `${node.path} has no address that the CPU could reach`))
    else if (iommu && base !== undefined) table.iommus.push({ path: node.path, kind: iommu, base: hex(base) })
    else if (msi && base !== undefined)
      table.msiControllers.push({ path: node.path, kind: msi, base: hex(base), ...spisOf(node) })
    if (isPciHost(node)) table.pciHosts.push(hostOf(node, base, target))
  }
  return ok({ table, warnings })
}

const isPci = (node: DtNode): boolean => stringList(node, 'device_type')[0] === 'pci'
const isPciHost = (node: DtNode): boolean => isPci(node) && !(node.parent && isPci(node.parent))

type Target = (node: DtNode, phandle: number) => string

function hostOf(node: DtNode, base: bigint | undefined, target: Target): DeviceTree['pciHosts'][number] {
  const segment = cells(node, 'linux,pci-domain')?.[0]
  const [start, end] = cells(node, 'bus-range') ?? []
  const iommuMap = mapOf(node, 'iommu-map', target)
  const msiMap = mapOf(node, 'msi-map', target)
  const msiParent = cells(node, 'msi-parent')?.[0]
  const plainName = node.name.split('@')[0] ?? node.name
  return {
    path: node.path,
    // As Linux names platform devices (drivers/of/device.c of_device_make_bus_id).
    platformName: base === undefined ? plainName : `${base.toString(16)}.${plainName}`,
    ...(segment === undefined ? {} : { segment }),
    ...(start === undefined || end === undefined ? {} : { busRange: { start, end } }),
    ...(iommuMap ? { iommuMap } : {}),
    iommuMapMask: cells(node, 'iommu-map-mask')?.[0] ?? 0xffffffff,
    ...(msiMap ? { msiMap } : {}),
    msiMapMask: cells(node, 'msi-map-mask')?.[0] ?? 0xffffffff,
    ...(msiParent === undefined ? {} : { msiParent: target(node, msiParent) }),
  }
}

function mapOf(node: DtNode, name: string, target: Target): DeviceTreeMap[] | undefined {
  const values = cells(node, name)
  if (!values) return undefined
  return Array.from({ length: Math.floor(values.length / 4) }, (_, i) => {
    const [inputBase = 0, phandle = 0, outputBase = 0, length = 0] = values.slice(4 * i, 4 * i + 4)
    return { inputBase, target: target(node, phandle), outputBase, length }
  })
}

function spisOf(node: DtNode): { spis?: { base: number; count: number } } {
  const base = cells(node, 'arm,msi-base-spi')?.[0]
  const count = cells(node, 'arm,msi-num-spis')?.[0]
  return base === undefined || count === undefined ? {} : { spis: { base, count } }
}
