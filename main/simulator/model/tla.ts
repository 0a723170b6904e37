/**
 * The model in TLA+, so that TLC decides the same questions, on several machines where one is too small.
 *
 * A variable of ours is a variable there (booleans as BOOLEAN, the rest as integers; names of enumerations are defined
 * constants), a step is one action S<number>, and a state of ours is a state there. A step that would leave a domain is an
 * action S<number>_out that raises `out`, where the run ends. Where a property is false in the initial state already,
 * `moved` says that a step has been taken, since properties are judged after steps.
 *
 * Properties are invariants: a `never`, `always`, `order`, `range` is violated where ours is; a `sometimes` is stated as
 * "it is never so", and its violation is the witness; `end`, `complete` and `deadlock` speak of states without a step.
 */
import { test } from './naive'
import type { Expr } from './expr'
import { inWords, valueAt, cardinality, type Domain, type Model, type Property, type Step } from './model'
import { propertyLabels } from './property-labels'

export interface TlaText {
  readonly text: string
  /** TLC's configuration: its file name is the module's with .cfg. */
  readonly config: { readonly name: string; readonly text: string }
}

/** `name`: of the module, which TLC wants to be the file's name; default: from the model's. */
export function tla(model: Model, name: string = moduleName(model.name)): TlaText {
  const writer = new Writer(model)
  return { text: writer.module(name), config: { name: `${name}.cfg`, text: writer.config() } }
}

/** A module's name out of any text: letters, digits and underscores, a letter first. */
export const moduleName = (text: string): string => {
  const plain = text.replace(/\.(ya?ml|tla)$/, '').replaceAll(/[^A-Za-z0-9_]/g, '_')
  return /^[A-Za-z]/.test(plain) ? plain : `M_${plain}`
}

type Kind = 'bool' | 'int' | 'name'

const LIBRARY = [
  'Abs(a) == IF a < 0 THEN 0 - a ELSE a',
  'Min(a, b) == IF a <= b THEN a ELSE b',
  'Max(a, b) == IF a >= b THEN a ELSE b',
  '\\* Division truncates, as in C; the divisor is not 0.',
  'Quot(a, b) == IF (a < 0) = (b < 0) THEN Abs(a) \\div Abs(b) ELSE 0 - (Abs(a) \\div Abs(b))',
  'Rem(a, b) == a - (b * Quot(a, b))',
]

class Writer {
  private readonly names: readonly string[]
  /** Names of enumerations as they are called in the module. */
  private readonly constants: readonly string[]
  /** Some step can leave a domain. */
  private readonly leaves: boolean
  /** Some property is judged to be bad in the initial state, which does not count. */
  private readonly moves: boolean

  /** What the invariant of a property is called. */
  private readonly invariants: ReadonlyMap<Property, string>

  constructor(private readonly model: Model) {
    const labels = propertyLabels(model.properties)
    this.invariants = new Map(model.properties.map((p, i) => [p, labels[i] ?? '']))
    this.names = model.variables.map((v, i) => `v${i}_${v.name.replaceAll(/[^A-Za-z0-9_]/g, '_')}`)
    this.constants = model.names.map((n, i) => `n${i}_${n.replaceAll(/[^A-Za-z0-9_]/g, '_')}`)
    this.leaves = model.steps.some((s) => this.stays(s) !== '' || (s.when !== null && this.defined(s.when) !== ''))
    const initial = model.variables.map((v) => v.initial)
    this.moves = model.properties.some((p) => perStep(p) && test(p.test, initial) !== (p.kind === 'always'))
  }

  module(name: string): string {
    const { model } = this
    const all = [...this.names, ...this.extras()]
    const uses = model.names.map((n, i) => `${this.constants[i]} == ${i} \\* ${comment(n)}`)
    return [
      `---- MODULE ${name} ----`,
      `\\* ${comment(model.name)}: written by doorbell export --to tla.`,
      `\\* java -cp tla2tools.jar tlc2.TLC -continue ${name}   (beside it: ${name}.cfg)`,
      '\\* A trace of TLC names its actions: S12 is step 12 of the list below; doorbell import-trail reads it.',
      'EXTENDS Integers',
      '',
      ...LIBRARY,
      '',
      ...uses,
      '',
      ...model.variables.map((_, i) => `\\* ${this.names[i]}: ${comment(this.words(i))}`),
      `VARIABLES ${all.join(', ')}`,
      `vars == <<${all.join(', ')}>>`,
      '',
      'Init ==',
      ...model.variables.map((v, i) => `  /\\ ${this.names[i]} = ${this.value(v.domain, v.initial)}`),
      ...this.extras().map((e) => `  /\\ ${e} = FALSE`),
      '',
      'TypeOK ==',
      ...model.variables.map((v, i) => `  /\\ ${this.names[i]} \\in ${this.set(v.domain)}`),
      ...this.extras().map((e) => `  /\\ ${e} \\in BOOLEAN`),
      '',
      ...model.steps.flatMap((s, i) => [...this.action(s, i), '']),
      'Next ==',
      ...model.steps.flatMap((s, i) => [
        `  \\/ S${i}`,
        ...(this.outAction(s, i).length > 0 ? [`  \\/ S${i}_out`] : []),
      ]),
      '',
      'Spec == Init /\\ [][Next]_vars',
      '',
      '\\* No step can be taken, and the run has not left the range.',
      'Ended ==',
      ...(this.leaves ? ['  /\\ ~out'] : []),
      ...model.steps.map((s) => `  /\\ ~(${this.enabled(s)})`),
      '',
      ...model.properties.flatMap((p) => this.property(p)),
      '====',
      '',
    ].join('\n')
  }

  config(): string {
    const { properties } = this.model
    const line = (p: Property): string => `INVARIANT ${this.invariants.get(p)}`
    const witnesses = properties.filter((p) => p.kind === 'sometimes')
    return [
      'SPECIFICATION Spec',
      '\\* A run may end: that is judged by the properties of kind end, complete and deadlock.',
      'CHECK_DEADLOCK FALSE',
      'INVARIANT TypeOK',
      ...properties.filter((p) => p.kind !== 'sometimes').map(line),
      ...(witnesses.length > 0 ? ['\\* Of these a violation is the witness that is wanted:'] : []),
      ...witnesses.map(line),
      '',
    ].join('\n')
  }

  private extras(): string[] {
    return [...(this.leaves ? ['out'] : []), ...(this.moves ? ['moved'] : [])]
  }

  private words(index: number): string {
    const v = this.model.variables[index]
    if (!v) return ''
    const values = v.domain.k === 'range' && !v.labels ? `${v.domain.lo} … ${v.domain.hi}` : this.labels(v)
    return `${v.name}: ${values}`
  }

  private labels(v: Model['variables'][number]): string {
    const shown = Math.min(cardinality(v.domain), 16)
    return Array.from({ length: shown }, (_, i) => {
      const value = valueAt(v.domain, i)
      return `${this.value(v.domain, value)} ${inWords(this.model, v, value)}`
    }).join(', ')
  }

  private value(d: Domain, value: number): string {
    return d.k === 'bool'
      ? value
        ? 'TRUE'
        : 'FALSE'
      : d.k === 'enum'
        ? (this.constants[value] ?? '0')
        : integer(value)
  }

  private set(d: Domain): string {
    if (d.k === 'bool') return 'BOOLEAN'
    if (d.k === 'range') return `${integer(d.lo)}..${integer(d.hi)}`
    return `{${d.values.map((n) => this.constants[n] ?? '0').join(', ')}}`
  }

  private location(s: Step): number {
    return this.model.agents[s.agent]?.location ?? 0
  }

  private at(s: Step): string {
    return `${this.names[this.location(s)]} = ${s.from}`
  }

  /** The step can be taken, or leaves the range: a guard that divides by zero counts as true. */
  private enabled(s: Step): string {
    if (s.when === null) return this.at(s)
    const defined = this.defined(s.when)
    const guard = this.bool(s.when)
    return `${this.at(s)} /\\ ${defined ? `((~${defined}) \\/ ${guard})` : guard}`
  }

  private action(s: Step, index: number): string[] {
    const last = new Map(s.set.map((a) => [a.variable, a.value]))
    const written = new Set(last.keys())
    const move = s.to !== s.from
    if (move) written.add(this.location(s))
    const idle = [...this.names.filter((_, i) => !written.has(i)), ...(this.leaves ? ['out'] : [])]
    const defined = s.when === null ? '' : this.defined(s.when)
    const stays = this.stays(s)
    const agent = this.model.agents[s.agent]?.id ?? ''
    return [
      `\\* step ${index} ${comment(s.id)} of ${comment(agent)}: ${comment(s.label)} (${comment(s.cite)})`,
      `S${index} ==`,
      ...(this.leaves ? ['  /\\ ~out'] : []),
      `  /\\ ${this.at(s)}`,
      ...(defined ? [`  /\\ ${defined}`] : []),
      ...(s.when === null ? [] : [`  /\\ ${this.bool(s.when)}`]),
      ...(stays ? [`  /\\ ${stays}`] : []),
      ...[...last].map(([v, e]) => `  /\\ ${this.names[v]}' = ${this.assigned(v, e)}`),
      ...(move ? [`  /\\ ${this.names[this.location(s)]}' = ${s.to}`] : []),
      ...(this.moves ? ["  /\\ moved' = TRUE"] : []),
      ...(idle.length > 0 ? [`  /\\ UNCHANGED <<${idle.join(', ')}>>`] : []),
      ...this.outAction(s, index),
    ]
  }

  private outAction(s: Step, index: number): string[] {
    const defined = s.when === null ? '' : this.defined(s.when)
    const stays = this.stays(s)
    if (!defined && !stays) return []
    const guard = s.when === null ? 'TRUE' : this.bool(s.when)
    const inside = stays || 'TRUE'
    const bad = defined ? `((~${defined}) \\/ (${guard} /\\ (~${inside})))` : `(${guard} /\\ (~${inside}))`
    return [
      `S${index}_out ==`,
      '  /\\ ~out',
      `  /\\ ${this.at(s)}`,
      `  /\\ ${bad}`,
      "  /\\ out' = TRUE",
      `  /\\ UNCHANGED <<${[...this.names, ...(this.moves ? ['moved'] : [])].join(', ')}>>`,
    ]
  }

  private assigned(variable: number, e: Expr): string {
    const d = this.model.variables[variable]?.domain
    return d?.k === 'bool' ? this.bool(e) : this.number(e, d?.k === 'enum' ? 'name' : 'int')
  }

  /** Every right-hand side is defined and lies in its variable's domain; empty where that is certain. */
  private stays(s: Step): string {
    const last = new Map(s.set.map((a) => [a.variable, a.value]))
    const parts = [...last].flatMap(([variable, e]) => {
      const d = this.model.variables[variable]?.domain
      const defined = this.defined(e)
      if (!d || d.k === 'bool') return defined ? [defined] : []
      if (e.k === 'const' && (d.k === 'range' ? e.value >= d.lo && e.value <= d.hi : d.values.includes(e.value)))
        return []
      const inside = `(${this.assigned(variable, e)} \\in ${this.set(d)})`
      return [defined ? `${defined} /\\ ${inside}` : inside]
    })
    return parts.length === 0 ? '' : `(${parts.join(' /\\ ')})`
  }

  private property(p: Property): string[] {
    const defined = this.defined(p.test)
    const holds = defined ? `(${defined} /\\ ${this.bool(p.test)})` : this.bool(p.test)
    const after = [...(this.leaves ? ['~out'] : []), ...(this.moves ? ['moved'] : [])]
    const judged = (body: string): string => (after.length > 0 ? `(${after.join(' /\\ ')}) => ${body}` : body)
    const body = {
      never: judged(`~${holds}`),
      order: judged(`~${holds}`),
      sometimes: judged(`~${holds}`),
      always: judged(holds),
      end: `Ended => ${holds}`,
      complete: `Ended => ${holds}`,
      deadlock: `Ended => ${holds}`,
      range: this.leaves ? '~out' : 'TRUE',
    }[p.kind]
    return [`\\* ${p.kind} ${comment(p.name)}: ${comment(p.text)}`, `${this.invariants.get(p)} == ${body}`, '']
  }

  private kindOf(e: Expr): Kind | undefined {
    switch (e.k) {
      case 'const':
        return undefined
      case 'var': {
        const d = this.model.variables[e.variable]?.domain
        return d?.k === 'bool' ? 'bool' : d?.k === 'enum' ? 'name' : 'int'
      }
      case 'un':
        return e.op === '!' ? 'bool' : 'int'
      case 'if':
        return this.kindOf(e.a) ?? this.kindOf(e.b)
      case 'bin':
        return ['+', '-', '*', '/', '%', 'min', 'max'].includes(e.op) ? 'int' : 'bool'
    }
  }

  /** As a truth value. */
  private bool(e: Expr): string {
    switch (e.k) {
      case 'const':
        return e.value ? 'TRUE' : 'FALSE'
      case 'var':
        return this.kindOf(e) === 'bool' ? (this.names[e.variable] ?? '') : `(${this.names[e.variable]} # 0)`
      case 'un':
        return e.op === '!' ? `(~${this.bool(e.a)})` : `(${this.number(e, 'int')} # 0)`
      case 'if':
        return `(IF ${this.bool(e.c)} THEN ${this.bool(e.a)} ELSE ${this.bool(e.b)})`
      case 'bin':
        switch (e.op) {
          case '&&':
            return `(${this.bool(e.a)} /\\ ${this.bool(e.b)})`
          case '||':
            return `(${this.bool(e.a)} \\/ ${this.bool(e.b)})`
          case '==':
          case '!=': {
            const kind = this.kindOf(e.a) ?? this.kindOf(e.b) ?? 'int'
            const side = (x: Expr): string => (kind === 'bool' ? this.bool(x) : this.number(x, kind))
            return `(${side(e.a)} ${e.op === '==' ? '=' : '#'} ${side(e.b)})`
          }
          case '<':
          case '<=':
          case '>':
          case '>=':
            return `(${this.number(e.a, 'int')} ${e.op} ${this.number(e.b, 'int')})`
          default:
            return `(${this.number(e, 'int')} # 0)`
        }
    }
  }

  /** As a number: an integer, or a name's. */
  private number(e: Expr, kind: 'int' | 'name'): string {
    switch (e.k) {
      case 'const':
        return kind === 'name' ? (this.constants[e.value] ?? integer(e.value)) : integer(e.value)
      case 'var':
        return this.kindOf(e) === 'bool' ? `(IF ${this.bool(e)} THEN 1 ELSE 0)` : (this.names[e.variable] ?? '0')
      case 'un':
        return e.op === '!' ? `(IF ${this.bool(e)} THEN 1 ELSE 0)` : `(0 - ${this.number(e.a, 'int')})`
      case 'if':
        return `(IF ${this.bool(e.c)} THEN ${this.number(e.a, kind)} ELSE ${this.number(e.b, kind)})`
      case 'bin': {
        const [a, b] = [this.number(e.a, 'int'), this.number(e.b, 'int')]
        switch (e.op) {
          case '+':
          case '-':
          case '*':
            return `(${a} ${e.op} ${b})`
          case '/':
            return `Quot(${a}, ${b})`
          case '%':
            return `Rem(${a}, ${b})`
          case 'min':
            return `Min(${a}, ${b})`
          case 'max':
            return `Max(${a}, ${b})`
          default:
            return `(IF ${this.bool(e)} THEN 1 ELSE 0)`
        }
      }
    }
  }

  /** "No division by zero in it", evaluated as far as the expression itself would be; empty where that is certain. */
  private defined(e: Expr): string {
    const both = (x: string, y: string): string => (x && y ? `(${x} /\\ ${y})` : x || y)
    switch (e.k) {
      case 'const':
      case 'var':
        return ''
      case 'un':
        return this.defined(e.a)
      case 'if': {
        const [a, b] = [this.defined(e.a), this.defined(e.b)]
        const ways = a || b ? `(IF ${this.bool(e.c)} THEN ${a || 'TRUE'} ELSE ${b || 'TRUE'})` : ''
        return both(this.defined(e.c), ways)
      }
      case 'bin': {
        const [a, b] = [this.defined(e.a), this.defined(e.b)]
        if (e.op === '&&') return both(a, b && `((~${this.bool(e.a)}) \\/ ${b})`)
        if (e.op === '||') return both(a, b && `(${this.bool(e.a)} \\/ ${b})`)
        const inner = both(a, b)
        return e.op === '/' || e.op === '%' ? both(inner, `(${this.number(e.b, 'int')} # 0)`) : inner
      }
    }
  }
}

const perStep = (p: Property): boolean =>
  p.kind === 'never' || p.kind === 'always' || p.kind === 'sometimes' || p.kind === 'order'

const integer = (n: number): string => (n < 0 ? `(0 - ${-n})` : String(n))

/** One line, whatever a scenario says. */
const comment = (s: string): string => s.replaceAll(/\s+/g, ' ')
