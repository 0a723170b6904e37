/**
 * One state for all that are alike: instances of an orbit are sorted, inner orbits before those that enclose them.
 * Instances that a question names stay where they are; the others are still alike.
 */
import type { ComponentSpace } from './space'
import type { InnerOrbit } from './configurations'
import type { Orbit } from '../model/symmetry'

export class Canon {
  private readonly inside: ((configuration: number) => number)[] = []
  private readonly insideOf: Int32Array
  /** For each orbit: instances, and the components of each, one after the other. */
  private readonly across: readonly {
    readonly count: number
    readonly width: number
    readonly components: Int32Array
  }[]
  readonly trivial: boolean

  /** `named`: variables that the question is about. */
  constructor(space: ComponentSpace, orbits: readonly Orbit[], named: ReadonlySet<number> = new Set()) {
    const inner = new Map<number, InnerOrbit[]>()
    const across: { count: number; width: number; components: Int32Array }[] = []
    for (const orbit of orbits) {
      const laid = space.layOrbit(orbit)
      if (!laid) continue
      const free = orbit.instances.map((variables) => !variables.some((v) => named.has(v)))
      if (laid.k === 'inside') {
        const slots = laid.slots.filter((_, i) => free[i])
        if (slots.length > 1) inner.set(laid.component, [...(inner.get(laid.component) ?? []), slots])
      } else {
        const instances = laid.components.filter((_, i) => free[i])
        const width = instances[0]?.length ?? 0
        if (instances.length > 1)
          across.push({ count: instances.length, width, components: Int32Array.from(instances.flat()) })
      }
    }
    this.across = across
    this.insideOf = Int32Array.from(inner.keys())
    for (const [c, orbits] of inner) {
      const of = space.classOf[c]
      if (of) this.inside.push(of.sorting(orbits))
    }
    this.trivial = across.length === 0 && inner.size === 0
  }

  /** In place. */
  apply(ids: Int32Array): void {
    const { inside, insideOf } = this
    for (let i = 0; i < insideOf.length; i++) {
      const c = insideOf[i] ?? 0
      ids[c] = inside[i]?.(ids[c] ?? 0) ?? 0
    }
    const { across } = this
    for (let n = 0; n < across.length; n++) {
      const o = across[n]
      if (!o) continue
      const { count, width, components } = o
      // Insertion sort: nearly always one instance has moved.
      for (let i = 1; i < count; i++)
        for (let j = i; j > 0 && less(ids, components, j * width, (j - 1) * width, width); j--)
          for (let k = 0; k < width; k++) {
            const a = components[j * width + k] ?? 0
            const b = components[(j - 1) * width + k] ?? 0
            const t = ids[a] ?? 0
            ids[a] = ids[b] ?? 0
            ids[b] = t
          }
    }
  }
}

function less(ids: Int32Array, components: Int32Array, a: number, b: number, width: number): boolean {
  for (let k = 0; k < width; k++) {
    const x = ids[components[a + k] ?? 0] ?? 0
    const y = ids[components[b + k] ?? 0] ?? 0
    if (x !== y) return x < y
  }
  return false
}
