/** Arrows between lanes, by who enforces them: thin ones behind the chips, those that matter in front of them. */
import type { FlowKind, RunArrows } from '../../preload/contract'
import { toPixel } from './axis'
import { CHIP, kindOf, type Frame } from './frame'
import { DASH, WIDTH, type Palette } from './palette'
import { RULER } from './rows'
import { measured } from './words'

export type Points = readonly [number, number, number, number, number, number, number, number]

/** Arrows of one frame that are not of the selected event: more would only be a cloud. */
const MOST = 320

export function drawArrows(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  palette: Palette,
  layer: 'behind' | 'front',
): void {
  const { arrows, axis, width } = frame
  if (!arrows) return
  const y = new Map(frame.rows.map((row) => [row.lane, RULER + row.y - frame.top + row.height / 2]))
  let drawn = 0
  const labels: { x: number; y: number }[] = []
  for (let i = 0; i < arrows.kind.length && drawn < MOST; i++) {
    const kind = kindOf(arrows, i)
    if (!frame.shown.has(kind) || isStrong(frame, arrows, i, kind) !== (layer === 'front')) continue
    const [y0, y1] = [y.get(arrows.fromLane[i] ?? 0), y.get(arrows.toLane[i] ?? 0)]
    if (y0 === undefined || y1 === undefined) continue
    const [x0, x1] = [toPixel(axis, arrows.from[i] ?? 0), toPixel(axis, arrows.to[i] ?? 0)]
    if (Math.max(x0, x1) < 0 || Math.min(x0, x1) > width) continue
    const points = route(
      axis.unit === 'step' && x1 > x0 ? Math.max(x0 - axis.scale + 6, Math.min(x0, x1 - 16)) : x0,
      y0,
      x1,
      y1,
    )
    drawn++
    stroke(ctx, points, kind, palette, layer === 'front' ? 1 : 0.5)
    if (kind === 'nobody' && (arrows.from[i] ?? 0) > (arrows.to[i] ?? 0)) labels.push(between(frame, points))
  }
  for (const label of labels.slice(0, 12)) tag(ctx, 'nobody', label.x, label.y, palette)
}

/** It belongs to the selected event, or says that nobody enforces what this run broke. */
const isStrong = (frame: Frame, arrows: RunArrows, i: number, kind: FlowKind): boolean =>
  (kind === 'nobody' && (arrows.from[i] ?? 0) >= (arrows.to[i] ?? 0)) ||
  arrows.fromRow[i] === frame.selected?.row ||
  arrows.toRow[i] === frame.selected?.row

/** Out of the first chip towards the other lane, into the second one from the left; backwards ones come from above. */
export function route(x0: number, y0: number, x1: number, y1: number): Points {
  if (y0 === y1) {
    if (x0 <= x1) return [x0, y0, x0, y0, x1, y1, x1, y1]
    const bow = y0 - CHIP
    return [x0 + 4, y0 - CHIP / 2, x0, bow, x1 + 8, bow, x1 + 6, y1 - CHIP / 2]
  }
  const down = y1 > y0 ? 1 : -1
  const from = y0 + (down * CHIP) / 2
  if (x1 - x0 > 14) {
    const bend = Math.max(12, (x1 - x0) * 0.5)
    return [x0, from, x0, from + (y1 - from) * 0.75, x1 - bend, y1, x1 - 1, y1]
  }
  const to = y1 - (down * CHIP) / 2
  const lift = (to - from) * 0.5
  return [x0 + 6, from, x0 + 6, from + lift, x1 + 8, to - lift, x1 + 8, to]
}

function stroke(ctx: CanvasRenderingContext2D, points: Points, kind: FlowKind, palette: Palette, alpha: number): void {
  const [x0, y0, x1, y1, x2, y2, x3, y3] = points
  if (y0 === y3 && Math.abs(x3 - x0) < 5) return
  ctx.globalAlpha = alpha
  ctx.strokeStyle = palette.arrow[kind]
  ctx.fillStyle = palette.arrow[kind]
  ctx.lineWidth = WIDTH[kind]
  ctx.setLineDash([...DASH[kind]])
  ctx.beginPath()
  ctx.moveTo(x0, y0)
  ctx.bezierCurveTo(x1, y1, x2, y2, x3, y3)
  ctx.stroke()
  ctx.setLineDash([])
  const [fx, fy] = x2 === x3 && y2 === y3 ? [x0, y0] : [x2, y2]
  head(ctx, x3, y3, Math.atan2(y3 - fy, x3 - fx), kind === 'nobody' ? 7 : 5)
  ctx.globalAlpha = 1
}

function head(ctx: CanvasRenderingContext2D, x: number, y: number, angle: number, size: number): void {
  ctx.beginPath()
  ctx.moveTo(x, y)
  ctx.lineTo(x - size * Math.cos(angle - 0.42), y - size * Math.sin(angle - 0.42))
  ctx.lineTo(x - size * Math.cos(angle + 0.42), y - size * Math.sin(angle + 0.42))
  ctx.closePath()
  ctx.fill()
}

/** About the middle of an arrow, where it is farthest from what stands in the lanes that it crosses. */
function between({ rows, top }: Frame, p: Points): { x: number; y: number } {
  const at = (t: number, i: 0 | 1): number => {
    const s = 1 - t
    return (
      s * s * s * p[i] + 3 * s * s * t * p[(i + 2) as 2] + 3 * s * t * t * p[(i + 4) as 4] + t * t * t * p[(i + 6) as 6]
    )
  }
  const free = (y: number): number =>
    Math.min(...rows.map((row) => Math.abs(y - (RULER + row.y - top + row.height / 2))), CHIP)
  const places = [0.5, 0.4, 0.6, 0.3, 0.7].map((t) => ({ x: at(t, 0), y: at(t, 1) }))
  return places.reduce((best, place) => (free(place.y) > free(best.y) + 1 ? place : best))
}

function tag(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, palette: Palette): void {
  ctx.font = `600 ${palette.small}`
  const w = measured(ctx, text) + 12
  ctx.beginPath()
  ctx.roundRect(x - w / 2, y - 8, w, 16, 3)
  ctx.fillStyle = palette.surface
  ctx.fill()
  ctx.fillStyle = palette.badSoft
  ctx.fill()
  ctx.strokeStyle = palette.bad
  ctx.lineWidth = 1
  ctx.stroke()
  ctx.fillStyle = palette.bad
  ctx.textBaseline = 'middle'
  ctx.fillText(text, x - w / 2 + 6, y + 0.5)
}
