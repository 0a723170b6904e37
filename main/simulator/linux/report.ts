/** The planner's answers in the words and shapes that the command line prints: plain data, hex strings, sysfs's words. */
import { digits, hex } from '../platform/address'
import type { PciFunction } from '../platform/schema'
import { blastRadius } from './blast'
import { byAddress } from './board'
import { hotReset } from './hot-reset'
import { collisions, guestRam, mappable, type GuestMachine } from './guest-memory'
import { apertureOf, usableRanges, type Range } from './iova'
import type { Deferral, KdumpUnit } from './kdump'
import type { Plan, PlannedGroup } from './plan'
import { atLeast, versionOf } from './policies/policy'
import type { Reason } from './reason'
import { sysfsWord, type Region } from './regions'
import { functionReset } from './reset'
import { svaLadder } from './sva/ladder'

export interface ReportedReason {
  rule: string
  cite: string
  facts: string[]
  apart?: string
}

export const reasons = (list: readonly Reason[]): ReportedReason[] => {
  const seen = new Set<string>()
  return list.flatMap((r) => {
    const key = `${r.rule} ${r.facts.join(' ')}`
    if (seen.has(key)) return []
    seen.add(key)
    return [{ rule: r.rule, cite: r.cite, facts: [...r.facts], ...(r.apart ? { apart: r.apart } : {}) }]
  })
}

const address = (x: bigint): string => `0x${digits(x, 16)}`

export interface GuestRequest {
  readonly machine: GuestMachine
  readonly bytes: bigint
}

/** The machine's own release where that is the kernel that was planned, else its version. */
function plannedKernel({ policy, board }: Plan): string {
  const planned = policy.version.join('.')
  const { release } = board.platform.kernel
  return release !== undefined && versionOf(release)?.join('.') === planned ? release : planned
}

/** `most`: how many of the functions that a hot reset drags in are listed for each device. */
export function reportPlan(plan: Plan, guest?: GuestRequest, most = Infinity) {
  return {
    kernel: plannedKernel(plan),
    policy: plan.policy.id,
    ...(plan.kdump ? { kdump: { units: plan.kdump.units.map((u) => reportUnit(u)) } } : {}),
    groups: plan.groups.map((g) => reportGroup(g, atLeast(plan.policy.version, 4, 19))),
    ungrouped: [...plan.ungrouped]
      .sort((a, b) => byAddress(a.fn.bdf, b.fn.bdf))
      .map((u) => ({ bdf: u.fn.bdf, because: reasons(u.because) })),
    ...(plan.others.groups.length + plan.others.ungrouped.length > 0 ? { platformDevices: reportOthers(plan) } : {}),
    devices: [...plan.board.scanOrder]
      .sort((a, b) => byAddress(a.bdf, b.bdf))
      .map((fn) => reportDevice(plan, fn, most)),
    ...(guest ? { guest: reportGuest(plan, guest) } : {}),
    assumptions: [...plan.assumptions],
  }
}

const reportOthers = ({ others, policy }: Plan) => ({
  groups: others.groups.map((g) => ({
    devices: g.devices.map((d) => d.name),
    iommu: g.unit.name,
    type: atLeast(policy.version, 4, 19) ? (g.type.type as string) : null,
    reserved: g.regions.map((r) => reportRegion(r)),
    because: reasons([...g.because, ...g.type.because]),
    iovaRanges: usableRanges(apertureOf(g.unit), g.regions).map((r) => range(r)),
  })),
  ungrouped: others.ungrouped.map((u) => ({ device: u.device.name, because: reasons([u.because]) })),
})

const reportRegion = (r: Region) => ({
  start: address(r.start),
  end: address(r.end),
  type: sysfsWord(r.type),
  devices: [...r.devices].sort(byAddress),
  because: reasons([r.because]),
})

const range = (r: Range) => ({ start: hex(r.start), end: hex(r.end) })

const reportUnit = ({ unit, enabled, tables, because: why }: KdumpUnit) => ({
  name: unit.name,
  enabled,
  tables,
  because: reasons(why),
})

const reportDeferral = ({ devices, until, live, because: why }: Deferral) => ({
  devices: devices.map((fn) => fn.bdf).sort(byAddress),
  until,
  live,
  because: reasons(why),
})

function reportGroup(g: PlannedGroup, shown: boolean) {
  const [first] = g.members
  return {
    devices: g.members.map((m) => m.fn.bdf).sort(byAddress),
    // The file in sysfs came with 4.19.
    type: shown ? (g.type.type as string) : null,
    domain: g.type.type as string,
    ...(g.type.own
      ? { own: g.type.own.map((o) => ({ device: o.fn.bdf, type: o.type, because: reasons(o.because) })) }
      : {}),
    reserved: g.regions.map((r) => reportRegion(r)),
    because: reasons([...g.because, ...g.type.because]),
    iovaRanges: first ? usableRanges(apertureOf(first.served.unit), g.regions).map((r) => range(r)) : [],
    ...(g.deferred ? { deferred: reportDeferral(g.deferred) } : {}),
  }
}

function reportDevice(plan: Plan, fn: PciFunction, most: number) {
  const route = plan.messages.get(fn)
  const served = plan.units.served.get(fn)
  return {
    bdf: fn.bdf,
    iommu: served?.unit.name ?? null,
    untrusted: plan.untrusted.has(fn),
    msi: {
      controller: route?.controller?.name ?? null,
      mustMap: route?.mustMap ?? false,
      isolated: route?.isolated ?? false,
      ...(route?.controller?.doorbell ? { doorbell: hex(BigInt(route.controller.doorbell)) } : {}),
      because: reasons(route?.because ?? []),
    },
    blastRadius: route ? { ...blastRadius(route) } : { scope: 'none' as const, words: 'no message route', cite: '' },
    reset: reportReset(plan, fn, most),
    ...(fn.pasid || fn.ats || fn.pri || fn.siov ? reportSva(plan, fn) : {}),
  }
}

function reportSva(plan: Plan, fn: PciFunction) {
  const { rungs, uses } = svaLadder(plan, fn)
  return {
    sva: rungs.map((r) => ({ ...r })),
    pasidUses: uses.map((u) => ({
      ...u,
      missing: [...u.missing],
      unknown: [...u.unknown],
      because: reasons(u.because),
    })),
  }
}

function reportReset(plan: Plan, fn: PciFunction, most: number) {
  const { methods, unknown, works, because } = functionReset(plan.board, fn, plan.policy)
  const hot = hotReset(plan, fn)
  return {
    methods: [...methods],
    unknown: [...unknown],
    works: works ?? null,
    hotReset: {
      possible: hot.possible,
      ...(hot.errno ? { errno: hot.errno } : {}),
      affected: hot.affected.slice(0, most).map((a) => ({ ...a })),
      total: hot.affected.length,
      groups: [...hot.groups],
      because: reasons(hot.because),
    },
    because: reasons(because),
  }
}

function reportGuest(plan: Plan, { machine, bytes }: GuestRequest) {
  const ram = guestRam(machine, bytes)
  return {
    machine,
    ram: ram.map((r) => range(r)),
    groups: plan.groups.map((g) => ({
      devices: g.members.map((m) => m.fn.bdf).sort(byAddress),
      collisions: collisions(g, ram).map((c) => ({ ...range(c), with: c.with, verdict: c.verdict })),
      mappable: mappable(g, ram).map((r) => range(r)),
    })),
  }
}

export type PlanReport = ReturnType<typeof reportPlan>
