/** `doorbell explore SCENARIO`: every interleaving, in this thread. */
import type { ExploreOptions } from '../../../preload/contract'
import type { Fault } from '../../simulator/faults'
import type { Simulator } from '../../worker/simulator'
import { fail } from '../exit'
import { inFile, readScenarioArgument, warningsOf, type GivenScenario } from '../scenario'
import type { CommandContext } from './context'
import { reportExploration, told } from './exploration'

export interface CheckpointFiles {
  readonly checkpoint?: string | undefined
  readonly resume?: string | undefined
}

export async function explore(
  argument: string,
  options: ExploreOptions,
  { checkpoint, resume }: CheckpointFiles,
  context: CommandContext,
): Promise<number> {
  const { io, json } = context
  const simulator = await context.simulator()
  const scenario = await readScenarioArgument(argument, simulator, context.workspace)
  if (!scenario.ok) return fail(io, json, [scenario.error])
  const exploration = simulator.explore(scenario.value, scenario.value.resources, told(options, json))
  if (!exploration.ok) return fail(io, json, allFaults(simulator, scenario.value, exploration.error))
  if (resume !== undefined) {
    const { readCheckpoint } = await import('../checkpoint-file')
    const kept = await readCheckpoint(resume)
    if (!kept.ok) return fail(io, json, [kept.error])
    const other = exploration.value.resume(kept.value)
    if (other) return fail(io, json, [{ ...other, file: resume }])
  }
  const warnings = () => warningsOf(simulator, scenario.value, options.scale)
  return reportExploration(exploration.value, argument, io, json, { checkpoint, warnings })
}

/** The fault that stopped it first, then whatever else is wrong with the text. */
function allFaults(simulator: Simulator, scenario: GivenScenario, first: Fault): [Fault, ...Fault[]] {
  const head = inFile(scenario, first)
  const others = simulator
    .check(scenario, scenario.resources)
    .problems.filter(({ severity }) => severity === 'error')
    .map(({ severity: _severity, ...problem }) => inFile(scenario, problem as Fault))
    .filter(
      ({ code, line, column, message }) =>
        code !== head.code || line !== head.line || column !== head.column || message !== head.message,
    )
  return [head, ...others]
}
