/** `doorbell run SCENARIO (--seed N | --replay TOKEN)`: one run, step by step. */
import type { RunResult } from '../../../preload/contract'
import { EXIT, fail } from '../exit'
import { formatRun } from '../format/explore'
import { withSources } from '../format/sources'
import type { Outputs } from '../output'
import { exported } from '../../simulator/trace/exports'
import type { Fault } from '../../simulator/faults'
import type { Simulator } from '../../worker/simulator'
import { writePieces } from '../../workspace/files'
import { inFile, readScenarioArgument, type GivenScenario } from '../scenario'
import type { CommandContext } from './context'

/** Files to write the run to, beside what is printed. */
export type RunFiles = Partial<Record<'store' | 'traceJson' | 'vcd' | 'shiviz' | 'svg', string>>

export type Which =
  { readonly seed: number; readonly scale?: Readonly<Record<string, number>> | undefined } | { readonly replay: string }

export async function run(argument: string, which: Which, files: RunFiles, context: CommandContext): Promise<number> {
  const { io, json } = context
  const simulator = await context.simulator()
  const given = await readScenarioArgument(argument, simulator, context.workspace)
  if (!given.ok) return fail(io, json, [given.error])
  const { resources, ...scenario } = given.value
  const result =
    'seed' in which
      ? simulator.runSeed(scenario, resources, which.seed, which.scale)
      : simulator.runReplay(scenario, resources, which.replay)
  if (!result.ok) return fail(io, json, [inFile(given.value, result.error)])
  const wrong = await writeRun(given.value, result.value, files, simulator)
  if (wrong) return fail(io, json, [inFile(given.value, wrong)])
  io.out(json ? JSON.stringify(runOutput(result.value)) + '\n' : formatRun(result.value, argument))
  return EXIT.ok
}

const FORMAT = { store: 'store', traceJson: 'chrome', vcd: 'vcd', shiviz: 'shiviz', svg: 'svg' } as const

/** Null, or why a file was not written. */
async function writeRun(
  given: GivenScenario,
  { trace, token }: RunResult,
  files: RunFiles,
  simulator: Simulator,
): Promise<Fault | null> {
  const wanted = (Object.keys(FORMAT) as (keyof typeof FORMAT)[]).filter((key) => files[key] !== undefined)
  if (wanted.length === 0) return null
  const { resources, ...scenario } = given
  const times = trace.events.flatMap((e) => e.time ?? [])
  const recorded = simulator.recordRun(scenario, resources, {
    steps: trace.events.map((e) => e.step),
    ...(times.length === trace.events.length && times.length > 0 ? { times } : {}),
    origin: { title: `${given.name}, ${token}`, scenario: given.name, token },
  })
  if (!recorded.ok) return recorded.error
  for (const key of wanted) {
    const written = await writePieces(files[key] ?? '', exported(recorded.value.store, FORMAT[key]))
    if (!written.ok) return written.error
  }
  return null
}

function runOutput({ scenario, token, steps, trace, properties }: RunResult): Outputs['run'] {
  return withSources({ scenario, token, steps, events: trace.events, properties })
}
