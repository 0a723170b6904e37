/**
 * A run of another model of the same scenario that does what a given run did, in the order nearest to it: of what the
 * given run still has to do, the earliest that can run is taken; where nothing of it can, as few other steps as possible
 * are put in between. Beside the given run it shows what an added ordering changes and nothing else.
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
  while (rest.length > 0) {
    const between = toAny(program, state, new Set(rest), maxStates - seen)
    seen += between.seen
    if (!between.way) break
    choices.push(...between.way)
    state = between.state
    const enabled = inside(program, state)
    const first = rest.findIndex((s) => enabled.some((e) => e.step === s))
    const next = enabled.find((e) => e.step === rest[first])
    if (!next) break
    choices.push(next.choice)
    state = next.state
    rest.splice(first, 1)
  }
  return { choices, left: rest }
}

/** What can run and stays within its domains. */
function inside(program: Program, state: Uint32Array): { step: number; choice: number; state: Uint32Array }[] {
  return enabledAt(program, state).flatMap(({ step, outcome, state: next }, choice) =>
    outcome === TAKEN ? [{ step, choice, state: next.slice() }] : [],
  )
}

/** Choices of a shortest way to a state in which one of the steps can run. */
function toAny(
  program: Program,
  from: Uint32Array,
  steps: ReadonlySet<number>,
  most: number,
): { way: number[] | null; state: Uint32Array; seen: number } {
  interface At {
    readonly state: Uint32Array
    readonly back: At | null
    readonly choice: number
  }
  const open: At[] = [{ state: from, back: null, choice: -1 }]
  const known = new Set([from.join()])
  for (const at of open) {
    const enabled = inside(program, at.state)
    if (enabled.some((e) => steps.has(e.step))) {
      const way: number[] = []
      for (let a: At = at; a.back; a = a.back) way.unshift(a.choice)
      return { way, state: at.state, seen: known.size - 1 }
    }
    for (const e of enabled) {
      const key = e.state.join()
      if (known.has(key) || known.size > most) continue
      known.add(key)
      open.push({ state: e.state, back: at, choice: e.choice })
    }
  }
  return { way: null, state: from, seen: known.size - 1 }
}
