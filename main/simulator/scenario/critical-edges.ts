/**
 * The happens-before edges that a scenario says decide it, and who enforces each. They add nothing to the model: they
 * are claims about it. Each becomes a question to a second model of the same board, which has no other properties, so
 * that whoever explores can hold the claims against what the programs really do.
 */
import { assert, fault, nearest, type Fault } from '../faults'
import type { Edge, Enforcer } from '../flows/edges'
import type { Model } from '../model/model'
import type { Places, Span } from './places'
import { orderExpression, orderingCopies, stepsOf, type NameSpace } from './properties'
import type { CriticalEdge } from './schema'

export interface Claim {
  /** As written. */
  readonly before: string
  readonly after: string
  readonly enforcedBy: Enforcer
  /** Ids of the two steps, in each copy of the board. */
  readonly copies: readonly { readonly before: string; readonly after: string }[]
  /** Where it says who enforces it, and where it names the later step. */
  readonly at: { readonly enforcer: Span; readonly after: Span }
}

export interface Claims {
  readonly list: readonly Claim[]
  /** Property 2i: claim i's order, violated where a run breaks it. Property 2i + 1: witnessed where `after` happens. */
  model(): Model
}

/** Errors: SCENARIO_UNKNOWN_STEP. */
export function edgeFaults(d: Places, edges: readonly CriticalEdge[], space: NameSpace): Fault[] {
  const { b, prefixes } = space
  const known = (name: string): boolean =>
    prefixes.some((p) => stepsOf(b, p, name, 'last').length > 0 || stepsOf(b, p, name, 'first').length > 0)
  return edges.flatMap((e, i) => {
    const copies = orderingCopies(space, e)
    return (['before', 'after'] as const).flatMap((side) => {
      const unknown = copies.map((c) => c[side]).find((name) => !known(name))
      if (unknown === undefined) return []
      const near = nearest(unknown, b.stepNames())
      return [
        fault('SCENARIO_UNKNOWN_STEP', `no step is called ${unknown}`, {
          ...d.at(['edges', i, side]),
          ...(near ? { hint: `did you mean ${near}?` } : {}),
        }),
      ]
    })
  })
}

/** The edges by the ids of their steps, in each copy of the board. */
export const criticalEdges = (edges: readonly CriticalEdge[], space: NameSpace): Edge[] =>
  edges.flatMap((e) => ends(e, space).map((x) => ({ ...x, enforcedBy: e.enforced_by, why: e.why, cite: e.cite })))

/** An operation named as a whole: after its last step, before its first. */
export function ends(
  e: { readonly before: string; readonly after: string },
  space: NameSpace,
): { before: string; after: string }[] {
  const { b, prefixes } = space
  const id = (prefix: string, name: string, end: 'first' | 'last'): string => {
    const [step] = stepsOf(b, prefix, name, end)
    return step === undefined ? name : b.stepAt(step).id
  }
  return prefixes.flatMap((p) =>
    orderingCopies(space, e).map((c) => ({ before: id(p, c.before, 'last'), after: id(p, c.after, 'first') })),
  )
}

/** Of edges whose steps are known; null where there is none. `build` makes a model of what the builder holds by then. */
export function claimsOf(
  d: Places,
  edges: readonly CriticalEdge[],
  space: NameSpace,
  build: () => Model,
): Claims | null {
  if (edges.length === 0) return null
  const list = edges.map(({ before, after, enforced_by }, i) => ({
    before,
    after,
    enforcedBy: enforced_by,
    copies: ends({ before, after }, space),
    at: { enforcer: d.at(['edges', i, 'enforced_by']), after: d.at(['edges', i, 'after']) },
  }))
  let made: Model | undefined
  return { list, model: () => (made ??= asked(list, space, build)) }
}

function asked(list: readonly Claim[], space: NameSpace, build: () => Model): Model {
  const { b } = space
  const own = b.properties.splice(0)
  list.forEach((claim, i) => {
    const order = orderExpression(space, claim)
    assert('broken' in order, 'the steps of an edge are known')
    const text = `${claim.before} before ${claim.after}`
    b.properties.push(
      { name: `edge ${i + 1}`, title: text, kind: 'order', test: order.broken, text },
      { name: `after ${i + 1}`, title: claim.after, kind: 'sometimes', test: order.begun, text: claim.after },
    )
  })
  // A run that leaves a domain ends there, whatever is asked.
  b.properties.push(...own.filter((p) => p.kind === 'range'))
  const model = build()
  b.properties.splice(0, b.properties.length, ...own)
  return model
}
