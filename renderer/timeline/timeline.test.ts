import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { edgeInstances, ENFORCERS } from '../model/edges'
import { buildLanes } from '../model/lanes'
import { stops } from '../model/stops'
import { lateCounterexample as trace, lateView as view } from '../testing/late'
import { fit, MARGIN, panBy, positions, reveal, ticks, toPixel, toPosition, unitOf, zoomAt, type Axis } from './axis'
import { buildScene, ellipsis, hit, nearestEvent, type Scene } from './scene'

const WIDTH = 800
const measure = (text: string): number => text.length * 6

function scene(
  step: number,
  axis: Axis = fit('step', trace.events.length + 2, WIDTH),
  shown = new Set(ENFORCERS),
): Scene {
  return buildScene({
    view,
    trace,
    lanes: buildLanes(view, trace),
    places: positions(trace, 'step'),
    instances: edgeInstances(view.edges, trace),
    stops: stops(view, trace),
    shown,
    axis,
    width: WIDTH,
    laneHeight: 30,
    step,
    measure,
  })
}

describe('the axis', () => {
  const axes = fc.record({
    end: fc.integer({ min: 1, max: 5000 }),
    zoom: fc.double({ min: 0.2, max: 40, noNaN: true }),
    pan: fc.integer({ min: -9000, max: 9000 }),
  })
  const make = ({ end, zoom, pan }: { end: number; zoom: number; pan: number }): Axis =>
    panBy(zoomAt(fit('step', end, WIDTH), 300, zoom, WIDTH), pan, WIDTH)

  it('turns positions into pixels and back', () => {
    fc.assert(
      fc.property(axes, fc.double({ min: 0, max: 100, noNaN: true }), (a, p) => {
        const axis = make(a)
        expect(toPosition(axis, toPixel(axis, p))).toBeCloseTo(p, 6)
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
      }),
    )
  })

  it('brings a step into view, whatever was in view before', () => {
    fc.assert(
      fc.property(axes, fc.double({ min: 0, max: 1, noNaN: true }), (a, share) => {
        const axis = make(a)
        const x = toPixel(reveal(axis, share * axis.end, WIDTH), share * axis.end)
        expect(x).toBeGreaterThanOrEqual(0)
        expect(x).toBeLessThanOrEqual(WIDTH)
      }),
    )
  })

  it('keeps the point under the pointer where it is while zooming in', () => {
    const axis = fit('step', 400, WIDTH)
    const under = toPosition(axis, 420)
    expect(toPosition(zoomAt(axis, 420, 2, WIDTH), 420)).toBeCloseTo(under, 6)
  })

  it('has round ticks that do not crowd, and none beyond the last step', () => {
    const list = ticks(fit('step', 1000, WIDTH), WIDTH, 999)
    for (let i = 1; i < list.length; i++) expect((list[i]?.x ?? 0) - (list[i - 1]?.x ?? 0)).toBeGreaterThanOrEqual(40)
    expect(list.at(-1)?.position).toBeLessThanOrEqual(999)
    expect(ticks(fit('step', 10, WIDTH), WIDTH, 9).at(-1)?.position).toBe(9)
  })

  it('is in time when every event has one', () => {
    expect(unitOf(trace)).toBe('step')
    expect(unitOf({ events: trace.events.map((e, i) => ({ ...e, time: i * 100 })) })).toBe('ns')
    expect(unitOf({ events: [] })).toBe('step')
  })
})

describe('the scene', () => {
  it('has one chip per event, in its lane, none over another of its lane', () => {
    const { chips, lanes } = scene(0)
    expect(chips.filter((c) => !c.ghost)).toHaveLength(trace.events.length)
    for (const lane of lanes) {
      const mine = chips.filter((c) => c.agent === lane.agent)
      mine.forEach((chip, i) => {
        expect(chip.y).toBe(lane.y)
        const next = mine[i + 1]
        if (next) expect(chip.x + chip.w).toBeLessThanOrEqual(next.x)
      })
    }
  })

  it('shows the step that should have come first as a ghost behind the end, and the arrow that nobody enforces', () => {
    const { chips, arrows } = scene(0)
    const ghost = chips.find((c) => c.ghost)
    const last = chips.find((c) => c.event === trace.events.length - 1)
    expect(ghost?.step).toBe('host.reprogram')
    expect(ghost?.x).toBeGreaterThan(last?.x ?? 0)
    const nobody = arrows.filter((a) => a.kind === 'nobody')
    expect(nobody).toHaveLength(1)
    expect(nobody[0]).toMatchObject({ strong: true, label: { text: 'nobody' } })
  })

  it('leaves out arrows that are switched off', () => {
    const shown = new Set(ENFORCERS.filter((k) => k !== 'nobody'))
    expect(scene(0, undefined, shown).arrows.some((a) => a.kind === 'nobody')).toBe(false)
  })

  it('marks the column of the step that was taken last', () => {
    expect(scene(0).selected.initial).toBe(true)
    const axis = fit('step', trace.events.length + 2, WIDTH)
    expect(scene(4, axis).selected).toMatchObject({ initial: false, x: toPixel(axis, 3) })
  })

  it('is hit where it is drawn', () => {
    const s = scene(0)
    for (const chip of s.chips) expect(hit(s, chip.x + chip.w / 2, chip.y)).toBe(chip)
    expect(hit(s, 1, 1)).toBeNull()
  })

  it('takes a click beside a chip for the step of that column', () => {
    const axis = fit('step', trace.events.length + 2, WIDTH)
    const places = positions(trace, 'step')
    expect(nearestEvent(axis, places, toPixel(axis, 4) + 3)).toBe(4)
    expect(nearestEvent(axis, places, -50)).toBe(0)
    expect(nearestEvent(axis, places, 9999)).toBe(trace.events.length - 1)
  })

  it('cuts labels to their room', () => {
    expect(ellipsis('complete the descriptor', 60, measure)).toBe('complete…')
    expect(ellipsis('unmask', 60, measure)).toBe('unmask')
    expect(ellipsis('unmask', 6, measure)).toBe('')
    expect(MARGIN).toBeGreaterThan(0)
  })
})
