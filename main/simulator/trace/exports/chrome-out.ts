/**
 * The JSON of chrome://tracing and Perfetto ("Trace Event Format", Google, 2016): complete events (X), instants (i), flow
 * arrows (s, f), names of threads (M). What the format has no place for stands under `otherData.doorbell` and in `args`,
 * so that reading it back gives the same run. Times are microseconds there; a step of a run without time is one of them.
 */
import { FLOW_KINDS, kindAt, laneAt, signalWord, text, type EventStore } from '../events'
import { Beside, rowsInOrder } from './in-order'

export const FORMAT_VERSION = 1

export function* chromeTrace(store: EventStore): Generator<string> {
  const { unit, origin, lanes, signals, flows, changes, names, events } = store
  const head = { version: FORMAT_VERSION, unit, origin, lanes, signals }
  const divide = unit === 'ns' ? 1000 : 1
  const at = (row: number): number => (events.time[row] ?? 0) / divide
  yield `{"displayTimeUnit":"ns","otherData":{"doorbell":${JSON.stringify(head)}},"traceEvents":[\n`
  yield JSON.stringify({ ph: 'M', pid: 1, name: 'process_name', args: { name: origin.title } })
  for (const [i, lane] of lanes.entries()) {
    const common = { ph: 'M', pid: 1, tid: i + 1 }
    yield `,\n${JSON.stringify({ ...common, name: 'thread_name', args: { name: lane.title } })}`
    yield `,\n${JSON.stringify({ ...common, name: 'thread_sort_index', args: { sort_index: i } })}`
  }
  const numbers = new Uint32Array(events.time.length)
  const changed = new Beside(changes.event)
  let number = 0
  for (const row of rowsInOrder(store)) {
    numbers[row] = number++
    const name = events.name[row] ?? 0
    const duration = events.duration[row] ?? 0
    const args: Record<string, unknown> = {}
    for (const key of ['step', 'op', 'cite'] as const) {
      const value = text(store, names[key][name])
      if (value !== '') args[key] = value
    }
    const line = names.line[name] ?? 0
    if (line > 0) args['line'] = line
    const raw: number[][] = []
    const words: Record<string, string> = {}
    for (const i of changed.of(row)) {
      const [signal, from, to] = [changes.signal[i] ?? 0, changes.from[i] ?? 0, changes.to[i] ?? 0]
      const s = signals[signal]
      raw.push([signal, from, to])
      if (s) words[`${s.register}.${s.field}`] = `${signalWord(s, from)} → ${signalWord(s, to)}`
    }
    if (raw.length > 0) Object.assign(args, { changes: words, raw })
    const own = text(store, events.args[row])
    yield `,\n${JSON.stringify({
      ph: duration > 0 ? 'X' : 'i',
      name: text(store, names.label[name]),
      cat: kindAt(store, row),
      pid: 1,
      tid: laneAt(store, row) + 1,
      ts: at(row),
      ...(duration > 0 ? { dur: duration / divide } : { s: 't' }),
      args,
    }).slice(0, -1)}${own === '' ? '' : `,"own":${own}`}}`
  }
  for (let i = 0; i < flows.to.length; i++) {
    const [from, to] = [flows.from[i] ?? 0, flows.to[i] ?? 0]
    const common = { cat: FLOW_KINDS[flows.kind[i] ?? 0], name: text(store, flows.why[i]), id: i + 1, pid: 1 }
    const end = (ph: 's' | 'f', row: number) =>
      JSON.stringify({
        ph,
        ...common,
        tid: laneAt(store, row) + 1,
        ts: at(row),
        ...(ph === 'f' ? { bp: 'e' } : {}),
        args: { event: numbers[row] },
      })
    yield `,\n${end('s', from)},\n${end('f', to)}`
  }
  yield '\n]}\n'
}
