/** Runs an exploration in this thread, stopped by Ctrl-C, and prints what it found. */
import type { ExploreOptions, ExploreProgress, ExploreResult, Trace } from '../../../preload/contract'
import { nodeClock } from '../../worker/clock'
import { damaged } from '../../worker/checkpoint'
import type { Exploration } from '../../worker/simulator'
import { runInSlices } from '../../worker/slices'
import type { Fault } from '../../simulator/faults'
import { EXIT, fail } from '../exit'
import { formatWarning } from '../format/fault'
import { formatExplore, formatProgress } from '../format/explore'
import { withSources } from '../format/sources'
import type { Io } from '../io'
import type { Outputs } from '../output'

interface More {
  readonly checkpoint?: string | undefined
  /** What is doubtful about the text; asked once the verdicts are there. */
  readonly warnings?: () => readonly Fault[]
}

/**
 * A person is told which order decided a counterexample; a program only where it asks. Where starting up is most of the work,
 * looking for it takes as long as the verdict.
 */
export const told = (options: ExploreOptions, json: boolean): ExploreOptions => ({
  ...options,
  critical: options.critical ?? !json,
})

/** `argument`: the scenario as the person named it. Resolves to the exit code. */
export async function reportExploration(
  exploration: Exploration,
  argument: string,
  io: Io,
  json: boolean,
  { checkpoint, warnings = () => [] }: More = {},
): Promise<number> {
  const aside =
    checkpoint === undefined ? undefined : await (await import('./put-aside')).putAside(checkpoint, exploration, io)
  if (aside && 'code' in aside) return fail(io, json, [aside])
  const interrupt = new AbortController()
  const stopListening = io.onInterrupt(() => interrupt.abort())
  let shown = false
  const report = (progress: ExploreProgress): void => {
    if (io.errIsTerminal) io.err(`\r\x1b[K${formatProgress(progress)}`)
    shown = io.errIsTerminal
  }
  const result = await runInSlices(exploration, nodeClock, interrupt.signal, report, aside?.between)
  if (shown) io.err('\r\x1b[K')
  stopListening()
  if (result.stopped === 'damaged') return fail(io, json, [damaged('what it says contradicts the model')])
  const written = await aside?.end(result.complete)
  const doubtful = result.stopped === 'cancelled' ? [] : warnings()
  const output = {
    ...exploreOutput(result),
    ...(written === undefined ? {} : { checkpoint: written }),
    ...(doubtful.length > 0 ? { warnings: [...doubtful] } : {}),
  }
  if (!json) io.err(doubtful.map(formatWarning).join(''))
  io.out(json ? JSON.stringify(output) + '\n' : formatExplore(result, argument))
  if (written !== undefined && !json) io.out(`\nput aside in ${written}: go on with --resume ${written}\n`)
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
