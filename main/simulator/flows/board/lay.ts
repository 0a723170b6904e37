/**
 * Operations and behaviours of blocks become steps of the model. An operation is run by the agent that calls it (a
 * system call by its caller's thread, a trap by the vCPU's), each of its steps atomic; operations that it calls are
 * written out in its place.
 */
import { assert, nearest } from '../../faults'
import type { BlockStep, CaseSpec, OperationSpec } from '../../hardware/block'
import type { Environment } from '../../hardware/template'
import { all, constant, FALSE, not, TRUE, type Expr } from '../../model/expr'
import type { Typed } from '../../model/expression'
import type { ModelBuilder } from '../../model/builder'
import type { Assignment, SourcePosition } from '../../model/model'
import type { EdgeBook } from '../edges'
import { LATENCY } from '../latency'
import type { Instance } from './instance'
import type { OperandValue } from './items'
import type { Line, Way } from './line'
import { BlockScope } from './scope'

type PlainStep = Extract<BlockStep, { step?: string | undefined }>
type CallStep = Extract<BlockStep, { call: string }>
const isCall = (s: BlockStep): s is CallStep => 'call' in s

/** One operation or behaviour while it is being written out. */
export interface Frame {
  readonly instance: Instance
  readonly env: Environment
  readonly operands: ReadonlyMap<string, Typed>
  /** Step ids begin with this. */
  readonly base: string
  /** What the operation is called in traces. */
  readonly op: string
  readonly cite: string
  readonly at?: SourcePosition | undefined
  /** Where an errno leads; undefined: to the operation's own end. */
  readonly fail: number | undefined
  /** Whether `me.errno` takes the errno. */
  readonly keepsErrno: boolean
}

export class Layer {
  constructor(
    private readonly b: ModelBuilder,
    private readonly instances: ReadonlyMap<string, Instance>,
    private readonly edges: EdgeBook,
  ) {}

  /** The step by which the last operation was left without an error. */
  passed = ''
  /** The step by which it was entered. */
  entered = ''

  /** A step id made unique where the same operation appears again, or another way of the same step bears it. */
  id(base: string, ways: readonly Way[] = []): string {
    const taken = (id: string): boolean => this.b.hasStep(id) || ways.some((w) => w.spec.id === id)
    if (!taken(base)) return base
    for (let n = 2; ; n++) if (!taken(`${base}.${n}`)) return `${base}.${n}`
  }

  /** Writes the steps out; the line then stands behind them (at `into`, when that is given). */
  lay(line: Line, frame: Frame, steps: readonly BlockStep[], depth = 0, into?: number): void {
    if (depth > 16) {
      frame.instance.refuse('BLOCK_CYCLE', `${frame.op} calls itself`)
      return
    }
    const own = steps.some((s) => (isCall(s) ? this.callEnds(frame, s) : endsHere(s, frame.fail === undefined)))
    const end = into ?? (own ? line.agent.fresh() : undefined)
    steps.forEach((s, i) => {
      const last = i === steps.length - 1
      if (isCall(s)) this.layCall(line, frame, s, depth, end, last)
      else this.layStep(line, frame, s, steps.length === 1 ? '' : `.${s.step ?? String(i + 1)}`, end, last)
    })
  }

  /** The callee's errno ends this operation, which has nowhere else to go. */
  private callEnds(frame: Frame, s: CallStep): boolean {
    if (frame.fail !== undefined || s.swallow || s.discard) return false
    const { target, operation } = called(frame.instance, s, this.instances)
    return target !== undefined && operation !== undefined && mayFail(operation, target, this.instances)
  }

  private layCall(line: Line, frame: Frame, s: CallStep, depth: number, end: number | undefined, last: boolean): void {
    const { instance } = frame
    const { target, operation, name } = called(instance, s, this.instances)
    if (!target || !operation) {
      const near = nearest(name, Object.keys(target?.setup.spec.operations ?? {}))
      instance.refuse('BLOCK_NAME', `${frame.op} calls ${s.call}, which there is not`, near && `did you mean ${near}?`)
      return
    }
    const operands = new Map<string, OperandValue>()
    for (const [o, spec] of Object.entries(operation.operands)) {
      const given = s.with[o] ?? spec.default
      if (given === undefined) {
        instance.refuse('BLOCK_NAME', `${frame.op} calls ${s.call} without ${o}`)
        continue
      }
      const value = String(given)
      if ('expression' in spec) {
        const typed = this.parse(frame, value, spec.expression, `${frame.op}, with ${o}`)
        if (typed) operands.set(o, { k: 'typed', typed })
      } else {
        const text = instance.fill(value, frame.env, `${frame.op}, with ${o}`)
        if (text !== undefined) operands.set(o, { k: 'text', text })
      }
    }
    for (const o of Object.keys(s.with))
      if (!Object.hasOwn(operation.operands, o)) instance.refuse('BLOCK_NAME', `${s.call} has no operand ${o}`)
    const propagates = !s.swallow && !s.discard
    const fails = mayFail(operation, target, this.instances)
    // Where the errno of the callee goes: on with us, or out of us.
    const needed = s.if !== undefined || (fails && !propagates)
    const after = (last ? end : undefined) ?? (needed ? line.agent.fresh() : undefined)
    const inner: Frame = {
      ...this.frame(target, operation, `${frame.base}.${name}`, operands, frame.at),
      fail: propagates ? (frame.fail ?? end) : after,
      keepsErrno: frame.keepsErrno && !s.discard,
    }
    if (s.if !== undefined) {
      const e = this.condition(frame, String(s.if), `${frame.op}, call ${s.call}`)
      assert(after !== undefined, 'a place behind a call that may be skipped')
      line.skip(e, after, {
        id: this.id(`${inner.base}.skipped`),
        op: frame.op,
        label: `${name} is not needed`,
        cite: frame.cite,
        ...(frame.at ? { at: frame.at } : {}),
      })
      line.wait(e)
    }
    this.lay(line, inner, operation.steps, depth + 1, after)
  }

  /** The frame of an operation with its operands filled in. */
  frame(
    instance: Instance,
    operation: OperationSpec,
    base: string,
    operands: ReadonlyMap<string, OperandValue>,
    at: SourcePosition | undefined,
  ): Omit<Frame, 'fail' | 'keepsErrno'> {
    const values = new Map(instance.base().values)
    const typed = new Map<string, Typed>()
    for (const [o, v] of operands)
      if (v.k === 'text') values.set(o, v.text)
      else typed.set(o, v.typed)
    return {
      instance,
      env: { ...instance.base(), values },
      operands: typed,
      base,
      op: base.split('.').pop()?.replace(/\(.*$/, '') ?? base,
      cite: operation.cite ?? instance.setup.spec.cite,
      at,
    }
  }

  private layStep(
    line: Line,
    frame: Frame,
    s: PlainStep,
    suffix: string,
    end: number | undefined,
    last: boolean,
  ): void {
    const where = `${frame.op}${suffix}`
    const agent = line.agent.id
    const cases: readonly CaseSpec[] = s.cases ?? [
      {
        ...(s.set ? { set: s.set } : {}),
        ...(s.fault ? { fault: s.fault } : {}),
        ...(s.errno ? { errno: s.errno } : {}),
      },
    ]
    if (s.when !== undefined) line.wait(this.condition(frame, String(s.when), `${where}, when`, agent))
    const tests = cases.map((c) =>
      c.if === undefined ? TRUE : this.condition(frame, String(c.if), `${where}, if`, agent),
    )
    // The way on without an error bears the step's own name.
    const plain = cases.length === 1 ? 0 : cases.findIndex((c) => !c.errno && !c.fault && !c.name)
    this.passed = ''
    const ways: Way[] = []
    cases.forEach((c, i) => {
      const test = s.any ? tests[i] : all([...tests.slice(0, i).map((t) => negation(t)), tests[i] ?? TRUE])
      if (test !== undefined && test !== FALSE && !isFalse(test))
        ways.push(this.way(line, frame, s, c, suffix, i, plain, test, end, ways))
    })
    if (ways.length === 0) frame.instance.refuse('BLOCK_SHAPE', `${where}: no case can ever be taken`)
    line.branch(ways, last ? end : undefined)
    line.trapped = s.trap ? ways.map((w) => w.spec.id) : []
  }

  private way(
    line: Line,
    frame: Frame,
    s: PlainStep,
    c: CaseSpec,
    suffix: string,
    number: number,
    plain: number,
    test: Expr,
    end: number | undefined,
    before: readonly Way[],
  ): Way {
    const agent = line.agent.id
    const tail = number === plain ? (c.name ?? '') : (c.name ?? c.errno ?? c.fault ?? String(number + 1))
    const id = this.id(`${frame.base}${suffix}${tail ? `.${tail}` : ''}`, before)
    if (number === plain || this.passed === '') this.passed = id
    if (this.entered === '') this.entered = id
    for (const t of line.trapped)
      this.edges.add({
        before: t,
        after: id,
        enforcedBy: 'trap',
        why: 'the vCPU stands still until the trap returns',
        cite: '70 §10',
      })
    const label = frame.instance.fill(c.label ?? s.label ?? frame.op, frame.env, `${frame.op}, label`) ?? frame.op
    const set = Object.entries(c.set ?? {}).flatMap(([target, value]) =>
      this.assignment(frame, target, String(value), agent),
    )
    set.push(...this.outcome(frame, c, agent))
    const common = {
      id,
      op: frame.op,
      label: c.errno ? `${label}: -${c.errno}` : label,
      cite: s.cite ?? frame.cite,
      latency: s.latency ?? LATENCY.hostCode,
      ...(frame.at ? { at: frame.at } : {}),
      ...(s.trap ? { trap: true } : {}),
    }
    const to = c.errno !== undefined ? (frame.fail ?? end) : c.return ? end : undefined
    const channel = s.posted === undefined ? undefined : this.channel(frame, s.posted)
    if (!channel) return { spec: { ...common, when: test, set }, to }
    const posting = channel.carry(
      {
        id: this.id(`${id}.arrives`),
        op: 'arrive',
        label: `${label}: arrives`,
        cite: '85 §1, §3',
        latency: LATENCY.mmioArrive,
      },
      set,
    )
    this.edges.add({
      before: id,
      after: `${id}.arrives`,
      enforcedBy: 'pcie',
      why: 'a posted write arrives after it was sent',
      cite: '85 §3',
    })
    return { spec: { ...common, posted: s.posted ?? '', when: all([test, posting.when]), set: posting.set }, to }
  }

  /** Errno and fault of a case, kept where properties can ask for them. */
  private outcome(frame: Frame, c: CaseSpec, agent: string): Assignment[] {
    const out: Assignment[] = []
    if (c.errno !== undefined && frame.keepsErrno) {
      const errno = this.b.find(`${agent}.errno`)
      if (errno !== undefined) out.push({ variable: errno, value: this.b.nameExpr(c.errno) })
    }
    if (c.fault !== undefined) {
      const { faultVariable, setup } = frame.instance
      if (faultVariable === undefined || !Object.hasOwn(setup.spec.faults, c.fault))
        frame.instance.refuse('BLOCK_NAME', `${frame.op}: ${c.fault} is none of its faults`)
      else out.push({ variable: faultVariable, value: this.b.nameExpr(c.fault) })
    }
    return out
  }

  private assignment(frame: Frame, target: string, value: string, agent: string): Assignment[] {
    const name = frame.instance.fill(target, frame.env, `${frame.op}, set`)
    if (name === undefined) return []
    const scope = new BlockScope(this.instances, frame.instance, { agent, operands: frame.operands })
    const full = scope.target(name)
    const index = full === undefined ? undefined : this.b.find(full)
    const typed = full === undefined ? undefined : this.b.typed(full)
    if (index === undefined || !typed) {
      const near = nearest(name, scope.names())
      frame.instance.refuse(
        'BLOCK_NAME',
        `${frame.op} sets ${name}, which there is not`,
        near && `did you mean ${near}?`,
      )
      return []
    }
    const e = this.parse(frame, value, typed.type, `${frame.op}, set ${name}`, agent)
    return e ? [{ variable: index, value: e.expr }] : []
  }

  private channel(frame: Frame, name: string) {
    const dot = name.indexOf('.')
    const instance =
      dot < 0 ? frame.instance : this.instances.get(frame.instance.setup.ports.get(name.slice(0, dot)) ?? '')
    const channel = instance?.channels.get(name.slice(dot + 1))
    if (!channel) frame.instance.refuse('BLOCK_NAME', `${frame.op}: there is no channel ${name}`)
    return channel
  }

  private condition(frame: Frame, text: string, where: string, agent = ''): Expr {
    return this.parse(frame, text, 'bool', where, agent)?.expr ?? TRUE
  }

  private parse(frame: Frame, text: string, want: Typed['type'], where: string, agent = ''): Typed | undefined {
    const scope = new BlockScope(this.instances, frame.instance, { agent, operands: frame.operands })
    return frame.instance.parse(text, frame.env, scope, want, where)
  }
}

const negation = (e: Expr): Expr => (e.k === 'const' ? constant(e.value === 0) : not(e))
const isFalse = (e: Expr): boolean => e.k === 'const' && e.value === 0

/** Some case ends the operation early, at its own end. */
function endsHere(s: PlainStep, errnoToo: boolean): boolean {
  return (s.cases ?? []).some((c) => c.return === true || (errnoToo && c.errno !== undefined))
}

/** Some step of it, or of what it calls, returns an errno. */
export function mayFail(
  o: OperationSpec,
  instance: Instance,
  instances: ReadonlyMap<string, Instance>,
  depth = 0,
): boolean {
  return o.steps.some((s) => {
    if (!isCall(s)) return s.errno !== undefined || (s.cases ?? []).some((c) => c.errno !== undefined)
    if (s.swallow || s.discard || depth > 16) return false
    const { target, operation } = called(instance, s, instances)
    return target !== undefined && operation !== undefined && mayFail(operation, target, instances, depth + 1)
  })
}

/** What a call step names: an operation of this block, or of what a port is tied to. */
function called(instance: Instance, s: CallStep, instances: ReadonlyMap<string, Instance>) {
  const dot = s.call.indexOf('.')
  const target = dot < 0 ? instance : instances.get(instance.setup.ports.get(s.call.slice(0, dot)) ?? '')
  const name = s.call.slice(dot + 1)
  return { target, name, operation: target?.setup.spec.operations[name] }
}
