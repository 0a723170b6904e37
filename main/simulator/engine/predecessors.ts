/** Which states may lead to a given one: what the components that a step writes may have been before it. */
import { FALSE, type Configurations } from './configurations'
import type { ComponentSpace, StepHere } from './space'

/** More are not worth listing. */
const MOST = 2 ** 14

/**
 * States out of which some step may lead to `goal`: all of them, and others that do not. Each is given in the same array,
 * so that it has to be used at once. False where there would be too many.
 */
export function predecessors(space: ComponentSpace, goal: Int32Array, take: (ids: Int32Array) => void): boolean {
  const ids = goal.slice()
  for (const step of space.steps) {
    const before = written(space, step, goal)
    const count = before.reduce((n, w) => n * w.ids.length, 1)
    if (count > MOST) return false
    const vary = (i: number): void => {
      const w = before[i]
      if (!w) {
        take(ids)
        return
      }
      for (const id of w.ids) {
        ids[w.component] = id
        vary(i + 1)
      }
      ids[w.component] = goal[w.component] ?? 0
    }
    if (count > 0) vary(0)
  }
  return true
}

interface Written {
  readonly component: number
  readonly ids: readonly number[]
}

function written(space: ComponentSpace, step: StepHere, goal: Int32Array): Written[] {
  const list: Written[] = []
  for (let i = 0; i < step.writes.length; i += 2) {
    const component = step.writes[i] ?? 0
    const of = space.classOf[component]
    if (!of) continue
    const role = step.writes[i + 1] ?? 0
    const after = step.mixed.has(component) ? null : (goal[component] ?? 0)
    list.push({ component, ids: before(of, role, after) })
  }
  return list
}

/** Configurations in which the role may be taken and leads to that one; null: to whichever. */
function before(of: Configurations, role: number, after: number | null): number[] {
  const found: number[] = []
  for (let id = 0, { size } = of; id < size; id++)
    if (of.allows(role, id) !== FALSE && (after === null || of.after(role, id) === after)) found.push(id)
  return found
}
