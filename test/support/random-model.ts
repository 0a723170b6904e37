/**
 * Small random models for tests: every kind of domain, branching and looping agents, every operator, divisions and
 * assignments that can leave a domain. Kept beside the model because the engine's tests and the checkers' share it.
 */
import fc from 'fast-check'
import { binary, choose, constant, equal, not, variable, type Expr } from '../../main/simulator/model/expr'
import { ModelBuilder } from '../../main/simulator/model/builder'
import type { Domain, Model, PropertyKind } from '../../main/simulator/model/model'

const NAMES = ['none', 'host', 'guest', 'other']

interface Plan {
  readonly variables: readonly number[]
  readonly agents: readonly { readonly steps: readonly number[]; readonly loop: boolean }[]
  readonly properties: readonly number[]
}

const bits = fc.nat({ max: 0x3fffffff })

export const randomModel: fc.Arbitrary<Model> = fc
  .record({
    variables: fc.array(bits, { minLength: 1, maxLength: 5 }),
    agents: fc.array(fc.record({ steps: fc.array(bits, { minLength: 1, maxLength: 4 }), loop: fc.boolean() }), {
      minLength: 1,
      maxLength: 3,
    }),
    properties: fc.array(bits, { maxLength: 4 }),
  })
  .map((plan) => build(plan))

/** A stream of small choices out of one number, the same for the same number. */
class Dice {
  constructor(private state: number) {}
  roll(sides: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0
    return Math.floor((this.state / 0x100000000) * sides)
  }
  pick<T>(of: readonly T[]): T {
    const chosen = of[this.roll(of.length)]
    if (chosen === undefined) throw new Error('nothing to pick')
    return chosen
  }
}

function build(plan: Plan): Model {
  const b = new ModelBuilder()
  for (const n of NAMES) b.name(n)
  const kinds: ('bool' | 'int' | 'name')[] = []
  plan.variables.forEach((seed, i) => {
    const d = new Dice(seed)
    const domain = d.pick<Domain>([
      { k: 'bool' },
      { k: 'range', lo: d.roll(3) - 2, hi: 1 + d.roll(3) },
      b.enumeration(d.roll(2) ? ['none', 'host', 'guest'] : ['guest', 'none']),
      { k: 'range', lo: 5, hi: 5 },
    ])
    kinds.push(domain.k === 'bool' ? 'bool' : domain.k === 'range' ? 'int' : 'name')
    b.variable(`x${i}`, domain, domain.k === 'bool' ? 0 : domain.k === 'range' ? domain.lo : (domain.values[0] ?? 0))
  })
  const of = (kind: string) => kinds.flatMap((k, i) => (k === kind ? [i] : []))
  plan.agents.forEach((agent, a) => {
    const builder = b.agent(`A${a}`, `A${a}`, 'other')
    agent.steps.forEach((seed, i) => {
      const d = new Dice(seed)
      const from = d.roll(4) === 0 ? 0 : i
      while (builder.size <= i + 1) builder.fresh()
      const to = agent.loop && d.roll(3) === 0 ? from : i + 1
      const target = d.roll(kinds.length)
      const set = d.roll(5) === 0 ? [] : [{ variable: target, value: expression(d, kinds[target] ?? 'int', of, 3) }]
      builder.step(from, to, {
        id: `s${a}_${i}`,
        op: 's',
        label: 's',
        cite: 'test',
        when: d.roll(3) ? expression(d, 'bool', of, 3) : null,
        set,
      })
    })
  })
  const propertyKinds: PropertyKind[] = ['never', 'always', 'sometimes', 'end']
  plan.properties.forEach((seed, i) => {
    const d = new Dice(seed)
    b.properties.push({
      name: `p${i}`,
      title: '',
      kind: d.pick(propertyKinds),
      test: expression(d, 'bool', of, 3),
      text: '',
    })
  })
  b.properties.push({ name: 'range', title: '', kind: 'range', test: constant(1), text: '' })
  return b.build('random')
}

function expression(d: Dice, kind: 'bool' | 'int' | 'name', of: (kind: string) => number[], depth: number): Expr {
  const leaf = depth === 0 || d.roll(3) === 0
  const variables = of(kind)
  if (leaf && variables.length > 0 && d.roll(4)) return variable(d.pick(variables))
  if (kind === 'name')
    return leaf || d.roll(2)
      ? constant(d.roll(NAMES.length))
      : choose(
          expression(d, 'bool', of, depth - 1),
          expression(d, 'name', of, depth - 1),
          expression(d, 'name', of, depth - 1),
        )
  if (leaf) return constant(kind === 'bool' ? d.roll(2) : d.roll(7) - 3)
  const sub = (k: 'bool' | 'int' | 'name') => expression(d, k, of, depth - 1)
  if (kind === 'int') {
    if (d.roll(6) === 0) return choose(sub('bool'), sub('int'), sub('int'))
    if (d.roll(6) === 0) return { k: 'un', op: '-', a: sub('int') }
    return binary(d.pick(['+', '-', '*', '/', '%', 'min', 'max'] as const), sub('int'), sub('int'))
  }
  switch (d.roll(5)) {
    case 0:
      return not(sub('bool'))
    case 1:
      return binary(d.pick(['&&', '||', '==', '!='] as const), sub('bool'), sub('bool'))
    case 2:
      return equal(sub('name'), sub('name'))
    default:
      return binary(d.pick(['<', '<=', '>', '>=', '==', '!='] as const), sub('int'), sub('int'))
  }
}
