/**
 * Small random models of replicas: one plan of variables and agents, copied for each instance, some of it twice inside
 * each; shared variables that all of them read and write; conditions and properties over all instances. Declared alike,
 * and alike unless `spoiled`: then one instance differs by one step, which has to be noticed.
 */
import fc from 'fast-check'
import { ModelBuilder } from '../../main/simulator/model/builder'
import { binary, constant, equal, not, variable, type Expr } from '../../main/simulator/model/expr'
import type { Model, PropertyKind, Replica } from '../../main/simulator/model/model'

interface Plan {
  readonly copies: number
  readonly inner: number
  readonly shared: readonly number[]
  readonly own: readonly number[]
  readonly steps: readonly number[]
  readonly innerSteps: readonly number[]
  readonly properties: readonly number[]
  readonly spoiled: boolean
}

const bits = fc.nat({ max: 0x3fffffff })

/** `named`: properties may be about one instance, and one may be spoiled. */
export const randomReplicas = (named: boolean): fc.Arbitrary<Model> =>
  fc
    .record({
      copies: fc.integer({ min: 2, max: 3 }),
      inner: fc.integer({ min: 0, max: 2 }),
      shared: fc.array(bits, { minLength: 1, maxLength: 2 }),
      own: fc.array(bits, { minLength: 1, maxLength: 2 }),
      steps: fc.array(bits, { minLength: 1, maxLength: 3 }),
      innerSteps: fc.array(bits, { minLength: 1, maxLength: 2 }),
      properties: fc.array(bits, { minLength: 1, maxLength: 4 }),
      spoiled: fc.boolean(),
    })
    .map((plan) => build(plan, named))

class Dice {
  constructor(private state: number) {}
  roll(sides: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0
    return Math.floor((this.state / 0x100000000) * sides)
  }
}

/** What a step or a condition may name: variables of its instance, of all instances, and shared ones. */
interface Scope {
  readonly own: readonly number[]
  readonly all: readonly (readonly number[])[]
  readonly shared: readonly number[]
}

const TOP = 2

function build(plan: Plan, named: boolean): Model {
  const b = new ModelBuilder()
  const counter = (name: string): number => b.variable(name, { k: 'range', lo: 0, hi: TOP }, 0)
  const shared = plan.shared.map((_, i) => counter(`g${i}`))
  const own = Array.from({ length: plan.copies }, (_, i) => plan.own.map((_, k) => counter(`x${i}_${k}`)))
  const nested = own.map((_, i) => Array.from({ length: plan.inner }, (_, j) => [counter(`y${i}_${j}`)]))
  const agents: number[][] = []
  const innerAgents: number[][][] = []
  for (const [i, variables] of own.entries()) {
    const scope: Scope = { own: variables, all: own, shared }
    const spoiled = named && plan.spoiled && i === plan.copies - 1
    agents.push([agent(b, `A${i}`, plan.steps, scope, spoiled)])
    innerAgents.push(
      (nested[i] ?? []).map((list, j) => [
        agent(b, `B${i}_${j}`, plan.innerSteps, { own: [...list, ...variables], all: nested.flat(), shared }, false),
      ]),
    )
  }
  const kinds: PropertyKind[] = ['never', 'always', 'sometimes', 'end']
  plan.properties.forEach((seed, i) => {
    const d = new Dice(seed)
    // Of all instances, or of one that is named.
    const one = own[d.roll(own.length)] ?? []
    const each = (d.roll(2) || !named ? own : [one]).map((list) =>
      condition(new Dice(seed), { own: list, all: own, shared }),
    )
    const op = d.roll(2) ? '||' : '&&'
    const test = each.reduce((a, e) => binary(op, a, e))
    b.properties.push({ name: `p${i}`, title: '', kind: kinds[d.roll(4)] ?? 'never', test, text: '' })
  })
  b.properties.push({ name: 'range', title: '', kind: 'range', test: constant(1), text: '' })
  const model = b.build('replicas')
  const place = (a: number): number => model.agents[a]?.location ?? -1
  const replicas: Replica[] = [
    {
      name: 'd',
      instances: own.map((list, i) => [
        ...list,
        ...(agents[i] ?? []).map(place),
        ...(nested[i] ?? []).flatMap((inner, j) => [...inner, ...(innerAgents[i]?.[j] ?? []).map(place)]),
      ]),
    },
    ...(plan.inner < 2
      ? []
      : nested.map((list, i) => ({
          name: `v ${i}`,
          instances: list.map((inner, j) => [...inner, ...(innerAgents[i]?.[j] ?? []).map(place)]),
        }))),
  ]
  return { ...model, replicas }
}

function agent(b: ModelBuilder, id: string, seeds: readonly number[], scope: Scope, spoiled: boolean): number {
  const builder = b.agent(id, id, 'other')
  seeds.forEach((seed, i) => {
    const d = new Dice(spoiled && i === 0 ? seed + 1 : seed)
    while (builder.size <= i + 1) builder.fresh()
    const from = d.roll(4) === 0 ? 0 : i
    const to = d.roll(5) === 0 ? from : i + 1
    const targets = d.roll(2) ? scope.own : scope.shared
    const target = targets[d.roll(targets.length)] ?? 0
    builder.step(from, to, {
      id: `${id}_${i}`,
      op: 's',
      label: 's',
      cite: 'test',
      when: d.roll(3) ? condition(d, scope) : null,
      set: d.roll(5) ? [{ variable: target, value: value(d, scope, target) }] : [],
    })
  })
  return builder.index
}

function value(d: Dice, scope: Scope, target: number): Expr {
  const other = d.roll(2) ? scope.own : scope.shared
  switch (d.roll(4)) {
    case 0:
      return constant(d.roll(TOP + 1))
    case 1:
      return binary('min', binary('+', variable(target), constant(1)), constant(TOP))
    case 2:
      return variable(other[d.roll(other.length)] ?? target)
    default:
      // May leave the domain.
      return binary('+', variable(target), constant(d.roll(2)))
  }
}

/** Symmetric in the other instances: of the own one and of what is shared, or of all alike. */
function condition(d: Dice, scope: Scope): Expr {
  const list = d.roll(2) ? scope.own : scope.shared
  const one = variable(list[d.roll(list.length)] ?? 0)
  switch (d.roll(5)) {
    case 0:
      return equal(one, constant(d.roll(TOP + 1)))
    case 1:
      return not(equal(one, constant(d.roll(TOP + 1))))
    case 2:
      return binary('<', one, constant(1 + d.roll(TOP)))
    default: {
      const k = d.roll(scope.all[0]?.length ?? 1)
      const n = d.roll(TOP + 1)
      const op = d.roll(2) ? '||' : '&&'
      return scope.all.map((own) => equal(variable(own[k] ?? 0), constant(n))).reduce((a, e) => binary(op, a, e))
    }
  }
}
