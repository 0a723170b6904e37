/** What `doorbell window` says to a person. */
import type { WindowProgress, WindowResult } from '../../../preload/contract'
import { columns, count, plural } from './table'

/** Steps shown of those whose latency matters. */
const SHOWN = 8
const BAR = 40

export function formatWindow(r: WindowResult, named: string): string {
  const says = r.kind === 'sometimes' ? 'witnessed' : 'violated'
  const head = `${r.scenario}: ${r.property} is ${says} in ${count(r.hits)} of ${plural(r.runs, 'run')}${r.complete ? '' : ' (interrupted)'}\n`
  const probability = `\n  probability ${percent(r.probability)}, 95 % interval ${percent(r.interval[0])} … ${percent(r.interval[1])}\n`
  const cut = r.cut > 0 ? `  ${plural(r.cut, 'run')} did not end and were cut off after 10,000 steps\n` : ''
  return head + probability + cut + window(r) + bars(r) + latencies(r) + others(r) + replay(r, named)
}

export function formatWindowProgress({ runs, hits, total, runsPerSecond, looked }: WindowProgress): string {
  if (runs >= total) return `measuring, ${plural(looked, 'run')} looked at again`
  return `${count(runs)} of ${plural(total, 'run')}, ${plural(hits, 'hit')}, ${count(runsPerSecond)} runs/s`
}

function window({ pair, widthNs, slackNs, hits, runs }: WindowResult): string {
  if (!pair && hits === runs) return '  every run hits: there is no good order to compare with\n'
  if (!pair) return hits > 0 ? '  no order of two steps tells the runs that hit from those that miss\n' : ''
  const lines = [
    `  critical pair: ${pair.then} (${pair.agents[1]}) before ${pair.first} (${pair.agents[0]}), separates by ${pair.separation.toFixed(2)}`,
  ]
  if (widthNs.p50 !== null && widthNs.p95 !== null)
    lines.push(
      `  the bad order stood for ${count(widthNs.p50)} ns in the median, ${count(widthNs.p95)} ns at 95 % (${plural(widthNs.samples, 'run')})`,
    )
  if (widthNs.open > 0)
    lines.push(`  in ${plural(widthNs.open, 'run')} of them up to the end: ${pair.first} never happened`)
  if (slackNs.p50 !== null && slackNs.p5 !== null)
    lines.push(`  it was avoided by ${count(slackNs.p50)} ns in the median, by ${count(slackNs.p5)} ns or less in 5 %`)
  return `\n${lines.join('\n')}\n`
}

function bars({ histogram, pair }: WindowResult): string {
  if (histogram.length === 0 || !pair) return ''
  const most = Math.max(...histogram.map((b) => b.hits + b.misses))
  const bar = (n: number, mark: string): string => mark.repeat(n === 0 ? 0 : Math.max(1, Math.round((n / most) * BAR)))
  const rows = histogram.map((b) => [`${count(b.from)} ns`, bar(b.misses, '·') + bar(b.hits, '█')])
  return `\n  from ${pair.then} to ${pair.first} (█ hits, · misses; as many of each as were measured)\n${columns(rows, { indent: '  ', right: [0] })}`
}

function latencies({ sensitivity }: WindowResult): string {
  const shown = sensitivity.filter((s) => s.index >= 0.0005).slice(0, SHOWN)
  if (shown.length === 0) return ''
  const rows = shown.map((s) => [
    s.step,
    s.agent,
    `${count(s.latencyNs[0])} … ${count(s.latencyNs[1])} ns`,
    percent(s.index),
    `${percent(s.quickest)} → ${percent(s.slowest)}`,
  ])
  const head = ['latency of', 'agent', 'from … to', 'explains', 'probability, quickest → slowest quarter']
  return `\n${columns([head, ...rows], { indent: '  ', right: [3] })}`
}

function others({ properties, property }: WindowResult): string {
  const rest = properties.filter((p) => p.name !== property)
  if (rest.length === 0) return ''
  const rows = rest.map((p) => [
    p.name,
    p.kind,
    percent(p.probability),
    `${percent(p.interval[0])} … ${percent(p.interval[1])}`,
  ])
  return `\n${columns([['other properties', 'kind', 'runs', '95 %'], ...rows], { indent: '  ', right: [2] })}`
}

const replay = ({ example }: WindowResult, named: string): string =>
  example === null ? '' : `\n  a run that hits: doorbell run ${named} --replay ${example}\n`

/** Three digits that mean something: 12.3 %, 0.0123 %. */
function percent(p: number): string {
  const n = p * 100
  const digits = n === 0 || n >= 10 ? 1 : n >= 1 ? 2 : n >= 0.1 ? 3 : 4
  return `${n.toFixed(digits)} %`
}
