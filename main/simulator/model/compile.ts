/**
 * The model as straight code over packed words. The text that is handed to `new Function` is put together from numbers
 * and operators of the typed model alone: no name, label or string of a scenario ever reaches it.
 *
 * One state is `words` consecutive 32-bit words. `expand` visits the enabled steps in their order and, for each, leaves
 * the successor in `next` and calls `emit(step, outcome)`.
 */
import { assert } from '../faults'
import { divides, type Expr } from './expr'
import { layOut, maskOf, pack, unpack, type Layout } from './layout'
import type { Domain, Model, Step } from './model'

/** The step was taken and `next` holds the state after it, or it left a domain and the run ends. */
export const TAKEN = 0
export const OUT_OF_RANGE = 1

export type Emit = (step: number, outcome: number) => void

export interface Program {
  readonly model: Model
  readonly layout: Layout
  readonly words: number
  /** The successor under construction; valid only inside `emit`. */
  readonly next: Uint32Array
  readonly initial: Uint32Array
  /** Calls `emit` for every enabled step of the state at `offset`, in step order within agents, agents in order. */
  expand(state: Uint32Array, offset: number, emit: Emit): void
  /** The truth of the property's expression; division by zero counts as `false`. */
  test(property: number, state: Uint32Array, offset: number): boolean
  unpack(state: Uint32Array, offset?: number): Int32Array
}

type Expand = (s: Uint32Array, o: number, emit: Emit) => void
type Test = (s: Uint32Array, o: number) => number

export function compile(model: Model): Program {
  const layout = layOut(model)
  const next = new Uint32Array(layout.words)
  const initial = new Uint32Array(layout.words)
  pack(
    model,
    layout,
    model.variables.map((v) => v.initial),
    initial,
  )
  const tables = new Tables(model)
  const body = expandSource(model, layout, tables)
  const tests = model.properties.map((p) => testSource(model, layout, tables, p.test))
  // Division by zero is reported through Z, a one-element array: cheaper than an exception, and rare.
  const make = new Function(
    'T',
    'Z',
    'N',
    ...tables.parameters(),
    `"use strict";return[${body},[${tests.join(',')}]]`,
  ) as (...a: unknown[]) => [Expand, Test[]]
  const [expand, tested] = make(tables.divisions, tables.zero, next, ...tables.values())
  return {
    model,
    layout,
    words: layout.words,
    next,
    initial,
    expand,
    test(property, state, offset) {
      const f = tested[property]
      assert(f, `property ${property}`)
      return f(state, offset) === 1
    },
    unpack: (state, offset = 0) => unpack(model, layout, state, offset),
  }
}

/** Lookup tables between the order of a domain and the model-wide numbers of its names. */
class Tables {
  readonly zero = new Uint8Array(1)
  /** [quotient, remainder]: truncating, raising the flag on a zero divisor. */
  readonly divisions = {
    q: (a: number, b: number) => (b === 0 ? ((this.zero[0] = 1), 0) : Math.trunc(a / b) + 0),
    r: (a: number, b: number) => (b === 0 ? ((this.zero[0] = 1), 0) : (a % b) + 0),
  }
  private readonly decode = new Map<string, { parameter: string; table: Int32Array }>()
  private readonly encode = new Map<string, { parameter: string; table: Int32Array }>()
  constructor(private readonly model: Model) {}

  /** Source text that turns a position in the domain into the value. */
  value(d: Domain, position: string): string {
    if (d.k === 'bool') return position
    if (d.k === 'range') return d.lo === 0 ? position : `(${position}+(${d.lo}))`
    const first = d.values[0] ?? 0
    if (d.values.every((v, i) => v === first + i)) return first === 0 ? position : `(${position}+${first})`
    return `${this.decoder(d.values)}[${position}]`
  }
  /** Source text that turns a value (in local `v`) into a position, or −1 when it is outside the domain. */
  position(d: Domain, v: string): string {
    if (d.k === 'bool') return v
    if (d.k === 'range') return `(${v}>=${d.lo}&&${v}<=${d.hi}?${v}-(${d.lo}):-1)`
    return `${this.encoder(d.values)}[${v}]`
  }
  private decoder(values: readonly number[]): string {
    return this.table(this.decode, 'D', values, () => Int32Array.from(values))
  }
  private encoder(values: readonly number[]): string {
    return this.table(this.encode, 'E', values, () => {
      const t = new Int32Array(Math.max(1, this.model.names.length)).fill(-1)
      values.forEach((v, i) => (t[v] = i))
      return t
    })
  }
  private table(map: typeof this.decode, prefix: string, values: readonly number[], make: () => Int32Array): string {
    const key = values.join(',')
    const known = map.get(key)
    if (known) return known.parameter
    const entry = { parameter: `${prefix}${map.size}`, table: make() }
    map.set(key, entry)
    return entry.parameter
  }
  private all() {
    return [...this.decode.values(), ...this.encode.values()]
  }
  parameters(): string[] {
    return this.all().map((t) => t.parameter)
  }
  values(): Int32Array[] {
    return this.all().map((t) => t.table)
  }
}

function expandSource(model: Model, layout: Layout, tables: Tables): string {
  const words = Array.from({ length: layout.words }, (_, w) => `w${w}=s[o+${w}]`).join(',')
  const agents = model.agents.map((agent, a) => {
    const steps = model.steps.map((step, i) => ({ step, i })).filter(({ step }) => step.agent === a)
    const locations = [...new Set(steps.map(({ step }) => step.from))].sort((x, y) => x - y)
    const cases = locations.map((from) => {
      const code = steps
        .filter(({ step }) => step.from === from)
        .map(({ step, i }) => stepSource(model, layout, tables, step, i))
      return `case ${from}:${code.join('')}break;`
    })
    return `switch(${load(model, layout, tables, agent.location)}){${cases.join('')}}`
  })
  return `function(s,o,emit){const ${words};let p=0;${agents.join('')}}`
}

/** A guard that divides by zero counts as taken and out of range: the run ends there, as the litmus rules say. */
function stepSource(model: Model, layout: Layout, tables: Tables, step: Step, index: number): string {
  const mayDivide = [step.when, ...step.set.map((a) => a.value)].some((e) => e !== null && divides(e))
  const location = model.agents[step.agent]?.location
  assert(location !== undefined, 'agent')
  const moves = step.to === step.from ? [] : [{ variable: location, value: { k: 'const', value: step.to } as Expr }]
  // Later assignments of one variable win; each word is then written once.
  const last = new Map([...step.set, ...moves].map((a) => [a.variable, a.value]))
  const names: string[] = []
  const lets: string[] = []
  const tests: string[] = []
  const byWord = new Map<number, { mask: number; parts: string[] }>()
  for (const [variable, value] of last) {
    const v = model.variables[variable]
    const slot = layout.slots[variable]
    assert(v && slot, 'assigned variable')
    const constantPosition = value.k === 'const' ? constantOrdinal(v.domain, value.value) : undefined
    let position: string
    if (constantPosition !== undefined && constantPosition >= 0) position = String(constantPosition)
    else {
      const name = `x${names.length}`
      names.push(name)
      lets.push(
        `const v${name}=${source(model, layout, tables, value)};const ${name}=${tables.position(v.domain, `v${name}`)};`,
      )
      if (v.domain.k !== 'bool') tests.push(v.domain.k === 'enum' ? `!(${name}>=0)` : `${name}<0`)
      position = name
    }
    if (slot.bits === 0) continue
    const entry = byWord.get(slot.word) ?? { mask: 0, parts: [] }
    entry.mask = (entry.mask | (maskOf(slot.bits) << slot.shift)) >>> 0
    if (position !== '0') entry.parts.push(slot.shift === 0 ? position : `(${position}<<${slot.shift})`)
    byWord.set(slot.word, entry)
  }
  const stores = Array.from({ length: layout.words }, (_, w) => {
    const e = byWord.get(w)
    if (!e) return `N[${w}]=w${w};`
    const keep = e.mask === 0xffffffff ? '' : `w${w}&${~e.mask}`
    return `N[${w}]=${[...(keep ? [keep] : []), ...e.parts].join('|') || '0'};`
  }).join('')
  const out = [...tests, ...(mayDivide ? ['Z[0]'] : [])].join('||')
  const take = `${lets.join('')}${out ? `if(${out}){${mayDivide ? 'Z[0]=0;' : ''}emit(${index},1)}else{${stores}emit(${index},0)}` : `${stores}emit(${index},0)`}`
  if (step.when === null) return `{${take}}`
  const guard = source(model, layout, tables, step.when)
  if (!divides(step.when)) return `if(${guard}){${take}}`
  return `p=${guard};if(Z[0]){Z[0]=0;emit(${index},1)}else if(p){${take}}`
}

function constantOrdinal(d: Domain, value: number): number {
  if (d.k === 'enum') return d.values.indexOf(value)
  if (d.k === 'bool') return value
  return value >= d.lo && value <= d.hi ? value - d.lo : -1
}

function testSource(model: Model, layout: Layout, tables: Tables, e: Expr): string {
  const words = Array.from({ length: layout.words }, (_, w) => `w${w}=s[o+${w}]`).join(',')
  return `function(s,o){const ${words};const p=${source(model, layout, tables, e)};if(Z[0]){Z[0]=0;return 0}return p?1:0}`
}

function load(model: Model, layout: Layout, tables: Tables, variable: number): string {
  const v = model.variables[variable]
  const slot = layout.slots[variable]
  assert(v && slot, `variable ${variable}`)
  if (slot.bits === 0) return tables.value(v.domain, String(slot.fixed))
  const word = `w${slot.word}`
  const raw =
    slot.bits === 32
      ? word
      : slot.shift === 0
        ? `(${word}&${maskOf(slot.bits)})`
        : `(${word}>>>${slot.shift}&${maskOf(slot.bits)})`
  return tables.value(v.domain, raw)
}

function source(model: Model, layout: Layout, tables: Tables, e: Expr): string {
  const s = (x: Expr) => source(model, layout, tables, x)
  switch (e.k) {
    case 'const':
      assert(Number.isSafeInteger(e.value), 'constant')
      return e.value < 0 ? `(${e.value})` : String(e.value)
    case 'var':
      return load(model, layout, tables, e.variable)
    case 'un':
      return e.op === '!' ? `(${s(e.a)}?0:1)` : `(0-${s(e.a)})`
    case 'if':
      return `(${s(e.c)}?${s(e.a)}:${s(e.b)})`
    case 'bin':
      switch (e.op) {
        case 'min':
        case 'max':
          return `Math.${e.op}(${s(e.a)},${s(e.b)})`
        case '/':
          return `T.q(${s(e.a)},${s(e.b)})`
        case '%':
          return `T.r(${s(e.a)},${s(e.b)})`
        case '&&':
          return `(${s(e.a)}?${s(e.b)}:0)`
        case '||':
          return `(${s(e.a)}?1:${s(e.b)})`
        case '==':
        case '!=':
          return `(${s(e.a)}${e.op}=${s(e.b)}?1:0)`
        case '<':
        case '<=':
        case '>':
        case '>=':
          return `(${s(e.a)}${e.op}${s(e.b)}?1:0)`
        default:
          return `(${s(e.a)}${e.op}${s(e.b)})`
      }
  }
}
