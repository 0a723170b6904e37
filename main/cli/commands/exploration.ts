/** Runs an exploration in this thread, stopped by Ctrl-C, and prints what it found. */
import type { ExploreResult, Trace } from '../../../preload/contract'
import { nodeClock } from '../../worker/clock'
import type { Exploration } from '../../worker/simulator'
import { runInSlices } from '../../worker/slices'
import { EXIT } from '../exit'
import { formatExplore, formatProgress } from '../format/explore'
import { withSources } from '../format/sources'
import type { Io } from '../io'
import type { Outputs } from '../output'

/** `argument`: the scenario as the person named it. Resolves to the exit code. */
export async function reportExploration(
  exploration: Exploration,
  argument: string,
  io: Io,
  json: boolean,
): Promise<number> {
  const interrupt = new AbortController()
  const stopListening = io.onInterrupt(() => interrupt.abort())
  let shown = false
  const result = await runInSlices(exploration, nodeClock, interrupt.signal, (progress) => {
    if (io.errIsTerminal) io.err(`\r\x1b[K${formatProgress(progress)}`)
    shown = io.errIsTerminal
  })
  if (shown) io.err('\r\x1b[K')
  stopListening()
  io.out(json ? JSON.stringify(exploreOutput(result)) + '\n' : formatExplore(result, argument))
  return exitCode(result)
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
  return withSources({
    ...result,
    properties: result.properties.map((p) => ({
      ...p,
      counterexample: run(p.counterexample),
      witness: run(p.witness),
    })),
  })
}
