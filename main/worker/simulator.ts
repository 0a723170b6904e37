/**
 * What the worker (and the command line, in its own thread) needs of the simulator. Pure and synchronous:
 * texts and platforms go in as data, results and faults come out; only an exploration is cut into slices.
 */
import { z } from 'zod'
import {
  Platform,
  type Poke,
  WireError,
  type BesideResult,
  type CheckResult,
  type ExploreOptions,
  type ExploreProgress,
  type ExploreResult,
  type Repair,
  type RepairOptions,
  type RunResult,
  type ScenarioSummary,
  type StepResult,
  type WindowOptions,
} from '../../preload/contract'
import { FAULT_CODES, type Fault, type Result } from '../simulator/faults'
import type { ScenarioResource } from '../simulator/scenario/compile'
import type { Origin } from '../simulator/trace/events'
import type { RecordedStore } from '../simulator/trace/record'
import type { Checkpoint } from './checkpoint'
import type { Repairing } from './repairing'
import type { Windowing } from './windowing'

/** A platform that a scenario names instead of writing it inline. */
export const PlatformRef = z.union([
  z.object({ builtin: z.string() }),
  z.object({ imported: z.string() }),
  /** A path relative to the scenario's file: for the command line. */
  z.object({ file: z.string() }),
])
export type PlatformRef = z.infer<typeof PlatformRef>

/** A block file that a scenario names among its `kinds`. */
export const BlockRef = z.union([z.object({ builtin: z.string() }), z.object({ file: z.string() })])
export type BlockRef = z.infer<typeof BlockRef>

/** What a scenario names. */
export interface Needs {
  readonly platforms: PlatformRef[]
  readonly blocks: BlockRef[]
}

const WhyNot = WireError.extend({ code: z.enum(FAULT_CODES) })

/** What a scenario names, read by the host: the thing itself, or why there is none (reported at the place that names it). */
export const Resource = z.union([
  z.object({ ref: PlatformRef, platform: Platform.optional(), fault: WhyNot.optional() }),
  z.object({
    block: BlockRef,
    text: z
      .string()
      .max(4 * 1024 * 1024)
      .optional(),
    fault: WhyNot.optional(),
  }),
])
export type Resource = z.infer<typeof Resource>

export interface ScenarioText {
  /** Id or file name, for messages and results. */
  readonly name: string
  readonly text: string
}

/** An exploration under way. */
export interface Exploration {
  /** Go on until `until()` says so (it is asked every millisecond or so) or all is decided: then true. */
  advance(until: () => boolean): boolean
  /** The next `advance` ends at once; the result then says "cancelled". */
  cancel(): void
  progress(): Pick<ExploreProgress, 'stage' | 'states' | 'transitions' | 'depth' | 'frontier' | 'memoryBytes'>
  /** Only after `advance` has returned true. */
  result(elapsedMs: number): ExploreResult
  /**
   * What comes after the verdicts, where there is anything to ask: it adds to the result and changes none of it.
   * Only after `result`.
   */
  further?(result: ExploreResult): Promise<Further | null>
  /** How far it has come, of numbers that stay as they are until the next `advance`. */
  checkpoint(): Checkpoint
  /** Goes on from there; before the first `advance`. Errors: CHECKPOINT_OTHER, CHECKPOINT_DAMAGED. */
  resume(from: Checkpoint): Fault | null
}

/** Like an exploration; the result is the one before, with more said. */
export interface Further extends Pick<Exploration, 'advance' | 'cancel' | 'progress'> {
  result(): ExploreResult
}

/** What a scenario was compiled from. */
export interface ScenarioSource {
  readonly text: string
  readonly resources: readonly ScenarioResource[]
}

/** `{ devices: 2, vectors: 3 }`, of what the scenario declares. */
export type Scale = Readonly<Record<string, number>>

export type ExportLanguage = 'promela' | 'tla'

export interface ExportOptions {
  readonly language: ExportLanguage
  readonly scale?: Scale | undefined
  /** What a TLA+ module is called: the name of its file. */
  readonly module?: string | undefined
}

/** A model in another checker's language: its text, and with TLA+ TLC's configuration beside it. */
export interface Exported {
  readonly text: string
  readonly config?: { readonly name: string; readonly text: string }
}

/** A run told by its steps. */
export interface RunSteps {
  readonly steps: readonly string[]
  /** ns */
  readonly times?: readonly number[]
  /** Of the scenario that it was made with, where that may be another by now. */
  readonly digest?: string
  readonly scale?: Scale | undefined
  readonly origin: Origin
}

export interface Simulator {
  /** JSON Schema of a scenario file. */
  /** `own`: with the operations of this text's blocks. */
  scenarioSchema(
    text: string | undefined,
    resources: readonly Resource[],
  ): { schema: Record<string, unknown>; own: boolean }
  /** Platforms and block files that the text names, without judging it; none when it cannot be read. */
  needs(text: string): Needs
  /** What a list of scenarios shows of one. */
  summary(scenario: ScenarioText): Result<ScenarioSummary, Fault>
  check(scenario: ScenarioText, resources: readonly Resource[], scale?: Scale): CheckResult
  /** The text with the device placed under another function, and on another platform if given; comments kept. */
  place(
    scenario: ScenarioText,
    resources: readonly Resource[],
    where: { readonly device: string; readonly under: string; readonly platform?: PlatformRef | undefined },
  ): Result<string, Fault>
  /** The text with a repair's orderings and moves written into it; comments kept. */
  order(scenario: ScenarioText, repair: Pick<Repair, 'edges' | 'moves'>): Result<string, Fault>
  /** What a run, told by its steps, becomes once a repair is in the text. */
  beside(
    scenario: ScenarioText,
    resources: readonly Resource[],
    asked: {
      readonly steps: readonly string[]
      readonly repair: Pick<Repair, 'edges' | 'moves'>
      readonly scale: Scale
    },
  ): Result<BesideResult, Fault>
  explore(scenario: ScenarioText, resources: readonly Resource[], options: ExploreOptions): Result<Exploration, Fault>
  repair(scenario: ScenarioText, resources: readonly Resource[], options: RepairOptions): Result<Repairing, Fault>
  /** How probable a violation is in time, how wide its window, which latency matters. */
  window(scenario: ScenarioText, resources: readonly Resource[], options: WindowOptions): Result<Windowing, Fault>
  /** The scenario's model as the text of another checker. */
  exported(scenario: ScenarioText, resources: readonly Resource[], how: ExportOptions): Result<Exported, Fault>
  /** The run that steps, by their numbers in the exported text, make: what another checker found. */
  runSteps(
    scenario: ScenarioText,
    resources: readonly Resource[],
    steps: readonly number[],
    scale?: Scale,
  ): Result<RunResult, Fault>
  runSeed(scenario: ScenarioText, resources: readonly Resource[], seed: number, scale?: Scale): Result<RunResult, Fault>
  runReplay(scenario: ScenarioText, resources: readonly Resource[], token: string): Result<RunResult, Fault>
  /** Errors: those of the text, RUN_OTHER_SCENARIO, REGISTER_GUARDED, REGISTER_VALUE. */
  stepPoke(
    scenario: ScenarioText,
    resources: readonly Resource[],
    steps: readonly string[],
    poke: Poke,
  ): Result<{ text: string; mark: string; choices: number[] }, Fault>
  stepAt(scenario: ScenarioText, resources: readonly Resource[], choices: readonly number[]): Result<StepResult, Fault>
  /** The run as columns. Errors also: RUN_OTHER_SCENARIO. */
  recordRun(scenario: ScenarioText, resources: readonly Resource[], run: RunSteps): Result<RecordedStore, Fault>
}
