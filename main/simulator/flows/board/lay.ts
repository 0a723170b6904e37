/**
 * Operations and behaviours of blocks become steps of the model. An operation is run by the agent that calls it (a
 * system call by its caller's thread, a trap by the vCPU's), each of its steps atomic; operations that it calls are
 * written out in its place.
 */
import { assert, nearest } from '../../faults'
import type { BlockStep } from '../../hardware/block'
import type { Place } from '../../hardware/mistake'
import { all, not, simplify, TRUE, type Expr } from '../../model/expr'
import type { ModelBuilder } from '../../model/builder'
import type { Assignment } from '../../model/model'
import type { EdgeBook } from '../edges'
import { LATENCY } from '../latency'
import { called, Failures } from './calls'
import { casesOf, endsHere, MAX_CASES, type Filled } from './cases'
import { Effects } from './effects'
import { frameOf, framesOf, isCall, said, type CallStep, type Frame, type PlainStep } from './frame'
import type { Instance } from './instance'
import type { OperandValue } from './items'
import type { Line, Way } from './line'

/** Whatever the state. */
const isFalse = (e: Expr): boolean => e.k === 'const' && e.value === 0

export class Layer {
  private readonly effects: Effects
  readonly failures: Failures

  constructor(
    private readonly b: ModelBuilder,
    private readonly instances: ReadonlyMap<string, Instance>,
    private readonly edges: EdgeBook,
  ) {
    this.effects = new Effects(b, instances)
    this.failures = new Failures(instances)
  }

  /** The last number that made a step id unique. */
  private readonly numbered = new Map<string, number>()
  /** The steps by which the operation of a program was entered; null before the first. */
  private entered: readonly string[] | null = null
  /** Its steps by where they lead, those that end it with an errno left out. */
  private exits = new Map<number, string[]>()
  private tail: readonly string[] = []

  /** An operation of a program: the steps by which it is entered, and those by which it is left without an error. */
  layWhole(line: Line, frame: Frame, steps: readonly BlockStep[], into?: number) {
    this.entered = null
    this.exits = new Map()
    this.lay(line, frame, steps, 0, into)
    return { first: this.entered ?? [], last: this.exits.get(line.here) ?? this.tail }
  }

  private leads(id: string, to: number): void {
    this.exits.set(to, [...(this.exits.get(to) ?? []), id])
  }

  /** Ids of steps that are being written and not yet in the model. */
  private readonly given = new Set<string>()

  /** A step id made unique where the same operation appears again. */
  id(base: string): string {
    const free = (id: string): boolean => !this.b.hasStep(id) && !this.given.has(id)
    if (free(base)) return base
    let n = this.numbered.get(base) ?? 2
    while (!free(`${base}.${n}`)) n++
    this.numbered.set(base, n)
    return `${base}.${n}`
  }

  /** Writes the steps out; the line then stands behind them (at `into`, when that is given). */
  lay(line: Line, frame: Frame, steps: readonly BlockStep[], depth = 0, into?: number): void {
    if (depth > 16) {
      frame.instance.refuse(
        'BLOCK_CYCLE',
        `${frame.op} calls itself, or calls are nested more than 16 deep`,
        frame.path,
      )
      return
    }
    // An operation of nothing but calls has no steps of its own to count.
    const much = frame.instance.budget.spend('ways', 1)
    if (much !== undefined) return frame.instance.tooLarge(much, frame.path)
    // Calls that parameters rule out are not written; the others keep their numbers.
    const written = steps
      .flatMap((s, i) => {
        const path = [...frame.path, 'steps', i]
        return framesOf(frame, isCall(s) && s.each ? [s.each] : [], [...path, 'each']).map((f) => ({ s, f, i, path }))
      })
      .filter(({ s, f, path }) => !isCall(s) || !isFalse(this.needed(f, s, path, line.agent.id)))
    const own = written.some(({ s, f }) => (isCall(s) ? this.callEnds(f, s) : endsHere(s, frame.fail === undefined)))
    const end = into ?? (own ? line.agent.fresh() : undefined)
    if (written.length === 0) this.layStep(line, frame, { label: frame.op }, frame.path, '.nothing', end, true)
    written.forEach(({ s, f, i, path }, n) => {
      const last = n === written.length - 1
      if (isCall(s)) this.layCall(line, f, s, path, depth, end, last)
      else this.layStep(line, f, s, path, steps.length === 1 ? '' : `.${s.step ?? String(i + 1)}`, end, last)
    })
  }

  /** The callee's errno ends this operation, which has nowhere else to go. */
  private callEnds(frame: Frame, s: CallStep): boolean {
    if (frame.fail !== undefined || s.swallow || s.discard) return false
    const { target, operation } = called(frame.instance, s, this.instances)
    return target !== undefined && operation !== undefined && this.failures.any(operation, target)
  }

  private layCall(
    line: Line,
    frame: Frame,
    s: CallStep,
    path: Place,
    depth: number,
    end: number | undefined,
    last: boolean,
  ): void {
    const { instance } = frame
    const { target, operation, name } = called(instance, s, this.instances)
    if (!target || !operation) {
      const near = nearest(name, Object.keys(target?.setup.spec.operations ?? {}))
      instance.refuse('BLOCK_NAME', `${frame.op} calls ${s.call}, which there is not`, [...path, 'call'], {
        hint: near && `did you mean ${near}?`,
      })
      return
    }
    const operands = new Map<string, OperandValue>()
    for (const [o, spec] of Object.entries(operation.operands)) {
      const given = s.with[o] ?? spec.default
      if (given === undefined) {
        instance.refuse('BLOCK_NAME', `${frame.op} calls ${s.call} without ${o}`, [...path, 'call'], {
          hint: `write "with: { ${o}: … }"`,
        })
        continue
      }
      const value = String(given)
      if ('expression' in spec) {
        const typed = this.effects.parse(frame, value, spec.expression, `${frame.op}, with ${o}`, [...path, 'with', o])
        if (typed) operands.set(o, { k: 'typed', typed })
      } else {
        const text = instance.fill(value, frame.env, `${frame.op}, with ${o}`, [...path, 'with', o])
        if (text !== undefined) operands.set(o, { k: 'text', text })
      }
    }
    for (const o of Object.keys(s.with))
      if (!Object.hasOwn(operation.operands, o)) {
        const near = nearest(o, Object.keys(operation.operands))
        instance.refuse('BLOCK_NAME', `${s.call} has no operand ${o}`, [...path, 'with', o], {
          key: true,
          hint: near && `did you mean ${near}?`,
        })
      }
    const propagates = !s.swallow && !s.discard
    const fails = this.failures.any(operation, target)
    const test = this.needed(frame, s, path, line.agent.id)
    const sure = test.k === 'const'
    // Where the errno of the callee goes: on with us, or out of us.
    const needed = !sure || (fails && !propagates)
    const after = (last ? end : undefined) ?? (needed ? line.agent.fresh() : undefined)
    const inner: Frame = {
      ...frameOf(target, name, operation, `${frame.base}.${name}`, operands, frame.at),
      fail: propagates ? (frame.fail ?? end) : after,
      keepsErrno: frame.keepsErrno && !s.discard,
      swallowed: propagates ? frame.swallowed : true,
      within: target === instance ? frame.within : target.setup.name,
    }
    if (sure) return this.lay(line, inner, operation.steps, depth + 1, after)
    assert(after !== undefined, 'a place behind a call that may be skipped')
    const skipped = this.id(`${inner.base}.skipped`)
    line.skip(test, after, {
      id: skipped,
      op: frame.op,
      label: said(inner, `${name} is not needed`),
      cite: frame.cite,
      ...(frame.at ? { at: frame.at } : {}),
    })
    line.wait(test)
    // Skipping it leads on as well as doing it.
    this.leads(skipped, after)
    const first = this.entered === null
    this.lay(line, inner, operation.steps, depth + 1, after)
    if (first) this.entered = [skipped, ...(this.entered ?? [])]
  }

  /** Whether a call is made at all. */
  private needed(frame: Frame, s: CallStep, path: Place, agent: string): Expr {
    if (s.if === undefined) return TRUE
    return this.effects.condition(frame, String(s.if), `${frame.op}, call ${s.call}`, [...path, 'if'], agent)
  }

  private layStep(
    line: Line,
    frame: Frame,
    s: PlainStep,
    path: Place,
    suffix: string,
    end: number | undefined,
    last: boolean,
  ): void {
    const where = `${frame.op}${suffix}`
    const agent = line.agent.id
    const cases = casesOf(frame, s, path)
    const much = frame.instance.budget.spend('ways', cases.length)
    if (much !== undefined) return frame.instance.tooLarge(much, path)
    if (cases.length > MAX_CASES)
      return frame.instance.tooLarge(`more than ${MAX_CASES} cases of one step`, [...path, 'cases'])
    if (s.when !== undefined)
      line.wait(this.effects.condition(frame, String(s.when), `${where}, when`, [...path, 'when'], agent))
    const tests = cases.map(({ c, frame: f, path: p }) =>
      c.if === undefined ? TRUE : this.effects.condition(f, String(c.if), `${where}, if`, [...p, 'if'], agent),
    )
    const open = cases.flatMap((one, i) => {
      const test = simplify(s.any ? (tests[i] ?? TRUE) : all([...tests.slice(0, i).map(not), tests[i] ?? TRUE]))
      return isFalse(test) ? [] : [{ one, test }]
    })
    if (open.length === 0 && !frame.behaviour)
      frame.instance.refuse('BLOCK_SHAPE', `${where}: no case can ever be taken`, [...path, 'cases'])
    // The way on without an error bears the step's own name.
    const plain = cases.length === 1 ? 0 : open.find(({ one: { c } }) => !c.errno && !c.fault && !c.name)?.one.number
    const ways = open.map(({ one, test }) => ({
      ...this.way(line, one, s, path, suffix, one.number === plain, test, end),
      one,
    }))
    line.branch(ways, last ? end : undefined)
    const ids = ways.map((w) => w.spec.id)
    this.entered ??= ids
    this.tail = ids
    for (const { one, spec, to } of ways)
      if (one.c.errno === undefined || frame.swallowed) this.leads(spec.id, to ?? line.here)
    line.trapped = s.trap ? ids : []
  }

  private way(
    line: Line,
    { c, frame, number, at, path }: Filled,
    s: PlainStep,
    stepPath: Place,
    suffix: string,
    plain: boolean,
    test: Expr,
    end: number | undefined,
  ): Way {
    const agent = line.agent.id
    const tail = plain ? (c.name ?? '') : (c.name ?? c.errno ?? c.fault ?? String(number + 1))
    const name = frame.instance.fill(tail, frame.env, `${frame.op}, name`, [...path, 'name']) ?? tail
    const id = this.id(`${frame.base}${suffix}${name ? `.${name}` : ''}${at}`)
    this.given.add(id)
    for (const t of line.trapped)
      this.edges.add({
        before: t,
        after: id,
        enforcedBy: 'trap',
        why: 'the vCPU stands still until the trap returns',
        cite: '70 §10',
      })
    const labelAt = [...(c.label === undefined ? stepPath : path), 'label']
    const words = frame.instance.fill(c.label ?? s.label ?? frame.op, frame.env, `${frame.op}, label`, labelAt)
    const label = said(frame, words ?? frame.op)
    const assigned = (key: 'set' | 'now'): Assignment[] =>
      Object.entries(c[key] ?? {}).flatMap(([target, value]) =>
        this.effects.assignment(frame, target, String(value), [...path, key, target], agent),
      )
    const set = assigned('set')
    const now = [...assigned('now'), ...this.effects.outcome(frame, c, path, agent)]
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
    const channel = s.posted === undefined ? undefined : this.effects.channel(frame, s.posted, [...stepPath, 'posted'])
    if (!channel) return { spec: { ...common, when: test, set: [...set, ...now] }, to }
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
    const spec = {
      ...common,
      posted: s.posted ?? '',
      when: all([test, posting.when]),
      set: [...posting.set, ...now],
    }
    return { spec, to }
  }
}
