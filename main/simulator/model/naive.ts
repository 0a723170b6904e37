/**
 * The second interpreter: objects, no packing, small and obviously right. The packed program must agree with it on every
 * model (differential tests); nothing else uses it.
 */
import { DivisionByZero, evaluate, type Expr } from './expr'
import { ordinal, type Model } from './model'

export interface Successor {
  readonly step: number
  /** Null: an assignment left its domain (or a division by zero was met) and the run ends here. */
  readonly state: readonly number[] | null
}

export function successors(model: Model, state: readonly number[]): Successor[] {
  const read = (v: number): number => state[v] ?? NaN
  const out: Successor[] = []
  model.agents.forEach((agent, a) => {
    model.steps.forEach((step, index) => {
      if (step.agent !== a || read(agent.location) !== step.from) return
      try {
        if (step.when !== null && evaluate(step.when, read) === 0) return
        const next = [...state]
        for (const { variable, value } of step.set) next[variable] = evaluate(value, read)
        next[agent.location] = step.to
        const inside = model.variables.every((v, i) => ordinal(v.domain, next[i] ?? NaN) >= 0)
        out.push({ step: index, state: inside ? next : null })
      } catch (e) {
        if (!(e instanceof DivisionByZero)) throw e
        out.push({ step: index, state: null })
      }
    })
  })
  return out.sort((x, y) => orderOf(model, x.step) - orderOf(model, y.step))
}

/** The packed program visits agents in order, their steps by location and then by number. */
function orderOf(model: Model, step: number): number {
  return (model.steps[step]?.agent ?? 0) * model.steps.length + step
}

export function test(e: Expr, state: readonly number[]): boolean {
  try {
    return evaluate(e, (v) => state[v] ?? NaN) !== 0
  } catch (x) {
    if (x instanceof DivisionByZero) return false
    throw x
  }
}

export interface NaiveGraph {
  readonly states: number
  readonly transitions: number
  readonly endStates: number
  /** Length of the shortest run to a bad (never, always, end …) or good (sometimes) end, by property; absent: none. */
  readonly lengths: readonly (number | undefined)[]
  readonly outOfRange: number | undefined
}

/** The whole state graph, breadth first. `limit` guards the tests. */
export function explore(model: Model, limit = 200_000): NaiveGraph {
  const initial = model.variables.map((v) => v.initial)
  const depth = new Map<string, number>([[initial.join(), 0]])
  const queue: (readonly number[])[] = [initial]
  const lengths: (number | undefined)[] = model.properties.map(() => undefined)
  let transitions = 0
  let endStates = 0
  let outOfRange: number | undefined
  const hit = (p: number, length: number) => (lengths[p] = Math.min(lengths[p] ?? Infinity, length))
  for (let i = 0; i < queue.length && queue.length <= limit; i++) {
    const state = queue[i] ?? []
    const here = depth.get(state.join()) ?? 0
    const found = successors(model, state)
    transitions += found.length
    if (found.length === 0) {
      endStates++
      model.properties.forEach((p, k) => {
        if ((p.kind === 'end' || p.kind === 'complete') && !test(p.test, state)) hit(k, here)
      })
    }
    for (const s of found) {
      if (s.state === null) {
        outOfRange = Math.min(outOfRange ?? Infinity, here + 1)
        model.properties.forEach((p, k) => p.kind === 'range' && hit(k, here + 1))
        continue
      }
      const after = s.state
      model.properties.forEach((p, k) => {
        const value = test(p.test, after)
        if (
          ((p.kind === 'never' || p.kind === 'order' || p.kind === 'sometimes') && value) ||
          (p.kind === 'always' && !value)
        )
          hit(k, here + 1)
      })
      if (!depth.has(after.join())) {
        depth.set(after.join(), here + 1)
        queue.push(after)
      }
    }
  }
  return { states: queue.length, transitions, endStates, lengths, outOfRange }
}
