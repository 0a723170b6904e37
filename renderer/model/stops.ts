/** Stretches of a run in which an agent stands still: a vCPU in a trap. */
import type { EdgeView, ScenarioView, StepView, Trace } from '../../preload/contract'

export interface Stop {
  agent: string
  /** Event that trapped. */
  from: number
  /** Event that lets it go on; the number of events when the run ends first. */
  to: number
}

/**
 * The end of a trap is the last step before the agent's next one that a `trap` edge names;
 * without such an edge it is the agent's own next step.
 */
export function stops(view: Pick<ScenarioView, 'steps' | 'edges'>, trace: Pick<Trace, 'events'>): Stop[] {
  const steps = new Map(view.steps.map((step) => [step.id, step]))
  const resumes = trapEnds(view.edges, steps)
  return trace.events.flatMap((event, from) => {
    if (!steps.get(event.step)?.trap) return []
    const next = trace.events.findIndex((e, i) => i > from && e.agent === event.agent)
    const limit = next < 0 ? trace.events.length : next
    let to = limit
    for (let i = limit - 1; i > from; i--) {
      const other = trace.events[i]
      if (other && resumes.get(event.agent)?.has(other.step)) {
        to = i
        break
      }
    }
    return [{ agent: event.agent, from, to }]
  })
}

function trapEnds(edges: readonly EdgeView[], steps: ReadonlyMap<string, StepView>): Map<string, Set<string>> {
  const ends = new Map<string, Set<string>>()
  for (const edge of edges) {
    const after = steps.get(edge.after)
    const before = steps.get(edge.before)
    if (edge.enforcedBy !== 'trap' || !after || before?.agent === after.agent) continue
    const set = ends.get(after.agent) ?? new Set()
    set.add(edge.before)
    ends.set(after.agent, set)
  }
  return ends
}
