/** A run as a document: what was asked, what came out, each step, and who enforces the order. Pure. */
import type { PropertyResult } from '../../preload/contract'
import { citesIn, sourcesOf } from '../../preload/contract/sources'
import { edgeInstances, ENFORCER_WORD, type EdgeState } from '../model/edges'
import { agreement, KIND_WORD, VERDICTS } from '../model/verdicts'
import type { Run } from '../stores/runs'

export interface ReportedStep {
  readonly number: number
  readonly agent: string
  readonly label: string
  /** In the scenario's text, 1-based; '' for the hardware's own. */
  readonly line: string
  /** ns, in runs in time; '' otherwise. */
  readonly time: string
  /** `IMS[0].PASID: 0x00010 → 0x0002a` */
  readonly changes: readonly string[]
}

export interface ReportedEdge {
  readonly before: string
  readonly after: string
  readonly by: string
  /** How this run kept it. */
  readonly state: string
  readonly why: string
  readonly cite: string
  readonly race: boolean
}

export interface RunOutline {
  readonly title: string
  readonly summary: string
  readonly facts: readonly (readonly [string, string])[]
  /** Of the whole exploration; empty where the run's text was not explored. */
  readonly verdicts: readonly { readonly name: string; readonly title: string; readonly cells: readonly string[] }[]
  readonly edges: readonly ReportedEdge[]
  readonly steps: readonly ReportedStep[]
  readonly token: string
  readonly sources: readonly (readonly [string, string])[]
}

export const VERDICT_COLUMNS = ['verdict', 'kind', 'expected'] as const
const STATE: Record<EdgeState, string> = {
  kept: 'kept',
  overtaken: 'overtaken: the second came first',
  missing: 'the first had not happened',
}

/** `name`: of the scenario; `results`: of the exploration of just this text. */
export function runOutline(name: string, run: Run, results: readonly PropertyResult[]): RunOutline {
  const agents = new Map(run.view.agents.map((a) => [a.id, a.title]))
  const labels = new Map(run.view.steps.map((s) => [s.id, s.label]))
  const timed = run.trace.events.some((e) => e.time !== undefined)
  const written = {
    title: run.title,
    summary: run.view.summary.trim(),
    facts: [
      ['scenario', `${run.view.title} (${name})`],
      ['platform', run.view.platform?.name ?? 'none'],
      ['run', `${run.kind}, ${run.trace.events.length} steps${timed ? ', in time' : ''}`],
      ...(run.property === undefined ? [] : [['property', run.property] as const]),
      ...(run.trace.outOfRange === undefined ? [] : [['out of range', run.trace.outOfRange] as const]),
    ] as const,
    verdicts: results.map((p) => ({
      name: p.name,
      title: p.title,
      cells: [
        VERDICTS[p.verdict].word,
        KIND_WORD[p.kind],
        p.expected === undefined ? '' : `${VERDICTS[p.expected].word}, ${agreement(p.verdict, p.expected)}`,
      ],
    })),
    edges: edgeInstances(run.view.edges, run.trace)
      .map(({ edge, state }) => ({
        before: labels.get(edge.before) ?? edge.before,
        after: labels.get(edge.after) ?? edge.after,
        by: ENFORCER_WORD[edge.enforcedBy],
        state: STATE[state],
        why: edge.why,
        cite: edge.cite,
        race: edge.enforcedBy === 'nobody' && state !== 'kept',
      }))
      .sort((a, b) => Number(b.race) - Number(a.race)),
    steps: run.trace.events.map((e, i) => ({
      number: i + 1,
      agent: agents.get(e.agent) ?? e.agent,
      label: e.label,
      line: e.line === undefined ? '' : String(e.line),
      time: e.time === undefined ? '' : String(e.time),
      changes: e.changes.map((c) => `${c.register}.${c.field}: ${c.from} → ${c.to}`),
    })),
    token: run.trace.token,
  }
  return { ...written, sources: Object.entries(sourcesOf(citesIn(written))) }
}
