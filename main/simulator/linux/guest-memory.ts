/**
 * A guest's RAM laid over what a group leaves usable: VFIO maps guest physical addresses one to one as IOVAs, so a
 * region that the kernel refuses is a hole that the VMM has to keep free (reference 00 S2.4; 30 §6).
 * RAM layouts are QEMU's: q35 (hw/i386/pc_q35.c), i440fx (pc_piix.c), virt (hw/arm/virt.c).
 */
import { apertureOf, usableRanges, type Range } from './iova'
import type { PlannedGroup } from './plan'
import { sysfsWord } from './regions'

export const GUEST_MACHINES = ['q35', 'i440fx', 'virt'] as const
export type GuestMachine = (typeof GUEST_MACHINES)[number]

const GIB4 = 0x100000000n

export function guestRam(machine: GuestMachine, bytes: bigint): Range[] {
  if (bytes <= 0n) return []
  if (machine === 'virt') return [{ start: 0x40000000n, end: 0x40000000n + bytes - 1n }]
  // The low part stops short of the PCI hole; a machine with more RAM gets a larger hole.
  const [limit, large] = machine === 'q35' ? [0xb0000000n, 0x80000000n] : [0xe0000000n, 0xc0000000n]
  const low = bytes >= limit ? large : bytes
  const ranges: Range[] = [{ start: 0n, end: low - 1n }]
  if (bytes > low) ranges.push({ start: GIB4, end: GIB4 + bytes - low - 1n })
  return ranges
}

export interface Collision extends Range {
  /** sysfs's word of the region, or `aperture` where the IOMMU's addresses end. */
  readonly with: string
  /** `refused`: mapping it fails with -EINVAL. `shared`: it maps, but firmware may still use the memory. */
  readonly verdict: 'refused' | 'shared'
}

/** Where guest RAM meets what the kernel keeps: each refused part has to be carved out of the guest's memory. */
export function collisions(group: PlannedGroup, ram: readonly Range[]): Collision[] {
  const [first] = group.members
  if (!first) return []
  const aperture = apertureOf(first.served.unit)
  const out: Collision[] = []
  const add = (a: Range, b: Range, what: string, verdict: Collision['verdict']): void => {
    const start = a.start > b.start ? a.start : b.start
    const end = a.end < b.end ? a.end : b.end
    if (start <= end) out.push({ start, end, with: what, verdict })
  }
  for (const r of ram) {
    for (const region of group.regions)
      add(r, region, sysfsWord(region.type), region.type === 'direct-relaxable' ? 'shared' : 'refused')
    add(r, { start: aperture.end + 1n, end: (1n << 64n) - 1n }, 'aperture', 'refused')
  }
  return out.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0))
}

/** The guest RAM that can be mapped as it is. */
export function mappable(group: PlannedGroup, ram: readonly Range[]): Range[] {
  const [first] = group.members
  if (!first) return []
  const usable = usableRanges(apertureOf(first.served.unit), group.regions)
  return ram.flatMap((r) =>
    usable.flatMap((u) =>
      u.start <= r.end && r.start <= u.end
        ? [{ start: r.start > u.start ? r.start : u.start, end: r.end < u.end ? r.end : u.end }]
        : [],
    ),
  )
}
