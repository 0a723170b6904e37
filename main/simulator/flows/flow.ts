/**
 * One machine with one mediated device while its programs are being turned into steps: agents, calls between them,
 * the posted channel, the descriptors, the edges.
 *
 * A call makes the caller stand still until the callee's handler has returned. Each call site gets a copy of the
 * handler of its own, so that every step knows its vector and PASID and its reads and writes are exact.
 */
import { assert, fault, type Fault } from '../faults'
import { all, constant, equal, not, variable, type Expr } from '../model/expr'
import { defer, type AgentBuilder, type Deferred, type ModelBuilder, type StepSpec } from '../model/builder'
import type { AgentRole, Assignment, SourcePosition } from '../model/model'
import { PostedChannel } from '../hardware/posted'
import { EdgeBook } from './edges'
import { LATENCY } from './latency'
import { Sequence } from './sequence'
import { pasidHex, type Handler, type Program, type ProgramItem, type Setup } from './setup'
import { NONE, World } from './world'

/** What a handler works on. */
export interface Arguments {
  readonly vector: number
  /** Name of a PASID, or undefined where the event carries none. */
  readonly pasid?: string
  readonly enable?: boolean
}

/** One descriptor with a completion interrupt, submitted by one operation. */
export interface Descriptor {
  readonly name: string
  readonly agent: string
  readonly vector: number
  /** PASID on the wire, by name. */
  readonly pasid: string
  /** Variable: none, posted, queued, accepted, refused, completed. */
  readonly status: number
  /** Steps, filled in as they are laid: empty before. */
  submitStep: string
  arrivalStep: string
  /** Steps at which the device looks at the entry. */
  readonly checks: string[]
  /** "The device is done with it." */
  readonly ends: Expr[]
}

export type Expand = (
  flow: Flow,
  seq: Sequence,
  item: ProgramItem,
  args: Arguments | null,
  desc: Descriptor | null,
) => Fault | null

interface Callee {
  readonly agent: AgentBuilder
  readonly idle: number
  readonly call: number
  readonly handlers: ReadonlyMap<string, Handler>
  calls: number
}

export interface Lane {
  readonly id: string
  readonly title: string
  readonly role: AgentRole
}

export class Flow {
  readonly world: World
  readonly edges = new EdgeBook()
  readonly mmio: PostedChannel
  readonly link: AgentBuilder
  readonly descriptors: Descriptor[] = []
  /** Arrivals of control words at the device: vector, PASID, mask, posting step. */
  readonly controlArrivals: { vector: number; pasid: string; mask: boolean; arrival: string; posts: string[] }[] = []
  /** Steps that read back, with the posting steps of their handler that came before. */
  readonly readBacks: { readonly step: string; readonly vector: number }[] = []
  /** Conditions written as text, to be understood when every name is known. */
  readonly conditions: { readonly text: string; readonly at: SourcePosition; readonly hole: Deferred }[] = []
  private readonly agents = new Map<string, AgentBuilder>()
  private readonly callees = new Map<string, Callee>()
  private readonly waits = new Map<number, number>()
  private readonly doneAt: Expr[] = []
  private readonly controlKinds = new Map<string, number>()

  constructor(
    readonly b: ModelBuilder,
    readonly setup: Setup,
    readonly prefix: string,
    private readonly expand: (item: ProgramItem) => Expand,
    lanes: readonly Lane[],
  ) {
    this.world = new World(b, setup, prefix)
    for (const lane of lanes) this.agents.set(lane.id, b.agent(`${prefix}${lane.id}`, lane.title, lane.role))
    this.link = this.agent('link')
    this.mmio = new PostedChannel(b, `${prefix}mmio`, this.link, setup.mmioCapacity)
  }

  /** A step id with the machine's prefix, made unique where the same operation appears again. */
  id(base: string): string {
    const wanted = `${this.prefix}${base}`
    if (!this.b.hasStep(wanted)) return wanted
    for (let n = 2; ; n++) if (!this.b.hasStep(`${wanted}.${n}`)) return `${wanted}.${n}`
  }

  agent(lane: string): AgentBuilder {
    const a = this.agents.get(lane)
    assert(a, `agent ${lane}`)
    return a
  }

  later(text: string, at: SourcePosition): Expr {
    const hole = defer()
    this.conditions.push({ text, at, hole })
    return hole.expr
  }

  sequence(agent: AgentBuilder, from: number): Sequence {
    return new Sequence(agent, from, this.edges)
  }

  private waitFlag(agent: AgentBuilder): number {
    let flag = this.waits.get(agent.index)
    if (flag === undefined) {
      flag = this.b.bool(`${agent.id}.waits`, false, { register: agent.id, field: 'waits', control: true })
      this.waits.set(agent.index, flag)
    }
    return flag
  }

  // ---- programs ------------------------------------------------------------------------------------------------

  /** An agent that runs its operations and, where it has handlers, then serves calls for ever. */
  lay(program: Program): Fault | null {
    const agent = this.agent(program.agent)
    const seq = this.sequence(agent, 0)
    if (program.handlers.length === 0) return this.run(program.items, seq, null, null) ?? this.finish(agent, seq)
    // A server's prologue ends where it waits for calls.
    const bad = this.run(program.items, seq, null, null)
    if (bad) return bad
    seq.settle({
      id: this.id(`${program.agent}.ready`),
      op: 'ready',
      label: `${program.agent} serves calls`,
      cite: '70 §10 A1 → A4a',
    })
    const call = this.b.variable(`${agent.id}.call`, { k: 'range', lo: 0, hi: 0 }, 0, {
      register: agent.id,
      field: 'call',
      control: true,
    })
    this.callees.set(program.agent, {
      agent,
      idle: seq.location,
      call,
      handlers: new Map(program.handlers.map((h) => [h.event, h])),
      calls: 0,
    })
    this.doneAt.push(all([agent.at(seq.location), equal(variable(call), constant(0))]))
    return null
  }

  private finish(agent: AgentBuilder, seq: Sequence): null {
    this.doneAt.push(agent.at(seq.location))
    const flag = this.waits.get(agent.index)
    if (flag !== undefined) this.doneAt.push(not(variable(flag)))
    return null
  }

  run(items: readonly ProgramItem[], seq: Sequence, args: Arguments | null, desc: Descriptor | null): Fault | null {
    for (const item of items) {
      if (item.when !== undefined) seq.require(this.later(item.when, item.whenAt ?? item.at))
      const bad = this.expand(item)(this, seq, item, args, desc)
      if (bad) return bad
    }
    return null
  }

  /** "Every program has come to its end and nobody waits": what the built-in property `complete` asks of an end state. */
  complete(): Expr {
    return all(this.doneAt)
  }
  /** One more location at which the device is done with a descriptor (refused at dispatch). */
  alsoEndsAt(d: Descriptor, e: Expr): void {
    d.ends.push(e)
  }
  alsoDoneAt(e: Expr): void {
    this.doneAt.push(e)
  }

  // ---- calls ---------------------------------------------------------------------------------------------------

  /**
   * `seq` calls `callee` with an event and stands still until the handler returns. `spec` is the calling step.
   * A handler that the program does not have is a fault of the scenario.
   */
  call(
    seq: Sequence,
    calleeId: string,
    event: string,
    args: Arguments,
    spec: StepSpec,
    how: 'trap' | 'program-order',
  ): Fault | null {
    const callee = this.callees.get(calleeId)
    const handler = callee?.handlers.get(event)
    if (!callee || !handler) {
      return fault(
        'SCENARIO_MISPLACED_OPERATION',
        `${spec.op} calls ${calleeId}, whose program has no "on: ${event}"`,
        {
          ...position(spec.at),
          hint: `add "- on: ${event}" to programs.${calleeId}`,
        },
      )
    }
    const number = ++callee.calls
    this.b.widen(callee.call, number)
    const flag = this.waitFlag(seq.agent)
    seq.then({
      ...spec,
      trap: how === 'trap',
      when: all([spec.when ?? constant(1), equal(variable(callee.call), constant(0)), callee.agent.at(callee.idle)]),
      set: [
        ...(spec.set ?? []),
        { variable: callee.call, value: constant(number) },
        { variable: flag, value: constant(1) },
      ],
    })
    const inner = this.sequence(callee.agent, callee.idle)
    inner.require(equal(variable(callee.call), constant(number)))
    const first = this.b.stepNames().length
    const bad = this.run(handler.items, inner, args, null)
    if (bad) return bad
    const entered = this.b.stepNames()[first]
    const back = this.id(`${this.unprefixed(spec.id)}.return`)
    inner.close(callee.idle, {
      id: back,
      op: 'return',
      label:
        how === 'trap' ? `trap of ${spec.op} completes, the vCPU goes on` : `${spec.op} returns to ${seq.agent.id}`,
      cite: how === 'trap' ? '70 §9 step 7; 85 §6' : '70 §10',
      latency: how === 'trap' ? LATENCY.trap : LATENCY.ioctl,
      set: [
        { variable: callee.call, value: constant(0) },
        { variable: flag, value: constant(0) },
      ],
      ...(spec.at ? { at: spec.at } : {}),
    })
    const start = entered ?? back
    this.edges.add({
      before: spec.id,
      after: start,
      enforcedBy: how,
      why: how === 'trap' ? 'the access traps into the VMM' : 'a call',
      cite: '70 §10 A2 → A3',
    })
    seq.standStill(flag, back, how, '70 §10 A4b → A2 returns')
    return null
  }

  private unprefixed(id: string): string {
    return id.startsWith(this.prefix) ? id.slice(this.prefix.length) : id
  }

  // ---- control words of the IMS entry ---------------------------------------------------------------------------

  /** The number of the posted write "IMS[v].CONTROL := pasid, mask"; its arrival is made once. */
  controlKind(v: number, pasid: string, mask: boolean, postedBy: string): number {
    const key = `${v} ${pasid} ${mask}`
    const known = this.controlKinds.get(key)
    if (known !== undefined) {
      this.controlArrivals.find((a) => a.vector === v && a.pasid === pasid && a.mask === mask)?.posts.push(postedBy)
      return known
    }
    const vec = this.world.vector(v)
    const enable = this.setup.device.validatePasid
    const arrival = this.id(`link.IMS${v}.CONTROL(${pasid},${mask ? 'masked' : 'unmasked'})`)
    const kind = this.mmio.kind({
      id: arrival,
      op: 'arrive',
      label: `write of IMS[${v}] control arrives: PASID ${this.pasidWords(pasid)}, PASID_EN ${Number(enable)}, Mask ${Number(mask)}`,
      cite: '85 §3; 70 §3',
      latency: LATENCY.mmioArrive,
      set: [
        this.world.set(vec.slotPasid, pasid),
        this.world.set(vec.slotEnable, enable),
        this.world.set(vec.slotMask, mask),
      ],
    })
    this.controlKinds.set(key, kind)
    this.controlArrivals.push({ vector: v, pasid, mask, arrival, posts: [postedBy] })
    return kind
  }

  private pasidWords(name: string): string {
    return name === NONE ? 'none' : `${pasidHex(this.world.pasid(name).host)} (${name})`
  }

  /** The kind for "whatever PASID this variable holds" as an expression over it. */
  controlKindOf(v: number, pasidVariable: number, mask: boolean, postedBy: string): Expr {
    const names = [NONE, ...this.setup.pasids.map((p) => p.name)]
    return names.reduceRight<Expr>((rest, name) => {
      const kind = constant(this.controlKind(v, name, mask, postedBy))
      return rest.k === 'const' && rest.value === -1
        ? kind
        : { k: 'if', c: this.world.is(pasidVariable, name), a: kind, b: rest }
    }, constant(-1))
  }

  /** The number of the posted write "IMS[v] message := the host's". */
  messageKind(v: number, postedBy: string): number {
    const key = `${v} message`
    const known = this.controlKinds.get(key)
    if (known !== undefined) return known
    const arrival = this.id(`link.IMS${v}.MESSAGE`)
    const kind = this.mmio.kind({
      id: arrival,
      op: 'arrive',
      label: `write of IMS[${v}] message address and data arrives`,
      cite: '85 §3; 70 §3',
      latency: LATENCY.mmioArrive,
      set: [this.world.set(this.world.vector(v).slotMessage, true)],
    })
    this.controlKinds.set(key, kind)
    this.edges.add({
      before: postedBy,
      after: arrival,
      enforcedBy: 'pcie',
      why: 'a posted write arrives after it was sent',
      cite: '85 §3',
    })
    return kind
  }

  set(variableIndex: number, value: Expr | string | boolean): Assignment {
    return this.world.set(variableIndex, value)
  }
}

export const position = (at: SourcePosition | undefined): { line?: number; column?: number } =>
  at ? { line: at.line, column: at.column } : {}
