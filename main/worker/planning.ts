/** Plans and attach ladders in the contract's shapes: for the worker, and for the command line in its own thread. */
import {
  MOST_DIFFERENCES,
  type AttachReport,
  type GuestRam,
  type PlanChange,
  type PlanCheck,
  type PlanReport,
  type PlanVerdict,
  type TypeReport,
  type VirtualFunctions,
} from '../../preload/contract'
import { err, fault, nearest, ok, type Result } from '../simulator/faults'
import { attach, type AttachOptions } from '../simulator/linux/attach'
import { compareWith } from '../simulator/linux/check'
import { attachIommufd } from '../simulator/linux/iommufd'
import { groupOnceTried, planPlatform, type Plan, type PlannedGroup } from '../simulator/linux/plan'
import { POLICIES, policyFor } from '../simulator/linux/policies/proposals'
import { planChanges } from '../simulator/linux/changes'
import { reasons, reportPlan } from '../simulator/linux/report'
import { typeWords, writeType } from '../simulator/linux/type-file'
import { withVirtualFunctions } from '../simulator/linux/sriov'
import { formatAddress, parseAddress, requesterId, type PciAddress } from '../simulator/platform/address'
import { isEmpty, type Observations } from '../simulator/platform/observations'
import type { PciFunction, Platform } from '../simulator/platform/schema'

export interface PlanOptions {
  readonly kernel?: string | undefined
  readonly cmdline?: string | undefined
  /** Started by a kernel that crashed, whatever the command line says. */
  readonly kdump?: boolean | undefined
}

export interface AttachFlags {
  readonly device: string
  readonly with: readonly string[]
  readonly bindGroup: AttachOptions['bindGroup']
  readonly unsafe: boolean
  readonly map?: AttachOptions['maps']
  /** Through device files and an iommufd, not groups and a container. */
  readonly iommufd?: boolean | undefined
  /** iommufd only: mapped before the devices are attached. */
  readonly mapFirst?: AttachOptions['maps']
  /** Absent: the planned kernel is the input's own. */
  readonly kernel?: string | undefined
}

/** Errors: USAGE when no policy is called so. */
export function planMachine(platform: Platform, o: PlanOptions): Result<Plan> {
  const policy = policyFor(o.kernel ?? platform.kernel.release)
  if (!policy)
    return err(
      fault('USAGE', `no kernel policy is called ${o.kernel ?? platform.kernel.release ?? ''}`, {
        hint: `a version such as 6.1, or one of ${POLICIES.map((p) => p.id).join(', ')}`,
      }),
    )
  return ok(planPlatform(platform, policy, o.cmdline, { kdump: o.kdump === true }))
}

/**
 * The machine with virtual functions that do not exist yet. `most`: over all functions. Errors: those of
 * `withVirtualFunctions`, and PLATFORM_NOT_PLACEABLE for more than `most`.
 */
export function withPlanned(
  platform: Platform,
  sriov: readonly VirtualFunctions[] = [],
  most = Infinity,
): Result<Platform> {
  const asked = sriov.reduce((sum, { count }) => sum + count, 0)
  if (asked > most)
    return err(
      fault('PLATFORM_NOT_PLACEABLE', `${asked} virtual functions are more than the window plans`, {
        hint: `plan up to ${most} at a time, or use doorbell plan --sriov`,
      }),
    )
  let machine = platform
  for (const { bdf, count } of sriov) {
    const more = withVirtualFunctions(machine, bdf, count)
    if (!more.ok) return more
    machine = more.value
  }
  return ok(machine)
}

/** The group of a function, once a driver has tried it. Errors: PLATFORM_UNKNOWN_BDF, PLATFORM_NOT_PLACEABLE where it has none. */
export function findGroup(plan: Plan, text: string): Result<PlannedGroup> {
  const device = findDevice(plan, text)
  if (!device.ok) return device
  const group = groupOnceTried(plan, device.value)
  if (group) return ok(group)
  const why = plan.units.unserved.get(device.value)
  return err(
    fault(
      'PLATFORM_NOT_PLACEABLE',
      `${device.value.bdf} has no IOMMU group${why ? `: ${why.rule}` : ''}`,
      why ? { hint: why.facts.join('; ') } : {},
    ),
  )
}

/** Every word that can be written to the group's `type` file, and one that cannot, with its drivers bound and taken off. */
export function reportTypes(plan: Plan, device: string): Result<TypeReport> {
  const group = findGroup(plan, device)
  if (!group.ok) return group
  const writes = [...typeWords(plan.policy), 'auto'].flatMap((write) =>
    [false, true].map((unbound) => {
      const r = writeType(plan, group.value, write, { unbound })
      return {
        write,
        unbound,
        after: r.after,
        ok: r.ok,
        ...(r.errno ? { errno: r.errno } : {}),
        because: reasons(r.because),
      }
    }),
  )
  return ok({ before: group.value.type.type, writes })
}

/** Errors: PLATFORM_UNKNOWN_BDF. */
export function findDevice(plan: Plan, text: string): Result<PciFunction> {
  const address = parseAddress(text)
  const found = address && plan.board.topology.find(formatAddress(address))
  if (found) return ok(found)
  const { functions } = plan.board.platform
  const planned = address && couldBeEnabled(functions, address)
  const near = nearest(
    text,
    functions.map((f) => f.bdf),
  )
  const last = functions.at(-1)?.bdf
  const named = last && `a function is named as ${last}; a device of a scenario, by its name under "devices"`
  const hint = planned ?? (near ? `did you mean ${near}?` : named)
  return err(fault('PLATFORM_UNKNOWN_BDF', `the machine has no function ${text}`, hint === undefined ? {} : { hint }))
}

/** A virtual function that does not exist yet. */
function couldBeEnabled(functions: readonly PciFunction[], wanted: PciAddress): string | undefined {
  for (const { bdf, sriov } of functions) {
    const pf = parseAddress(bdf)
    if (!sriov || pf?.segment !== wanted.segment) continue
    const n = (requesterId(wanted) - requesterId(pf) - sriov.firstOffset) / Math.max(sriov.stride, 1)
    if (Number.isInteger(n) && n >= 0 && n < sriov.total)
      return `it would be a virtual function of ${bdf}: plan it with --sriov ${bdf}=${n + 1}`
  }
  return undefined
}

/**
 * Unsafe interrupts are allowed by the flag or by the planned command line.
 * Errors: PLATFORM_UNKNOWN_BDF; USAGE for the iommufd path on a kernel without it.
 */
export function reportAttach(plan: Plan, flags: AttachFlags): Result<AttachReport> {
  const devices: PciFunction[] = []
  for (const text of [flags.device, ...flags.with]) {
    const found = findDevice(plan, text)
    if (!found.ok) return found
    devices.push(found.value)
  }
  if (flags.iommufd === true && !plan.policy.cdev)
    return err(
      fault('USAGE', `${plan.policy.title} hands devices over by groups only: device files came with Linux 6.6`, {
        hint: 'plan it on a kernel that has them: --kernel 6.12',
      }),
    )
  const { bindGroup, map: maps = [], mapFirst: premaps = [] } = flags
  const allowed = flags.iommufd === true ? plan.cmdline.unsafeIommufd : plan.cmdline.unsafeInterrupts
  const options = { devices, bindGroup, unsafe: flags.unsafe || allowed, maps }
  const result =
    flags.iommufd === true
      ? attachIommufd(plan, { ...options, premaps, ownBuild: flags.kernel === undefined })
      : attach(plan, options)
  return ok({
    through: result.through,
    stage: result.stage,
    steps: result.steps.map((s) => ({
      ...s,
      iovaRanges: s.iovaRanges && [...s.iovaRanges],
      devices: s.devices?.map((d) => ({ ...d })),
    })),
    because: reasons(result.because),
  })
}

/** A bus can have hundreds of functions, each of which names all others: the window lists the first. */
const MOST_AFFECTED = 16

export interface Compared extends PlanReport {
  cmdline: string
  own: { policy: string; cmdline: string } | null
  changes: PlanChange[]
  /** Virtual functions that the platform does not have. */
  planned: PciFunction[]
}

/** The plan as a report, beside the plan of the machine as it is: with its own kernel and command line, nothing added. */
export function comparePlan(platform: Platform, plan: Plan, guest?: GuestRam): Compared {
  const ram = guest && { machine: guest.machine, bytes: BigInt(guest.bytes) }
  const report = reportPlan(plan, ram, MOST_AFFECTED)
  const own = planMachine(platform, {})
  const there = new Set(platform.functions.map((f) => f.bdf))
  return {
    ...report,
    cmdline: plan.cmdline.text,
    own: own.ok ? { policy: own.value.policy.id, cmdline: own.value.cmdline.text } : null,
    changes: own.ok ? planChanges(reportPlan(own.value), report) : [],
    planned: plan.board.platform.functions.filter((f) => !there.has(f.bdf)),
  }
}

/** A plan of the machine as it is, beside what a kernel was seen to do; null when nothing was seen. */
export function checkPlan(plan: Plan, seen: Observations | null): PlanCheck | null {
  if (seen === null || isEmpty(seen)) return null
  const known = new Set(plan.board.platform.functions.map((f) => f.bdf))
  const groups = seen.groups.filter((g) => g.devices.some((d) => known.has(d)))
  const differences = compareWith(reportPlan(plan), seen)
  return {
    groups: groups.length,
    regions: groups.reduce((sum, g) => sum + (g.reserved?.length ?? 0), 0),
    total: differences.length,
    differences: differences
      .slice(0, MOST_DIFFERENCES)
      .map((d) => ({ ...d, predicted: shortened(d.predicted), observed: shortened(d.observed) })),
  }
}

/** Many differences can each name a group of thousands. */
const MOST_NAMES = 64
const shortened = (value: unknown): unknown =>
  Array.isArray(value) && value.length > MOST_NAMES
    ? [...(value as unknown[]).slice(0, MOST_NAMES), `and ${value.length - MOST_NAMES} more`]
    : value

/** With every type-0 function of the group bound to vfio-pci: what is left to stop it is the machine, not the person. */
export function verdict(plan: Plan, fn: PciFunction): PlanVerdict {
  const unsafe = plan.cmdline.unsafeInterrupts
  const result = attach(plan, { devices: [fn], bindGroup: 1, unsafe, maps: [] })
  if (result.stage === 9) return { bdf: fn.bdf, assignable: true }
  // A neighbour that cannot be bound is no hindrance by itself: the step that ended the attempt is the last one.
  const failed = result.steps.findLast((s) => !s.ok)
  return {
    bdf: fn.bdf,
    assignable: false,
    op: failed?.op ?? 'open-group',
    ...(failed?.errno ? { errno: failed.errno } : {}),
  }
}
