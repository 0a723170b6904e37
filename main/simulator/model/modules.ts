/**
 * Parts of a model that have nothing to do with one another: no step of one touches a variable of another. Where all runs
 * end, each part ends by itself, and what is asked about one part need not look at the others.
 */
import { reads } from './expr'
import type { Model } from './model'

export interface Modules {
  readonly count: number
  /** Module of each variable (−1: no step touches it), and of each step. */
  readonly ofVariable: Int32Array
  readonly ofStep: Int32Array
}

/** `together`: sets of variables that one question is about; their modules count as one. */
export function modulesOf(model: Model, together: readonly ReadonlySet<number>[]): Modules {
  const parent = model.variables.map((_, v) => v)
  const find = (v: number): number => {
    while (parent[v] !== v) {
      parent[v] = parent[parent[v] ?? v] ?? v
      v = parent[v] ?? v
    }
    return v
  }
  const join = (list: Iterable<number>): void => {
    let first = -1
    for (const v of list) {
      if (first < 0) first = find(v)
      else parent[Math.max(first, find(v))] = first = Math.min(first, find(v))
    }
  }
  // A variable that nobody assigns joins nothing: everybody reads the same in it.
  const assigned = new Set(model.steps.flatMap((s) => s.set.map((a) => a.variable)))
  for (const a of model.agents) assigned.add(a.location)
  const touched = model.steps.map((s) => {
    const all = reads(s.when)
    for (const a of s.set) reads(a.value, all).add(a.variable)
    all.add(model.agents[s.agent]?.location ?? -1)
    return [...all].filter((v) => assigned.has(v))
  })
  touched.forEach(join)
  for (const set of together) join([...set].filter((v) => assigned.has(v)))
  const numbers = new Map<number, number>()
  const ofStep = Int32Array.from(touched, (list) => {
    const root = find(list[0] ?? 0)
    if (!numbers.has(root)) numbers.set(root, numbers.size)
    return numbers.get(root) ?? 0
  })
  const ofVariable = Int32Array.from(model.variables, (_, v) => numbers.get(find(v)) ?? -1)
  return { count: numbers.size, ofVariable, ofStep }
}
