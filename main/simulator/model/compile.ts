/**
 * The model as straight code over packed words. The text that is handed to `new Function` is put together from numbers
 * and operators of the typed model alone: no name, label or string of a scenario ever reaches it.
 *
 * One state is `words` consecutive 32-bit words. `expand` visits the enabled steps in their order and, for each, leaves
 * the successor in `next` and calls `emit(step, outcome)`.
 */
import { assert } from '../faults'
import { divides, type Expr } from './expr'
import { generated } from './generated'
import { layOut, maskOf, pack, unpack, type Layout } from './layout'
import type { Domain, Model, Step } from './model'
import { PRELUDE, WrittenOnce, type Place, type Write } from './text'

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
  const place =
    (word: (w: number) => string): Place =>
    (v) =>
      load(model, layout, tables, v, word)
  const once = new WrittenOnce(
    [...model.steps.flatMap((s) => [s.when, ...s.set.map((a) => a.value)]), ...model.properties.map((p) => p.test)],
    place(local),
    place((w) => `s[o+${w}]`),
    's,o',
  )
  const body = expandSource(model, layout, tables, once.write)
  const tests = model.properties.map((p) => testSource(layout, once.write, p.test))
  // Division by zero is reported through a variable: cheaper than an exception, and rare.
  const make = generated<(...a: (Uint32Array | Int32Array)[]) => [Expand, Test[]]>(
    ['N', ...tables.parameters()],
    `${PRELUDE}${once.definitions()}return[${body},[${tests.join(',')}]]`,
  )
  const [expand, tested] = make(next, ...tables.values())
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

const local = (word: number): string => `w${word}`
const wordsText = (layout: Layout): string =>
  Array.from({ length: layout.words }, (_, w) => `${local(w)}=s[o+${w}]`).join(',')

function expandSource(model: Model, layout: Layout, tables: Tables, write: Write): string {
  const agents = model.agents.map((agent, a) => {
    const steps = model.steps.map((step, i) => ({ step, i })).filter(({ step }) => step.agent === a)
    const locations = [...new Set(steps.map(({ step }) => step.from))].sort((x, y) => x - y)
    const cases = locations.map((from) => {
      const code = steps
        .filter(({ step }) => step.from === from)
        .map(({ step, i }) => stepSource(model, layout, tables, write, step, i))
      return `case ${from}:${code.join('')}break;`
    })
    return `switch(${load(model, layout, tables, agent.location, local)}){${cases.join('')}}`
  })
  return `function(s,o,emit){const ${wordsText(layout)};${agents.join('')}}`
}

/** A guard that divides by zero counts as taken and out of range: the run ends there, as the litmus rules say. */
function stepSource(model: Model, layout: Layout, tables: Tables, write: Write, step: Step, index: number): string {
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
      lets.push(`const v${name}=${write(value)};const ${name}=${tables.position(v.domain, `v${name}`)};`)
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
  const out = [...tests, ...(mayDivide ? ['z'] : [])].join('||')
  const take = `${lets.join('')}${out ? `if(${out}){${mayDivide ? 'z=0;' : ''}emit(${index},1)}else{${stores}emit(${index},0)}` : `${stores}emit(${index},0)`}`
  if (step.when === null) return `{${take}}`
  const guard = write(step.when)
  if (!divides(step.when)) return `if(${guard}){${take}}`
  return `t=${guard};if(z){z=0;emit(${index},1)}else if(t){${take}}`
}

function constantOrdinal(d: Domain, value: number): number {
  if (d.k === 'enum') return d.values.indexOf(value)
  if (d.k === 'bool') return value
  return value >= d.lo && value <= d.hi ? value - d.lo : -1
}

function testSource(layout: Layout, write: Write, e: Expr): string {
  return `function(s,o){const ${wordsText(layout)};const p=${write(e)};if(z){z=0;return 0}return p?1:0}`
}

function load(
  model: Model,
  layout: Layout,
  tables: Tables,
  variable: number,
  wordText: (word: number) => string,
): string {
  const v = model.variables[variable]
  const slot = layout.slots[variable]
  assert(v && slot, `variable ${variable}`)
  if (slot.bits === 0) return tables.value(v.domain, String(slot.fixed))
  const word = wordText(slot.word)
  const raw =
    slot.bits === 32
      ? word
      : slot.shift === 0
        ? `(${word}&${maskOf(slot.bits)})`
        : `(${word}>>>${slot.shift}&${maskOf(slot.bits)})`
  return tables.value(v.domain, raw)
}
