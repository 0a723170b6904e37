/** What a broken run becomes once a repair is in the text: its steps again, in the nearest order that the repair allows. */
import type { BesideResult, Repair } from '../../preload/contract'
import { assert, err, ok, type Fault, type Result } from '../simulator/faults'
import { follow } from '../simulator/engine/path'
import { rearranged } from '../simulator/engine/rearrange'
import { choiceToken } from '../simulator/engine/token'
import { compileScenario, type ScenarioResource } from '../simulator/scenario/compile'
import { orderInText } from '../simulator/scenario/order'
import type { Scale } from '../simulator/scenario/scale'
import { head, ready, trace } from './exploring'

/** States seen in all while looking for what has to come between two steps. */
const BETWEEN_STATES = 20_000

/** Errors: those of the text, SCENARIO_ORDERING. */
export function beside(
  name: string,
  text: string,
  resources: readonly ScenarioResource[],
  { steps, repair, scale }: { steps: readonly string[]; repair: Pick<Repair, 'edges' | 'moves'>; scale: Scale },
): Result<BesideResult, Fault[]> {
  const repaired = orderInText(text, repair)
  if (!repaired.ok) return err([repaired.error])
  const compiled = compileScenario(name, repaired.value, resources, scale)
  if (!compiled.ok) return compiled
  const r = ready(compiled.value)
  const numbers = new Map(r.c.model.steps.map((s, i) => [s.id, i]))
  const wanted = steps.flatMap((id) => numbers.get(id) ?? [])
  const { choices, left } = rearranged(r.program, wanted, BETWEEN_STATES)
  const path = follow(r.program, choices)
  assert(!('at' in path), 'a run that was taken can be followed')
  const gone = steps.filter((id) => !numbers.has(id))
  return ok({
    trace: trace(r, path, choiceToken(head(r.c), path)),
    left: [...gone, ...left.map((s) => r.c.model.steps[s]?.id ?? '')],
  })
}
