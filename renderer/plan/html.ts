/** The plan as one HTML file that needs nothing else: no script, no font, no picture from elsewhere. */
import type { Because } from '../../preload/contract'
import { htmlText as escape } from '../model/escape'
import { DEVICE_COLUMNS, rangeWords, type Outline } from './outline'
import { layoutSpace, sizeWords } from './space'
import type { Region } from '../model/plan'

const STYLE = `:root{color-scheme:light dark}
body{margin:2rem auto;max-width:70rem;padding:0 1rem;font:14px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}h3{font-size:1rem;margin:1.5rem 0 .3rem}
table{border-collapse:collapse;width:100%}th,td{padding:.2rem .6rem .2rem 0;border-bottom:1px solid #8886;text-align:left;vertical-align:top}
td:first-child,code{font-family:ui-monospace,monospace}td:first-child{white-space:nowrap}cite{font-style:normal;opacity:.7}summary{cursor:pointer}
svg{display:block;width:100%;margin:.4rem 0;border-radius:3px}rect{fill:#8883;stroke:Canvas}
.msi{fill:#d55e00}.direct{fill:#a2487b}.direct-relaxable{fill:#cc79a7}.reserved{fill:#5a6574}`

const why = (because: Because): string =>
  because.length === 0
    ? ''
    : `<ul>${because
        .map(
          (r) =>
            `<li>${escape(r.rule)}${r.facts.length > 0 ? `: ${escape(r.facts.join('; '))}` : ''} <cite>[${escape(r.cite)}]</cite></li>`,
        )
        .join('')}</ul>`
const fold = (title: string, body: string): string =>
  body === '' ? '' : `<details><summary>${escape(title)}</summary>${body}</details>`
const list = (lines: readonly string[]): string => `<ul>${lines.map((l) => `<li>${escape(l)}</li>`).join('')}</ul>`
const section = (title: string, empty: boolean, body: string): string =>
  empty ? '' : `<section><h2>${escape(title)}</h2>${body}</section>`

function strip(regions: readonly Region[]): string {
  const { pieces } = layoutSpace(regions)
  const percent = (part: number): string => `${(part * 100).toFixed(3)}%`
  const rects = pieces.map((p) => {
    const type = p.regions.map((n) => regions[n]?.type ?? '').find((t) => t !== '')
    const range = `0x${p.start.toString(16)}–0x${p.end.toString(16)}`
    const title = `${range} ${type ?? 'not reserved'}, ${sizeWords(p.end - p.start + 1n)}`
    return `<rect class="${escape(type ?? 'free')}" x="${percent(p.x)}" width="${percent(p.width)}" height="14"><title>${escape(title)}</title></rect>`
  })
  return `<svg height="14" role="img" aria-label="Address space">${rects.join('')}</svg>`
}

function reserved(regions: readonly Region[]): string {
  const items = regions.map((r) => `<li><code>${escape(rangeWords(r))}</code>${why(r.because)}</li>`)
  return strip(regions) + fold('Reserved regions', items.length > 0 ? `<ul>${items.join('')}</ul>` : '')
}

export function planHtml(o: Outline): string {
  const head = ['function', 'what', ...DEVICE_COLUMNS].map((c) => `<th>${c}</th>`).join('')
  const groups = o.groups.map((g) => {
    const rows = g.devices.map(
      (d) => `<tr>${[d.bdf, d.name, ...d.answers].map((c) => `<td>${escape(c)}</td>`).join('')}</tr>`,
    )
    return [
      `<h3>Group ${g.number}: ${escape(g.type)}</h3>`,
      `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`,
      fold('Why this group, why this type', why(g.because)),
      reserved(g.regions),
      fold(
        'Interrupts',
        g.devices
          .filter((d) => d.because.length > 0)
          .map((d) => `<p><code>${escape(d.bdf)}</code></p>${why(d.because)}`)
          .join(''),
      ),
    ].join('')
  })
  const sources = o.sources.map(([key, text]) => `<tr><td>${escape(key)}</td><td>${escape(text)}</td></tr>`).join('')
  const facts = o.facts.map(([n, v]) => `<tr><th>${escape(n)}</th><td>${escape(v)}</td></tr>`).join('')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escape(o.title)}</title><style>${STYLE}</style></head><body>
<h1>${escape(o.title)}</h1><table><tbody>${facts}</tbody></table>
${section("Different from the machine's own plan", o.changes.length === 0, list(o.changes))}
${section('Beside what was observed', o.checked.length === 0, list(o.checked))}
${section("The guest's RAM", o.guest.length === 0, list(o.guest))}
${section('Groups', false, groups.join(''))}
${section('Without a group', o.ungrouped.length === 0, o.ungrouped.map((u) => `<p><code>${escape(u.bdf)}</code></p>${why(u.because)}`).join(''))}
${section('Not on PCI', o.others.length === 0, o.others.map((u) => `<p><code>${escape(u.name)}</code></p>${why(u.because)}${u.regions ? reserved(u.regions) : ''}`).join(''))}
${section('Shared virtual addressing', o.pasids.length === 0, o.pasids.map((u) => `<p><code>${escape(u.name)}</code></p>${why(u.because)}`).join(''))}
${section('Assumed', o.assumptions.length === 0, list(o.assumptions))}
${section('Sources', o.sources.length === 0, `<table><tbody>${sources}</tbody></table>`)}
</body></html>
`
}
