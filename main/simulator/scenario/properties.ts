/** Properties, orderings and conditions: text over the names of the model becomes expressions of the model. */
import { fault, nearest, ok, type Fault } from '../faults'
import { fill, type Environment } from '../hardware/template'
import { all, any, binary, not, TRUE, type Expr } from '../model/expr'
import type { ModelBuilder } from '../model/builder'
import type { Property, PropertyKind, Verdict } from '../model/model'
import type { Path, Places } from './places'
import { parseExpression, type Scope, type Typed } from '../model/expression'
import { indexedName, instanceName, UNBOUND, type Bindings, type Replicas } from './replicas'
import type { PropertySection } from './schema'

export interface NameSpace {
  readonly b: ModelBuilder
  /** One for each copy of the board: empty where there is only one. */
  readonly prefixes: readonly string[]
  /** What fills the braces of properties; nothing does, when it is not there. */
  readonly env?: Environment
  /** Indices of a replicated litmus scenario. */
  readonly replicas?: Replicas
}

/** Names as seen from one copy of the board: its own first, then what all copies share. */
export class MachineScope implements Scope {
  /** Indices that the text leaves open: it holds for each value of them. */
  readonly open = new Set<string>()
  constructor(
    private readonly space: NameSpace,
    private readonly prefix: string,
    private readonly at: Bindings = UNBOUND,
  ) {}
  index(i: string): number | undefined {
    if (this.space.replicas?.copies(i) === undefined) return undefined
    this.open.add(i)
    return this.at[i] ?? 0
  }
  copies(i: string): number | undefined {
    return this.space.replicas?.copies(i)
  }
  variable(name: string): Typed | undefined {
    const { b } = this.space
    return b.typed(this.prefix + name) ?? b.typed(name)
  }
  value(name: string): number | undefined {
    return this.space.b.hasName(name) ? this.space.b.name(name) : undefined
  }
  done(step: string): Expr | undefined {
    const { b } = this.space
    return happened(b, stepsOf(b, this.prefix, step, 'last'))
  }
  /** "This step, or the first of this operation, has happened." */
  begun(step: string): Expr | undefined {
    const { b } = this.space
    return happened(b, stepsOf(b, this.prefix, step, 'first'))
  }
  names(): Iterable<string> {
    const { b } = this.space
    return [...b.variableNames(), ...b.derived.keys()]
      .map((n) => (this.prefix && n.startsWith(this.prefix) ? n.slice(this.prefix.length) : n))
      .filter((n) => !/\.(location|q\d+)$|^done\(/.test(n))
  }
  steps(): Iterable<string> {
    const { b } = this.space
    return [...b.stepNames(), ...b.spanNames()].map((n) =>
      this.prefix && n.startsWith(this.prefix) ? n.slice(this.prefix.length) : n,
    )
  }
}

/** The copy's own step of that name, or a shared one; also what is called so as a whole. */
export function stepsOf(b: ModelBuilder, prefix: string, name: string, end: 'first' | 'last'): readonly number[] {
  const own = b.stepsNamed(prefix + name, end)
  return own.length > 0 ? own : b.stepsNamed(name, end)
}
const happened = (b: ModelBuilder, steps: readonly number[]): Expr | undefined =>
  steps.length === 0 ? undefined : any(steps.map((s) => b.done(s)))

type Parsed = { readonly expr: Expr } | { readonly fault: Fault }

/** Parse a boolean for every copy of the board and every value of open indices, and join what comes out. */
export function parseEverywhere(space: NameSpace, text: string, join: 'any' | 'all'): Parsed {
  const filled = space.env ? fill(text, space.env) : ok(text)
  if (!filled.ok) return { fault: filled.error }
  const parts: Expr[] = []
  // Where a value is not there yet, nothing is said of it.
  const judged = (e: Expr): Expr => {
    const ready = space.b.ready(e)
    if (ready === TRUE) return e
    return join === 'any' ? binary('&&', ready, e) : binary('||', not(ready), e)
  }
  for (const prefix of space.prefixes) {
    const scope = new MachineScope(space, prefix)
    const r = parseExpression(filled.value, scope, 'bool')
    if (!r.ok) return { fault: filled.value === text ? r.error : { ...r.error, offset: 0 } }
    const open = [...scope.open]
    if (open.length === 0 || !space.replicas) {
      parts.push(judged(r.value.expr))
      continue
    }
    if (space.replicas.tooMany(open))
      return { fault: fault('MODEL_TOO_LARGE', 'there are too many copies of it at this scale', { offset: 0 }) }
    for (const at of space.replicas.bindings(open)) {
      const copy = parseExpression(filled.value, new MachineScope(space, prefix, at), 'bool')
      if (!copy.ok) return { fault: copy.error }
      parts.push(judged(copy.value.expr))
    }
  }
  return { expr: join === 'any' ? any(parts) : all(parts) }
}

const KINDS = ['never', 'always', 'sometimes', 'end', 'order'] as const
const EXPECTED: Readonly<Record<PropertyKind, Verdict>> = {
  never: 'holds',
  always: 'holds',
  sometimes: 'witnessed',
  order: 'holds',
  end: 'holds',
  deadlock: 'holds',
  complete: 'holds',
  range: 'holds',
}

export function readProperties(space: NameSpace, d: Places, sections: readonly PropertySection[], base: Path): Fault[] {
  const faults: Fault[] = []
  const names = new Set<string>(['complete', 'range'])
  sections.forEach((p, i) => {
    const path = [...base, i]
    if (names.has(p.name)) {
      faults.push(
        fault(
          'SCENARIO_DUPLICATE_NAME',
          names.has(p.name) && (p.name === 'complete' || p.name === 'range')
            ? `${p.name} is a built-in property`
            : `two properties are called ${p.name}`,
          d.at([...path, 'name']),
        ),
      )
      return
    }
    names.add(p.name)
    const kinds = KINDS.filter((k) => p[k] !== undefined)
    const [kind] = kinds
    if (kind === undefined || kinds.length > 1) {
      faults.push(fault('SCENARIO_SHAPE', `a property has exactly one of ${KINDS.join(', ')}`, d.at(path)))
      return
    }
    const at = d.at([...path, kind])
    const parsed =
      kind === 'order'
        ? parseOrder(space, d, p, path)
        : parseEverywhere(space, String(p[kind]), kind === 'never' || kind === 'sometimes' ? 'any' : 'all')
    if ('fault' in parsed) {
      const f = parsed.fault
      faults.push({ ...f, ...(f.offset === undefined ? {} : d.inside([...path, kind], f.offset)) })
      return
    }
    const property: Property = {
      name: p.name,
      title: p.title ?? p.name,
      kind,
      test: parsed.expr,
      text: kind === 'order' ? `${p.order?.before ?? ''} before ${p.order?.after ?? ''}` : String(p[kind]),
      expected: p.expected ?? EXPECTED[kind],
      at: { line: at.line, column: at.column },
    }
    space.b.properties.push(property)
  })
  return faults.map(({ offset: _offset, ...f }) => f)
}

/** "a before b": in no run has b happened while a has not. */
function parseOrder(space: NameSpace, d: Places, p: PropertySection, path: Path): Parsed {
  const r = orderExpression(space, p.order ?? { before: '', after: '' })
  if ('broken' in r) return { expr: r.broken }
  return { fault: unknownStep(r.scope, r.unknown, d.at([...path, 'order', r.side])) }
}

export interface OrderExpression {
  /** The later one has begun in some copy of the board, and the earlier one has not happened there. */
  readonly broken: Expr
  /** The later one has begun. */
  readonly begun: Expr
}

/** An order of two steps, of each copy of the board and each value of open indices. */
export function orderExpression(
  space: NameSpace,
  order: { readonly before: string; readonly after: string },
): OrderExpression | { readonly scope: Scope; readonly side: 'before' | 'after'; readonly unknown: string } {
  const broken: Expr[] = []
  const begun: Expr[] = []
  for (const prefix of space.prefixes) {
    const scope = new MachineScope(space, prefix)
    for (const o of orderingCopies(space, order)) {
      const before = scope.done(o.before)
      const after = scope.begun(o.after)
      if (!before || !after) {
        const side = before ? 'after' : 'before'
        return { scope, side, unknown: o[side] }
      }
      broken.push(binary('&&', after, not(before)))
      begun.push(after)
    }
  }
  return { broken: any(broken), begun: any(begun) }
}

function unknownStep(scope: Scope, name: string, at: { line: number; column: number }): Fault {
  const near = nearest(name, scope.steps())
  return fault('SCENARIO_UNKNOWN_STEP', `no step is called ${name}`, {
    ...at,
    ...(near ? { hint: `did you mean ${near}?` } : {}),
  })
}

/** What every scenario is asked without saying so: no mandatory step is left undone, and no value leaves its domain. */
export function builtInProperties(b: ModelBuilder, complete: Expr): void {
  b.properties.push(
    {
      name: 'complete',
      title: 'every program comes to its end',
      kind: 'complete',
      test: complete,
      text: 'built in',
      expected: 'holds',
    },
    {
      name: 'range',
      title: 'no value leaves its domain',
      kind: 'range',
      test: TRUE,
      text: 'built in',
      expected: 'holds',
    },
  )
}

/** An ordering between names with open indices holds for each value of them. */
export function orderingCopies(
  space: NameSpace,
  o: { readonly before: string; readonly after: string },
): { before: string; after: string }[] {
  if (!space.replicas) return [o]
  const open = [...new Set([...indexedName(o.before).indices, ...indexedName(o.after).indices])]
  return space.replicas
    .bindings(open.filter((i) => space.replicas?.copies(i) !== undefined))
    .map((at) => ({ before: instanceName(o.before, at), after: instanceName(o.after, at) }))
}

/** Extra happens-before edges, in every copy of the board. */
export function readOrderings(
  space: NameSpace,
  d: Places,
  orderings: readonly { before: string; after: string }[],
  base: Path,
): Fault[] {
  const faults: Fault[] = []
  orderings.forEach((o, i) => {
    for (const prefix of space.prefixes) {
      const scope = new MachineScope(space, prefix)
      for (const copy of orderingCopies(space, o)) {
        const before = stepsOf(space.b, prefix, copy.before, 'last')
        const after = stepsOf(space.b, prefix, copy.after, 'first')
        if (before.length === 0) faults.push(unknownStep(scope, copy.before, d.at([...base, i, 'before'])))
        if (after.length === 0) faults.push(unknownStep(scope, copy.after, d.at([...base, i, 'after'])))
        if (before.length === 0 || after.length === 0) return
        if (before.some((s) => after.includes(s))) {
          faults.push(fault('SCENARIO_ORDERING', 'a step cannot come before itself', d.at([...base, i])))
          return
        }
        space.b.order(before, after)
      }
    }
  })
  return faults
}
