/**
 * The logical shape of expressions: negations pushed down to literals, conjunctions and disjunctions as lists, and keys
 * under which two expressions that differ only in the order of what commutes are the same.
 *
 * An expression that may divide by zero is left whole: there the order of evaluation shows.
 */
import { binary, divides, not, type BinaryOp, type Expr } from './expr'

const OPPOSITE: Partial<Record<BinaryOp, BinaryOp>> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
}

/** The same truth with negations at the literals (`hole`s resolved on the way). */
export function normal(e: Expr, positive = true): Expr {
  if (divides(e)) return positive ? e : not(e)
  if (e.k === 'const') return positive ? e : { k: 'const', value: e.value === 0 ? 1 : 0 }
  if (e.k === 'un' && e.op === '!') return normal(e.a, !positive)
  if (e.k === 'bin' && (e.op === '&&' || e.op === '||')) {
    const op = (e.op === '&&') === positive ? '&&' : '||'
    return binary(op, normal(e.a, positive), normal(e.b, positive))
  }
  if (e.k === 'bin' && !positive) {
    const opposite = OPPOSITE[e.op]
    if (opposite) return binary(opposite, e.a, e.b)
  }
  return positive ? e : not(e)
}

function parts(e: Expr, op: '&&' | '||', into: Expr[]): Expr[] {
  if (e.k === 'bin' && e.op === op && !divides(e)) {
    parts(e.a, op, into)
    parts(e.b, op, into)
  } else into.push(e)
  return into
}

/** What has to hold, all of it; of a normal expression. */
export const conjuncts = (e: Expr): Expr[] => parts(e, '&&', []).filter((p) => !(p.k === 'const' && p.value !== 0))
/** Of what one has to hold; of a normal expression. */
export const disjuncts = (e: Expr): Expr[] => parts(e, '||', [])
/** Everything under conjunctions and disjunctions; of a normal expression. */
export function literals(e: Expr, into: Expr[] = []): Expr[] {
  if (e.k === 'bin' && (e.op === '&&' || e.op === '||') && !divides(e)) {
    literals(e.a, into)
    literals(e.b, into)
  } else into.push(e)
  return into
}

/** The expression with other variables. */
export function renamed(e: Expr, rename: (variable: number) => number): Expr {
  switch (e.k) {
    case 'const':
      return e
    case 'var':
      return { k: 'var', variable: rename(e.variable) }
    case 'un':
      return { k: 'un', op: e.op, a: renamed(e.a, rename) }
    case 'bin':
      return { k: 'bin', op: e.op, a: renamed(e.a, rename), b: renamed(e.b, rename) }
    case 'if':
      return { k: 'if', c: renamed(e.c, rename), a: renamed(e.a, rename), b: renamed(e.b, rename) }
  }
}

const COMMUTES: ReadonlySet<BinaryOp> = new Set<BinaryOp>(['&&', '||', '+', '*', '==', '!=', 'min', 'max'])
/** Chains of these may be taken apart and sorted. */
const ASSOCIATES: ReadonlySet<BinaryOp> = new Set<BinaryOp>(['&&', '||'])

/** Equal for expressions that are the same up to the order of what commutes. */
export function keyOf(e: Expr, rename: (variable: number) => number = (v) => v): string {
  switch (e.k) {
    case 'const':
      return `#${e.value}`
    case 'var':
      return `$${rename(e.variable)}`
    case 'un':
      return `${e.op}(${keyOf(e.a, rename)})`
    case 'if':
      return `?(${keyOf(e.c, rename)};${keyOf(e.a, rename)};${keyOf(e.b, rename)})`
    case 'bin': {
      if (divides(e) || !COMMUTES.has(e.op)) return `(${keyOf(e.a, rename)}${e.op}${keyOf(e.b, rename)})`
      const list =
        ASSOCIATES.has(e.op) && (e.op === '&&' || e.op === '||')
          ? parts(e, e.op, []).map((p) => keyOf(p, rename))
          : [keyOf(e.a, rename), keyOf(e.b, rename)]
      return `${e.op}[${list.sort().join()}]`
    }
  }
}
