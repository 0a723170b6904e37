/**
 * What is asked of a model, cut into questions that one search can answer with the least of the state space: alternatives
 * that are alike under the model's symmetry are asked once.
 */
import { FALSE as NEVER, not, reads, type Expr } from '../model/expr'
import { conjuncts, disjuncts, keyOf, normal } from '../model/logic'
import type { Model, Property } from '../model/model'
import type { Orbit, Renaming, Symmetry } from '../model/symmetry'
import { isState, isStrict, type Watched } from './search'

/** Where the property is decided: a `never` by its expression, an `always` or an `end` by the opposite. */
export function watchedOf(properties: readonly Property[]): Watched[] {
  return properties.map((p, index) => ({
    index,
    kind: p.kind,
    bad: p.kind === 'range' ? NEVER : isStrict(p.kind) ? not(p.test) : p.test,
  }))
}

/** Part of one property: alternatives that one search looks for. */
export interface Part {
  readonly watched: Watched
  readonly alternatives: readonly (readonly Expr[])[]
  /** Variables that are named: their instances are not exchanged. */
  readonly named: ReadonlySet<number>
}

/** The parts of a property that is judged after every step. */
export function partsOf(w: Watched, symmetry: Symmetry): Part[] {
  const all = disjuncts(normal(w.bad))
  const part = (list: readonly Expr[]): Part => ({
    watched: { ...w, bad: list.reduce((a, b) => ({ k: 'bin', op: '||', a, b })) },
    alternatives: list.map((e) => conjuncts(e)),
    named: new Set(list.flatMap((e) => [...reads(e)])),
  })
  if (!isState(w.kind)) return []
  return symmetry.exchanges.length === 0 ? [part(all)] : representatives(all, symmetry.exchanges).map((e) => part([e]))
}

/** One expression of each class under the exchanges; what an exchange leads out of the list is left as it is. */
function representatives(list: readonly Expr[], exchanges: readonly Renaming[]): Expr[] {
  const numbers = new Map<string, number>()
  // The first of those that are written alike stands for all of them.
  list.forEach((e, i) => {
    if (!numbers.has(keyOf(e))) numbers.set(keyOf(e), i)
  })
  const parent = list.map((_, i) => i)
  const find = (i: number): number => (parent[i] === i ? i : find(parent[i] ?? i))
  list.forEach((e, i) => {
    for (const image of exchanges) {
      const other = numbers.get(keyOf(e, (v) => image[v] ?? v))
      if (other === undefined) continue
      const [a, b] = [find(i), find(other)]
      parent[Math.max(a, b)] = Math.min(a, b)
    }
  })
  return list.filter((e, i) => numbers.get(keyOf(e)) === i && find(i) === i)
}

/** What a step is once its variables have been renamed: two steps with one key are the same. */
export function stepKey(model: Model, s: number, of: (v: number) => number): string {
  const step = model.steps[s]
  const location = model.agents[step?.agent ?? -1]?.location ?? -1
  const set = (step?.set ?? []).map((a) => `${of(a.variable)}=${keyOf(a.value, of)}`).sort()
  return `${of(location)}@${step?.from}|${step?.when ? keyOf(step.when, of) : ''}|${set.join('|')}`
}

/** Orbits whose exchanges leave all of these as they are. */
export function orbitsFor(model: Model, symmetry: Symmetry, watched: readonly Watched[]): readonly Orbit[] {
  const keys = watched.map((w) => ({ w, key: keyOf(normal(w.bad)) }))
  return symmetry.orbits.filter((o) =>
    o.instances.slice(1).every((instance, i) => {
      const image = Int32Array.from(model.variables, (_, v) => v)
      ;(o.instances[i] ?? []).forEach((v, k) => {
        const other = instance[k] ?? v
        image[v] = other
        image[other] = v
      })
      return keys.every(({ w, key }) => keyOf(normal(w.bad), (v) => image[v] ?? v) === key)
    }),
  )
}
