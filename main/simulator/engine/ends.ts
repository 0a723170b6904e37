/**
 * What is asked about end states, asked of one module at a time (model/modules.ts): a state is an end exactly when it is
 * one in every module. Modules that are alike are looked at once. Where runs need not end, all is one module.
 */
import { divides, evaluate, FALSE as NEVER, reads, type Expr } from '../model/expr'
import { disjuncts, keyOf, normal } from '../model/logic'
import { modulesOf } from '../model/modules'
import type { Orbit, Renaming } from '../model/symmetry'
import type { Watched } from './search'
import type { ComponentSpace } from './space'

export interface EndPart {
  readonly module: number
  /** How many modules are like this one. */
  readonly copies: number
  /** What is asked of it. */
  readonly watched: readonly Watched[]
  /** Orbits inside it. */
  readonly orbits: readonly Orbit[]
  readonly inside: Inside
}

/** Steps and components of one module. */
export interface Inside {
  readonly steps: Uint8Array
  readonly components: readonly number[]
}

export interface EndParts {
  readonly parts: readonly EndPart[]
  /** Every module by itself, the alike ones too. */
  module(index: number): EndPart
  readonly modules: number
}

export function endParts(space: ComponentSpace, watched: readonly Watched[], runsEnd: boolean): EndParts {
  const { model, symmetry } = space
  const asked = watched.map((w) => disjuncts(normal(w.bad)).filter((e) => !neverHolds(space, e)))
  const everything = runsEnd ? [] : [new Set(model.variables.keys())]
  // What lies in one component is looked at together.
  const together = space.components.map((list) => new Set(list))
  const modules = modulesOf(model, [...everything, ...together, ...asked.flat().map((e) => reads(e))])
  // What is about none, and not false, is asked of every one.
  const lies = (e: Expr, m: number): boolean => {
    const own = [...reads(e)].map((v) => modules.ofVariable[v] ?? -1).filter((of) => of >= 0)
    return own.length === 0 || own.includes(m)
  }
  const count = Math.max(1, modules.count)
  const of = (m: number): Expr[][] => asked.map((list) => list.filter((e) => lies(e, m)))
  const part = (m: number, copies: number): EndPart => {
    const own = of(m)
    const within = (v: number): boolean => count === 1 || modules.ofVariable[v] === m
    return {
      module: m,
      copies,
      watched: watched.map((w, i) => ({
        ...w,
        bad: (own[i] ?? []).reduce((a: Expr, b) => (a === NEVER ? b : { k: 'bin', op: '||', a, b }), NEVER),
      })),
      orbits: symmetry.orbits.filter((o) => o.instances.every((list) => list.every(within))),
      inside: {
        steps: Uint8Array.from(model.steps, (_, s) => Number(count === 1 || modules.ofStep[s] === m)),
        components: [...space.components.keys()].filter((c) => (space.components[c] ?? []).some(within)),
      },
    }
  }
  const leader = alike(count, modules.ofVariable, of, symmetry.exchanges)
  const parts: EndPart[] = []
  for (let m = 0; m < count; m++)
    if (leader[m] === m)
      parts.push(
        part(
          m,
          leader.reduce((n, l) => n + Number(l === m), 0),
        ),
      )
  return { parts, modules: count, module: (m) => part(m, 1) }
}

/** It is about what never changes, and false. */
function neverHolds(space: ComponentSpace, e: Expr): boolean {
  if (divides(e) || [...reads(e)].some((v) => (space.componentOf[v] ?? -1) >= 0)) return false
  return evaluate(e, (v) => space.model.variables[v]?.initial ?? 0) === 0
}

/** Of each module the first that it is an image of: the same is asked of both. */
function alike(
  count: number,
  ofVariable: Int32Array,
  asked: (m: number) => readonly (readonly Expr[])[],
  exchanges: readonly Renaming[],
): number[] {
  const parent = Array.from({ length: count }, (_, m) => m)
  const find = (m: number): number => (parent[m] === m ? m : find(parent[m] ?? m))
  const keys = (m: number, image: (v: number) => number): string =>
    JSON.stringify(asked(m).map((list) => list.map((e) => keyOf(e, image)).sort()))
  for (const image of exchanges) {
    const moved = new Map<number, number>()
    image.forEach((w, v) => {
      const m = ofVariable[v] ?? -1
      if (m >= 0 && ofVariable[w] !== m) moved.set(m, ofVariable[w] ?? -1)
    })
    for (const [m, n] of moved) {
      if (n < 0 || find(m) === find(n) || keys(m, (v) => image[v] ?? v) !== keys(n, (v) => v)) continue
      const [a, b] = [find(m), find(n)]
      parent[Math.max(a, b)] = Math.min(a, b)
    }
  }
  return parent.map((_, m) => find(m))
}

/** End states of the whole, up to the exchange of modules that are alike: `ends` of each of `copies`. */
export function endsTogether(list: readonly { readonly copies: number; readonly ends: number }[]): number {
  // Multisets of `copies` out of `ends`.
  return list.reduce((product, { copies, ends }) => {
    let ways = 1
    for (let i = 1; i <= copies; i++) ways = (ways * (ends + i - 1)) / i
    return product * Math.round(ways)
  }, 1)
}
