/**
 * Holds what a scenario says of its edges ("program order enforces it", "nobody does") against every run of its
 * programs. A claim that is not so is a warning at its place in the text: the arrows that the window draws would lie.
 */
import { explore } from '../simulator/engine/explore'
import { fault, type Fault } from '../simulator/faults'
import { compile } from '../simulator/model/compile'
import type { Model } from '../simulator/model/model'
import { actionsOf, ProgramOrder } from '../simulator/model/orderings'
import type { CompiledScenario } from '../simulator/scenario/compiled'
import type { Claim } from '../simulator/scenario/critical-edges'

/** One search answers for all claims, nothing left out: an editor asks after every pause in typing. */
const MAX_STATES = 20_000

/** As the text says it, in words. */
const WHO: Readonly<Record<Claim['enforcedBy'], string>> = {
  'program-order': 'program order',
  trap: 'a trap',
  device: 'the device',
  pcie: 'PCIe',
  software: 'software',
  nobody: 'nobody',
}

/** Code: SCENARIO_EDGE, at what is not so. What the bound leaves undecided is not spoken of. */
export const claimWarnings = (c: CompiledScenario): readonly Fault[] => judgedClaims(c).warnings

/** `decided`: of every claim it is known whether it is so. */
export function judgedClaims(c: CompiledScenario): { readonly decided: boolean; readonly warnings: readonly Fault[] } {
  if (!c.claims) return { decided: true, warnings: [] }
  const model = c.claims.model()
  const { complete, findings } = explore(compile(model), { maxStates: MAX_STATES })
  const warnings = c.claims.list.flatMap((claim, i) => {
    const order = findings[2 * i]?.verdict
    if (findings[2 * i + 1]?.verdict === 'unwitnessed') return [never(claim)]
    if (claim.enforcedBy === 'nobody') return order === 'holds' ? [enforced(claim)] : []
    return order === 'violated' ? [broken(model, claim, findings[2 * i]?.choices?.length ?? 0)] : []
  })
  return { decided: complete, warnings }
}

const warning = ({ at }: Claim, message: string, hint: string): Fault =>
  fault('SCENARIO_EDGE', message, { ...at.enforcer, hint })

const never = ({ before, after, at }: Claim): Fault =>
  fault('SCENARIO_EDGE', `${after} happens in no run: the edge from ${before} orders nothing`, {
    ...at.after,
    hint: 'name a step that happens, or take the edge out',
  })

const enforced = (claim: Claim): Fault =>
  warning(
    claim,
    `nobody is said to enforce that ${claim.before} comes before ${claim.after}, but in every run it does`,
    'say who enforces it, or name the steps that race',
  )

function broken(model: Model, claim: Claim, length: number): Fault {
  const { before, after } = claim
  const written = turned(model, claim)
  const why = written
    ? `${written} runs ${after} first`
    : `there is a run of ${length} ${length === 1 ? 'step' : 'steps'} in which ${after} comes first`
  return warning(
    claim,
    `${WHO[claim.enforcedBy]} is said to enforce that ${before} comes before ${after}, but ${why}`,
    'put the steps into that order, add it to `orderings`, or say "enforced_by: nobody"',
  )
}

/** The agent whose own program has the two steps the other way round, by name. */
function turned(model: Model, { copies: [copy] }: Claim): string | undefined {
  const actions = actionsOf(model, () => false)
  const holding = (id: string | undefined) => actions.find((x) => x.steps.some((s) => model.steps[s]?.id === id))
  const [before, after] = [holding(copy?.before), holding(copy?.after)]
  const other = before && after && before !== after && new ProgramOrder(model).upTo(after, before)
  return other ? model.agents[before.agent]?.title : undefined
}
