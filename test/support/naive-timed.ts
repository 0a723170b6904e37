/**
 * Runs in time by the book: every state is expanded anew and the least of all that is due is looked for. Slow and obviously
 * right; the timed engine must give the same runs.
 */
import { assert } from '../../main/simulator/faults'
import { OUT_OF_RANGE, type Program } from '../../main/simulator/model/compile'
import { enabledAt } from '../../main/simulator/engine/path'
import { Random } from '../../main/simulator/engine/rng'
import type { TimedPath } from '../../main/simulator/engine/timed'

export function naiveTimedRun(program: Program, seed: number, maxSteps = 10_000): TimedPath {
  const random = new Random(seed)
  const due = new Map<number, number>()
  const steps: number[] = []
  const times: number[] = []
  const choices: number[] = []
  const radices: number[] = []
  const states: Uint32Array[] = [program.initial.slice()]
  let now = 0
  let outOfRange = false
  while (steps.length < maxSteps && !outOfRange) {
    const here = states[states.length - 1]
    assert(here, 'state')
    const enabled = enabledAt(program, here)
    if (enabled.length === 0) break
    const present = new Set(enabled.map((e) => e.step))
    for (const step of [...due.keys()]) if (!present.has(step)) due.delete(step)
    for (const { step } of enabled) {
      if (due.has(step)) continue
      const [lo, hi] = program.model.steps[step]?.latency ?? [0, 0]
      due.set(step, now + random.between(lo, hi))
    }
    let chosen = 0
    enabled.forEach((e, i) => {
      const best = enabled[chosen]
      if (best && compare(due, e.step, best.step) < 0) chosen = i
    })
    const e = enabled[chosen]
    assert(e, 'chosen')
    now = due.get(e.step) ?? now
    due.delete(e.step)
    steps.push(e.step)
    times.push(now)
    choices.push(chosen)
    radices.push(enabled.length)
    states.push(e.state)
    outOfRange = e.outcome === OUT_OF_RANGE
  }
  return { steps, states, choices, radices, outOfRange, times, cut: steps.length >= maxSteps }
}

const compare = (due: ReadonlyMap<number, number>, a: number, b: number): number =>
  (due.get(a) ?? 0) - (due.get(b) ?? 0) || a - b
