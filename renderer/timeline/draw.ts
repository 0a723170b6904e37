/** The scene onto a canvas. No decisions here: geometry comes from the scene, colours from the palette. */
import { nanoseconds } from '../model/format'
import type { Unit } from './axis'
import { DASH, WIDTH, type Palette } from './palette'
import { CHIP, RULER, type Chip, type Scene } from './scene'
import type { Arrow } from './arrows'

export interface DrawOptions {
  unit: Unit
  step: number
  hover: Chip | null
}

export function draw(ctx: CanvasRenderingContext2D, scene: Scene, palette: Palette, options: DrawOptions): void {
  ctx.clearRect(0, 0, scene.width, scene.height)
  lanes(ctx, scene, palette)
  selection(ctx, scene, palette)
  ruler(ctx, scene, palette, options)
  for (const band of scene.bands) stopBand(ctx, band, palette)
  for (const arrow of scene.arrows) if (!arrow.strong) line(ctx, arrow, palette, 0.5)
  for (const arrow of scene.arrows) if (arrow.strong) line(ctx, arrow, palette, 1)
  for (const chip of scene.chips) chipBox(ctx, chip, palette, look(chip, options))
  for (const arrow of scene.arrows) if (arrow.label) tag(ctx, arrow.label.text, arrow.label.x, arrow.label.y, palette)
}

function lanes(ctx: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  ctx.fillStyle = palette.line
  for (const lane of scene.lanes) ctx.fillRect(0, Math.round(lane.y + scene.laneHeight / 2) - 1, scene.width, 1)
  ctx.globalAlpha = 0.5
  for (const lane of scene.lanes) ctx.fillRect(0, Math.round(lane.y), scene.width, 1)
  ctx.globalAlpha = 1
}

function selection(ctx: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  const { x, w, initial } = scene.selected
  ctx.fillStyle = palette.accent
  ctx.globalAlpha = 0.1
  if (!initial && w > 0) ctx.fillRect(x - 3, RULER, w, scene.height - RULER)
  ctx.globalAlpha = 1
  ctx.fillRect(Math.round(x) - 3, 0, 1.5, scene.height)
}

function ruler(ctx: CanvasRenderingContext2D, scene: Scene, palette: Palette, { unit, step }: DrawOptions): void {
  ctx.fillStyle = palette.line
  ctx.fillRect(0, RULER - 1, scene.width, 1)
  ctx.font = palette.small
  ctx.textBaseline = 'middle'
  for (const tick of scene.ticks) {
    const current = unit === 'step' && tick.position === step - 1
    ctx.fillStyle = current ? palette.accent : palette.text3
    ctx.fillRect(Math.round(tick.x), RULER - 5, 1, 4)
    ctx.fillText(unit === 'step' ? String(tick.position + 1) : nanoseconds(tick.position), tick.x + 4, RULER / 2)
  }
}

/** The agent stands still: hatched, so that it reads without colour too. */
function stopBand(ctx: CanvasRenderingContext2D, band: Scene['bands'][number], palette: Palette): void {
  const top = band.y - CHIP / 2
  ctx.save()
  ctx.beginPath()
  ctx.rect(band.x, top, band.w, CHIP)
  ctx.clip()
  ctx.globalAlpha = 0.12
  ctx.fillStyle = palette.lane[band.role]
  ctx.fillRect(band.x, top, band.w, CHIP)
  ctx.globalAlpha = 0.4
  ctx.strokeStyle = palette.lane[band.role]
  ctx.lineWidth = 1
  ctx.beginPath()
  for (let x = band.x - CHIP; x < band.x + band.w; x += 7) {
    ctx.moveTo(x, top + CHIP)
    ctx.lineTo(x + CHIP, top)
  }
  ctx.stroke()
  ctx.restore()
}

function line(ctx: CanvasRenderingContext2D, arrow: Arrow, palette: Palette, alpha: number): void {
  const [x0, y0, x1, y1, x2, y2, x3, y3] = arrow.points
  if (arrow.straight && x3 - x0 < 5) return
  ctx.save()
  ctx.globalAlpha = alpha
  ctx.strokeStyle = palette.arrow[arrow.kind]
  ctx.fillStyle = palette.arrow[arrow.kind]
  ctx.lineWidth = WIDTH[arrow.kind]
  ctx.setLineDash([...DASH[arrow.kind]])
  ctx.beginPath()
  ctx.moveTo(x0, y0)
  ctx.bezierCurveTo(x1, y1, x2, y2, x3, y3)
  ctx.stroke()
  ctx.setLineDash([])
  const [fx, fy] = x2 === x3 && y2 === y3 ? [x0, y0] : [x2, y2]
  head(ctx, x3, y3, Math.atan2(y3 - fy, x3 - fx), arrow.kind === 'nobody' ? 7 : 5)
  ctx.restore()
}

function head(ctx: CanvasRenderingContext2D, x: number, y: number, angle: number, size: number): void {
  ctx.beginPath()
  ctx.moveTo(x, y)
  ctx.lineTo(x - size * Math.cos(angle - 0.42), y - size * Math.sin(angle - 0.42))
  ctx.lineTo(x - size * Math.cos(angle + 0.42), y - size * Math.sin(angle + 0.42))
  ctx.closePath()
  ctx.fill()
}

interface Look {
  selected: boolean
  hovered: boolean
  /** In time a step is an instant: a mark with its words, not a box that would look like a duration. */
  instant: boolean
}
function look(chip: Chip, { step, hover, unit }: DrawOptions): Look {
  return { selected: chip.event >= 0 && chip.event === step - 1, hovered: chip === hover, instant: unit === 'ns' }
}

function chipBox(
  ctx: CanvasRenderingContext2D,
  chip: Chip,
  palette: Palette,
  { selected, hovered, instant }: Look,
): void {
  const top = chip.y - CHIP / 2
  const colour = palette.lane[chip.role]
  ctx.fillStyle = palette.surface
  ctx.globalAlpha = instant ? 0.6 : 1
  box(ctx, chip.x, top, chip.w, CHIP)
  ctx.fill()
  ctx.globalAlpha = 1
  if (chip.ghost) {
    ctx.setLineDash([4, 3])
    ctx.strokeStyle = palette.bad
    ctx.lineWidth = 1.4
    ctx.stroke()
    ctx.setLineDash([])
  } else {
    ctx.globalAlpha = selected ? 0.5 : hovered ? 0.34 : instant ? 0 : 0.2
    ctx.fillStyle = colour
    ctx.fill()
    ctx.globalAlpha = 1
    ctx.fillRect(chip.x, top, Math.min(3, chip.w), CHIP)
    if (selected) {
      ctx.strokeStyle = colour
      ctx.lineWidth = 1.5
      ctx.stroke()
    }
  }
  if (!chip.text) return
  ctx.font = palette.font
  ctx.textBaseline = 'middle'
  ctx.fillStyle = chip.ghost ? palette.bad : palette.text
  ctx.fillText(chip.text, chip.x + 8, chip.y + 0.5)
}

function tag(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, palette: Palette): void {
  ctx.font = `600 ${palette.small}`
  const w = ctx.measureText(text).width + 12
  box(ctx, x - w / 2, y - 8, w, 16)
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

function box(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number): void {
  ctx.beginPath()
  ctx.roundRect(x, y, w, h, 3)
}
