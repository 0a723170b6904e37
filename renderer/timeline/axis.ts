/** The horizontal axis: steps of equal width, or nanoseconds for timed runs; zoomed and panned without ever getting lost. */
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
/** A step is never wider, a nanosecond never longer than this. */
const MOST: Record<Unit, number> = { step: 420, ns: 60 }
const READABLE = 58
const WIDEST_FIT = 150

/** Everything in view. Steps do not grow beyond a comfortable width. */
export function fit(unit: Unit, end: number, width: number): Axis {
  const room = Math.max(1, width - 2 * MARGIN)
  const scale = end > 0 ? room / end : room
  return { unit, from: 0, end, scale: Math.min(unit === 'step' ? WIDEST_FIT : MOST.ns, scale) }
}

/** As a run is first shown: steps wide enough for some of their words, even if that is more than fits. */
export function comfortable(unit: Unit, end: number, width: number): Axis {
  const whole = fit(unit, end, width)
  return unit === 'step' && end < 400 ? { ...whole, scale: Math.max(READABLE, whole.scale) } : whole
}

/** The positions that are in view: from, to in units. */
export const span = (axis: Axis, width: number): { from: number; to: number } => ({
  from: toPosition(axis, 0),
  to: toPosition(axis, width),
})

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
  const scale = Math.min(Math.max(MOST[axis.unit], whole), Math.max(whole, axis.scale * factor))
  const fixed = toPosition(axis, pixel)
  return clamp({ ...axis, scale, from: fixed - (pixel - MARGIN) / scale }, width)
}

export const panBy = (axis: Axis, pixels: number, width: number): Axis =>
  clamp({ ...axis, from: axis.from + pixels / axis.scale }, width)

/** Exactly this stretch, as far as the limits of zooming let it. */
export function showing(axis: Axis, from: number, to: number, width: number): Axis {
  const scale = (width - 2 * MARGIN) / Math.max(1e-9, to - from)
  const zoomed = zoomAt({ ...axis, from }, MARGIN, scale / axis.scale, width)
  return clamp({ ...zoomed, from: (from + to) / 2 - (width / 2 - MARGIN) / zoomed.scale }, width)
}

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

/** Units of a bucket that is one to two pixels wide: a power of two, so that it changes only now and then while zooming. */
export const resolutionOf = (axis: Axis): number => 2 ** Math.ceil(Math.log2(1 / axis.scale))

export interface Tick {
  position: number
  x: number
}

/** Round positions, at least `gap` pixels apart. */
export function ticks(axis: Axis, width: number, last = axis.end, gap = axis.unit === 'step' ? 46 : 76): Tick[] {
  const step = Math.max(1, nice(gap / axis.scale))
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
