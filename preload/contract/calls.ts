/**
 * The contract between window and host: every call, stream of progress and event, with the shape of both directions.
 * Both ends validate against these schemas; both ends are typed from them.
 *
 * A call has a request and a response; where it has `progress`, the host sends any number of those before the response,
 * and the caller may cancel (the response is then an error CANCELLED, unless the schema says otherwise).
 */
import { z } from 'zod'
import { Platform } from '../../main/simulator/platform/schema'
import { boardCalls } from './board'
import { documentCalls, documentEvents } from './documents'
import { explainCalls } from './explain'
import { planCalls } from './plan'
import { CheckResult, ScenarioSummary } from './scenario'
import { WindowOptions, WindowProgress, WindowResult } from './window'
import { timelineCalls } from './timeline'
import {
  BesideResult,
  Coverage,
  ExploreOptions,
  ExploreProgress,
  ExploreResult,
  Repair,
  RepairOptions,
  RepairProgress,
  RepairResult,
  RunResult,
  Smallest,
  StepResult,
} from './results'

/** A scenario's text, with the platform file it names already read by the host (or a platform that was imported). */
export const ScenarioInput = z.object({
  /** For messages and results: the id or file name. */
  name: z.string().max(4096),
  text: z.string().max(4 * 1024 * 1024),
})

/** What a scenario that declares it can be scaled by. */
const Scale = z.record(z.string(), z.number().int().min(1).max(64))

/** Ids of a register table and its row, the register's name there, and a field of it where not the whole is meant. */
export const Poke = z.object({
  table: z.string().max(400),
  row: z.string().max(400),
  register: z.string().max(400),
  field: z.string().max(400).optional(),
  /** 0x2a, 42 or 0b101010. */
  value: z.string().max(200),
})
export type Poke = z.infer<typeof Poke>

export const Uploaded = z.object({ upload: z.string() })

export const WorkerState = z.object({
  state: z.enum(['starting', 'ready', 'busy', 'restarting', 'failed']),
  /** How often it had to be restarted. */
  restarts: z.number(),
  /** For a person, when something happened. */
  message: z.string().optional(),
})
export type WorkerState = z.infer<typeof WorkerState>

export const calls = {
  'app.info': {
    req: z.object({}),
    res: z.object({ version: z.string(), host: z.enum(['electron', 'served']), worker: WorkerState }),
  },
  /** Built-in scenarios. */
  'scenario.list': { req: z.object({}), res: z.object({ scenarios: z.array(ScenarioSummary) }) },
  /** For completion and hover: of any scenario, or with the operations of this one's blocks (`own`), where it can be read. */
  'scenario.schema': {
    req: z.object({ text: z.string().optional() }),
    res: z.object({ schema: z.record(z.string(), z.unknown()), own: z.boolean() }),
  },
  'scenario.read': { req: z.object({ id: z.string() }), res: z.object({ id: z.string(), text: z.string() }) },
  /** `scale`: other than the text says. */
  'scenario.check': { req: ScenarioInput.extend({ scale: Scale.optional() }), res: CheckResult },
  /** Put a virtual device under a function of a platform: returns the text with only those lines changed, comments kept. */
  'scenario.place': {
    req: ScenarioInput.extend({
      device: z.string(),
      under: z.string(),
      /** `{ builtin: id }`, or `{ imported: name }` of a platform imported before. Absent: keep the scenario's. */
      platform: z.union([z.object({ builtin: z.string() }), z.object({ imported: z.string() })]).optional(),
    }),
    res: z.object({ text: z.string() }),
  },
  /** Write a repair into the text: edges as `orderings`, moves as another order of the program's own lines; comments kept. */
  'scenario.order': {
    req: ScenarioInput.extend({ repair: Repair.pick({ edges: true, moves: true }) }),
    res: z.object({ text: z.string() }),
  },
  'explore.start': {
    req: ScenarioInput.extend({ options: ExploreOptions.default({}) }),
    progress: ExploreProgress,
    res: ExploreResult,
  },
  /** What an exploration with these options exercises: it is done again for it. */
  'explore.coverage': {
    req: ScenarioInput.extend({ options: ExploreOptions.default({}) }),
    progress: ExploreProgress,
    res: Coverage,
  },
  /** Of each violated property, the smallest instance that still fails; a cancel is answered with what was found so far. */
  'explore.smallest': {
    req: ScenarioInput.extend({ options: ExploreOptions.default({}) }),
    progress: ExploreProgress,
    res: z.object({ smallest: z.array(z.object({ property: z.string(), instance: Smallest })) }),
  },
  /** What a run, told by its steps, becomes once a repair is in the text. */
  'explore.beside': {
    req: ScenarioInput.extend({
      steps: z.array(z.string().max(4096)).max(10000),
      repair: Repair.pick({ edges: true, moves: true }),
      scale: Scale.optional(),
    }),
    res: BesideResult,
  },
  /** Every weakest repair, each proved; a cancel is answered with those found so far. */
  'repair.start': {
    req: ScenarioInput.extend({ options: RepairOptions.default({}) }),
    progress: RepairProgress,
    res: RepairResult,
  },
  /** Monte Carlo over latencies; a cancel is answered with what the runs so far say. */
  'window.start': {
    req: ScenarioInput.extend({ options: WindowOptions.default({ runs: 100_000, seed: 1 }) }),
    progress: WindowProgress,
    res: WindowResult,
  },
  'run.seed': {
    req: ScenarioInput.extend({ seed: z.number().int().min(0).max(0xffffffff), scale: Scale.optional() }),
    res: RunResult,
  },
  'run.replay': { req: ScenarioInput.extend({ token: z.string().max(400) }), res: RunResult },
  /** The run reached by these choices (index into `enabled` at each state), and what is enabled there. */
  /** Write a register by hand behind a run: the text with the write as a step of the model, and the run with it. */
  'step.poke': {
    req: ScenarioInput.extend({
      /** Ids of the steps that were taken before it. */
      steps: z.array(z.string().max(400)).max(10000),
      poke: Poke,
    }),
    res: z.object({
      text: z.string(),
      /** `Write dev.IMS0 = 0x3008`: what undo calls it. */
      mark: z.string(),
      /** Of the run with the write as its last step, for `step.at` of the new text. */
      choices: z.array(z.number()),
    }),
  },
  'step.at': { req: ScenarioInput.extend({ choices: z.array(z.number().int().min(0)).max(10000) }), res: StepResult },

  /** Platforms: built in, and imported in this workspace. */
  'platform.list': {
    req: z.object({}),
    res: z.object({ builtin: z.array(z.object({ id: z.string(), title: z.string() })), imported: z.array(z.string()) }),
  },
  'platform.read': {
    req: z.union([z.object({ builtin: z.string() }), z.object({ imported: z.string() })]),
    res: z.object({ platform: Platform }),
  },
  /** A file sent by the window in pieces of at most 1 MiB; each acknowledged piece is the credit for another. */
  'upload.begin': { req: z.object({ name: z.string().max(1024), size: z.number().int().min(0) }), res: Uploaded },
  'upload.piece': {
    req: z.object({ upload: z.string(), offset: z.number().int().min(0), bytes: z.instanceof(Uint8Array) }),
    res: z.object({ received: z.number() }),
  },
  'upload.drop': { req: Uploaded, res: z.object({}) },
  /** Import an uploaded capture; it is kept in the workspace under the returned name. */
  'platform.import': {
    req: Uploaded,
    progress: z.object({ stage: z.string(), done: z.number(), total: z.number() }),
    res: z.object({ imported: z.string(), kind: z.string(), platform: Platform }),
  },
  /** An uploaded listing, boot log or capture: what it says that a kernel did is kept beside an imported platform, to check with. */
  'platform.observe': {
    req: Uploaded.extend({ imported: z.string().max(256) }),
    res: z.object({ groups: z.number().int() }),
  },
  /** The desktop's own file dialog (Electron only); null when the person changed their mind. */
  'platform.importDialog': {
    req: z.object({}),
    res: z.object({ imported: z.string(), kind: z.string(), platform: Platform }).nullable(),
  },

  ...planCalls,
  ...boardCalls,
  ...explainCalls,
  ...timelineCalls,

  ...documentCalls,
} as const

export const events = {
  'worker.state': WorkerState,
  ...documentEvents,
} as const
