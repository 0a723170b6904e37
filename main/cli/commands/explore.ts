/** `doorbell explore SCENARIO`: every interleaving, in this thread, stopped by Ctrl-C. */
import type { ExploreOptions, ExploreResult, Trace } from '../../../preload/contract'
import type { Fault } from '../../simulator/faults'
import { nodeClock } from '../../worker/clock'
import type { Simulator } from '../../worker/simulator'
import { runInSlices } from '../../worker/slices'
import { EXIT, fail } from '../exit'
import { formatExplore, formatProgress } from '../format/explore'
import { inFile, readScenarioArgument, type GivenScenario } from '../scenario'
import type { Outputs } from '../output'
import type { CommandContext } from './context'

export async function explore(argument: string, options: ExploreOptions, context: CommandContext): Promise<number> {
  const { io, json } = context
  const simulator = await context.simulator()
  const scenario = await readScenarioArgument(argument, simulator, context.workspace)
  if (!scenario.ok) return fail(io, json, [scenario.error])
  const exploration = simulator.explore(scenario.value, scenario.value.resources, options)
  if (!exploration.ok) return fail(io, json, allFaults(simulator, scenario.value, exploration.error))

  const interrupt = new AbortController()
  const stopListening = io.onInterrupt(() => interrupt.abort())
  let shown = false
  const result = await runInSlices(exploration.value, nodeClock, interrupt.signal, (progress) => {
    if (io.errIsTerminal) io.err(`\r\x1b[K${formatProgress(progress)}`)
    shown = io.errIsTerminal
  })
  if (shown) io.err('\r\x1b[K')
  stopListening()
  io.out(json ? JSON.stringify(exploreOutput(result)) + '\n' : formatExplore(result, argument))
  return exitCode(result)
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

/** Violated or unwitnessed beats undecided. */
export function exitCode({ complete, stopped, properties }: ExploreResult): number {
  const verdicts = new Set(properties.map(({ verdict }) => verdict))
  if (verdicts.has('violated') || verdicts.has('unwitnessed')) return EXIT.violated
  if (verdicts.has('undecided') || (!complete && stopped !== undefined)) return EXIT.undecided
  return EXIT.ok
}

/** As printed: without the states, which only the window shows. */
function exploreOutput(result: ExploreResult): Outputs['explore'] {
  const run = (trace: Trace | undefined) => trace && { length: trace.length, token: trace.token, events: trace.events }
  return {
    ...result,
    properties: result.properties.map((p) => ({
      ...p,
      counterexample: run(p.counterexample),
      witness: run(p.witness),
    })),
  }
}
