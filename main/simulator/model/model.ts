/**
 * The intermediate form: variables with finite domains, agents with a location, guarded atomic steps.
 * Everything that Doorbell can do with a scenario (step, run, explore, export) is done with this and nothing else.
 *
 * A step leads its agent from one location to another. It is enabled when its agent stands at `from` and its `when`
 * is true; taking it evaluates all right-hand sides in the state before, then assigns. An assignment outside its
 * variable's domain does not take effect: it ends the run there and violates `range` (design: litmus scenarios).
 */
import type { Expr } from './expr'

export type Domain =
  | { readonly k: 'bool' }
  | { readonly k: 'range'; readonly lo: number; readonly hi: number }
  /** Model-wide numbers of the names (indices into `Model.names`), in the order of declaration. */
  | { readonly k: 'enum'; readonly values: readonly number[] }

export interface Variable {
  readonly name: string
  readonly domain: Domain
  /** Boolean 0/1, an integer, or a name's number. */
  readonly initial: number
  /** What a change of it is called: register (or object) and field. */
  readonly register: string
  readonly field: string
  /** Words for the values, where they are not the names themselves (a PASID's hex, a status code). */
  readonly labels?: readonly string[]
  /** Bookkeeping of the model (locations, waiting flags): not reported as a change. */
  readonly control: boolean
}

export type AgentRole = 'guest' | 'vmm' | 'host' | 'irqchip' | 'device' | 'fabric' | 'interrupt' | 'other'

export interface Agent {
  readonly id: string
  readonly title: string
  readonly role: AgentRole
  /** The variable that holds its location. */
  readonly location: number
}

/** No software can make its steps wait. */
export const isHardware = (a: Pick<Agent, 'role'> | undefined): boolean =>
  a?.role === 'device' || a?.role === 'fabric' || a?.role === 'interrupt'

export interface Assignment {
  readonly variable: number
  readonly value: Expr
}

/** Position in the scenario's text, 1-based. */
export interface SourcePosition {
  readonly line: number
  readonly column: number
}

export interface Step {
  readonly id: string
  readonly agent: number
  readonly from: number
  readonly to: number
  readonly when: Expr | null
  readonly set: readonly Assignment[]
  readonly op: string
  readonly label: string
  readonly cite: string
  readonly at?: SourcePosition
  /** Nanoseconds in timed runs, both inclusive. */
  readonly latency: readonly [number, number]
  /** The agent stands still after this step until another agent resumes it. */
  readonly trap?: boolean
  /** Name of the channel that carries the effect to its target. */
  readonly posted?: string
}

export type PropertyKind = 'never' | 'always' | 'sometimes' | 'order' | 'end' | 'deadlock' | 'complete' | 'range'
export type Verdict = 'holds' | 'violated' | 'witnessed' | 'unwitnessed' | 'undecided'

/**
 * never, always, sometimes and order are judged after every step (order is kept as the "never" it means);
 * end, deadlock and complete wherever no step is enabled; range where a step leaves a domain.
 * `test` is the expression as written: a never is violated where it is true, an always and an end where it is false.
 */
export interface Property {
  readonly name: string
  readonly title: string
  readonly kind: PropertyKind
  readonly test: Expr
  readonly text: string
  readonly expected?: Verdict
  readonly at?: SourcePosition
}

/**
 * Instances that a scenario declares alike: the i-th variables of all of them correspond. Exchanging two instances
 * should leave the model as it is; `model/symmetry.ts` checks that before anything rests on it.
 */
export interface Replica {
  readonly name: string
  readonly instances: readonly (readonly number[])[]
}

export interface Model {
  readonly name: string
  readonly names: readonly string[]
  readonly variables: readonly Variable[]
  readonly agents: readonly Agent[]
  readonly steps: readonly Step[]
  readonly properties: readonly Property[]
  readonly replicas?: readonly Replica[]
}

/** How many values a domain has. */
export const cardinality = (d: Domain): number =>
  d.k === 'bool' ? 2 : d.k === 'range' ? d.hi - d.lo + 1 : d.values.length

/** The position of a value in its domain, 0-based, or −1 when it is outside. */
export function ordinal(d: Domain, value: number): number {
  if (d.k === 'enum') return d.values.indexOf(value)
  const [lo, hi] = d.k === 'bool' ? [0, 1] : [d.lo, d.hi]
  return Number.isInteger(value) && value >= lo && value <= hi ? value - lo : -1
}

/** The value at a position of its domain. */
export function valueAt(d: Domain, ordinalOf: number): number {
  return d.k === 'enum' ? (d.values[ordinalOf] ?? -1) : d.k === 'range' ? d.lo + ordinalOf : ordinalOf
}

/** A value in words: a name, true/false, a number, or the variable's own label. */
export function inWords(model: Model, v: Variable, value: number): string {
  const label = v.labels?.[ordinal(v.domain, value)]
  if (label !== undefined) return label
  if (v.domain.k === 'bool') return value ? 'true' : 'false'
  return v.domain.k === 'enum' ? (model.names[value] ?? '?') : String(value)
}
