/** A run as one HTML file that needs nothing else: no script, no font, no picture from elsewhere. */
import { htmlText as escape } from '../model/escape'
import { VERDICT_COLUMNS, type RunOutline } from './outline'

const STYLE = `:root{color-scheme:light dark}
body{margin:2rem auto;max-width:76rem;padding:0 1rem;font:14px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}th,td{padding:.2rem .6rem .2rem 0;border-bottom:1px solid #8886;text-align:left;vertical-align:top}
code,.token{font-family:ui-monospace,monospace;overflow-wrap:anywhere}cite{font-style:normal;opacity:.7}
.race{font-weight:600}.race td:first-child::before{content:'⚠ '}figure{margin:0;overflow-x:auto}figure svg{display:block;min-width:60rem;width:100%;height:auto}
ul{margin:0;padding:0;list-style:none}td ul{font-family:ui-monospace,monospace;font-size:.92em}`

const cells = (list: readonly string[]): string => list.map((c) => `<td>${escape(c)}</td>`).join('')
const table = (head: readonly string[], rows: readonly string[]): string =>
  `<table><thead><tr>${head.map((h) => `<th scope="col">${escape(h)}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`
const section = (title: string, empty: boolean, body: string): string =>
  empty ? '' : `<section><h2>${escape(title)}</h2>${body}</section>`

/** `picture`: the timeline as the simulator draws it (SVG with its texts escaped); '' for none. */
export function runHtml(o: RunOutline, picture: string): string {
  const facts = o.facts.map(([n, v]) => `<tr><th scope="row">${escape(n)}</th><td>${escape(v)}</td></tr>`).join('')
  const verdicts = o.verdicts.map(
    (v) => `<tr><td><code>${escape(v.name)}</code><br>${escape(v.title)}</td>${cells(v.cells)}</tr>`,
  )
  const edges = o.edges.map(
    (e) =>
      `<tr${e.race ? ' class="race"' : ''}>${cells([`${e.before} before ${e.after}`, e.by, e.state])}<td>${escape(e.why)} <cite>[${escape(e.cite)}]</cite></td></tr>`,
  )
  const timed = o.steps.some((s) => s.time !== '')
  const steps = o.steps.map((s) => {
    const changes = s.changes.map((c) => `<li>${escape(c)}</li>`).join('')
    return `<tr>${cells([String(s.number), ...(timed ? [s.time] : []), s.agent, s.label, s.line])}<td><ul>${changes}</ul></td></tr>`
  })
  const sources = o.sources.map(([key, text]) => `<tr>${cells([key, text])}</tr>`)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escape(o.title)}</title><style>${STYLE}</style></head><body>
<h1>${escape(o.title)}</h1><p>${escape(o.summary)}</p><table><tbody>${facts}</tbody></table>
${section('Verdicts', verdicts.length === 0, table(['property', ...VERDICT_COLUMNS], verdicts))}
${section('The run', picture === '', `<figure>${picture}</figure>`)}
${section('Who enforces the order', edges.length === 0, table(['order', 'enforced by', 'in this run', 'why'], edges))}
${section('Steps', steps.length === 0, table(['step', ...(timed ? ['ns'] : []), 'agent', 'what', 'line', 'register changes'], steps))}
${section('Sources', sources.length === 0, `<table><tbody>${sources.join('')}</tbody></table>`)}
${section('Replay', false, `<p class="token">${escape(o.token)}</p>`)}
</body></html>
`
}
