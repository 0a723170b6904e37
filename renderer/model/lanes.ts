/** Lanes of the timeline: one per agent, in the order in which a request travels. */
import type { AgentView, ScenarioView, Trace } from '../../preload/contract'

export type Role = AgentView['role']

/** Guest, VMM, host, irqchip, link, device, interrupt: the way down, and the way back up at the end. */
export const ROLE_ORDER: readonly Role[] = ['guest', 'vmm', 'host', 'irqchip', 'fabric', 'device', 'interrupt', 'other']

export const ROLE_WORD: Record<Role, string> = {
  guest: 'guest',
  vmm: 'VMM',
  host: 'host',
  irqchip: 'irqchip',
  fabric: 'link',
  device: 'device',
  interrupt: 'interrupt',
  other: 'other',
}

export interface Lane {
  agent: string
  title: string
  role: Role
  index: number
  /** Steps of this lane in the shown run. */
  events: number
}

/** Agents keep the scenario's order within a role. Agents that the view does not know (a newer host) come last. */
export function buildLanes(view: Pick<ScenarioView, 'agents'>, trace?: Pick<Trace, 'events'>): Lane[] {
  const counts = new Map<string, number>()
  for (const event of trace?.events ?? []) counts.set(event.agent, (counts.get(event.agent) ?? 0) + 1)
  const known = new Map(view.agents.map((agent) => [agent.id, agent]))
  const agents: AgentView[] = [...view.agents]
  for (const id of counts.keys()) if (!known.has(id)) agents.push({ id, title: id, role: 'other' })
  const rank = (agent: AgentView): number => ROLE_ORDER.indexOf(agent.role)
  return agents
    .map((agent, i) => ({ agent, i }))
    .sort((a, b) => rank(a.agent) - rank(b.agent) || a.i - b.i)
    .map(({ agent }, index) => ({
      agent: agent.id,
      title: agent.title,
      role: agent.role,
      index,
      events: counts.get(agent.id) ?? 0,
    }))
}

export const laneColour = (role: Role): string => `var(--lane-${role})`
