/**
 * Litmus scenarios: a user's own variables and steps, on the same model and engine (design: litmus scenarios).
 * Agents run their steps in order; a step is atomic and reads the state before it.
 */
import { err, fault, nearest, ok, type Fault, type Result } from '../faults'
import { Channel } from '../hardware/channel'
import { all, binary, constant, TRUE, variable, type Expr } from '../model/expr'
import { ModelBuilder, type AgentBuilder } from '../model/builder'
import type { AgentRole, Assignment } from '../model/model'
import type { Built } from './compile'
import type { ScenarioDocument, Path } from './document'
import { isReserved, parseExpression, type Scope, type Type, type Typed } from '../model/expression'
import { builtInProperties, readOrderings, readProperties, type NameSpace } from './properties'
import type { Scale } from './scale'
import type { LitmusSection } from './schema'

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
  d: ScenarioDocument,
  section: LitmusSection,
  scale: Scale,
): Result<Built, Fault[]> {
  if (Object.keys(scale).length > 0) return err([fault('SCENARIO_SCALE', 'a litmus scenario has no scale')])
  const c = new Litmus(d, section)
  c.declare()
  c.layAgents()
  const space: NameSpace = { b: c.b, prefixes: [''] }
  const faults = [...c.faults]
  if (faults.length === 0) {
    faults.push(
      ...readOrderings(space, d, section.orderings, ['litmus', 'orderings']),
      ...readProperties(space, d, section.properties, ['litmus', 'properties']),
    )
  }
  if (faults.length > 0) return err(faults)
  builtInProperties(c.b, c.complete())
  const edges = section.orderings.map((o) => ({
    before: o.before,
    after: o.after,
    enforcedBy: 'software' as const,
    why: 'an ordering that the scenario adds',
    cite: 'orderings',
  }))
  return ok({ model: c.b.build(name), edges, tables: [] })
}

class Litmus {
  readonly b = new ModelBuilder()
  readonly faults: Fault[] = []
  private readonly places = new Map<string, { agent: string; index: number }>()
  private readonly agents = new Map<string, AgentBuilder>()
  private readonly channels = new Map<string, { link: AgentBuilder; channel: Channel }>()
  private readonly scope: Scope

  constructor(
    private readonly d: ScenarioDocument,
    private readonly section: LitmusSection,
  ) {
    this.scope = {
      variable: (n) => this.typed(n),
      value: (n) => (this.b.hasName(n) ? this.b.name(n) : undefined),
      done: (s) => this.done(s),
      names: () => Object.keys(this.section.variables),
      steps: () => this.places.keys(),
    }
  }

  declare(): void {
    const { b, d, section } = this
    for (const [name, v] of Object.entries(section.variables)) {
      const path = ['litmus', 'variables', name]
      if (isReserved(name))
        this.faults.push(fault('SCENARIO_DUPLICATE_NAME', `${name} is a reserved word`, d.keyAt(path)))
      else if (typeof v === 'boolean') b.bool(name, v)
      else if ('range' in v) this.declareRange(name, v, path)
      else {
        const twice = v.enum.find((w, i) => v.enum.indexOf(w) !== i)
        const reserved = v.enum.find((w) => isReserved(w) || Object.hasOwn(section.variables, w))
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
        else b.variable(name, b.enumeration(v.enum), b.name(v.initial))
      }
    }
    for (const [agent, steps] of Object.entries(section.agents)) {
      steps.forEach((s, index) => {
        if (this.places.has(s.step))
          this.faults.push(
            fault(
              'SCENARIO_DUPLICATE_NAME',
              `two steps are called ${s.step}`,
              d.at(['litmus', 'agents', agent, index, 'step']),
            ),
          )
        this.places.set(s.step, { agent, index })
      })
      const kind = steps.find((s) => s.kind)?.kind
      this.agents.set(agent, b.agent(agent, agent, kind ? ROLES[kind] : 'other'))
    }
    this.declareChannels()
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
    const posts = new Map<string, number>()
    for (const steps of Object.values(this.section.agents))
      for (const s of steps) if (s.posted) posts.set(s.posted, (posts.get(s.posted) ?? 0) + 1)
    for (const [name, count] of posts) {
      if (this.agents.has(name) || this.b.find(name) !== undefined) {
        this.faults.push(fault('SCENARIO_DUPLICATE_NAME', `the channel ${name} has the name of an agent or a variable`))
        continue
      }
      const link = this.b.agent(name, `${name} (posted writes)`, 'fabric')
      this.channels.set(name, { link, channel: new Channel(this.b, name, link, count, 'posted') })
    }
  }

  layAgents(): void {
    if (this.faults.length > 0) return
    for (const [agent, steps] of Object.entries(this.section.agents)) {
      const builder = this.agents.get(agent)
      if (!builder) continue
      steps.forEach((s, i) => this.layStep(agent, builder, s, i, steps.slice(0, i)))
    }
  }

  private layStep(
    agent: string,
    builder: AgentBuilder,
    s: LitmusStep,
    index: number,
    earlier: readonly LitmusStep[],
  ): void {
    const path = ['litmus', 'agents', agent, index]
    const at = this.d.at([...path, 'step'])
    const when: Expr[] = []
    if (s.when !== undefined) when.push(this.parse(String(s.when), 'bool', [...path, 'when']))
    for (const [i, t] of earlier.entries())
      if (t.trap !== undefined)
        when.push(this.resumed(agent, t.trap, earlier.slice(0, i), ['litmus', 'agents', agent, i, 'trap']))
    const set: Assignment[] = Object.entries(s.set ?? {}).flatMap(([name, value]) =>
      this.assignment(name, value, [...path, 'set', name]),
    )
    const from = index
    const to = builder.size === index + 1 ? builder.fresh() : index + 1
    const common = {
      op: s.step,
      label: s.step,
      cite: s.source ?? 'litmus',
      at: { line: at.line, column: at.column },
      latency: s.latency ?? ([1, 100] as const),
      ...(s.trap ? { trap: true } : {}),
    }
    if (!s.posted) {
      builder.step(from, to, { ...common, id: s.step, when: when.length ? all(when) : null, set })
      return
    }
    const c = this.channels.get(s.posted)
    if (!c) return
    const posting = c.channel.carry(
      {
        id: `${s.step}.arrive`,
        op: 'arrive',
        label: `${s.step} arrives`,
        cite: s.source ?? 'litmus',
        latency: common.latency,
      },
      set,
    )
    builder.step(from, to, {
      ...common,
      id: s.step,
      posted: s.posted,
      when: all([...when, posting.when]),
      set: posting.set,
    })
  }

  private assignment(name: string, value: string | number | boolean, path: Path): Assignment[] {
    const target = this.typed(name)
    const index = this.b.find(name)
    if (!target || index === undefined) {
      const near = nearest(name, Object.keys(this.section.variables))
      this.faults.push(
        fault('SCENARIO_UNKNOWN_NAME', `no variable is called ${name}`, {
          ...this.d.keyAt(path),
          ...(near ? { hint: `did you mean ${near}?` } : {}),
        }),
      )
      return []
    }
    return [{ variable: index, value: this.parse(String(value), target.type, path) }]
  }

  /** "The k-th trap into an agent goes on when that agent's k-th step marked with us has run." */
  private resumed(agent: string, into: string, before: readonly LitmusStep[], path: Path): Expr {
    const k = before.filter((x) => x.trap === into).length
    const resumes = (this.section.agents[into] ?? []).filter((x) => x.resume === agent)
    const resume = resumes[k]
    if (!resume) {
      this.faults.push(
        fault('SCENARIO_UNKNOWN_STEP', `${into} has no ${k > 0 ? 'further ' : ''}step with "resume: ${agent}"`, {
          ...this.d.at(path),
          hint: `mark the step of ${into} that lets ${agent} go on with "resume: ${agent}"`,
        }),
      )
      return TRUE
    }
    return this.done(resume.step) ?? TRUE
  }

  private parse(text: string, want: Type, path: Path): Expr {
    const r = parseExpression(text, this.scope, want)
    if (r.ok) return r.value.expr
    this.faults.push({ ...r.error, ...this.d.inside(path, r.error.offset ?? 0), offset: undefined })
    return TRUE
  }

  private typed(name: string): Typed | undefined {
    if (!Object.hasOwn(this.section.variables, name)) return undefined
    return this.b.typed(name)
  }

  private done(step: string): Expr | undefined {
    const place = this.places.get(step)
    const agent = place ? this.agents.get(place.agent) : undefined
    if (!place || !agent) return undefined
    return binary('>', variable(this.b.locationOf(agent.index)), constant(place.index))
  }

  /** Every mandatory step of every agent has run. */
  complete(): Expr {
    return all(
      Object.entries(this.section.agents).flatMap(([name, steps]) => {
        const agent = this.agents.get(name)
        const last = steps.reduce((n, s, i) => (s.optional ? n : i), -1)
        return agent && last >= 0 ? [binary('>', variable(this.b.locationOf(agent.index)), constant(last))] : []
      }),
    )
  }
}
