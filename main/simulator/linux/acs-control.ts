/**
 * What the planned kernel leaves in each ACS control register. The input recorded what *its* kernel left there; where the
 * planned kernel or command line treats a bit in another way, the bit is worked out anew, and the firmware's value of a bit
 * that the recorded kernel has overwritten is an assumption.
 * Sources: drivers/pci/pci.c pci_enable_acs, pci_std_enable_acs, __pci_config_acs; the callers of pci_request_acs
 * (reference 10 §5; 05.14, 05.15).
 */
import type { PciFunction, Platform } from '../platform/schema'
import { hasWideAcs } from '../platform/wide-acs'
import { configuredBy, namedBy, type Write } from './acs-options'
import type { Board } from './board'
import { readCommandLine, type CommandLine } from './cmdline'
import { eraFor } from './policies/eras'
import { atLeast, type KernelPolicy, type Version } from './policies/policy'
import { untrustedFunctions } from './trust'

export interface AcsControl {
  readonly cap: number
  readonly ctrl: number
  /** Where the planned kernel leaves another value than the recorded one. */
  readonly recorded?: number
  /** Bits of `ctrl` that no input says: the firmware's, which the recorded kernel has overwritten. Taken as off, as after reset. */
  readonly unknown: number
}

const SV = 0x01
const TB = 0x02
const RR = 0x04
const CR = 0x08
const UF = 0x10
const EC = 0x20
/** pci_std_enable_acs */
const ENABLED = SV | RR | CR | UF
const REDIRECT = RR | CR | EC

/** A kernel as far as it writes these registers. */
interface Writer {
  readonly version: Version
  readonly cmdline: CommandLine
  readonly requested: boolean
  readonly untrusted: ReadonlySet<PciFunction>
}

const writer = (board: Board, policy: KernelPolicy, cmdline: CommandLine): Writer => ({
  version: policy.version,
  cmdline,
  requested: acsRequested(board.platform, policy.version, cmdline),
  untrusted: untrustedFunctions(board, policy),
})

/**
 * The control registers under the planned kernel. Without a recorded command line nothing is known to differ.
 * `untouched`: the planned kernel finds the registers as recorded, not as firmware leaves them.
 */
export function acsControls(
  board: Board,
  policy: KernelPolicy,
  cmdline: CommandLine,
  untouched = false,
): (fn: PciFunction) => AcsControl | undefined {
  const { release, cmdline: recordedLine } = board.platform.kernel
  const planned = writer(board, policy, cmdline)
  const anew = enabledAnew(board, policy, cmdline) !== undefined
  if (recordedLine === undefined && !anew) return recordedAcs
  if (untouched || recordedLine === undefined)
    return (fn) => fn.acs && rewritten(fn.acs, { set: 0, clear: 0 }, kernelWrite(fn, board, planned))
  const then = writer(
    board,
    (release === undefined ? undefined : eraFor(release)) ?? policy,
    readCommandLine(recordedLine),
  )
  return (fn) => fn.acs && rewritten(fn.acs, kernelWrite(fn, board, then), kernelWrite(fn, board, planned))
}

/**
 * Undefined, or what was seen: functions offer the bits that every kernel with an IOMMU enables, and none has one of them.
 * So no such kernel ran when the input was taken, and the planned one will enable them.
 */
export function enabledAnew(board: Board, policy: KernelPolicy, cmdline: CommandLine): string | undefined {
  const { platform } = board
  const offered = platform.functions.flatMap((fn) => (fn.acs && (fn.acs.cap & ENABLED) !== 0 ? [fn.acs] : []))
  if (platform.kernel.cmdline !== undefined || offered.length === 0) return undefined
  if (!writer(board, policy, cmdline).requested) return undefined
  if (offered.some(({ ctrl }) => (ctrl & ENABLED) !== 0)) return undefined
  return `ACS is enabled on none of the ${offered.length} functions that have it: the input was taken under a kernel without an IOMMU; what a kernel with one enables is taken as enabled`
}

export const recordedAcs = (fn: PciFunction): AcsControl | undefined => fn.acs && { ...fn.acs, unknown: 0 }

function rewritten({ cap, ctrl }: { cap: number; ctrl: number }, then: Write, now: Write): AcsControl {
  const differs = ((then.set ^ now.set) | (then.clear ^ now.clear)) & cap
  const overwritten = then.set | then.clear
  const unknown = differs & overwritten & ~(now.set | now.clear)
  const firmware = ctrl & ~overwritten
  const value = (ctrl & ~differs) | (((firmware & ~now.clear) | now.set) & differs)
  return value === ctrl && unknown === 0 ? { cap, ctrl, unknown } : { cap, ctrl: value, unknown, recorded: ctrl }
}

/** What a kernel makes of the firmware's value at boot. */
function kernelWrite(fn: PciFunction, board: Board, k: Writer): Write {
  const cap = fn.acs?.cap ?? 0
  const on = k.requested ? cap & (SV | RR | CR | UF | (blocksTranslated(fn, k) ? TB : 0)) : 0
  const { disableAcsRedir: redir, configAcs } = k.cmdline
  const config = atLeast(k.version, 6, 11)
  const named = redir !== undefined && atLeast(k.version, 4, 19) && namedBy(redir, fn, board.topology)
  const configured = config && configAcs !== undefined ? configuredBy(configAcs, fn, board.topology) : undefined
  if (!named && !configured) return { set: on, clear: 0 }
  // Sunrise and Union Point go through their quirk, which knows no bits but the redirecting ones.
  if (!config || (hasWideAcs(fn) && fn.express?.type === 'root-port'))
    return { set: on & ~REDIRECT, clear: cap & REDIRECT }
  // Since 6.11 both options start again from the firmware's value: the bits that they leave alone are not the kernel's.
  const { set, clear } = configured ?? { set: 0, clear: REDIRECT }
  return { set: cap & set, clear: cap & clear }
}

/**
 * An external-facing port itself keeps TB off, though pci_std_enable_acs asks for it: pci_acpi_setup marks the port only
 * after pci_acs_init has run (seen on 6.12: the port of 05.18 has 0x1d).
 */
const blocksTranslated = (fn: PciFunction, k: Writer): boolean =>
  (atLeast(k.version, 5, 9) && k.untrusted.has(fn)) || (atLeast(k.version, 5, 14) && !k.cmdline.ats)

/** Whether somebody calls pci_request_acs before PCI is enumerated: by firmware table and command line, not by whether the unit then runs. */
function acsRequested(platform: Platform, version: Version, c: CommandLine): boolean {
  const { tables, arch } = platform
  const has = (kind: Platform['iommus'][number]['kind']): boolean => platform.iommus.some((u) => u.kind === kind)
  if (arch === 'x86') {
    // detect_intel_iommu
    if ((tables?.dmar ?? has('vt-d')) && !c.off && vtdWanted(platform, c)) return true
    // detect_ivrs: run for interrupt remapping too, and before amd_iommu=off is looked at
    if ((tables?.ivrs ?? has('amd-vi')) && (!c.off || c.interruptRemapping)) return true
  }
  // acpi_viot_early_init
  if (tables?.viot && atLeast(version, 6, 0)) return true
  // iort_enable_acs: a root complex whose ids go to an SMMU. With a device tree the request comes after enumeration (05.14).
  const nodes = tables?.iort?.nodes ?? []
  const smmus = new Set(nodes.flatMap((n) => (n.type === 'smmu' || n.type === 'smmu-v3' ? [n.offset] : [])))
  return nodes.some((n) => n.type === 'root-complex' && n.mappings.some((m) => smmus.has(m.output)))
}

function vtdWanted(platform: Platform, c: CommandLine): boolean {
  const built = platform.kernel.config?.['CONFIG_INTEL_IOMMU_DEFAULT_ON']
  return c.intel ?? (built === undefined || built === 'y' || platform.tables?.dmar?.dmaControlOptIn === true)
}
