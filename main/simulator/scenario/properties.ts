/** Properties, orderings and conditions: text over the names of the model becomes expressions of the model. */
import { fault, nearest, ok, type Fault } from '../faults'
import { fill, type Environment } from '../hardware/template'
import { all, any, binary, not, TRUE, type Expr } from '../model/expr'
import type { ModelBuilder } from '../model/builder'
import type { Property, PropertyKind, Verdict } from '../model/model'
import type { ScenarioDocument, Path } from './document'
import { parseExpression, type Scope, type Typed } from '../model/expression'
import type { PropertySection } from './schema'

export interface NameSpace {
  readonly b: ModelBuilder
  /** One for each copy of the board: empty where there is only one. */
  readonly prefixes: readonly string[]
  /** What fills the braces of properties; nothing does, when it is not there. */
  readonly env?: Environment
}

/** Names as seen from one copy of the board: its own first, then what all copies share. */
export class MachineScope implements Scope {
  constructor(
    private readonly space: NameSpace,
    private readonly prefix: string,
  ) {}
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

/** Parse a boolean for every copy of the board, and join what comes out. */
export function parseEverywhere(space: NameSpace, text: string, join: 'any' | 'all'): Parsed {
  const filled = space.env ? fill(text, space.env) : ok(text)
  if (!filled.ok) return { fault: filled.error }
  const parts: Expr[] = []
  for (const prefix of space.prefixes) {
    const r = parseExpression(filled.value, new MachineScope(space, prefix), 'bool')
    if (!r.ok) return { fault: filled.value === text ? r.error : { ...r.error, offset: 0 } }
    parts.push(r.value.expr)
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

export function readProperties(
  space: NameSpace,
  d: ScenarioDocument,
  sections: readonly PropertySection[],
  base: Path,
): Fault[] {
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
function parseOrder(space: NameSpace, d: ScenarioDocument, p: PropertySection, path: Path): Parsed {
  const parts: Expr[] = []
  for (const prefix of space.prefixes) {
    const scope = new MachineScope(space, prefix)
    const before = scope.done(p.order?.before ?? '')
    const after = scope.begun(p.order?.after ?? '')
    if (!before || !after) {
      const missing = before ? (p.order?.after ?? '') : (p.order?.before ?? '')
      return { fault: unknownStep(scope, missing, d.at([...path, 'order', before ? 'after' : 'before'])) }
    }
    parts.push(binary('&&', after, not(before)))
  }
  return { expr: any(parts) }
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

/** Extra happens-before edges, in every copy of the board. */
export function readOrderings(
  space: NameSpace,
  d: ScenarioDocument,
  orderings: readonly { before: string; after: string }[],
  base: Path,
): Fault[] {
  const faults: Fault[] = []
  orderings.forEach((o, i) => {
    for (const prefix of space.prefixes) {
      const scope = new MachineScope(space, prefix)
      const before = stepsOf(space.b, prefix, o.before, 'last')
      const after = stepsOf(space.b, prefix, o.after, 'first')
      if (before.length === 0) faults.push(unknownStep(scope, o.before, d.at([...base, i, 'before'])))
      if (after.length === 0) faults.push(unknownStep(scope, o.after, d.at([...base, i, 'after'])))
      if (before.length === 0 || after.length === 0) return
      if (before.some((s) => after.includes(s))) {
        faults.push(fault('SCENARIO_ORDERING', 'a step cannot come before itself', d.at([...base, i])))
        return
      }
      space.b.order(before, after)
    }
  })
  return faults
}
