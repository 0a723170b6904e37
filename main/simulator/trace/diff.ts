/**
 * Two runs beside each other: the n-th time that an agent does a step in one run is the n-th time in the other. What has
 * no partner happened in one run only; where partners change places, the runs took another order.
 */
import { u32 } from './builder'
import { compareRows, kindAt, laneAt, text, type EventStore } from './events'

export interface RunDiff {
  /** Partners, in the order of the first run's rows. */
  readonly left: Uint32Array<ArrayBuffer>
  readonly right: Uint32Array<ArrayBuffer>
  readonly onlyLeft: Uint32Array<ArrayBuffer>
  readonly onlyRight: Uint32Array<ArrayBuffer>
  /** First row of each run that does not stand beside its partner; −1: the runs are the same as far as both go. */
  readonly fork: readonly [number, number]
}

export function diffRuns(a: EventStore, b: EventStore): RunDiff {
  const places = new Map<string, number[]>()
  const keysB = keys(b)
  for (let row = 0; row < b.events.time.length; row++) {
    if (kindAt(b, row) === 'missing') continue
    const key = keysB(row)
    const list = places.get(key)
    if (list) list.push(row)
    else places.set(key, [row])
  }
  const seen = new Map<string, number>()
  const keysA = keys(a)
  const taken = new Uint8Array(b.events.time.length)
  const [left, right, onlyLeft, onlyRight] = [u32(), u32(), u32(), u32()]
  for (let row = 0; row < a.events.time.length; row++) {
    if (kindAt(a, row) === 'missing') continue
    const key = keysA(row)
    const nth = seen.get(key) ?? 0
    seen.set(key, nth + 1)
    const partner = places.get(key)?.[nth]
    if (partner === undefined) onlyLeft.push(row)
    else {
      left.push(row)
      right.push(partner)
      taken[partner] = 1
    }
  }
  for (let row = 0; row < taken.length; row++) if (taken[row] === 0 && kindAt(b, row) !== 'missing') onlyRight.push(row)
  return {
    left: left.done(),
    right: right.done(),
    onlyLeft: onlyLeft.done(),
    onlyRight: onlyRight.done(),
    fork: fork(a, b, keysA, keysB),
  }
}

function fork(
  a: EventStore,
  b: EventStore,
  ka: (row: number) => string,
  kb: (row: number) => string,
): [number, number] {
  const steps = (s: EventStore): number[] =>
    [...s.events.time.keys()]
      .filter((row) => kindAt(s, row) === 'step' || kindAt(s, row) === 'span')
      .sort((x, y) => compareRows(s, x, y))
  const [sa, sb] = [steps(a), steps(b)]
  for (let i = 0; i < Math.max(sa.length, sb.length); i++) {
    const [ra, rb] = [sa[i], sb[i]]
    if (ra === undefined || rb === undefined) return [ra ?? -1, rb ?? -1]
    if (ka(ra) !== kb(rb)) return [ra, rb]
  }
  return [-1, -1]
}

/** By words, not by numbers: each store has its own. */
function keys(store: EventStore): (row: number) => string {
  const { events, lanes, names } = store
  const words = new Map<number, string>()
  return (row) => {
    const name = events.name[row] ?? 0
    let word = words.get(name)
    if (word === undefined) {
      word = `${text(store, names.step[name])}\0${text(store, names.label[name])}`
      words.set(name, word)
    }
    return `${lanes[laneAt(store, row)]?.id}\0${kindAt(store, row)}\0${word}`
  }
}
