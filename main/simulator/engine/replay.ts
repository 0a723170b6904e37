/**
 * A run found among canonical states is a run of the model up to the exchange of what is alike. Followed from a real
 * state, each step is the first of the model's that leads to a state with the same canonical form.
 */
import { assert } from '../faults'
import { OUT_OF_RANGE, type Program } from '../model/compile'
import type { Canon } from './canon'
import { BROKEN, type ComponentSpace } from './space'

/** A run being put together. */
export class Replay {
  private readonly steps: number[] = []
  private here: Int32Array

  constructor(private readonly space: ComponentSpace) {
    this.here = space.initial()
  }

  get length(): number {
    return this.steps.length
  }

  /**
   * Goes on along these canonical states, of which only the components `inside` count; the first is where it stands.
   * A `null` stands for a step that leaves a domain.
   */
  along(canon: Canon, states: readonly (Int32Array | null)[], inside?: readonly number[]): this {
    const { space } = this
    const components = inside ?? [...space.components.keys()]
    const next = new Int32Array(space.size)
    const form = new Int32Array(space.size)
    for (const target of states.slice(1)) {
      let taken = -1
      const enabled: { step: number; how: number }[] = []
      space.expand(this.here, (step, how) => enabled.push({ step, how }))
      enabled.sort((a, b) => a.step - b.step)
      for (const { step, how } of enabled) {
        const stays = how !== BROKEN && space.take(step, this.here, next)
        if (!stays || target === null) {
          if (stays || target !== null) continue
          taken = step
          break
        }
        form.set(next)
        canon.apply(form)
        if (!components.every((c) => form[c] === target[c])) continue
        taken = step
        this.here = next.slice()
        break
      }
      assert(taken >= 0, 'a run of canonical states is a run')
      this.steps.push(taken)
    }
    return this
  }

  /** The same run as choices among the steps that are enabled at each state. */
  choices(program: Program): number[] {
    const choices: number[] = []
    let state: Uint32Array = program.initial
    for (const wanted of this.steps) {
      let nth = 0
      let choice = -1
      let after: Uint32Array | undefined
      program.expand(state, 0, (step, outcome) => {
        if (step === wanted) {
          choice = nth
          after = outcome === OUT_OF_RANGE ? state : program.next.slice()
        }
        nth++
      })
      assert(after, 'the step is enabled')
      choices.push(choice)
      state = after
    }
    return choices
  }
}
