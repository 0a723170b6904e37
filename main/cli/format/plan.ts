/** Plans for a person: groups with type and regions, then each device's interrupts, then what was assumed. */
import type { Difference } from '../../simulator/linux/check'
import type { PlanChange } from '../../simulator/linux/changes'
import type { PlanReport, ReportedReason } from '../../simulator/linux/report'
import type { Outputs } from '../output'
import { cited } from './sources'
import { columns, plural } from './table'

const why = (list: readonly ReportedReason[], indent: string): string =>
  list
    .map((r) => {
      const facts = r.facts.length > 0 ? `: ${r.facts.join('; ')}` : ''
      const apart = r.apart === undefined ? '' : `${indent}  apart with: ${r.apart}\n`
      return `${indent}${r.rule}${facts}${cited(r.cite)}${apart}`
    })
    .join('')

const short = (address: string): string => `0x${address.replace(/^0x0*(?=.)/, '')}`

export function formatPlan(p: PlanReport): string {
  const off = p.platformDevices?.groups.length ?? 0
  const beside = off > 0 ? `, ${plural(off, 'group')} not on PCI` : ''
  const head = `Linux ${p.kernel}, policy ${p.policy}: ${plural(p.groups.length, 'group')}, ${plural(p.ungrouped.length, 'function')} without a group${beside}\n`
  const groups = p.groups
    .map((g) => {
      return `\n${g.devices.join(' ')}\n  type ${typeWords(g)}\n${ownDomains(g)}${space(g)}${why(g.because, '    ')}${g.deferred ? formatDeferral(g.deferred) : ''}`
    })
    .join('')
  const loose =
    p.ungrouped.length > 0
      ? `\nWithout a group\n${p.ungrouped.map((u) => `  ${u.bdf}\n${why(u.because, '    ')}`).join('')}`
      : ''
  const others = p.platformDevices ? formatOthers(p.platformDevices) : ''
  const rows = p.devices.map((d) => [
    d.bdf,
    d.iommu ?? '-',
    d.msi.controller ?? '-',
    d.msi.mustMap ? 'doorbell must be mapped' : 'doorbell not translated',
    d.msi.isolated ? 'isolated' : 'NOT isolated',
    d.untrusted ? 'untrusted' : '',
    `could raise: ${d.blastRadius.words}`,
  ])
  const assumed = p.assumptions.length > 0 ? `\nAssumed\n${p.assumptions.map((a) => `  - ${a}\n`).join('')}` : ''
  const resets = p.devices.map((d) => [d.bdf, resetWords(d.reset), hotResetWords(d.reset.hotReset)])
  const table = (title: string, lines: readonly string[][]): string =>
    lines.length > 0 ? `\n${title}\n${columns(lines, { indent: '  ' })}` : ''
  const guest = p.guest ? formatGuest(p.guest) : ''
  return `${head}${p.kdump ? formatUnits(p.kdump.units) : ''}${groups}${loose}${others}${table('Interrupts', rows)}${table('Resets', resets)}${formatSva(p)}${guest}${assumed}`
}

/** What a group reserves, and what is left of its addresses. */
function space({ reserved, iovaRanges }: Pick<PlanReport['groups'][number], 'reserved' | 'iovaRanges'>): string {
  const regions = reserved
    .map((r) => `    ${short(r.start)}–${short(r.end)} ${r.type} (${r.because.map((b) => b.rule).join(', ')})\n`)
    .join('')
  return `${regions}    usable IOVA ${iovaRanges.map((r) => `${r.start}–${r.end}`).join(' ') || 'none'}\n`
}

const formatOthers = (o: NonNullable<PlanReport['platformDevices']>): string =>
  `\nNot on PCI\n${[
    ...o.groups.map((g) => `  ${g.devices.join(' ')}  type ${g.type ?? '-'}\n${space(g)}${why(g.because, '    ')}`),
    ...o.ungrouped.map((u) => `  ${u.device}  no group\n${why(u.because, '    ')}`),
  ].join('')}`

type Reset = PlanReport['devices'][number]['reset']

function resetWords({ methods, unknown, works }: Reset): string {
  const open = unknown.length > 0 ? `not known: ${unknown.join(' ')}` : ''
  const list = methods.length > 0 ? methods.join(' ') : open === '' ? 'no reset of its own' : ''
  return [list, open, methods.length > 0 && works === false ? 'refused now' : ''].filter(Boolean).join('; ')
}

/** More than fit a line are counted; --json has them all. */
const LISTED = 8

function hotResetWords({ possible, errno, affected, total }: Reset['hotReset']): string {
  if (errno === 'ENODEV') return 'no hot reset: -ENODEV'
  const listed = affected.slice(0, LISTED).map((a) => a.bdf)
  const more = total > listed.length ? ` and ${total - listed.length} more` : ''
  const who = total === 1 ? 'itself alone' : `${listed.join(' ')}${more}`
  return `hot reset of ${who}${possible ? '' : errno === undefined ? ', refused' : `, refused: -${errno}`}`
}

const SAID = { true: 'yes', false: 'no', null: 'open' } as const
const said = (ok: boolean | null): string => SAID[`${ok}`]

/** Of every function that has anything of it: for whom, and the rungs. */
function formatSva(p: PlanReport): string {
  const ladders = p.devices.flatMap((d) => {
    if (!d.sva || !d.pasidUses) return []
    const uses = d.pasidUses.map((u) => {
      const open = u.ok === false ? u.missing : u.unknown
      return `${u.use} PASID ${said(u.ok)}${open.length > 0 ? `: ${open.join(', ')}` : ''}`
    })
    const rungs = columns(
      d.sva.map((r) => [said(r.ok), r.name, `${r.why}${cited(r.cite).trimEnd()}`]),
      { indent: '    ' },
    )
    return [`  ${d.bdf}\n${uses.map((u) => `    ${u}\n`).join('')}${rungs}`]
  })
  return ladders.length > 0 ? `\nShared virtual addressing\n${ladders.join('')}` : ''
}

type Group = PlanReport['groups'][number]

/** A kernel without the type file still has a default domain. */
const typeWords = ({ type, domain }: Group): string => type ?? `${domain} (this kernel has no type file)`

const ownDomains = ({ own = [] }: Group): string =>
  own.map((o) => `    ${o.device} has a domain of its own: ${o.type}\n`).join('')

const formatDeferral = (d: NonNullable<Group['deferred']>): string =>
  `  attach deferred: ${d.devices.join(' ')}\n    until: ${d.until}\n    live: ${d.live}\n${why(d.because, '    ')}`

const TABLES = { kept: 'tables kept', dropped: 'tables given up', untouched: 'left as it is' } as const

const formatUnits = (units: NonNullable<PlanReport['kdump']>['units']): string =>
  `\nUnits as the crashed kernel left them\n${units
    .map((u) => `  ${u.name} translation ${u.enabled ? 'on' : 'off'}, ${TABLES[u.tables]}\n${why(u.because, '    ')}`)
    .join('')}`

function formatGuest(g: NonNullable<PlanReport['guest']>): string {
  const ram = g.ram.map((r) => `${r.start}–${r.end}`).join(' ')
  const rows = g.groups.flatMap((x) =>
    x.collisions.map((c) => [
      x.devices.join(' '),
      `${c.start}–${c.end}`,
      c.with,
      c.verdict === 'refused' ? 'cannot be mapped: carve it out' : 'maps, but firmware may use it',
    ]),
  )
  return `\nGuest RAM (${g.machine}) ${ram}\n${rows.length > 0 ? columns(rows, { indent: '  ' }) : '  no collision\n'}`
}

const words = (x: unknown): string =>
  Array.isArray(x) ? x.join(' ') || 'none' : x === null ? 'none' : typeof x === 'string' ? x : JSON.stringify(x)

export function formatDifferences(list: readonly Difference[]): string {
  if (list.length === 0) return 'no difference: the plan agrees with what was observed\n'
  return columns(
    list.map((d) => [
      d.device ?? '',
      d.what,
      `predicted ${words(d.predicted)}`,
      `observed ${words(d.observed)}`,
      d.cause ?? '',
    ]),
  )
}

export function formatChanges(changes: readonly PlanChange[]): string {
  if (changes.length === 0) return 'no difference\n'
  return columns(changes.map((c) => [c.device, c.what, `${words(c.from)} → ${words(c.to)}`]))
}

const STAGES: Readonly<Record<number, string>> = {
  1: 'binding to vfio-pci fails',
  2: 'there is no group to open',
  3: 'the group is refused',
  4: 'the container is refused',
  9: 'assigned',
}

const IOMMUFD_STAGES: Readonly<Record<number, string>> = {
  ...STAGES,
  2: 'there is no file to open',
  3: 'the device is not bound to the iommufd',
  4: 'the address space is refused',
}

export function formatAttach(a: Outputs['attach']): string {
  const rows = a.steps.map((s) => {
    const detail = [
      s.bdf,
      s.irq,
      s.op === 'DEVICE_GET_INFO' && s.reset !== undefined ? `${s.reset ? 'can' : 'cannot'} be reset alone` : undefined,
      s.op === 'GET_IRQ_INFO' ? s.count?.toString() : undefined,
      s.devices?.map((d) => `${d.bdf}${d.owned === false ? ' (not owned)' : ''}`).join(' '),
      s.viable === undefined ? undefined : s.viable === 1 ? 'viable' : 'not viable',
      s.detail,
      s.iova && `${s.iova} + ${s.size ?? ''}`,
      s.iovaRanges?.map((r) => `${r.start}–${r.end}`).join(' '),
    ]
    return [s.ok ? 'ok' : `-${s.errno ?? '?'}`, s.op, detail.filter((x) => x !== undefined && x !== '').join(' ')]
  })
  return `stage ${a.stage}: ${(a.through === 'iommufd' ? IOMMUFD_STAGES : STAGES)[a.stage] ?? ''}\n\n${columns(rows, { indent: '  ' })}${a.because.length > 0 ? `\n${why(a.because, '  ')}` : ''}`
}

export function formatTypeWrite(r: Outputs['domain-type'], word: string): string {
  return `${r.before} ← ${word}: ${r.ok ? `ok, now ${r.after}` : `-${r.errno ?? '?'}, still ${r.after}`}\n${why(r.because, '  ')}`
}
