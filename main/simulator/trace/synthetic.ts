/**
 * A made-up run of any length, the same for the same seed: for measuring and for tests. Lanes work in bursts with pauses,
 * some events last long, some change a register, some wake another lane.
 */
import { i32, mark, u32, u8 } from './builder'
import { flowNumber, kindNumber, NONE, type EventStore, type FlowKind, type LaneRole } from './events'
import { Interner } from './strings'

export interface SyntheticOptions {
  readonly events: number
  readonly seed: number
  readonly lanes?: number
}

const ROLES: readonly LaneRole[] = ['guest', 'vmm', 'host', 'irqchip', 'queue', 'fabric', 'device', 'interrupt']
const WORDS = [
  'submit',
  'trap',
  'write IRTE',
  'flush',
  'post',
  'arrive',
  'complete',
  'raise',
  'mask',
  'unmask',
  'read back',
]
const KINDS: readonly FlowKind[] = ['trap', 'device', 'pcie', 'software', 'nobody']

/** Numerical Recipes' 32-bit generator; good enough for a picture, and the same everywhere. */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 8
  }
}

export function synthetic({ events, seed, lanes = 24 }: SyntheticOptions): EventStore {
  const next = generator(seed)
  const strings = new Interner()
  const names = WORDS.length * 12
  const laneOf = new Uint8Array(events)
  const made = {
    time: new Float64Array(events),
    duration: new Uint32Array(events),
    kind: new Uint8Array(events),
    name: new Uint8Array(events),
  }
  const flow = { from: u32(), to: u32(), kind: u8() }
  const change = { event: u32(), signal: u8(), from: i32(), to: i32() }
  const label = Uint32Array.from({ length: names }, (_, i) =>
    strings.id(`${WORDS[i % WORDS.length]} ${Math.floor(i / WORDS.length)}`),
  )
  const why = strings.id('made up')
  const none = new Uint32Array(names).fill(NONE)
  const values = new Int32Array(16)
  const lastOf = new Int32Array(lanes).fill(-1)
  const busyUntil = new Float64Array(lanes)
  const [STEP, SPAN] = [kindNumber('step'), kindNumber('span')]
  let now = 0
  for (let i = 0; i < events; i++) {
    const r = next()
    now += (r & 0xfff) === 0 ? 5000 + (next() & 0xffff) : 1 + (r & 15)
    const lane = (next() >>> 4) % lanes
    const long = now >= (busyUntil[lane] ?? 0) && (r & 0x70) === 0
    const duration = long ? 8 + (next() & ((r & 0x3000) === 0 ? 0xffff : 0xff)) : 0
    made.time[i] = now
    laneOf[i] = lane
    made.duration[i] = duration
    made.kind[i] = long ? SPAN : STEP
    made.name[i] = (next() >>> 3) % names
    if (long) busyUntil[lane] = now + duration
    if ((r & 0x380) === 0) {
      const signal = next() & 15
      const to = next() & 0xff
      change.event.push(i)
      change.signal.push(signal)
      change.from.push(values[signal] ?? 0)
      change.to.push(to)
      values[signal] = to
    }
    const from = lastOf[(lane + 1 + (r & 3)) % lanes] ?? -1
    if ((r & 0x1c00) === 0 && from >= 0) {
      const kind = KINDS[(r >>> 14) % KINDS.length] ?? 'other'
      // Some of what nobody enforces is broken: what should have come first comes a little later.
      flow.from.push(kind === 'nobody' && (r & 1) === 1 && i + 9 < events ? i + 9 : from)
      flow.to.push(i)
      flow.kind.push(flowNumber(kind))
    }
    lastOf[lane] = i
  }
  const starts = new Uint32Array(lanes + 1)
  for (const lane of laneOf) starts[lane + 1] = (starts[lane + 1] ?? 0) + 1
  for (let l = 0; l < lanes; l++) starts[l + 1] = (starts[l + 1] ?? 0) + (starts[l] ?? 0)
  const place = starts.slice()
  const rowOf = new Uint32Array(events)
  const out = {
    time: new Float64Array(events),
    duration: new Uint32Array(events),
    kind: new Uint8Array(events),
    name: new Uint8Array(events),
  }
  for (let i = 0; i < events; i++) {
    const lane = laneOf[i] ?? 0
    const row = place[lane] ?? 0
    place[lane] = row + 1
    rowOf[i] = row
    out.time[row] = made.time[i] ?? 0
    out.duration[row] = made.duration[i] ?? 0
    out.kind[row] = made.kind[i] ?? 0
    out.name[row] = made.name[i] ?? 0
  }
  const rows = (column: Uint32Array<ArrayBuffer>) => column.map((i) => rowOf[i] ?? 0)
  const tail = flow.from.done()
  const flows = { from: rows(tail), to: rows(flow.to.done()), kind: flow.kind.done() }
  const changed = rows(change.event.done())
  mark(out.kind, out.time, flows, changed)
  return {
    unit: 'ns',
    origin: { title: `synthetic, seed ${seed}` },
    lanes: Array.from({ length: lanes }, (_, i) => {
      const role = ROLES[Math.floor((i * ROLES.length) / lanes)] ?? 'other'
      return { id: `${role}${i}`, title: `${role} ${i}`, role, group: '' }
    }),
    starts,
    signals: Array.from({ length: 16 }, (_, i) => ({
      register: `REG[${i >> 2}]`,
      field: `F${i & 3}`,
      labels: null,
      lo: 0,
      hi: 255,
      initial: 0,
    })),
    strings: strings.table(),
    names: { label, step: none, op: none, cite: none, line: new Uint32Array(names) },
    events: { ...out, args: new Uint32Array(0), order: new Uint32Array(0) },
    flows: { ...flows, why: new Uint32Array(tail.length).fill(why), byTail: inOrder(tail) },
    changes: { event: changed, signal: change.signal.done(), from: change.from.done(), to: change.to.done() },
  }
}

/** Indices in the order of whole numbers; both in one number, because that sorts ten times as quickly as comparing. */
function inOrder(numbers: Uint32Array): Uint32Array {
  const keys = Float64Array.from(numbers, (n, i) => n * numbers.length + i).sort()
  return Uint32Array.from(keys, (key) => key % numbers.length)
}
