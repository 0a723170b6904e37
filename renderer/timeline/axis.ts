/** The horizontal axis: steps of equal width, or nanoseconds for timed runs; zoomed and panned without ever getting lost. */
import type { Trace } from '../../preload/contract'

export type Unit = 'step' | 'ns'

export interface Axis {
  unit: Unit
  /** Position at the left edge, in units. */
  from: number
  /** Pixels per unit. */
  scale: number
  /** Extent of the run in units; the axis may be panned a little beyond. */
  end: number
}

/** Left of the first step, so that its marker is not cut. */
export const MARGIN = 14
const COLUMN_MIN = 5
const COLUMN_MAX = 420
const READABLE = 58

export const unitOf = (trace: Pick<Trace, 'events'>): Unit =>
  trace.events.length > 0 && trace.events.every((e) => e.time !== undefined) ? 'ns' : 'step'

/** Where each event stands, in units. `trailing` columns are kept free behind the last one. */
export function positions(trace: Pick<Trace, 'events'>, unit: Unit): number[] {
  return trace.events.map((event, i) => (unit === 'ns' ? (event.time ?? 0) : i))
}

/** Everything in view. Steps do not grow beyond a comfortable width. */
export function fit(unit: Unit, end: number, width: number): Axis {
  const room = Math.max(1, width - 2 * MARGIN)
  const scale = end > 0 ? room / end : room
  return { unit, from: 0, end, scale: unit === 'step' ? Math.min(150, Math.max(COLUMN_MIN, scale)) : scale }
}

/** As a run is first shown: steps wide enough for some of their words, even if that is more than fits. */
export function comfortable(unit: Unit, end: number, width: number): Axis {
  const whole = fit(unit, end, width)
  return unit === 'step' ? { ...whole, scale: Math.max(READABLE, whole.scale) } : whole
}

/** Share of the run that is in view: from, to in 0..1. */
export function inView(axis: Axis, width: number): { from: number; to: number } {
  const extent = Math.max(axis.end, 1e-9)
  const share = (position: number): number => Math.max(0, Math.min(1, position / extent))
  return { from: share(axis.from), to: share(axis.from + (width - 2 * MARGIN) / axis.scale) }
}

export const toPixel = (axis: Axis, position: number): number => MARGIN + (position - axis.from) * axis.scale
export const toPosition = (axis: Axis, pixel: number): number => axis.from + (pixel - MARGIN) / axis.scale

/** Zoom by `factor`, the position under `pixel` standing still. */
export function zoomAt(axis: Axis, pixel: number, factor: number, width: number): Axis {
  const whole = fit(axis.unit, axis.end, width).scale
  const [least, most] = axis.unit === 'step' ? [Math.min(COLUMN_MIN, whole), COLUMN_MAX] : [whole / 2, whole * 1e6]
  const scale = Math.min(most, Math.max(least, axis.scale * factor))
  const fixed = toPosition(axis, pixel)
  return clamp({ ...axis, scale, from: fixed - (pixel - MARGIN) / scale }, width)
}

export const panBy = (axis: Axis, pixels: number, width: number): Axis =>
  clamp({ ...axis, from: axis.from + pixels / axis.scale }, width)

/** Move as little as needed to have a position in view, with some room on both sides. */
export function reveal(axis: Axis, position: number, width: number): Axis {
  const x = toPixel(axis, position)
  const room = Math.min(160, width / 4)
  if (x < room) return panBy(axis, x - room, width)
  if (x > width - room) return panBy(axis, x - (width - room), width)
  return axis
}

function clamp(axis: Axis, width: number): Axis {
  const visible = (width - 2 * MARGIN) / axis.scale
  const most = Math.max(0, axis.end - visible)
  return { ...axis, from: Math.min(most, Math.max(0, axis.from)) }
}

export interface Tick {
  position: number
  x: number
}

/** Round positions, at least `gap` pixels apart. */
export function ticks(axis: Axis, width: number, last = axis.end, gap = 46): Tick[] {
  const raw = gap / axis.scale
  const step = Math.max(1, nice(raw))
  const first = Math.ceil(toPosition(axis, 0) / step) * step
  const list: Tick[] = []
  for (let p = Math.max(0, first); p <= last && list.length < 400; p += step) {
    const x = toPixel(axis, p)
    if (x > width) break
    list.push({ position: p, x })
  }
  return list
}

function nice(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(raw, 1e-9)))
  const lead = raw / power
  return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power
}
