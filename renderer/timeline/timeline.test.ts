import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  fit,
  inView,
  panBy,
  resolutionOf,
  reveal,
  showing,
  ticks,
  toPixel,
  toPosition,
  zoomAt,
  type Axis,
  type Unit,
} from './axis'
import { route } from './arrows'
import { rgb } from './palette'
import { GROUP_ROW, layRows, rowsBetween, type RowsInput } from './rows'
import { itemAt, joined, lanesOf, NO_ITEMS, snap, type Slice } from './slice'

const WIDTH = 800

describe('the axis', () => {
  const axes = fc.record({
    unit: fc.constantFrom<Unit>('step', 'ns'),
    end: fc.integer({ min: 1, max: 5e8 }),
    zoom: fc.double({ min: 0.2, max: 40, noNaN: true }),
    pan: fc.integer({ min: -9000, max: 9000 }),
  })
  const make = ({ unit, end, zoom, pan }: { unit: Unit; end: number; zoom: number; pan: number }): Axis =>
    panBy(zoomAt(fit(unit, end, WIDTH), 300, zoom, WIDTH), pan, WIDTH)

  it('turns positions into pixels and back', () => {
    fc.assert(
      fc.property(axes, fc.double({ min: 0, max: 1, noNaN: true }), (a, share) => {
        const axis = make(a)
        const p = share * a.end
        expect(Math.abs(toPosition(axis, toPixel(axis, p)) - p)).toBeLessThan(1e-6 * (1 + p))
      }),
    )
  })

  it('never leaves the run', () => {
    fc.assert(
      fc.property(axes, (a) => {
        const axis = make(a)
        expect(axis.from).toBeGreaterThanOrEqual(0)
        expect(axis.from).toBeLessThanOrEqual(axis.end)
        expect(Number.isFinite(axis.scale) && axis.scale > 0).toBe(true)
        const { from, to } = inView(axis, WIDTH)
        expect(from >= 0 && to <= 1 && from <= to).toBe(true)
      }),
    )
  })

  it('brings an event into view, whatever was in view before', () => {
    fc.assert(
      fc.property(axes, fc.double({ min: 0, max: 1, noNaN: true }), (a, share) => {
        const axis = make(a)
        const x = toPixel(reveal(axis, share * axis.end, WIDTH), share * axis.end)
        expect(x).toBeGreaterThanOrEqual(-1e-6)
        expect(x).toBeLessThanOrEqual(WIDTH)
      }),
    )
  })

  it('shows a stretch whole', () => {
    fc.assert(
      fc.property(
        axes,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, p, q) => {
          const axis = make(a)
          const [from, to] = [Math.min(p, q) * a.end, Math.max(p, q) * a.end]
          const shown = showing(axis, from, to, WIDTH)
          expect(toPixel(shown, from)).toBeGreaterThanOrEqual(-1e-3)
          expect(toPixel(shown, to)).toBeLessThanOrEqual(WIDTH + 1e-3)
        },
      ),
    )
  })

  it('keeps the point under the pointer where it is while zooming in', () => {
    const axis = fit('step', 400, WIDTH)
    expect(toPosition(zoomAt(axis, 420, 2, WIDTH), 420)).toBeCloseTo(toPosition(axis, 420), 6)
  })

  it('has buckets of one to two pixels', () => {
    fc.assert(
      fc.property(axes, (a) => {
        const axis = make(a)
        const pixels = resolutionOf(axis) * axis.scale
        expect(pixels).toBeGreaterThanOrEqual(1)
        expect(pixels).toBeLessThanOrEqual(2)
      }),
    )
  })

  it('has round ticks that do not crowd, and none beyond the last step', () => {
    const list = ticks(fit('step', 1000, WIDTH), WIDTH, 999)
    for (let i = 1; i < list.length; i++) expect((list[i]?.x ?? 0) - (list[i - 1]?.x ?? 0)).toBeGreaterThanOrEqual(40)
    expect(list.at(-1)?.position).toBeLessThanOrEqual(999)
  })
})

describe('rows', () => {
  const lanes = fc.array(fc.record({ group: fc.constantFrom('', 'a', 'b'), events: fc.nat(3) }), {
    minLength: 1,
    maxLength: 12,
  })
  const input = fc.record({
    lanes: lanes.map((list) => list.map((lane, i) => ({ ...lane, id: `l${i}` }))),
    pinned: fc.uniqueArray(fc.constantFrom('l0', 'l2', 'l5')).map((p) => new Set(p)),
    folded: fc.uniqueArray(fc.constantFrom('a', 'b')).map((f) => new Set(f)),
    room: fc.integer({ min: 20, max: 900 }),
    left: fc.constant(null),
  })

  it('stand under one another without gaps, each lane once, pinned ones first, folded ones not at all', () => {
    fc.assert(
      fc.property(input, (given: RowsInput) => {
        const { rows, height } = layRows(given)
        let y = 0
        for (const row of rows) {
          expect(row.y).toBe(y)
          y += row.height
          if (row.lane < 0) expect(row.height).toBe(GROUP_ROW)
        }
        expect(height).toBe(y)
        const shown = rows.filter((r) => r.lane >= 0).map((r) => r.lane)
        expect(new Set(shown).size).toBe(shown.length)
        const expected = given.lanes.flatMap((lane, i) =>
          given.pinned.has(lane.id) || (lane.events > 0 && !(lane.group !== '' && given.folded.has(lane.group)))
            ? [i]
            : [],
        )
        expect([...shown].sort((a, b) => a - b)).toEqual(expected)
        const pins = rows.findLastIndex((r) => r.pinned)
        expect(rows.slice(0, pins + 1).every((r) => r.pinned)).toBe(true)
        expect(rowsBetween({ rows, height }, 0, height)).toEqual(rows)
      }),
    )
  })

  it('are only of the lanes where a filter leaves something', () => {
    const lanes = [0, 1, 2].map((i) => ({ id: `l${i}`, group: '', events: 5 }))
    const { rows } = layRows({ lanes, pinned: new Set(), folded: new Set(), room: 300, left: Uint32Array.of(0, 3, 0) })
    expect(rows.map((r) => r.lane)).toEqual([1])
  })
})

describe('a slice', () => {
  const items = (lane: number[], start: number[], end: number[]) => ({
    ...NO_ITEMS,
    lane: Uint16Array.from(lane),
    kind: new Uint8Array(lane.length),
    flags: new Uint8Array(lane.length),
    count: new Uint32Array(lane.length).fill(1),
    name: new Uint32Array(lane.length),
    start: Float64Array.from(start),
    end: Float64Array.from(end),
    row: Uint32Array.from(lane.keys()),
  })
  const all = joined([items([0, 0], [10, 20], [15, 20]), items([0, 3], [40, 12], [90, 13])])
  const slice: Slice = { from: 0, to: 100, resolution: 1, filtered: false, items: all, lanes: lanesOf(all) }

  it('is joined from its chunks, also within a lane', () => {
    expect([...slice.lanes]).toEqual([
      [0, [0, 3]],
      [3, [3, 4]],
    ])
    expect([...all.start]).toEqual([10, 20, 40, 12])
  })

  it('is hit where something is, the shorter one first', () => {
    expect(itemAt(slice, 0, 12, 0)).toBe(0)
    expect(itemAt(slice, 0, 21, 2)).toBe(1)
    expect(itemAt(slice, 0, 30, 2)).toBe(-1)
    expect(itemAt(slice, 7, 12, 50)).toBe(-1)
  })

  it('lets a point snap to the nearest edge within reach', () => {
    expect(snap(slice, 88, 5)).toBe(90)
    expect(snap(slice, 50, 5)).toBe(50)
  })
})

describe('drawing', () => {
  it('leads every arrow to where it ends', () => {
    fc.assert(
      fc.property(fc.nat(900), fc.nat(200), fc.nat(900), fc.nat(200), (x0, y0, x1, y1) => {
        const points = route(x0, y0, x1, y1)
        expect(points.every(Number.isFinite)).toBe(true)
        expect(Math.abs(points[6] - x1)).toBeLessThanOrEqual(8)
        expect(Math.abs(points[7] - y1)).toBeLessThanOrEqual(10)
      }),
    )
  })

  it('reads colours as computed styles write them', () => {
    expect(rgb('rgb(0, 114, 178)')).toEqual([0, 114, 178])
    expect(rgb('rgba(1, 2, 3, 0.5)')).toEqual([1, 2, 3])
  })
})
