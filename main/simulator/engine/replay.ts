/**
 * A run found among canonical states is a run of the model up to the exchange of what is alike. Followed from the real
 * initial state, each step is the first of the model's that leads to a state with the same canonical form.
 */
import { assert } from '../faults'
import { OUT_OF_RANGE, type Program } from '../model/compile'
import type { Canon } from './canon'
import { enabledAt } from './path'
import type { ComponentSpace } from './space'

/** Choices that lead along these canonical states; `via`: one more step, which leaves a domain or leads to a state seen. */
export function choicesAlong(
  program: Program,
  space: ComponentSpace,
  canon: Canon,
  states: readonly Int32Array[],
  last?: { readonly ids: Int32Array | null },
): number[] {
  const choices: number[] = []
  let here: Uint32Array = program.initial.slice()
  const form = (state: Uint32Array): Int32Array => {
    const ids = space.numbers(program.unpack(state))
    canon.apply(ids)
    return ids
  }
  const targets: (Int32Array | null)[] = [...states.slice(1), ...(last ? [last.ids] : [])]
  for (const target of targets) {
    const enabled = enabledAt(program, here)
    const choice = enabled.findIndex((e) =>
      target === null ? e.outcome === OUT_OF_RANGE : e.outcome !== OUT_OF_RANGE && same(form(e.state), target),
    )
    const e = enabled[choice]
    assert(e, 'a run of canonical states is a run')
    choices.push(choice)
    here = e.state
  }
  return choices
}

function same(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < b.length; i++) if (a[i] !== b[i]) return false
  return true
}
