/** What `doorbell explore` and `doorbell run` say to a person. */
import type { ExploreProgress, ExploreResult, PropertyResult, RunResult, Trace } from '../../../preload/contract'
import { columns, count, duration, plural } from './table'
import { formatTrace } from './trace'

const STOPPED: Readonly<Record<string, string>> = {
  'max-states': 'stopped at the bound on states',
  'max-memory': 'stopped at the bound on memory',
  cancelled: 'interrupted',
}

/** `named`: the scenario as the person named it, for lines that can be pasted. */
export function formatExplore(result: ExploreResult, named: string): string {
  const covered = result.complete ? 'all interleavings explored' : (STOPPED[result.stopped ?? ''] ?? 'not complete')
  const head = `${result.scenario}: ${covered}, ${plural(result.states, 'state')}, ${plural(result.transitions, 'transition')}, depth ${count(result.depth)}, ${duration(result.elapsedMs)}\n`
  const rows = result.properties.map(({ verdict, kind, name, title, expected }) => [
    verdict,
    kind,
    name,
    title,
    expected === undefined || expected === verdict ? '' : `(expected: ${expected})`,
  ])
  const runs = result.properties.map((property) => formatRunOf(property, named)).join('')
  return `${head}\n${columns(rows, { indent: '  ' })}${runs}`
}

/** A violation's run is shown step by step, a witness only by its length. */
function formatRunOf({ name, counterexample, witness }: PropertyResult, named: string): string {
  if (counterexample) {
    const head = `\n${name}: shortest counterexample, ${plural(counterexample.length, 'step')}\n`
    return head + formatTrace(counterexample.events) + beyond(counterexample) + replay(counterexample.token, named)
  }
  if (!witness) return ''
  return `\n${name}: witnessed in ${plural(witness.length, 'step')}\n${replay(witness.token, named)}`
}

export function formatRun({ scenario, steps, trace, properties, token }: RunResult, named: string): string {
  const times = trace.events.some(({ time }) => time !== undefined)
  const verdicts = columns(
    properties.map(({ verdict, kind, name }) => [verdict, kind, name]),
    { indent: '  ' },
  )
  const events = formatTrace(trace.events, { times })
  return `${scenario}: ${plural(steps, 'step')}\n\n${events}${beyond(trace)}\n${verdicts}\n${replay(token, named)}`
}

const beyond = ({ outOfRange }: Trace) =>
  outOfRange === undefined ? '' : `  the last step leaves the range: ${outOfRange}\n`

/** Very long runs have no token. */
const replay = (token: string, named: string) =>
  token === '' ? '' : `  replay: doorbell run ${named} --replay ${token}\n`

/** One line, rewritten in place. */
export function formatProgress(progress: ExploreProgress): string {
  const memory = `${(progress.memoryBytes / (1024 * 1024)).toFixed(0)} MiB`
  return `${plural(progress.states, 'state')}, ${count(progress.frontier)} to expand, depth ${count(progress.depth)}, ${count(progress.statesPerSecond)}/s, ${memory}, ${duration(progress.elapsedMs)}`
}
