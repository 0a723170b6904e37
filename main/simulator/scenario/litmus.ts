/**
 * Litmus scenarios: a user's own variables and steps, on the same model and engine (design: litmus scenarios).
 * Agents run their steps in order; a step is atomic and reads the state before it. Names with indices are laid out once
 * for each value of them (replicas.ts); the steps of an agent take its indices.
 */
import { err, fault, nearest, ok, type Fault, type Result } from '../faults'
import { Channel } from '../hardware/channel'
import { all, binary, constant, TRUE, variable, type Expr } from '../model/expr'
import { ModelBuilder, type AgentBuilder } from '../model/builder'
import type { AgentRole, Assignment } from '../model/model'
import type { Built } from './compiled'
import { claimsOf, criticalEdges, edgeFaults } from './critical-edges'
import type { Path, Places, Span } from './places'
import { isReserved, parseExpression, type Scope, type Type } from '../model/expression'
import { builtInProperties, orderingCopies, readOrderings, readProperties, type NameSpace } from './properties'
import { indexedName, instanceName, Replicas, replicasOf, type Bindings, type Placed } from './replicas'
import type { Scale } from './scale'
import type { LitmusSection, Scenario } from './schema'

type LitmusStep = LitmusSection['agents'][string][number]

const ROLES: Readonly<Record<NonNullable<LitmusStep['kind']>, AgentRole>> = {
  guest: 'guest',
  host: 'host',
  vmm: 'vmm',
  device: 'device',
  hardware: 'fabric',
}

export function compileLitmus(
  name: string,
  d: Places,
  { litmus: section, edges: critical, scale: declared }: Scenario & { readonly litmus: LitmusSection },
  scale: Scale,
): Result<Built, Fault[]> {
  const replicas = Replicas.read(d, section.replicas, declared, scale)
  if (!replicas.ok) return err([replicas.error])
  const c = new Litmus(d, section, replicas.value)
  c.declare()
  c.layAgents()
  const space: NameSpace = { b: c.b, prefixes: [''], replicas: replicas.value }
  const faults = [...c.faults]
  if (faults.length === 0) {
    faults.push(
      ...readOrderings(space, d, section.orderings, ['litmus', 'orderings']),
      ...edgeFaults(d, critical, space),
      ...readProperties(space, d, section.properties, ['litmus', 'properties']),
    )
  }
  if (faults.length > 0) return err(faults)
  builtInProperties(c.b, c.complete())
  const added = section.orderings.flatMap((o) =>
    orderingCopies(space, o).map(({ before, after }) => ({
      before,
      after,
      enforcedBy: 'software' as const,
      why: 'an ordering that the scenario adds',
      cite: 'orderings',
    })),
  )
  const replicated = replicasOf(c.placed())
  const claims = claimsOf(d, critical, space, () => c.b.build(`${name}, its edges`))
  const edges = [...criticalEdges(critical, space), ...added]
  return ok({ model: c.b.build(name, replicated), edges, claims, tables: [] })
}

/** One agent of the model: a copy of one that the text describes. */
interface AgentCopy {
  /** Its name, and the key under which the text has it. */
  readonly id: string
  readonly key: string
  readonly at: Bindings
  readonly steps: readonly LitmusStep[]
  readonly builder: AgentBuilder
}

class Litmus {
  readonly b = new ModelBuilder()
  readonly faults: Fault[] = []
  private readonly places = new Map<string, { agent: AgentCopy; index: number }>()
  private readonly agents = new Map<string, AgentCopy>()
  private readonly variables = new Map<string, Placed>()
  private readonly channels = new Map<string, Channel>()

  constructor(
    private readonly d: Places,
    private readonly section: LitmusSection,
    private readonly replicas: Replicas,
  ) {}

  private scope(at: Bindings): Scope {
    return {
      variable: (n) => (this.variables.has(n) ? this.b.typed(n) : undefined),
      value: (n) => (this.b.hasName(n) ? this.b.name(n) : undefined),
      done: (s) => this.done(s),
      names: () => this.variables.keys(),
      steps: () => this.places.keys(),
      index: (i) => at[i],
      copies: (i) => this.replicas.copies(i),
    }
  }

  declare(): void {
    for (const [name, v] of Object.entries(this.section.variables)) {
      const path = ['litmus', 'variables', name]
      const { base, indices } = indexedName(name)
      if (isReserved(base))
        this.faults.push(fault('SCENARIO_DUPLICATE_NAME', `${base} is a reserved word`, this.d.keyAt(path)))
      else if (this.copiable(name, this.d.keyAt(path)))
        for (const at of this.replicas.bindings(indices)) this.declareVariable(name, v, path, at)
    }
    for (const [key, steps] of Object.entries(this.section.agents)) {
      const path = ['litmus', 'agents', key]
      if (!this.copiable(key, this.d.keyAt(path))) continue
      for (const at of this.replicas.bindings(indexedName(key).indices)) this.declareAgent(key, steps, at)
    }
    this.declareChannels()
  }

  private declareVariable(name: string, v: LitmusSection['variables'][string], path: Path, at: Bindings): void {
    const { b, d } = this
    const id = instanceName(name, at)
    const before = this.faults.length
    if (typeof v === 'boolean') b.bool(id, v)
    else if ('range' in v) this.declareRange(id, v, path)
    else {
      const bases = Object.keys(this.section.variables).map((n) => indexedName(n).base)
      const twice = v.enum.find((w, i) => v.enum.indexOf(w) !== i)
      const reserved = v.enum.find((w) => isReserved(w) || bases.includes(w))
      if (twice !== undefined)
        this.faults.push(fault('SCENARIO_DUPLICATE_NAME', `${name} lists ${twice} twice`, d.at(path)))
      else if (reserved !== undefined)
        this.faults.push(
          fault(
            'SCENARIO_DUPLICATE_NAME',
            `${reserved} is ${isReserved(reserved) ? 'a reserved word' : 'a variable'} and cannot be an enumeration value`,
            d.at(path),
          ),
        )
      else if (!v.enum.includes(v.initial))
        this.faults.push(
          fault(
            'SCENARIO_SHAPE',
            `initial value ${v.initial} of ${name} is none of ${v.enum.join(', ')}`,
            d.at([...path, 'initial']),
          ),
        )
      else b.variable(id, b.enumeration(v.enum), b.name(v.initial))
    }
    const variable = b.find(id)
    if (this.faults.length === before && variable !== undefined)
      this.variables.set(id, { variable, name, indices: indexedName(name).indices, at })
  }

  private declareAgent(key: string, steps: readonly LitmusStep[], at: Bindings): void {
    const id = instanceName(key, at)
    const kind = steps.find((s) => s.kind)?.kind
    const copy: AgentCopy = { id, key, at, steps, builder: this.b.agent(id, id, kind ? ROLES[kind] : 'other') }
    this.agents.set(id, copy)
    steps.forEach((s, index) => {
      const step = this.stepId(copy, s)
      if (this.places.has(step))
        this.faults.push(
          fault(
            'SCENARIO_DUPLICATE_NAME',
            `two steps are called ${step}`,
            this.d.at(['litmus', 'agents', key, index, 'step']),
          ),
        )
      this.places.set(step, { agent: copy, index })
    })
  }

  /** A step takes the indices of its agent. */
  private stepId(agent: AgentCopy, s: LitmusStep): string {
    const { indices } = indexedName(agent.key)
    return indices.length === 0 ? s.step : instanceName([s.step, ...indices].join('.'), agent.at)
  }

  private copiable(name: string, where: Span): boolean {
    const wrong = this.replicas.wrongIndex(name)
    const many = this.replicas.tooMany(indexedName(name).indices)
    if (wrong) this.faults.push({ ...wrong, line: where.line, column: where.column })
    else if (many)
      this.faults.push(fault('MODEL_TOO_LARGE', `${name}: there are too many copies of it at this scale`, where))
    return !wrong && !many
  }

  private declareRange(name: string, v: { range: readonly [number, number]; initial: number }, path: Path): void {
    const [lo, hi] = v.range
    if (lo > hi || Math.abs(lo) > 2 ** 31 - 1 || Math.abs(hi) > 2 ** 31 - 1 || hi - lo >= 2 ** 31) {
      this.faults.push(
        fault(
          'SCENARIO_SHAPE',
          `the range ${lo} … ${hi} of ${name} is empty or wider than 31 bits`,
          this.d.at([...path, 'range']),
        ),
      )
    } else if (v.initial < lo || v.initial > hi) {
      this.faults.push(
        fault(
          'SCENARIO_SHAPE',
          `initial value ${v.initial} of ${name} is outside ${lo} … ${hi}`,
          this.d.at([...path, 'initial']),
        ),
      )
    } else this.b.variable(name, { k: 'range', lo, hi }, v.initial)
  }

  /** A channel carries the writes posted to it in order; each arrival is a step of the channel's own lane. */
  private declareChannels(): void {
    const posts = new Map<string, { count: number; at: Bindings; name: string }>()
    for (const a of this.agents.values())
      for (const s of a.steps)
        if (s.posted) {
          const id = instanceName(s.posted, a.at)
          posts.set(id, { count: (posts.get(id)?.count ?? 0) + 1, at: a.at, name: s.posted })
        }
    for (const [id, { count }] of posts) {
      if (this.agents.has(id) || this.b.find(id) !== undefined) {
        this.faults.push(fault('SCENARIO_DUPLICATE_NAME', `the channel ${id} has the name of an agent or a variable`))
        continue
      }
      const link = this.b.agent(id, `${id} (posted writes)`, 'fabric')
      this.channels.set(id, new Channel(this.b, id, link, count, 'posted'))
    }
  }

  layAgents(): void {
    if (this.faults.length > 0) return
    for (const agent of this.agents.values())
      agent.steps.forEach((s, i) => this.layStep(agent, s, i, agent.steps.slice(0, i)))
  }

  private layStep(agent: AgentCopy, s: LitmusStep, index: number, earlier: readonly LitmusStep[]): void {
    const path = ['litmus', 'agents', agent.key, index]
    const at = this.d.at([...path, 'step'])
    const { builder } = agent
    const when: Expr[] = []
    if (s.when !== undefined) when.push(this.parse(String(s.when), 'bool', [...path, 'when'], agent.at))
    for (const [i, t] of earlier.entries())
      if (t.trap !== undefined)
        when.push(this.resumed(agent, t.trap, earlier.slice(0, i), ['litmus', 'agents', agent.key, i, 'trap']))
    const set: Assignment[] = Object.entries(s.set ?? {}).flatMap(([name, value]) =>
      this.assignment(name, value, [...path, 'set', name], agent.at),
    )
    const from = index
    const to = builder.size === index + 1 ? builder.fresh() : index + 1
    const id = this.stepId(agent, s)
    const common = {
      op: s.step,
      label: id,
      cite: s.source ?? 'litmus',
      at: { line: at.line, column: at.column },
      latency: s.latency ?? ([1, 100] as const),
      ...(s.trap ? { trap: true } : {}),
    }
    if (!s.posted) {
      builder.step(from, to, { ...common, id, when: when.length ? all(when) : null, set })
      return
    }
    const channel = this.channels.get(instanceName(s.posted, agent.at))
    if (!channel) return
    const posting = channel.carry(
      {
        id: `${id}.arrive`,
        op: 'arrive',
        label: `${id} arrives`,
        cite: s.source ?? 'litmus',
        latency: common.latency,
      },
      set,
    )
    builder.step(from, to, {
      ...common,
      id,
      posted: s.posted,
      when: all([...when, posting.when]),
      set: posting.set,
    })
  }

  private assignment(text: string, value: string | number | boolean, path: Path, at: Bindings): Assignment[] {
    const name = instanceName(text, at)
    const target = this.variables.get(name)
    const typed = this.b.typed(name)
    if (!target || !typed) {
      const near = nearest(name, this.variables.keys())
      this.faults.push(
        fault('SCENARIO_UNKNOWN_NAME', `no variable is called ${name}`, {
          ...this.d.keyAt(path),
          ...(near ? { hint: `did you mean ${near}?` } : {}),
        }),
      )
      return []
    }
    return [{ variable: target.variable, value: this.parse(String(value), typed.type, path, at) }]
  }

  /** "The k-th trap into an agent goes on when that agent's k-th step marked with us has run." */
  private resumed(agent: AgentCopy, trap: string, before: readonly LitmusStep[], path: Path): Expr {
    const into = instanceName(trap, agent.at)
    const k = before.filter((x) => x.trap !== undefined && instanceName(x.trap, agent.at) === into).length
    const target = this.agents.get(into)
    const resumes = (target?.steps ?? []).filter(
      (x) => target && x.resume !== undefined && instanceName(x.resume, target.at) === agent.id,
    )
    const resume = resumes[k]
    if (!target || !resume) {
      this.faults.push(
        fault('SCENARIO_UNKNOWN_STEP', `${into} has no ${k > 0 ? 'further ' : ''}step with "resume: ${agent.id}"`, {
          ...this.d.at(path),
          hint: `mark the step of ${into} that lets ${agent.id} go on with "resume: ${agent.key}"`,
        }),
      )
      return TRUE
    }
    return this.done(this.stepId(target, resume)) ?? TRUE
  }

  private parse(text: string, want: Type, path: Path, at: Bindings): Expr {
    const r = parseExpression(text, this.scope(at), want)
    if (r.ok) return r.value.expr
    this.faults.push({ ...r.error, ...this.d.inside(path, r.error.offset ?? 0), offset: undefined })
    return TRUE
  }

  private done(step: string): Expr | undefined {
    const place = this.places.get(step)
    if (!place) return undefined
    return binary('>', variable(this.b.locationOf(place.agent.builder.index)), constant(place.index))
  }

  /** Every mandatory step of every agent has run. */
  complete(): Expr {
    return all(
      [...this.agents.values()].flatMap(({ steps, builder }) => {
        const last = steps.reduce((n, s, i) => (s.optional ? n : i), -1)
        return last >= 0 ? [binary('>', variable(this.b.locationOf(builder.index)), constant(last))] : []
      }),
    )
  }

  /** What there is once for each value of some indices: variables, and the locations of agents. */
  placed(): Placed[] {
    const locations = [...this.agents.values()].map((a): Placed => ({
      variable: this.b.locationOf(a.builder.index),
      name: a.key,
      indices: indexedName(a.key).indices,
      at: a.at,
    }))
    return [...this.variables.values(), ...locations]
  }
}
