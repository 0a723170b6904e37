/** Orderings of a scenario that hold back a step of the hardware, where nobody can make anything wait. */
import type { AgentView, Problem } from '../../preload/contract'

/** What a check says of such orderings. */
export const unheldOrderings = (problems: readonly Problem[]): Problem[] =>
  problems.filter((p) => p.code === 'SCENARIO_ORDERING' && p.severity === 'warning')

/** No software can make the steps of these wait. */
export const isHardware = ({ role }: Pick<AgentView, 'role'>): boolean =>
  role === 'device' || role === 'fabric' || role === 'interrupt'
