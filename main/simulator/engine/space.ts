/**
 * A model as a space of component configurations (configurations.ts): states are tuples of small numbers, packed into a
 * few 32-bit words; `expand` gives the enabled steps of one, `take` what a step makes of it.
 *
 * It is the same model that `model/compile.ts` makes code of; a test compares the two state by state.
 */
import { assert } from '../faults'
import { DivisionByZero, divides, evaluate, reads, type Expr } from '../model/expr'
import { footprintsOf, type Footprint } from '../model/footprint'
import { keyOf } from '../model/logic'
import type { Model } from '../model/model'
import { partitionOf } from '../model/partition'
import { declaredOrbits, NO_SYMMETRY, type Orbit, type Symmetry } from '../model/symmetry'
import { Configurations, DIVIDES, FALSE, LEAVES, TRUE, type InnerOrbit, type LocalSet } from './configurations'
import type { Piece, PieceReader } from './pieces'

/** A condition over several components, or within one. */
export interface Condition {
  readonly expr: Expr
  /** The component that it lies in; −1 where it needs several. */
  readonly component: number
  /** Its number there. */
  readonly truth: number
}

interface CrossSet extends LocalSet {
  /** Over the variables of the model. */
  readonly value: Expr
}

export interface StepHere {
  /** The component of its agent's location, and what it is there. */
  readonly home: number
  readonly homeRole: number
  /** Other components that its guard or its assignments touch: component, role, component, role … */
  readonly others: Int32Array
  /** Conditions over several components. */
  readonly cross: readonly Expr[]
  /** Components that it writes: component, role …; in those of `mixed` some right-hand side reads elsewhere. */
  readonly writes: Int32Array
  readonly mixed: ReadonlyMap<number, readonly CrossSet[]>
  /** Every condition of its guard. */
  readonly conditions: readonly Condition[]
}

/** What `enabled` says of a step. */
export const DISABLED = 0
export const ENABLED = 1
/** Its guard divides by zero: taking it ends the run. */
export const BROKEN = 2

export class ComponentSpace {
  readonly components: readonly (readonly number[])[]
  readonly classOf: readonly Configurations[]
  private readonly classes: readonly Configurations[]
  readonly steps: readonly StepHere[]
  readonly footprints: readonly Footprint[]
  /** Component and slot of each variable; −1 for a constant. */
  readonly componentOf: Int32Array
  readonly slotOf: Int32Array
  /** steps that have this role in this component. */
  private readonly stepsOf: readonly (readonly Int32Array[])[]
  private readonly constants: Int32Array

  constructor(
    readonly model: Model,
    readonly symmetry: Symmetry = NO_SYMMETRY,
  ) {
    // What is declared as one instance changes together, whether its symmetry is made use of or not.
    const parts = partitionOf(model, symmetry.orbits.length > 0 ? symmetry.orbits : declaredOrbits(model)).components
    // A model that never changes anything still has one state.
    const components = parts.length > 0 ? parts : [[]]
    this.components = components
    this.componentOf = new Int32Array(model.variables.length).fill(-1)
    this.slotOf = new Int32Array(model.variables.length).fill(-1)
    components.forEach((list, c) =>
      list.forEach((v, slot) => {
        this.componentOf[v] = c
        this.slotOf[v] = slot
      }),
    )
    this.constants = Int32Array.from(model.variables, (v) => v.initial)
    this.classOf = this.layClasses()
    this.classes = [...new Set(this.classOf)]
    this.footprints = footprintsOf(model)
    this.steps = model.steps.map((_, i) => this.layStep(i))
    const stepsOf = components.map((): (number[] | undefined)[] => [])
    this.steps.forEach((s, i) => {
      const list = stepsOf[s.home]
      if (list) (list[s.homeRole] ??= []).push(i)
    })
    this.stepsOf = stepsOf.map((roles) => Array.from(roles, (list) => Int32Array.from(list ?? [])))
  }

  /** Components that are images of one another share a class. */
  private layClasses(): Configurations[] {
    const { components, model } = this
    const byContents = new Map(components.map((list, c) => [list.join(), c]))
    const parent = components.map((_, c) => c)
    const find = (c: number): number => (parent[c] === c ? c : find(parent[c] ?? c))
    for (const image of this.symmetry.exchanges)
      components.forEach((list, c) => {
        const other = byContents.get(list.map((v) => image[v] ?? v).join())
        if (other !== undefined) parent[Math.max(find(c), find(other))] = Math.min(find(c), find(other))
      })
    const made = new Map<number, Configurations>()
    return components.map((list, c) => {
      const root = find(c)
      let known = made.get(root)
      if (!known) {
        known = new Configurations(list.map((v) => model.variables[v]?.domain ?? { k: 'bool' }))
        made.set(root, known)
      }
      return known
    })
  }

  /** An expression is in one component: which; −1 when in several; −2 when it is constant. */
  private homeOf(variables: Iterable<number>): number {
    let home = -2
    for (const v of variables) {
      const c = this.componentOf[v] ?? -1
      if (c < 0 || c === home) continue
      if (home >= 0) return -1
      home = c
    }
    return home
  }

  /** With constants put in and variables as slots. */
  private local(e: Expr): Expr {
    return this.withConstants(e, (v) => this.slotOf[v] ?? -1)
  }
  private withConstants(e: Expr, rename: (v: number) => number): Expr {
    if (e.k === 'var' && (this.componentOf[e.variable] ?? -1) < 0)
      return { k: 'const', value: this.constants[e.variable] ?? 0 }
    switch (e.k) {
      case 'const':
        return e
      case 'var':
        return { k: 'var', variable: rename(e.variable) }
      case 'un':
        return { k: 'un', op: e.op, a: this.withConstants(e.a, rename) }
      case 'bin':
        return { k: 'bin', op: e.op, a: this.withConstants(e.a, rename), b: this.withConstants(e.b, rename) }
      case 'if':
        return {
          k: 'if',
          c: this.withConstants(e.c, rename),
          a: this.withConstants(e.a, rename),
          b: this.withConstants(e.b, rename),
        }
    }
  }

  /** A condition as it is asked here. */
  condition(expr: Expr): Condition {
    const component = this.homeOf(reads(expr))
    const of = this.classOf[Math.max(0, component)]
    if (component === -1 || !of) return { expr, component: -1, truth: -1 }
    const local = this.local(expr)
    return { expr, component: Math.max(0, component), truth: of.truth(keyOf(local), local) }
  }

  /** FALSE, TRUE or DIVIDES. */
  ask(c: Condition, ids: Int32Array): number {
    if (c.component < 0) return this.evaluated(c.expr, ids)
    const of = this.classOf[c.component]
    assert(of, 'class')
    return of.holds(c.truth, ids[c.component] ?? 0)
  }

  private evaluated(e: Expr, ids: Int32Array): number {
    try {
      return this.valueOf(e, ids) !== 0 ? TRUE : FALSE
    } catch (x) {
      if (x instanceof DivisionByZero) return DIVIDES
      throw x
    }
  }
  private valueOf(e: Expr, ids: Int32Array): number {
    this.here = ids
    return evaluate(e, this.readHere)
  }
  private here: Int32Array = new Int32Array(0)
  private readonly readHere = (v: number): number => this.read(v, this.here)
  /** The value of a variable of the model in a state. */
  read(variable: number, ids: Int32Array): number {
    const c = this.componentOf[variable] ?? -1
    return c < 0
      ? (this.constants[variable] ?? 0)
      : (this.classOf[c]?.value(ids[c] ?? 0, this.slotOf[variable] ?? 0) ?? 0)
  }

  private layStep(index: number): StepHere {
    const { model } = this
    const step = model.steps[index]
    const footprint = this.footprints[index]
    assert(step && footprint, 'step')
    const location = model.agents[step.agent]?.location ?? -1
    const at = this.componentOf[location] ?? -1
    const conditions = footprint.guard.map((g) => this.condition(g))
    const guards = new Map<number, number[]>()
    for (const c of conditions)
      if (c.component >= 0) guards.set(c.component, [...(guards.get(c.component) ?? []), c.truth])
    const moves = step.from === step.to ? [] : [{ variable: location, value: { k: 'const', value: step.to } as Expr }]
    const sets = new Map<number, LocalSet[]>()
    const mixed = new Map<number, CrossSet[]>()
    const last = new Map([...step.set, ...moves].map((a) => [a.variable, a.value]))
    for (const [variable, value] of last) {
      const c = this.componentOf[variable] ?? -1
      const slot = this.slotOf[variable] ?? -1
      const home = this.homeOf(reads(value))
      if (home === -2 || home === c) sets.set(c, [...(sets.get(c) ?? []), { slot, value: this.local(value) }])
      else {
        sets.set(c, sets.get(c) ?? [])
        mixed.set(c, [...(mixed.get(c) ?? []), { slot, value }])
      }
    }
    // An agent that never moves has no location to lead it: its first component does.
    const home = at >= 0 ? at : ([...guards.keys(), ...sets.keys()][0] ?? 0)
    const roleIn = (c: number): number => {
      const of = this.classOf[c]
      assert(of, 'class')
      const guard = guards.get(c) ?? []
      const own = sets.get(c) ?? []
      const key = `${c === home ? 'L' : ''}${guard.join()}|${own.map((s) => `${s.slot}=${keyOf(s.value)}`).join('|')}`
      return of.role(key, guard, own, c === home)
    }
    const touched = [...new Set([home, ...guards.keys(), ...sets.keys()])].sort((a, b) => a - b)
    const roles = new Map(touched.map((c) => [c, roleIn(c)]))
    const pairs = (list: readonly number[]) => Int32Array.from(list.flatMap((c) => [c, roles.get(c) ?? 0]))
    return {
      home,
      homeRole: roles.get(home) ?? 0,
      others: pairs(touched.filter((c) => c !== home && guards.has(c))),
      cross: conditions.filter((c) => c.component < 0).map((c) => c.expr),
      writes: pairs(touched.filter((c) => sets.has(c))),
      mixed,
      conditions,
    }
  }

  get size(): number {
    return this.components.length
  }

  /** How many configurations each class has by now. */
  met(): readonly number[] {
    return this.classes.map((of) => of.size)
  }
  /** Numbers are given elsewhere from now on: `learn` brings them. */
  freeze(): void {
    for (const of of this.classes) of.frozen = true
  }
  /** What each class has besides the first so many. */
  since(met: readonly number[]): Float64Array[] {
    return this.classes.map((of, i) => of.list(of.size, met[i] ?? 0))
  }
  /** What `since` gave, where that is where this one ends. */
  learn(lists: readonly Float64Array[]): void {
    this.classes.forEach((of, i) => of.load(lists[i] ?? new Float64Array(0), of.size))
  }
  /** So many of each class, in the order in which they were met: numbers of configurations depend on it. */
  save(met: readonly number[], out: Piece[]): void {
    this.classes.forEach((of, i) => out.push(of.list(met[i] ?? 0)))
  }
  /** Before anything is asked. Throws Damaged. */
  load(from: PieceReader): void {
    for (const of of this.classes) of.load(from.numbers())
  }

  initial(): Int32Array {
    return this.numbers(this.constants)
  }

  /** The tuple of a state given by the values of all variables. */
  numbers(values: ArrayLike<number>): Int32Array {
    return Int32Array.from(this.components, (list, c) =>
      (this.classOf[c] ?? this.missing()).number(list.map((v) => values[v] ?? 0)),
    )
  }
  private missing(): never {
    return assert(false, 'class') as never
  }

  /** Steps enabled in a state, in the order of their components, each with ENABLED or BROKEN. */
  expand(ids: Int32Array, found: (step: number, how: number) => void): void {
    const { classOf, stepsOf } = this
    for (let c = 0; c < ids.length; c++) {
      const of = classOf[c]
      const roles = stepsOf[c]
      if (!of || !roles) continue
      const tries = of.candidates(ids[c] ?? 0)
      for (let i = 0; i < tries.length; i++) {
        const list = roles[tries[i] ?? 0]
        if (!list) continue
        for (let k = 0; k < list.length; k++) {
          const s = list[k] ?? 0
          const how = this.enabled(s, ids)
          if (how !== DISABLED) found(s, how)
        }
      }
    }
  }

  /** Steps of agents in this component that its configuration does not forbid. */
  stepsAt(component: number, configuration: number): number[] {
    const roles = this.stepsOf[component]
    const tries = this.classOf[component]?.candidates(configuration) ?? []
    return [...tries].flatMap((r) => [...(roles?.[r] ?? [])])
  }

  /** Asking it may divide by zero. */
  mayDivide(c: Condition): boolean {
    return divides(c.expr)
  }

  enabled(step: number, ids: Int32Array): number {
    const s = this.steps[step]
    assert(s, 'step')
    const home = this.classOf[s.home]
    let answer = home ? home.allows(s.homeRole, ids[s.home] ?? 0) : FALSE
    if (answer === FALSE) return DISABLED
    const { others } = s
    for (let i = 0; i < others.length; i += 2) {
      const c = others[i] ?? 0
      const one = this.classOf[c]?.allows(others[i + 1] ?? 0, ids[c] ?? 0) ?? FALSE
      if (one === FALSE) return DISABLED
      if (one === DIVIDES) answer = DIVIDES
    }
    const { cross } = s
    for (let i = 0; i < cross.length; i++) {
      const e = cross[i]
      const one = e ? this.evaluated(e, ids) : FALSE
      if (one === FALSE) return DISABLED
      if (one === DIVIDES) answer = DIVIDES
    }
    return answer === DIVIDES ? BROKEN : ENABLED
  }

  /**
   * Writes the state after an enabled step into `out`; false where an assignment leaves its domain. In a frozen space a
   * component may be UNNUMBERED then.
   */
  take(step: number, ids: Int32Array, out: Int32Array): boolean {
    const s = this.steps[step]
    assert(s, 'step')
    out.set(ids)
    const { writes } = s
    for (let i = 0; i < writes.length; i += 2) {
      const c = writes[i] ?? 0
      const of = this.classOf[c]
      if (!of) continue
      let after = of.after(writes[i + 1] ?? 0, ids[c] ?? 0)
      if (after >= 0 && s.mixed.size > 0) {
        const elsewhere = s.mixed.get(c)
        if (elsewhere) after = of.assign(after, elsewhere, (e) => this.valueOf(e, ids))
      }
      if (after === LEAVES) return false
      out[c] = after
    }
    return true
  }

  /** A right-hand side or a guard may divide by zero somewhere. */
  get dividing(): boolean {
    return this.model.steps.some((s) => [s.when, ...s.set.map((a) => a.value)].some((e) => e !== null && divides(e)))
  }

  /** Orbits as they are sorted: whole components, or slots inside each component of a class. */
  layOrbit(o: Orbit): LaidOrbit | null {
    const lists = o.instances.map((variables) => variables.filter((v) => (this.componentOf[v] ?? -1) >= 0))
    const components = lists.map((list) => [...new Set(list.map((v) => this.componentOf[v] ?? -1))])
    const whole = components.every((cs, i) =>
      cs.every((c) => (this.components[c] ?? []).every((v) => lists[i]?.includes(v))),
    )
    const first = components[0] ?? []
    if (whole) {
      const alike = components.every(
        (cs) => cs.length === first.length && cs.every((c, k) => this.classOf[c] === this.classOf[first[k] ?? -1]),
      )
      return alike ? { k: 'across', components } : null
    }
    const [only] = first
    if (only === undefined || !components.every((cs) => cs.length === 1 && cs[0] === only)) return null
    return { k: 'inside', component: only, slots: lists.map((list) => list.map((v) => this.slotOf[v] ?? -1)) }
  }

  bytes(): number {
    let bytes = 0
    for (let i = 0; i < this.classes.length; i++) bytes += this.classes[i]?.bytes ?? 0
    return bytes
  }
}

export type LaidOrbit =
  | { readonly k: 'across'; readonly components: readonly (readonly number[])[] }
  | { readonly k: 'inside'; readonly component: number; readonly slots: InnerOrbit }
