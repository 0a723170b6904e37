/** The race window of a compiled scenario, in the contract's shapes. */
import type { WindowOptions, WindowProgress, WindowResult } from '../../preload/contract'
import { assert, err, fault, ok, type Fault, type Result } from '../simulator/faults'
import { WindowStudy, type WindowFindings } from '../simulator/engine/window/study'
import { quantile } from '../simulator/engine/window/statistics'
import { seedToken } from '../simulator/engine/token'
import { actionsOf, type Action } from '../simulator/model/orderings'
import type { Model } from '../simulator/model/model'
import type { CompiledScenario } from '../simulator/scenario/compile'
import { REPORT_MS, SLICE_MS, type Clock } from './slices'

/** A study under way, in slices like an exploration. */
export interface Windowing {
  advance(until: () => boolean): boolean
  cancel(): void
  progress(): Pick<WindowProgress, 'runs' | 'hits' | 'looked' | 'total'>
  /** Only after `advance` has returned true. */
  result(): WindowResult
}

export const DEFAULT_RUNS = 100_000

export function windowing(c: CompiledScenario, options: WindowOptions): Result<Windowing, Fault> {
  const { model, scenario } = c
  const { runs = DEFAULT_RUNS, seed = 1 } = options
  const property =
    options.property === undefined ? undefined : model.properties.findIndex((p) => p.name === options.property)
  if (property === -1)
    return err(
      fault('SCENARIO_UNKNOWN_NAME', `the scenario has no property ${options.property}`, {
        hint: `it has ${model.properties.map((p) => p.name).join(', ')}`,
      }),
    )
  const written = new Set(Object.keys(scenario.litmus ? scenario.litmus.agents : scenario.programs))
  const actions = actionsOf(model, (agent) => !written.has(model.agents[agent]?.id ?? ''))
  const byId = new Map(model.steps.map((s, i) => [s.id, i]))
  const unenforced = c.edges
    .filter((e) => e.enforcedBy === 'nobody')
    .flatMap((e): [number, number][] => {
      const [first, then] = [byId.get(e.before), byId.get(e.after)]
      return first === undefined || then === undefined ? [] : [[first, then]]
    })
  const study = new WindowStudy({ model, runs, seed, property, actions, unenforced })
  return ok({
    advance: (until) => study.advance(until),
    cancel: () => study.cancel(),
    progress: () => ({ ...study.progress(), total: runs }),
    result() {
      const found = study.result()
      assert(found, 'the study has ended')
      return worded(c, model, actions, seed, found)
    },
  })
}

function worded(
  c: CompiledScenario,
  model: Model,
  actions: readonly Action[],
  seed: number,
  f: WindowFindings,
): WindowResult {
  const share = (p: number): { hits: number; probability: number; interval: [number, number] } => {
    const { hits = 0, probability = 0, interval = [0, 1] } = f.shares[p] ?? {}
    return { hits, probability, interval: [interval[0], interval[1]] }
  }
  const property = model.properties[f.property]
  const agentOf = (agent: number | undefined): string => model.agents[agent ?? -1]?.id ?? ''
  const [first, then] = [actions[f.pair?.first ?? -1], actions[f.pair?.then ?? -1]]
  return {
    scenario: model.name,
    seed,
    runs: f.runs,
    complete: f.complete,
    ...(f.complete ? {} : { stopped: 'cancelled' }),
    cut: f.cut,
    property: property?.name ?? '',
    kind: property?.kind ?? 'complete',
    ...share(f.property),
    example: f.example === undefined ? null : seedToken(c, f.example),
    pair:
      f.pair && first && then
        ? {
            first: first.name,
            then: then.name,
            agents: [agentOf(first.agent), agentOf(then.agent)],
            separation: f.pair.separation,
          }
        : null,
    widthNs: { p50: quantile(f.widths, 0.5), p95: quantile(f.widths, 0.95), samples: f.widths.length, open: f.open },
    slackNs: { p5: quantile(f.slacks, 0.05), p50: quantile(f.slacks, 0.5), samples: f.slacks.length },
    histogram: f.histogram.map((b) => ({ ...b })),
    sensitivity: f.sensitivity.map(({ step, index, quickest, slowest }) => ({
      step: model.steps[step]?.id ?? '',
      agent: agentOf(model.steps[step]?.agent),
      latencyNs: [model.steps[step]?.latency[0] ?? 0, model.steps[step]?.latency[1] ?? 0],
      index,
      quickest,
      slowest,
    })),
    properties: model.properties.map((p, i) => ({ name: p.name, kind: p.kind, ...share(i) })),
  }
}

/** As `runInSlices`, for a study. */
export async function studyInSlices(
  study: Windowing,
  clock: Clock,
  signal: AbortSignal,
  report: (progress: WindowProgress) => void,
): Promise<WindowResult> {
  const start = clock.now()
  let last = { at: start, runs: 0 }
  for (;;) {
    const sliceEnd = clock.now() + SLICE_MS
    if (study.advance(() => clock.now() >= sliceEnd)) return study.result()
    const now = clock.now()
    if (now - last.at >= REPORT_MS) {
      const progress = study.progress()
      const runsPerSecond = Math.round(((progress.runs - last.runs) * 1000) / (now - last.at))
      report({ ...progress, runsPerSecond, elapsedMs: Math.round(now - start) })
      last = { at: now, runs: progress.runs }
    }
    await clock.turn()
    if (signal.aborted) study.cancel()
  }
}
