/**
 * The timeline's words: a run is opened into the simulator's thread, and the window asks for what it draws.
 * Whatever there is much of travels as columns (main/simulator/trace says what is in them), in chunks below 1 MiB.
 */
import { z } from 'zod'

const u8 = z.instanceof(Uint8Array)
const u16 = z.instanceof(Uint16Array)
const u32 = z.instanceof(Uint32Array)
const f64 = z.instanceof(Float64Array)
const Row = z.number().int().min(0)
const time = z.number().min(-Number.MAX_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER)

export const LANE_ROLES = [
  'guest',
  'vmm',
  'host',
  'irqchip',
  'fabric',
  'device',
  'interrupt',
  'queue',
  'other',
] as const
export const EVENT_KINDS = ['step', 'span', 'stop', 'flight', 'missing'] as const
export type EventKind = (typeof EVENT_KINDS)[number]
export const FLOW_KINDS = ['program-order', 'trap', 'device', 'pcie', 'software', 'nobody', 'other'] as const
export type FlowKind = (typeof FLOW_KINDS)[number]
/** Bits of an item: it changes a register, an arrow touches it, a race does. */
export const ITEM_FLAG = { changes: 1, flow: 2, race: 4 } as const
/** "No row": of a lane in which nothing happens before, or after. */
export const NO_ROW = 0xffffffff

export const RunLane = z.object({
  id: z.string(),
  title: z.string(),
  role: z.enum(LANE_ROLES),
  /** Lanes of one group stand and fold together. */
  group: z.string(),
  events: z.number(),
})
export type RunLane = z.infer<typeof RunLane>

export const OpenedRun = z.object({
  /** Good until it is closed, the connection is gone or the simulator was restarted (RUN_CLOSED then). */
  handle: z.string(),
  title: z.string(),
  scenario: z.string().optional(),
  token: z.string().optional(),
  unit: z.enum(['step', 'ns']),
  events: z.number(),
  end: z.number(),
  lanes: z.array(RunLane),
  /** Row of each step of a scenario's run, in order; empty for what is not one. */
  steps: u32,
  /** Arrows of each kind, in the order of FLOW_KINDS. */
  arrows: u32,
  races: z.number(),
  signals: z.number(),
})
export type OpenedRun = z.infer<typeof OpenedRun>

const OnRun = z.object({ handle: z.string().max(64) })
const InView = OnRun.extend({ from: time, to: time, lanes: u16, filtered: z.boolean().default(false) })

export const RunItems = z.object({
  lane: u16,
  kind: u8,
  flags: u8,
  start: f64,
  end: f64,
  count: u32,
  name: u32,
  row: u32,
})
export type RunItems = z.infer<typeof RunItems>

export const RunArrows = z.object({
  kind: u8,
  fromRow: u32,
  toRow: u32,
  fromLane: u16,
  toLane: u16,
  from: f64,
  to: f64,
  why: u32,
  cut: z.boolean(),
})
export type RunArrows = z.infer<typeof RunArrows>

export const RunEvent = z.object({
  row: Row,
  lane: z.number(),
  kind: z.enum(EVENT_KINDS),
  label: z.string(),
  step: z.string().optional(),
  op: z.string().optional(),
  cite: z.string().optional(),
  line: z.number().optional(),
  time: z.number(),
  duration: z.number(),
  /** JSON, of an imported event. */
  args: z.string().optional(),
  changes: z.array(z.object({ register: z.string(), field: z.string(), from: z.string(), to: z.string() })),
  /** The first few arrows that touch it. */
  arrows: z.array(
    z.object({
      kind: z.enum(FLOW_KINDS),
      into: z.boolean(),
      row: Row,
      label: z.string(),
      why: z.string(),
      race: z.boolean(),
    }),
  ),
})
export type RunEvent = z.infer<typeof RunEvent>

export const EXPORT_FORMATS = ['store', 'chrome', 'vcd', 'shiviz', 'svg'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

const opening = { progress: z.object({ stage: z.string(), done: z.number(), total: z.number() }), res: OpenedRun }

export const timelineCalls = {
  /** A scenario's run, told by its steps: the simulator takes them again and records them. */
  'timeline.record': {
    req: z.object({
      name: z.string().max(4096),
      text: z.string().max(4 * 1024 * 1024),
      /** Of the view that the run was made with: a text that means something else is refused. */
      digest: z.string().max(128),
      title: z.string().max(1024),
      token: z.string().max(400).optional(),
      /** That the run was made at, where it is another than the text says. */
      scale: z.record(z.string(), z.number().int().min(1).max(64)).optional(),
      /** Step ids, each once. */
      ids: z.array(z.string().max(4096)).max(100_000),
      /** The run: indices into `ids`. */
      steps: u32,
      /** When, ns; empty: only their order is known. */
      times: f64,
    }),
    res: OpenedRun,
  },
  /** An uploaded run store or trace (JSON of chrome://tracing and Perfetto). */
  'timeline.upload': { req: z.object({ upload: z.string() }), ...opening },
  /** A run store or a trace among the workspace's runs. */
  'timeline.open': { req: z.object({ name: z.string().max(256) }), ...opening },
  'timeline.list': { req: z.object({}), res: z.object({ runs: z.array(z.string()) }) },
  /** The desktop's own file dialog (Electron only); null when the person changed their mind. */
  'timeline.openDialog': { req: z.object({}), ...opening, res: OpenedRun.nullable() },
  'timeline.close': { req: OnRun, res: z.object({}) },
  'timeline.items': {
    req: InView.extend({ resolution: z.number().positive() }),
    chunk: RunItems,
    res: z.object({ items: z.number() }),
  },
  'timeline.arrows': {
    req: OnRun.extend({ from: time, to: time, resolution: z.number().positive(), row: Row.optional() }),
    res: RunArrows,
  },
  'timeline.names': {
    req: OnRun.extend({ names: u32.refine((names) => names.length <= 4096, 'at most 4096 at once') }),
    res: z.object({ labels: z.array(z.string()) }),
  },
  /** A page of the events of a stretch of time, in the order in which they happened. */
  'timeline.events': {
    req: InView.extend({
      offset: z.number().int().min(0),
      count: z.number().int().min(0).max(512),
      /** Where does this event stand in the list? */
      find: Row.optional(),
    }),
    res: z.object({
      total: z.number(),
      place: z.number().nullable(),
      row: u32,
      lane: u16,
      kind: u8,
      flags: u8,
      time: f64,
      duration: f64,
      name: u32,
    }),
  },
  'timeline.event': { req: OnRun.extend({ row: Row }), res: RunEvent },
  /** The next or previous event of these lanes; or the one nearest to a time. Null: there is none. */
  'timeline.step': {
    req: OnRun.extend({
      lanes: u16,
      filtered: z.boolean().default(false),
      from: z.union([z.object({ row: Row, direction: z.union([z.literal(1), z.literal(-1)]) }), z.object({ time })]),
    }),
    res: z.object({ row: z.number(), lane: z.number(), time: z.number(), duration: z.number() }).nullable(),
  },
  /** Of each lane: the last row that happens before an event and the first one after it, and when those are. */
  'timeline.causality': {
    req: OnRun.extend({ row: Row }),
    res: z.object({ before: u32, after: u32, beforeTime: f64, afterTime: f64 }),
  },
  /** Keep only what matches, for whatever is asked with `filtered`; an empty query: all. Errors: SEARCH_SYNTAX. */
  'timeline.filter': {
    req: OnRun.extend({ query: z.string().max(1000) }),
    progress: z.object({ done: z.number() }),
    res: z.object({ matches: z.number(), perLane: u32 }),
  },
  /** Beside another run that is open. */
  'timeline.diff': {
    req: OnRun.extend({ other: z.string().max(64) }),
    res: z.object({ same: z.number(), onlyHere: u32, onlyThere: u32, fork: z.number().nullable() }),
  },
  'timeline.export': {
    req: OnRun.extend({ format: z.enum(EXPORT_FORMATS), from: time.optional(), to: time.optional() }),
    chunk: z.object({ bytes: u8 }),
    res: z.object({ bytes: z.number() }),
  },
} as const
