/**
 * Handing functions to user space through VFIO type 1, step by step, with the errno of the step that fails.
 * Sources: vfio_pci_core, drivers/vfio/{group,container}.c, vfio_iommu_type1.c (reference 40; 05.1 … 05.17).
 */
import { hex } from '../platform/address'
import type { PciFunction } from '../platform/schema'
import { apertureOf, intersect, mapErrno, usableRanges, type Range } from './iova'
import type { MessageRoute } from './messages'
import { planWith, type Plan, type PlannedGroup } from './plan'
import { because, type Reason } from './reason'

export interface AttachOptions {
  /** The function, and more that join the same container. */
  readonly devices: readonly PciFunction[]
  /** 0: only the devices are bound to vfio-pci; 1: all type-0 functions of their groups; 2: and bridges lose their drivers. */
  readonly bindGroup: 0 | 1 | 2
  readonly unsafe: boolean
  readonly maps: readonly { readonly iova: bigint; readonly size: bigint }[]
}

export interface AttachStep {
  readonly op: string
  readonly ok: boolean
  readonly errno?: string
  readonly bdf?: string
  readonly viable?: number
  readonly iovaRanges?: readonly { readonly start: string; readonly end: string }[]
  readonly iova?: string
  readonly size?: string
  readonly detail?: string
}

export interface AttachResult {
  /** 1 binding failed, 2 opening the group, 3 not viable or SET_CONTAINER, 4 SET_IOMMU or a further group, 9 everything was run. */
  readonly stage: 1 | 2 | 3 | 4 | 9
  readonly steps: readonly AttachStep[]
  readonly because: readonly Reason[]
}

/** Drivers that leave DMA to user space (driver_managed_dma): they do not make a group non-viable. */
const HARMLESS = new Set(['vfio-pci', 'pcieport', 'pci-stub'])

export function attach(plan: Plan, options: AttachOptions): AttachResult {
  return new Attempt(plan, options).run()
}

interface Refusal {
  readonly errno: string
  readonly reason: Reason
}

class Attempt {
  private readonly steps: AttachStep[] = []
  private readonly reasons: Reason[] = []
  private plan: Plan
  /** Who drives what once everything asked for is bound; undefined: nobody. */
  private readonly drivers = new Map<PciFunction, string | undefined>()

  constructor(
    booted: Plan,
    private readonly o: AttachOptions,
  ) {
    this.plan = booted
    for (const fn of booted.board.scanOrder) this.drivers.set(fn, fn.driver)
  }

  run(): AttachResult {
    if (!this.bind()) return this.end(1)
    const groups = [...new Set(this.o.devices.map((d) => this.groupOf(d)))]
    let ranges: Range[] | undefined
    let notViable: Refusal | undefined
    for (const [i, group] of groups.entries()) {
      if (!group) return this.end(2)
      this.step({ op: 'open-group', ok: true })
      const blocker = this.blocker(group)
      this.step({ op: 'GROUP_GET_STATUS', ok: true, viable: blocker ? 0 : 1 })
      const direct = this.directRefusal(group)
      const { viability, directRegion } = this.plan.policy
      const refusal =
        (viability === 'container' ? blocker : undefined) ?? (directRegion.at === 'SET_CONTAINER' ? direct : undefined)
      notViable ??= viability === 'device-fd' ? blocker : undefined
      this.step({ op: 'SET_CONTAINER', ok: !refusal, ...(refusal ? { errno: refusal.errno } : {}) })
      if (refusal) return this.end(i === 0 ? 3 : 4, refusal.reason)
      const unsafe = this.o.unsafe ? undefined : this.unsafe(group)
      const refused: Refusal | undefined = direct ?? (unsafe && { errno: 'EPERM', reason: unsafe })
      // User space asks for TYPE1v2 first and falls back to TYPE1: both are refused alike.
      if (i === 0)
        for (const detail of refused ? ['TYPE1v2', 'TYPE1'] : ['TYPE1v2'])
          this.step({ op: 'SET_IOMMU', ok: !refused, detail, ...(refused ? { errno: refused.errno } : {}) })
      if (refused) return this.end(4, refused.reason)
      const mine = this.ranges(group)
      ranges = ranges ? intersect(ranges, mine) : mine
    }
    this.step({
      op: 'IOMMU_GET_INFO',
      ok: true,
      // The range capability came with 5.4.
      ...(this.plan.policy.iovaList
        ? { iovaRanges: (ranges ?? []).map((r) => ({ start: hex(r.start), end: hex(r.end) })) }
        : {}),
    })
    for (const m of this.o.maps) {
      const errno = mapErrno(m.iova, m.size, ranges ?? [], [])
      this.step({
        op: 'MAP_DMA',
        ok: errno === undefined,
        iova: hex(m.iova),
        size: hex(m.size),
        ...(errno ? { errno } : {}),
      })
    }
    for (const d of this.o.devices)
      this.step({ op: 'GET_DEVICE_FD', ok: !notViable, bdf: d.bdf, ...(notViable ? { errno: 'EINVAL' } : {}) })
    return this.end(9, notViable?.reason)
  }

  private step(s: AttachStep): void {
    this.steps.push(s)
  }
  private end(stage: AttachResult['stage'], reason?: Reason): AttachResult {
    return { stage, steps: this.steps, because: reason ? [...this.reasons, reason] : this.reasons }
  }

  private groupOf(fn: PciFunction): PlannedGroup | undefined {
    return this.plan.groups.find((g) => g.members.some((m) => m.fn === fn))
  }

  /** Binding a function without a group makes one where groups are made at probe time (05.16). */
  private bind(): boolean {
    const wanted = new Set(this.o.devices)
    if (this.o.bindGroup > 0) {
      for (const d of this.o.devices)
        for (const m of this.groupOf(d)?.members ?? []) if (m.fn.headerType === 0) wanted.add(m.fn)
    }
    for (const fn of wanted) this.drivers.set(fn, 'vfio-pci')
    this.plan = planWith(this.plan, this.drivers)
    for (const fn of wanted) {
      const refusal = this.bindRefusal(fn)
      this.step({ op: 'bind', ok: !refusal, bdf: fn.bdf, ...(refusal ? { errno: refusal.errno } : {}) })
      if (!refusal) continue
      this.reasons.push(refusal.reason)
      if (this.o.devices.includes(fn)) return false
    }
    if (this.o.bindGroup === 2) {
      for (const d of this.o.devices)
        for (const m of this.groupOf(d)?.members ?? []) if (m.fn.headerType !== 0) this.drivers.set(m.fn, undefined)
    }
    return true
  }

  private bindRefusal(fn: PciFunction): Refusal | undefined {
    if (fn.headerType !== 0)
      return { errno: 'EINVAL', reason: because('vfio-pci takes only header type 0', '05.16', `${fn.bdf} is a bridge`) }
    if (fn.class >> 8 === 0x0806)
      return { errno: 'ENODEV', reason: because("no driver may bind to the IOMMU's own function", '05.16', fn.bdf) }
    if (this.groupOf(fn)) return undefined
    return {
      errno: 'EINVAL',
      reason: this.plan.units.unserved.get(fn) ?? because('without an IOMMU group', '05.16', fn.bdf),
    }
  }

  /** Someone whose driver does DMA of its own keeps the group (05.10; 40 §8.2). */
  private blocker(group: PlannedGroup): Refusal | undefined {
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

  private directRefusal(group: PlannedGroup): Refusal | undefined {
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

  private unsafe(group: PlannedGroup): Reason | undefined {
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

  private ranges(group: PlannedGroup): Range[] {
    const [first] = group.members
    if (!first) return []
    const aperture = apertureOf(first.served.unit)
    return this.plan.policy.iovaList
      ? usableRanges(aperture, group.regions)
      : [{ start: aperture.start, end: aperture.end }]
  }
}
