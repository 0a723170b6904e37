/** What `doorbell explore` and `doorbell run` say to a person. */
import type {
  Coverage,
  ExploreProgress,
  ExploreResult,
  PropertyResult,
  RunResult,
  Smallest,
  Trace,
} from '../../../preload/contract'
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
  const several = result.searches > 1 ? ` in ${count(result.searches)} searches` : ''
  const head = `${result.scenario}: ${covered}, ${plural(result.states, 'state')}${several}, ${plural(result.transitions, 'transition')}, depth ${count(result.depth)}, ${duration(result.elapsedMs)}\n`
  const rows = result.properties.map(({ verdict, kind, name, title, expected }) => [
    verdict,
    kind,
    name,
    title,
    expected === undefined || expected === verdict ? '' : `(expected: ${expected})`,
  ])
  const runs = result.properties.map((property) => formatRunOf(property, named)).join('')
  return `${head}\n${columns(rows, { indent: '  ' })}${runs}${result.coverage ? formatCoverage(result.coverage) : ''}`
}

/** A violation's run is shown step by step, a witness only by its length. */
function formatRunOf({ name, counterexample, critical, smallest, witness }: PropertyResult, named: string): string {
  if (counterexample) {
    const head = `\n${name}: shortest counterexample, ${plural(counterexample.length, 'step')}\n`
    const decided = critical ? `  decided by: ${critical.why}\n` : ''
    const run = formatTrace(counterexample.events) + beyond(counterexample) + replay(counterexample.token, named)
    return head + run + decided + (smallest ? formatSmallest(smallest, named) : '')
  }
  if (!witness) return ''
  return `\n${name}: witnessed in ${plural(witness.length, 'step')}\n${replay(witness.token, named)}`
}

function formatSmallest({ scale, length, token, agents, leftOut, proved }: Smallest, named: string): string {
  const words = Object.entries(scale).map(([k, n]) => `${k}=${n}`)
  const at = words.length > 0 ? ` at ${words.join(',')}` : ''
  const less = leftOut.length > 0 ? `, without ${leftOut.join(', ')}` : ''
  const sure = proved ? '' : '; a bound was hit: there may be a smaller one'
  return `  smallest that fails: ${plural(length, 'step')}${at}, ${plural(agents.length, 'agent')}${less}${sure}\n${replay(token, named)}`
}

/** What nobody forbids, what no run takes, then the steps, the rarest first. */
function formatCoverage({ graph, steps, never, undecided, nobody }: Coverage): string {
  const edges = nobody.map(({ before, after, exercised, times }) => [
    exercised === null ? 'not decided' : exercised ? 'broken in some run' : 'kept in every run',
    `${before} → ${after}`,
    times === null ? '' : `(${plural(times, 'transition')})`,
  ])
  const list = (head: string, ids: readonly string[]): string =>
    ids.length === 0 ? '' : `\n${head}\n${ids.map((s) => `  ${s}\n`).join('')}`
  const rows = [...steps].sort((a, b) => a.taken - b.taken).map((s) => [count(s.taken), s.agent, s.step])
  const counted =
    graph === 'full'
      ? 'transitions of the full graph'
      : 'transitions of what the reductions left, where one step may stand for all that are alike'
  return (
    (edges.length === 0 ? '' : `\nwhat nobody enforces:\n${columns(edges, { indent: '  ' })}`) +
    list(`${plural(never.length, 'step')} that no run takes:`, never) +
    list(`${plural(undecided.length, 'step')} not taken so far, not decided:`, undecided) +
    `\nhow often each step was taken (${counted}):\n${columns(rows, { indent: '  ' })}`
  )
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

const STAGES = { coverage: 'coverage', critical: 'critical pairs', smallest: 'smallest instance' } as const

/** One line, rewritten in place. */
export function formatProgress(progress: ExploreProgress): string {
  const memory = `${(progress.memoryBytes / (1024 * 1024)).toFixed(0)} MiB`
  const stage = progress.stage === 'verdicts' ? '' : `${STAGES[progress.stage]}: `
  return `${stage}${plural(progress.states, 'state')}, ${count(progress.frontier)} to expand, depth ${count(progress.depth)}, ${count(progress.statesPerSecond)}/s, ${memory}, ${duration(progress.elapsedMs)}`
}
