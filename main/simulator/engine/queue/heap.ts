/**
 * A 4-ary heap of events, for few of them. Taking the first leaves a hole that the next event to be scheduled falls
 * into: the usual "take one, schedule one" sifts once.
 */
import type { EventQueue } from './queue'

export class HeapQueue implements EventQueue {
  now = 0
  private count = 0
  /** 1 while the root is a hole. */
  private hole = 0
  private readonly times: Float64Array
  private readonly events: Int32Array
  /** Where an event lies in the heap. */
  private readonly places: Int32Array

  constructor(capacity: number) {
    this.times = new Float64Array(capacity + 1)
    this.events = new Int32Array(capacity + 1)
    this.places = new Int32Array(capacity)
  }

  get size(): number {
    return this.count - this.hole
  }

  /** Time of the first event; Infinity when none is pending. */
  get firstTime(): number {
    if (this.hole === 1) this.fill()
    return this.count === 0 ? Infinity : (this.times[0] ?? 0)
  }

  /** The first event. */
  get first(): number {
    if (this.hole === 1) this.fill()
    return this.count === 0 ? -1 : (this.events[0] ?? 0)
  }

  schedule(event: number, time: number): void {
    if (this.hole === 1) {
      this.hole = 0
      this.down(0, event, time)
    } else this.up(this.count++, event, time)
  }

  cancel(event: number): void {
    if (this.hole === 1) this.fill()
    const at = this.places[event] ?? 0
    const last = --this.count
    if (at === last) return
    const moved = this.events[last] ?? 0
    const time = this.times[last] ?? 0
    const parent = (at - 1) >> 2
    if (at > 0 && this.before(moved, time, parent)) this.up(at, moved, time)
    else this.down(at, moved, time)
  }

  pop(): number {
    if (this.hole === 1) this.fill()
    if (this.count === 0) return -1
    this.hole = 1
    this.now = this.times[0] ?? 0
    return this.events[0] ?? 0
  }

  clear(): void {
    this.now = 0
    this.count = 0
    this.hole = 0
  }

  private fill(): void {
    this.hole = 0
    const last = --this.count
    if (last > 0) this.down(0, this.events[last] ?? 0, this.times[last] ?? 0)
  }

  private before(event: number, time: number, at: number): boolean {
    const other = this.times[at] ?? 0
    return time < other || (time === other && event < (this.events[at] ?? 0))
  }

  private up(from: number, event: number, time: number): void {
    const { times, events, places } = this
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 2
      if (!this.before(event, time, parent)) break
      const moved = events[parent] ?? 0
      times[at] = times[parent] ?? 0
      events[at] = moved
      places[moved] = at
      at = parent
    }
    times[at] = time
    events[at] = event
    places[event] = at
  }

  private down(from: number, event: number, time: number): void {
    const { times, events, places, count } = this
    let at = from
    for (;;) {
      const child = (at << 2) + 1
      if (child >= count) break
      let best = child
      let bestTime = times[child] ?? 0
      let bestEvent = events[child] ?? 0
      const end = child + 4 < count ? child + 4 : count
      for (let c = child + 1; c < end; c++) {
        const t = times[c] ?? 0
        if (t > bestTime) continue
        const e = events[c] ?? 0
        if (t === bestTime && e > bestEvent) continue
        best = c
        bestTime = t
        bestEvent = e
      }
      if (time < bestTime || (time === bestTime && event < bestEvent)) break
      times[at] = bestTime
      events[at] = bestEvent
      places[bestEvent] = at
      at = best
    }
    times[at] = time
    events[at] = event
    places[event] = at
  }
}
