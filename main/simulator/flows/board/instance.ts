/**
 * One block on a board: its parameters, what its ports are tied to, and its variables in the model. A field of a
 * register becomes `pamu.SPAACE1.V`, further state `pamu.enabled`, a named condition `pamu.translates1`.
 */
import { nearest, type FaultCode } from '../../faults'
import {
  bitsOf,
  variableOf,
  type BlockField,
  type BlockRegister,
  type BlockSpec,
  type StateSpec,
} from '../../hardware/block'
import { Channel } from '../../hardware/channel'
import { mistake, type Mistake, type MistakeDetails, type Place } from '../../hardware/mistake'
import { fill, type Environment } from '../../hardware/template'
import { constant, simplify } from '../../model/expr'
import { parseExpression, type Scope, type Type, type Typed } from '../../model/expression'
import type { ModelBuilder } from '../../model/builder'
import type { Domain } from '../../model/model'
import { MAX_COMBINATIONS, MAX_INDEX, type Budget } from './budget'

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

/** A field with the variable that holds it, for tables and for writes of the whole register. */
export interface BoundField {
  readonly field: BlockField
  readonly variable: number
  /** Code of each value in the order of the domain; empty: the value itself. */
  readonly codes: readonly bigint[]
}

export interface BoundRow {
  readonly register: BlockRegister
  /** `pamu.SPAACE1`. */
  readonly name: string
  /** Values of its indices. */
  readonly at: readonly string[]
  readonly fields: readonly BoundField[]
}

export class Instance {
  readonly rows: BoundRow[] = []
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
      const [first, last] = Array.isArray(bound) ? bound : [0, bound]
      const path = ['indices', index]
      const from = this.integer(first, path)
      const to = Array.isArray(bound) ? this.integer(last, path) : this.integer(last, path) - 1
      const length = Math.max(0, to - from + 1)
      if (length > MAX_INDEX)
        this.refuse('MODEL_TOO_LARGE', `${index} has ${length} values, at most ${MAX_INDEX} are handled`, path, {
          hint: 'a race needs few of a kind: two or three show it',
        })
      this.indices.set(
        index,
        Array.from({ length: Math.min(length, MAX_INDEX) }, (_, i) => from + i),
      )
    }
    spec.registers.forEach((register, i) => this.declareRegister(register, ['registers', i]))
    for (const [state, s] of Object.entries(spec.state)) this.declareState(state, s)
    const faults = Object.keys(spec.faults)
    if (faults.length > 0 && this.fresh(`${name}.fault`, ['faults']))
      this.faultVariable = b.variable(`${name}.fault`, b.enumeration(['none', ...faults]), b.name('none'), {
        register: name,
        field: 'last fault',
      })
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

  private integer(bound: number | string, path: Place): number {
    if (typeof bound === 'number') return bound
    const p = this.setup.parameters.get(bound)
    if (p?.k === 'int') return p.value
    this.refuse('BLOCK_NAME', `${bound} is no integer parameter`, path)
    return 0
  }

  private declareRegister(r: BlockRegister, path: Place): void {
    for (const env of this.environments(r.per, [...path, 'per'])) {
      const at = r.per.map((index) => env.values.get(index) ?? '')
      const row = `${r.name}${suffix(r.per, env)}`
      const name = `${this.setup.name}.${row}`
      const fields = r.fields.flatMap((f, i): BoundField[] => {
        if (f.access === 'RSVD' || f.fixed !== undefined) return []
        const made = this.declareField(name, r, at, f, env, [...path, 'fields', i])
        return made ? [made] : []
      })
      this.rows.push({ register: r, name, at, fields })
    }
  }

  private declareField(
    row: string,
    r: BlockRegister,
    at: readonly string[],
    f: BlockField,
    env: Environment,
    path: Place,
  ): BoundField | undefined {
    const named = f.names
      ? this.namesOf(f.names, [...path, 'names'])
      : f.values
        ? Object.entries(f.values).map(asCode)
        : undefined
    const [msb, lsb] = bitsOf(f)
    const width = msb - lsb + 1
    const domain: Domain | undefined = named
      ? this.b.enumeration(named.map(([n]) => n))
      : width === 1
        ? { k: 'bool' }
        : width <= 31
          ? { k: 'range', lo: 0, hi: 2 ** width - 1 }
          : undefined
    const name = `${row}.${variableOf(f)}`
    if (!domain) {
      this.refuse('BLOCK_SHAPE', `${name} is ${width} bits wide: it needs "values" or "names"`, path, {
        hint: 'write the few values that matter: values: { none: 0, message: "0xfee00038" }; or "fixed"',
      })
      return undefined
    }
    const wide = named?.find(([, code]) => code >> BigInt(width) !== 0n)
    if (wide) {
      this.refuse(
        'BLOCK_SHAPE',
        `${name}: ${wide[0]} (0x${wide[1].toString(16)}) does not fit into ${width} bits`,
        path,
      )
      return undefined
    }
    if (!this.fresh(name, path)) return undefined
    const initial = this.initial(domain, f.reset, env, name, [...path, 'reset'])
    const variable = this.b.variable(name, domain, initial, {
      register: at.length > 0 ? `${this.setup.name} ${r.name}[${at.join('][')}]` : `${this.setup.name} ${r.name}`,
      field: f.name,
      ...(domain.k === 'bool' ? { labels: ['0', '1'] } : {}),
    })
    return { field: f, variable, codes: named ? named.map(([, code]) => code) : [] }
  }

  private declareState(name: string, s: StateSpec): void {
    const spec = typeof s === 'boolean' ? { per: [], initial: s, label: undefined } : s
    const path = ['state', name]
    for (const env of this.environments(spec.per, [...path, 'per'])) {
      const full = `${this.setup.name}.${name}${suffix(spec.per, env)}`
      if (!this.fresh(full, path)) continue
      const domain = typeof s === 'boolean' ? ({ k: 'bool' } as const) : this.domainOf(s, path)
      if (!domain) return
      this.b.variable(full, domain, this.initial(domain, spec.initial, env, full, [...path, 'initial']), {
        register: this.setup.name,
        field: `${spec.label ?? name}${at(spec.per, env)}`,
      })
    }
  }

  private domainOf(s: Exclude<StateSpec, boolean>, path: Place): Domain | undefined {
    if (s.range) {
      const at = [...path, 'range']
      const [lo, hi] = [this.integer(s.range[0], at), this.integer(s.range[1], at)]
      if (lo <= hi && hi - lo < 2 ** 31 && Math.abs(lo) < 2 ** 31 && hi < 2 ** 31) return { k: 'range', lo, hi }
      this.refuse('BLOCK_SHAPE', `${path.at(-1) ?? ''} cannot range from ${lo} to ${hi}`, at, {
        hint: 'the least first; 31 bits at most',
      })
      return undefined
    }
    if (s.values) return this.b.enumeration(s.values)
    if (s.names) return this.b.enumeration([...s.and, ...this.namesOf(s.names, [...path, 'names']).map(([n]) => n)])
    return { k: 'bool' }
  }

  private initial(
    d: Domain,
    given: string | number | boolean | undefined,
    env: Environment,
    name: string,
    path: Place,
  ): number {
    const least = d.k === 'range' ? d.lo : d.k === 'enum' ? (d.values[0] ?? 0) : 0
    if (given === undefined) return least
    const text = this.fill(String(given), env, name, path)
    if (text === undefined) return least
    if (d.k === 'bool' && (text === 'true' || text === 'false' || text === '0' || text === '1'))
      return text === 'true' || text === '1' ? 1 : 0
    if (d.k === 'enum' && this.b.hasName(text) && d.values.includes(this.b.name(text))) return this.b.name(text)
    const number = d.k === 'range' ? Number(text) : Number.NaN
    if (d.k === 'range' && Number.isInteger(number) && number >= d.lo && number <= d.hi) return number
    const near =
      d.k === 'enum'
        ? nearest(
            text,
            this.b.nameList().filter((n) => d.values.includes(this.b.name(n))),
          )
        : undefined
    this.refuse('BLOCK_SHAPE', `${name} cannot begin as ${text}`, path, {
      hint: near ? `did you mean ${near}?` : undefined,
    })
    return least
  }

  private fresh(name: string, path: Place): boolean {
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

/** `1`, `0_2`, `.desc`: the values of the indices behind a name; words stand behind a dot. */
export const suffix = (per: readonly string[], env: Environment): string =>
  per.reduce((text, index, i) => {
    const value = env.values.get(index) ?? ''
    const word = !/^-?\d+$/.test(value)
    return `${text}${word ? '.' : i > 0 ? '_' : ''}${value}`
  }, '')
const at = (per: readonly string[], env: Environment): string =>
  per.length > 0 ? `[${per.map((index) => env.values.get(index) ?? '').join('][')}]` : ''
const asCode = ([name, code]: [string, string | number]): readonly [string, bigint] => [name, BigInt(code)]
