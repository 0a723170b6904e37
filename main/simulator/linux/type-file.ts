/**
 * Writing to /sys/kernel/iommu_groups/N/type: what it answers, and the type afterwards.
 * Source: drivers/iommu/iommu.c iommu_group_store_type (reference 20 §9; 05.21), in the order of its checks.
 */
import type { PciFunction } from '../platform/schema'
import type { DomainType } from './decision'
import { driverWants } from './domains'
import type { Plan, PlannedGroup } from './plan'
import { atLeast, type KernelPolicy } from './policies/policy'
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

/** What can be read from the file, and written to it but for `auto`. */
export const typeWords = ({ version }: KernelPolicy): DomainType[] =>
  atLeast(version, 5, 15) ? ['identity', 'DMA', 'DMA-FQ'] : ['identity', 'DMA']

export interface TypeWriteOptions {
  /** The type before; without it, as booted. */
  readonly from?: string
  /** The drivers of its functions are taken off; bridges keep theirs. */
  readonly unbound: boolean
  /** User space has the group open through VFIO. */
  readonly owned?: boolean
  /** The writer lacks CAP_SYS_ADMIN or CAP_SYS_RAWIO. */
  readonly unprivileged?: boolean
}

interface Answers {
  readonly accept: (after: string, reason: Reason) => TypeWrite
  readonly refuse: (errno: string, reason: Reason) => TypeWrite
}

export function writeType(plan: Plan, group: PlannedGroup, word: string, options: TypeWriteOptions): TypeWrite {
  const before = options.from ?? group.type.type
  const answers: Answers = {
    refuse: (errno, reason) => ({ before, after: before, ok: false, errno, because: [reason] }),
    accept: (after, reason) => ({ before, after, ok: true, because: [reason] }),
  }
  const { refuse } = answers
  const closed = notOpened(plan.policy, options)
  if (closed) return refuse(...closed)
  if (group.type.type === 'unknown' && !atLeast(plan.policy.version, 6, 6))
    return refuse('EINVAL', because('the group has no default domain', '20 §9', ...group.members.map((m) => m.fn.bdf)))
  // sysfs_streq: one newline at the end does not count.
  const text = word.replace(/\n$/, '')
  const wanted = text === 'auto' ? 'auto' : typeWords(plan.policy).find((t) => t === text)
  if (wanted === undefined)
    return refuse(
      'EINVAL',
      because(`only ${typeWords(plan.policy).join(', ')} and auto can be written`, '20 §9; 05.21', word),
    )
  const live = before === 'DMA' && wanted === 'DMA-FQ'
  const bound = boundFunctions(group, options)
  // 6.4 let groups of several devices in, and looks at the group's owner in place of the device's driver.
  const normalGroups = atLeast(plan.policy.version, 6, 4)
  if (normalGroups && live)
    return answers.accept('DMA-FQ', because('DMA to DMA-FQ is switched live, whoever uses the group', '20 §9'))
  const owned = options.owned === true
  const held = normalGroups ? owners(bound, owned) : singleton(group, bound, live, owned)
  return held ? refuse(...held) : decide(plan, group, wanted, before, answers)
}

type Refusal = readonly [errno: string, reason: Reason]

function notOpened({ version }: KernelPolicy, options: TypeWriteOptions): Refusal | undefined {
  if (!atLeast(version, 4, 19))
    return [
      'ENOENT',
      because('the type file does not exist before 4.19 (a shell that would create it is told EACCES)', '20 §9'),
    ]
  if (!atLeast(version, 5, 11))
    return [
      'EACCES',
      because(
        'the type file has mode 0444 before 5.11: not even root can open it for writing',
        '20 §9; kernfs_fop_open',
      ),
    ]
  if (options.unprivileged === true)
    return ['EACCES', because('the writer lacks CAP_SYS_ADMIN or CAP_SYS_RAWIO', '20 §9')]
  return undefined
}

/** In a group that user space owns every function is bound to vfio-pci. */
function boundFunctions(group: PlannedGroup, options: TypeWriteOptions): { fn: PciFunction; driver: string }[] {
  return group.members.flatMap(({ fn }) => {
    const bridge = fn.headerType !== 0
    const driver = options.owned === true && !bridge ? 'vfio-pci' : options.unbound && !bridge ? undefined : fn.driver
    return driver === undefined ? [] : [{ fn, driver }]
  })
}

const drivenBy = (list: readonly { fn: PciFunction; driver: string }[]): string[] =>
  list.map(({ fn, driver }) => `${fn.bdf} is bound to ${driver}`)

function singleton(
  group: PlannedGroup,
  bound: readonly { fn: PciFunction; driver: string }[],
  live: boolean,
  owned: boolean,
): Refusal | undefined {
  if (group.members.length > 1)
    return [
      'EINVAL',
      because('before 6.4 only groups of one device can be changed', '05.21', ...group.members.map((m) => m.fn.bdf)),
    ]
  if (bound.length > 0 && !live) return ['EBUSY', because('a driver is bound', '05.21', ...drivenBy(bound))]
  if (owned) return ['EBUSY', because('the group is not on its default domain: user space has it', '20 §9')]
  return undefined
}

function owners(bound: readonly { fn: PciFunction; driver: string }[], owned: boolean): Refusal | undefined {
  if (owned) return ['EPERM', because('user space owns the group', '20 §9')]
  const unmanaged = bound.filter((b) => !MANAGED.has(b.driver))
  return unmanaged.length > 0
    ? ['EPERM', because('a driver owns the group', '05.21', ...drivenBy(unmanaged))]
    : undefined
}

function decide(
  plan: Plan,
  group: PlannedGroup,
  wanted: DomainType | 'auto',
  before: string,
  { accept, refuse }: Answers,
): TypeWrite {
  if (wanted === 'auto')
    return accept(
      group.type.type,
      because('the kernel decides anew', '20 §9', ...group.type.because.flatMap((b) => b.facts)),
    )
  if (group.type.type === 'unknown')
    return refuse('EINVAL', because('the driver declares the one domain that it can have', '20 §5.3 step 5'))
  const opinion = driverWants(group.members, plan.domains)
  if (opinion && opinion.type !== wanted) return refuse('EINVAL', opinion.reason)
  if (wanted === before) return accept(wanted, because('it has that type already: nothing is changed', '20 §9'))
  return accept(wanted, because('nothing forbids it', '20 §9'))
}
