/** One frame of the timeline onto a canvas: crowded lanes copied from their picture, the others item by item. */
import { ITEM_FLAG, NO_ROW } from '../../preload/contract'
import { nanoseconds } from '../model/format'
import { MARGIN, ticks, toPixel, type Axis } from './axis'
import { CELL, type Baked } from './bake'
import { drawArrows } from './arrows'
import { CHIP, type Frame } from './frame'
import type { Palette } from './palette'
import { RULER, type LaneRow } from './rows'
import { measured, shorten } from './words'

const PADDING = 15

export function draw(ctx: CanvasRenderingContext2D, frame: Frame, palette: Palette): void {
  const { width, height } = frame
  ctx.clearRect(0, 0, width, height)
  ctx.save()
  ctx.beginPath()
  ctx.rect(0, RULER, width, height - RULER)
  ctx.clip()
  grounds(ctx, frame, palette)
  selection(ctx, frame, palette)
  if (frame.arrows) drawArrows(ctx, frame, palette, 'behind')
  const words = { left: 260 }
  for (const row of frame.rows) {
    if (row.lane < 0) continue
    if (frame.causal) causality(ctx, frame, row, palette)
    lane(ctx, frame, row, palette, words)
    marks(ctx, frame, row, palette)
  }
  if (frame.arrows) drawArrows(ctx, frame, palette, 'front')
  lines(ctx, frame, palette)
  ctx.restore()
  ruler(ctx, frame, palette)
}

const yOf = (frame: Frame, row: LaneRow): number => RULER + row.y - frame.top

function grounds(ctx: CanvasRenderingContext2D, frame: Frame, palette: Palette): void {
  ctx.fillStyle = palette.line
  for (const row of frame.rows) {
    const y = yOf(frame, row)
    ctx.globalAlpha = row.lane < 0 ? 0.35 : 1
    if (row.lane < 0) ctx.fillRect(0, y, frame.width, row.height)
    ctx.globalAlpha = 1
    ctx.fillRect(0, Math.round(y + row.height) - 1, frame.width, 1)
  }
}

/** The column of the selected event, through all lanes. */
function selection(ctx: CanvasRenderingContext2D, { selected, axis, height }: Frame, palette: Palette): void {
  const x = selected ? toPixel(axis, selected.time) : toPixel(axis, 0)
  const w = selected ? selected.duration * axis.scale : 0
  ctx.fillStyle = palette.accent
  ctx.globalAlpha = 0.1
  if (w > 0) ctx.fillRect(x - 3, RULER, w, height)
  ctx.globalAlpha = 1
  ctx.fillRect(Math.round(x) - 3, RULER, 1.5, height)
}

/** What is concurrent with the selected event is hatched; before it and after it are brackets. Readable without colour. */
function causality(ctx: CanvasRenderingContext2D, frame: Frame, row: LaneRow, palette: Palette): void {
  const { causal, axis, width } = frame
  if (!causal) return
  const has = (r: number | undefined): boolean => r !== undefined && r !== NO_ROW
  const from = has(causal.before[row.lane]) ? toPixel(axis, (causal.beforeTime[row.lane] ?? 0) + 0.5) : -20
  const to = has(causal.after[row.lane]) ? toPixel(axis, causal.afterTime[row.lane] ?? 0) - 3 : width + 20
  const top = yOf(frame, row) + 2
  const h = row.height - 5
  ctx.save()
  ctx.fillStyle = palette.match
  ctx.globalAlpha = 0.1
  if (from > 0) ctx.fillRect(0, top, Math.min(from, width), h)
  ctx.fillStyle = palette.changed
  if (to < width) ctx.fillRect(Math.max(0, to), top, width, h)
  ctx.globalAlpha = 0.22
  ctx.strokeStyle = palette.text3
  ctx.lineWidth = 1
  ctx.beginPath()
  ctx.rect(Math.max(0, from), top, Math.max(0, Math.min(width, to) - Math.max(0, from)), h)
  ctx.clip()
  ctx.beginPath()
  for (let x = Math.floor(Math.max(-h, from - h) / 9) * 9; x < Math.min(width, to); x += 9) {
    ctx.moveTo(x, top + h)
    ctx.lineTo(x + h, top)
  }
  ctx.stroke()
  ctx.restore()
  ctx.fillStyle = palette.text2
  ctx.font = palette.small
  ctx.textBaseline = 'middle'
  if (from > 10 && from < width) ctx.fillText('⟩', from, top + h / 2)
  if (to > 0 && to < width) ctx.fillText('⟨', to - 4, top + h / 2)
}

function lane(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  row: LaneRow,
  palette: Palette,
  words: { left: number },
): void {
  const { baked } = frame
  const range = baked?.slice.lanes.get(row.lane)
  if (!baked || !range) return
  const place = baked.place.get(row.lane)
  if (place === undefined || !baked.picture) return items(ctx, frame, row, range, palette, words)
  copied(ctx, frame, row, place, baked, palette, words)
}

function copied(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  row: LaneRow,
  place: number,
  { slice, picture, long }: Baked,
  palette: Palette,
  words: { left: number },
): void {
  if (!picture) return
  const { axis, width } = frame
  const y = yOf(frame, row)
  const column = slice.resolution * axis.scale // pixels of a column
  const x0 = toPixel(axis, slice.from)
  const first = Math.max(0, Math.floor(-x0 / column))
  const last = Math.min(picture.width, Math.ceil((width - x0) / column))
  if (last <= first) return
  ctx.imageSmoothingEnabled = false
  ctx.drawImage(
    picture,
    first,
    place * CELL,
    last - first,
    CELL,
    x0 + first * column,
    y + (row.height - CHIP) / 2,
    (last - first) * column,
    CHIP,
  )
  ctx.font = palette.small
  ctx.textBaseline = 'middle'
  ctx.fillStyle = palette.surface
  for (const i of long.get(row.lane) ?? []) {
    const x = Math.max(0, toPixel(axis, slice.items.start[i] ?? 0))
    const room = Math.min(width, toPixel(axis, slice.items.end[i] ?? 0)) - x - 6
    if (x > width || room < 30 || words.left <= 0) continue
    const label = shorten(ctx, frame.label(slice.items.name[i] ?? 0) ?? '', room)
    if (label === '') continue
    words.left--
    ctx.fillText(label, x + 3, y + row.height / 2 + 0.5)
  }
}

/** Items of a lane that is not crowded, as chips with their words; stretches and writes under way lie behind. */
function items(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  row: LaneRow,
  [from, to]: readonly [number, number],
  palette: Palette,
  words: { left: number },
): void {
  const slice = frame.baked?.slice
  const role = frame.lanes[row.lane]?.role ?? 'other'
  if (!slice) return
  const { axis, width } = frame
  const { start, end, kind, count } = slice.items
  const y = yOf(frame, row) + row.height / 2
  const colour = palette.lane[role]
  const chips: number[] = []
  for (let i = from; i < to; i++) {
    const x = toPixel(axis, start[i] ?? 0)
    const right = toPixel(axis, end[i] ?? 0)
    if (right < -400 || x > width) continue
    if (kind[i] === 2 || kind[i] === 3) band(ctx, x, right, y, colour, kind[i] === 3, width)
    else chips.push(i)
  }
  for (let k = 0; k < chips.length; k++) {
    const i = chips[k] ?? 0
    const x = toPixel(axis, start[i] ?? 0)
    const next = chips[k + 1]
    const limit = next === undefined ? width - 2 : toPixel(axis, start[next] ?? 0) - 3
    const length = ((end[i] ?? 0) - (start[i] ?? 0)) * axis.scale
    const instant = axis.unit === 'ns' && length < 4
    const label = count[i] === 1 ? (frame.label(slice.items.name[i] ?? 0) ?? '') : `${count[i]} events`
    ctx.font = palette.font
    const room = Math.max(3, limit - x)
    const wish = measured(ctx, label) + PADDING
    const w =
      axis.unit === 'step' || instant
        ? Math.min(room, Math.max(Math.min(length - 6, room), wish))
        : Math.max(3, Math.min(length, room))
    chip(ctx, frame, i, x, y, Math.max(3, w), label, instant, colour, palette, words)
  }
}

function chip(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  i: number,
  x: number,
  y: number,
  w: number,
  label: string,
  instant: boolean,
  colour: string,
  palette: Palette,
  words: { left: number },
): void {
  const slice = frame.baked?.slice
  if (!slice) return
  const row = slice.items.row[i] ?? 0
  const missing = slice.items.kind[i] === 4
  const selected = frame.selected?.row === row
  const top = y - CHIP / 2
  if (w < 8 && !missing && !selected) {
    ctx.fillStyle = colour // a path of its own costs ten times as much, and its corners cannot be seen
    ctx.fillRect(x, top, Math.min(3, w), CHIP)
    return
  }
  ctx.fillStyle = palette.surface
  ctx.globalAlpha = instant ? 0.6 : 1
  ctx.beginPath()
  ctx.roundRect(x, top, w, CHIP, Math.min(3, w / 2))
  ctx.fill()
  if (missing) {
    ctx.globalAlpha = 1
    ctx.setLineDash([4, 3])
    ctx.strokeStyle = palette.bad
    ctx.lineWidth = 1.4
    ctx.stroke()
    ctx.setLineDash([])
  } else {
    ctx.globalAlpha = selected ? 0.5 : frame.hover === i ? 0.34 : instant ? 0 : 0.2
    ctx.fillStyle = colour
    ctx.fill()
    ctx.globalAlpha = 1
    ctx.fillRect(x, top, Math.min(3, w), CHIP)
    if (((slice.items.flags[i] ?? 0) & ITEM_FLAG.changes) !== 0) {
      ctx.fillStyle = palette.changed
      ctx.fillRect(x + Math.min(3, w), top + CHIP - 2, Math.min(w - 3, 14), 2)
    }
    if (selected) {
      ctx.strokeStyle = colour
      ctx.lineWidth = 1.5
      ctx.stroke()
    }
  }
  // What has begun before the view is named in it all the same.
  const from = Math.max(x + 8, 6)
  const room = x + w - from - PADDING + 10
  if (room < 26 - PADDING + 2 || words.left <= 0) return
  const text = shorten(ctx, label, room)
  if (text === '') return
  words.left--
  ctx.textBaseline = 'middle'
  ctx.fillStyle = missing ? palette.bad : palette.text
  ctx.fillText(text, from, y + 0.5)
}

/** An agent stands still, or a write is under way: hatched one way or the other, so that it reads without colour too. */
function band(
  ctx: CanvasRenderingContext2D,
  from: number,
  to: number,
  y: number,
  colour: string,
  flight: boolean,
  width: number,
): void {
  const [x0, x1] = [Math.max(-4, from), Math.min(width + 4, Math.max(from + 2, to))]
  const top = y - CHIP / 2
  ctx.fillStyle = colour
  ctx.globalAlpha = 0.14
  ctx.fillRect(x0, top, x1 - x0, CHIP)
  ctx.globalAlpha = 0.45
  ctx.strokeStyle = colour
  ctx.lineWidth = 1
  ctx.save()
  ctx.beginPath()
  ctx.rect(x0, top, x1 - x0, CHIP)
  ctx.clip()
  ctx.beginPath()
  for (let x = x0 - CHIP; x < x1; x += flight ? 12 : 7) {
    ctx.moveTo(x, flight ? top : top + CHIP)
    ctx.lineTo(x + CHIP, flight ? top + CHIP : top)
  }
  ctx.stroke()
  ctx.restore()
  ctx.globalAlpha = 1
  if (!flight) return
  ctx.strokeStyle = colour
  ctx.strokeRect(x0 + 0.5, top + 0.5, x1 - x0 - 1, CHIP - 1)
}

/** What a search has found: a tick above the event. */
function marks(ctx: CanvasRenderingContext2D, frame: Frame, row: LaneRow, palette: Palette): void {
  const slice = frame.matches?.slice
  const [from, to] = slice?.lanes.get(row.lane) ?? [0, 0]
  if (!slice) return
  const y = yOf(frame, row) + row.height / 2 - CHIP / 2 - 4
  ctx.fillStyle = palette.match
  for (let i = from; i < to; i++) {
    const x = toPixel(frame.axis, slice.items.start[i] ?? 0)
    if (x > -4 && x < frame.width) ctx.fillRect(x, y, 2.5, 4)
  }
}

/** Markers and what is measured between two points. */
function lines(ctx: CanvasRenderingContext2D, frame: Frame, palette: Palette): void {
  const { axis, height, measure } = frame
  ctx.lineWidth = 1
  ctx.font = `600 ${palette.small}`
  ctx.textBaseline = 'middle'
  for (const { time, name } of frame.markers) {
    const x = Math.round(toPixel(axis, time)) + 0.5
    ctx.strokeStyle = palette.text2
    ctx.setLineDash([3, 3])
    ctx.beginPath()
    ctx.moveTo(x, RULER)
    ctx.lineTo(x, height)
    ctx.stroke()
    ctx.setLineDash([])
    flag(ctx, name, x, RULER + 9, palette.text2, palette.surface)
  }
  if (!measure) return
  const [a, b] = [toPixel(axis, measure.from), toPixel(axis, measure.to)]
  ctx.fillStyle = palette.accent
  ctx.globalAlpha = 0.1
  ctx.fillRect(Math.min(a, b), RULER, Math.abs(b - a), height)
  ctx.globalAlpha = 1
  ctx.strokeStyle = palette.accent
  ctx.beginPath()
  for (const x of [a, b]) {
    ctx.moveTo(Math.round(x) + 0.5, RULER)
    ctx.lineTo(Math.round(x) + 0.5, height)
  }
  ctx.moveTo(a, height - 12.5)
  ctx.lineTo(b, height - 12.5)
  ctx.stroke()
  flag(
    ctx,
    lengthWords(axis, measure.to - measure.from),
    (a + b) / 2,
    height - 12,
    palette.surface,
    palette.accent,
    true,
  )
}

export function lengthWords(axis: Axis, length: number): string {
  const n = Math.abs(Math.round(length))
  return axis.unit === 'ns' ? nanoseconds(n) : `${n} step${n === 1 ? '' : 's'}`
}

function flag(
  ctx: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  ink: string,
  ground: string,
  centred = false,
): void {
  const w = measured(ctx, text) + 10
  ctx.fillStyle = ground
  ctx.beginPath()
  ctx.roundRect(centred ? x - w / 2 : x + 1, y - 8, w, 16, 3)
  ctx.fill()
  ctx.fillStyle = ink
  ctx.fillText(text, (centred ? x - w / 2 : x + 1) + 5, y + 0.5)
}

function ruler(ctx: CanvasRenderingContext2D, frame: Frame, palette: Palette): void {
  const { axis, width, selected } = frame
  ctx.fillStyle = palette.line
  ctx.fillRect(0, RULER - 1, width, 1)
  ctx.font = palette.small
  ctx.textBaseline = 'middle'
  const last = axis.unit === 'step' ? Math.max(0, axis.end - 2) : axis.end
  for (const tick of ticks(axis, width, last)) {
    const current = axis.unit === 'step' && tick.position === selected?.time
    ctx.fillStyle = current ? palette.accent : palette.text3
    ctx.fillRect(Math.round(tick.x), RULER - 5, 1, 4)
    ctx.fillText(axis.unit === 'step' ? String(tick.position + 1) : nanoseconds(tick.position), tick.x + 4, RULER / 2)
  }
  ctx.fillStyle = palette.accent
  const x = selected ? toPixel(axis, selected.time) : MARGIN
  if (x > -4 && x < width) ctx.fillRect(Math.round(x) - 3, 0, 1.5, RULER)
}
