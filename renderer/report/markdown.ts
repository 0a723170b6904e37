/** A run as Markdown, for a ticket or a mail. */
import { markdownText as escape } from '../model/escape'
import { VERDICT_COLUMNS, type RunOutline } from './outline'

const row = (cells: readonly string[]): string => `| ${cells.map(escape).join(' | ')} |\n`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `${row(head)}|${' --- |'.repeat(head.length)}\n${rows.map(row).join('')}`
const section = (title: string, empty: boolean, body: string): string => (empty ? '' : `\n## ${title}\n\n${body}`)

export function runMarkdown(o: RunOutline): string {
  const timed = o.steps.some((s) => s.time !== '')
  const edges = o.edges.map((e) => [
    `${e.race ? 'RACE: ' : ''}${e.before} before ${e.after}`,
    e.by,
    e.state,
    `${e.why} (${e.cite})`,
  ])
  const steps = o.steps.map((s) => [
    String(s.number),
    ...(timed ? [s.time] : []),
    s.agent,
    s.label,
    s.line,
    s.changes.join('; '),
  ])
  return [
    `# ${escape(o.title)}\n\n${escape(o.summary)}\n\n`,
    o.facts.map(([name, value]) => `- ${name}: ${escape(value)}\n`).join(''),
    section(
      'Verdicts',
      o.verdicts.length === 0,
      table(
        ['property', ...VERDICT_COLUMNS],
        o.verdicts.map((v) => [`${v.name}: ${v.title}`, ...v.cells]),
      ),
    ),
    section('Who enforces the order', edges.length === 0, table(['order', 'enforced by', 'in this run', 'why'], edges)),
    section(
      'Steps',
      steps.length === 0,
      table(['step', ...(timed ? ['ns'] : []), 'agent', 'what', 'line', 'register changes'], steps),
    ),
    section(
      'Sources',
      o.sources.length === 0,
      o.sources.map(([k, text]) => `- ${escape(k)}: ${escape(text)}\n`).join(''),
    ),
    section('Replay', false, `${escape(o.token)}\n`),
  ].join('')
}
