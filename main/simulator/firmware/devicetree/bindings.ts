/** The few device tree bindings that decide DMA and MSI routes (pci-iommu.txt, pci-msi.txt, arm,smmu*, arm,gic*). */
import type { Result } from '../../faults'
import { ok } from '../../faults'
import { hex } from '../../platform/address'
import type { PlatformWarning } from '../../platform/schema'
import type { DeviceTree, DeviceTreeMap } from '../../platform/tables'
import type { Parsed } from '../acpi/structures'
import { warning } from '../warnings'
import { decodeText } from '../pasted'
import { parseSource } from './source'
import { cells, cpuAddress, parseFdt, platformName, stringList, walk, type DtNode } from './fdt'
import { mastersOf } from './masters'

const IOMMUS: Record<string, DeviceTree['iommus'][number]['kind']> = {
  'arm,smmu-v3': 'smmu-v3',
  'arm,smmu-v1': 'smmu-v2',
  'arm,smmu-v2': 'smmu-v2',
  'arm,mmu-400': 'smmu-v2',
  'arm,mmu-401': 'smmu-v2',
  'arm,mmu-500': 'smmu-v2',
  'cavium,smmu-v2': 'smmu-v2',
  'qcom,smmu-v2': 'smmu-v2',
  'fsl,pamu': 'pamu',
}
const MSI_CONTROLLERS: Record<string, DeviceTree['msiControllers'][number]['kind']> = {
  'arm,gic-v2m-frame': 'gicv2m',
  'arm,gic-v3-its': 'gicv3-its',
  'fsl,mpic-msi': 'mpic',
  'fsl,mpic-msi-v4.3': 'mpic',
}
/** MSIIR inside a bank of registers (Linux arch/powerpc/sysdev/fsl_msi.c). */
const MSIIR = 0x140n
/** Banks up to MPIC 4.2 have 8 registers of 32 interrupts, later ones 16. */
const BANK = { 'fsl,mpic-msi': 256, 'fsl,mpic-msi-v4.3': 512 }
const FDT_MAGIC = 0xd00dfeed

/** A blob, or source text. Faults: DEVICETREE_TRUNCATED and DEVICETREE_CORRUPT with offset, DEVICETREE_SYNTAX with position. */
export function parseDeviceTree(data: Uint8Array): Result<Parsed<DeviceTree>> {
  const warnings: PlatformWarning[] = []
  const root = rootOf(data, warnings)
  if (!root.ok) return root
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
    else if (iommu && base !== undefined)
      table.iommus.push({
        path: node.path,
        kind: iommu,
        base: hex(base),
        ...(isCoherent(node) ? { coherent: true } : {}),
      })
    else if (msi && base !== undefined)
      table.msiControllers.push({
        path: node.path,
        kind: msi,
        base: hex(base),
        ...(msi === 'mpic' ? bankOf(node, base, compatible) : spisOf(node)),
      })
    if (isPciHost(node)) table.pciHosts.push(hostOf(node, base, target))
  }
  const masters = mastersOf(root.value, byPhandle, table.iommus)
  if (masters.length > 0) table.masters = masters
  return ok({ table, warnings })
}

/** The nearest word counts, at the node or above it (Linux drivers/of/address.c of_dma_is_coherent); arm64 without one: no. */
function isCoherent(node: DtNode): boolean {
  for (let up: DtNode | undefined = node; up; up = up.parent) {
    if (up.properties.has('dma-coherent')) return true
    if (up.properties.has('dma-noncoherent')) return false
  }
  return false
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
  return {
    path: node.path,
    platformName: platformName(node, base),
    ...(segment === undefined ? {} : { segment }),
    ...(start === undefined || end === undefined ? {} : { busRange: { start, end } }),
    ...(iommuMap ? { iommuMap } : {}),
    iommuMapMask: cells(node, 'iommu-map-mask')?.[0] ?? 0xffffffff,
    ...(msiMap ? { msiMap } : {}),
    msiMapMask: cells(node, 'msi-map-mask')?.[0] ?? 0xffffffff,
    ...(msiParent === undefined ? {} : { msiParent: target(node, msiParent) }),
    ...pamuOf(node, target),
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

function rootOf(data: Uint8Array, warnings: PlatformWarning[]): Result<DtNode> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  // A blob is known by its first word; what has bytes that no text has is a damaged one.
  if ((data.length >= 4 && view.getUint32(0) === FDT_MAGIC) || data.subarray(0, 64).includes(0)) return parseFdt(data)
  if (data.length < 4) return parseFdt(data)
  const source = parseSource(decodeText(data))
  if (!source.ok) return source
  warnings.push(...source.value.warnings)
  return ok(source.value.root)
}

/** PCI controllers of PAMU boards: numbers written by the boot loader, and the bank for messages (bindings pamu.txt, msi-pic.txt). */
function pamuOf(
  node: DtNode,
  target: Target,
): Pick<DeviceTree['pciHosts'][number], 'liodns' | 'iommuParent' | 'msiBank' | 'revision'> {
  const liodns = cells(node, 'fsl,liodn')
  const parent = cells(node, 'fsl,iommu-parent')?.[0]
  const bank = cells(node, 'fsl,msi')?.[0]
  const named = stringList(node, 'compatible').flatMap((name) => {
    const m = /^fsl,qoriq-pcie-v(\d)\.(\d)$/.exec(name)
    return m ? [(Number(m[1]) << 8) | Number(m[2])] : []
  })[0]
  return {
    ...(named === undefined ? {} : { revision: named }),
    ...(liodns ? { liodns } : {}),
    ...(parent === undefined ? {} : { iommuParent: target(node, parent) }),
    ...(bank === undefined ? {} : { msiBank: target(node, bank) }),
  }
}

/** The driver prefers the alias of MSIIR that newer trees name as the second register. */
function bankOf(
  node: DtNode,
  base: bigint,
  compatible: readonly string[],
): Pick<DeviceTree['msiControllers'][number], 'doorbell' | 'interrupts'> {
  const count = compatible.includes('fsl,mpic-msi-v4.3') ? BANK['fsl,mpic-msi-v4.3'] : BANK['fsl,mpic-msi']
  const ranges = cells(node, 'msi-available-ranges') ?? [0, count]
  return {
    doorbell: hex(BigInt.asUintN(64, cpuAddress(node, 1) ?? base + MSIIR)),
    interrupts: Array.from({ length: Math.floor(ranges.length / 2) }, (_, i) => ({
      first: ranges[2 * i] ?? 0,
      count: ranges[2 * i + 1] ?? 0,
    })),
  }
}

function spisOf(node: DtNode): { spis?: { base: number; count: number } } {
  const base = cells(node, 'arm,msi-base-spi')?.[0]
  const count = cells(node, 'arm,msi-num-spis')?.[0]
  return base === undefined || count === undefined ? {} : { spis: { base, count } }
}
