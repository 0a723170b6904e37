/**
 * The list of a group's reserved regions as the core keeps it: how one more is put in, by kernel, and a policy on overlaps.
 * Sources: drivers/iommu/iommu.c iommu_insert_resv_region (reference 30 §3); mail S2.6.
 */
import type { Board } from './board'
import { atLeast, type KernelPolicy } from './policies/policy'
import { deviceRegions, REGION_TYPES, type Region, type RegionType, type Requester } from './regions'

export function groupRegions(board: Board, members: readonly Requester[], policy: KernelPolicy): Region[] {
  const insert = atLeast(policy.version, 5, 4) ? insertRegion : insertRegionBefore54
  let list: Region[] = []
  for (const who of members) for (const r of deviceRegions(board, who, policy)) list = insert(list, r)
  return policy.relaxableOverlap === 'truncate' ? truncateRelaxable(list) : list
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
