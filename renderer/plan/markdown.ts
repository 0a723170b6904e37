/** The plan as Markdown, for a ticket or a design note. */
import type { Because } from '../../preload/contract'
import type { Region } from '../model/plan'
import { markdownText as escape } from '../model/escape'
import { DEVICE_COLUMNS, rangeWords, type Outline } from './outline'

const row = (cells: readonly string[]): string => `| ${cells.map(escape).join(' | ')} |\n`
const why = (because: Because, indent = ''): string =>
  because
    .map(
      (r) =>
        `${indent}- ${escape(r.rule)}${r.facts.length > 0 ? `: ${escape(r.facts.join('; '))}` : ''} (${escape(r.cite)})\n`,
    )
    .join('')
const reserved = (regions: readonly Region[], indent = ''): string =>
  regions.map((r) => `${indent}- ${escape(rangeWords(r))}\n${why(r.because, `${indent}  `)}`).join('')
const bullets = (lines: readonly string[]): string => lines.map((l) => `- ${escape(l)}\n`).join('')
const section = (title: string, body: string): string => (body === '' ? '' : `\n## ${title}\n\n${body}`)

export function planMarkdown(o: Outline): string {
  const groups = o.groups.map((g) => {
    const table = [
      row(['function', 'what', ...DEVICE_COLUMNS]),
      `|${' --- |'.repeat(DEVICE_COLUMNS.length + 2)}\n`,
      ...g.devices.map((d) => row([d.bdf, d.name, ...d.answers])),
    ].join('')
    const regions = reserved(g.regions)
    const interrupts = g.devices
      .filter((d) => d.because.length > 0)
      .map((d) => `- ${escape(d.bdf)}\n${why(d.because, '  ')}`)
      .join('')
    return [
      `\n### Group ${g.number}: ${escape(g.type)}\n\n${table}`,
      g.because.length > 0 ? `\nWhy:\n\n${why(g.because)}` : '',
      regions ? `\nReserved:\n\n${regions}` : '',
      interrupts ? `\nInterrupts:\n\n${interrupts}` : '',
    ].join('')
  })
  return [
    `# ${escape(o.title)}\n\n`,
    o.facts.map(([name, value]) => `- ${name}: ${escape(value)}\n`).join(''),
    section("Different from the machine's own plan", bullets(o.changes)),
    section('Beside what was observed', bullets(o.checked)),
    section("The guest's RAM", bullets(o.guest)),
    section('Groups', groups.join('').trimStart()),
    section('Without a group', o.ungrouped.map((u) => `- ${escape(u.bdf)}\n${why(u.because, '  ')}`).join('')),
    section(
      'Not on PCI',
      o.others.map((u) => `- ${escape(u.name)}\n${why(u.because, '  ')}${reserved(u.regions ?? [], '  ')}`).join(''),
    ),
    section('Shared virtual addressing', o.pasids.map((u) => `- ${escape(u.name)}\n${why(u.because, '  ')}`).join('')),
    section('Assumed', bullets(o.assumptions)),
    section('Sources', o.sources.map(([key, text]) => `- ${escape(key)}: ${escape(text)}\n`).join('')),
  ].join('')
}
