/** Properties as they are asked of a state that is a tuple of configurations. */
import { disjuncts, normal } from '../model/logic'
import { DIVIDES, TRUE } from './configurations'
import { isStrict, type Watched } from './search'
import type { ComponentSpace, Condition } from './space'

/** Something that is looked for, as it is asked of a state. */
export interface Question extends Watched {
  readonly any: readonly Condition[]
  readonly strict: boolean
}
export function question(space: ComponentSpace, w: Watched): Question {
  return { ...w, any: disjuncts(normal(w.bad)).map((e) => space.condition(e)), strict: isStrict(w.kind) }
}
export function answers(space: ComponentSpace, { any, strict }: Question, ids: Int32Array): boolean {
  return any.some((c) => {
    const answer = space.ask(c, ids)
    return answer === TRUE || (answer === DIVIDES && strict)
  })
}
