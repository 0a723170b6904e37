/**
 * A run of another model of the same scenario that does what a given run did, in the order nearest to it: each of its
 * steps in turn, after as few others as make it possible. What cannot be made possible waits for the rest. Beside the
 * given run it shows what an added ordering changes and nothing else.
 */
import { TAKEN, type Program } from '../model/compile'
import { enabledAt } from './path'

export interface Rearranged {
  /** Choices, as `follow` takes them. */
  readonly choices: readonly number[]
  /** What the given run did and this one cannot come to do, or was not seen to within the bound. */
  readonly left: readonly number[]
}

/** `wanted`: steps of the program, in the order of the given run. `maxStates`: seen in all while looking for what has to come between. */
export function rearranged(program: Program, wanted: readonly number[], maxStates: number): Rearranged {
  const rest = [...wanted]
  const choices: number[] = []
  let state: Uint32Array = program.initial.slice()
  let seen = 0
  /** Behind `waiting` steps that nothing makes possible. */
  let waiting = 0
  while (waiting < rest.length) {
    const step = rest[waiting] ?? -1
    const before = toStep(program, state, step, maxStates - seen)
    seen += before.seen
    if (!before.way) {
      waiting++
      continue
    }
    for (const { step: taken, choice } of before.way) {
      choices.push(choice)
      const at = rest.indexOf(taken)
      if (at >= 0) rest.splice(at, 1)
    }
    state = before.state
    // What has waited may be possible now.
    waiting = 0
  }
  return { choices, left: rest }
}

/** What can run and stays within its domains. */
function inside(program: Program, state: Uint32Array): { step: number; choice: number; state: Uint32Array }[] {
  return enabledAt(program, state).flatMap(({ step, outcome, state: next }, choice) =>
    outcome === TAKEN ? [{ step, choice, state: next.slice() }] : [],
  )
}

interface Taken {
  readonly step: number
  readonly choice: number
}

/** A shortest way that ends with the step. */
function toStep(
  program: Program,
  from: Uint32Array,
  step: number,
  most: number,
): { way: Taken[] | null; state: Uint32Array; seen: number } {
  interface At {
    readonly state: Uint32Array
    readonly back: At | null
    readonly by: Taken
  }
  const open: At[] = [{ state: from, back: null, by: { step: -1, choice: -1 } }]
  const known = new Set([from.join()])
  for (const at of open) {
    const enabled = inside(program, at.state)
    const last = enabled.find((e) => e.step === step)
    if (last) {
      const way: Taken[] = [last]
      for (let a: At = at; a.back; a = a.back) way.unshift(a.by)
      return { way, state: last.state, seen: known.size - 1 }
    }
    for (const e of enabled) {
      const key = e.state.join()
      if (known.has(key) || known.size > most) continue
      known.add(key)
      open.push({ state: e.state, back: at, by: e })
    }
  }
  return { way: null, state: from, seen: known.size - 1 }
}
