/** What a step is called, for a person. */
import type { ScenarioView } from '../../preload/contract'

/** A step of a program may stand for several of the model (`B3` for `B3.trap`, …): then its operation says what it is. */
export function stepWord(view: ScenarioView | null | undefined, id: string): string {
  const exact = view?.steps.find((s) => s.id === id)
  if (exact) return exact.label
  const part = view?.steps.find((s) => s.id.startsWith(`${id}.`))
  return part ? `${id} ${part.op}` : id
}
