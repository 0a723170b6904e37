/**
 * Reserved IOVA regions: what each driver reports for each device. How the core joins them to a group's list is in
 * region-list.ts. Sources: intel_iommu_get_resv_regions, amd_iommu_get_resv_regions, arm_smmu_get_resv_regions,
 * viommu_get_resv_regions (reference 30 §2; 05.4 … 05.7).
 */
import type { FirmwareRegion, Iommu, PciFunction } from '../platform/schema'
import type { Board } from './board'
import { atLeast, type KernelPolicy, type Version } from './policies/policy'
import { because, type Reason } from './reason'
import { rmrrIsRelaxable, rmrrsOf } from './rmrr'

/** In the kernel's order of types: it breaks ties between regions that start together. */
export const REGION_TYPES = ['direct', 'direct-relaxable', 'reserved', 'msi', 'sw-msi'] as const
export type RegionType = (typeof REGION_TYPES)[number]

export interface Region {
  readonly start: bigint
  /** Inclusive. */
  readonly end: bigint
  readonly type: RegionType
  readonly devices: readonly string[]
  readonly because: Reason
}

/** Whose DMA is asked about. */
export interface Requester {
  readonly name: string
  readonly unit: Iommu
  /** Absent: it is not on PCI. */
  readonly fn?: PciFunction
}

/** sysfs prints both kinds of MSI window with one word. */
export const sysfsWord = (t: RegionType): string => (t === 'sw-msi' ? 'msi' : t)

export const X86_MSI = { start: 0xfee00000n, end: 0xfeefffffn }
export const SW_MSI = { start: 0x08000000n, end: 0x080fffffn }

const X86_WINDOW = because('x86 interrupt window', '00 S0.2', 'writes to 0xfee00000–0xfeefffff are interrupts')
const SOFTWARE_WINDOW = because('software MSI window', '30 §2.3', 'doorbells are mapped from 0x8000000')

/** What the driver of the device's unit reports, in its order. */
export function deviceRegions(board: Board, who: Requester, policy: KernelPolicy): Region[] {
  switch (who.unit.kind) {
    case 'vt-d':
      return [
        ...(who.fn ? intelRegions(board, who.fn, policy) : []),
        region(who.name, X86_MSI.start, X86_MSI.end, 'msi', X86_WINDOW),
      ]
    case 'amd-vi':
      return [
        ...asked(board, who, 'ivmd').flatMap((r) => ivmd(r, who.name, policy.version)),
        region(who.name, X86_MSI.start, X86_MSI.end, 'msi', X86_WINDOW),
        ...(listed(policy.version) ? [hyperTransport(who.name)] : []),
      ]
    case 'smmu-v3':
    case 'smmu-v2':
      return [
        ...(listed(policy.version) ? [region(who.name, SW_MSI.start, SW_MSI.end, 'sw-msi', SOFTWARE_WINDOW)] : []),
        ...untranslatedPages(board, who, policy.version),
        ...rmrs(board, who, policy.version),
        ...memoryRegions(board, who, policy.version),
      ]
    case 'virtio-iommu':
      return [virtioWindow(board, who)]
    case 'pamu':
      return []
  }
}

const region = (name: string, start: bigint, end: bigint, type: RegionType, why: Reason): Region => ({
  start,
  end,
  type,
  devices: [name],
  because: why,
})

const fromFirmware = (r: FirmwareRegion, name: string, type: RegionType, rule: string, cite: string): Region =>
  region(name, BigInt(r.start), BigInt(r.end), type, because(rule, cite, r.source, name))

/** The list of reserved regions itself (4.11); before, only direct mappings were listed. */
const listed = (version: Version): boolean => atLeast(version, 4, 11)

/** Regions of one kind that firmware asks for this device. */
const asked = (board: Board, { name, fn }: Requester, kind: FirmwareRegion['kind']): FirmwareRegion[] =>
  board.platform.regions.filter(
    (r) => r.kind === kind && (fn ? r.devices.includes(fn.bdf) : (r.platformDevices ?? []).includes(name)),
  )

/**
 * Of functions alone: a device of the ACPI namespace gets none, for only the scopes of DRHDs are filled in for those
 * (dmar_acpi_insert_dev_scope), never an RMRR's.
 */
function intelRegions(board: Board, fn: PciFunction, policy: KernelPolicy): Region[] {
  const relaxable = policy.relaxableRegions && rmrrIsRelaxable(fn)
  const type = relaxable ? 'direct-relaxable' : 'direct'
  const rule = relaxable ? 'RMRR of a USB or graphics device' : 'RMRR'
  const out = rmrrsOf(board, fn, policy.version).map((r) => fromFirmware(r, fn.bdf, type, rule, '30 §2.1'))
  const floppy = board.platform.kernel.config?.['CONFIG_INTEL_IOMMU_FLOPPY_WA'] !== 'n'
  if (fn.class >> 8 !== 0x0601 || !policy.relaxableRegions || !floppy) return out
  const isa = because('ISA bridge: the first 16 MiB', '30 §2.1; 00 S2.7', fn.bdf)
  return [...out, region(fn.bdf, 0n, 0xffffffn, 'direct-relaxable', isa)]
}

const hyperTransport = (name: string): Region =>
  region(name, 0xfd00000000n, 0xffffffffffn, 'reserved', because('HyperTransport range', '30 §2.2'))

/**
 * Exclusion ranges were a register of the unit, were listed as reserved from 5.1 on (8aafaaf22121, not verified on a
 * machine), and are mapped like unity ranges from 5.6 on (387caf0b759a).
 */
function ivmd(r: FirmwareRegion, name: string, version: Version): Region[] {
  if (r.exclusion !== true || atLeast(version, 5, 6))
    return [fromFirmware(r, name, 'direct', 'IVMD block (unity, exclusion and range alike)', '05.6')]
  return atLeast(version, 5, 1) ? [fromFirmware(r, name, 'reserved', 'IVMD exclusion range', '30 §2.2')] : []
}

/** Since 4.16 (iort_iommu_msi_get_resv_regions; the release is not verified). */
const untranslatedPages = (board: Board, who: Requester, version: Version): Region[] =>
  atLeast(version, 4, 16)
    ? asked(board, who, 'its-page').map((r) =>
        fromFirmware(r, who.name, 'msi', 'ITS page that a Hi161x does not translate', '30 §2.5'),
      )
    : []

/** RMR nodes are looked at from 6.0 on; for PCI only where the boot configuration is kept (iort_rmr_has_dev). */
function rmrs(board: Board, who: Requester, version: Version): Region[] {
  const kept = who.fn === undefined || board.topology.root(who.fn).preserveConfig === true
  if (!kept || !atLeast(version, 6, 0)) return []
  return asked(board, who, 'rmr').map((r) =>
    r.relaxable === true
      ? fromFirmware(r, who.name, 'direct-relaxable', 'RMR that may be remapped', '05.7; 30 §2.5')
      : fromFirmware(r, who.name, 'direct', 'RMR', '05.7; 30 §2.5'),
  )
}

/** From 6.3 on (a5bf3cfce8cb; the release is not verified). */
function memoryRegions(board: Board, who: Requester, version: Version): Region[] {
  if (!atLeast(version, 6, 3)) return []
  return asked(board, who, 'iommu-addresses').map((r) =>
    r.identity === true
      ? fromFirmware(r, who.name, 'direct', 'memory region at its own addresses', '30 §2.6; of_iommu_get_resv_regions')
      : fromFirmware(r, who.name, 'reserved', 'I/O addresses to keep free', '30 §2.6; of_iommu_get_resv_regions'),
  )
}

/**
 * The device tells the driver its MSI window: on x86 the interrupt range, on Arm the page of the doorbell that serves it
 * (QEMU); of a device that is not on PCI, the only doorbell that there is.
 */
function virtioWindow(board: Board, { name, fn }: Requester): Region {
  if (board.platform.arch === 'x86') return region(name, X86_MSI.start, X86_MSI.end, 'msi', X86_WINDOW)
  const controllers = board.platform.msiControllers
  const only = controllers.length === 1 ? controllers[0] : undefined
  const controller = fn ? controllers.find((m) => m.serves.includes(fn.bdf)) : only
  if (!controller?.doorbell) return region(name, SW_MSI.start, SW_MSI.end, 'sw-msi', SOFTWARE_WINDOW)
  const page = controller.kind === 'gicv3-its' ? 0x10000n : 0x1000n
  const start = BigInt(controller.doorbell) & ~(page - 1n)
  return region(
    name,
    start,
    start + page - 1n,
    'msi',
    because(
      "virtio-iommu's own MSI region: the doorbell page",
      '30 §2.4',
      `${controller.name} at 0x${start.toString(16)}`,
    ),
  )
}
