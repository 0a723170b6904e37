/**
 * The model in Promela, so that Spin decides the same questions on an engine of its own.
 *
 * One process holds all agents: their locations are variables like any other, and every step is one `d_step` of its
 * loop, so that Spin's states are ours one by one. Right-hand sides read the state before the step (`hidden`
 * temporaries). A step whose value would leave its domain is not taken: with -DP_range it is an assertion.
 *
 * Properties are assertions chosen by -DP_name when pan is compiled: a `never`, `always` or `order` fails where it is
 * violated, a `sometimes` where it is witnessed; `end`, `complete` and `deadlock` are asserted where no step is enabled.
 */
import type { Expr } from './expr'
import type { Domain, Model, Property, Step } from './model'
import { propertyLabels } from './property-labels'

export function promela(model: Model): string {
  return new Writer(model).text()
}

class Writer {
  private readonly variables: readonly string[]
  /** The macro by which pan is told which property to assert. */
  private readonly labels: ReadonlyMap<Property, string>
  constructor(private readonly model: Model) {
    const labels = propertyLabels(model.properties)
    this.labels = new Map(model.properties.map((p, i) => [p, labels[i] ?? '']))
    this.variables = model.variables.map((v, i) => `v${i}_${v.name.replaceAll(/[^A-Za-z0-9_]/g, '_')}`)
  }

  text(): string {
    const { model } = this
    const widest = Math.max(1, ...model.steps.map((s) => s.set.length))
    const temporaries = Array.from({ length: widest }, (_, i) => `hidden int t${i};`).join(' ')
    return [
      `/* ${comment(model.name)}: written by doorbell export --to promela.`,
      '   spin -a FILE; gcc -O2 -DSAFETY -DNOREDUCE -o pan pan.c [-DP_property: in the call of spin -a]; ./pan',
      ...model.properties.map((p) => `   spin -a -D${this.labels.get(p)} FILE   ${p.kind} ${comment(p.text)}`),
      '*/',
      ...model.variables.map((v, i) => `${this.declaration(i)} /* ${comment(v.name)}: ${comment(this.words(i))} */`),
      temporaries,
      this.macros(),
      'active proctype model() {',
      '  do',
      ...model.steps.map((s, i) => this.step(s, i)),
      ...this.atEnd(),
      '  od',
      '}',
      '',
    ].join('\n')
  }

  private declaration(index: number): string {
    const v = this.model.variables[index]
    const [lo, hi] = v ? bounds(v.domain) : [0, 0]
    const type =
      hi <= 1 && lo >= 0 ? 'bit' : lo >= 0 && hi <= 255 ? 'byte' : lo >= -32768 && hi <= 32767 ? 'short' : 'int'
    return `${type} ${this.variables[index] ?? ''} = ${v?.initial ?? 0};`
  }

  private words(index: number): string {
    const d = this.model.variables[index]?.domain
    if (d?.k === 'enum') return d.values.map((n) => `${n} ${this.model.names[n] ?? '?'}`).join(', ')
    return d?.k === 'range' ? `${d.lo} … ${d.hi}` : 'false, true'
  }

  /** The guard, with the agent's location and everything that division needs. */
  private guard(s: Step): string {
    const location = this.model.agents[s.agent]?.location ?? 0
    const at = `${this.variables[location] ?? ''} == ${s.from}`
    return s.when === null ? at : `${at} && ${this.defined(s.when)} && ${this.expr(s.when)}`
  }

  /** Every right-hand side is defined and lies in its variable's domain. */
  private inRange(s: Step): string {
    return s.set
      .flatMap((a) => {
        const d = this.model.variables[a.variable]?.domain
        const e = this.expr(a.value)
        const defined = this.defined(a.value)
        if (!d || d.k === 'bool') return defined === 'true' ? [] : [defined]
        if (a.value.k === 'const') return contains(d, a.value.value) ? [] : ['false']
        const inside =
          d.k === 'range'
            ? `(${e}) >= ${d.lo} && (${e}) <= ${d.hi}`
            : `(${d.values.map((n) => `(${e}) == ${n}`).join(' || ')})`
        return [defined === 'true' ? inside : `${defined} && ${inside}`]
      })
      .join(' && ')
  }

  private step(s: Step, index: number): string {
    const location = this.model.agents[s.agent]?.location ?? 0
    const set = s.set.map((a, i) => `t${i} = ${this.expr(a.value)};`)
    const assign = s.set.map((a, i) => `${this.variables[a.variable] ?? ''} = t${i};`)
    const move = s.from === s.to ? '' : `${this.variables[location] ?? ''} = ${s.to};`
    const inside = this.inRange(s)
    const guard = this.guard(s)
    const body = [...set, ...assign, move, `printf("doorbell step ${index}\\n");`, ...this.perState()].filter(Boolean)
    const lines = [
      `  /* ${comment(s.id)}: ${comment(s.label)} */`,
      `  :: d_step { ${inside ? `${guard} && ${inside}` : guard} -> ${body.join(' ')} }`,
    ]
    const divides = s.when !== null && this.defined(s.when) !== 'true'
    if (inside || divides) {
      const at = `${this.variables[location] ?? ''} == ${s.from}`
      const undefinedGuard = divides && s.when ? [`(${at} && !(${this.defined(s.when)}))`] : []
      const outside = inside ? [`(${guard} && !(${inside}))`] : []
      lines.push(
        '#ifdef P_range',
        `  :: d_step { ${[...outside, ...undefinedGuard].join(' || ')} -> printf("doorbell step ${index}\\n"); assert(false) }`,
        '#endif',
      )
    }
    return lines.join('\n')
  }

  /** Judged after every step. */
  private perState(): string[] {
    return this.model.properties.flatMap((p) => {
      if (p.kind !== 'never' && p.kind !== 'always' && p.kind !== 'sometimes' && p.kind !== 'order') return []
      return [`CHECK_${this.labels.get(p)}`]
    })
  }

  /** Macros for the assertions, and what is asserted where no step is enabled. */
  private atEnd(): string[] {
    const ends = this.model.properties.filter((p) => p.kind === 'end' || p.kind === 'complete' || p.kind === 'deadlock')
    if (ends.length === 0) return []
    const enabled = this.model.steps.map((s) => {
      const location = this.model.agents[s.agent]?.location ?? 0
      const at = `${this.variables[location] ?? ''} == ${s.from}`
      // A guard that divides by zero counts as taken: the run leaves its range there.
      return s.when === null ? `(${at})` : `(${at} && (!(${this.defined(s.when)}) || ${this.expr(s.when)}))`
    })
    return ends.map(
      (p) =>
        `#ifdef ${this.labels.get(p)}\n  :: d_step { !(${enabled.join(' || ')}) -> assert(${this.truth(p)}) }\n#endif`,
    )
  }

  /** A division by zero in a property counts as false. */
  private truth(p: Property): string {
    const defined = this.defined(p.test)
    return defined === 'true' ? this.expr(p.test) : `(${defined} && ${this.expr(p.test)})`
  }

  private macros(): string {
    return this.model.properties
      .filter((p) => ['never', 'always', 'sometimes', 'order'].includes(p.kind))
      .map((p) => {
        const macro = this.labels.get(p)
        const good = p.kind === 'always' ? this.truth(p) : `!(${this.truth(p)})`
        return `#ifdef ${macro}\n#define CHECK_${macro} assert(${good});\n#else\n#define CHECK_${macro}\n#endif`
      })
      .join('\n')
  }

  private expr(e: Expr): string {
    switch (e.k) {
      case 'const':
        return String(e.value)
      case 'var':
        return this.variables[e.variable] ?? '0'
      case 'un':
        return e.op === '!' ? `(!${this.expr(e.a)})` : `(0 - ${this.expr(e.a)})`
      case 'if':
        return `(${this.expr(e.c)} -> ${this.expr(e.a)} : ${this.expr(e.b)})`
      case 'bin': {
        const [a, b] = [this.expr(e.a), this.expr(e.b)]
        if (e.op === 'min') return `(${a} <= ${b} -> ${a} : ${b})`
        if (e.op === 'max') return `(${a} >= ${b} -> ${a} : ${b})`
        return `(${a} ${e.op} ${b})`
      }
    }
  }

  /** "No division by zero in it", evaluated from left to right as far as the expression itself would be. */
  private defined(e: Expr): string {
    const both = (x: string, y: string): string => (x === 'true' ? y : y === 'true' ? x : `(${x} && ${y})`)
    switch (e.k) {
      case 'const':
      case 'var':
        return 'true'
      case 'un':
        return this.defined(e.a)
      case 'if': {
        const [a, b] = [this.defined(e.a), this.defined(e.b)]
        const ways = a === 'true' && b === 'true' ? 'true' : `(${this.expr(e.c)} -> ${a} : ${b})`
        return both(this.defined(e.c), ways)
      }
      case 'bin': {
        const [a, b] = [this.defined(e.a), this.defined(e.b)]
        if (e.op === '&&') return both(a, b === 'true' ? b : `(!${this.expr(e.a)} || ${b})`)
        if (e.op === '||') return both(a, b === 'true' ? b : `(${this.expr(e.a)} || ${b})`)
        const inner = both(a, b)
        return e.op === '/' || e.op === '%' ? both(inner, `(${this.expr(e.b)} != 0)`) : inner
      }
    }
  }
}

function bounds(d: Domain): readonly [number, number] {
  if (d.k === 'bool') return [0, 1]
  return d.k === 'range' ? [d.lo, d.hi] : [0, Math.max(...d.values)]
}
const contains = (d: Domain, value: number): boolean =>
  d.k === 'range' ? value >= d.lo && value <= d.hi : d.k === 'enum' ? d.values.includes(value) : true

/** Nothing of a scenario's words may end a comment. */
const comment = (s: string): string => s.replaceAll('*/', '* /').replaceAll(/[\r\n]+/g, ' ')
