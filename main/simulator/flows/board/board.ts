/**
 * A board: blocks tied to each other by their ports, and agents whose programs do operations on them. Turns both into
 * variables and steps of one model.
 */
import { assert, fault, type Fault } from '../../faults'
import type { Mistake } from '../../hardware/mistake'
import { bitsOf } from '../../hardware/block'
import { bitsAt } from '../../hardware/entry'
import { all, any, constant, type Expr } from '../../model/expr'
import { defer, type AgentBuilder, type Deferred, type ModelBuilder } from '../../model/builder'
import type { Assignment } from '../../model/model'
import { EdgeBook } from '../edges'
import { LATENCY } from '../latency'
import { Budget } from './budget'
import { Instance, type InstanceSetup } from './instance'
import type { Condition, EitherItem, Item, OperationItem, ProgramSetup, WriteItem } from './items'
import { frameOf, type Frame } from './frame'
import { Layer } from './lay'
import { Line } from './line'
import { BlockScope, NOBODY } from './scope'
import { suffix } from './suffix'

/** "No error yet." */
export const NO_ERRNO = 'OK'

/** Nobody reads more of them at once. */
const MAX_MISTAKES = 100

export interface BoardSetup {
  readonly instances: readonly InstanceSetup[]
  /** Who there is; what they do comes to `lay`. */
  readonly programs: readonly ProgramSetup[]
}

export class Board {
  readonly instances = new Map<string, Instance>()
  readonly edges = new EdgeBook()
  /** Mistakes in blocks stand at a place of their declaration, others at a line of the scenario. */
  readonly faults: (Fault | Mistake)[] = []
  /** Conditions of programs, to be understood when every step is known. */
  readonly conditions: { readonly condition: Condition; readonly hole: Deferred; readonly ready: Deferred | null }[] =
    []
  private readonly layer: Layer
  private readonly doneAt: Expr[] = []
  private readonly agents = new Map<string, AgentBuilder>()
  private readonly budget = new Budget()
  private readonly reported = new Set<string>()

  constructor(
    readonly b: ModelBuilder,
    readonly setup: BoardSetup,
  ) {
    this.layer = new Layer(b, this.instances, this.edges)
  }

  /** Variables, named conditions and the agents of programs: everything that expressions may name but steps. */
  declare(): void {
    const errnos = [...new Set(this.setup.instances.flatMap((s) => errnosOf(s)))].sort()
    for (const p of this.setup.programs) {
      this.agents.set(p.agent, this.b.agent(p.agent, p.title, p.role))
      if (errnos.length > 0)
        this.b.variable(`${p.agent}.errno`, this.b.enumeration([NO_ERRNO, ...errnos]), this.b.name(NO_ERRNO), {
          register: p.agent,
          field: 'last errno',
        })
    }
    for (const s of this.setup.instances)
      this.instances.set(s.name, new Instance(this.b, s, (m) => this.report(m), this.budget))
    for (const i of this.instances.values()) i.define(() => new BlockScope(this.instances, i, NOBODY))
  }

  /** The steps of programs (with their items) and of what the blocks do on their own. */
  lay(programs: readonly ProgramSetup[]): void {
    for (const p of programs) this.layProgram(p)
    for (const i of this.instances.values()) this.layBehaviours(i)
    for (const i of this.instances.values())
      for (const c of i.channels.values()) {
        c.finish()
        this.doneAt.push(c.empty())
      }
  }

  /** "Every program has come to its end, and nothing is under way." */
  complete(): Expr {
    return all(this.doneAt)
  }

  /** Once for each place: the same text is read for every value of an index. */
  private report(m: Mistake): void {
    const key = m.code === 'MODEL_TOO_LARGE' ? m.code : JSON.stringify([m.block, m.code, m.path])
    if (this.reported.has(key) || this.reported.size >= MAX_MISTAKES) return
    this.reported.add(key)
    this.faults.push(m)
  }

  private layProgram(p: ProgramSetup): void {
    const agent = this.agents.get(p.agent)
    assert(agent, `agent ${p.agent}`)
    const line = new Line(agent)
    this.layItems(line, p.items)
    if (!p.optional)
      this.doneAt.push(
        any([agent.at(line.here), ...(line.stopLocation === undefined ? [] : [agent.at(line.stopLocation)])]),
      )
  }

  private layItems(line: Line, items: readonly Item[], into?: number): void {
    items.forEach((item, i) => this.layItem(line, item, i === items.length - 1 ? into : undefined))
    if (items.length === 0 && into !== undefined) this.pass(line, into)
  }

  private layItem(line: Line, item: Item, into: number | undefined): void {
    if (item.when) line.wait(this.later(line, item.when))
    const after = into ?? (item.if ? line.agent.fresh() : undefined)
    if (item.if) {
      const e = this.later(line, item.if)
      line.skip(e, after ?? line.here, {
        id: this.layer.id(`${item.id ?? this.nameOf(line, item)}.skipped`),
        op: 'if',
        label: `skipped: ${item.if.text} is false`,
        cite: 'program',
        at: item.at,
        latency: LATENCY.hostCode,
      })
      line.wait(e)
    }
    switch (item.k) {
      case 'operation':
        return this.layOperation(line, item, after)
      case 'wait':
        line.wait(this.later(line, item.until))
        return line.branch(
          [
            {
              spec: {
                id: this.layer.id(item.id ?? this.nameOf(line, item)),
                op: 'wait',
                label: `waited until ${item.until.text}`,
                cite: 'program',
                at: item.at,
                latency: LATENCY.hostCode,
              },
            },
          ],
          after,
        )
      case 'write':
        return this.layWrite(line, item, after)
      case 'either':
        return this.layEither(line, item, after)
    }
  }

  private nameOf(line: Line, item: Item): string {
    const agent = line.agent.id
    if (item.k === 'operation') {
      const specs = this.instances.get(item.instance)?.setup.spec.operations[item.operation]?.operands ?? {}
      const operands = [...item.operands].flatMap(([name, v]) => {
        const spec = specs[name]
        return v.k === 'text' && !(spec && 'unnamed' in spec && spec.unnamed) ? [v.text] : []
      })
      return `${agent}.${item.instance}.${item.operation}${operands.length > 0 ? `(${operands.join(',')})` : ''}`
    }
    return `${agent}.${item.k}${item.k === 'write' ? `(${item.row})` : ''}`
  }

  private layOperation(line: Line, item: OperationItem, into: number | undefined): void {
    const instance = this.instances.get(item.instance)
    const operation = instance?.setup.spec.operations[item.operation]
    assert(instance && operation, `operation ${item.instance}.${item.operation}`)
    const base = this.layer.id(item.id ?? this.nameOf(line, item))
    const fails = this.layer.failures.any(operation, instance)
    for (const v of item.operands.values()) if (v.k === 'typed') line.wait(this.b.ready(v.typed.expr))
    const frame: Frame = {
      ...frameOf(instance, item.operation, operation, base, item.operands, item.at),
      op: `${item.instance}.${item.operation}`,
      fail: fails && !item.goesOn ? line.stop() : undefined,
      keepsErrno: true,
    }
    const { first, last } = this.layer.layWhole(line, frame, operation.steps, into)
    this.b.span(base, first, last)
  }

  /** A register poked by hand: RW takes its bits, W1C is cleared by a one, RO stays; the reader refused reserved bits. */
  private layWrite(line: Line, item: WriteItem, into: number | undefined): void {
    const set = this.writeOf(item)
    const spec = {
      id: this.layer.id(item.id ?? this.nameOf(line, item)),
      op: 'write',
      label: `${item.row}${this.partOf(item)} := 0x${item.value.toString(16)}`,
      cite: this.rowOf(item)?.instance.setup.spec.cite ?? 'program',
      at: item.at,
      set,
      latency: LATENCY.mmioArrive,
    }
    line.branch([{ spec }], into)
  }

  private rowOf(item: Pick<WriteItem, 'row'>) {
    for (const instance of this.instances.values()) {
      const row = instance.rows.find((r) => r.name === item.row)
      if (row) return { instance, row }
    }
    return undefined
  }

  /** `[127:96]` where not the whole register is written. */
  private partOf({ bits: [msb, lsb], ...item }: WriteItem): string {
    return lsb === 0 && msb === (this.rowOf(item)?.row.register.width ?? 0) - 1 ? '' : `[${msb}:${lsb}]`
  }

  private writeOf(item: WriteItem): Assignment[] {
    const row = this.rowOf(item)?.row
    assert(row, `register ${item.row}`)
    return row.fields.flatMap(({ field, variable: v, codes }): Assignment[] => {
      const [msb, lsb] = bitsOf(field)
      if (lsb < item.bits[1] || msb > item.bits[0]) return []
      const bits = bitsAt(item.value << BigInt(item.bits[1]), msb, lsb)
      if (field.access === 'RO' || (field.access === 'W1C' && bits === 0n)) return []
      const value = field.access === 'W1C' ? 0n : bits
      const d = this.b.domainOf(v)
      if (d.k !== 'enum') return [{ variable: v, value: constant(Number(value)) }]
      const at = codes.indexOf(value)
      const name = d.values[at]
      if (name !== undefined) return [{ variable: v, value: constant(name) }]
      this.faults.push(
        fault('SCENARIO_OPERAND', `${item.row}.${field.name}: the model has no value 0x${value.toString(16)}`, {
          line: item.at.line,
          column: item.at.column,
          hint: `values: ${codes.map((c) => `0x${c.toString(16)}`).join(', ')}`,
        }),
      )
      return []
    })
  }

  private layEither(line: Line, item: EitherItem, into: number | undefined): void {
    const join = into ?? line.agent.fresh()
    const from = line.here
    // Whatever was to be waited for is waited for before the choice.
    const base = item.id ?? this.nameOf(line, item)
    const starts = item.branches.map(() => line.agent.fresh())
    line.branch(
      starts.map((to, i) => ({
        to,
        spec: {
          id: this.layer.id(`${base}.${String.fromCharCode(97 + i)}`),
          op: 'either',
          label: `takes way ${i + 1} of ${starts.length}`,
          cite: 'program',
          at: item.at,
          latency: LATENCY.hostCode,
        },
      })),
      starts[0] ?? from,
    )
    item.branches.forEach((items, i) => {
      line.here = starts[i] ?? from
      this.layItems(line, items, join)
    })
    line.here = join
  }

  /** An empty way of an "either" still leads to where the ways meet. */
  private pass(line: Line, into: number): void {
    line.branch(
      [
        {
          spec: {
            id: this.layer.id(`${line.agent.id}.nothing`),
            op: 'either',
            label: 'does nothing',
            cite: 'program',
            latency: LATENCY.hostCode,
          },
        },
      ],
      into,
    )
  }

  /** Whatever it reads is waited for first: a branch is not taken on a value that is not there. */
  private later(line: Line, condition: Condition): Expr {
    const hole = defer()
    const ready = this.b.settled.size > 0 ? defer() : null
    if (ready) line.wait(ready.expr)
    this.conditions.push({ condition, hole, ready })
    return hole.expr
  }

  private layBehaviours(i: Instance): void {
    const { spec, name } = i.setup
    spec.behaviour.forEach((b, at) => {
      const path = ['behaviour', at]
      for (const env of i.environments(b.per, [...path, 'per'])) {
        const id = `${name}.${b.agent}${suffix(b.per, env)}`
        const words = b.title ?? `${name} ${b.agent}`
        const title = i.fill(words, env, `behaviour ${b.agent}`, [...path, 'title']) ?? id
        const agent = this.b.agent(id, title, b.role)
        const line = new Line(agent)
        const end = b.loop ? 0 : agent.fresh()
        const frame: Frame = {
          instance: i,
          env,
          operands: new Map(),
          base: id,
          op: b.agent,
          cite: spec.cite,
          path,
          fail: end,
          keepsErrno: false,
          behaviour: true,
        }
        this.layer.lay(line, frame, b.steps, 0, end)
        if (b.loop) this.doneAt.push(agent.at(0))
      }
    })
  }
}

function errnosOf(s: InstanceSetup): string[] {
  return Object.values(s.spec.operations).flatMap((o) =>
    o.steps.flatMap((step) =>
      'call' in step ? [] : [step.errno, ...(step.cases ?? []).map((c) => c.errno)].flatMap((e) => (e ? [e] : [])),
    ),
  )
}
