/**
 * A run found among canonical states is a run of the model up to the exchange of what is alike. Followed from a real
 * state, each step is the first of the model's that leads to a state with the same canonical form.
 */
import { assert } from '../faults'
import { OUT_OF_RANGE, type Program } from '../model/compile'
import type { Canon } from './canon'
import { enabledAt } from './path'
import type { ComponentSpace } from './space'

/** A run being put together. */
export class Replay {
  readonly choices: number[] = []
  private here: Uint32Array

  constructor(
    private readonly program: Program,
    private readonly space: ComponentSpace,
  ) {
    this.here = program.initial.slice()
  }

  /**
   * Goes on along these canonical states, of which only the components `inside` count; the first is where it stands.
   * A `null` stands for a step that leaves a domain.
   */
  along(canon: Canon, states: readonly (Int32Array | null)[], inside?: readonly number[]): this {
    const { program, space } = this
    const form = (state: Uint32Array): Int32Array => {
      const ids = space.numbers(program.unpack(state))
      canon.apply(ids)
      return ids
    }
    const components = inside ?? [...space.components.keys()]
    for (const target of states.slice(1)) {
      const enabled = enabledAt(program, this.here)
      const choice = enabled.findIndex((e) => {
        if (target === null || e.outcome === OUT_OF_RANGE) return target === null && e.outcome === OUT_OF_RANGE
        const ids = form(e.state)
        return components.every((c) => ids[c] === target[c])
      })
      const e = enabled[choice]
      assert(e, 'a run of canonical states is a run')
      this.choices.push(choice)
      this.here = e.state
    }
    return this
  }
}
