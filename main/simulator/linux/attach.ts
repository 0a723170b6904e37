/**
 * Handing functions to user space through VFIO type 1, step by step, with the errno of the step that fails.
 * Sources: vfio_pci_core, drivers/vfio/{group,container}.c, vfio_iommu_type1.c (reference 40; 05.1 … 05.17).
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
import { intersect, mapErrno, unmappableErrno, type Range } from './iova'
import type { Plan } from './plan'
import type { Reason } from './reason'

export type { AttachOptions, AttachResult, AttachStep } from './attach-steps'

export function attach(booted: Plan, o: AttachOptions): AttachResult {
  const steps: AttachStep[] = []
  const reasons: Reason[] = []
  const end = (stage: AttachResult['stage'], reason?: Reason): AttachResult => ({
    through: 'group',
    stage,
    steps,
    because: reason ? [...reasons, reason] : reasons,
  })
  const hand = new Handover(booted, o.devices, o.bindGroup)
  const { ok, bound } = hand.bind()
  steps.push(...bindSteps(bound))
  reasons.push(...bound.flatMap((b) => (b.refusal ? [b.refusal.reason] : [])))
  if (!ok) return end(1)
  const { policy } = hand.plan
  const groups = [...new Set(o.devices.map((d) => hand.groupOf(d)))]
  let ranges: Range[] | undefined
  let notViable: Refusal | undefined
  for (const [i, group] of groups.entries()) {
    if (!group) return end(2)
    steps.push({ op: 'open-group', ok: true })
    const blocker = hand.blocker(group)
    steps.push({ op: 'GROUP_GET_STATUS', ok: true, viable: blocker ? 0 : 1 })
    const direct = hand.directRefusal(group)
    const refusal =
      (policy.viability === 'container' ? blocker : undefined) ??
      (policy.directRegion.at === 'SET_CONTAINER' ? direct : undefined)
    notViable ??= policy.viability === 'device-fd' ? blocker : undefined
    steps.push({ op: 'SET_CONTAINER', ok: !refusal, ...(refusal ? { errno: refusal.errno } : {}) })
    if (refusal) return end(i === 0 ? 3 : 4, refusal.reason)
    const unsafe = o.unsafe ? undefined : hand.unsafe(group)
    const refused: Refusal | undefined = direct ?? (unsafe && { errno: 'EPERM', reason: unsafe })
    // User space asks for TYPE1v2 first and falls back to TYPE1: both are refused alike.
    if (i === 0)
      for (const detail of refused ? ['TYPE1v2', 'TYPE1'] : ['TYPE1v2'])
        steps.push({ op: 'SET_IOMMU', ok: !refused, detail, ...(refused ? { errno: refused.errno } : {}) })
    if (refused) return end(4, refused.reason)
    const mine = hand.ranges(group)
    ranges = ranges ? intersect(ranges, mine) : mine
  }
  // The range capability came with 5.4.
  steps.push({
    op: 'IOMMU_GET_INFO',
    ok: true,
    ...(policy.iovaList ? { iovaRanges: rangesInWords(ranges ?? []) } : {}),
  })
  const unit = groups[0]?.members[0]?.served.unit
  const outside = policy.iovaList || !unit ? 'EINVAL' : unmappableErrno(unit)
  for (const m of o.maps) steps.push(mapStep('MAP_DMA', m, mapErrno(m.iova, m.size, ranges ?? [], [], outside)))
  for (const d of o.devices) {
    steps.push({ op: 'GET_DEVICE_FD', ok: !notViable, bdf: d.bdf, ...(notViable ? { errno: 'EINVAL' } : {}) })
    if (notViable) continue
    const answers = deviceAnswers(hand.plan, d)
    steps.push(...answers.steps)
    reasons.push(...answers.because)
  }
  return end(9, notViable?.reason)
}
