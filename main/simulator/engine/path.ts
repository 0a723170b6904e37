/**
 * Runs as choices: at each state, which of the enabled steps was taken. No parent pointers are stored while exploring;
 * a shortest run is found again by walking back level by level.
 */
import { assert } from '../faults'
import { OUT_OF_RANGE, TAKEN, type Program } from '../model/compile'
import type { StateStore } from './store'

export interface Enabled {
  readonly step: number
  readonly outcome: number
  /** Packed state after it; the state before, where the outcome is OUT_OF_RANGE. */
  readonly state: Uint32Array
}

/** All enabled steps of a state, in the program's order. */
export function enabledAt(program: Program, state: Uint32Array, offset = 0): Enabled[] {
  const out: Enabled[] = []
  program.expand(state, offset, (step, outcome) => {
    out.push({
      step,
      outcome,
      state: outcome === TAKEN ? program.next.slice() : state.slice(offset, offset + program.words),
    })
  })
  return out
}

export interface Path {
  /** Step numbers in order. */
  readonly steps: readonly number[]
  /** (steps + 1) states; after an out-of-range step the last one is repeated. */
  readonly states: readonly Uint32Array[]
  readonly choices: readonly number[]
  /** How many steps were enabled at each state passed (the radix of each choice). */
  readonly radices: readonly number[]
  readonly outOfRange: boolean
}

export type ChoiceError = { readonly at: number; readonly enabled: number }

/** The run that takes these choices from the initial state, or where they go wrong. */
export function follow(program: Program, choices: Iterable<number>): Path | ChoiceError {
  const steps: number[] = []
  const radices: number[] = []
  const taken: number[] = []
  const states: Uint32Array[] = [program.initial.slice()]
  let outOfRange = false
  for (const choice of choices) {
    const here = states[states.length - 1]
    assert(here, 'state')
    const enabled: readonly Enabled[] = outOfRange ? [] : enabledAt(program, here)
    const e: Enabled | undefined = enabled[choice]
    if (!e) return { at: steps.length, enabled: enabled.length }
    steps.push(e.step)
    radices.push(enabled.length)
    taken.push(choice)
    states.push(e.state)
    outOfRange = e.outcome === OUT_OF_RANGE
  }
  return { steps, states, choices: taken, radices, outOfRange }
}

/** The run that takes these steps, by their ids, from the initial state, or where that cannot go on. */
export function followIds(program: Program, ids: readonly string[]): Path | ChoiceError {
  const choices: number[] = []
  let state: Uint32Array = program.initial
  for (const [at, id] of ids.entries()) {
    const enabled = enabledAt(program, state)
    const choice = enabled.findIndex((e) => program.model.steps[e.step]?.id === id)
    const taken = enabled[choice]
    if (!taken) return { at, enabled: enabled.length }
    choices.push(choice)
    state = taken.state
  }
  return follow(program, choices)
}

/**
 * Choices of shortest runs to stored states, one list for each target. `levels[d]` is the number of the first state at
 * depth d. All targets are followed back in one pass over the levels; each goes back to the first state of the level
 * before that leads to it, so the result is a function of the store alone. Yields now and then, for whoever may cancel.
 */
export function* choicesTo(
  program: Program,
  store: StateStore,
  levels: readonly number[],
  targets: readonly number[],
): Generator<void, number[][]> {
  const trails = targets.map((goal) => ({ goal, choices: [] as number[] }))
  for (let d = levels.length - 1; d > 0; d--) {
    const from = levels[d - 1] ?? 0
    const until = levels[d] ?? 0
    let open = trails.filter((t) => t.goal >= until)
    const wanted = new Map(open.map((t) => [t, store.copy(t.goal)]))
    for (let i = from; i < until && open.length > 0; i++) {
      if ((i & 0xff) === 0xff) yield
      let nth = 0
      program.expand(store.segmentOf(i), store.offsetOf(i), (_step, outcome) => {
        const choice = nth++
        if (outcome !== TAKEN) return
        for (const t of open) {
          const goal = wanted.get(t)
          if (!goal || !same(program.next, goal)) continue
          wanted.delete(t)
          t.choices.push(choice)
          t.goal = i
        }
      })
      open = open.filter((t) => wanted.has(t))
    }
    assert(open.length === 0, 'a state has a predecessor one level before')
  }
  return trails.map((t) => t.choices.reverse())
}

function same(a: Uint32Array, b: Uint32Array): boolean {
  for (let i = 0; i < b.length; i++) if (a[i] !== b[i]) return false
  return true
}
