/**
 * One run in time as straight code, made from the model for many thousands of them (Monte Carlo): a function for each step,
 * what is due as one integer a slot (time and step number together), and after each step exactly the guards that it can
 * have changed, with what is then known filled in. It draws the same numbers in the same order as engine/timed.ts, so
 * that trial and run of one seed are the same run (a test compares them).
 *
 * As in model/compile.ts the text for `new Function` is put together from numbers and operators of the typed model
 * alone: no name, label or string of a scenario ever reaches it.
 */
import { assert } from '../../faults'
import { binary, constant, divides, reads, simplify, type Expr } from '../../model/expr'
import { generated } from '../../model/generated'
import type { Model, Property, Step } from '../../model/model'
import { Affected, effectText, guardText, programOrder, truthText } from '../../model/straight'
import { PRELUDE, textOf, type Place, type Write } from '../../model/text'
import { ADD_HI, ADD_LO, MUL_HI, MUL_LO, rejectFrom } from '../rng'

/** Properties that one word of hits holds. */
export const HITS_PER_WORD = 30
/** The trial was cut off at the bound on steps. */
export const CUT = 1
/** Times grew beyond what one word holds: this trial is for the engine. */
export const TOO_LONG = -1

export interface TrialCode {
  /** Runs one trial; 0, CUT or TOO_LONG. */
  readonly run: (seed: number) => number
  /** Bit p of the words: property p was violated, a `sometimes` witnessed. */
  readonly hits: Int32Array
  /** With `record`: the latency that each step drew first, and when it was taken first, ns; −1: never. */
  readonly drawn: Int32Array
  readonly taken: Int32Array
}

/** What makes a model too large: looks after all steps together, agents to choose among. */
const LIMITS = { looks: 20_000, agents: 48 }

/** Undefined: the model is too large for this, or its latencies too long; the timed engine runs its trials. */
export function trialCode(model: Model, maxSteps: number, record: boolean): TrialCode | undefined {
  const writer = new Writer(model, maxSteps, record)
  return looksOf(model) <= LIMITS.looks && writer.fits() ? writer.make() : undefined
}

/** Looks after all steps together: what the code's length goes by. */
function looksOf(model: Model): number {
  const affected = new Affected(model)
  return model.steps.reduce((n, _, i) => n + affected.of(i).length, 0)
}

const NONE = 0x7fffffff

class Writer {
  private readonly affected: Affected
  private readonly order: readonly number[]
  private readonly slots: readonly number[]
  private readonly slotCount: number
  private readonly shift: number
  private readonly longest: number
  private readonly assigned: ReadonlySet<number>
  /** Judged after every step. */
  private readonly perStep: readonly number[]
  private readonly words: number
  private readonly initially: ReadonlyMap<number, number>
  /** Agents that have steps, and each agent's slots. */
  private readonly agents: readonly number[]
  private readonly slotsOf: readonly (readonly number[])[]

  constructor(
    private readonly model: Model,
    private readonly maxSteps: number,
    private readonly record: boolean,
  ) {
    this.affected = new Affected(model)
    this.order = programOrder(model)
    ;[this.slots, this.slotCount] = layOutSlots(model)
    this.shift = Math.max(1, 32 - Math.clz32(Math.max(1, model.steps.length - 1)))
    this.longest = model.steps.reduce((n, s) => Math.max(n, s.latency[0], s.latency[1]), 0)
    this.assigned = new Set(model.steps.flatMap((_, i) => [...this.affected.writes(i)]))
    this.perStep = model.properties.flatMap((p, i) => (isPerStep(p) ? [i] : []))
    this.initially = new Map(model.variables.map((v, i) => [i, v.initial]))
    this.slotsOf = model.agents.map((_, a) => [
      ...new Set(model.steps.flatMap((s, i) => (s.agent === a ? [this.slots[i] ?? 0] : []))),
    ])
    this.agents = this.slotsOf.flatMap((own, a) => (own.length > 0 ? [a] : []))
    this.words = Math.max(1, Math.ceil(model.properties.length / HITS_PER_WORD))
  }

  fits(): boolean {
    return this.agents.length <= LIMITS.agents && this.safe() >= this.longest
  }

  make(): TrialCode {
    const { model } = this
    const hits = new Int32Array(this.words)
    const drawn = new Int32Array(model.steps.length)
    const taken = new Int32Array(model.steps.length)
    const initial = Int32Array.from(model.variables, (v) => v.initial)
    const arrays = [
      new Int32Array(2),
      hits,
      drawn,
      taken,
      initial.slice(),
      initial,
      new Int32Array(this.slotCount),
      new Int32Array(model.agents.length),
    ]
    const make = generated<(...a: Int32Array[]) => (seed: number) => number>(
      ['R', 'H', 'L', 'F', 'X', 'I', 'S', 'A'],
      this.text(),
    )
    return { run: make(...arrays), hits, drawn, taken }
  }

  /** The last time at which every latency still fits into a word beside the step's number. */
  private safe(): number {
    return Math.floor(NONE / 2 ** this.shift) - 1 - this.longest
  }

  /** A function for each step, over arrays: each is short enough to be optimised, whatever the model's size. */
  private text(): string {
    const { model } = this
    const steps = model.steps.map((s, i) => `function f${i}(now){let l=0;${this.step(s, i, 'return 1')}return 0}`)
    const cases = model.steps.map((_, i) => `case ${i}:o=f${i}(now);break;`)
    return [
      PRELUDE,
      random(),
      ...steps,
      `function start(){let l=0,now=0;${this.start()}}`,
      'return function(seed){begin(seed|0);',
      ...(this.record ? ['L.fill(-1);F.fill(-1);'] : []),
      `X.set(I);S.fill(${NONE});A.fill(${NONE});H.fill(0);start();let now=0,n=0,b=0,o=0;`,
      `for(;;){${this.next()}`,
      `switch(b&${2 ** this.shift - 1}){${cases.join('')}}`,
      'if(o)return 0;',
      this.afterFirst(),
      `if(n===${this.maxSteps})return ${CUT}}`,
      this.atEnd(),
      'return 0}',
    ].join('')
  }

  private start(): string {
    const all = this.model.agents.map((_, a) => {
      const own = this.order.filter((i) => this.model.steps[i]?.agent === a)
      return own.map((i) => this.look(i, this.initially, true)).join('') + this.firstOf(a)
    })
    return all.join('')
  }

  /** What is due next, in `b`; `now` is its time, `n` counts. */
  private next(): string {
    const least = this.agents.map((a, i) =>
      i === 0 ? `b=${this.first(a)};` : `if(${this.first(a)}<b)b=${this.first(a)};`,
    )
    return `${least.join('')}if(b===${NONE})break;now=b>>>${this.shift};if(now>${this.safe()})return ${TOO_LONG};n++;`
  }

  /** Where the first of an agent's events is kept: in its slot, when it has but one. */
  private first(agent: number): string {
    const [slot, more] = this.slotsOf[agent] ?? []
    if (slot !== undefined && more === undefined) return this.slot(slot)
    return `A[${agent}]`
  }

  /** Statements that find the first of an agent's events again. `among`: the slots that can hold any. */
  private firstOf(agent: number, among: readonly number[] = this.slotsOf[agent] ?? []): string {
    if ((this.slotsOf[agent]?.length ?? 0) < 2) return ''
    const first = this.first(agent)
    const [one, ...more] = among
    if (one === undefined) return `${first}=${NONE};`
    return `${first}=${this.slot(one)};${more.map((s) => `if(${this.slot(s)}<${first})${first}=${this.slot(s)};`).join('')}`
  }

  private slot(slot: number): string {
    return `S[${slot}]`
  }

  private readonly place: Place = (v) =>
    this.assigned.has(v) ? `X[${v}]` : `(${this.model.variables[v]?.initial ?? 0})`
  private readonly write: Write = (e) => textOf(e, this.place)

  /** `end`: what ends the trial, where the step leaves a domain. */
  private step(s: Step, index: number, end: string): string {
    const out = `${this.hit(this.model.properties.flatMap((p, i) => (p.kind === 'range' ? [i] : [])))}${end}`
    const effect = effectText(this.model, s, this.place, this.write, out)
    const recorded = this.record ? `if(F[${index}]<0)F[${index}]=now;` : ''
    return `${recorded}${this.slot(this.slots[index] ?? 0)}=${NONE};${effect}${this.judged(s, index)}${this.looks(s, index)}`
  }

  /** What is certain behind a step: what it assigns, where its agent stands, and of its guard what it did not overwrite. */
  private knownAfter(s: Step, index: number): Map<number, number> {
    const known = new Map<number, number>()
    for (const [v, value] of facts(s.when)) known.set(v, value)
    for (const v of this.affected.writes(index)) known.delete(v)
    for (const { variable, value } of s.set) {
      const e = simplify(value)
      if (e.k === 'const') known.set(variable, e.value)
      else known.delete(variable)
    }
    const location = this.model.agents[s.agent]?.location
    if (location !== undefined) known.set(location, s.to)
    for (const [v, { initial }] of this.model.variables.entries()) if (!this.assigned.has(v)) known.set(v, initial)
    return known
  }

  private judged(s: Step, index: number): string {
    const known = this.knownAfter(s, index)
    const written = this.affected.writes(index)
    return this.perStep
      .filter((p) => [...reads(this.model.properties[p]?.test ?? null)].some((v) => written.has(v)))
      .map((p) => this.judge(p, known))
      .join('')
  }

  private judge(p: number, known: ReadonlyMap<number, number>): string {
    const property = this.model.properties[p]
    assert(property, 'property')
    const test = simplify(substitute(property.test, known))
    const bad =
      property.kind === 'always' ? test.k === 'const' && test.value !== 0 : test.k === 'const' && test.value === 0
    if (bad) return ''
    const truth = truthText(test, this.write)
    return `if(${property.kind === 'always' ? `!${truth}` : truth}){${this.hit([p])}}`
  }

  /** A property whose verdict stood in the initial state already is judged with the first step, whatever that writes. */
  private afterFirst(): string {
    const already = this.perStep.filter((p) => this.judge(p, this.initially) !== '')
    return already.length === 0 ? '' : `if(n===1){${already.map((p) => this.judge(p, new Map())).join('')}}`
  }

  private atEnd(): string {
    return this.model.properties
      .map((p, i) =>
        p.kind === 'end' || p.kind === 'complete' || p.kind === 'deadlock'
          ? `if(!${truthText(p.test, this.write)}){${this.hit([i])}}`
          : '',
      )
      .join('')
  }

  private hit(properties: readonly number[]): string {
    return properties.map((p) => `H[${Math.floor(p / HITS_PER_WORD)}]|=${1 << (p % HITS_PER_WORD)};`).join('')
  }

  /** Every step that this one can have enabled or disabled, by agents and where those stand. */
  private looks(s: Step, index: number): string {
    const { model } = this
    const known = this.knownAfter(s, index)
    const again = [...this.affected.of(index)]
    const out: string[] = []
    for (const [a, agent] of model.agents.entries()) {
      const steps = again.filter((i) => model.steps[i]?.agent === a)
      if (a === s.agent) {
        if (s.to !== s.from) {
          const left = new Set(this.slotsAt(a, s.from))
          left.delete(this.slots[index] ?? -1)
          out.push(...[...left].map((slot) => `${this.slot(slot)}=${NONE};`))
        }
        for (const i of steps)
          if (model.steps[i]?.from === s.to) out.push(this.look(i, known, s.to !== s.from || i === index))
        out.push(this.firstOf(a, this.slotsAt(a, s.to)))
        continue
      }
      const byPlace = new Map<number, number[]>()
      for (const i of steps) {
        const from = model.steps[i]?.from ?? 0
        byPlace.set(from, [...(byPlace.get(from) ?? []), i])
      }
      if (!this.assigned.has(agent.location)) {
        const here = byPlace.get(model.variables[agent.location]?.initial ?? 0) ?? []
        const text = here.map((i) => this.look(i, known, false)).join('')
        if (text) out.push(text, this.firstOf(a))
        continue
      }
      const ways = [...byPlace]
        .map(([from, list]) => [from, list.map((i) => this.look(i, known, false)).join('')] as const)
        .filter(([, text]) => text !== '')
        .map(([from, text]) => [from, text + this.firstOf(a, this.slotsAt(a, from))] as const)
      const location = this.place(agent.location)
      out.push(
        ways.length > 3
          ? `switch(${location}){${ways.map(([from, text]) => `case ${from}:${text}break;`).join('')}}`
          : ways.map(([from, text]) => `if(${location}===${from}){${text}}`).join('else '),
      )
    }
    return out.join('')
  }

  private slotsAt(agent: number, from: number): number[] {
    return this.model.steps.flatMap((s, i) => (s.agent === agent && s.from === from ? [this.slots[i] ?? 0] : []))
  }

  /** The agent stands where the step starts. `empty`: nothing is due in its slot. */
  private look(index: number, known: ReadonlyMap<number, number>, empty: boolean): string {
    const s = this.model.steps[index]
    assert(s, 'step')
    const location = this.model.agents[s.agent]?.location ?? -1
    if (known.has(location) && known.get(location) !== s.from) return ''
    const slot = this.slot(this.slots[index] ?? 0)
    const draw = empty ? `${slot}=${this.due(index)};` : `if(${slot}===${NONE})${slot}=${this.due(index)};`
    if (s.when === null) return draw
    const guard = simplify(substitute(s.when, known))
    if (guard.k === 'const') return guard.value !== 0 ? draw : empty ? '' : `${slot}=${NONE};`
    return `if(${guardText(guard, this.write)}){${draw}}${empty ? '' : `else ${slot}=${NONE};`}`
  }

  /** When the step is due, with its number. */
  private due(index: number): string {
    const [lo, hi] = this.model.steps[index]?.latency ?? [0, 0]
    const span = hi - lo + 1
    const latency = span <= 1 ? String(lo) : `${lo}+u(${span},${rejectFrom(span)})`
    if (!this.record) return `(now+${latency})<<${this.shift}|${index}`
    return `(l=${latency},L[${index}]<0&&(L[${index}]=l),(now+l)<<${this.shift}|${index})`
  }
}

const isPerStep = (p: Property): boolean =>
  p.kind === 'never' || p.kind === 'always' || p.kind === 'sometimes' || p.kind === 'order'

/** PCG-XSH-RR as in engine/rng.ts, its state in `R`. */
const random = (): string =>
  [
    'function r(){const h=R[0],w=R[1],a=w&65535,c=w>>>16;',
    `const d=(Math.imul(c,${MUL_LO & 0xffff})+(Math.imul(a,${MUL_LO & 0xffff})>>>16))>>>0;`,
    `const e=(Math.imul(a,${MUL_LO >>> 16})+(d&65535))>>>0;`,
    `const g=(Math.imul(c,${MUL_LO >>> 16})+(d>>>16)+(e>>>16))|0;`,
    `const s=(Math.imul(w,${MUL_LO | 0})+${ADD_LO | 0})|0;R[1]=s;`,
    `R[0]=(g+Math.imul(h,${MUL_LO | 0})+Math.imul(w,${MUL_HI})+${ADD_HI}+((s>>>0)<${ADD_LO}?1:0))|0;`,
    'const i=((w>>>18)|(h<<14))^w,j=(h>>>18)^h,k=(i>>>27)|(j<<5),o=h>>>27;',
    'return((k>>>o)|(k<<(-o&31)))>>>0}',
    'function u(n,l){for(;;){const v=r();if(v<l)return v%n}}',
    'function begin(seed){R[0]=0;R[1]=0;r();const v=R[1],w=v+seed|0;R[0]=R[0]+((w>>>0)<(v>>>0)?1:0)|0;R[1]=w;r()}',
  ].join('')

/** Steps that are never due together share a slot: those of one agent from different locations. */
function layOutSlots(model: Model): [slots: readonly number[], count: number] {
  const slots = new Array<number>(model.steps.length).fill(0)
  let count = 0
  for (const [a] of model.agents.entries()) {
    const used = new Map<number, number>()
    model.steps.forEach((s, i) => {
      if (s.agent !== a) return
      const nth = used.get(s.from) ?? 0
      used.set(s.from, nth + 1)
      slots[i] = count + nth
    })
    count += Math.max(0, ...used.values())
  }
  return [slots, count]
}

/** Values of variables that follow from a guard being true: its conjuncts `v`, `!v` and `v == constant`. */
function facts(e: Expr | null): [number, number][] {
  if (e === null || divides(e)) return []
  if (e.k === 'bin' && e.op === '&&') return [...facts(e.a), ...facts(e.b)]
  if (e.k === 'bin' && e.op === '==' && e.a.k === 'var' && e.b.k === 'const') return [[e.a.variable, e.b.value]]
  if (e.k === 'un' && e.op === '!' && e.a.k === 'var') return [[e.a.variable, 0]]
  return e.k === 'var' ? [[e.variable, 1]] : []
}

/** The expression with the known variables' values in it. */
function substitute(e: Expr, known: ReadonlyMap<number, number>): Expr {
  switch (e.k) {
    case 'const':
      return e
    case 'var': {
      const value = known.get(e.variable)
      return value === undefined ? e : constant(value)
    }
    case 'un':
      return { k: 'un', op: e.op, a: substitute(e.a, known) }
    case 'if':
      return { k: 'if', c: substitute(e.c, known), a: substitute(e.a, known), b: substitute(e.b, known) }
    case 'bin':
      return binary(e.op, substitute(e.a, known), substitute(e.b, known))
  }
}
