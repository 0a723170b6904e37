/**
 * The plan: what Linux decides about each function's DMA and interrupts on this platform, with the reasons.
 * Pure; observations of a running kernel are never read here.
 */
import type { PciFunction, Platform } from '../platform/schema'
import { acsControls, enabledAnew } from './acs-control'
import { boardOf, byAddress, type Board } from './board'
import { readCommandLine, type CommandLine } from './cmdline'
import type { Decision, DomainSetting, Member } from './decision'
import { driverWants, groupDefault } from './domains'
import { groupFunctions } from './groups'
import { kdumpOf, type Deferral, type Kdump, type RunningKernel } from './kdump'
import { messageRoute, type MessageRoute } from './messages'
import { sharedController } from './pamu'
import { groupPlatformDevices, type PlatformGroups } from './platform-devices'
import { eraFor } from './policies/eras'
import type { KernelPolicy } from './policies/policy'
import { because, type Reason } from './reason'
import { groupRegions } from './region-list'
import type { Region } from './regions'
import { systemDefault } from './system-default'
import { untrustedFunctions } from './trust'
import { activeUnits, type Units } from './units'

export interface PlannedGroup {
  readonly members: readonly Member[]
  readonly type: Decision
  readonly regions: readonly Region[]
  readonly because: readonly Reason[]
  /** In a kdump kernel: attaching it to its default domain is put off. */
  readonly deferred?: Deferral
}

export interface Plan {
  readonly policy: KernelPolicy
  readonly cmdline: CommandLine
  readonly board: Board
  readonly units: Units
  /** By lowest device. */
  readonly groups: readonly PlannedGroup[]
  readonly ungrouped: readonly { readonly fn: PciFunction; readonly because: readonly Reason[] }[]
  /** What is not on PCI. */
  readonly others: PlatformGroups
  readonly messages: ReadonlyMap<PciFunction, MessageRoute>
  readonly untrusted: ReadonlySet<PciFunction>
  /** What the rules about domains are asked with. */
  readonly domains: DomainSetting
  readonly assumptions: readonly string[]
  /** This kernel was started by one that crashed. */
  readonly kdump?: Kdump
}

export interface PlanSettings {
  /** Started by a kernel that crashed, though the command line has no elfcorehdr=. */
  readonly kdump?: boolean
}

/** The same machine once other drivers are bound: functions that a driver now tries may get a group. Kept groups stay. */
export function planWith(plan: Plan, drivers: ReadonlyMap<PciFunction, string | undefined>): Plan {
  const late = plan.ungrouped.filter(({ fn }) => drivers.get(fn) !== undefined && fn.driver === undefined)
  if (late.length === 0) return plan
  const names = new Map([...drivers].map(([fn, d]) => [fn.bdf, d]))
  const functions = plan.board.platform.functions.map((fn) => {
    const driver = names.get(fn.bdf)
    return late.some((l) => l.fn.bdf === fn.bdf) && driver !== undefined ? { ...fn, driver } : fn
  })
  const again = planPlatform({ ...plan.board.platform, functions }, plan.policy, plan.cmdline.text, {
    kdump: plan.kdump !== undefined,
  })
  // The caller knows the functions of the booted machine: answers are about those.
  const own = (fn: PciFunction): PciFunction => plan.board.topology.find(fn.bdf) ?? fn
  const keyed = <V>(map: ReadonlyMap<PciFunction, V>): Map<PciFunction, V> =>
    new Map([...map].map(([fn, v]) => [own(fn), v]))
  return {
    ...again,
    board: plan.board,
    units: { ...again.units, served: keyed(again.units.served), unserved: keyed(again.units.unserved) },
    messages: keyed(again.messages),
    untrusted: plan.untrusted,
    domains: plan.domains,
    groups: again.groups.map((g) => ({ ...g, members: g.members.map((m) => ({ ...m, fn: own(m.fn) })) })),
  }
}

/**
 * The group of a function. One that no driver has tried yet has none where groups are made at probe time: then the group
 * that it gets as soon as one tries, and fails (05.17, 05.22).
 */
export function groupOnceTried(plan: Plan, fn: PciFunction): PlannedGroup | undefined {
  const of = ({ groups }: Plan): PlannedGroup | undefined => groups.find((g) => g.members.some((m) => m.fn === fn))
  return of(plan) ?? of(planWith(plan, new Map([[fn, 'a driver that fails']])))
}

/** S3.10: a device that must be identity mapped leaves its group for one of its own, which isolates nothing. */
function split(members: readonly Member[], domains: DomainSetting): { members: Member[]; because: Reason[] }[] {
  if (domains.policy.identity !== 'own-group' || members.length < 2) return [{ members: [...members], because: [] }]
  const alone = members.filter((m) => driverWants([m], domains)?.type === 'identity')
  const rest = members.filter((m) => !alone.includes(m))
  const own = alone.map((m) => ({
    members: [m],
    because: [because('it needs identity mapping, so it is put into a group of its own', 'S3.10', m.fn.bdf)],
  }))
  return rest.length > 0 ? [{ members: rest, because: [] }, ...own] : own
}

/** The kernel that crashed: the one that the input was taken under, unless that was the dumping one itself. */
function crashedKernel(platform: Platform, policy: KernelPolicy): Plan | undefined {
  const { release, cmdline } = platform.kernel
  if (cmdline === undefined || readCommandLine(cmdline).kdump) return undefined
  return planPlatform(platform, (release === undefined ? undefined : eraFor(release)) ?? policy)
}

const running = ({
  policy,
  cmdline,
  units,
  groups,
}: Pick<Plan, 'policy' | 'cmdline' | 'units' | 'groups'>): RunningKernel => ({
  version: policy.version,
  cmdline,
  units,
  groups,
})

export function planPlatform(
  platform: Platform,
  policy: KernelPolicy,
  commandLine?: string,
  settings: PlanSettings = {},
): Plan {
  const cmdline = readCommandLine(commandLine ?? platform.kernel.cmdline ?? '')
  const recorded: Board = { ...boardOf(platform, cmdline), version: policy.version }
  const dumping = settings.kdump === true || cmdline.kdump
  const crashed = dumping ? crashedKernel(platform, policy) : undefined
  // Nothing resets configuration space between a crash and the kernel that dumps.
  const board: Board = { ...recorded, acs: acsControls(recorded, policy, cmdline, crashed !== undefined) }
  const untrusted = untrustedFunctions(board, policy)
  const units = activeUnits(board, cmdline, policy, untrusted)
  const member = (fn: PciFunction): Member[] => {
    const served = units.served.get(fn)
    return served ? [{ fn, served }] : []
  }
  const assumptions = new Set([...platform.assumptions, ...units.assumptions])
  if (platform.functions.length === 0)
    assumptions.add('the input lists no PCI functions, so there is none to plan for: add lspci text or a capture to it')
  if (platform.unknown.includes('bytecode') && policy.untrusted !== 'none')
    assumptions.add(
      'no DSDT or SSDT among the inputs: no port is taken as external-facing, no boot configuration as kept',
    )
  const anew = enabledAnew(recorded, policy, cmdline)
  if (anew !== undefined) assumptions.add(anew)
  const domains: DomainSetting = {
    board,
    cmdline,
    policy,
    untrusted,
    system: systemDefault(board, cmdline, policy),
    assume: (a) => assumptions.add(a),
  }
  const found = groupFunctions(
    board,
    board.scanOrder.filter((f) => units.served.has(f)),
    sharedController(board, units, policy.version),
  )
  const groups = found.flatMap((g): PlannedGroup[] => {
    for (const a of g.assumptions) assumptions.add(a)
    return split(g.devices.flatMap(member), domains).map(({ members, because: alone }) => ({
      members,
      because: [...alone, ...g.because],
      type: groupDefault(members, domains),
      regions: groupRegions(
        board,
        members.map(({ fn, served }) => ({ name: fn.bdf, unit: served.unit, fn })),
        policy,
      ),
    }))
  })
  const kdump = dumping
    ? kdumpOf(platform, running({ policy, cmdline, units, groups }), crashed && running(crashed))
    : undefined
  for (const a of kdump?.assumptions ?? []) assumptions.add(a)
  const put = (g: PlannedGroup): PlannedGroup => {
    const deferred = kdump?.deferral(g.members, g.type)
    return deferred ? { ...g, deferred } : g
  }
  const lowest = (g: PlannedGroup): string => g.members.map((m) => m.fn.bdf).sort(byAddress)[0] ?? ''
  return {
    policy,
    cmdline,
    board,
    units,
    groups: groups.map(put).sort((a, b) => byAddress(lowest(a), lowest(b))),
    ungrouped: board.scanOrder.flatMap((fn) => {
      const reason = units.unserved.get(fn)
      return reason ? [{ fn, because: [reason] }] : []
    }),
    others: groupPlatformDevices(board, units, domains.system, policy),
    messages: new Map(board.scanOrder.map((fn) => [fn, messageRoute(board, fn, units, cmdline, policy)])),
    untrusted,
    domains,
    assumptions: [...assumptions],
    ...(kdump ? { kdump } : {}),
  }
}
