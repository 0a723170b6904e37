/**
 * Replicated litmus scenarios: a name with indices (`slot.d.v`) stands for one object for each value of them, numbered
 * from 0. How many values an index takes, the scenario's scale says.
 */
import { err, fault, nearest, ok, type Fault, type Result } from '../faults'
import type { Replica } from '../model/model'
import type { Places } from './places'

/** The value of each index that has one. */
export type Bindings = Readonly<Record<string, number>>
export const UNBOUND: Bindings = {}

/** Copies of one name that are laid out; more would not be explored either. */
const MAX_COPIES = 4096

export interface IndexedName {
  readonly base: string
  readonly indices: readonly string[]
}

/** `slot.d.v` → slot, d, v. */
export function indexedName(text: string): IndexedName {
  const [base = '', ...indices] = text.split('.')
  return { base, indices }
}

export class Replicas {
  private constructor(private readonly sizes: ReadonlyMap<string, number>) {}

  /** Errors: SCENARIO_SCALE where the scale lacks a word, has one too many, or is asked for one that it lacks. */
  static read(
    d: Places,
    replicas: Readonly<Record<string, string>>,
    declared: Readonly<Record<string, number>>,
    asked: Readonly<Record<string, number>>,
  ): Result<Replicas> {
    const words = Object.keys(declared)
    for (const word of Object.keys(asked))
      if (!Object.hasOwn(declared, word))
        return err(
          fault('SCENARIO_SCALE', `this scenario cannot be scaled by ${word}`, {
            hint: words.length > 0 ? `it can be scaled by ${words.join(', ')}` : 'it declares no scale',
          }),
        )
    const sizes = new Map<string, number>()
    for (const [index, word] of Object.entries(replicas)) {
      const size = asked[word] ?? declared[word]
      if (size === undefined) {
        const near = nearest(word, words)
        return err(
          fault('SCENARIO_SCALE', `the scale of this scenario has no ${word}`, {
            ...d.at(['litmus', 'replicas', index]),
            hint: near ? `did you mean ${near}?` : `declare it: "scale: { ${word}: 2 }"`,
          }),
        )
      }
      sizes.set(index, size)
    }
    const idle = words.find((w) => !Object.values(replicas).includes(w))
    if (idle !== undefined)
      return err(
        fault('SCENARIO_SCALE', `nothing is replicated by ${idle}`, {
          ...d.keyAt(['scale', idle]),
          hint: `say which index it counts: "replicas: { i: ${idle} }"`,
        }),
      )
    return ok(new Replicas(sizes))
  }

  copies(index: string): number | undefined {
    return this.sizes.get(index)
  }

  /** An index of the name that is not declared, or stands in it twice. */
  wrongIndex(name: string): Fault | null {
    const { indices } = indexedName(name)
    const unknown = indices.find((i) => !this.sizes.has(i))
    if (unknown !== undefined)
      return fault('SCENARIO_UNKNOWN_NAME', `${name}: ${unknown} is no index`, {
        hint: `declare it: "replicas: { ${unknown}: … }"`,
      })
    const twice = indices.find((i, n) => indices.indexOf(i) !== n)
    return twice === undefined ? null : fault('SCENARIO_DUPLICATE_NAME', `${name} has the index ${twice} twice`)
  }

  /** Every way to give values to those indices that `outer` leaves open, the last index fastest. */
  bindings(indices: readonly string[], outer: Bindings = UNBOUND): Bindings[] {
    let all: Bindings[] = [outer]
    for (const i of indices) {
      if (outer[i] !== undefined) continue
      const n = this.sizes.get(i) ?? 0
      if (all.length * n > MAX_COPIES) return all.slice(0, 1)
      all = all.flatMap((b) => Array.from({ length: n }, (_, value) => ({ ...b, [i]: value })))
    }
    return all
  }

  tooMany(indices: readonly string[]): boolean {
    return indices.reduce((n, i) => n * (this.sizes.get(i) ?? 1), 1) > MAX_COPIES
  }
}

/** The name of one copy: `slot.0.1`. Indices without a value are left as they stand. */
export function instanceName(text: string, at: Bindings): string {
  const { base, indices } = indexedName(text)
  return [base, ...indices.map((i) => at[i] ?? i)].join('.')
}

/** Something of the model that is there once for each value of its indices. */
export interface Placed {
  readonly variable: number
  /** Of the variable's name without values, and where it stands among the copies. */
  readonly name: string
  readonly indices: readonly string[]
  readonly at: Bindings
}

/**
 * The sets of instances that are declared alike. An index that always stands behind others (`v` in `slot.d.v`) counts
 * anew in each instance of those: its instances are exchanged one outer instance at a time.
 */
export function replicasOf(placed: readonly Placed[]): Replica[] {
  const indices = [...new Set(placed.flatMap((p) => p.indices))]
  return indices.flatMap((index): Replica[] => {
    const having = placed.filter((p) => p.indices.includes(index))
    const before = (p: Placed): readonly string[] => p.indices.slice(0, p.indices.indexOf(index))
    const outer = before(having[0] ?? { variable: 0, name: '', indices: [], at: UNBOUND })
    const common = outer.filter((o) => having.every((p) => before(p).includes(o)))
    const groups = new Map<string, Placed[]>()
    for (const p of having) {
      const key = common.map((o) => p.at[o]).join()
      groups.set(key, [...(groups.get(key) ?? []), p])
    }
    return [...groups].map(([key, members]): Replica => {
      const size = Math.max(...members.map((p) => p.at[index] ?? 0)) + 1
      const instances = Array.from({ length: size }, (_, i) =>
        members.filter((p) => p.at[index] === i).map((p) => p.variable),
      )
      return { name: key === '' ? index : `${index} of ${common.join(',')}=${key}`, instances }
    })
  })
}
