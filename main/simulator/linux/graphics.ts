/**
 * VT-d left out for graphics: by intel_iommu=igfx_off, by chipsets on which it does not work, or by the build.
 * Sources: drivers/iommu/intel/iommu.c quirk_iommu_igfx, quirk_calpella_no_shadow_gtt, init_no_remapping_devices
 * (reference 20 §4). Debian's builds can leave integrated graphics out as well (CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF).
 */
import type { PciFunction } from '../platform/schema'
import type { Board } from './board'
import type { CommandLine } from './cmdline'
import { atLeast, type Version } from './policies/policy'

const INTEL = 0x8086
const GGC_MEMORY_VT_ENABLED = 0x800n
const G4X = [0x2a40, 0x2e00, 0x2e10, 0x2e20, 0x2e30, 0x2e40, 0x2e90]
/** 1602, 1606, 160a, 160b, 160d, 160e and the same of 161x, 162x, 163x. */
const BROADWELL = [0x1600, 0x1610, 0x1620, 0x1630].flatMap((base) =>
  [2, 6, 0xa, 0xb, 0xd, 0xe].map((variant) => base + variant),
)

export const isGraphics = (fn: PciFunction): boolean => fn.class >> 16 === 0x03

/** What turned it off, in words; undefined: nothing did. `untrusted` functions trigger no quirk. */
export function graphicsLeftOut(
  board: Board,
  c: CommandLine,
  version: Version,
  untrusted: ReadonlySet<PciFunction>,
): string | undefined {
  if (c.graphicsOff) return 'intel_iommu=igfx_off'
  const { config } = board.platform.kernel
  if (config?.['CONFIG_INTEL_IOMMU_BROKEN_GFX_WA'] === 'y') return 'CONFIG_INTEL_IOMMU_BROKEN_GFX_WA is set'
  // 1f76249cc3be, merged for 5.4
  const known = atLeast(version, 5, 4) ? [...G4X, ...BROADWELL] : G4X
  const stolen = board.platform.functions.find((f) => f.registers?.['GGC'] !== undefined && !untrusted.has(f))
  const ggc = stolen?.registers?.['GGC']
  if (stolen && ggc !== undefined && (BigInt(ggc) & GGC_MEMORY_VT_ENABLED) === 0n)
    return `${stolen.bdf}: firmware has allocated no shadow GTT (GGC ${ggc})`
  const broken = board.platform.functions.find(
    (f) => f.vendor === INTEL && known.includes(f.device) && !untrusted.has(f),
  )
  return broken && `${broken.bdf} is 8086:${broken.device.toString(16)}, on whose chipset VT-d fails for graphics`
}

/** Debian's builds: VT-d is on, but not for Intel's integrated graphics, unless intel_iommu=on asks for all of it. */
export function integratedLeftOut(board: Board, c: CommandLine): string | undefined {
  if (c.intel === true) return c.integratedOff ? 'intel_iommu=intgpu_off' : undefined
  const built = board.platform.kernel.config?.['CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF'] === 'y'
  return built ? 'CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF is set, no intel_iommu=on' : undefined
}

export const isIntegrated = (fn: PciFunction): boolean =>
  isGraphics(fn) && fn.vendor === INTEL && fn.parent.startsWith('pci')
