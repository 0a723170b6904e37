/**
 * Reads the JSON of chrome://tracing and Perfetto, in pieces. A trace that Doorbell wrote gives back its run; in any other
 * a thread is a lane, spans inside spans are lanes below it, and flow arrows join the spans that are open at their ends.
 */
import { z } from 'zod'
import { err, fault, ok, type Fault, type Result } from '../../faults'
import { f64, StoreBuilder, u32 } from '../builder'
import {
  EVENT_KINDS,
  FLOW_KINDS,
  LANE_ROLES,
  MAX_LANES,
  MAX_TIME,
  type EventKind,
  type EventStore,
  type FlowKind,
} from '../events'
import { FORMAT_VERSION } from './chrome-out'
import { JsonStream } from './json-stream'
import { Interner } from '../strings'

const MAX_EVENTS = 50_000_000
const SYNTAX_HINT = 'give JSON as chrome://tracing, Perfetto or Doorbell write it'

const Own = z.object({
  doorbell: z.object({
    version: z.literal(FORMAT_VERSION),
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
  }),
})
type OwnHead = z.infer<typeof Own>['doorbell']

type Json = Record<string, unknown>

export class ChromeReader {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true })
  private readonly stream: JsonStream
  private readonly title: string
  private readonly tracks = new Interner()
  private readonly names = new Interner()
  private readonly threads = new Map<string, string>()
  private readonly processes = new Map<string, string>()
  private readonly open = new Map<string, { name: number; ts: number; args: string | undefined }[]>()
  private readonly starts = new Map<string, { track: number; ts: number }>()
  private readonly rows = { track: u32(), ts: f64(), dur: f64(), name: u32() }
  private readonly args = new Map<number, string>()
  private readonly flows = { fromTrack: u32(), from: f64(), toTrack: u32(), to: f64(), name: u32() }
  private own: { head: OwnHead; builder: StoreBuilder; tails: Map<number, Json> } | null = null

  constructor(title: string) {
    this.title = title
    this.stream = new JsonStream({
      event: (json) => this.event(json),
      other: (key, json) => this.other(key, json),
    })
  }

  /** Null, or what is wrong. */
  push(bytes: Uint8Array): Fault | null {
    let text: string
    try {
      text = this.decoder.decode(bytes, { stream: true })
    } catch {
      return fault('TRACE_SYNTAX', 'the trace is not UTF-8 text', { hint: SYNTAX_HINT })
    }
    const wrong = this.stream.push(text)
    return wrong === null ? null : problem(wrong)
  }

  /** Errors: TRACE_SYNTAX, TRACE_TOO_LARGE. */
  done(): Result<EventStore> {
    // A list without its end is what chrome://tracing leaves when it is interrupted: it is read all the same.
    if (this.stream.at === 0) return err(problem('it is empty'))
    return this.own ? ok(this.own.builder.build()) : this.foreign()
  }

  private other(key: string, json: string): string | null {
    if (key !== 'otherData' || this.rows.ts.length > 0) return null
    const own = Own.safeParse(parse(json))
    if (!own.success) return null
    const head = own.data.doorbell
    if (new Set(head.lanes.map((l) => l.id)).size !== head.lanes.length) return 'two lanes have the same id'
    const builder = new StoreBuilder(head.unit, head.origin)
    for (const lane of head.lanes) builder.lane(lane)
    for (const signal of head.signals) builder.signal(signal)
    this.own = { head, builder, tails: new Map() }
    return null
  }

  private event(json: string): string | null {
    const e = parse(json)
    if (!isObject(e)) return 'an event is not JSON'
    if (this.rows.ts.length > MAX_EVENTS || (this.own?.builder.length ?? 0) > MAX_EVENTS)
      return `there are more than ${MAX_EVENTS} events`
    return this.own ? this.ownEvent(e, this.own) : this.foreignEvent(e)
  }

  private ownEvent(e: Json, { head, builder, tails }: NonNullable<typeof this.own>): string | null {
    const args = isObject(e['args']) ? e['args'] : {}
    const ph = e['ph']
    if (ph === 'X' || ph === 'i') {
      const scale = head.unit === 'ns' ? 1000 : 1
      const time = Math.round(number(e['ts']) * scale)
      const duration = Math.round(number(e['dur'] ?? 0) * scale)
      const lane = number(e['tid']) - 1
      const kind = EVENT_KINDS.find((k): k is EventKind => k === e['cat']) ?? 'span'
      if (!inTime(time, duration) || !head.lanes[lane]) return 'an event lies outside of time or of its lanes'
      const argument = (key: string): string => (typeof args[key] === 'string' ? args[key] : '')
      const line = number(args['line'] ?? 0)
      const name = builder.name({
        label: word(e['name']),
        step: argument('step'),
        op: argument('op'),
        cite: argument('cite'),
        line: Number.isInteger(line) && line > 0 && line < 2 ** 31 ? line : 0,
      })
      const own = e['own'] === undefined ? undefined : JSON.stringify(e['own'])
      const event = builder.event({ time, duration, lane, kind, name, args: own })
      for (const change of Array.isArray(args['raw']) ? (args['raw'] as unknown[]) : []) {
        const [signal = -1, from = 0, to = 0] = Array.isArray(change) ? change.map(number) : []
        if (!head.signals[signal] || !is32(from) || !is32(to)) return 'a change belongs to no signal'
        builder.change(event, signal, from, to)
      }
    } else if (ph === 's') tails.set(number(e['id']), e)
    else if (ph === 'f') {
      const tail = tails.get(number(e['id']))
      tails.delete(number(e['id']))
      const from = number(isObject(tail?.['args']) ? tail['args']['event'] : -1)
      const to = number(args['event'])
      const kind = FLOW_KINDS.find((k): k is FlowKind => k === e['cat']) ?? 'other'
      const isEvent = (n: number): boolean => Number.isInteger(n) && n >= 0 && n < builder.length
      if (!isEvent(from) || !isEvent(to)) return 'an arrow leads nowhere'
      builder.flow(from, to, kind, word(e['name']))
    }
    return null
  }

  private foreignEvent(e: Json): string | null {
    const ph = e['ph']
    const [pid, tid] = [word(e['pid']), word(e['tid'])]
    const track = `${pid}\0${tid}`
    const args = isObject(e['args']) && Object.keys(e['args']).length > 0 ? JSON.stringify(e['args']) : undefined
    if (ph === 'M') {
      const name = isObject(e['args']) ? word(e['args']['name']) : ''
      if (e['name'] === 'thread_name') this.threads.set(track, name)
      if (e['name'] === 'process_name') this.processes.set(pid, name)
      return null
    }
    const ts = number(e['ts'])
    if (!Number.isFinite(ts)) return ph === undefined ? 'an event has no phase' : null
    const name = this.names.id(word(e['name']))
    switch (ph) {
      case 'X':
        this.row(track, ts, Math.max(0, number(e['dur'] ?? 0)), name, args)
        break
      case 'i':
      case 'I':
      case 'R':
      case 'n':
        this.row(track, ts, 0, name, args)
        break
      case 'B': {
        const stack = this.open.get(track) ?? []
        this.open.set(track, stack)
        stack.push({ name, ts, args })
        break
      }
      case 'E': {
        const begun = this.open.get(track)?.pop()
        if (begun) this.row(track, begun.ts, Math.max(0, ts - begun.ts), begun.name, begun.args)
        break
      }
      case 's':
        this.starts.set(`${word(e['cat'])}\0${word(e['id'])}`, { track: this.tracks.id(track), ts })
        break
      case 't':
      case 'f': {
        const key = `${word(e['cat'])}\0${word(e['id'])}`
        const start = this.starts.get(key)
        const id = this.tracks.id(track)
        if (start) {
          this.flows.fromTrack.push(start.track)
          this.flows.from.push(start.ts)
          this.flows.toTrack.push(id)
          this.flows.to.push(ts)
          this.flows.name.push(name)
        }
        if (ph === 't') this.starts.set(key, { track: id, ts })
        else this.starts.delete(key)
      }
    }
    return null
  }

  private row(track: string, ts: number, dur: number, name: number, args: string | undefined): void {
    if (args !== undefined) this.args.set(this.rows.ts.length, args)
    this.rows.track.push(this.tracks.id(track))
    this.rows.ts.push(ts)
    this.rows.dur.push(dur)
    this.rows.name.push(name)
  }

  private foreign(): Result<EventStore> {
    const n = this.rows.ts.length
    const { ts, dur, track } = {
      ts: this.rows.ts.done(),
      dur: this.rows.dur.done(),
      track: this.rows.track.done(),
    }
    const tracks = this.tracks.table()
    const names = this.names.table()
    let zero = Infinity
    for (const t of ts) if (t < zero) zero = t
    const at = (t: number): number => Math.round((t - zero) * 1000)
    // A span comes before those inside it: earlier, or as early and longer.
    const order = Uint32Array.from({ length: n }, (_, i) => i).sort(
      (a, b) =>
        (track[a] ?? 0) - (track[b] ?? 0) || (ts[a] ?? 0) - (ts[b] ?? 0) || (dur[b] ?? 0) - (dur[a] ?? 0) || a - b,
    )
    const builder = new StoreBuilder('ns', { title: this.title })
    const lanes = new Map<string, number>()
    const laneOf = (t: number, depth: number): number | null => {
      const key = `${t} ${depth}`
      const known = lanes.get(key)
      if (known !== undefined) return known
      if (lanes.size + 1 >= MAX_LANES) return null
      const [pid = '', tid = ''] = tracks.at(t).split('\0')
      const thread = this.threads.get(`${pid}\0${tid}`) || `thread ${tid}`
      const lane = builder.lane({
        id: `${pid}/${tid}/${depth}`,
        title: depth === 0 ? thread : `${thread} · ${depth}`,
        role: 'other',
        group: this.processes.get(pid) || (pid === '' ? '' : `process ${pid}`),
      })
      lanes.set(key, lane)
      return lane
    }
    let ends: number[] = []
    let current = -1
    const numbers = new Uint32Array(n)
    for (const i of order) {
      const t = track[i] ?? 0
      if (t !== current) [ends, current] = [[], t]
      const time = at(ts[i] ?? 0)
      const duration = Math.round((dur[i] ?? 0) * 1000)
      while (ends.length > 0 && (ends.at(-1) ?? 0) <= time && !(time === (ends.at(-1) ?? 0) && duration === 0))
        ends.pop()
      const lane = laneOf(t, duration === 0 ? Math.max(0, ends.length - 1) : ends.length)
      if (lane === null) return err(fault('TRACE_TOO_LARGE', `the trace has more than ${MAX_LANES} lanes`))
      if (!inTime(time, duration)) return err(problem('an event lies outside of time'))
      if (duration > 0) ends.push(time + duration)
      const label = names.at(this.rows.name.at(i))
      numbers[i] = builder.event({
        time,
        duration,
        lane,
        kind: duration > 0 ? 'span' : 'step',
        name: builder.name({ label }),
        args: this.args.get(i),
      })
    }
    this.joinArrows(builder, { ts, dur, track, order, numbers }, names)
    return ok(builder.build())
  }

  /** An arrow's end belongs to the innermost span of its thread that is open there. */
  private joinArrows(
    builder: StoreBuilder,
    rows: { ts: Float64Array; dur: Float64Array; track: Uint32Array; order: Uint32Array; numbers: Uint32Array },
    names: { at(id: number): string },
  ): void {
    const { ts, dur, track, order, numbers } = rows
    const find = (t: number, time: number): number | null => {
      let low = 0
      let high = order.length
      while (low < high) {
        const middle = (low + high) >>> 1
        const i = order[middle] ?? 0
        if ((track[i] ?? 0) < t || (track[i] === t && (ts[i] ?? 0) <= time)) low = middle + 1
        else high = middle
      }
      // the spans just before: one that still runs, but not further back than is worth it
      let instant: number | null = null
      for (let k = low - 1; k >= Math.max(0, low - 64); k--) {
        const i = order[k] ?? 0
        if (track[i] !== t) break
        if ((ts[i] ?? 0) + (dur[i] ?? 0) < time) continue
        if ((dur[i] ?? 0) > 0) return numbers[i] ?? 0
        instant ??= numbers[i] ?? 0
      }
      return instant
    }
    for (let i = 0; i < this.flows.to.length; i++) {
      const from = find(this.flows.fromTrack.at(i), this.flows.from.at(i))
      const to = find(this.flows.toTrack.at(i), this.flows.to.at(i))
      if (from !== null && to !== null && from !== to) builder.flow(from, to, 'other', names.at(this.flows.name.at(i)))
    }
  }
}

const problem = (what: string): Fault =>
  /longer than|more than/.test(what)
    ? fault('TRACE_TOO_LARGE', `the trace cannot be read: ${what}`)
    : fault('TRACE_SYNTAX', `the trace cannot be read: ${what}`, { hint: SYNTAX_HINT })

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const number = (value: unknown): number => (typeof value === 'number' ? value : NaN)
const word = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
const is32 = (n: number): boolean => Number.isInteger(n) && n >= -(2 ** 31) && n < 2 ** 31
const inTime = (time: number, duration: number): boolean => time >= 0 && duration >= 0 && time + duration <= MAX_TIME
