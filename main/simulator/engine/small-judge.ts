/**
 * Whether a model is good as it is, by interpreting it: for the many variants of one scenario, whose state spaces are so
 * small that making code of each would take far longer than looking at it. Depth first, up to the first violation.
 */
import { DivisionByZero, evaluate, type Expr } from '../model/expr'
import { ordinal, type Model } from '../model/model'
import type { Look } from './repair-graph'
import { isEnd, isState, isStrict } from './search'

/** Null where there are more than `most` states. */
export function judgeSmall(model: Model, most: number): Look | null {
  const { properties, agents } = model
  const judged = properties.filter((p) => isState(p.kind) && p.kind !== 'sometimes')
  const ends = properties.filter((p) => isEnd(p.kind))
  const missing = new Set(properties.filter((p) => p.kind === 'sometimes'))
  const strictRange = properties.some((p) => p.kind === 'range')
  const places = new Map<string, (typeof model.steps)[number][]>()
  for (const s of model.steps) {
    const key = `${s.agent} ${s.from}`
    places.set(key, [...(places.get(key) ?? []), s])
  }
  const bad: Look = { k: 'bad', run: [] }
  const initial = model.variables.map((v) => v.initial)
  const seen = new Set([initial.join()])
  const open: (readonly number[])[] = [initial]
  for (let state = open.pop(); state; state = open.pop()) {
    const here = state
    const read = (v: number): number => here[v] ?? 0
    let enabled = 0
    for (const [a, agent] of agents.entries())
      for (const step of places.get(`${a} ${read(agent.location)}`) ?? []) {
        const next = after(model, step, here)
        if (next === 'disabled') continue
        enabled++
        if (next === 'out') {
          if (strictRange) return bad
          continue
        }
        if (judged.some((p) => truth(p.test, next) !== isStrict(p.kind))) return bad
        for (const p of missing) if (truth(p.test, next)) missing.delete(p)
        const key = next.join()
        if (seen.has(key)) continue
        if (seen.size >= most) return null
        seen.add(key)
        open.push(next)
      }
    if (enabled === 0 && ends.some((p) => !truth(p.test, here))) return bad
  }
  return missing.size > 0 ? { k: 'lost' } : { k: 'good', states: seen.size }
}

function after(
  model: Model,
  step: Model['steps'][number],
  state: readonly number[],
): readonly number[] | 'disabled' | 'out' {
  const read = (v: number): number => state[v] ?? 0
  try {
    if (step.when !== null && evaluate(step.when, read) === 0) return 'disabled'
    const next = [...state]
    for (const { variable, value } of step.set) {
      const to = evaluate(value, read)
      const domain = model.variables[variable]?.domain
      if (!domain || ordinal(domain, to) < 0) return 'out'
      next[variable] = to
    }
    const location = model.agents[step.agent]?.location
    if (location !== undefined) next[location] = step.to
    return next
  } catch (x) {
    if (x instanceof DivisionByZero) return 'out'
    throw x
  }
}

/** A division by zero makes what is written false. */
function truth(e: Expr, state: readonly number[]): boolean {
  try {
    return evaluate(e, (v) => state[v] ?? 0) !== 0
  } catch (x) {
    if (x instanceof DivisionByZero) return false
    throw x
  }
}
