/**
 * What each step may read, write and disturb, found from the text of the model alone: the ground on which a reduction
 * rests (Valmari's stubborn sets: A. Valmari, "Stubborn sets for reduced state space generation", 1990).
 *
 * Two steps are *dependent* when in some state both may be enabled and then one can disable the other, or the order of
 * the two shows in the result. Everything here errs on the side of saying "dependent" and "may".
 */
import { assert } from '../faults'
import { binary, divides, FALSE, not, reads, TRUE, type Expr } from './expr'
import { conjuncts, literals, normal } from './logic'
import { cardinality, valueAt, type Domain, type Model, type Step } from './model'

/** What a step may write into a variable: these values, or (null) any of its domain. */
export interface Write {
  readonly variable: number
  readonly values: readonly number[] | null
  /** It always writes one of them. */
  readonly sure: boolean
  /** k, where the new value is the old one plus k: such writes commute. */
  readonly adds: number | null
  /** Variables that the right-hand side reads. */
  readonly reads: ReadonlySet<number>
}

export interface Footprint {
  /** Location and `when`, taken apart; a `when` that may divide by zero stays whole. */
  readonly guard: readonly Expr[]
  readonly writes: readonly Write[]
  /** Variables that its right-hand sides read. */
  readonly reads: ReadonlySet<number>
  /** An assignment may leave its domain, or something may divide by zero. */
  readonly mayLeave: boolean
}

export function footprintsOf(model: Model): Footprint[] {
  return model.steps.map((s) => footprintOf(model, s))
}

function footprintOf(model: Model, s: Step): Footprint {
  const location = model.agents[s.agent]?.location
  assert(location !== undefined, 'agent')
  const at: Expr = { k: 'bin', op: '==', a: { k: 'var', variable: location }, b: { k: 'const', value: s.from } }
  const whole = s.when !== null && divides(s.when)
  const guard = [at, ...(s.when === null ? [] : whole ? [s.when] : conjuncts(normal(s.when)))]
  const last = new Map(s.set.map((a) => [a.variable, a.value]))
  const written = new Set<number>()
  const writes = [...last].map(([variable, value]): Write => {
    const own = reads(value)
    for (const v of own) written.add(v)
    return {
      variable,
      values: possibleValues(variable, value),
      sure: value.k === 'const',
      adds: addend(variable, value),
      reads: own,
    }
  })
  if (s.to !== s.from) writes.push({ variable: location, values: [s.to], sure: true, adds: null, reads: new Set() })
  const outside = [...last].some(([variable, value]) => {
    const d = model.variables[variable]?.domain
    return d !== undefined && (divides(value) || !staysInside(model, d, value, guard))
  })
  return { guard, writes, reads: written, mayLeave: whole || outside }
}

/** Values that the assignment may newly give the variable; null where that is not plain. */
function possibleValues(variable: number, e: Expr): readonly number[] | null {
  if (e.k === 'const') return [e.value]
  if (e.k === 'var' && e.variable === variable) return []
  if (e.k === 'if') {
    const a = possibleValues(variable, e.a)
    const b = possibleValues(variable, e.b)
    return a && b ? [...new Set([...a, ...b])] : null
  }
  return null
}

/** k of `v = v + k`. */
function addend(variable: number, e: Expr): number | null {
  if (e.k !== 'bin' || e.a.k !== 'var' || e.a.variable !== variable || e.b.k !== 'const') return null
  return e.op === '+' ? e.b.value : e.op === '-' ? -e.b.value : null
}

type Interval = readonly [number, number]

/** The value lies in the domain in every state in which the guard holds (interval arithmetic). */
function staysInside(model: Model, d: Domain, e: Expr, guard: readonly Expr[]): boolean {
  if (d.k === 'bool') return true
  if (d.k === 'enum') {
    if (e.k === 'const') return d.values.includes(e.value)
    if (e.k === 'if') return staysInside(model, d, e.a, guard) && staysInside(model, d, e.b, guard)
    const from = e.k === 'var' ? model.variables[e.variable]?.domain : undefined
    return from?.k === 'enum' && from.values.every((v) => d.values.includes(v))
  }
  const [lo, hi] = interval(model, e, guard)
  return lo >= d.lo && hi <= d.hi
}

const EVERYTHING: Interval = [-Infinity, Infinity]

function interval(model: Model, e: Expr, guard: readonly Expr[]): Interval {
  switch (e.k) {
    case 'const':
      return [e.value, e.value]
    case 'var':
      return guarded(model, e.variable, guard)
    case 'if': {
      const a = interval(model, e.a, [...guard, ...conjuncts(normal(e.c))])
      const b = interval(model, e.b, [...guard, ...conjuncts(normal(e.c, false))])
      return [Math.min(a[0], b[0]), Math.max(a[1], b[1])]
    }
    case 'un': {
      if (e.op === '!') return [0, 1]
      const [lo, hi] = interval(model, e.a, guard)
      return [-hi, -lo]
    }
    case 'bin': {
      const a = interval(model, e.a, guard)
      const b = interval(model, e.b, guard)
      if (e.op === '+') return [a[0] + b[0], a[1] + b[1]]
      if (e.op === '-') return [a[0] - b[1], a[1] - b[0]]
      if (e.op === 'min') return [Math.min(a[0], b[0]), Math.min(a[1], b[1])]
      if (e.op === 'max') return [Math.max(a[0], b[0]), Math.max(a[1], b[1])]
      if (e.op === '*' && [...a, ...b].every(Number.isFinite)) {
        const all = [a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1]]
        return [Math.min(...all), Math.max(...all)]
      }
      return EVERYTHING
    }
  }
}

function guarded(model: Model, variable: number, guard: readonly Expr[]): Interval {
  const d = model.variables[variable]?.domain
  if (!d || d.k === 'enum') return EVERYTHING
  let [lo, hi]: [number, number] = d.k === 'bool' ? [0, 1] : [d.lo, d.hi]
  for (let again = true; again;) {
    again = false
    for (const g of guard) {
      if (g.k !== 'bin' || g.a.k !== 'var' || g.a.variable !== variable || g.b.k !== 'const') continue
      const c = g.b.value
      const [l, h] = [lo, hi]
      if (g.op === '==') [lo, hi] = [Math.max(lo, c), Math.min(hi, c)]
      else if (g.op === '<') hi = Math.min(hi, c - 1)
      else if (g.op === '<=') hi = Math.min(hi, c)
      else if (g.op === '>') lo = Math.max(lo, c + 1)
      else if (g.op === '>=') lo = Math.max(lo, c)
      else if (g.op === '!=') {
        if (c === hi) hi--
        if (c === lo) lo++
      }
      again ||= l !== lo || h !== hi
    }
  }
  return [lo, hi]
}

/** Domains up to this size are gone through value by value. */
const SMALL = 256

/**
 * The values of its one variable under which a literal holds; null where it has other variables, or too many values.
 */
export function truthOf(model: Model, literal: Expr): { variable: number; holds: ReadonlySet<number> } | null {
  const vars = [...reads(literal)]
  const [variable] = vars
  if (variable === undefined || vars.length > 1 || divides(literal)) return null
  const d = model.variables[variable]?.domain
  if (!d || cardinality(d) > SMALL) return null
  const holds = new Set<number>()
  for (let i = 0; i < cardinality(d); i++) {
    const value = valueAt(d, i)
    if (valueOf(literal, value) !== 0) holds.add(value)
  }
  return { variable, holds }
}

/** Of an expression over one variable. */
function valueOf(e: Expr, x: number): number {
  switch (e.k) {
    case 'const':
      return e.value
    case 'var':
      return x
    case 'un':
      return e.op === '!' ? Number(valueOf(e.a, x) === 0) : -valueOf(e.a, x)
    case 'if':
      return valueOf(e.c, x) !== 0 ? valueOf(e.a, x) : valueOf(e.b, x)
    case 'bin': {
      const [a, b] = [valueOf(e.a, x), valueOf(e.b, x)]
      switch (e.op) {
        case '+':
          return a + b
        case '-':
          return a - b
        case '*':
          return a * b
        case '<':
          return Number(a < b)
        case '<=':
          return Number(a <= b)
        case '>':
          return Number(a > b)
        case '>=':
          return Number(a >= b)
        case '==':
          return Number(a === b)
        case '!=':
          return Number(a !== b)
        case '&&':
          return Number(a !== 0 && b !== 0)
        case '||':
          return Number(a !== 0 || b !== 0)
        case 'min':
          return Math.min(a, b)
        case 'max':
          return Math.max(a, b)
        default:
          return 0
      }
    }
  }
}

/** "The value of this is one of these." */
function givesOneOf(e: Expr, values: ReadonlySet<number>): Expr {
  if (e.k === 'const') return { k: 'const', value: Number(values.has(e.value)) }
  if (e.k === 'if') {
    const a = givesOneOf(e.a, values)
    const b = givesOneOf(e.b, values)
    if (a.k === 'const' && b.k === 'const' && a.value === b.value) return a
    const isTrue = (x: Expr): boolean => x.k === 'const' && x.value !== 0
    const isFalse = (x: Expr): boolean => x.k === 'const' && x.value === 0
    if (isFalse(b)) return isTrue(a) ? e.c : binary('&&', e.c, a)
    if (isFalse(a)) return isTrue(b) ? not(e.c) : binary('&&', not(e.c), b)
    return TRUE
  }
  const isTruth = e.k === 'un' ? e.op === '!' : e.k === 'bin' && BOOLEAN.has(e.op)
  if (!isTruth || (values.has(0) && values.has(1))) return TRUE
  return values.has(1) ? e : values.has(0) ? not(e) : FALSE
}
const BOOLEAN: ReadonlySet<string> = new Set(['&&', '||', '==', '!=', '<', '<=', '>', '>='])

/** Relations between the steps of a model. */
export class Relations {
  readonly footprints: readonly Footprint[]
  /** For each step, the steps that depend on it; ascending, without itself. */
  readonly dependent: readonly Int32Array[]
  private readonly writers: readonly { step: number; write: Write }[][]
  private readonly truths = new Map<Expr, ReturnType<typeof truthOf>>()
  private readonly enablers = new Map<Expr, Int32Array>()
  private readonly known = new Map<Expr, ReadonlySet<number>>()

  constructor(private readonly model: Model) {
    this.footprints = footprintsOf(model)
    this.writers = model.variables.map(() => [])
    this.footprints.forEach((f, step) => {
      for (const write of f.writes) this.writers[write.variable]?.push({ step, write })
    })
    this.dependent = this.dependencies()
  }

  /**
   * Steps one of which must run before an expression that is false now can become true; of a normal expression all of
   * whose literals are taken into account.
   */
  enabling(e: Expr): Int32Array {
    const known = this.enablers.get(e)
    if (known) return known
    const steps = new Set<number>()
    for (const l of literals(e)) for (const s of this.mayMakeTrue(l)) steps.add(s)
    const list = Int32Array.from(steps).sort()
    this.enablers.set(e, list)
    return list
  }

  /** Steps that may make a literal false. */
  falsifying(l: Expr): number[] {
    const steps = new Set<number>()
    for (const v of reads(l))
      for (const { step, write } of this.writers[v] ?? []) if (this.mayMakeFalse(l, write)) steps.add(step)
    return [...steps]
  }

  /** After this step a condition is surely false. */
  falsifies(step: number, condition: Expr): boolean {
    const truth = this.truth(condition)
    const w = truth && this.footprints[step]?.writes.find((x) => x.variable === truth.variable)
    return w?.values?.length === 1 && w.sure && w.values.every((v) => !truth?.holds.has(v))
  }

  /** What has to hold when this step runs, for what it writes to make a condition about that variable true. */
  outcome(step: number, condition: Expr): readonly Expr[] {
    const truth = this.truth(condition)
    const last = truth && this.model.steps[step]?.set.filter((a) => a.variable === truth.variable).pop()
    if (!truth || !last || divides(last.value)) return []
    return conjuncts(normal(givesOneOf(last.value, truth.holds)))
  }

  writersOf(variable: number): readonly number[] {
    return (this.writers[variable] ?? []).map((w) => w.step)
  }

  private *mayMakeTrue(l: Expr): Iterable<number> {
    const truth = this.truth(l)
    for (const variable of reads(l))
      for (const { step, write } of this.writers[variable] ?? [])
        if (!truth || write.values === null || write.values.some((v) => truth.holds.has(v))) yield step
  }

  private reads(e: Expr): ReadonlySet<number> {
    let known = this.known.get(e)
    if (known === undefined) this.known.set(e, (known = reads(e)))
    return known
  }

  private truth(l: Expr): ReturnType<typeof truthOf> {
    let known = this.truths.get(l)
    if (known === undefined) this.truths.set(l, (known = truthOf(this.model, l)))
    return known
  }

  private dependencies(): Int32Array[] {
    const { footprints, model } = this
    const readers: number[][] = model.variables.map(() => [])
    footprints.forEach((f, s) => {
      const all = new Set(f.reads)
      for (const g of f.guard) reads(g, all)
      for (const v of all) readers[v]?.push(s)
    })
    const found = model.steps.map(() => new Set<number>())
    const look = (s: number, t: number): void => {
      if (s === t || found[s]?.has(t) || !this.disturbs(s, t)) return
      if (!this.together(s, t)) return
      found[s]?.add(t)
      found[t]?.add(s)
    }
    footprints.forEach((f, s) => {
      for (const w of f.writes) {
        for (const t of readers[w.variable] ?? []) look(s, t)
        for (const { step } of this.writers[w.variable] ?? []) look(s, step)
      }
    })
    return found.map((set) => Int32Array.from(set).sort())
  }

  /** `s` may disable `t`, change what `t` writes, or write the same variable otherwise. */
  private disturbs(s: number, t: number): boolean {
    const [a, b] = [this.footprints[s], this.footprints[t]]
    assert(a && b, 'footprint')
    for (const w of a.writes) {
      for (const g of b.guard) if (this.mayMakeFalse(g, w)) return true
      const other = writeOf(b, w.variable)
      const commutes = w.adds !== null && other !== undefined && other.adds !== null
      if (b.reads.has(w.variable) && !(commutes && this.readsOnlyToAdd(b, w.variable))) return true
      if (!other || commutes) continue
      const same = w.values?.length === 1 && other.values?.length === 1 && w.values[0] === other.values[0]
      if (!same) return true
    }
    return false
  }

  private readsOnlyToAdd(f: Footprint, variable: number): boolean {
    for (const w of f.writes) if (w.variable !== variable && w.reads.has(variable)) return false
    return true
  }

  private mayMakeFalse(g: Expr, w: Write): boolean {
    if (!this.reads(g).has(w.variable)) return false
    const truth = this.truth(g)
    if (!truth || w.values === null) return true
    for (const v of w.values) if (!truth.holds.has(v)) return true
    return false
  }

  /** No two conjuncts of theirs about one variable contradict each other. */
  private together(s: number, t: number): boolean {
    const [a, b] = [this.footprints[s], this.footprints[t]]
    assert(a && b, 'footprint')
    for (const g of a.guard) {
      const x = this.truth(g)
      if (!x) continue
      for (const h of b.guard) {
        const y = this.truth(h)
        if (y && y.variable === x.variable && apart(x.holds, y.holds)) return false
      }
    }
    return true
  }
}

function writeOf(f: Footprint, variable: number): Write | undefined {
  for (const w of f.writes) if (w.variable === variable) return w
  return undefined
}

function apart(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  for (const v of a) if (b.has(v)) return false
  return true
}
