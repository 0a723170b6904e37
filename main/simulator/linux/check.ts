/**
 * A plan beside what a kernel was seen to do. Observations are only ever compared, never planned with.
 * Where the plan rests on an assumption about a device, the difference says so as its cause.
 */
import { groupOf, type Observations, type ObservedGroup } from '../platform/observations'
import { byAddress } from './board'
import type { PlanReport } from './report'

export interface Difference {
  what: 'group' | 'type' | 'reserved' | 'ungrouped' | 'reset'
  device?: string
  predicted: unknown
  observed: unknown
  cause?: string
}

export function compareWith(report: PlanReport, seen: Observations): Difference[] {
  const others = report.platformDevices?.groups ?? []
  const known = new Set([...report.devices.map((d) => d.bdf), ...others.flatMap((g) => g.devices)])
  const cause = (device: string): { cause?: string } => {
    const assumption = report.assumptions.find((a) => a.includes(device))
    return assumption ? { cause: assumption } : {}
  }
  const out: Difference[] = []
  const mine = new Map([...report.groups, ...others].flatMap((g) => g.devices.map((d) => [d, g] as const)))
  for (const group of seen.groups) {
    const devices = group.devices.filter((d) => known.has(d)).sort(byAddress)
    const [first] = devices
    if (first === undefined) continue
    const planned = mine.get(first)
    if (!planned || planned.devices.toSorted(byAddress).join() !== devices.join())
      out.push({
        what: 'group',
        device: first,
        predicted: planned?.devices ?? null,
        observed: devices,
        ...cause(first),
      })
    else out.push(...contents(planned, group, first, cause(first)))
  }
  out.push(...resets(report, seen))
  if (seen.groups.length > 0) {
    for (const group of report.groups) {
      for (const d of group.devices)
        if (!groupOf(seen, d))
          out.push({ what: 'ungrouped', device: d, predicted: group.devices, observed: null, ...cause(d) })
    }
  }
  return out
}

/** Where some function has a `reset_method` file, one without has no method. What the input leaves open is not compared. */
function resets(report: PlanReport, seen: Observations): Difference[] {
  if (seen.resets.length === 0) return []
  const listed = new Map(seen.resets.map((r) => [r.device, r.methods]))
  return report.devices.flatMap((d): Difference[] => {
    const observed = listed.get(d.bdf) ?? []
    if (d.reset.unknown.length > 0 || observed.join() === d.reset.methods.join()) return []
    const written = observed.length > 0 && observed.every((m) => d.reset.methods.some((mine) => mine === m))
    const cause = written ? { cause: 'the file may have been written to, which changes the order' } : {}
    return [{ what: 'reset', device: d.bdf, predicted: d.reset.methods, observed, ...cause }]
  })
}

function contents(
  planned: Pick<PlanReport['groups'][number], 'type' | 'reserved'>,
  seen: ObservedGroup,
  device: string,
  cause: { cause?: string },
): Difference[] {
  const out: Difference[] = []
  if (seen.type !== undefined && seen.type !== planned.type)
    out.push({ what: 'type', device, predicted: planned.type, observed: seen.type, ...cause })
  if (seen.reserved === undefined) return out
  const words = (list: readonly { start: string; end: string; type: string }[]) =>
    list.map((r) => `${BigInt(r.start).toString(16)}-${BigInt(r.end).toString(16)} ${r.type}`)
  if (words(seen.reserved).join() !== words(planned.reserved).join())
    out.push({ what: 'reserved', device, predicted: words(planned.reserved), observed: words(seen.reserved), ...cause })
  return out
}
