/**
 * Whether VT-d wants one device identity mapped, before it left the question to the core in 5.8: the predicate
 * iommu_should_identity_map (to 5.2), later device_def_domain_type (5.3 … 5.7), in the order of its questions.
 * Source: drivers/iommu/intel-iommu.c of 4.9 and 5.4 (S3.7, S3.14; reference 20 §4). Questions about devices that are no
 * PCI functions (named in an ANDD structure) do not arise: a platform has PCI functions only.
 */
import type { PciFunction } from '../platform/schema'
import type { DomainSetting, Opinion } from './decision'
import { graphicsLeftOut, isGraphics } from './graphics'
import { atLeast } from './policies/policy'
import { because } from './reason'
import { rmrrsOf, rmrrIsRelaxable } from './rmrr'
import { forcedByFirmware } from './units'

const CITE = 'S3.14; 20 §4'
const AZALIA = { vendor: 0x8086, device: 0x3a3e }

const dma = (rule: string, ...facts: string[]): Opinion => ({ type: 'DMA', reason: because(rule, CITE, ...facts) })
const identity = (rule: string, ...facts: string[]): Opinion => ({
  type: 'identity',
  reason: because(rule, CITE, ...facts),
})

/** Undefined: VT-d takes it as the group has it (from 5.3 on; before that every answer is one of the two). */
export function identityMap(fn: PciFunction, s: DomainSetting): Opinion | undefined {
  const { version } = s.policy
  const [rmrr] = rmrrsOf(s.board, fn, version)
  // 9235cb13d7d1 (5.6) maps every RMRR in the identity domain too, and asks no longer.
  if (rmrr && !rmrrIsRelaxable(fn) && !atLeast(version, 5, 6))
    return dma('a locked RMRR: its mapping would be lost in the identity domain', `${fn.bdf}: ${rmrr.source}`)
  if (s.untrusted.has(fn)) return dma('untrusted device: never identity mapped', `${fn.bdf} is behind an external port`)
  const chosen = bySpecies(fn, s)
  if (chosen) return chosen
  const all = identityMapAll(s)
  if (s.policy.defaultDomains === 'driver' && all === undefined)
    return dma('nothing asks for identity mapping', 'no iommu=pt on the command line')
  const conventional = behindConventional(fn, s)
  if (conventional) return conventional
  return all === undefined ? undefined : identity('identity mapping is asked for all devices', all)
}

/** IDENTMAP_AZALIA, IDENTMAP_GFX. */
function bySpecies(fn: PciFunction, s: DomainSetting): Opinion | undefined {
  const azalia = isochronous(fn, s)
  if (azalia !== undefined) return azalia
  const graphics = graphicsIdentity(fn, s)
  return graphics === undefined ? undefined : identity('graphics, for which VT-d is left out', fn.bdf, graphics)
}

/** From 5.3 on whatever leaves VT-d out for graphics sets the flag (until 6.10, ba00196ca41c); before, only the build option did. */
export function graphicsIdentity(fn: PciFunction, s: DomainSetting): string | undefined {
  const { version } = s.policy
  if (!isGraphics(fn) || atLeast(version, 6, 10)) return undefined
  if (atLeast(version, 5, 3)) return graphicsLeftOut(s.board, s.cmdline, version, s.untrusted)
  const built = s.board.platform.kernel.config?.['CONFIG_INTEL_IOMMU_BROKEN_GFX_WA'] === 'y'
  return built ? 'CONFIG_INTEL_IOMMU_BROKEN_GFX_WA is set' : undefined
}

/**
 * check_tylersburg_isoch: firmware of some X58 boards routes Azalia sound to a unit of its own without any TLB entry, in
 * which it deadlocks: Linux maps it one to one. VTISOCHCTRL bit 0: routed elsewhere; bits 4:2: number of entries.
 */
export function isochronous(fn: PciFunction, s: DomainSetting): Opinion | undefined {
  if (fn.vendor !== AZALIA.vendor || fn.device !== AZALIA.device) return undefined
  const control = s.board.platform.functions.find((f) => f.registers?.['VTISOCHCTRL'] !== undefined)
  const value = control?.registers?.['VTISOCHCTRL']
  if (!control || value === undefined) {
    s.assume(`${fn.bdf}: firmware gave the isochronous unit its TLB entries (VTISOCHCTRL of 8086:342e is not known)`)
    return undefined
  }
  if ((BigInt(value) & 1n) !== 0n || (BigInt(value) & 0x1cn) !== 0n) return undefined
  return identity(
    'sound behind an isochronous unit without TLB entries',
    fn.bdf,
    `${control.bdf}: VTISOCHCTRL ${value}`,
  )
}

/** IDENTMAP_ALL: passthrough, or VT-d that runs because firmware opts in. From 5.6 on the core's default says it alone. */
function identityMapAll(s: DomainSetting): string | undefined {
  const { board, cmdline, policy } = s
  if (atLeast(policy.version, 5, 6)) return undefined
  const forced = forcedByFirmware(board, cmdline, policy.version)
  if (forced) return forced
  const asked = atLeast(policy.version, 5, 4) ? cmdline.passthrough : cmdline.pt
  const built = board.platform.kernel.config?.['CONFIG_IOMMU_DEFAULT_PASSTHROUGH'] === 'y'
  if (asked === undefined)
    return built && atLeast(policy.version, 4, 19) ? 'CONFIG_IOMMU_DEFAULT_PASSTHROUGH is set' : undefined
  return asked ? 'passthrough on the command line' : undefined
}

/** All devices behind one bridge to conventional PCI have its requester ID: none can be taken out of the domain later. */
function behindConventional(fn: PciFunction, s: DomainSetting): Opinion | undefined {
  if (fn.express)
    return fn.express.type === 'pcie-to-pci-bridge'
      ? dma('bridge from PCIe to conventional PCI', `${fn.bdf} and what is below share a requester ID`)
      : undefined
  if (fn.unknown.includes('express')) {
    s.assume(`${fn.bdf}: its PCI Express capability could not be read, taken as present`)
    return undefined
  }
  if (!fn.parent.startsWith('pci'))
    return dma('conventional PCI function that is not on a root bus', `${fn.bdf} is below ${fn.parent}`)
  return fn.class >> 8 === 0x0604 ? dma('conventional PCI-to-PCI bridge', fn.bdf) : undefined
}

/**
 * The question that is asked only once a driver maps memory: can the device address all of it? Undefined: yes, or nobody
 * asks. A function without a driver maps nothing.
 */
export function cannotReachMemory(fn: PciFunction, s: DomainSetting): string | undefined {
  const { ramEnd } = s.board.platform.kernel
  if (fn.driver === undefined || fn.headerType !== 0) return undefined
  if (fn.dmaMaskBits === undefined || ramEnd === undefined) {
    s.assume('devices that are identity mapped can address all memory (else VT-d before 5.8 gives them a DMA domain)')
    return undefined
  }
  // dma_get_required_mask: all bits below the highest one of the last page's address.
  const needed = (BigInt(ramEnd) & ~0xfffn).toString(2).length
  return fn.dmaMaskBits < needed
    ? `${fn.bdf}: DMA mask of ${fn.dmaMaskBits} bits, the last page of RAM needs ${needed}`
    : undefined
}
