/** A run as numbered steps in lanes: who, what, and which fields it changed. */
import type { TraceEvent } from '../../../preload/contract'
import { columns } from './table'

export function formatTrace(events: readonly TraceEvent[], { times = false } = {}): string {
  const rows: string[][] = []
  events.forEach(({ agent, label, line, time, changes }, i) => {
    const at = times && time !== undefined ? [`${time} ns`] : times ? [''] : []
    const texts = changes.map(({ register, field, from, to }) => `${register}.${field}: ${from} → ${to}`)
    rows.push([String(i + 1), ...at, agent, line === undefined ? label : `${label} (line ${line})`, texts[0] ?? ''])
    for (const text of texts.slice(1)) rows.push(['', ...at.map(() => ''), '', '', text])
  })
  return columns(rows, { indent: '  ', right: times ? [0, 1] : [0] })
}
