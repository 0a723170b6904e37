/** A plan as the window shows it: numbers and colours for groups, verdicts and differences by device. Pure. */
import type { PlanChange } from '../../preload/contract'
import type { Response } from '../bridge/host'

export type Plan = Response<'plan.compute'>
export type PlanGroup = Plan['groups'][number]
export type PlanDevice = Plan['devices'][number]
export type PlanVerdict = Plan['verdicts'][number]
export type Region = PlanGroup['reserved'][number]

/** Colour never says it alone: each group has its number beside it. */
const COLOURS = ['guest', 'host', 'device', 'vmm', 'interrupt', 'irqchip', 'other', 'fabric'].map(
  (lane) => `var(--lane-${lane})`,
)
export const groupColour = (number: number): string => COLOURS[(number - 1) % COLOURS.length] ?? 'var(--text-3)'

const PATTERNS = ['plain', 'rising', 'dots', 'falling', 'lines'].map((name) => `hull-${name}`)
/** A class of topology/patterns.css. Five beside eight colours: forty groups before a pair comes again. */
export const groupPattern = (number: number): string => PATTERNS[(number - 1) % PATTERNS.length] ?? ''

export interface PlanIndex {
  /** Function → number of its group, from 1, in the order of the plan (not the kernel's, which counts as it probes). */
  numbers: ReadonlyMap<string, number>
  devices: ReadonlyMap<string, PlanDevice>
  verdicts: ReadonlyMap<string, PlanVerdict>
  changes: ReadonlyMap<string, PlanChange[]>
}

export function indexPlan(plan: Plan): PlanIndex {
  const changes = new Map<string, PlanChange[]>()
  for (const change of plan.changes) changes.set(change.device, [...(changes.get(change.device) ?? []), change])
  return {
    numbers: new Map(plan.groups.flatMap((g, i) => g.devices.map((bdf) => [bdf, i + 1] as const))),
    devices: new Map(plan.devices.map((d) => [d.bdf, d])),
    verdicts: new Map(plan.verdicts.map((v) => [v.bdf, v])),
    changes,
  }
}

const OF_GROUP = new Set(['group', 'type', 'reserved'])

/** What is different for a whole group, once; what is different for a device alone stays with the device. */
export function groupChanges(devices: readonly string[], changes: PlanIndex['changes']): string[] {
  const all = devices.flatMap((bdf) => changes.get(bdf) ?? []).filter((c) => OF_GROUP.has(c.what))
  return [...new Set(all.map(changeWords))]
}

export const deviceChanges = (bdf: string, changes: PlanIndex['changes']): string[] =>
  (changes.get(bdf) ?? []).filter((c) => !OF_GROUP.has(c.what)).map(changeWords)

const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])
const word = (value: unknown): string =>
  value === null || value === undefined ? 'none' : typeof value === 'string' ? value : JSON.stringify(value)

/** What it was on the machine's own kernel and command line. */
export function changeWords({ what, from, to }: PlanChange): string {
  switch (what) {
    case 'group':
      return from === null ? 'had no group' : `group was ${list(from).join(' ')}`
    case 'type':
      return `type was ${word(from)}`
    case 'reserved': {
      const [before, after] = [new Set(list(from)), new Set(list(to))]
      const gone = [...before].filter((r) => !after.has(r)).map((r) => `without ${shortRange(r)}`)
      const come = [...after].filter((r) => !before.has(r)).map((r) => `new: ${shortRange(r)}`)
      return `reserved regions differ: ${[...gone, ...come].join(', ')}`
    }
    case 'iommu':
      return `IOMMU was ${word(from)}`
    case 'isolated':
      return from === true ? 'interrupt was isolated' : 'interrupt was not isolated'
    case 'mustMap':
      return from === true ? 'doorbell had to be mapped' : 'doorbell was not translated'
    default:
      return `${what} was ${word(from)}`
  }
}

/** `0x00000000fee00000` → `0xfee00000` */
export const shortHex = (text: string): string => `0x${text.replace(/^0x0*(?=.)/, '')}`
const shortRange = (text: string): string => text.replace(/0x[0-9a-f]+/g, shortHex)

export interface Figures {
  groups: number
  ungrouped: number
  assignable: number
  functions: number
  open: number
}

export function figures(plan: Plan, isBridge: (bdf: string) => boolean): Figures {
  const ends = plan.devices.filter((d) => !isBridge(d.bdf))
  const good = new Set(plan.verdicts.filter((v) => v.assignable).map((v) => v.bdf))
  return {
    groups: plan.groups.length,
    ungrouped: plan.ungrouped.length,
    functions: ends.length,
    assignable: ends.filter((d) => good.has(d.bdf)).length,
    open: ends.filter((d) => !d.msi.isolated).length,
  }
}

/** sysfs's word; where this kernel has none, the default domain that the group has all the same. */
export const groupType = (g: Pick<PlanGroup, 'type' | 'domain'>): string =>
  g.type ?? (g.domain === 'unknown' ? 'type unknown' : g.domain)

/** Devices whose DMA meets another domain than the group's default, by type: `identity: 0000:01:00.0 0000:01:00.1`. */
export function ownDomains({ own = [] }: PlanGroup, most = Infinity): string {
  const types = new Map<string, string[]>()
  for (const { device, type } of own) types.set(type, [...(types.get(type) ?? []), device])
  return [...types]
    .map(([type, devices]) => {
      const more = devices.length > most ? ` and ${devices.length - most} more` : ''
      return `${type}: ${devices.slice(0, most).join(' ')}${more}`
    })
    .join('; ')
}
