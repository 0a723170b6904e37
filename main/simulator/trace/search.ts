/**
 * Search in a run: blank-separated terms that must all hold. A word is looked for in what an event is called (label,
 * operation, step, source); `lane:` and `reg:` look in the lane's title and in what the event changes; `dur>500` and
 * `dur<500` bound how long it takes; `race` takes what an arrow of nobody touches. A leading `-` turns a term round.
 */
import { err, fault, ok, type Result } from '../faults'
import { FLAG, KIND_BITS, text, type EventStore } from './events'
import { u32 } from './builder'

type Test = (row: number) => boolean

export function parseSearch(store: EventStore, query: string): Result<Test> {
  const tests: Test[] = []
  for (const term of query.trim().toLowerCase().split(/\s+/).filter(Boolean)) {
    const not = term.startsWith('-') && term.length > 1
    const test = oneTerm(store, not ? term.slice(1) : term)
    if (!test.ok) return test
    tests.push(not ? (row) => !test.value(row) : test.value)
  }
  return ok((row) => tests.every((test) => test(row)))
}

function oneTerm(store: EventStore, term: string): Result<Test> {
  const [, key, value = ''] = /^(lane|reg):(.*)$/.exec(term) ?? []
  const { events, lanes } = store
  if (key === 'lane') {
    const wanted = lanes.flatMap((l, i) =>
      `${l.id}\n${l.title}\n${l.role}`.toLowerCase().includes(value)
        ? [[store.starts[i] ?? 0, store.starts[i + 1] ?? 0] as const]
        : [],
    )
    return ok((row) => wanted.some(([from, to]) => row >= from && row < to))
  }
  if (key === 'reg') return ok(changesOf(store, value))
  if (term === 'race') return ok((row) => (((events.kind[row] ?? 0) >> KIND_BITS) & FLAG.race) !== 0)
  const [, sign, number, unit = ''] = /^dur([<>]=?)(\d+(?:\.\d+)?)(ns|us|µs|ms|s)?$/.exec(term) ?? []
  if (sign !== undefined) {
    const bound = Number(number) * ({ us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 }[unit] ?? 1)
    const { duration } = events
    if (sign.startsWith('>'))
      return ok((row) => (duration[row] ?? 0) > bound || (sign === '>=' && duration[row] === bound))
    return ok((row) => (duration[row] ?? 0) < bound || (sign === '<=' && duration[row] === bound))
  }
  if (/^dur[<>=]/.test(term))
    return err(
      fault('SEARCH_SYNTAX', `“${term}” is not a bound on how long an event takes`, {
        hint: 'write dur>500 or dur<=2us',
      }),
    )
  const named = wordInNames(store, term)
  return ok((row) => named[events.name[row] ?? 0] === 1)
}

function wordInNames(store: EventStore, word: string): Uint8Array {
  const { names } = store
  const strings = new Map<number, boolean>()
  const has = (id: number | undefined): boolean => {
    if (id === undefined) return false
    let known = strings.get(id)
    if (known === undefined) strings.set(id, (known = text(store, id).toLowerCase().includes(word)))
    return known
  }
  return Uint8Array.from(names.label, (label, i) =>
    Number(has(label) || has(names.op[i]) || has(names.step[i]) || has(names.cite[i])),
  )
}

function changesOf({ changes, signals, events }: EventStore, word: string): Test {
  const wanted = signals.map((s) => `${s.register}.${s.field}`.toLowerCase().includes(word))
  const rows = new Uint8Array(events.time.length)
  for (let i = 0; i < changes.event.length; i++) if (wanted[changes.signal[i] ?? 0]) rows[changes.event[i] ?? 0] = 1
  return (row) => rows[row] === 1
}

/** Rows that pass, ascending. Yields the share that is done, now and then. */
export function* matches(store: EventStore, test: Test): Generator<number, Uint32Array<ArrayBuffer>> {
  const n = store.events.time.length
  const found = u32()
  for (let row = 0; row < n; row++) {
    if (test(row)) found.push(row)
    if ((row & 0xffff) === 0xffff) yield row / n
  }
  return found.done()
}
