/**
 * Happens-before edges added to a finished model: none of an action's steps may run until the action before it has.
 * An action is what a person calls a step: one step, or the ways in which a program's step can go.
 */
import { assert } from '../faults'
import { all, any, binary, constant, equal, not, TRUE, variable, type Expr } from './expr'
import type { Model, Property, Step, Variable } from './model'

export interface Action {
  /** Id of its plain step. */
  readonly name: string
  readonly agent: number
  readonly from: number
  readonly steps: readonly number[]
}

export interface Ordering {
  readonly before: Action
  readonly after: Action
}

/** The name of the property that `withOrderings` adds: no run ends because an added edge holds a step back. */
export const HELD = 'held'

/**
 * Actions of a model, in the order of their steps. Of an agent with a program, all steps from one location are one
 * action; the steps of an agent that only reacts (`reacts`) each are one.
 */
export function actionsOf(model: Model, reacts: (agent: number) => boolean): Action[] {
  const byPlace = new Map<string, number[]>()
  model.steps.forEach((s, i) => {
    const key = reacts(s.agent) ? `step ${i}` : `${s.agent} ${s.from}`
    byPlace.set(key, [...(byPlace.get(key) ?? []), i])
  })
  return [...byPlace.values()].map((steps) => {
    const first = model.steps[steps[0] ?? -1]
    assert(first, 'an action has a step')
    // The way on without an error has the shortest name, which the others begin with.
    const name = steps.reduce((best, i) => {
      const id = model.steps[i]?.id ?? best
      return id.length < best.length ? id : best
    }, first.id)
    return { name, agent: first.agent, from: first.from, steps }
  })
}

/** "This agent's locations lie on one line": then its location says what has happened. */
function straight(model: Model, agent: number): boolean {
  const own = model.steps.filter((s) => s.agent === agent)
  return own.every((s) => s.to === s.from + 1)
}

/**
 * "This action has happened", as expressions over a model that is under construction: the agent's location where its
 * places lie on one line, else a flag of the action's own, which all its ways set. `variables` and `steps` are added to.
 */
export function happened(model: Model, variables: Variable[], steps: Step[]): (a: Action) => Expr {
  const known = new Map<Action, Expr>()
  return (a) => {
    const before = known.get(a)
    if (before) return before
    const location = model.agents[a.agent]?.location
    assert(location !== undefined, 'agent')
    const made = straight(model, a.agent)
      ? binary('>', variable(location), constant(a.from))
      : flagged(a, variables, steps)
    known.set(a, made)
    return made
  }
}

/** "A step of this action is enabled." */
export function ready(model: Model, a: Action): Expr {
  const location = model.agents[a.agent]?.location
  assert(location !== undefined, 'agent')
  return all([equal(variable(location), constant(a.from)), any(a.steps.map((i) => model.steps[i]?.when ?? TRUE))])
}

/** The model with edges added, and a property of kind `deadlock` that is false where an edge holds a step for ever. */
export function withOrderings(model: Model, edges: readonly Ordering[]): Model {
  const variables: Variable[] = [...model.variables]
  const steps: Step[] = [...model.steps]
  const done = happened(model, variables, steps)
  const held: Expr[] = []
  for (const { before, after } of edges) {
    const first = done(before)
    held.push(all([ready(model, after), not(first)]))
    for (const i of after.steps) {
      const s = steps[i]
      assert(s, 'step')
      steps[i] = { ...s, when: s.when ? binary('&&', first, s.when) : first }
    }
  }
  const property: Property = {
    name: HELD,
    title: 'no added edge holds a step back for ever',
    kind: 'deadlock',
    test: not(any(held)),
    text: 'built in',
  }
  return { ...model, variables, steps, properties: [...model.properties, property] }
}

/** A flag that each way of the action sets. */
function flagged(a: Action, variables: Variable[], steps: Step[]): Expr {
  const name = `ordered(${a.name})`
  const flag = variables.push({
    name,
    domain: { k: 'bool' },
    initial: 0,
    register: name,
    field: 'value',
    control: true,
  })
  for (const i of a.steps) {
    const s = steps[i]
    assert(s, 'step')
    steps[i] = { ...s, set: [...s.set, { variable: flag - 1, value: constant(1) }] }
  }
  return equal(variable(flag - 1), constant(1))
}

/** Program order inside each agent: a → b where b's place can be reached from behind a, and not the other way round. */
export class ProgramOrder {
  private readonly reach = new Map<string, ReadonlySet<number>>()
  constructor(private readonly model: Model) {}

  /** `a` is `b`, or comes before it in their common agent. */
  upTo(a: Action, b: Action): boolean {
    if (a.name === b.name) return true
    if (a.agent !== b.agent) return false
    return this.behind(a.agent, a.from).has(b.from) && !this.behind(b.agent, b.from).has(a.from)
  }

  private behind(agent: number, from: number): ReadonlySet<number> {
    const key = `${agent} ${from}`
    const known = this.reach.get(key)
    if (known) return known
    const seen = new Set<number>()
    const open = [from]
    for (let at = open.pop(); at !== undefined; at = open.pop())
      for (const s of this.model.steps)
        if (s.agent === agent && s.from === at && !seen.has(s.to)) {
          seen.add(s.to)
          open.push(s.to)
        }
    this.reach.set(key, seen)
    return seen
  }
}
