/** `doorbell run SCENARIO (--seed N | --replay TOKEN)`: one run, step by step. */
import type { RunResult } from '../../../preload/contract'
import { EXIT, fail } from '../exit'
import { formatRun } from '../format/explore'
import type { Outputs } from '../output'
import { inFile, readScenarioArgument } from '../scenario'
import type { CommandContext } from './context'

export type Which =
  { readonly seed: number; readonly scale?: Readonly<Record<string, number>> | undefined } | { readonly replay: string }

export async function run(argument: string, which: Which, context: CommandContext): Promise<number> {
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
  io.out(json ? JSON.stringify(runOutput(result.value)) + '\n' : formatRun(result.value, argument))
  return EXIT.ok
}

function runOutput({ scenario, token, steps, trace, properties }: RunResult): Outputs['run'] {
  return { scenario, token, steps, events: trace.events, properties }
}
