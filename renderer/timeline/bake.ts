/**
 * Crowded lanes as a picture, one column a bucket and CELL rows a lane, made once for each slice: a frame then copies it,
 * scaled, instead of drawing thousands of rectangles. How high a bar is says how many events it stands for; a race shows
 * as a cap on the bar, in any zoom.
 */
import { ITEM_FLAG, type RunLane } from '../../preload/contract'
import type { Palette } from './palette'
import type { Slice } from './slice'

export const CELL = 8
/** So many items, of all lanes together, are drawn one by one; a lane with more than its share is copied from the picture. */
const SINGLE = 700
const LEAST = 12

export interface Baked {
  slice: Slice
  picture: HTMLCanvasElement | null
  /** Of each crowded lane: its place in the picture. */
  place: ReadonlyMap<number, number>
  /** Items of crowded lanes that are long enough for words. */
  long: ReadonlyMap<number, readonly number[]>
}

const LONG = 24 // buckets

/** Used again for each slice: fresh memory of this size costs more than painting it. There is one timeline. */
let sheet = new Uint32Array(0)
let picture: HTMLCanvasElement | null = null

export function bake(slice: Slice, lanes: readonly RunLane[], palette: Palette): Baked {
  const share = Math.max(LEAST, SINGLE / Math.max(1, slice.lanes.size))
  const crowded = [...slice.lanes].filter(([, [from, to]]) => to - from > share).map(([lane]) => lane)
  const place = new Map(crowded.map((lane, i) => [lane, i]))
  const long = new Map<number, readonly number[]>()
  const columns = Math.ceil((slice.to - slice.from) / slice.resolution) + 1
  if (crowded.length === 0) return { slice, picture: null, place, long }
  const size = columns * crowded.length * CELL
  if (sheet.length < size) sheet = new Uint32Array(Math.ceil(size * 1.3))
  const words = sheet.subarray(0, size).fill(0)
  for (const [i, lane] of crowded.entries())
    long.set(lane, paintLane(slice, lane, i * CELL, columns, words, palette, lanes[lane]?.role ?? 'other'))
  picture ??= document.createElement('canvas')
  if (picture.width !== columns) picture.width = columns
  if (picture.height !== crowded.length * CELL) picture.height = crowded.length * CELL
  const bytes = new Uint8ClampedArray(sheet.buffer, 0, size * 4)
  picture.getContext('2d')?.putImageData(new ImageData(bytes, columns, crowded.length * CELL), 0, 0)
  return { slice, picture, place, long }
}

/** Little-endian: alpha first. */
const word = ([r, g, b]: readonly [number, number, number], alpha: number): number =>
  (((alpha * 255) << 24) | (b << 16) | (g << 8) | r) >>> 0

function paintLane(
  { items, lanes, from, resolution }: Slice,
  lane: number,
  top: number,
  columns: number,
  words: Uint32Array,
  palette: Palette,
  role: RunLane['role'],
): number[] {
  // three shades, so that neighbours of other names can be told apart
  const shades = [1, 0.82, 0.66].map((alpha) => word(palette.laneRgb[role], alpha))
  const soft = word(palette.laneRgb[role], 0.28)
  const bad = word(palette.badRgb, 1)
  const long: number[] = []
  const [first, last] = lanes.get(lane) ?? [0, 0]
  for (let i = first; i < last; i++) {
    const start = ((items.start[i] ?? 0) - from) / resolution
    const end = ((items.end[i] ?? 0) - from) / resolution
    const count = items.count[i] ?? 1
    const x0 = Math.max(0, Math.floor(start))
    const x1 = Math.min(columns, Math.max(x0 + 1, Math.round(end)))
    if (count === 1 && end - start >= LONG) long.push(i)
    const kind = items.kind[i] ?? 0
    const whole = count === 1 && end - start >= 1
    const height = whole ? CELL : Math.min(CELL, 3 + (31 - Math.clz32(count)))
    const colour = kind === 2 || kind === 3 ? soft : (shades[(items.name[i] ?? 0) % 3] ?? soft)
    const cap = ((items.flags[i] ?? 0) & ITEM_FLAG.race) !== 0 ? 2 : 0
    for (let y = CELL - height; y < CELL; y++) {
      const at = (top + y) * columns
      const ink = y < CELL - height + cap ? bad : colour
      if (x1 - x0 > 16) words.fill(ink, at + x0, at + x1)
      else for (let x = x0; x < x1; x++) words[at + x] = ink
    }
  }
  return long
}
