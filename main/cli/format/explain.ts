/** Paths for a person: a line for each hop, what it holds and why, then the verdict and the change that would mend it. */
import type { ExplainedFault, ExplainedHop, ExplainedPath } from '../../../preload/contract'
import { plural } from './table'
import { cited } from './sources'

function formatHop(h: ExplainedHop, n: number): string {
  const mark = h.decision === 'accepted' ? 'ok     ' : 'REFUSED'
  const refusal = h.refusal
    ? `      ${[h.refusal.name, h.refusal.code && `(${h.refusal.code})`].filter(Boolean).join(' ')}: ${h.refusal.condition}\n`
    : ''
  const chosen = new Set(h.chosen ?? [])
  const fields = Object.entries(h.fields ?? {}).map(([k, v]) => `${k}=${v}${chosen.has(k) ? '*' : ''}`)
  const others = [...chosen].filter((c) => !(c in (h.fields ?? {})))
  const why = h.because
    .map((b) => `      ${b.rule}${b.facts.length > 0 ? `: ${b.facts.join('; ')}` : ''}${cited(b.cite)}`)
    .join('')
  return (
    `${String(n).padStart(2)} ${mark} ${h.block.padEnd(11)} ${h.at}  ${h.register}${h.value === '' ? '' : ` = ${h.value}`}\n` +
    (fields.length > 0 ? `      ${fields.join('  ')}\n` : '') +
    (others.length > 0 ? `      chosen by Doorbell: ${others.join(', ')}\n` : '') +
    refusal +
    why
  )
}

export function formatPath(p: ExplainedPath): string {
  const starred = p.hops.some((h) => h.chosen?.some((c) => c in (h.fields ?? {})))
  return (
    p.hops.map((h, i) => formatHop(h, i + 1)).join('') +
    `\n${p.accepted ? 'accepted' : 'refused'}\n` +
    (p.fix === undefined ? '' : `smallest change that lets it through: ${p.fix}\n`) +
    (starred ? '* a number that the kernel may choose: an example\n' : '')
  )
}

export function formatFaultLine({ fault, ...path }: ExplainedFault): string {
  const { source, device, address, access, pasid, further } = fault
  const head = [source, device, access, address, pasid === undefined ? undefined : `PASID ${pasid}`]
  const more =
    further === undefined ? '' : `\nand ${plural(further, 'more fault')} in what was pasted: give one at a time\n`
  return `${head.filter((x) => x !== undefined).join('  ')}\n${path.hops.map((h, i) => formatHop(h, i + 1)).join('')}${more}`
}
