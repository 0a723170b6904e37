/**
 * Which of the instances that a scenario declares alike really are: exchanging two of them must turn the model into
 * itself. A set of instances that does not pass is not used, so a wrong declaration costs speed and never an answer.
 */
import { reads } from './expr'
import { keyOf } from './logic'
import type { Domain, Model, Replica, Step } from './model'

/** A permutation of the variables that leaves the model as it is: `image[v]` for every variable. */
export type Renaming = Int32Array

export interface Orbit {
  readonly name: string
  /** At least two; the i-th variables of all of them correspond. */
  readonly instances: readonly (readonly number[])[]
}

export interface Symmetry {
  /** Inner ones before those that enclose them. */
  readonly orbits: readonly Orbit[]
  /** Exchanges of neighbouring instances, of all orbits: together they generate the group. */
  readonly exchanges: readonly Renaming[]
}

export const NO_SYMMETRY: Symmetry = { orbits: [], exchanges: [] }

/** What a scenario declares alike, inner instances before those that enclose them; nothing of it is checked. */
export function declaredOrbits(model: Model): Orbit[] {
  const declared = (model.replicas ?? []).filter((r) => r.instances.length > 1 && even(r))
  return declared
    .filter((r) => !declared.some((o) => o !== r && crosses(r, o) && size(o) >= size(r)))
    .sort((a, b) => size(a) - size(b))
}

export function symmetryOf(model: Model): Symmetry {
  const nested = declaredOrbits(model)
  const check = new Check(model)
  // Copies of one another (v of d=0, v of d=1) are alike by the exchange of what encloses them: one is looked at.
  const passed = new Map<string, boolean>()
  const orbits = nested.filter((r) => {
    const alike = `${r.name.split(' ')[0] ?? ''} ${r.instances.length} ${r.instances[0]?.length ?? 0}`
    const known = passed.get(alike)
    const encloses = nested.some((o) => o !== r && inside(r, o))
    if (known !== undefined && encloses) return known
    const good = check.holds(generators(model, r))
    passed.set(alike, good)
    return good
  })
  // What was inferred for a copy needs the exchange that it was inferred by.
  const sound = orbits.filter((r) => {
    const outer = nested.filter((o) => o !== r && inside(r, o))
    return outer.every((o) => orbits.includes(o)) || check.holds(generators(model, r))
  })
  return { orbits: sound, exchanges: sound.flatMap((r) => neighbours(model, r)) }
}

const size = (r: Replica): number => r.instances.reduce((n, i) => n + i.length, 0)
const even = (r: Replica): boolean => r.instances.every((i) => i.length === r.instances[0]?.length)
const union = (r: Replica): Set<number> => new Set(r.instances.flat())

/** All of `r` lies in one instance of `o`. */
function inside(r: Replica, o: Replica): boolean {
  const all = union(r)
  return o.instances.some((i) => {
    const set = new Set(i)
    return [...all].every((v) => set.has(v))
  })
}

/** They share variables, and neither lies in one instance of the other. */
function crosses(a: Replica, b: Replica): boolean {
  const of = union(b)
  return a.instances.some((i) => i.some((v) => of.has(v))) && !inside(a, b) && !inside(b, a)
}

function exchange(model: Model, r: Replica, a: number, b: number): Renaming {
  const image = Int32Array.from(model.variables, (_, v) => v)
  const left = r.instances[a] ?? []
  const right = r.instances[b] ?? []
  left.forEach((v, i) => {
    const w = right[i] ?? v
    image[v] = w
    image[w] = v
  })
  return image
}

const neighbours = (model: Model, r: Replica): Renaming[] =>
  r.instances.slice(1).map((_, i) => exchange(model, r, i, i + 1))

/** An exchange and a rotation generate all permutations. */
function generators(model: Model, r: Replica): Renaming[] {
  const n = r.instances.length
  if (n === 2) return [exchange(model, r, 0, 1)]
  const image = Int32Array.from(model.variables, (_, v) => v)
  r.instances.forEach((instance, i) => {
    const next = r.instances[(i + 1) % n] ?? []
    instance.forEach((v, k) => (image[v] = next[k] ?? v))
  })
  return [exchange(model, r, 0, 1), image]
}

class Check {
  private readonly keys: ReadonlySet<string>
  private readonly touched: readonly ReadonlySet<number>[]
  constructor(private readonly model: Model) {
    this.keys = new Set(model.steps.map((s) => this.keyOf(s, (v) => v)))
    this.touched = model.steps.map((s) => {
      const all = reads(s.when)
      for (const a of s.set) reads(a.value, all).add(a.variable)
      return all.add(this.locationOf(s))
    })
  }

  /** Initial values, domains and steps are the same after the renamings. (Properties are judged where they are used.) */
  holds(renamings: readonly Renaming[]): boolean {
    return renamings.every((image) => {
      const { variables, steps } = this.model
      const of = (v: number): number => image[v] ?? v
      for (const [v, x] of variables.entries()) {
        const y = variables[of(v)]
        if (!y || y.initial !== x.initial || !sameDomain(x.domain, y.domain)) return false
      }
      return steps.every((s, i) => {
        const moved = [...(this.touched[i] ?? [])].some((v) => of(v) !== v)
        return !moved || this.keys.has(this.keyOf(s, of))
      })
    })
  }

  private locationOf(s: Step): number {
    return this.model.agents[s.agent]?.location ?? -1
  }

  private keyOf(s: Step, of: (v: number) => number): string {
    const last = new Map(s.set.map((a) => [a.variable, a.value]))
    const set = [...last].map(([v, value]) => `${of(v)}=${keyOf(value, of)}`).sort()
    return `${of(this.locationOf(s))}@${s.from}>${s.to}|${s.when ? keyOf(s.when, of) : ''}|${set.join('|')}`
  }
}

function sameDomain(a: Domain, b: Domain): boolean {
  if (a.k === 'range') return b.k === 'range' && a.lo === b.lo && a.hi === b.hi
  if (a.k === 'enum') return b.k === 'enum' && a.values.join() === b.values.join()
  return b.k === 'bool'
}
