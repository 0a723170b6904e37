/**
 * Which variables belong together. A state is a tuple of component configurations, and what a step does to a component
 * is worked out once for each configuration; so a component should hold what changes together, and stay small enough
 * that its configurations number in the thousands at most.
 *
 * Instances of an orbit (model/symmetry.ts) never share a component with one another unless all of them lie in it.
 */
import { reads } from './expr'
import { bitsFor } from './layout'
import { cardinality, type Model } from './model'
import type { Orbit } from './symmetry'

/** Bits of one component, written out. */
const MOST_BITS = 30
/**
 * Bits of an instance of an orbit that is one component: of what changes together only a small part is ever met
 * (some 80 of 2²⁰ configurations of a vector of the scaled family, 4,500 of 2⁴⁵ of a device with two).
 */
const INSTANCE_BITS = 48
/** Bits up to which components are joined because the same steps touch them. */
const JOIN_BITS = 14

export interface Partition {
  /** Variables of each component, ascending but for copies: those follow the order of their first instance. */
  readonly components: readonly (readonly number[])[]
  /** Variables that no step ever assigns. */
  readonly constant: ReadonlySet<number>
}

const bitsOf = (model: Model, v: number): number => {
  const d = model.variables[v]?.domain
  return d ? bitsFor(cardinality(d)) : 0
}

export function partitionOf(model: Model, orbits: readonly Orbit[]): Partition {
  const assigned = new Set(model.steps.flatMap((s) => s.set.map((a) => a.variable)))
  for (const s of model.steps) if (s.from !== s.to) assigned.add(model.agents[s.agent]?.location ?? -1)
  const constant = new Set(model.variables.map((_, v) => v).filter((v) => !assigned.has(v)))
  const groups = new Groups(model, orbits, constant)
  for (const list of placesOf(model, orbits)) groups.add(list.filter((v) => !constant.has(v)))
  return { components: groups.joined(), constant }
}

/** Variables by the innermost instances that they lie in, joined from the inside while they fit. */
function placesOf(model: Model, orbits: readonly Orbit[]): number[][] {
  const joined: number[][] = []
  const taken = new Set<number>()
  // Outermost first: the largest instance that fits is one component.
  const instances = [...orbits].reverse().flatMap((o) => o.instances)
  for (const instance of instances) {
    if (instance.some((v) => taken.has(v))) continue
    if (instance.reduce((n, v) => n + bitsOf(model, v), 0) > INSTANCE_BITS) continue
    joined.push([...instance])
    for (const v of instance) taken.add(v)
  }
  // What is left of an instance that is too large, without the instances inside it.
  const rest = new Map<string, number[]>()
  model.variables.forEach((_, v) => {
    if (taken.has(v)) return
    const place = instances.flatMap((i, n) => (i.includes(v) ? [n] : [])).join()
    rest.set(place, [...(rest.get(place) ?? []), v])
  })
  const free = rest.get('') ?? []
  rest.delete('')
  return [...joined, ...rest.values(), ...free.map((v) => [v])]
}

class Groups {
  private readonly groups: number[][] = []
  private readonly bound: boolean[] = []
  constructor(
    private readonly model: Model,
    private readonly orbits: readonly Orbit[],
    private readonly constant: ReadonlySet<number>,
  ) {}

  add(variables: readonly number[]): void {
    if (variables.length === 0) return
    const inOrbit = this.orbits.some((o) => o.instances.some((i) => i.some((v) => variables.includes(v))))
    // A group of an orbit that is too wide is cut: its parts are sorted together, as one instance.
    let part: number[] = []
    let bits = 0
    for (const v of variables) {
      const more = bitsOf(this.model, v)
      if (part.length > 0 && bits + more > (inOrbit ? INSTANCE_BITS : MOST_BITS)) {
        this.push(part, inOrbit)
        part = []
        bits = 0
      }
      part.push(v)
      bits += more
    }
    this.push(part, inOrbit)
  }
  private push(part: number[], bound: boolean): void {
    this.groups.push(part)
    this.bound.push(bound)
  }

  /** Groups outside all orbits are joined with those that most of the same steps touch. */
  joined(): number[][] {
    const { model, groups } = this
    const of = new Int32Array(model.variables.length).fill(-1)
    groups.forEach((g, i) => g.forEach((v) => (of[v] = i)))
    const together = new Map<string, number>()
    for (const s of model.steps) {
      const touched = reads(s.when)
      for (const a of s.set) reads(a.value, touched).add(a.variable)
      touched.add(model.agents[s.agent]?.location ?? -1)
      const list = [...new Set([...touched].filter((v) => !this.constant.has(v)).map((v) => of[v] ?? -1))]
        .filter((g) => g >= 0 && this.bound[g] === false)
        .sort((a, b) => a - b)
      for (let i = 0; i < list.length && list.length <= 8; i++)
        for (let j = i + 1; j < list.length; j++) {
          const key = `${list[i]} ${list[j]}`
          together.set(key, (together.get(key) ?? 0) + 1)
        }
    }
    const parent = groups.map((_, i) => i)
    const find = (i: number): number => (parent[i] === i ? i : find(parent[i] ?? i))
    const bits = groups.map((g) => g.reduce((n, v) => n + bitsOf(model, v), 0))
    const pairs = [...together].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    for (const [key] of pairs) {
      const [a = 0, b = 0] = key.split(' ').map((x) => find(Number(x)))
      if (a === b || (bits[a] ?? 0) + (bits[b] ?? 0) > JOIN_BITS) continue
      parent[b] = a
      bits[a] = (bits[a] ?? 0) + (bits[b] ?? 0)
    }
    const result = new Map<number, number[]>()
    groups.forEach((g, i) => {
      const root = find(i)
      result.set(root, [...(result.get(root) ?? []), ...g])
    })
    return [...result.values()]
  }
}
