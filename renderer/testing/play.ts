/** For the window's own tests: a run from a list of steps and what each of them changes. */
import type { ScenarioView, StepView, Trace, VariableView } from '../../preload/contract'

export type Play = readonly (readonly [step: string, changes?: Readonly<Record<string, number>>])[]

export const variable = (
  name: string,
  labels: string[] | null,
  register: string,
  field: string,
  hi = labels ? labels.length - 1 : 1,
): VariableView => ({
  name,
  labels,
  lo: 0,
  hi,
  register,
  field,
  control: false,
})

export const step = (id: string, agent: string, label: string, more: Partial<StepView> = {}): StepView => ({
  id,
  agent,
  op: id.split('.')[1]?.replace(/\(.*/, '') ?? id,
  label,
  cite: '70 §11',
  trap: false,
  ...more,
})

const word = (v: VariableView, value: number): string => v.labels?.[value - v.lo] ?? String(value)

export function play(view: Pick<ScenarioView, 'variables' | 'steps' | 'initial'>, steps: Play, token: string): Trace {
  const { variables } = view
  const rows = [[...view.initial]]
  const events = steps.map(([id, changes = {}]) => {
    const known = view.steps.find((s) => s.id === id)
    if (!known) throw new Error(`no step ${id}`)
    const before = rows.at(-1) ?? []
    const after = before.map((value, i) => changes[variables[i]?.name ?? ''] ?? value)
    rows.push(after)
    return {
      step: id,
      agent: known.agent,
      op: known.op,
      label: known.label,
      line: known.line,
      cite: known.cite,
      changes: variables.flatMap((v, i) =>
        before[i] === after[i]
          ? []
          : [{ register: v.register, field: v.field, from: word(v, before[i] ?? 0), to: word(v, after[i] ?? 0) }],
      ),
    }
  })
  return { length: events.length, token, events, states: Int32Array.from(rows.flat()) }
}
