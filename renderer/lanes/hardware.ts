/** What blocks do by themselves (a device's engine, an interrupt's way) as lanes beside the programs: to be ordered, not moved. */
import type { ScenarioView, StepView } from '../../preload/contract'
import { isOf, placeKey, senderOf } from './match'
import type { Item, ItemList, ProgramLane, ProgramText } from './program'

export interface Hardware {
  readonly lanes: readonly ProgramLane[]
  /** By the items' keys: each is one step, with the arrival of what it posts. */
  readonly steps: ReadonlyMap<string, StepView[]>
  /** Steps that are left out because nothing is ordered against them. */
  readonly hidden: number
}

const NOTHING: Hardware = { lanes: [], steps: new Map(), hidden: 0 }

/** Those steps that an edge or an ordering names; with `all`, every one. */
export function hardware(view: ScenarioView | null, program: ProgramText | null, all: boolean): Hardware {
  if (!view || !program) return NOTHING
  const named = new Set([
    ...view.edges.filter((e) => senderOf({ id: e.after }) !== e.before).flatMap((e) => [e.before, e.after]),
    ...program.orderings.flatMap((o) => [o.before, o.after]),
  ])
  const arrivals = new Map(view.steps.flatMap((s) => (senderOf(s) === null ? [] : [[senderOf(s), s] as const])))
  const steps = new Map<string, StepView[]>()
  let hidden = 0
  const lanes = view.agents.flatMap(({ id: agent }): ProgramLane[] => {
    if (program.lanes.some((l) => isOf(agent, l.agent))) return []
    const key = `block.${agent}`
    const items: Item[] = []
    view.steps
      .filter((s) => s.agent === agent && senderOf(s) === null)
      .forEach((step, index) => {
        const arrival = arrivals.get(step.id)
        if (!all && !named.has(step.id) && !(arrival && named.has(arrival.id))) {
          hidden++
          return
        }
        const name = step.id.startsWith(`${agent}.`) ? step.id.slice(agent.length + 1) : step.id
        items.push({ name, operands: step.label, id: step.id, index, line: 0, column: 0 })
        steps.set(placeKey({ key }, { index }), arrival ? [step, arrival] : [step])
      })
    const list: ItemList = { key, path: [], agent, heading: null, depth: 0, items, fixed: true }
    return items.length > 0 ? [{ agent, lists: [list] }] : []
  })
  return { lanes, steps, hidden }
}
