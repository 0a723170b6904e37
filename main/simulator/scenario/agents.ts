/** Who runs the programs of a scenario: names, roles, and the copies of the board that they belong to. */
import type { ProgramSetup } from '../flows/board/items'
import { ROLES } from '../hardware/block'
import type { AgentRole } from '../model/model'
import type { Scenario } from './schema'

/** Names of agents that say their role themselves, besides the roles. */
const BY_NAME: Readonly<Record<string, AgentRole>> = {
  user: 'vmm',
  qemu: 'vmm',
  kernel: 'host',
  driver: 'host',
  firmware: 'other',
  attacker: 'device',
  hotplug: 'host',
  cpu: 'host',
}

/** A name's role: `guest2` is a guest. */
export function roleOf(agent: string, scenario: Pick<Scenario, 'agents'>): AgentRole {
  const stem = agent.replace(/[0-9_]+[a-z]?$/i, '')
  return scenario.agents[agent]?.role ?? ROLES.find((r) => r === stem) ?? BY_NAME[stem] ?? 'other'
}

const titleOf = (agent: string, scenario: Scenario): string =>
  scenario.agents[agent]?.title ?? agent.charAt(0).toUpperCase() + agent.slice(1)

/** A program without its items: what has to be known before expressions can be read. */
export interface ProgramHead {
  /** Name in `programs`. */
  readonly section: string
  readonly prefix: string
  readonly setup: ProgramSetup
}

export function programHeads(scenario: Scenario, prefixes: readonly string[]): ProgramHead[] {
  return prefixes.flatMap((prefix, copy) =>
    Object.keys(scenario.programs).flatMap((section): ProgramHead[] => {
      const { once = false, optional = false } = scenario.agents[section] ?? {}
      if (once && copy > 0) return []
      const own = once ? '' : prefix
      const title = `${own.replace('.', ' ')}${titleOf(section, scenario)}`
      return [
        {
          section,
          prefix: own,
          setup: { agent: own + section, title, role: roleOf(section, scenario), items: [], optional },
        },
      ]
    }),
  )
}
