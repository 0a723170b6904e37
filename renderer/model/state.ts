/** The rest of a state: variables of the machine that no register table shows, grouped by the object they belong to. */
import type { ScenarioView } from '../../preload/contract'
import { stateAt } from './registers'

export interface StateItem {
  name: string
  value: string
  /** What it was one step earlier, when that was different. */
  was: string | null
}

export interface StateGroup {
  object: string
  items: StateItem[]
}

export function otherState(
  view: Pick<ScenarioView, 'variables' | 'registers'>,
  states: Int32Array,
  step: number,
): StateGroup[] {
  const shown = new Set<number>()
  for (const table of view.registers)
    for (const row of table.rows)
      for (const register of row.registers)
        for (const { source } of register.fields) if ('variable' in source) shown.add(source.variable)
  const stride = view.variables.length
  const now = stateAt(states, stride, step)
  const before = step > 0 ? stateAt(states, stride, step - 1) : now
  const groups = new Map<string, StateItem[]>()
  view.variables.forEach((variable, i) => {
    if (variable.control || shown.has(i)) return
    const word = (raw: number | undefined): string => variable.labels?.[(raw ?? 0) - variable.lo] ?? String(raw ?? 0)
    const items = groups.get(variable.register) ?? []
    groups.set(variable.register, items)
    items.push({ name: variable.field, value: word(now[i]), was: before[i] === now[i] ? null : word(before[i]) })
  })
  return [...groups].map(([object, items]) => ({ object, items }))
}
