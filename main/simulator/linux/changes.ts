/** What is different between two plans of one platform: other kernel, other command line, what-if. */
import type { PlanReport } from './report'

export interface PlanChange {
  what: 'group' | 'type' | 'domain' | 'deferred' | 'reserved' | 'iommu' | 'isolated' | 'mustMap'
  /** Address of a function, or name of a device that is not on PCI. */
  device: string
  from: unknown
  to: unknown
}

type ReportedGroup = PlanReport['groups'][number]
/** What groups on PCI and off it have in common. */
type AnyGroup = Pick<ReportedGroup, 'devices' | 'type' | 'reserved'>

const groupOf = <G extends AnyGroup>(groups: readonly G[]): Map<string, G> =>
  new Map(groups.flatMap((g) => g.devices.map((d) => [d, g] as const)))
const own = (g: ReportedGroup | undefined, bdf: string): string | undefined =>
  g?.own?.find((o) => o.device === bdf)?.type
/** What the DMA of one device meets. */
const met = (g: ReportedGroup | undefined, bdf: string): string | null => own(g, bdf) ?? g?.domain ?? null
const regions = (g: AnyGroup | undefined): string[] => g?.reserved.map((r) => `${r.start}-${r.end} ${r.type}`) ?? []
const grouping = (device: string, x: AnyGroup | undefined, y: AnyGroup | undefined): PlanChange[] => [
  { what: 'group', device, from: x?.devices ?? null, to: y?.devices ?? null },
  { what: 'type', device, from: x?.type ?? null, to: y?.type ?? null },
]
const differs = (c: PlanChange): boolean => JSON.stringify(c.from) !== JSON.stringify(c.to)

/** Device by device: the functions first, then what is not on PCI. */
export function planChanges(a: PlanReport, b: PlanReport): PlanChange[] {
  const [ga, gb] = [groupOf(a.groups), groupOf(b.groups)]
  const other = new Map(b.devices.map((d) => [d.bdf, d]))
  const functions = a.devices.flatMap((d): PlanChange[] => {
    const [x, y] = [ga.get(d.bdf), gb.get(d.bdf)]
    const e = other.get(d.bdf)
    return [
      ...grouping(d.bdf, x, y),
      ...((own(x, d.bdf) ?? own(y, d.bdf))
        ? [{ what: 'domain' as const, device: d.bdf, from: met(x, d.bdf), to: met(y, d.bdf) }]
        : []),
      { what: 'deferred', device: d.bdf, from: x?.deferred?.until ?? null, to: y?.deferred?.until ?? null },
      { what: 'reserved', device: d.bdf, from: regions(x), to: regions(y) },
      { what: 'iommu', device: d.bdf, from: d.iommu, to: e?.iommu ?? null },
      { what: 'isolated', device: d.bdf, from: d.msi.isolated, to: e?.msi.isolated ?? null },
      { what: 'mustMap', device: d.bdf, from: d.msi.mustMap, to: e?.msi.mustMap ?? null },
    ]
  })
  return [...functions, ...platformChanges(a, b)].filter(differs)
}

function platformChanges(a: PlanReport, b: PlanReport): PlanChange[] {
  const [oa, ob] = [groupOf(a.platformDevices?.groups ?? []), groupOf(b.platformDevices?.groups ?? [])]
  return [...new Set([...oa.keys(), ...ob.keys()])].flatMap((device) => {
    const [x, y] = [oa.get(device), ob.get(device)]
    return [...grouping(device, x, y), { what: 'reserved' as const, device, from: regions(x), to: regions(y) }]
  })
}
