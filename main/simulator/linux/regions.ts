/**
 * Reserved IOVA regions of a group: what each driver reports for each device, and how the core joins them.
 * Sources: intel_iommu_get_resv_regions, amd_iommu_get_resv_regions, arm_smmu_get_resv_regions,
 * viommu_get_resv_regions, iommu_insert_resv_region (reference 30; 05.4 … 05.7).
 */
import type { FirmwareRegion, PciFunction } from '../platform/schema'
import type { Board } from './board'
import { atLeast, type KernelPolicy, type Version } from './policies/policy'
import { because, type Reason } from './reason'
import { rmrrIsRelaxable, rmrrsOf } from './rmrr'
import type { Served } from './units'

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

/** sysfs prints both kinds of MSI window with one word. */
export const sysfsWord = (t: RegionType): string => (t === 'sw-msi' ? 'msi' : t)

export const X86_MSI = { start: 0xfee00000n, end: 0xfeefffffn }
export const SW_MSI = { start: 0x08000000n, end: 0x080fffffn }

/** What the driver of the device's unit reports, in its order. */
export function deviceRegions(board: Board, fn: PciFunction, { unit }: Served, policy: KernelPolicy): Region[] {
  const region = (start: bigint, end: bigint, type: RegionType, because_: Reason): Region => ({
    start,
    end,
    type,
    devices: [fn.bdf],
    because: because_,
  })
  const { version } = policy
  // The list of reserved regions itself (4.11); before, only direct mappings were listed.
  const reported = atLeast(version, 4, 11)
  const firmware = board.platform.regions.filter((r) => r.devices.includes(fn.bdf))
  const of = (r: FirmwareRegion, type: RegionType, rule: string, cite: string) =>
    region(BigInt(r.start), BigInt(r.end), type, because(rule, cite, r.source, fn.bdf))
  const x86Msi = region(
    X86_MSI.start,
    X86_MSI.end,
    'msi',
    because('x86 interrupt window', '00 S0.2', 'writes to 0xfee00000–0xfeefffff are interrupts'),
  )
  const software = region(
    SW_MSI.start,
    SW_MSI.end,
    'sw-msi',
    because('software MSI window', '30 §2.3', 'doorbells are mapped from 0x8000000'),
  )
  switch (unit.kind) {
    case 'vt-d': {
      const relaxable = policy.relaxableRegions && rmrrIsRelaxable(fn)
      const out = rmrrsOf(board, fn, version).map((r) =>
        of(
          r,
          relaxable ? 'direct-relaxable' : 'direct',
          relaxable ? 'RMRR of a USB or graphics device' : 'RMRR',
          '30 §2.1',
        ),
      )
      if (
        fn.class >> 8 === 0x0601 &&
        policy.relaxableRegions &&
        board.platform.kernel.config?.['CONFIG_INTEL_IOMMU_FLOPPY_WA'] !== 'n'
      ) {
        out.push(
          region(
            0n,
            0xffffffn,
            'direct-relaxable',
            because('ISA bridge: the first 16 MiB', '30 §2.1; 00 S2.7', fn.bdf),
          ),
        )
      }
      return [...out, x86Msi]
    }
    case 'amd-vi':
      return [
        ...firmware.filter((r) => r.kind === 'ivmd').flatMap((r) => ivmd(r, version, of)),
        x86Msi,
        ...(reported ? [hyperTransport(region)] : []),
      ]
    case 'smmu-v3':
    case 'smmu-v2': {
      // RMR nodes are looked at from 6.0 on, the software window came with 4.11 and its cookie.
      const kept = atLeast(version, 6, 0) && board.topology.root(fn).preserveConfig === true
      const rmr = kept
        ? firmware
            .filter((r) => r.kind === 'rmr')
            .map((r) =>
              of(
                r,
                r.relaxable === true ? 'direct-relaxable' : 'direct',
                r.relaxable === true ? 'RMR that may be remapped' : 'RMR',
                '05.7; 30 §2.5',
              ),
            )
        : []
      return [...(reported ? [software] : []), ...rmr]
    }
    case 'virtio-iommu':
      return [virtioWindow(board, fn, x86Msi, software, region)]
    case 'pamu':
      return []
  }
}

type MakeRegion = (start: bigint, end: bigint, type: RegionType, why: Reason) => Region
type FromFirmware = (r: FirmwareRegion, type: RegionType, rule: string, cite: string) => Region

const hyperTransport = (region: MakeRegion): Region =>
  region(0xfd00000000n, 0xffffffffffn, 'reserved', because('HyperTransport range', '30 §2.2'))

/**
 * Exclusion ranges were a register of the unit, were listed as reserved from 5.1 on (8aafaaf22121, not verified on a
 * machine), and are mapped like unity ranges from 5.6 on (387caf0b759a).
 */
function ivmd(r: FirmwareRegion, version: Version, of: FromFirmware): Region[] {
  if (r.exclusion !== true || atLeast(version, 5, 6))
    return [of(r, 'direct', 'IVMD block (unity, exclusion and range alike)', '05.6')]
  return atLeast(version, 5, 1) ? [of(r, 'reserved', 'IVMD exclusion range', '30 §2.2')] : []
}

/** The device tells the driver its MSI window: on x86 the interrupt range, on Arm the page of the doorbell that serves it (QEMU). */
function virtioWindow(board: Board, fn: PciFunction, x86: Region, software: Region, region: MakeRegion): Region {
  if (board.platform.arch === 'x86') return x86
  const controller = board.platform.msiControllers.find((m) => m.serves.includes(fn.bdf))
  if (!controller?.doorbell) return software
  const page = controller.kind === 'gicv3-its' ? 0x10000n : 0x1000n
  const start = BigInt(controller.doorbell) & ~(page - 1n)
  return region(
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

/** Adds one region as the kernel does from 5.4 on: sorted by start and type; same types that overlap or touch become one. */
export function insertRegion(list: readonly Region[], add: Region): Region[] {
  const rank = (t: RegionType) => REGION_TYPES.indexOf(t)
  const at = list.findIndex((r) => r.start > add.start || (r.start === add.start && rank(r.type) >= rank(add.type)))
  const all = at < 0 ? [...list, add] : [...list.slice(0, at), add, ...list.slice(at)]
  const out: Region[] = []
  for (const r of all) {
    const last = r.type === add.type ? out.findLastIndex((x) => x.type === r.type) : -1
    const top = out[last]
    if (!top || r.start > top.end + 1n) {
      out.push(r)
      continue
    }
    out[last] = {
      ...top,
      end: r.end > top.end ? r.end : top.end,
      devices: [...new Set([...top.devices, ...r.devices])],
    }
  }
  return out
}

/**
 * Up to 5.3: put before the first that begins behind it; same types that overlap become one, those that only touch stay
 * apart (30 §3).
 */
export function insertRegionBefore54(list: readonly Region[], add: Region): Region[] {
  for (const [at, r] of list.entries()) {
    if (add.end < r.start) return [...list.slice(0, at), add, ...list.slice(at)]
    if (add.start > r.end || add.type !== r.type) continue
    const devices = [...new Set([...r.devices, ...add.devices])]
    if (add.start >= r.start && add.end <= r.end) return list.with(at, { ...r, devices })
    const both = { ...r, start: least(r.start, add.start), end: most(r.end, add.end), devices }
    return insertRegionBefore54(list.toSpliced(at, 1), both)
  }
  return [...list, add]
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b)

export function groupRegions(
  board: Board,
  members: readonly { fn: PciFunction; served: Served }[],
  policy: KernelPolicy,
): Region[] {
  const insert = atLeast(policy.version, 5, 4) ? insertRegion : insertRegionBefore54
  let list: Region[] = []
  for (const { fn, served } of members) for (const r of deviceRegions(board, fn, served, policy)) list = insert(list, r)
  return policy.relaxableOverlap === 'truncate' ? truncateRelaxable(list) : list
}

/** S2.6: what of a relaxable region lies under a direct one cannot be relaxed, and is not shown as such. */
export function truncateRelaxable(list: readonly Region[]): Region[] {
  const direct = list.filter((r) => r.type === 'direct')
  return list.flatMap((r): Region[] => {
    if (r.type !== 'direct-relaxable') return [r]
    let parts: Region[] = [r]
    for (const d of direct) {
      parts = parts.flatMap((x): Region[] => {
        if (d.end < x.start || d.start > x.end) return [x]
        return [
          ...(d.start > x.start ? [{ ...x, end: d.start - 1n }] : []),
          ...(d.end < x.end ? [{ ...x, start: d.end + 1n }] : []),
        ]
      })
    }
    return parts
  })
}
