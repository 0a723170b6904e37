/**
 * Value change dump (IEEE 1364-2005 §18): a register is a scope, a field a signal in it, and each lane an event that fires.
 * Times are nanoseconds, or steps where a run has no other time.
 */
import { laneAt, kindAt, type EventStore, type Signal } from '../events'
import { Beside, rowsInOrder } from './in-order'

/** Identifier codes are of the printable characters from ! to ~. */
export function code(n: number): string {
  let text = ''
  let rest = n
  do {
    text += String.fromCharCode(33 + (rest % 94))
    rest = Math.floor(rest / 94) - 1
  } while (rest >= 0)
  return text
}

const word = (text: string): string => text.replace(/[^\x21-\x7e]+/g, '_') || '_'

/** Bits of the largest value; all of them where it can be negative. */
function width({ lo, hi, labels }: Signal): number {
  const most = labels ? lo + labels.length - 1 : hi
  return lo < 0 || most < 0 ? 32 : Math.max(1, 32 - Math.clz32(most))
}

const value = (n: number, bits: number): string => (n >>> 0).toString(2).padStart(bits, '0').slice(-bits)

export function* vcd(store: EventStore): Generator<string> {
  const { signals, lanes, changes, events, unit, origin } = store
  yield `$comment ${origin.title.replace(/\$/g, '')}${unit === 'step' ? '; one unit of time is one step' : ''} $end\n`
  yield '$timescale 1 ns $end\n'
  yield '$scope module registers $end\n'
  const registers = new Map<string, number[]>()
  signals.forEach((s, i) => registers.set(s.register, [...(registers.get(s.register) ?? []), i]))
  for (const [register, fields] of registers) {
    yield `$scope module ${word(register)} $end\n`
    for (const i of fields) {
      const s = signals[i]
      if (!s) continue
      yield `$var reg ${width(s)} ${code(i)} ${word(s.field)} $end\n`
      if (s.labels)
        yield `$comment ${word(s.field)}: ${s.labels.map((l, v) => `${s.lo + v} = ${word(l)}`).join(', ')} $end\n`
    }
    yield '$upscope $end\n'
  }
  yield '$upscope $end\n$scope module lanes $end\n'
  for (const [i, lane] of lanes.entries()) yield `$var event 1 ${code(signals.length + i)} ${word(lane.title)} $end\n`
  yield '$upscope $end\n$enddefinitions $end\n#0\n$dumpvars\n'
  const set = (i: number, to: number): string => {
    const bits = signals[i] ? width(signals[i]) : 1
    return bits === 1 ? `${value(to, 1)}${code(i)}\n` : `b${value(to, bits)} ${code(i)}\n`
  }
  for (const [i, s] of signals.entries()) yield set(i, s.initial)
  yield '$end\n'
  const changed = new Beside(changes.event)
  let now = 0
  for (const row of rowsInOrder(store)) {
    const mine = [...changed.of(row)]
    const kind = kindAt(store, row)
    if (kind === 'missing' || (kind !== 'step' && kind !== 'span' && mine.length === 0)) continue
    const time = events.time[row] ?? 0
    if (time > now) yield `#${time}\n`
    now = time
    yield `1${code(signals.length + laneAt(store, row))}\n`
    for (const i of mine) yield set(changes.signal[i] ?? 0, changes.to[i] ?? 0)
  }
}
