/**
 * The IOVA ranges that VFIO offers: the domain's aperture without the reserved regions (reference 30 §6, 40 §5 step 10),
 * and what a mapping of a given range answers (40 §10).
 */
import type { Iommu } from '../platform/schema'
import { because, type Reason } from './reason'
import type { Region } from './regions'

export interface Range {
  readonly start: bigint
  /** Inclusive. */
  readonly end: bigint
}

export interface Aperture extends Range {
  readonly because: Reason
  readonly assumed?: string
}

const ALL = 0xffffffffffffffffn

/** Sources: domain_init of each driver (geometry.aperture_end). */
export function apertureOf(unit: Iommu): Aperture {
  switch (unit.kind) {
    case 'vt-d': {
      const cap = unit.registers['CAP_REG']
      if (cap === undefined) {
        return {
          start: 0n,
          end: (1n << 48n) - 1n,
          because: because('address width not known', '80', unit.name),
          assumed: `${unit.name}: 48-bit second-stage translation`,
        }
      }
      const width = vtdWidth(BigInt(cap))
      return {
        start: 0n,
        end: (1n << BigInt(width)) - 1n,
        because: because(
          'maximum guest address width and supported page-table depth',
          '80',
          `${unit.name}: CAP_REG ${cap}, ${width} bits`,
        ),
      }
    }
    case 'amd-vi':
    case 'virtio-iommu':
      return { start: 0n, end: ALL, because: because('the driver limits nothing', '30 §6', unit.name) }
    case 'smmu-v3':
    case 'smmu-v2':
      return {
        start: 0n,
        end: (1n << 48n) - 1n,
        because: because('stage 1 input size', '30 §6', unit.name),
        assumed: `${unit.name}: 48-bit stage 1 input addresses`,
      }
    case 'pamu':
      return {
        start: 0n,
        end: (1n << 36n) - 1n,
        because: because('PAMU: the whole space until user space sets a geometry', '50', unit.name),
      }
  }
}

/** The deepest table that SAGAW offers (bit n: 30 + 9n bits), at most MGAW + 1 bits. */
function vtdWidth(cap: bigint): number {
  const mgaw = Number((cap >> 16n) & 0x3fn) + 1
  const sagaw = Number((cap >> 8n) & 0x1fn)
  let width = mgaw
  for (let n = 4; n >= 0; n--) {
    if (!(sagaw & (1 << n))) continue
    width = Math.min(mgaw, 30 + 9 * n)
    break
  }
  return width
}

/** Takes every region out but the relaxable ones (and a software window counts as reserved). */
export function usableRanges(aperture: Range, regions: readonly Region[]): Range[] {
  let ranges: Range[] = [{ start: aperture.start, end: aperture.end }]
  for (const r of regions) {
    if (r.type === 'direct-relaxable') continue
    ranges = ranges.flatMap((x) => {
      if (r.end < x.start || r.start > x.end) return [x]
      const out: Range[] = []
      if (r.start > x.start) out.push({ start: x.start, end: r.start - 1n })
      if (r.end < x.end) out.push({ start: r.end + 1n, end: x.end })
      return out
    })
  }
  return ranges
}

export function intersect(a: readonly Range[], b: readonly Range[]): Range[] {
  return a.flatMap((x) =>
    b.flatMap((y) =>
      x.start <= y.end && y.start <= x.end
        ? [{ start: x.start > y.start ? x.start : y.start, end: x.end < y.end ? x.end : y.end }]
        : [],
    ),
  )
}

/** What lies between and around ranges that are in order. */
export function holesOf(ranges: readonly Range[]): Range[] {
  const holes: Range[] = []
  let next = 0n
  for (const r of ranges) {
    if (r.start > next) holes.push({ start: next, end: r.start - 1n })
    next = r.end + 1n
  }
  if (next <= ALL) holes.push({ start: next, end: ALL })
  return holes
}

/** iommu_map of each driver beyond the addresses that it has: intel_iommu_map, arm_lpae_map. */
export const unmappableErrno = (unit: Iommu): string =>
  unit.kind === 'vt-d' ? 'EFAULT' : unit.kind === 'smmu-v3' || unit.kind === 'smmu-v2' ? 'ERANGE' : 'EINVAL'

export const PAGE = 4096n

/**
 * errno of VFIO_IOMMU_MAP_DMA, in the kernel's order of checks; undefined: it maps. `outside`: what is answered where no
 * range holds it; before 5.4, when there was no list of ranges, the IOMMU driver's own errno.
 */
export function mapErrno(
  iova: bigint,
  size: bigint,
  ranges: readonly Range[],
  mapped: readonly Range[],
  outside = 'EINVAL',
): string | undefined {
  if (size === 0n || iova % PAGE !== 0n || size % PAGE !== 0n) return 'EINVAL'
  const end = iova + size - 1n
  if (end > ALL) return 'EINVAL'
  if (mapped.some((m) => iova <= m.end && m.start <= end)) return 'EEXIST'
  return ranges.some((r) => iova >= r.start && end <= r.end) ? undefined : outside
}

/**
 * errno of IOMMU_IOAS_MAP at a fixed address, in the order of iommufd_ioas_map, iopt_alloc_area_pages and iopt_check_iova
 * (Linux 6.12); undefined: it maps. Unlike type 1 it asks for reserved ranges before mappings. `align`: 1 until a device
 * is attached, then the page.
 */
export function iovaErrno(
  iova: bigint,
  size: bigint,
  ranges: readonly Range[],
  mapped: readonly Range[],
  align: bigint,
): string | undefined {
  if (iova >= ALL || size >= ALL) return 'EOVERFLOW'
  if (size === 0n || size % align !== 0n || iova % align !== 0n) return 'EINVAL'
  const end = iova + size - 1n
  if (end > ALL) return 'EOVERFLOW'
  if (!ranges.some((r) => iova >= r.start && end <= r.end)) return 'EINVAL'
  return mapped.some((m) => iova <= m.end && m.start <= end) ? 'EEXIST' : undefined
}
