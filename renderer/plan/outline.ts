/** A plan as a document: sections of lines, from which Markdown and HTML are written. Pure. */
import type { Because, Platform } from '../../preload/contract'
import { className, isBridge } from '../model/pci'
import { changeWords, indexPlan, shortHex, type Plan, type Region } from '../model/plan'

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
  readonly groups: readonly OutlinedGroup[]
  readonly ungrouped: readonly { readonly bdf: string; readonly because: Because }[]
  readonly assumptions: readonly string[]
}

export const DEVICE_COLUMNS = ['VFIO', 'interrupt', 'doorbell', 'IOMMU', 'MSI controller', 'could raise'] as const

export function outline(name: string, platform: Platform, plan: Plan): Outline {
  const index = indexPlan(plan)
  const functions = new Map(platform.functions.map((f) => [f.bdf, f]))
  const device = (bdf: string): PlannedDevice => {
    const [fn, d, v] = [functions.get(bdf), index.devices.get(bdf), index.verdicts.get(bdf)]
    const bridge = fn !== undefined && isBridge(fn)
    return {
      bdf,
      name: fn ? [className(fn), fn.driver].filter(Boolean).join(', ') : '',
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
  return {
    title: `Plan of ${name}`,
    facts: [
      ['source', platform.source],
      ['policy', `Linux ${plan.policy}`],
      ['command line', plan.cmdline || '(empty)'],
      ["the machine's own kernel", platform.kernel.release ?? 'not known'],
    ],
    changes: plan.changes.map((c) => `${c.device}: ${changeWords(c)}`),
    groups: plan.groups.map((g, i) => ({
      number: i + 1,
      type: g.type ?? 'unknown',
      devices: g.devices.map(device),
      because: g.because,
      regions: g.reserved,
    })),
    ungrouped: plan.ungrouped,
    assumptions: plan.assumptions,
  }
}

export const rangeWords = (r: Region): string => `${shortHex(r.start)}–${shortHex(r.end)} ${r.type}`
