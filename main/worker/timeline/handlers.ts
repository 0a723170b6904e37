/** Answers to timeline.*: what is asked of an open run, out of its columns. */
import { err, ok, type Result } from '../../simulator/faults'
import { arrowsOf, causality } from '../../simulator/trace/causality'
import { diffRuns } from '../../simulator/trace/diff'
import {
  compareRows,
  FLOW_KINDS,
  KIND_BITS,
  KIND_MASK,
  kindAt,
  laneAt,
  NOBODY,
  NONE,
  signalWord,
  text,
  type EventStore,
} from '../../simulator/trace/events'
import { exported } from '../../simulator/trace/exports'
import { arrowsIn } from '../../simulator/trace/flows-in-view'
import { buildFiltered } from '../../simulator/trace/lane-index'
import { eventAt, neighbour, pageOf, placeOf } from '../../simulator/trace/list'
import { matches, parseSearch } from '../../simulator/trace/search'
import { itemsIn, sizeOf } from '../../simulator/trace/viewport'
import type { RunEvent, WireError } from '../../../preload/contract'
import { wireError, type Handlers } from '../../../preload/wire'
import type { workerCalls } from '../calls'
import { SLICE_MS, type Clock } from '../slices'
import { Recordings, type Recording } from './recordings'
import type { Simulator } from '../simulator'

type Names = Extract<keyof typeof workerCalls, `timeline.${string}`>
type Answer<T> = Promise<Result<T, WireError>>

const MOST_ARROWS_OF_EVENT = 24

/** Reads a run store or a trace; what touches files is given, so that all else can be used without. */
export type OpenPath = (
  path: string,
  name: string,
  clock: Clock,
  signal: AbortSignal,
  tell: (news: { stage: string; done: number; total: number }) => void,
) => Promise<Result<EventStore, WireError>>

export function timelineHandlers(
  simulator: Pick<Simulator, 'recordRun'>,
  clock: Clock,
  openPath: OpenPath,
): Handlers<Pick<typeof workerCalls, Names>> {
  const recordings = new Recordings()
  const cancelled = () => err(wireError('CANCELLED', 'cancelled'))

  const on = async <T>(handle: string, use: (r: Recording) => T | Answer<T>): Answer<T> => {
    const recording = recordings.get(handle)
    if (!recording.ok) return recording
    const answer = await use(recording.value)
    return isResult(answer) ? answer : ok(answer)
  }
  const indexOf = (r: Recording, filtered: boolean) => (filtered && r.filtered) || r.index

  return {
    'timeline.record'({ resources, ids, steps, times, digest, scale, title, token, ...scenario }) {
      const run = simulator.recordRun(scenario, resources, {
        steps: Array.from(steps, (i) => ids[i] ?? ''),
        ...(times.length > 0 ? { times: [...times] } : {}),
        digest,
        scale,
        origin: { title, scenario: scenario.name, digest, ...(token ? { token } : {}) },
      })
      return Promise.resolve(run.ok ? ok(recordings.add(run.value.store, run.value.rows)) : run)
    },
    async 'timeline.openPath'({ path, name }, { signal, progress }) {
      const store = await openPath(path, name, clock, signal, progress)
      return store.ok ? ok(recordings.add(store.value)) : store
    },
    'timeline.close'({ handle }) {
      recordings.close(handle)
      return Promise.resolve(ok({}))
    },
    'timeline.items': ({ handle, filtered, ...viewport }, { chunk, signal }) =>
      on(handle, async (r) => {
        let items = 0
        for (const batch of itemsIn(r.store, indexOf(r, filtered), viewport)) {
          items += sizeOf(batch)
          if (signal.aborted) return cancelled()
          await chunk(batch)
        }
        return ok({ items })
      }),
    'timeline.arrows': ({ handle, ...query }) => on(handle, (r) => arrowsIn(r.store, r.races, query)),
    'timeline.names': ({ handle, names }) =>
      on(handle, ({ store }) => ({ labels: Array.from(names, (n) => text(store, store.names.label[n])) })),
    'timeline.events': ({ handle, filtered, offset, count, find, ...stretch }) =>
      on(handle, (r) => {
        const { total, rows } = pageOf(r.store, indexOf(r, filtered), stretch, offset, count)
        const { time, duration, kind, name } = r.store.events
        return {
          total,
          place: find === undefined ? null : placeOf(r.store, indexOf(r, filtered), stretch, find),
          row: rows,
          lane: Uint16Array.from(rows, (row) => laneAt(r.store, row)),
          kind: Uint8Array.from(rows, (row) => (kind[row] ?? 0) & KIND_MASK),
          flags: Uint8Array.from(rows, (row) => (kind[row] ?? 0) >> KIND_BITS),
          time: Float64Array.from(rows, (row) => time[row] ?? 0),
          duration: Float64Array.from(rows, (row) => duration[row] ?? 0),
          name: Uint32Array.from(rows, (row) => name[row] ?? 0),
        }
      }),
    'timeline.event': ({ handle, row }) =>
      on(handle, ({ store }) =>
        Promise.resolve(
          row < store.events.time.length
            ? ok(eventOf(store, row))
            : err(wireError('BAD_REQUEST', `the run has no event ${row}`)),
        ),
      ),
    'timeline.step': ({ handle, lanes, filtered, from }) =>
      on(handle, ({ store, ...r }) => {
        const index = (filtered && r.filtered) || r.index
        const row =
          'time' in from
            ? eventAt(store, index, lanes, from.time)
            : neighbour(store, index, lanes, from.row, from.direction)
        if (row < 0) return null
        return {
          row,
          lane: laneAt(store, row),
          time: store.events.time[row] ?? 0,
          duration: store.events.duration[row] ?? 0,
        }
      }),
    'timeline.causality': ({ handle, row }) =>
      on(handle, ({ store }) => {
        const { before, after } = causality(store, row)
        const at = (r: number, none: number): number => (r === NONE ? none : (store.events.time[r] ?? 0))
        return {
          before,
          after,
          beforeTime: Float64Array.from(before, (r) => at(r, -1)),
          afterTime: Float64Array.from(after, (r) => at(r, Number.MAX_SAFE_INTEGER)),
        }
      }),
    'timeline.filter': ({ handle, query }, { signal, progress }) =>
      on(handle, async (r) => {
        if (query.trim() === '') {
          r.filtered = null
          return ok({ matches: r.store.events.time.length, perLane: new Uint32Array(0) })
        }
        const test = parseSearch(r.store, query)
        if (!test.ok) return test
        const found = await sliced(matches(r.store, test.value), clock, signal, (done) => progress({ done }))
        if (!found) return cancelled()
        r.filtered = buildFiltered(r.store, found)
        const { starts } = r.filtered
        return ok({
          matches: found.length,
          perLane: Uint32Array.from(r.store.lanes, (_, i) => (starts[i + 1] ?? 0) - (starts[i] ?? 0)),
        })
      }),
    'timeline.diff': ({ handle, other }) =>
      on(handle, ({ store }) =>
        on(other, (there) => {
          const { left, onlyLeft, onlyRight, fork } = diffRuns(store, there.store)
          return { same: left.length, onlyHere: onlyLeft, onlyThere: onlyRight, fork: fork[0] < 0 ? null : fork[0] }
        }),
      ),
    'timeline.export': ({ handle, format, from, to }, { chunk, signal }) =>
      on(handle, async ({ store }) => {
        let bytes = 0
        for (const piece of exported(store, format, { from, to })) {
          bytes += piece.length
          if (signal.aborted || !(await chunk({ bytes: piece }))) return cancelled()
          await clock.turn()
        }
        return ok({ bytes })
      }),
  }
}

const isResult = <T>(answer: T | Result<T, WireError>): answer is Result<T, WireError> =>
  typeof answer === 'object' && answer !== null && 'ok' in answer

/** A long loop in slices; null when it was cancelled. */
async function sliced<T>(
  work: Generator<number, T>,
  clock: Clock,
  signal: AbortSignal,
  tell: (done: number) => void,
): Promise<T | null> {
  let sliceEnd = clock.now() + SLICE_MS
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    if (clock.now() < sliceEnd) continue
    tell(step.value)
    await clock.turn()
    if (signal.aborted) return null
    sliceEnd = clock.now() + SLICE_MS
  }
}

function eventOf(store: EventStore, row: number): RunEvent {
  const { names, events, flows, changes, signals } = store
  const name = events.name[row] ?? 0
  const label = (r: number): string => text(store, names.label[events.name[r] ?? 0])
  const optional = (key: 'step' | 'op' | 'cite'): Partial<RunEvent> => {
    const value = text(store, names[key][name])
    return value === '' ? {} : { [key]: value }
  }
  const line = names.line[name] ?? 0
  const args = text(store, events.args[row])
  const event: RunEvent = {
    row,
    lane: laneAt(store, row),
    kind: kindAt(store, row),
    label: label(row),
    ...optional('step'),
    ...optional('op'),
    ...optional('cite'),
    ...(line > 0 ? { line } : {}),
    time: events.time[row] ?? 0,
    duration: events.duration[row] ?? 0,
    ...(args === '' ? {} : { args }),
    changes: [],
    arrows: arrowsOf(store, row)
      .slice(0, MOST_ARROWS_OF_EVENT)
      .map((i) => {
        const [from, to] = [flows.from[i] ?? 0, flows.to[i] ?? 0]
        const into = to === row
        return {
          kind: FLOW_KINDS[flows.kind[i] ?? 0] ?? 'other',
          into,
          row: into ? from : to,
          label: label(into ? from : to),
          why: text(store, flows.why[i]),
          race: flows.kind[i] === NOBODY && compareRows(store, from, to) > 0,
        }
      }),
  }
  for (let i = firstChange(store, row); i < changes.event.length && changes.event[i] === row; i++) {
    const signal = signals[changes.signal[i] ?? 0]
    if (!signal) continue
    const { register, field } = signal
    event.changes.push({
      register,
      field,
      from: signalWord(signal, changes.from[i] ?? 0),
      to: signalWord(signal, changes.to[i] ?? 0),
    })
  }
  return event
}

function firstChange(store: EventStore, row: number): number {
  const { event } = store.changes
  let low = 0
  let high = event.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareRows(store, event[middle] ?? 0, row) < 0) low = middle + 1
    else high = middle
  }
  return low
}
