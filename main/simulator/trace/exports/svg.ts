/** The timeline as one picture that needs nothing else: lanes, spans, labels, arrows by who enforces them, and a legend. */
import { FLAG, FLOW_KINDS, labelOf, type EventStore, type FlowKind, type LaneRole } from '../events'
import { arrowsIn, racesOf } from '../flows-in-view'
import { buildIndex } from '../lane-index'
import { itemsIn } from '../viewport'
import type { Range } from './index'

const [WIDTH, HEAD, LANE, TOP] = [1400, 170, 34, 26]
const CHAR = 6.1

/** The window's light theme. */
const COLOUR: Record<LaneRole, string> = {
  guest: '#0072b2',
  vmm: '#a2487b',
  host: '#a96800',
  irqchip: '#7a7000',
  fabric: '#5a6574',
  queue: '#5a6574',
  device: '#007a5c',
  interrupt: '#c04a00',
  other: '#6654ad',
}
const ARROW: Record<FlowKind, readonly [colour: string, width: number, dash: string]> = {
  'program-order': ['#77828f', 1, ''],
  trap: ['#a2487b', 1.4, ''],
  device: ['#007a5c', 1.4, '8 2'],
  pcie: ['#0072b2', 1.6, '1 2.5'],
  software: ['#7a7000', 1.4, '5 3 1 3'],
  nobody: ['#c42d00', 2.2, '6 4'],
  other: ['#77828f', 1, '2 2'],
}

const escape = (text: string): string =>
  text
    .replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c)
    .replace(/[^\P{C}\t]/gu, ' ')
const cut = (text: string, room: number): string => {
  const most = Math.floor(room / CHAR)
  return text.length <= most ? text : most < 3 ? '' : `${text.slice(0, most - 1)}…`
}
const round = (n: number): number => Math.round(n * 10) / 10

export function* svg(store: EventStore, range: Range): Generator<string> {
  const index = buildIndex(store)
  const lanes = store.lanes.flatMap((_, i) => ((store.starts[i + 1] ?? 0) > (store.starts[i] ?? 0) ? [i] : []))
  const end = index.levels.reduce((most, l) => Math.max(most, ...(l.at(-1)?.end ?? [0])), 1)
  const from = range.from ?? 0
  const to = Math.max(from + 1, range.to ?? end)
  const resolution = (to - from) / (WIDTH - HEAD - 20)
  const x = (time: number): number => HEAD + (time - from) / resolution
  const clamp = (px: number): number => Math.max(HEAD, Math.min(WIDTH - 4, px))
  const place = new Map(lanes.map((lane, i) => [lane, TOP + i * LANE + LANE / 2]))
  const y = (lane: number): number => place.get(lane) ?? TOP
  const height = TOP + lanes.length * LANE + 34
  yield `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="Inter, 'DejaVu Sans', sans-serif" font-size="11">\n`
  yield `<title>${escape(store.origin.title)}</title>\n<rect width="100%" height="100%" fill="#ffffff"/>\n`
  yield `<text x="8" y="16" font-weight="600" fill="#1b222c">${escape(cut(store.origin.title, WIDTH - 300))}</text>`
  yield `<text x="${WIDTH - 8}" y="16" text-anchor="end" fill="#5b6777">${round(from)}–${round(to)} ${store.unit === 'ns' ? 'ns' : 'steps'}</text>\n`
  for (const lane of lanes) {
    const info = store.lanes[lane]
    if (!info) continue
    const top = y(lane) - LANE / 2
    yield `<path d="M0 ${top + LANE}H${WIDTH}" stroke="#dce1e9"/><rect x="0" y="${top}" width="3" height="${LANE}" fill="${COLOUR[info.role]}"/>`
    yield `<text x="10" y="${y(lane) + 4}" fill="#1b222c">${escape(cut(info.title, HEAD - 16))}</text>\n`
  }
  yield* items(store, itemsIn(store, index, { from, to, resolution, lanes }), x, clamp, y)
  const arrows = arrowsIn(store, racesOf(store), { from, to, resolution })
  for (let i = 0; i < arrows.kind.length; i++) {
    const kind = FLOW_KINDS[arrows.kind[i] ?? 0] ?? 'other'
    const [colour, width, dash] = ARROW[kind]
    const [x0, x1] = [clamp(x(arrows.from[i] ?? 0)), clamp(x(arrows.to[i] ?? 0))]
    const [y0, y1] = [y(arrows.fromLane[i] ?? 0), y(arrows.toLane[i] ?? 0)]
    const bend = Math.max(12, Math.abs(x1 - x0) / 2)
    yield `<path d="M${round(x0)} ${y0}C${round(x0 + bend)} ${y0} ${round(x1 - bend)} ${y1} ${round(x1)} ${y1}" fill="none" stroke="${colour}" stroke-width="${width}"${dash ? ` stroke-dasharray="${dash}"` : ''}/>`
    yield `<path d="M${round(x1)} ${y1}l-6 -3v6z" fill="${colour}"/>`
    if (kind === 'nobody')
      yield `<text x="${round((x0 + x1) / 2)}" y="${(y0 + y1) / 2 - 4}" text-anchor="middle" font-weight="600" fill="${colour}">nobody</text>`
    yield '\n'
  }
  yield* legend(store, height)
  yield '</svg>\n'
}

function* items(
  store: EventStore,
  batches: ReturnType<typeof itemsIn>,
  x: (time: number) => number,
  clamp: (px: number) => number,
  y: (lane: number) => number,
): Generator<string> {
  for (const batch of batches)
    for (let i = 0; i < batch.row.length; i++) {
      const lane = batch.lane[i] ?? 0
      const left = clamp(x(batch.start[i] ?? 0))
      const next = batch.lane[i + 1] === lane ? clamp(x(batch.start[i + 1] ?? 0)) : WIDTH
      const right = clamp(x(batch.end[i] ?? 0))
      const w = Math.max(1.5, right - left - 1)
      const colour = COLOUR[store.lanes[lane]?.role ?? 'other']
      const kind = batch.kind[i] ?? 0
      const top = y(lane) - 10
      const soft = kind === 2 || kind === 3
      const race = ((batch.flags[i] ?? 0) & FLAG.race) !== 0
      yield `<rect x="${round(left)}" y="${soft ? top + 14 : top}" width="${round(w)}" height="${soft ? 6 : 20}" fill="${colour}" fill-opacity="${soft ? 0.25 : kind === 4 ? 0.05 : 0.3}"${kind === 4 ? ' stroke="#c42d00" stroke-dasharray="4 3"' : race ? ' stroke="#c42d00"' : ''}/>`
      if (batch.count[i] === 1 && !soft) {
        const label = cut(labelOf(store, batch.row[i] ?? 0), Math.min(260, Math.max(w, next - left) - 8))
        if (label !== '') yield `<text x="${round(left + 4)}" y="${y(lane) + 4}" fill="#1b222c">${escape(label)}</text>`
      }
      yield '\n'
    }
}

function* legend(store: EventStore, height: number): Generator<string> {
  const present = new Set(store.flows.kind)
  let left = 10
  for (const [i, kind] of FLOW_KINDS.entries()) {
    if (!present.has(i)) continue
    const [colour, width, dash] = ARROW[kind]
    yield `<path d="M${left} ${height - 14}h26" stroke="${colour}" stroke-width="${width}"${dash ? ` stroke-dasharray="${dash}"` : ''}/>`
    yield `<text x="${left + 32}" y="${height - 10}" fill="#4c5868">${kind}</text>\n`
    left += 48 + kind.length * CHAR
  }
}
