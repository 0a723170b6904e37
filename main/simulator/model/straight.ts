/**
 * The model's steps as straight code over its variables' values, for runs in time: one number a variable, no packing.
 * As in model/compile.ts the text for `new Function` is put together from numbers and operators of the typed model
 * alone: no name, label or string of a scenario ever reaches it.
 */
import { assert } from '../faults'
import { divides, reads, simplify, type Expr } from './expr'
import { generated } from './generated'
import { ordinal, type Domain, type Model, type Step } from './model'
import { PRELUDE, WrittenOnce, type Place, type Write } from './text'

/** Whether a guard lets its step be taken. One that divides by zero does: the step then leaves the model's range. */
export function guardText(e: Expr, write: Write): string {
  return divides(e) ? `(z=0,t=${write(e)},z||t)` : write(e)
}

/** The truth of a property; division by zero counts as false. */
export function truthText(e: Expr, write: Write): string {
  return divides(e) ? `(z=0,t=${write(e)},z?0:t)` : write(e)
}

/** Statements that take a step, its agent's move included, or do `out` where it leaves a domain. */
export function effectText(model: Model, step: Step, place: Place, write: Write, out: string): string {
  const location = model.agents[step.agent]?.location
  assert(location !== undefined, 'agent')
  const mayDivide = [step.when, ...step.set.map((a) => a.value)].some((e) => e !== null && divides(e))
  const last = new Map(step.set.map((a) => [a.variable, simplify(a.value)]))
  const before: string[] = []
  const tests: string[] = []
  const after: string[] = []
  for (const [variable, value] of last) {
    const d = model.variables[variable]?.domain
    assert(d, 'assigned variable')
    if (value.k === 'const') {
      if (ordinal(d, value.value) < 0) tests.push('1')
      after.push(`${place(variable)}=${write(value)};`)
      continue
    }
    const name = `y${before.length}`
    before.push(`const ${name}=${write(value)};`)
    const inside = outside(d, name)
    if (inside) tests.push(inside)
    after.push(`${place(variable)}=${name};`)
  }
  if (step.to !== step.from) after.push(`${place(location)}=${step.to};`)
  const guard = step.when !== null && divides(step.when) ? `z=0;t=${write(step.when)};` : mayDivide ? 'z=0;' : ''
  if (mayDivide) tests.push('z')
  return `${guard}${before.join('')}${tests.length > 0 ? `if(${tests.join('||')}){${out}}` : ''}${after.join('')}`
}

/** "This value lies outside the domain"; empty where it cannot. */
function outside(d: Domain, name: string): string {
  if (d.k === 'bool') return ''
  if (d.k === 'range') return `${name}<${d.lo}||${name}>${d.hi}`
  const first = d.values[0] ?? 0
  if (d.values.every((v, i) => v === first + i)) return `${name}<${first}||${name}>${first + d.values.length - 1}`
  return d.values.map((v) => `${name}!==${v}`).join('&&')
}

/** The order in which a state's enabled steps are listed: agents in order, their steps by number. */
export const programOrder = (model: Model): readonly number[] =>
  model.steps.map((_, i) => i).sort((a, b) => (model.steps[a]?.agent ?? 0) - (model.steps[b]?.agent ?? 0) || a - b)

/** Which steps have to be looked at again when a step has been taken. */
export class Affected {
  /** Steps by the variables that their guards read. */
  private readonly readers = new Map<number, number[]>()
  /** Steps of an agent, by the location they start at. */
  private readonly starts: Map<number, number[]>[]
  private readonly rank: Int32Array
  private readonly known: (Int32Array | undefined)[]

  constructor(private readonly model: Model) {
    const order = programOrder(model)
    this.known = new Array<undefined>(order.length).fill(undefined)
    this.rank = new Int32Array(order.length)
    order.forEach((step, i) => (this.rank[step] = i))
    this.starts = model.agents.map(() => new Map<number, number[]>())
    model.steps.forEach((s, i) => {
      for (const v of reads(s.when)) append(this.readers, v, i)
      append(this.starts[s.agent] ?? new Map<number, number[]>(), s.from, i)
    })
  }

  /** Variables that a step writes, its agent's location among them when it moves. */
  writes(step: number): Set<number> {
    const s = this.model.steps[step]
    assert(s, 'step')
    const out = new Set(s.set.map((a) => a.variable))
    const location = this.model.agents[s.agent]?.location
    if (s.to !== s.from && location !== undefined) out.add(location)
    return out
  }

  /** Those whose being enabled may change, in program order: the step's own agent before and after, and who reads what it writes. */
  of(step: number): Int32Array {
    const known = this.known[step]
    if (known) return known
    const s = this.model.steps[step]
    assert(s, 'step')
    const found = new Set([step])
    const own = this.starts[s.agent]
    if (s.to !== s.from) for (const at of [s.from, s.to]) for (const i of own?.get(at) ?? []) found.add(i)
    for (const v of this.writes(step))
      for (const i of this.readers.get(v) ?? []) {
        const other = this.model.steps[i]
        // Of the step's own agent only what starts where it now stands can be enabled.
        if (other && (other.agent !== s.agent || other.from === s.to)) found.add(i)
      }
    const list = Int32Array.from([...found].sort((a, b) => (this.rank[a] ?? 0) - (this.rank[b] ?? 0)))
    this.known[step] = list
    return list
  }
}

function append(map: Map<number, number[]>, key: number, value: number): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

/** Most steps that can be enabled at once. */
export function mostEnabled(model: Model): number {
  const by = new Map<string, number>()
  for (const s of model.steps) by.set(`${s.agent} ${s.from}`, (by.get(`${s.agent} ${s.from}`) ?? 0) + 1)
  return model.agents.reduce((n, _, a) => {
    const here = [...by].filter(([key]) => key.startsWith(`${a} `)).map(([, count]) => count)
    return n + Math.max(0, ...here)
  }, 0)
}

export interface StepCode {
  /** The step's guard; null where it has none. */
  readonly guards: readonly ((() => number | boolean) | null)[]
  /** Assigns what the step assigns (not its agent's move): 0, or 1 where it leaves a domain and nothing has changed; null: nothing. */
  readonly effects: readonly ((() => number) | null)[]
  /** The truth of each property. */
  readonly tests: readonly (() => number | boolean)[]
}

/** Functions for each step, over one array of values: for models of any size. */
export function stepCode(model: Model, values: Int32Array): StepCode {
  const place: Place = (v) => `V[${v}]`
  const once = new WrittenOnce(
    [
      ...model.steps.flatMap((s) => [s.when, ...s.set.map((a) => simplify(a.value))]),
      ...model.properties.map((p) => p.test),
    ],
    place,
  )
  const { write } = once
  const guards = model.steps.map((s) => (s.when === null ? 'null' : `function(){return ${guardText(s.when, write)}}`))
  const effects = model.steps.map((s) => {
    // A guard that divides by zero is found out when its step is taken.
    const idle = s.set.length === 0 && (s.when === null || !divides(s.when))
    if (idle) return 'null'
    return `function(){${effectText(model, { ...s, to: s.from }, place, write, 'return 1')}return 0}`
  })
  const tests = model.properties.map((p) => `function(){return ${truthText(p.test, write)}}`)
  return generated<(v: Int32Array) => StepCode>(
    ['V'],
    `${PRELUDE}${once.definitions()}return{guards:[${guards.join(',')}],effects:[${effects.join(',')}],tests:[${tests.join(',')}]}`,
  )(values)
}
