/**
 * What may happen in a configuration of a component, laid out once: each move is what other components have to answer
 * (bits), and what it adds to the number of the state. A move whose effect depends on more than that is marked SLOW and
 * worked out by the space itself.
 */
import { FALSE, LEAVES, TRUE, DIVIDES, type Configurations } from './configurations'
import { not, type Expr } from '../model/expr'
import { normal } from '../model/logic'
import type { Fields } from './fields'
import type { ComponentSpace, Condition, StepHere } from './space'

/** Kinds of moves: negative numbers where the bits of properties stand otherwise. */
export const SLOW = -1
export const LEAVING = -2
/** To a configuration that has no number, or no place in its field, yet. */
export const BEYOND = -3

/** One answer of what a step writes down. */
interface Outcome {
  readonly when: Condition
  readonly slot: number
  readonly value: number
}

const TRUTHS: ReadonlySet<string> = new Set(['&&', '||', '==', '!=', '<', '<=', '>', '>='])
const isTruth = (e: Expr): boolean => (e.k === 'un' ? e.op === '!' : e.k === 'bin' && TRUTHS.has(e.op))

/** Something that a property asks of one component. */
export interface LocalAsk {
  readonly bit: number
  readonly strict: boolean
  readonly any: readonly Condition[]
}

const FIRST = 1024
/** Numbers of a row of the table. */
export const ROW = 3

export class Moves {
  /**
   * A row for each component and configuration: what it answers to the others, its first move (−1: not laid out yet),
   * and where its moves end.
   */
  readonly table: Int32Array
  /** Where the rows of each component begin. */
  readonly base: Int32Array
  step = new Int32Array(FIRST)
  needs = new Int32Array(FIRST)
  /** Properties that the configurations after the move answer; or SLOW, LEAVING or BEYOND. */
  kind = new Int32Array(FIRST)
  adds = new Float64Array(FIRST)
  private used = 0
  /** Rows with a move of which more may be known some day. */
  private readonly short: number[] = []
  /** Conditions that some step asks of a component other than its own, by component and number. */
  private readonly foreign = new Map<string, number>()
  private readonly byComponent: { readonly truth: number; readonly bit: number }[][]

  constructor(
    private readonly space: ComponentSpace,
    private readonly fields: Fields,
    private readonly asked: readonly LocalAsk[],
  ) {
    this.base = new Int32Array(space.size)
    let rows = 0
    fields.most.forEach((most, c) => {
      this.base[c] = rows
      rows += most * ROW
    })
    this.table = new Int32Array(rows).fill(-1)
    this.byComponent = space.components.map(() => [])
    for (const s of space.steps) {
      for (const c of s.conditions) if (c.component !== s.home) this.ask(c)
      for (const c of this.outcomes(s)) this.ask(c.when)
    }
  }

  private ask(c: Condition): void {
    if (c.component < 0) return
    const key = `${c.component} ${c.truth}`
    if (this.foreign.has(key) || this.foreign.size >= 31) return
    this.foreign.set(key, this.foreign.size)
    this.byComponent[c.component]?.push({ truth: c.truth, bit: this.foreign.size - 1 })
  }

  /** Where a step only writes down whether something elsewhere holds: one move for each answer. */
  private outcomes(s: StepHere): readonly Outcome[] {
    const known = this.outcomesOf.get(s)
    if (known) return known
    const [entry] = s.mixed
    const [set] = entry?.[1] ?? []
    let list: Outcome[] = []
    if (entry && set && s.mixed.size === 1 && entry[1].length === 1 && entry[0] === s.home && isTruth(set.value)) {
      const ways = [set.value, not(set.value)].map((e) => this.space.condition(normal(e)))
      if (ways.every((c) => c.component >= 0 && c.component !== s.home && !this.space.mayDivide(c)))
        list = ways.map((when, i) => ({ when, slot: set.slot, value: 1 - i }))
    }
    this.outcomesOf.set(s, list)
    return list
  }
  private readonly outcomesOf = new Map<StepHere, readonly Outcome[]>()

  get bytes(): number {
    return this.step.byteLength * 3 + this.adds.byteLength + this.table.byteLength
  }

  /** The row of a configuration, its moves laid out. */
  row(component: number, id: number): number {
    const row = (this.base[component] ?? 0) + id * ROW
    if ((this.table[row + 1] ?? 0) < 0) this.prepare(component, id, row)
    return row
  }

  private prepare(component: number, id: number, row: number): void {
    const of = this.space.classOf[component]
    if (!of) return
    let bits = 0
    for (const { truth, bit } of this.byComponent[component] ?? []) if (of.holds(truth, id) === TRUE) bits |= 1 << bit
    this.table[row] = bits
    this.table[row + 1] = this.used
    const before = this.beyond
    for (const s of this.space.stepsAt(component, id)) this.lay(component, of, id, s)
    this.table[row + 2] = this.used
    if (this.beyond > before) this.short.push(row)
  }
  private beyond = 0

  /** More configurations have numbers now: rows that lacked some are laid out again when they are needed. */
  learned(): void {
    for (const row of this.short.splice(0)) this.table[row + 1] = -1
  }

  private hasPlace(component: number, id: number): boolean {
    return id >= 0 && id < (this.fields.most[component] ?? 0)
  }

  private lay(component: number, of: Configurations, id: number, s: number): void {
    const here = this.space.steps[s]
    if (!here) return
    let needs = 0
    const outcomes = this.outcomes(here)
    let slow = here.cross.length > 0 || (here.mixed.size > 0 && outcomes.length === 0)
    for (const c of here.conditions) {
      if (c.component < 0) continue
      if (c.component === component) {
        if (of.holds(c.truth, id) === DIVIDES) slow = true
        continue
      }
      const bit = this.foreign.get(`${c.component} ${c.truth}`)
      if (bit === undefined) slow = true
      else needs |= 1 << bit
    }
    // A condition elsewhere that divides by zero answers neither way.
    if (here.conditions.some((c) => c.component >= 0 && c.component !== component && this.space.mayDivide(c)))
      slow = true
    let adds = 0
    let kind = 0
    for (let i = 0; i < here.writes.length; i += 2) {
      const c = here.writes[i] ?? 0
      if (c !== component) {
        slow = true
        continue
      }
      const after = of.after(here.writes[i + 1] ?? 0, id)
      if (after === LEAVES) kind = LEAVING
      else if (!this.hasPlace(component, after)) kind = BEYOND
      else {
        adds = (after - id) * (this.fields.unit[c] ?? 1)
        if (kind >= 0) kind = this.propertiesAt(component, of, after)
      }
    }
    if (slow) this.push(s, 0, SLOW, 0)
    else if (outcomes.length === 0 || kind < 0) this.push(s, needs, kind, adds)
    else
      for (const { when, slot, value } of outcomes) {
        const bit = this.foreign.get(`${when.component} ${when.truth}`)
        const unit = this.fields.unit[component] ?? 1
        const plain = id + adds / unit
        const after = of.assign(plain, [{ slot, value: { k: 'const', value } as const }], () => value)
        if (bit === undefined) {
          // No room for the question: the space answers it, for all outcomes at once.
          this.push(s, 0, SLOW, 0)
          return
        }
        if (this.hasPlace(component, after))
          this.push(s, needs | (1 << bit), this.propertiesAt(component, of, after), (after - id) * unit)
        else this.push(s, needs | (1 << bit), BEYOND, 0)
      }
  }

  private propertiesAt(component: number, of: Configurations, id: number): number {
    let bits = 0
    for (const a of this.asked)
      for (const c of a.any) {
        if (c.component !== component) continue
        const answer = of.holds(c.truth, id)
        if (answer === TRUE || (answer !== FALSE && a.strict)) bits |= 1 << a.bit
      }
    return bits
  }

  private push(step: number, needs: number, kind: number, adds: number): void {
    if (kind === BEYOND) this.beyond++
    if (this.used >= this.step.length) {
      const wider = (a: Int32Array): Int32Array<ArrayBuffer> => {
        const b = new Int32Array(a.length * 2)
        b.set(a)
        return b
      }
      this.step = wider(this.step)
      this.needs = wider(this.needs)
      this.kind = wider(this.kind)
      const adds2 = new Float64Array(this.adds.length * 2)
      adds2.set(this.adds)
      this.adds = adds2
    }
    this.step[this.used] = step
    this.needs[this.used] = needs
    this.kind[this.used] = kind
    this.adds[this.used] = adds
    this.used++
  }
}
