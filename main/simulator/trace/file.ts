/**
 * The run store: a run's columns in one file, read straight into typed arrays. Little-endian, version 1:
 *
 *     0   8 bytes   "DBRUN\r\n\x1a" (a file that went through a text transfer is noticed)
 *     8   u32       version
 *     12  u32       length of the head in bytes
 *     16  head      UTF-8 JSON: { unit, origin, lanes, signals, columns: [{ name, type, length, offset }] }
 *     …   columns   each at a multiple of 8; numbers are stored as narrow as their largest allows
 *
 * A version that adds columns or keys keeps its number: unknown ones are passed over. Every value is checked when a file
 * is opened, so nothing behind has to.
 */
import { z } from 'zod'
import { err, fault, ok, type Result } from '../faults'
import { LANE_ROLES, MAX_LANES, type EventStore, type Numbers } from './events'
import { whatIsWrong } from './invariants'
import { stringTable } from './strings'

export const MAGIC = Uint8Array.of(0x44, 0x42, 0x52, 0x55, 0x4e, 0x0d, 0x0a, 0x1a)
export const VERSION = 1
const HEAD_AT = 16
export const MAX_HEAD = 16 * 1024 * 1024
const PIECE = 1 << 20

const TYPES = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, i32: Int32Array, f64: Float64Array } as const
type Type = keyof typeof TYPES

const Head = z.object({
  unit: z.enum(['step', 'ns']),
  origin: z.object({
    title: z.string(),
    scenario: z.string().optional(),
    token: z.string().optional(),
    digest: z.string().optional(),
  }),
  lanes: z
    .array(z.object({ id: z.string(), title: z.string(), role: z.enum(LANE_ROLES), group: z.string() }))
    .max(MAX_LANES),
  signals: z.array(
    z.object({
      register: z.string(),
      field: z.string(),
      labels: z.array(z.string()).nullable(),
      lo: z.number().int(),
      hi: z.number().int(),
      initial: z.number().int(),
    }),
  ),
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.enum(Object.keys(TYPES) as [Type, ...Type[]]),
      length: z.number().int().min(0),
      offset: z.number().int().min(0),
    }),
  ),
})

type Any = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array

/** All columns, by the names that they have in the file. */
function columnsOf(s: EventStore): Record<string, Any> {
  return {
    starts: s.starts,
    time: s.events.time,
    duration: s.events.duration,
    kind: s.events.kind,
    name: s.events.name,
    args: s.events.args,
    order: s.events.order,
    'name.label': s.names.label,
    'name.step': s.names.step,
    'name.op': s.names.op,
    'name.cite': s.names.cite,
    'name.line': s.names.line,
    'flow.from': s.flows.from,
    'flow.to': s.flows.to,
    'flow.kind': s.flows.kind,
    'flow.why': s.flows.why,
    'flow.byTail': s.flows.byTail,
    'change.event': s.changes.event,
    'change.signal': s.changes.signal,
    'change.from': s.changes.from,
    'change.to': s.changes.to,
    'text.bytes': s.strings.bytes,
    'text.offsets': s.strings.offsets,
  }
}

/** Those that are always read as one type; all others are kept as narrow as they were written. */
const FIXED: Partial<Record<string, Type>> = {
  starts: 'u32',
  time: 'f64',
  kind: 'u8',
  'change.from': 'i32',
  'change.to': 'i32',
  'text.bytes': 'u8',
  'text.offsets': 'u32',
}

/** The narrowest type for whole numbers ≥ 0. */
function narrowest(array: Any): Type {
  let most = 0
  for (let i = 0; i < array.length; i++) {
    const value = array[i] ?? 0
    if (value > most) most = value
  }
  return most <= 0xff ? 'u8' : most <= 0xffff ? 'u16' : most <= 0xffffffff ? 'u32' : 'f64'
}

const pad = (n: number): number => Math.ceil(n / 8) * 8

/** The file, in pieces. */
export function* writeStore(store: EventStore): Generator<Uint8Array<ArrayBuffer>> {
  const columns = Object.entries(columnsOf(store)).map(([name, array]) => ({
    name,
    array,
    type: FIXED[name] ?? narrowest(array),
  }))
  let offset = 0
  const places = columns.map(({ name, array, type }) => {
    const place = { name, type, length: array.length, offset }
    offset += pad(array.length * TYPES[type].BYTES_PER_ELEMENT)
    return place
  })
  const { unit, origin, lanes, signals } = store
  const json = new TextEncoder().encode(JSON.stringify({ unit, origin, lanes, signals, columns: places }))
  const head = new Uint8Array(pad(HEAD_AT + json.length))
  const view = new DataView(head.buffer)
  head.set(MAGIC)
  view.setUint32(8, VERSION, true)
  view.setUint32(12, json.length, true)
  head.set(json, HEAD_AT)
  yield head
  for (const { array, type } of columns) {
    const Narrow = TYPES[type]
    for (let i = 0; i < array.length; i += PIECE) {
      const piece = array.subarray(i, i + PIECE)
      const out = new Uint8Array(pad(piece.length * Narrow.BYTES_PER_ELEMENT))
      new Narrow(out.buffer, 0, piece.length).set(piece)
      yield out
    }
  }
}

/** A file, as much as reading one needs. */
export interface ByteSource {
  readonly size: number
  /** Fills `into` from `offset` on; false when the file is shorter. */
  read(offset: number, into: Uint8Array): boolean
}

export const isStore = (start: Uint8Array): boolean => MAGIC.every((byte, i) => start[i] === byte)

const damaged = (what: string) =>
  err(
    fault('RUN_STORE_DAMAGED', `the run store is damaged: ${what}`, {
      hint: 'write it again from the run that it holds',
    }),
  )

/** Errors: RUN_STORE_DAMAGED, RUN_STORE_VERSION. `tell`: the share that has been read. */
export function readStore(source: ByteSource, tell: (done: number) => void = () => undefined): Result<EventStore> {
  const start = new Uint8Array(HEAD_AT)
  if (!source.read(0, start) || !isStore(start)) return damaged('it does not begin as one')
  const view = new DataView(start.buffer)
  const version = view.getUint32(8, true)
  if (version !== VERSION)
    return err(
      fault('RUN_STORE_VERSION', `this run store is of version ${version}; version ${VERSION} is known here`, {
        hint: 'open it with a newer Doorbell',
      }),
    )
  const length = view.getUint32(12, true)
  if (length > MAX_HEAD) return damaged(`a head of ${length} bytes`)
  const bytes = new Uint8Array(length)
  if (!source.read(HEAD_AT, bytes)) return damaged('its head is cut off')
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return damaged('its head is not JSON')
  }
  const head = Head.safeParse(json)
  if (!head.success) return damaged('its head has the wrong shape')
  const base = pad(HEAD_AT + length)
  const columns = new Map<string, Any>()
  const total = head.data.columns.reduce((n, c) => n + c.length * TYPES[c.type].BYTES_PER_ELEMENT, 1)
  let read = 0
  for (const place of head.data.columns) {
    const array = readColumn(source, base, place)
    if (!array) return damaged(`column ${place.name} is cut off, or of a type that it cannot have`)
    columns.set(place.name, array)
    read += array.byteLength
    tell(read / total)
  }
  const store = assemble(head.data, columns)
  if (typeof store === 'string') return damaged(`column ${store} is missing`)
  const wrong = whatIsWrong(store)
  return wrong === null ? ok(store) : damaged(wrong)
}

type Place = z.infer<typeof Head>['columns'][number]

/** Straight into the array where it can stay as it is; otherwise widened. Null: it cannot be read. */
function readColumn(source: ByteSource, base: number, { name, type, length, offset }: Place): Any | null {
  const Narrow = TYPES[type]
  const at = base + offset
  const size = length * Narrow.BYTES_PER_ELEMENT
  const fixed = FIXED[name]
  if (at + size > source.size || ((type === 'i32') !== (fixed === 'i32') && length > 0)) return null
  const bytes = new Uint8Array(pad(size))
  // In pieces: a read of gigabytes at once is refused on some systems.
  for (let i = 0; i < size; i += PIECE * 64)
    if (!source.read(at + i, bytes.subarray(i, Math.min(size, i + PIECE * 64)))) return null
  const array = new Narrow(bytes.buffer, 0, length)
  return fixed === undefined || fixed === type ? array : TYPES[fixed].from(array)
}

/** The name of a column that is missing, or the store. */
function assemble(head: z.infer<typeof Head>, columns: ReadonlyMap<string, Any>): EventStore | string {
  let missing: string | undefined
  const numbers = (name: string): Numbers => {
    const array = columns.get(name)
    if (array && !(array instanceof Int32Array)) return array
    missing ??= name
    return new Uint8Array(0)
  }
  const exactly = <A extends Any>(name: string, Kind: new (n: number) => A): A => {
    const array = columns.get(name)
    if (array instanceof Kind) return array
    missing ??= name
    return new Kind(0)
  }
  const store: EventStore = {
    unit: head.unit,
    origin: head.origin,
    lanes: head.lanes,
    signals: head.signals,
    starts: exactly('starts', Uint32Array),
    strings: stringTable(exactly('text.bytes', Uint8Array), exactly('text.offsets', Uint32Array)),
    names: {
      label: numbers('name.label'),
      step: numbers('name.step'),
      op: numbers('name.op'),
      cite: numbers('name.cite'),
      line: numbers('name.line'),
    },
    events: {
      time: exactly('time', Float64Array),
      duration: numbers('duration'),
      kind: exactly('kind', Uint8Array),
      name: numbers('name'),
      args: numbers('args'),
      order: numbers('order'),
    },
    flows: {
      from: numbers('flow.from'),
      to: numbers('flow.to'),
      kind: numbers('flow.kind'),
      why: numbers('flow.why'),
      byTail: numbers('flow.byTail'),
    },
    changes: {
      event: numbers('change.event'),
      signal: numbers('change.signal'),
      from: exactly('change.from', Int32Array),
      to: exactly('change.to', Int32Array),
    },
  }
  return missing ?? store
}
