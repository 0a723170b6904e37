import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomStore } from '../../../../test/support/random-store'
import { compareRows, kindAt, labelOf, laneAt, type EventStore } from '../events'
import { whatIsWrong } from '../invariants'
import { causality, relation } from '../causality'
import { synthetic } from '../synthetic'
import { ChromeReader } from './chrome-in'
import { exported } from './index'
import { rowsInOrder } from './in-order'
import { code } from './vcd'

const bytes = (store: EventStore, format: Parameters<typeof exported>[1]): Uint8Array =>
  Buffer.concat([...exported(store, format)])
const text = (store: EventStore, format: Parameters<typeof exported>[1]): string =>
  new TextDecoder().decode(bytes(store, format))

function read(input: Uint8Array | string, piece = 1 << 20): EventStore | string {
  const all = typeof input === 'string' ? new TextEncoder().encode(input) : input
  const reader = new ChromeReader('trace')
  for (let i = 0; i < all.length; i += piece) {
    const wrong = reader.push(all.subarray(i, i + piece))
    if (wrong) return wrong.code
  }
  const store = reader.done()
  if (!store.ok) return store.error.code
  expect(whatIsWrong(store.value)).toBe(null)
  return store.value
}

it('events come in the order in which they happened', () => {
  fc.assert(
    fc.property(randomStore(), (store) => {
      const naive = [...store.events.time.keys()].sort((a, b) => compareRows(store, a, b))
      expect([...rowsInOrder(store)]).toEqual(naive)
    }),
  )
})

describe('a Chrome trace', () => {
  it('is JSON that gives back the same run, however the text is cut', () => {
    fc.assert(
      fc.property(randomStore(60), fc.integer({ min: 1, max: 5000 }), (store, piece) => {
        const written = text(store, 'chrome')
        JSON.parse(written)
        const back = read(written, piece)
        if (typeof back === 'string') throw new Error(back)
        expect(text(back, 'chrome')).toBe(written)
        const facts = (s: EventStore) =>
          [...rowsInOrder(s)].map((row) => [
            laneAt(s, row),
            kindAt(s, row),
            labelOf(s, row),
            s.events.time[row],
            s.events.duration[row],
          ])
        expect(facts(back)).toEqual(facts(store))
        expect([back.flows.to.length, back.changes.to.length]).toEqual([store.flows.to.length, store.changes.to.length])
        expect(back.signals).toEqual(store.signals)
      }),
    )
  })

  it('of others is lanes by thread and depth, with their arrows', () => {
    const store = read(
      JSON.stringify([
        { ph: 'M', pid: 7, name: 'process_name', args: { name: 'kernel' } },
        { ph: 'M', pid: 7, tid: 1, name: 'thread_name', args: { name: 'irq/24' } },
        { ph: 'X', pid: 7, tid: 1, ts: 1000, dur: 10, name: 'outer' },
        { ph: 'B', pid: 7, tid: 1, ts: 1002.5, name: 'inner', args: { vector: 24 } },
        { ph: 'E', pid: 7, tid: 1, ts: 1004 },
        { ph: 's', pid: 7, tid: 1, ts: 1003, id: 'a', cat: 'wake', name: 'wakes' },
        { ph: 'f', pid: 7, tid: 2, ts: 1006, id: 'a', cat: 'wake', name: 'wakes' },
        { ph: 'X', pid: 7, tid: 2, ts: 1005, dur: 2, name: 'woken' },
        { ph: 'i', pid: 7, tid: 2, ts: 1006, name: 'tick' },
        { ph: 'C', pid: 7, ts: 1, name: 'counter', args: { n: 1 } },
      ]),
    )
    if (typeof store === 'string') throw new Error(store)
    expect(store.lanes.map((l) => [l.group, l.title])).toEqual([
      ['kernel', 'irq/24'],
      ['kernel', 'irq/24 · 1'],
      ['kernel', 'thread 2'],
    ])
    const rows = [...rowsInOrder(store)].map((row) => [
      labelOf(store, row),
      store.events.time[row],
      store.events.duration[row],
    ])
    expect(rows).toEqual([
      ['outer', 0, 10_000],
      ['inner', 2500, 1500],
      ['woken', 5000, 2000],
      ['tick', 6000, 0],
    ])
    expect(store.strings.at(store.events.args[[...rowsInOrder(store)][1]!]!)).toBe('{"vector":24}')
    expect([labelOf(store, store.flows.from[0]!), labelOf(store, store.flows.to[0]!)]).toEqual(['inner', 'woken'])
  })

  it('that is interrupted is read as far as it goes', () => {
    const store = read('[{"ph":"i","ts":1,"name":"a"},{"ph":"i","ts":2,"name":"b"},{"ph":')
    expect(typeof store === 'string' ? store : store.events.time.length).toBe(2)
  })

  it('that is hostile ends in a fault or a store that holds', () => {
    expect(read('')).toBe('TRACE_SYNTAX')
    expect(read('7')).toBe('TRACE_SYNTAX')
    expect(read('{"traceEvents":{}}')).toBe('TRACE_SYNTAX')
    expect(read('[{"ph":"X"')).not.toBe('TRACE_SYNTAX')
    expect(read('['.repeat(1000))).toBe('TRACE_SYNTAX')
    expect(read(`[{"name":"${'x'.repeat(3 << 20)}"}]`, 4096)).toBe('TRACE_TOO_LARGE')
    expect(read(`{"a":${'['.repeat(20 << 20)}`)).toBe('TRACE_TOO_LARGE')
    expect(read(Uint8Array.of(0x5b, 0xff, 0xfe))).toBe('TRACE_SYNTAX')
    const whole = bytes(synthetic({ events: 60, seed: 4 }), 'chrome')
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.constantFrom(...Buffer.from('0"[]{},:-9e\\'))), {
          minLength: 1,
          maxLength: 4,
        }),
        (edits) => {
          const damaged = Uint8Array.from(whole)
          for (const [at, value] of edits) damaged[at] = value
          const store = read(damaged)
          if (typeof store === 'string') expect(store).toMatch(/^TRACE_/)
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('a value change dump', () => {
  it('has a code for each signal, none twice', () => {
    const codes = Array.from({ length: 20_000 }, (_, i) => code(i))
    expect(new Set(codes).size).toBe(codes.length)
    expect(codes.every((c) => /^[!-~]+$/.test(c))).toBe(true)
  })

  it('read back says the same values at the same times', () => {
    fc.assert(
      fc.property(randomStore(60), (store) => {
        const dump = text(store, 'vcd')
        const seen: [number, string, number][] = []
        let now = 0
        let defined = false
        for (const line of dump.split('\n')) {
          if (line.startsWith('#')) {
            expect(Number(line.slice(1))).toBeGreaterThanOrEqual(now)
            now = Number(line.slice(1))
          }
          if (line === '$end') defined = true
          const vector = /^b([01]+) (.+)$/.exec(line)
          if (defined && vector) seen.push([now, vector[2]!, parseInt(vector[1]!, 2)])
        }
        const expected: [number, string, number][] = []
        store.changes.event.forEach((row, i) => {
          if (kindAt(store, row) !== 'missing')
            expected.push([store.events.time[row]!, code(store.changes.signal[i]!), store.changes.to[i]!])
        })
        expect(seen).toEqual(expected)
      }),
    )
  })
})

describe('a ShiViz log', () => {
  it('has clocks that order just what happens before', () => {
    fc.assert(
      fc.property(randomStore(30), (given) => {
        // What stands still or is under way is not an event there.
        const store = { ...given, events: { ...given.events, kind: given.events.kind.map((k) => k & ~15) } }
        const log = text(store, 'shiviz')
        const entries = [...log.matchAll(/(?<host>\S*) (?<clock>{.*})\n(?<event>.*)\n/g)].map((m) => ({
          host: m.groups!['host']!,
          clock: JSON.parse(m.groups!['clock']!) as Record<string, number>,
        }))
        const rows = [...rowsInOrder(store)]
        expect(entries).toHaveLength(rows.length)
        const knows = (a: (typeof entries)[0], b: (typeof entries)[0]) => (a.clock[b.host] ?? 0) >= b.clock[b.host]!
        rows.slice(0, 8).forEach((row, i) => {
          const c = causality(store, row)
          rows.forEach((other, j) => {
            const r = relation(c, row, other, laneAt(store, other))
            const [a, b] = [entries[i]!, entries[j]!]
            expect(i === j ? 'self' : knows(a, b) ? 'before' : knows(b, a) ? 'after' : 'concurrent').toBe(r)
          })
        })
      }),
    )
  })
})

it('a picture is well-formed, whatever the words in the run are', () => {
  fc.assert(
    fc.property(randomStore(60), (store) => {
      const picture = text(store, 'svg')
      expect(picture.startsWith('<svg ') && picture.endsWith('</svg>\n')).toBe(true)
      expect(picture.replace(/<[^<>]*>/g, '').includes('<')).toBe(false)
      expect(picture).not.toMatch(/NaN|Infinity|undefined/)
    }),
  )
})

it('a picture says what part of the run it shows with one decimal, wherever the view begins', () => {
  const store = fc.sample(randomStore(60), { seed: 1, numRuns: 1 })[0]!
  const picture = new TextDecoder().decode(
    Buffer.concat([...exported(store, 'svg', { from: 33.41379310344828, to: 44.05 })]),
  )
  expect(picture).toContain('>33.4–44.1 ')
})
