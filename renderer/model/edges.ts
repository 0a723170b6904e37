/**
 * The edges of a scenario laid over one run: which happened in order, which were overtaken, which never had their
 * first half. An edge that nobody enforces and that a run breaks is the race itself.
 */
import type { EdgeView, Enforcer, Trace } from '../../preload/contract'

export const ENFORCERS: readonly Enforcer[] = ['program-order', 'trap', 'device', 'pcie', 'software', 'nobody']

export const ENFORCER_WORD: Record<Enforcer, string> = {
  'program-order': 'program order',
  trap: 'trap',
  device: 'device',
  pcie: 'PCIe ordering',
  software: 'software',
  nobody: 'nobody',
}

export const ENFORCER_MEANING: Record<Enforcer, string> = {
  'program-order': 'One agent runs both, in this order.',
  trap: 'The vCPU stands still until the trapped access has been emulated.',
  device: 'The device itself does not start the second before the first.',
  pcie: 'Posted writes from one source to one target stay in order on the link.',
  software: 'An ordering that the scenario adds: a lock, a flush, a read-back.',
  nobody: 'Nothing in hardware or software puts these two in order.',
}

export type EdgeState =
  /** Both ran, the first one first. */
  | 'kept'
  /** Both ran, the second one first. */
  | 'overtaken'
  /** The second ran, the first has not. */
  | 'missing'

export interface EdgeInstance {
  edge: EdgeView
  state: EdgeState
  /** Index into the run's events; -1 when it did not run. */
  from: number
  to: number
}

/** Edges whose second half is in the run, in the order of that second half; those of nobody last, to be drawn on top. */
export function edgeInstances(edges: readonly EdgeView[], trace: Pick<Trace, 'events'>): EdgeInstance[] {
  const first = new Map<string, number>()
  trace.events.forEach((event, i) => {
    if (!first.has(event.step)) first.set(event.step, i)
  })
  const found: EdgeInstance[] = []
  for (const edge of edges) {
    const to = first.get(edge.after)
    if (to === undefined) continue
    const from = first.get(edge.before) ?? -1
    found.push({ edge, from, to, state: from < 0 ? 'missing' : from < to ? 'kept' : 'overtaken' })
  }
  const last = (e: EdgeInstance): number => (e.edge.enforcedBy === 'nobody' ? 1 : 0)
  return found.sort((a, b) => last(a) - last(b) || a.to - b.to || a.from - b.from)
}

/** What this run did wrong that nobody forbade: shown with words, not only with a line. */
export function races(instances: readonly EdgeInstance[]): EdgeInstance[] {
  return instances.filter((e) => e.edge.enforcedBy === 'nobody' && e.state !== 'kept')
}

/** Edges that matter for one event: those that end or start there. */
export function edgesOf(instances: readonly EdgeInstance[], event: number): EdgeInstance[] {
  return instances.filter((e) => e.from === event || e.to === event)
}
