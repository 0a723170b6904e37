/**
 * Handing functions to user space through their own character devices and an iommufd, step by step (reference 40 §9;
 * Linux 6.12 drivers/vfio/device_cdev.c, drivers/vfio/iommufd.c, drivers/iommu/iommufd/{device,io_pagetable,ioas}.c).
 * This path was read, not run: none of the booted machines was built with CONFIG_IOMMUFD, so no answer here was verified
 * on a kernel. Where a rule is shared with type 1 (viability, firmware regions, isolation) it was verified there.
 */
import {
  bindSteps,
  mapStep,
  rangesInWords,
  type AttachOptions,
  type AttachResult,
  type AttachStep,
} from './attach-steps'
import { deviceAnswers } from './device-steps'
import { Handover, type Refusal } from './handover'
import { holesOf, intersect, iovaErrno, PAGE, type Range } from './iova'
import type { Plan, PlannedGroup } from './plan'
import { because, type Reason } from './reason'

export interface IommufdOptions extends AttachOptions {
  /** Mapped into the address space before any device is attached to it. */
  readonly premaps: AttachOptions['maps']
  /** The build options of the input are those of the planned kernel; else they are taken to be set. */
  readonly ownBuild: boolean
}

const UNVERIFIED = because(
  'the iommufd path was read from the source of Linux 6.12 and not compared with a booted machine',
  '40 §9',
)
const EVERYTHING: Range = { start: 0n, end: 0xffffffffffffffffn }

/** The policy must have device files of its own (`policy.cdev`). `unsafe` is iommufd.allow_unsafe_interrupts. */
export function attachIommufd(booted: Plan, o: IommufdOptions): AttachResult {
  const steps: AttachStep[] = []
  const reasons: Reason[] = [UNVERIFIED]
  const end = (stage: AttachResult['stage'], reason?: Reason): AttachResult => ({
    through: 'iommufd',
    stage,
    steps,
    because: reason ? [...reasons, reason] : reasons,
  })
  const hand = new Handover(booted, o.devices, o.bindGroup)
  const { ok, bound } = hand.bind()
  steps.push(...bindSteps(bound))
  reasons.push(...bound.flatMap((b) => (b.refusal ? [b.refusal.reason] : [])))
  if (!ok) return end(1)
  for (const { op, detail, option } of FILES) {
    const build = o.ownBuild ? optionsOf(booted) : undefined
    if (op === 'open-iommufd' && !build) reasons.push(assumedBuild(booted))
    const missing = build && unbuilt(build, option)
    for (const d of op === 'open-cdev' ? o.devices : [undefined])
      steps.push({ op, ok: !missing, detail, ...(d ? { bdf: d.bdf } : {}), ...(missing ? { errno: 'ENOENT' } : {}) })
    if (missing) return end(2, missing)
  }
  for (const d of o.devices) {
    const group = hand.groupOf(d)
    if (!group) return end(3)
    const refusal = bindIommufd(hand, group, o.unsafe)
    steps.push(answered('VFIO_DEVICE_BIND_IOMMUFD', d.bdf, refusal))
    if (refusal) return end(3, refusal.reason)
  }
  const space = new AddressSpace()
  steps.push({ op: 'IOMMU_IOAS_ALLOC', ok: true })
  for (const m of o.premaps) steps.push(mapStep('IOMMU_IOAS_MAP', m, space.map(m.iova, m.size)))
  for (const d of o.devices) {
    const group = hand.groupOf(d)
    const refusal = group && space.attach(hand.ranges(group))
    steps.push(answered('VFIO_DEVICE_ATTACH_IOMMUFD_PT', d.bdf, refusal))
    if (refusal) return end(4, refusal.reason)
  }
  steps.push({ op: 'IOMMU_IOAS_IOVA_RANGES', ok: true, iovaRanges: rangesInWords(space.ranges) })
  // Each of these is taken back before the next, as in type 1.
  for (const m of o.maps) steps.push(mapStep('IOMMU_IOAS_MAP', m, space.errno(m.iova, m.size)))
  const mine = new Set(o.devices.flatMap((d) => hand.groupOf(d)?.members.map((m) => m.fn.bdf) ?? []))
  for (const d of o.devices) {
    const answers = deviceAnswers(hand.plan, d, (bdf) => mine.has(bdf))
    steps.push(...answers.steps)
    reasons.push(...answers.because)
  }
  return end(9)
}

const answered = (op: string, bdf: string, refusal: Refusal | undefined): AttachStep => ({
  op,
  ok: !refusal,
  bdf,
  ...(refusal ? { errno: refusal.errno } : {}),
})

const FILES = [
  { op: 'open-iommufd', detail: '/dev/iommu', option: 'CONFIG_IOMMUFD' },
  { op: 'open-cdev', detail: '/dev/vfio/devices/vfioN', option: 'CONFIG_VFIO_DEVICE_CDEV' },
] as const

type Build = Readonly<Record<string, string>>

/** Undefined: the input has no build options, or none that speak of VFIO. */
function optionsOf({ board }: Plan): Build | undefined {
  const { config } = board.platform.kernel
  return config?.['CONFIG_VFIO'] === undefined ? undefined : config
}

function unbuilt(build: Build, option: string): Reason | undefined {
  if (build[option] === 'y' || build[option] === 'm') return undefined
  const kconfig = 'drivers/iommu/iommufd/Kconfig, drivers/vfio/Kconfig'
  return because('the kernel was built without it', kconfig, `${option} is not set`)
}

const assumedBuild = ({ policy }: Plan): Reason =>
  because(
    'how the planned kernel is built is not known: it is taken to have iommufd and device files',
    'drivers/vfio/Kconfig',
    `${policy.title} with CONFIG_IOMMUFD and CONFIG_VFIO_DEVICE_CDEV`,
  )

/** iommufd_device_bind, in its order: coherency (already asked when vfio-pci bound), isolation, ownership. */
function bindIommufd(hand: Handover, group: PlannedGroup, unsafe: boolean): Refusal | undefined {
  const exposed = unsafe ? undefined : hand.unsafe(group)
  if (exposed) return { errno: 'EPERM', reason: exposed }
  return hand.blocker(group) ?? hand.directRefusal(group)
}

/** An I/O address space (IOAS): what is mapped, and what devices that were attached leave usable. */
class AddressSpace {
  readonly mapped: Range[] = []
  ranges: Range[] = [EVERYTHING]
  private align = 1n

  errno(iova: bigint, size: bigint): string | undefined {
    return iovaErrno(iova, size, this.ranges, this.mapped, this.align)
  }

  map(iova: bigint, size: bigint): string | undefined {
    const errno = this.errno(iova, size)
    if (errno === undefined) this.mapped.push({ start: iova, end: iova + size - 1n })
    return errno
  }

  /** iopt_table_enforce_dev_resv_regions and iopt_table_add_domain: nothing mapped may lie in what must be kept free. */
  attach(usable: readonly Range[]): Refusal | undefined {
    const kept = holesOf(usable)
    for (const m of this.mapped) {
      const hit = kept.find((k) => m.start <= k.end && k.start <= m.end)
      if (hit)
        return {
          errno: 'EADDRINUSE',
          reason: because(
            'a mapping lies where the device or its IOMMU must have nothing mapped',
            '40 §9; io_pagetable.c iopt_reserve_iova',
            ...rangesInWords([m, hit]).map((r, i) => `${i === 0 ? 'mapped' : 'reserved'} ${r.start}–${r.end}`),
          ),
        }
    }
    const odd = this.mapped.find((m) => m.start % PAGE !== 0n || (m.end + 1n) % PAGE !== 0n)
    if (odd)
      return {
        errno: 'EADDRINUSE',
        reason: because(
          'a mapping is not aligned to the pages of the IOMMU',
          '40 §9; io_pagetable.c iopt_check_iova_alignment',
          ...rangesInWords([odd]).map((r) => `mapped ${r.start}–${r.end}`),
        ),
      }
    this.align = PAGE
    this.ranges = intersect(this.ranges, usable)
    return undefined
  }
}
