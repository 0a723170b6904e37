/**
 * Writing to /sys/kernel/iommu_groups/N/type: what it answers, and the type afterwards.
 * Source: drivers/iommu/iommu.c iommu_group_store_type (reference 20 §9; 05.21), in the order of its checks.
 */
import { driverWants, type DomainType } from './domains'
import type { Plan, PlannedGroup } from './plan'
import { because, type Reason } from './reason'

export interface TypeWrite {
  readonly before: string
  readonly after: string
  readonly ok: boolean
  readonly errno?: string
  readonly because: readonly Reason[]
}

/** Drivers that do not claim the group's DMA: on 6.12 they do not count as bound. */
const MANAGED = new Set(['pcieport', 'pci-stub', 'vfio-pci'])

export function writeType(
  plan: Plan,
  group: PlannedGroup,
  word: string,
  options: { readonly from?: string; readonly unbound: boolean },
): TypeWrite {
  const before = options.from ?? group.type.type
  const refuse = (errno: string, reason: Reason): TypeWrite => ({
    before,
    after: before,
    ok: false,
    errno,
    because: [reason],
  })
  const accept = (after: string, reason: Reason): TypeWrite => ({ before, after, ok: true, because: [reason] })
  const { typeFile } = plan.policy
  if (typeFile === 'absent')
    return refuse('EACCES', because('the type file is read-only or absent in this kernel', '20 §9'))
  const wanted = word === 'auto' ? 'auto' : (['DMA', 'DMA-FQ', 'identity'] as const).find((t) => t === word)
  if (wanted === undefined)
    return refuse('EINVAL', because('only identity, DMA, DMA-FQ and auto can be written', '20 §9; 05.21', word))
  const live = before === 'DMA' && wanted === 'DMA-FQ'
  // A bridge keeps its driver when the functions below are taken off.
  const drivers = group.members.flatMap((m) =>
    m.fn.driver !== undefined && (!options.unbound || m.fn.headerType !== 0) ? [m.fn] : [],
  )
  if (typeFile === '6.1') {
    if (group.members.length > 1)
      return refuse(
        'EINVAL',
        because('6.1 changes groups of one device only', '05.21', ...group.members.map((m) => m.fn.bdf)),
      )
    if (drivers.length > 0 && !live)
      return refuse(
        'EBUSY',
        because('a driver is bound', '05.21', ...drivers.map((d) => `${d.bdf} is bound to ${d.driver ?? ''}`)),
      )
  } else {
    if (live) return accept('DMA-FQ', because('DMA to DMA-FQ is switched live', '20 §9'))
    const owners = drivers.filter((d) => !MANAGED.has(d.driver ?? ''))
    if (owners.length > 0)
      return refuse(
        'EPERM',
        because('a driver owns the group', '05.21', ...owners.map((d) => `${d.bdf} is bound to ${d.driver ?? ''}`)),
      )
  }
  return decide(plan, group, wanted, accept, refuse)
}

function decide(
  plan: Plan,
  group: PlannedGroup,
  wanted: DomainType | 'auto',
  accept: (t: string, r: Reason) => TypeWrite,
  refuse: (e: string, r: Reason) => TypeWrite,
): TypeWrite {
  if (wanted === 'auto')
    return accept(
      group.type.type,
      because('the kernel decides anew', '20 §9', ...group.type.because.flatMap((b) => b.facts)),
    )
  const opinion = driverWants(group.members, plan.untrusted)
  if (opinion && opinion.type !== wanted) return refuse('EINVAL', opinion.reason)
  return accept(wanted, because('nothing forbids it', '20 §9'))
}
