/** Puts a model together: declares names, variables, agents and steps, and keeps their names unique. */
import { assert } from '../faults'
import { all, any, constant, equal, reads, TRUE, variable, type Expr } from './expr'
import type { Typed } from './expression'
import { Sharing } from './share'
import type {
  Agent,
  AgentRole,
  Assignment,
  Domain,
  Model,
  Property,
  Replica,
  SourcePosition,
  Step,
  Variable,
} from './model'

export interface StepSpec {
  readonly id: string
  readonly op: string
  readonly label: string
  readonly cite: string
  readonly when?: Expr | null
  readonly set?: readonly Assignment[]
  readonly at?: SourcePosition | undefined
  readonly latency?: readonly [number, number]
  readonly trap?: boolean
  readonly posted?: string
}

/** An expression whose text can be understood only when everything is declared; until then it reads "true". */
export interface Deferred {
  readonly expr: Expr
  resolve(e: Expr): void
}

/** The hole is filled in place, so that whatever was built around it sees the final expression. */
export function defer(): Deferred {
  const hole: { -readonly [K in keyof Extract<Expr, { k: 'un' }>]: Extract<Expr, { k: 'un' }>[K] } = {
    k: 'un',
    op: '!',
    a: constant(0),
    hole: true,
  }
  return {
    expr: hole,
    resolve(e) {
      hole.a = { k: 'un', op: '!', a: e }
    },
  }
}

export class AgentBuilder {
  private locations = 1
  constructor(
    private readonly model: ModelBuilder,
    readonly index: number,
    readonly id: string,
  ) {}
  /** A new location; nothing leads there yet. */
  fresh(): number {
    return this.locations++
  }
  get size(): number {
    return this.locations
  }
  /** Add a step between two locations. */
  step(from: number, to: number, spec: StepSpec): number {
    return this.model.addStep(this.index, from, to, spec)
  }
  /** "This agent stands at one of these locations." */
  at(location: number): Expr {
    return equal(variable(this.model.locationOf(this.index)), constant(location))
  }
}

export class ModelBuilder {
  private readonly nameNumbers = new Map<string, number>()
  private readonly variables: Variable[] = []
  private readonly byName = new Map<string, number>()
  private readonly agents: { id: string; title: string; role: AgentRole; builder: AgentBuilder }[] = []
  private readonly steps: (Omit<Step, 'agent'> & { agent: number })[] = []
  private readonly stepIds = new Map<string, number>()
  private readonly spans = new Map<string, { readonly first: readonly string[]; readonly last: readonly string[] }>()
  private readonly doneFlags = new Map<number, number>()
  readonly properties: Property[] = []
  /** Names that stand for expressions over variables, by their full name (`pamu.translates0`). */
  readonly derived = new Map<string, Typed>()

  /** Variables whose value counts only while a condition is true. */
  readonly settled = new Map<number, Expr>()

  /** "Whatever this reads has its value." */
  ready(e: Expr): Expr {
    return this.settled.size === 0 ? TRUE : all([...reads(e)].map((v) => this.settled.get(v) ?? TRUE))
  }

  /** The model-wide number of an enumeration name. */
  name(word: string): number {
    const known = this.nameNumbers.get(word)
    if (known !== undefined) return known
    this.nameNumbers.set(word, this.nameNumbers.size)
    return this.nameNumbers.size - 1
  }
  nameExpr(word: string): Expr {
    return constant(this.name(word))
  }
  hasName(word: string): boolean {
    return this.nameNumbers.has(word)
  }
  nameList(): string[] {
    return [...this.nameNumbers.keys()]
  }
  enumeration(words: readonly string[]): Domain {
    return { k: 'enum', values: words.map((w) => this.name(w)) }
  }

  variable(
    name: string,
    domain: Domain,
    initial: number,
    more: Partial<Omit<Variable, 'name' | 'domain' | 'initial'>> = {},
  ): number {
    assert(!this.byName.has(name), `variable ${name} declared twice`)
    const index = this.variables.length
    this.variables.push({
      name,
      domain,
      initial,
      register: more.register ?? name,
      field: more.field ?? 'value',
      control: more.control ?? false,
      ...(more.labels ? { labels: more.labels } : {}),
    })
    this.byName.set(name, index)
    return index
  }
  bool(name: string, initial: boolean, more: Partial<Omit<Variable, 'name' | 'domain' | 'initial'>> = {}): number {
    return this.variable(name, { k: 'bool' }, Number(initial), more)
  }
  /** Raise the upper bound of an integer variable (a call counter that grows while flows are laid). */
  widen(index: number, hi: number): void {
    const v = this.variables[index]
    assert(v && v.domain.k === 'range', `variable ${index}`)
    this.variables[index] = { ...v, domain: { ...v.domain, hi: Math.max(v.domain.hi, hi) } }
  }
  find(name: string): number | undefined {
    return this.byName.get(name)
  }
  /** A variable, or what a derived name stands for, with its kind of value. */
  typed(name: string): Typed | undefined {
    const index = this.byName.get(name)
    if (index === undefined) return this.derived.get(name)
    const d = this.domainOf(index)
    return { expr: variable(index), type: d.k === 'bool' ? 'bool' : d.k === 'range' ? 'int' : 'name' }
  }
  initialOf(index: number): number {
    const v = this.variables[index]
    assert(v, `variable ${index}`)
    return v.initial
  }
  domainOf(index: number): Domain {
    const v = this.variables[index]
    assert(v, `variable ${index}`)
    return v.domain
  }
  variableNames(): string[] {
    return [...this.byName.keys()]
  }

  /** Agents appear in lanes in the order in which they are declared. Locations become variables when the model is built. */
  agent(id: string, title: string, role: AgentRole): AgentBuilder {
    assert(!this.agents.some((a) => a.id === id), `agent ${id} declared twice`)
    const builder = new AgentBuilder(this, this.agents.length, id)
    this.agents.push({ id, title, role, builder })
    // Its domain is known only when all its locations are: replaced in build().
    this.variable(`${id}.location`, { k: 'range', lo: 0, hi: 0 }, 0, { register: id, field: 'location', control: true })
    return builder
  }
  locationOf(agent: number): number {
    const a = this.agents[agent]
    assert(a, `agent ${agent}`)
    const v = this.byName.get(`${a.id}.location`)
    assert(v !== undefined, 'location variable')
    return v
  }

  addStep(agent: number, from: number, to: number, spec: StepSpec): number {
    assert(!this.stepIds.has(spec.id), `step ${spec.id} declared twice`)
    const index = this.steps.length
    this.stepIds.set(spec.id, index)
    this.steps.push({
      id: spec.id,
      agent,
      from,
      to,
      when: spec.when ?? null,
      set: [...(spec.set ?? [])],
      op: spec.op,
      label: spec.label,
      cite: spec.cite,
      latency: spec.latency ?? [1, 1],
      ...(spec.at ? { at: spec.at } : {}),
      ...(spec.trap ? { trap: true } : {}),
      ...(spec.posted ? { posted: spec.posted } : {}),
    })
    return index
  }
  /** The steps that a name stands for: one, or the ways into or out of an operation named as a whole. */
  stepsNamed(id: string, end: 'first' | 'last' = 'last'): readonly number[] {
    const names = this.spans.get(id)?.[end] ?? [id]
    return names.flatMap((n) => this.stepIds.get(n) ?? [])
  }
  spanNames(): string[] {
    return [...this.spans.keys()]
  }
  /** An operation of several steps may be named as a whole. */
  span(id: string, first: readonly string[], last: readonly string[]): void {
    this.spans.set(id, { first, last })
  }
  stepNames(): string[] {
    return [...this.stepIds.keys()]
  }
  stepAt(index: number): Readonly<Step> {
    const s = this.steps[index]
    assert(s, `step ${index}`)
    return s
  }
  hasStep(id: string): boolean {
    return this.stepIds.has(id)
  }

  /**
   * "This step has happened." Where the agent's steps lie on one line, its location says so and nothing is stored;
   * otherwise a flag is added that the step sets.
   */
  done(step: number): Expr {
    const s = this.stepAt(step)
    if (this.isStraight(s.agent)) {
      return { k: 'bin', op: '>', a: variable(this.locationOf(s.agent)), b: constant(s.from) }
    }
    let flag = this.doneFlags.get(step)
    if (flag === undefined) {
      flag = this.bool(`done(${s.id})`, false, { control: true })
      this.doneFlags.set(step, flag)
      this.steps[step] = { ...s, set: [...s.set, { variable: flag, value: constant(1) }] }
    }
    return variable(flag)
  }
  private isStraight(agent: number): boolean {
    return (
      this.steps.every((s) => s.agent !== agent || s.to === s.from + 1) &&
      new Set(this.steps.filter((s) => s.agent === agent).map((s) => s.from)).size ===
        this.steps.filter((s) => s.agent === agent).length
    )
  }

  /** An added happens-before edge: none of `after` may run until one of `before` has run. */
  order(before: readonly number[], after: readonly number[]): void {
    const done = any(before.map((s) => this.done(s)))
    for (const step of after) {
      const s = this.stepAt(step)
      this.steps[step] = { ...s, when: s.when ? { k: 'bin', op: '&&', a: done, b: s.when } : done }
    }
  }

  build(name: string, replicas: readonly Replica[] = []): Model {
    const agents: Agent[] = this.agents.map((a, i) => {
      const location = this.locationOf(i)
      const old = this.variables[location]
      assert(old, 'location variable')
      this.variables[location] = { ...old, domain: { k: 'range', lo: 0, hi: a.builder.size - 1 } }
      return { id: a.id, title: a.title, role: a.role, location }
    })
    const sharing = new Sharing()
    return {
      name,
      names: [...this.nameNumbers.keys()],
      variables: [...this.variables],
      agents,
      steps: this.steps.map((s) => ({
        ...s,
        when: s.when && sharing.share(s.when),
        set: s.set.map((a) => ({ variable: a.variable, value: sharing.share(a.value) })),
      })),
      properties: this.properties.map((p) => ({ ...p, test: sharing.share(p.test) })),
      ...(replicas.length > 0 ? { replicas } : {}),
    }
  }
}
