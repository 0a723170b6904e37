import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomStore } from '../../../test/support/random-store'
import { causality, relation, vectorClocks } from './causality'
import { diffRuns } from './diff'
import { compareRows, kindAt, KIND_BITS, laneAt, NOBODY, type EventStore } from './events'
import { MAGIC, readStore, writeStore, type ByteSource } from './file'
import { whatIsWrong } from './invariants'
import { buildFiltered, buildIndex, LaneRows } from './lane-index'
import { eventAt, neighbour, pageOf, placeOf } from './list'
import { matches, parseSearch } from './search'
import { synthetic } from './synthetic'
import { itemsIn, MOST_LONG, MOST_RUNNING, type Items } from './viewport'

const bytesOf = (store: EventStore): Uint8Array => Buffer.concat([...writeStore(store)])
const sourceOf = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read(offset, into) {
    if (offset + into.length > bytes.length) return false
    into.set(bytes.subarray(offset, offset + into.length))
    return true
  },
})
/** As plain lists: the width of a column is not part of what it says. */
const plain = ({ strings, ...rest }: EventStore) => ({
  ...(JSON.parse(
    JSON.stringify(rest, (_, v: unknown) => (ArrayBuffer.isView(v) ? [...(v as Uint8Array)] : v)),
  ) as object),
  strings: Array.from({ length: strings.length }, (_, i) => strings.at(i)),
})
const take = <T>(generator: Generator<unknown, T>): T => {
  for (;;) {
    const step = generator.next()
    if (step.done) return step.value
  }
}

describe('a run store', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(randomStore(), (store) => {
        expect(whatIsWrong(store)).toBe(null)
        const back = readStore(sourceOf(bytesOf(store)))
        expect(back.ok && plain(back.value)).toEqual(plain(store))
      }),
    )
  })

  it('is written the same twice, and narrow', () => {
    const store = synthetic({ events: 5000, seed: 3 })
    const bytes = bytesOf(store)
    expect(bytesOf(synthetic({ events: 5000, seed: 3 }))).toEqual(bytes)
    expect(bytes.length).toBeLessThan(5000 * 20)
  })

  it('refuses what is cut off, and any damage gives a store that holds or a fault, never an exception', () => {
    const whole = bytesOf(synthetic({ events: 300, seed: 1 }))
    fc.assert(
      fc.property(fc.nat(whole.length - 9), (length) => {
        expect(readStore(sourceOf(whole.subarray(0, length))).ok).toBe(false)
      }),
    )
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        (edits) => {
          const bytes = Uint8Array.from(whole)
          for (const [at, value] of edits) bytes[at] = value
          const read = readStore(sourceOf(bytes))
          if (read.ok) expect(whatIsWrong(read.value)).toBe(null)
          else expect(read.error.code).toMatch(/^RUN_STORE_/)
        },
      ),
      { numRuns: 400 },
    )
  })

  it('says which version it would need', () => {
    const bytes = Uint8Array.from(bytesOf(synthetic({ events: 3, seed: 1 })))
    bytes[MAGIC.length] = 9
    const read = readStore(sourceOf(bytes))
    expect(read.ok ? '' : read.error.code).toBe('RUN_STORE_VERSION')
  })
})

/** The same by looking at every event. */
function naiveItems(store: EventStore, from: number, to: number, resolution: number) {
  const { time, duration, kind } = store.events
  const flags = kind.map((k) => k >> KIND_BITS)
  const out: [number, number, number, number, number][] = []
  const first = Math.floor(from / resolution) * resolution
  for (let l = 0; l < store.lanes.length; l++) {
    const mine = [...time.keys()].filter((row) => laneAt(store, row) === l)
    const end = (row: number) => time[row]! + duration[row]!
    for (const row of mine.filter((r) => time[r]! < first && end(r) > from).slice(0, MOST_RUNNING))
      out.push([l, row, 1, end(row), flags[row]!])
    const buckets = new Map<number, number[]>()
    for (const row of mine.filter((r) => time[r]! >= first)) {
      const b = Math.floor(time[row]! / resolution)
      if (b > Math.ceil(to / resolution)) continue
      const list = buckets.get(b) ?? []
      list.push(row)
      buckets.set(b, list)
    }
    for (const rows of buckets.values()) {
      const long = rows.length === 1 ? rows : rows.filter((r) => duration[r]! >= resolution).slice(0, MOST_LONG)
      const others = rows.filter((r) => !long.includes(r))
      const [one] = others
      if (one !== undefined) {
        const all = rows.reduce((f, r) => f | flags[r]!, 0)
        const last = long.length === 0 ? Math.max(...others.map(end)) : time[rows.at(-1)!]!
        if (others.length === 1) out.push([l, one, 1, end(one), flags[one]!])
        else out.push([l, one, others.length, last, all])
      }
      for (const row of long) out.push([l, row, 1, end(row), flags[row]!])
    }
  }
  return out
}

const listed = (batches: Iterable<Items>) =>
  [...batches].flatMap((b) => [...b.row].map((row, i) => [b.lane[i]!, row, b.count[i]!, b.end[i]!, b.flags[i]!]))

describe('the level-of-detail index', () => {
  const views = fc.record({
    from: fc.nat(5000),
    width: fc.integer({ min: 1, max: 20000 }),
    resolution: fc.constantFrom(0.25, 1, 2, 8, 64, 1024, 65536),
  })

  it('shows the same as looking at every event', () => {
    fc.assert(
      fc.property(randomStore(300), views, (store, { from, width, resolution }) => {
        const viewport = { from, to: from + width, resolution, lanes: store.lanes.map((_, i) => i) }
        expect(listed(itemsIn(store, buildIndex(store), viewport))).toEqual(
          naiveItems(store, from, from + width, resolution),
        )
      }),
      { numRuns: 300 },
    )
  })

  it('shows the same of a long run, over several levels and chunks', () => {
    const store = synthetic({ events: 30_000, seed: 7, lanes: 3 })
    const index = buildIndex(store)
    const end = Math.max(...store.events.time)
    for (const resolution of [1, 16, 4096, 2 ** 20]) {
      const viewport = { from: end / 3, to: (2 * end) / 3, resolution, lanes: [0, 1, 2] }
      expect(listed(itemsIn(store, index, viewport))).toEqual(naiveItems(store, viewport.from, viewport.to, resolution))
    }
  })

  it('counts each event once, whatever the zoom', () => {
    const store = synthetic({ events: 20_000, seed: 5 })
    const index = buildIndex(store)
    for (const resolution of [1, 100, 1e5, 1e9]) {
      const viewport = { from: 0, to: 1e12, resolution, lanes: store.lanes.map((_, i) => i) }
      const counted = [...itemsIn(store, index, viewport)].flatMap((b) => [...b.count]).reduce((a, b) => a + b, 0)
      expect(counted).toBe(20_000)
    }
  })

  it('finds in each lane the first row that is not before a time', () => {
    fc.assert(
      fc.property(randomStore(), fc.nat(6000), fc.nat(20), (store, time, from) => {
        const index = buildIndex(store)
        store.lanes.forEach((_, lane) => {
          const rows = new LaneRows(index, lane)
          const start = Math.min(from, rows.length)
          const naive = [...rows.time].findIndex((at, i) => i >= start && at >= time)
          expect(rows.seek(time, start)).toBe(naive < 0 ? rows.length : naive)
        })
      }),
    )
  })

  it('over the rows that a filter leaves is that of a run with only those', () => {
    fc.assert(
      fc.property(randomStore(200), (store) => {
        const only = Uint32Array.from([...store.events.time.keys()].filter((row) => row % 3 === 1))
        const index = buildFiltered(store, only)
        const viewport = { from: 0, to: 1e6, resolution: 0.5, lanes: store.lanes.map((_, i) => i) }
        const shown = listed(itemsIn(store, index, viewport))
        expect(shown.reduce((n, [, , count]) => n + count!, 0)).toBe(only.length)
      }),
    )
  })
})

describe('the list', () => {
  const stretches = fc.record({ from: fc.nat(3000), width: fc.nat(6000), offset: fc.nat(60), count: fc.nat(40) })
  const inOrder = (store: EventStore) => [...store.events.time.keys()].sort((a, b) => compareRows(store, a, b))

  it('has the events of a stretch in the order in which they happened, any page of them, and knows their places', () => {
    fc.assert(
      fc.property(randomStore(), stretches, (store, { from, width, offset, count }) => {
        const lanes = store.lanes.map((_, i) => i).filter((i) => i !== 1)
        const stretch = { from, to: from + width, lanes }
        const index = buildIndex(store)
        const naive = inOrder(store).filter(
          (r) =>
            lanes.includes(laneAt(store, r)) && store.events.time[r]! >= from && store.events.time[r]! < from + width,
        )
        const page = pageOf(store, index, stretch, offset, count)
        expect(page.total).toBe(naive.length)
        expect([...page.rows]).toEqual(naive.slice(offset, offset + count))
        for (const row of page.rows) expect(placeOf(store, index, stretch, row)).toBe(naive.indexOf(row))
      }),
    )
  })

  it('goes to the next and the previous event, and to the one at a time', () => {
    fc.assert(
      fc.property(randomStore(60), fc.nat(), fc.nat(4000), (store, pick, time) => {
        const all = inOrder(store)
        const lanes = store.lanes.map((_, i) => i)
        const index = buildIndex(store)
        expect(eventAt(store, index, lanes, time)).toBe(
          all.find((r) => store.events.time[r]! >= time) ?? all.at(-1) ?? -1,
        )
        const at = all.length > 0 ? pick % all.length : 0
        if (all.length === 0) return
        expect(neighbour(store, index, lanes, all[at]!, 1)).toBe(all[at + 1] ?? -1)
        expect(neighbour(store, index, lanes, all[at]!, -1)).toBe(all[at - 1] ?? -1)
      }),
    )
  })
})

describe('causality', () => {
  /** Reachability over program order and the arrows that somebody enforces. */
  function reaches(store: EventStore, from: number, to: number): boolean {
    const seen = new Set([from])
    const queue = [from]
    for (let row = queue.pop(); row !== undefined; row = queue.pop()) {
      if (row === to) return true
      const next: number[] = []
      if (laneAt(store, row + 1) === laneAt(store, row) && row + 1 < store.events.time.length) next.push(row + 1)
      store.flows.from.forEach((f, i) => {
        const t = store.flows.to[i]!
        if (f === row && compareRows(store, f, t) < 0 && store.flows.kind[i] !== NOBODY) next.push(t)
      })
      for (const r of next)
        if (!seen.has(r)) {
          seen.add(r)
          queue.push(r)
        }
    }
    return false
  }

  it('is that of reachability, and of vector clocks', () => {
    fc.assert(
      fc.property(randomStore(30), fc.nat(), (store, pick) => {
        const n = store.events.time.length
        if (n === 0) return
        const row = pick % n
        const c = causality(store, row)
        const clocks = vectorClocks(store)
        const width = store.lanes.length
        const own = (r: number) => clocks[r * width + laneAt(store, r)]!
        const knows = (r: number, of: number) => clocks[r * width + laneAt(store, of)]! >= own(of)
        for (let other = 0; other < n; other++) {
          const naive =
            other === row
              ? 'self'
              : reaches(store, other, row)
                ? 'before'
                : reaches(store, row, other)
                  ? 'after'
                  : 'concurrent'
          expect(relation(c, row, other, laneAt(store, other))).toBe(naive)
          const clock =
            other === row ? 'self' : knows(row, other) ? 'before' : knows(other, row) ? 'after' : 'concurrent'
          expect(clock).toBe(naive)
        }
      }),
      { numRuns: 150 },
    )
  })
})

describe('search', () => {
  const store = synthetic({ events: 4000, seed: 2 })
  const rows = (query: string): Uint32Array => {
    const test = parseSearch(store, query)
    if (!test.ok) throw new Error(test.error.message)
    return take(matches(store, test.value))
  }

  it('takes rows where all terms hold', () => {
    const flush = rows('flush')
    expect(flush.length).toBeGreaterThan(100)
    const long = rows('dur>=100')
    expect(long.length).toBeGreaterThan(0)
    expect([...rows('flush dur>=100')]).toEqual([...flush].filter((r) => long.includes(r)))
    expect(rows('lane:guest').every((r) => store.lanes[laneAt(store, r)]!.role === 'guest')).toBe(true)
    expect(rows('reg:REG[0]').length).toBeGreaterThan(0)
    expect(rows('race').length).toBeGreaterThan(0)
    expect(rows('-flush').length + flush.length).toBe(4000)
    expect(rows('').length).toBe(4000)
  })

  it('says what is wrong with a bound', () => {
    const test = parseSearch(store, 'dur>soon')
    expect(test.ok ? '' : test.error.code).toBe('SEARCH_SYNTAX')
  })
})

describe('the difference of two runs', () => {
  it('is none with itself', () => {
    fc.assert(
      fc.property(randomStore(), (store) => {
        const d = diffRuns(store, store)
        expect([...d.onlyLeft, ...d.onlyRight, ...d.fork]).toEqual([-1, -1])
        expect([...d.left]).toEqual([...d.right])
      }),
    )
  })

  it('leaves nobody without a partner or a place', () => {
    fc.assert(
      fc.property(randomStore(40), randomStore(40), (a, b) => {
        const d = diffRuns(a, b)
        const real = (s: EventStore) => [...s.events.time.keys()].filter((row) => kindAt(s, row) !== 'missing').length
        expect(d.left.length + d.onlyLeft.length).toBe(real(a))
        expect(d.right.length + d.onlyRight.length).toBe(real(b))
      }),
    )
  })
})
