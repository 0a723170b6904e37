/** Where no table says which functions an IOMMU serves: one unit that serves all, and the sentence that says so. */
import { hex } from '../../platform/address'
import type { Iommu, Platform, PciFunction } from '../../platform/schema'

export interface Assumed {
  readonly iommu: Iommu
  readonly assumption: string
}

const IOMMU_CLASS = 0x0806

/** By the vendor of the host bridges, else by the architecture. An IOMMU that is a PCI function does not serve itself. */
export function assumedUnit(functions: readonly PciFunction[], arch: Platform['arch']): Assumed | undefined {
  if (functions.length === 0) return undefined
  const kind = kindOf(functions, arch)
  const serves = functions.filter((fn) => fn.class >>> 8 !== IOMMU_CLASS).map((fn) => fn.bdf)
  const name = NAMES[kind]
  return {
    iommu: { name, kind, registers: {}, serves, source: 'assumed: no firmware table among the inputs' },
    assumption: `one IOMMU unit (${name}, ${kind}) serves all ${serves.length} functions: no DMAR, IVRS, IORT, VIOT or device tree among the inputs says which`,
  }
}

const NAMES = { 'vt-d': 'dmar0', 'amd-vi': 'ivhd0', 'smmu-v3': `smmu3.${hex(0)}` } as const

function kindOf(functions: readonly PciFunction[], arch: Platform['arch']): keyof typeof NAMES {
  const amd = functions.some(
    (fn) => fn.vendor === 0x1022 && (fn.class >>> 8 === IOMMU_CLASS || fn.class >>> 8 === 0x0600),
  )
  if (amd) return 'amd-vi'
  const intel = functions.some((fn) => fn.vendor === 0x8086 && fn.class >>> 16 === 0x06)
  return intel || arch === 'x86' ? 'vt-d' : 'smmu-v3'
}
