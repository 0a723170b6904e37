/** Runs that are open: each a store with its index, and what a filter leaves of it. The oldest are let go of. */
import { err, fault, ok, type Result } from '../../simulator/faults'
import { racesOf } from '../../simulator/trace/flows-in-view'
import { FLOW_KINDS, type EventStore } from '../../simulator/trace/events'
import { buildIndex, type LaneIndex } from '../../simulator/trace/lane-index'
import type { OpenedRun } from '../../../preload/contract'

export interface Recording {
  readonly store: EventStore
  readonly index: LaneIndex
  /** Arrows of nobody that point back. */
  readonly races: Uint32Array
  /** What the filter leaves; null: there is no filter. */
  filtered: LaneIndex | null
}

/** Bytes of all open runs together, roughly; one run alone may be larger. */
const MOST_BYTES = 1.5e9
const MOST_OPEN = 24

export class Recordings {
  private readonly open = new Map<string, Recording>()
  private count = 0

  add(store: EventStore, steps: Uint32Array<ArrayBuffer> = new Uint32Array(0)): OpenedRun {
    const index = buildIndex(store)
    const recording: Recording = { store, index, races: racesOf(store), filtered: null }
    const handle = `run${++this.count}`
    this.open.set(handle, recording)
    this.trim()
    const { origin, unit, lanes, signals, starts, flows } = store
    const arrows = new Uint32Array(FLOW_KINDS.length)
    for (const kind of flows.kind) arrows[kind] = (arrows[kind] ?? 0) + 1
    return {
      handle,
      title: origin.title,
      ...(origin.scenario === undefined ? {} : { scenario: origin.scenario }),
      ...(origin.token === undefined ? {} : { token: origin.token }),
      unit,
      events: store.events.time.length,
      end: endOf(index),
      lanes: lanes.map((lane, i) => ({ ...lane, events: (starts[i + 1] ?? 0) - (starts[i] ?? 0) })),
      steps,
      arrows,
      races: recording.races.length,
      signals: signals.length,
    }
  }

  /** Errors: RUN_CLOSED. */
  get(handle: string): Result<Recording> {
    const recording = this.open.get(handle)
    if (!recording)
      return err(fault('RUN_CLOSED', 'this run is not open any more', { hint: 'show it again: it is opened anew' }))
    this.open.delete(handle) // the last one used is the last one let go of
    this.open.set(handle, recording)
    return ok(recording)
  }

  close(handle: string): void {
    this.open.delete(handle)
  }

  private trim(): void {
    const sizes = [...this.open].map(([handle, { store }]) => ({ handle, bytes: store.events.time.length * 20 + 1 }))
    let bytes = sizes.reduce((n, s) => n + s.bytes, 0)
    for (const { handle, bytes: own } of sizes.slice(0, -1)) {
      if (this.open.size <= MOST_OPEN && bytes <= MOST_BYTES) return
      this.open.delete(handle)
      bytes -= own
    }
  }
}

/** The end of what lasts longest: the top of each lane's pyramid says it. */
function endOf({ levels }: LaneIndex): number {
  let end = 0
  for (const lane of levels) for (const e of lane.at(-1)?.end ?? []) if (e > end) end = e
  return end
}
