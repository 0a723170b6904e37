/**
 * One block on a board: its parameters, what its ports are tied to, and its variables in the model. A field of a
 * register becomes `pamu.SPAACE1.V`, further state `pamu.enabled`, a named condition `pamu.translates1`.
 */
import type { z } from 'zod'
import type { FaultCode } from '../../faults'
import type { BlockSpec, IndexSpec } from '../../hardware/block'
import { Channel } from '../../hardware/channel'
import { mistake, type Mistake, type MistakeDetails, type Place } from '../../hardware/mistake'
import { fill, type Environment } from '../../hardware/template'
import { constant, simplify } from '../../model/expr'
import { parseExpression, type Scope, type Type, type Typed } from '../../model/expression'
import type { ModelBuilder } from '../../model/builder'
import { MAX_COMBINATIONS, MAX_INDEX, type Budget } from './budget'
import { declareVariables, type BoundRow } from './declare'
import { suffix } from './suffix'

export type ParameterValue =
  | { readonly k: 'int'; readonly value: number }
  | { readonly k: 'bool'; readonly value: boolean }
  | { readonly k: 'name'; readonly value: string }
  | { readonly k: 'names'; readonly names: readonly (readonly [string, bigint])[] }

/** What a scenario says of one block, checked against its declaration. */
export interface InstanceSetup {
  readonly name: string
  readonly spec: BlockSpec
  readonly parameters: ReadonlyMap<string, ParameterValue>
  /** Port → name of the instance that it is tied to. */
  readonly ports: ReadonlyMap<string, string>
}

export class Instance {
  readonly rows: readonly BoundRow[]
  readonly channels = new Map<string, Channel>()
  /** Variable of the last fault, where the block declares any. */
  readonly faultVariable: number | undefined
  private readonly indices = new Map<string, readonly (number | string)[]>()
  private readonly values = new Map<string, string>()
  /** Names of conditions that are being understood, to notice a circle. */
  private readonly open = new Set<string>()
  private readonly definitions = new Map<string, { text: string; env: Environment; path: Place }>()

  constructor(
    readonly b: ModelBuilder,
    readonly setup: InstanceSetup,
    private readonly report: (m: Mistake) => void,
    readonly budget: Budget,
  ) {
    const { spec, name } = setup
    // Conditions may name any value of a parameter, not only the one it has.
    for (const p of Object.values(spec.parameters)) if ('values' in p) for (const v of p.values) b.name(v)
    for (const p of setup.parameters.values()) if (p.k === 'names') for (const [n] of p.names) b.name(n)
    for (const [p, v] of setup.parameters) if (v.k !== 'names') this.values.set(p, String(v.value))
    for (const [index, bound] of Object.entries(spec.indices)) {
      const words = typeof bound === 'string' ? setup.parameters.get(bound) : undefined
      if (words?.k === 'names') {
        this.indices.set(
          index,
          words.names.map(([n]) => n),
        )
        continue
      }
      this.indices.set(index, this.numbers(index, bound))
    }
    this.rows = declareVariables(this)
    this.faultVariable = b.find(`${name}.fault`)
    for (const [channel, c] of Object.entries(spec.channels)) {
      const id = `${name}.${channel}`
      const link = b.agent(id, `${id} (writes under way)`, 'fabric')
      const made = new Channel(b, id, link, c.capacity, c.order)
      this.channels.set(channel, made)
      b.derived.set(`${id}.empty`, { expr: made.empty(), type: 'bool' })
    }
    for (const [d, is] of Object.entries(spec.define)) {
      const per = typeof is === 'string' ? [] : is.per
      const path = typeof is === 'string' ? ['define', d] : ['define', d, 'is']
      for (const env of this.environments(per, ['define', d, 'per']))
        this.definitions.set(`${d}${suffix(per, env)}`, { text: typeof is === 'string' ? is : is.is, env, path })
    }
  }

  /** The environment without operands. */
  base(): Environment {
    return { values: this.values, indices: this.indices }
  }

  /** One environment for every combination of the indices; `path` is where they are named. */
  environments(per: readonly string[], path: Place, from: Environment = this.base()): Environment[] {
    const unknown = per.find((index) => !this.indices.has(index))
    if (unknown !== undefined) {
      this.refuse('BLOCK_NAME', `there is no index ${unknown}`, path)
      return []
    }
    const count = per.reduce((n, index) => n * this.valuesOf(index).length, 1)
    if (count > MAX_COMBINATIONS) {
      this.refuse(
        'MODEL_TOO_LARGE',
        `${per.join(', ')} have ${count} combinations, at most ${MAX_COMBINATIONS} are handled`,
        path,
      )
      return []
    }
    return per.reduce<Environment[]>(
      (all, index) =>
        all.flatMap((e) =>
          this.valuesOf(index).map((v) => ({ ...e, values: new Map([...e.values, [index, String(v)]]) })),
        ),
      [from],
    )
  }

  valuesOf(index: string): readonly (number | string)[] {
    return this.indices.get(index) ?? []
  }

  /** The names of a parameter with the numbers that stand for them. */
  namesOf(parameter: string, path: Place): readonly (readonly [string, bigint])[] {
    const p = this.setup.parameters.get(parameter)
    if (p?.k === 'names') return p.names
    this.refuse('BLOCK_NAME', `${parameter} is no parameter with names`, path)
    return []
  }

  /** Every named condition becomes known to all; called when every instance has its variables. */
  define(scope: (env: Environment) => Scope): void {
    for (const name of this.definitions.keys()) this.definition(name, scope)
    for (const [name, s] of Object.entries(this.setup.spec.state))
      if (typeof s !== 'boolean' && s.settled !== undefined) this.settle(name, s.per, s.settled, scope)
  }

  private settle(name: string, per: readonly string[], text: string, scope: (env: Environment) => Scope): void {
    for (const env of this.environments(per, ['state', name, 'per'])) {
      const variable = this.b.find(`${this.setup.name}.${name}${suffix(per, env)}`)
      const typed = this.parse(text, env, scope(env), 'bool', `state ${name}, settled`, ['state', name, 'settled'])
      if (variable !== undefined && typed && typed.expr.k !== 'const') this.b.settled.set(variable, typed.expr)
    }
  }

  definition(name: string, scope: (env: Environment) => Scope): Typed | undefined {
    const full = `${this.setup.name}.${name}`
    const known = this.b.derived.get(full)
    if (known) return known
    const d = this.definitions.get(name)
    if (!d) return undefined
    if (this.open.has(name)) {
      this.refuse('BLOCK_CYCLE', `${full} is defined by itself`, d.path, {
        hint: 'a definition is a name for an expression: what changes over time is "state"',
      })
      return { expr: constant(0), type: 'bool' }
    }
    this.open.add(name)
    const typed = this.parse(d.text, d.env, scope(d.env), undefined, `define ${name}`, d.path)
    this.open.delete(name)
    if (typed) this.b.derived.set(full, typed)
    return typed
  }

  /** Own names: parameters, variables, named conditions. */
  own(name: string, scope: (env: Environment) => Scope): Typed | undefined {
    const p = this.setup.parameters.get(name)
    if (p?.k === 'int') return { expr: constant(p.value), type: 'int' }
    if (p?.k === 'bool') return { expr: constant(p.value), type: 'bool' }
    if (p?.k === 'name') return { expr: this.b.nameExpr(p.value), type: 'name' }
    return this.b.typed(`${this.setup.name}.${name}`) ?? this.definition(name, scope)
  }

  ownNames(): string[] {
    const prefix = `${this.setup.name}.`
    const known = this.b.variableNames().filter((n) => n.startsWith(prefix))
    return [...known.map((n) => n.slice(prefix.length)), ...this.definitions.keys(), ...this.setup.parameters.keys()]
  }

  /** Fill a template and understand it. Faults name the block and the place in it; `path` is where the text stands. */
  parse(
    text: string,
    env: Environment,
    scope: Scope,
    want: Type | undefined,
    where: string,
    path: Place,
  ): Typed | undefined {
    const filled = this.fill(text, env, where, path)
    if (filled === undefined) return undefined
    const r = parseExpression(filled, scope, want)
    if (r.ok) return { ...r.value, expr: simplify(r.value.expr) }
    const { offset, hint } = r.error
    this.report({
      ...mistake(
        this.setup.spec.block,
        r.error.code,
        `${where}: ${r.error.message}${filled === text ? '' : ` (in ${JSON.stringify(filled.slice(0, 200))})`}`,
        path,
        { hint },
      ),
      ...(offset !== undefined && filled === text ? { character: offset } : {}),
    })
    return undefined
  }

  fill(text: string, env: Environment, where: string, path: Place): string | undefined {
    if (this.budget.exhausted) return undefined
    const r = fill(text, env)
    if (!r.ok) {
      this.refuse(r.error.code, `${where}: ${r.error.message}`, path)
      return undefined
    }
    const much = this.budget.spend('characters', r.value.length)
    if (much === undefined) return r.value
    this.tooLarge(much, path)
    return undefined
  }

  refuse(code: FaultCode, message: string, path: Place, details?: MistakeDetails): void {
    this.report(mistake(this.setup.spec.block, code, message, path, details))
  }

  tooLarge(much: string, path: Place): void {
    this.refuse('MODEL_TOO_LARGE', `the board becomes ${much}`, path, {
      hint: 'make the indices smaller, or operations and definitions that contain each other fewer',
    })
  }

  private numbers(index: string, bound: z.infer<typeof IndexSpec>): number[] {
    const path = ['indices', index]
    const [from, to] = Array.isArray(bound)
      ? [this.integer(bound[0], path), this.integer(bound[1], path)]
      : [0, this.integer(bound, path) - 1]
    const length = Math.max(0, to - from + 1)
    if (length > MAX_INDEX)
      this.refuse('MODEL_TOO_LARGE', `${index} has ${length} values, at most ${MAX_INDEX} are handled`, path, {
        hint: 'a race needs few of a kind: two or three show it',
      })
    return Array.from({ length: Math.min(length, MAX_INDEX) }, (_, i) => from + i)
  }

  /** A number, or the integer parameter that is named. */
  integer(bound: number | string, path: Place): number {
    if (typeof bound === 'number') return bound
    const p = this.setup.parameters.get(bound)
    if (p?.k === 'int') return p.value
    this.refuse('BLOCK_NAME', `${bound} is no integer parameter`, path)
    return 0
  }

  /** Whether a variable may be called so; says it where not. */
  fresh(name: string, path: Place): boolean {
    const much = this.budget.spend('variables', 1)
    if (much !== undefined) {
      this.tooLarge(much, path)
      return false
    }
    if (this.b.find(name) === undefined) return true
    this.refuse('SCENARIO_DUPLICATE_NAME', `${name} is declared twice`, path, { hint: 'choose another name' })
    return false
  }
}
