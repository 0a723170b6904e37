/** The topology as a picture that stands alone: the same layout, cards, lines and hulls as in the panel, in the theme's colours. */
import { htmlText } from '../model/escape'
import { groupColour } from '../model/plan'
import type { GraphNode, PlatformGraph } from '../model/topology'
import { boundsOf } from './camera'
import { abilities, words } from './describe'
import { hullsOf, type Box } from './hulls'
import { SIZES, type Places } from './sizes'

export interface Diagram {
  readonly title: string
  readonly graph: PlatformGraph
  readonly places: Places
  readonly segments: number
  /** Function → number of its group, with the groups' words; none where they are not drawn. */
  readonly groups: ReadonlyMap<string, number>
  readonly words: readonly string[]
  readonly planned: ReadonlySet<string>
}

/** Design token → colour, as the theme has it. */
export type Colour = (token: string) => string

const LANE: Record<GraphNode['kind'], string> = {
  msi: 'lane-interrupt',
  iommu: 'lane-host',
  root: 'lane-fabric',
  bridge: 'lane-fabric',
  function: 'lane-device',
  many: 'lane-device',
  vdev: 'lane-guest',
}
const EDGE = {
  tree: { token: 'line-strong', dash: '' },
  serves: { token: 'lane-host', dash: '4 3' },
  virtual: { token: 'lane-guest', dash: '2 3' },
} as const
const MARGIN = 24
const TITLE = 28
const MONO = "ui-monospace, 'DejaVu Sans Mono', monospace"
const SANS = "system-ui, 'DejaVu Sans', sans-serif"

/** `width` and `height` in pixels, as the SVG says them of itself. */
export function diagramSvg(d: Diagram, colour: Colour): { svg: string; width: number; height: number } {
  const cards = new Map(
    d.graph.nodes.flatMap((node): [string, Box][] => {
      const at = d.places.get(node.id)
      const { width, height } = SIZES[node.kind]
      return at ? [[node.id, { left: at.x, top: at.y, right: at.x + width, bottom: at.y + height }]] : []
    }),
  )
  const hulls = hullsOf(cards, d.groups)
  const all = boundsOf([...cards.values(), ...hulls]) ?? { left: 0, top: 0, right: 1, bottom: 1 }
  const width = Math.ceil(all.right - all.left + 2 * MARGIN)
  const height = Math.ceil(all.bottom - all.top + 2 * MARGIN + TITLE)
  const ink = (token: string): string => colour(token)
  const ofGroup = (group: number): string => ink(/--([\w-]+)/.exec(groupColour(group))?.[1] ?? 'text-3')
  const text = (x: number, y: number, what: string, style: string, extra = ''): string =>
    `<text x="${x}" y="${y}" ${style}${extra}>${htmlText(what)}</text>`
  const style = (size: number, token: string, family = SANS, weight = 400): string =>
    `font-family="${family}" font-size="${size}" font-weight="${weight}" fill="${ink(token)}"`

  const grounds = hulls.map((h) => {
    const c = ofGroup(h.group)
    const word = d.words[h.group - 1] ?? ''
    return [
      `<g><rect x="${h.left}" y="${h.top}" width="${h.right - h.left}" height="${h.bottom - h.top}" rx="10" fill="${c}" fill-opacity="0.12" stroke="${c}" stroke-width="1.5"/>`,
      text(h.left + 10, h.top + 14, `G${h.group} ${word}`, style(10.5, 'text', MONO, 600)),
      '</g>',
    ].join('')
  })
  const lines = d.graph.edges.flatMap((e) => {
    const [a, b] = [cards.get(e.from), cards.get(e.to)]
    if (!a || !b) return []
    const [x1, y1, x2, y2] = [a.right, (a.top + a.bottom) / 2, b.left, (b.top + b.bottom) / 2]
    const middle = (x1 + x2) / 2
    const { token, dash } = EDGE[e.kind]
    return [
      `<path d="M${x1} ${y1}H${middle}V${y2}H${x2}" fill="none" stroke="${ink(token)}"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}/>`,
      ...(e.label ? [text(middle + 3, (y1 + y2) / 2 - 3, e.label, style(10, 'text-2'))] : []),
    ]
  })
  const drawn = d.graph.nodes.flatMap((node) => {
    const box = cards.get(node.id)
    if (!box) return []
    const { title, line } = words(node, d.segments)
    const planned = d.planned.has(node.id)
    const group = d.groups.get(node.id)
    const able = (planned ? ['planned', 'VF'] : abilities(node)).slice(0, 3)
    const right = box.right - 8 - (group === undefined ? 0 : 30)
    const c = ink(LANE[node.kind])
    const dash = planned || node.kind === 'vdev' ? ' stroke-dasharray="4 3"' : ''
    return [
      `<g><title>${htmlText(`${title}, ${line}`)}</title>`,
      `<rect x="${box.left}" y="${box.top}" width="${box.right - box.left}" height="${box.bottom - box.top}" rx="5" fill="${ink('surface-2')}" stroke="${ink('line-strong')}"${dash}/>`,
      `<rect x="${box.left}" y="${box.top}" width="3" height="${box.bottom - box.top}" rx="1.5" fill="${c}"/>`,
      text(box.left + 12, box.top + 18, title, style(11.5, 'text', MONO, 600)),
      text(box.left + 12, box.top + 34, line, style(10.5, 'text-2')),
      ...able.map((word, i) =>
        text(
          right,
          box.top + 14 + i * 11 + (3 - able.length) * 5,
          word,
          style(9, 'text-2', SANS, 600),
          ' text-anchor="end"',
        ),
      ),
      ...(group === undefined
        ? []
        : [text(box.right - 8, box.top + 26, `G${group}`, style(10.5, 'text', MONO, 700), ' text-anchor="end"')]),
      '</g>',
    ]
  })
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${htmlText(d.title)}</title>`,
    `<rect width="${width}" height="${height}" fill="${ink('surface-1')}"/>`,
    text(MARGIN, MARGIN + 4, d.title, style(14, 'text', SANS, 600)),
    `<g transform="translate(${MARGIN - all.left} ${MARGIN + TITLE - all.top})">`,
    ...grounds,
    ...lines,
    ...drawn,
    '</g></svg>\n',
  ].join('\n')
  return { svg, width, height }
}

/** At twice its size, for a page or a slide. Null: larger than a canvas can be, or the browser cannot draw it. */
export async function pngOf({
  svg,
  width,
  height,
}: {
  svg: string
  width: number
  height: number
}): Promise<Blob | null> {
  const MOST = 16_000
  const scale = Math.min(2, MOST / Math.max(width, height))
  const image = new Image()
  // A data address: the window's policy admits no other picture.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`
  try {
    await image.decode()
  } catch {
    return null
  }
  const sheet = document.createElement('canvas')
  sheet.width = Math.round(width * scale)
  sheet.height = Math.round(height * scale)
  sheet.getContext('2d')?.drawImage(image, 0, 0, sheet.width, sheet.height)
  return new Promise((done) => sheet.toBlob(done, 'image/png'))
}
