/**
 * What both ways of handing functions to user space share: binding them to vfio-pci, and who stands in the way of a group.
 * Sources: drivers/vfio (vfio_main.c, group.c), drivers/iommu/iommu.c (reference 40 §7, §8; 05.1 … 05.17).
 */
import { hex } from '../platform/address'
import type { PciFunction } from '../platform/schema'
import { apertureOf, usableRanges, type Range } from './iova'
import type { MessageRoute } from './messages'
import type { Member } from './decision'
import { planWith, type Plan, type PlannedGroup } from './plan'
import { because, type Reason } from './reason'

export interface Refusal {
  readonly errno: string
  readonly reason: Reason
}

export interface Bound {
  readonly bdf: string
  readonly refusal?: Refusal
}

/** Drivers that leave DMA to user space (driver_managed_dma): they do not make a group non-viable. */
const HARMLESS = new Set(['vfio-pci', 'pcieport', 'pci-stub'])

interface Place {
  readonly group: PlannedGroup
  readonly member: Member
}

/** Where each function of a plan is: asked for every member of a group, for every function. */
const places = new WeakMap<Plan, ReadonlyMap<PciFunction, Place>>()

function placesOf(plan: Plan): ReadonlyMap<PciFunction, Place> {
  const known =
    places.get(plan) ??
    new Map(plan.groups.flatMap((group) => group.members.map((member) => [member.fn, { group, member }] as const)))
  places.set(plan, known)
  return known
}

export class Handover {
  /** Once everything is bound: functions that a driver tried may have got a group. */
  plan: Plan
  /** Who drives what; undefined: nobody. */
  private readonly drivers = new Map<PciFunction, string | undefined>()

  constructor(
    booted: Plan,
    private readonly devices: readonly PciFunction[],
    private readonly bindGroup: 0 | 1 | 2,
  ) {
    this.plan = booted
    for (const fn of booted.board.scanOrder) this.drivers.set(fn, fn.driver)
  }

  groupOf(fn: PciFunction): PlannedGroup | undefined {
    return placesOf(this.plan).get(fn)?.group
  }

  /** What each bind answered, up to the first device that could not be bound; then `ok` is false. */
  bind(): { readonly ok: boolean; readonly bound: readonly Bound[] } {
    const wanted = new Set(this.devices)
    if (this.bindGroup > 0) {
      for (const d of this.devices)
        for (const m of this.groupOf(d)?.members ?? []) if (m.fn.headerType === 0) wanted.add(m.fn)
    }
    for (const fn of wanted) this.drivers.set(fn, 'vfio-pci')
    // Binding a function without a group makes one where groups are made at probe time (05.16).
    this.plan = planWith(this.plan, this.drivers)
    const bound: Bound[] = []
    for (const fn of wanted) {
      const refusal = this.bindRefusal(fn)
      bound.push({ bdf: fn.bdf, ...(refusal ? { refusal } : {}) })
      if (refusal && this.devices.includes(fn)) return { ok: false, bound }
    }
    if (this.bindGroup === 2) {
      for (const d of this.devices)
        for (const m of this.groupOf(d)?.members ?? []) if (m.fn.headerType !== 0) this.drivers.set(m.fn, undefined)
    }
    return { ok: true, bound }
  }

  private bindRefusal(fn: PciFunction): Refusal | undefined {
    if (fn.headerType !== 0)
      return { errno: 'EINVAL', reason: because('vfio-pci takes only header type 0', '05.16', `${fn.bdf} is a bridge`) }
    if (fn.class >> 8 === 0x0806)
      return { errno: 'ENODEV', reason: because("no driver may bind to the IOMMU's own function", '05.16', fn.bdf) }
    const unit = placesOf(this.plan).get(fn)?.member.served.unit
    if (!unit)
      return {
        errno: 'EINVAL',
        reason: this.plan.units.unserved.get(fn) ?? because('without an IOMMU group', '05.16', fn.bdf),
      }
    if (!this.plan.policy.coherentOnly || unit.coherent !== false) return undefined
    return {
      errno: 'EINVAL',
      reason: because(
        'DMA through the unit is not cache coherent (no IOMMU_CAP_CACHE_COHERENCY)',
        '40 §9; vfio commit e8ae0e140c05, arm-smmu-v3.c arm_smmu_capable',
        `${unit.name}: firmware does not say that its walks are coherent`,
      ),
    }
  }

  /** Someone whose driver does DMA of its own keeps the group (05.10; 40 §8.2). */
  blocker(group: PlannedGroup): Refusal | undefined {
    const busy = group.members.filter((m) => {
      const driver = this.drivers.get(m.fn)
      const bridge = this.plan.policy.viability === 'device-fd' && m.fn.headerType !== 0
      return driver !== undefined && !HARMLESS.has(driver) && !bridge
    })
    if (busy.length === 0) return undefined
    return {
      errno: 'EPERM',
      reason: because(
        'the group is not viable: a host driver holds a member',
        '05.10; 40 §8.2',
        ...busy.map((m) => `${m.fn.bdf} is bound to ${this.drivers.get(m.fn) ?? ''}`),
      ),
    }
  }

  directRefusal(group: PlannedGroup): Refusal | undefined {
    const { directRegion } = this.plan.policy
    const region = group.regions.find((r) => r.type === 'direct')
    if (!region || (directRegion.units === 'vt-d' && !group.members.some((m) => m.served.unit.kind === 'vt-d')))
      return undefined
    return {
      errno: directRegion.errno,
      reason: because(
        'firmware requires a direct mapping: the device cannot be assigned',
        '05.1, 05.6, 05.7',
        `direct ${hex(region.start)}–${hex(region.end)} of ${region.devices.join(', ')}`,
      ),
    }
  }

  /** Why interrupts of the group are not safe; undefined: they are. */
  unsafe(group: PlannedGroup): Reason | undefined {
    const { isolation, msiVerdict } = this.plan.policy
    const routes = group.members.flatMap((m) => {
      const route = this.plan.messages.get(m.fn)
      return route ? [route] : []
    })
    const good = (r: MessageRoute): boolean => r.isolated || (msiVerdict === 'three-branch' && r.mustMap)
    const safe =
      isolation === 'device' ? routes.length === group.members.length && routes.every(good) : routes.some(good)
    if (safe) return undefined
    return routes.find((r) => !good(r))?.because.at(-1) ?? because('interrupts are not isolated', '40 §6')
  }

  ranges(group: PlannedGroup): Range[] {
    const [first] = group.members
    if (!first) return []
    const aperture = apertureOf(first.served.unit)
    return this.plan.policy.iovaList
      ? usableRanges(aperture, group.regions)
      : [{ start: aperture.start, end: aperture.end }]
  }
}
