/** What the engine answers: verdicts, traces, progress. The command line prints the same shapes (docs/cli). */
import { z } from 'zod'
import { PropertyKind, Verdict } from './scenario'

export const Change = z.object({ register: z.string(), field: z.string(), from: z.string(), to: z.string() })
export type Change = z.infer<typeof Change>

export const TraceEvent = z.object({
  /** Step id. */
  step: z.string(),
  agent: z.string(),
  op: z.string(),
  label: z.string(),
  line: z.number().optional(),
  cite: z.string().optional(),
  /** Nanoseconds from the start, in timed runs only. */
  time: z.number().optional(),
  changes: z.array(Change),
})
export type TraceEvent = z.infer<typeof TraceEvent>

export const Trace = z.object({
  /** Model steps. */
  length: z.number(),
  /** Replays exactly this run; at most 200 characters. */
  token: z.string(),
  events: z.array(TraceEvent),
  /** (length + 1) × variables, one row per state, the initial one first. Not printed by the command line. */
  states: z.instanceof(Int32Array),
  /** Set when the last step assigned a value outside its variable's range: what, in words. The state then is the one before. */
  outOfRange: z.string().optional(),
})
export type Trace = z.infer<typeof Trace>

export const Critical = z.object({
  /** Step ids: in the counterexample `first` came before `second`, which may not have come at all. */
  first: z.string(),
  second: z.string(),
  agents: z.tuple([z.string(), z.string()]),
  /** What the opposite order makes safe: every run of the model, or only what this run is made of. */
  scope: z.enum(['every-run', 'this-run']),
  why: z.string(),
})
export type Critical = z.infer<typeof Critical>

export const Smallest = z.object({
  /** Every number that the scenario can be scaled by. */
  scale: z.record(z.string(), z.number()),
  length: z.number(),
  token: z.string(),
  /** Agents that the failure needs, and those that it does not. */
  agents: z.array(z.string()),
  leftOut: z.array(z.string()),
  /** False where a bound was hit or it was cancelled: there may be a smaller one. */
  proved: z.boolean(),
})
export type Smallest = z.infer<typeof Smallest>

export const Coverage = z.object({
  /** What the counts are of: every transition of the state graph, or those that a reduction left. */
  graph: z.enum(['full', 'reduced']),
  steps: z.array(z.object({ step: z.string(), agent: z.string(), taken: z.number() })),
  /** Steps that no run takes. */
  never: z.array(z.string()),
  /** Steps that were not taken in what was explored; whether a run takes them was not decided. */
  undecided: z.array(z.string()),
  /** Edges that nobody enforces. `exercised`: some run takes `after` while `before` has not happened; null: not decided. */
  nobody: z.array(
    z.object({
      before: z.string(),
      after: z.string(),
      exercised: z.boolean().nullable(),
      /** Transitions of the full graph that do so; null where the reduced graph was counted. */
      times: z.number().nullable(),
    }),
  ),
})
export type Coverage = z.infer<typeof Coverage>

export const PropertyResult = z.object({
  name: z.string(),
  kind: PropertyKind,
  title: z.string(),
  verdict: Verdict,
  expected: Verdict.optional(),
  /** Shortest run that violates it. */
  counterexample: Trace.optional(),
  /** The order that decided the counterexample, where one did. */
  critical: Critical.optional(),
  /** The smallest instance that still fails, where it was asked for. */
  smallest: Smallest.optional(),
  /** Shortest run that shows it (`sometimes`). */
  witness: Trace.optional(),
})
export type PropertyResult = z.infer<typeof PropertyResult>

export const Repair = z.object({
  /** Added happens-before edges; `agent` is the one that waits. */
  edges: z.array(z.object({ before: z.string(), after: z.string(), agent: z.string() })),
  /** One step of an agent in another place: the agent's program after the move. */
  moves: z.array(z.object({ agent: z.string(), order: z.array(z.string()) })),
  /** Who can see to it. */
  enforcedBy: z.string(),
  proved: z.boolean(),
  minimal: z.boolean(),
  /** Share of the unrepaired state space that is gone: how much concurrency it takes away, 0 … 1. */
  cost: z.number(),
})
export type Repair = z.infer<typeof Repair>

export const RepairResult = z.object({
  scenario: z.string(),
  /** False where a bound was hit: there may be more. */
  complete: z.boolean(),
  repairable: z.boolean(),
  /** The weakest, easiest to enforce first. */
  repairs: z.array(Repair),
  /** Every single edge that repairs. */
  singleEdges: z.array(z.object({ before: z.string(), after: z.string() })),
  reason: z.string().optional(),
})
export type RepairResult = z.infer<typeof RepairResult>

export const RepairOptions = z.object({
  scale: z.record(z.string(), z.number().int().min(1).max(64)).optional(),
  /** Edges in one repair. */
  maxEdges: z.number().int().positive().optional(),
  /** A candidate is given up at so many states. */
  maxStates: z.number().int().positive().optional(),
})
export type RepairOptions = z.infer<typeof RepairOptions>

/** A run with a repair in the text, beside the broken one that it was made from. */
export const BesideResult = z.object({
  trace: Trace,
  /** Steps of the broken run that this one does not come to. */
  left: z.array(z.string()),
})
export type BesideResult = z.infer<typeof BesideResult>

export const RepairProgress = z.object({ tried: z.number(), elapsedMs: z.number() })
export type RepairProgress = z.infer<typeof RepairProgress>

export const ExploreOptions = z.object({
  scale: z.record(z.string(), z.number().int().min(1).max(64)).optional(),
  maxStates: z.number().int().positive().optional(),
  /** MiB. */
  maxMemory: z.number().int().positive().optional(),
  /** Threads, where every state is looked at and there are many; 1 where it is not said. What is found is the same. */
  workers: z.number().int().min(1).max(64).optional(),
  /** Leave out interleavings that show nothing new; on where it is not said. */
  reduce: z.boolean().optional(),
  /** Take what differs only by the exchange of what is alike for one; on where it is not said. */
  symmetry: z.boolean().optional(),
  /** Look for the smallest instance that still violates each violated property. */
  minimise: z.boolean().optional(),
  /** Say how often each step was taken and each edge that nobody enforces was broken. */
  coverage: z.boolean().optional(),
  /** Name the order that decided each counterexample; on where it is not said. */
  critical: z.boolean().optional(),
})
export type ExploreOptions = z.infer<typeof ExploreOptions>

export const ExploreResult = z.object({
  scenario: z.string(),
  complete: z.boolean(),
  /** Why it is not complete: "max-states", "max-memory", "cancelled". */
  stopped: z.string().optional(),
  /** How many searches the states are of. */
  searches: z.number(),
  states: z.number(),
  transitions: z.number(),
  depth: z.number(),
  endStates: z.number(),
  elapsedMs: z.number(),
  reduction: z.string(),
  bytesPerState: z.number(),
  properties: z.array(PropertyResult),
  /** Where it was asked for. */
  coverage: Coverage.optional(),
})
export type ExploreResult = z.infer<typeof ExploreResult>

/** What is being looked for: verdicts, then which order decided, then the smallest instance, then what was exercised. */
export const ExploreStage = z.enum(['verdicts', 'critical', 'smallest', 'coverage'])
export type ExploreStage = z.infer<typeof ExploreStage>

export const ExploreProgress = z.object({
  stage: ExploreStage,
  states: z.number(),
  transitions: z.number(),
  depth: z.number(),
  /** States found but not yet expanded. */
  frontier: z.number(),
  statesPerSecond: z.number(),
  memoryBytes: z.number(),
  elapsedMs: z.number(),
})
export type ExploreProgress = z.infer<typeof ExploreProgress>

export const RunResult = z.object({
  scenario: z.string(),
  token: z.string(),
  steps: z.number(),
  trace: Trace,
  properties: z.array(z.object({ name: z.string(), kind: PropertyKind, verdict: Verdict })),
})
export type RunResult = z.infer<typeof RunResult>

/** Stepping by hand: the run so far and what could happen next. */
export const StepResult = z.object({
  trace: Trace,
  enabled: z.array(z.object({ step: z.string(), agent: z.string(), op: z.string(), label: z.string() })),
  /** Properties broken or witnessed so far, by name. */
  properties: z.array(z.object({ name: z.string(), kind: PropertyKind, verdict: Verdict })),
})
export type StepResult = z.infer<typeof StepResult>
