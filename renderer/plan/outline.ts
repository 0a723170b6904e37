/** A plan as a document: sections of lines, from which Markdown and HTML are written. Pure. */
import type { Because, Platform } from '../../preload/contract'
import { citesIn, sourcesOf } from '../../preload/contract/sources'
import { differenceWords } from '../model/check'
import { plural } from '../model/format'
import { carveOuts, numberRanges, rangeWords as extentWords, withWords } from '../model/guest'
import { className, isBridge } from '../model/pci'
import { changeWords, groupType, indexPlan, ownDomains, shortHex, type Plan, type Region } from '../model/plan'

export interface PlannedDevice {
  readonly bdf: string
  readonly name: string
  /** In the order of `DEVICE_COLUMNS`. */
  readonly answers: readonly string[]
  readonly because: Because
}

export interface OutlinedGroup {
  readonly number: number
  readonly type: string
  readonly devices: readonly PlannedDevice[]
  readonly because: Because
  readonly regions: readonly Region[]
}

export interface Outline {
  readonly title: string
  readonly facts: readonly (readonly [string, string])[]
  readonly changes: readonly string[]
  /** What was observed, beside the plan; empty when nothing was. */
  readonly checked: readonly string[]
  /** A guest's RAM over the groups; empty without one. */
  readonly guest: readonly string[]
  readonly groups: readonly OutlinedGroup[]
  readonly ungrouped: readonly { readonly bdf: string; readonly because: Because }[]
  /** Devices that are not on PCI, with what became of them. */
  readonly others: readonly { readonly name: string; readonly because: Because; readonly regions?: readonly Region[] }[]
  /** Shared virtual addressing: function, for whom, and what is missing or not known. */
  readonly pasids: readonly { readonly name: string; readonly because: Because }[]
  readonly assumptions: readonly string[]
  /** Section that a reason cites, and what it stands on. */
  readonly sources: readonly (readonly [string, string])[]
}

export const DEVICE_COLUMNS = ['VFIO', 'interrupt', 'doorbell', 'IOMMU', 'MSI controller', 'could raise'] as const

export function outline(name: string, platform: Platform, plan: Plan): Outline {
  const index = indexPlan(plan)
  const functions = new Map([...platform.functions, ...plan.planned].map((f) => [f.bdf, f]))
  const added = new Set(plan.planned.map((f) => f.bdf))
  const device = (bdf: string): PlannedDevice => {
    const [fn, d, v] = [functions.get(bdf), index.devices.get(bdf), index.verdicts.get(bdf)]
    const bridge = fn !== undefined && isBridge(fn)
    return {
      bdf,
      name: fn ? [className(fn), fn.driver, added.has(bdf) && 'planned'].filter(Boolean).join(', ') : '',
      answers: [
        v?.assignable ? 'assignable' : `${v?.op ?? ''} −${v?.errno ?? 'error'}${bridge ? ' (bridge)' : ''}`,
        `${d?.msi.isolated ? 'isolated' : 'not isolated'}${d?.untrusted ? ', untrusted' : ''}`,
        d?.msi.mustMap ? 'must be mapped' : 'not translated',
        d?.iommu ?? 'none',
        d?.msi.controller ?? 'none',
        d?.blastRadius.words ?? '',
      ],
      because: d?.msi.because ?? [],
    }
  }
  const written = {
    title: `Plan of ${name}`,
    facts: [
      ['source', platform.source],
      ['policy', `${plan.policy}, Linux ${plan.kernel}`],
      ['command line', plan.cmdline || '(empty)'],
      ["the machine's own kernel", platform.kernel.release ?? 'not known'],
      ...(plan.planned.length > 0 ? [['virtual functions planned', String(plan.planned.length)] as const] : []),
    ] as const,
    changes: plan.changes.map((c) => `${c.device}: ${changeWords(c)}`),
    checked: checkLines(plan),
    guest: guestLines(plan),
    groups: plan.groups.map((g, i) => ({
      number: i + 1,
      type: g.own ? `${groupType(g)}; of their own: ${ownDomains(g)}` : groupType(g),
      devices: g.devices.map(device),
      because: [...g.because, ...(g.deferred?.because ?? [])],
      regions: g.reserved,
    })),
    ungrouped: plan.ungrouped,
    others: [
      ...(plan.platformDevices?.groups ?? []).map((g) => ({
        name: `${g.devices.join(' ')}: ${g.iommu}, type ${g.type ?? 'not shown'}`,
        because: g.because,
        regions: g.reserved,
      })),
      ...(plan.platformDevices?.ungrouped ?? []).map((u) => ({
        name: `${u.device}: no group`,
        because: u.because,
      })),
    ],
    pasids: plan.devices.flatMap((d) =>
      (d.pasidUses ?? []).map((u) => ({ name: `${d.bdf}: ${pasidWords(u)}`, because: u.because })),
    ),
    assumptions: plan.assumptions,
  }
  return { ...written, sources: Object.entries(sourcesOf(citesIn(written))) }
}

function pasidWords({ use, ok, missing, unknown }: NonNullable<Plan['devices'][number]['pasidUses']>[number]): string {
  if (ok === true) return `${use} PASID`
  return ok === false
    ? `no ${use} PASID: ${missing.join(', ')} missing`
    : `${use} PASID not known: hangs on ${unknown.join(', ')}`
}

function checkLines({ check }: Plan): string[] {
  if (!check) return []
  const compared = `${plural(check.groups, 'group')}, ${plural(check.regions, 'region')} compared`
  if (check.total === 0) return [`as observed: ${compared}`]
  const more = check.total - check.differences.length
  return [
    `${plural(check.total, 'difference')} (${compared})`,
    ...check.differences.map(differenceWords).map((d) => {
      const cause = d.cause === undefined ? '' : `; cause: ${d.cause}`
      return `${d.device} ${d.what}: predicted ${d.predicted.join(' ')}, observed ${d.observed.join(' ')}${cause}`
    }),
    ...(more > 0 ? [`and ${more} more`] : []),
  ]
}

function guestLines({ guest }: Plan): string[] {
  if (!guest) return []
  const holes = carveOuts(guest)
  return [
    `${guest.machine}: ${guest.ram.map(extentWords).join(', ')}`,
    ...holes.map((h) => `carve out ${extentWords(h)}: ${withWords(h)}, groups ${numberRanges(h.groups)}`),
    ...(holes.length === 0 ? ['nothing has to be carved out'] : []),
  ]
}

export const rangeWords = (r: Region): string => `${shortHex(r.start)}–${shortHex(r.end)} ${r.type}`
