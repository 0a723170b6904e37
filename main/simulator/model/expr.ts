/**
 * Expressions of the model: pure, total over the finite domains except for division by zero.
 *
 * Three kinds of value, never mixed: booleans (0 or 1), integers, and enumeration names. An enumeration value is the
 * model-wide number of its *name*, so that variables of different enumerations compare by name.
 * `&&`, `||` and `?:` evaluate their right sides only when needed, as in C.
 */
import { assert } from '../faults'

export type UnaryOp = '!' | '-'
export type BinaryOp = '+' | '-' | '*' | '/' | '%' | '<' | '<=' | '>' | '>=' | '==' | '!=' | '&&' | '||' | 'min' | 'max'

export type Expr =
  | { readonly k: 'const'; readonly value: number }
  | { readonly k: 'var'; readonly variable: number }
  | { readonly k: 'un'; readonly op: UnaryOp; readonly a: Expr }
  | { readonly k: 'bin'; readonly op: BinaryOp; readonly a: Expr; readonly b: Expr }
  | { readonly k: 'if'; readonly c: Expr; readonly a: Expr; readonly b: Expr }

export const constant = (value: number | boolean): Expr => ({ k: 'const', value: Number(value) })
export const TRUE = constant(1)
export const FALSE = constant(0)
export const variable = (index: number): Expr => ({ k: 'var', variable: index })
export const binary = (op: BinaryOp, a: Expr, b: Expr): Expr => ({ k: 'bin', op, a, b })
export const equal = (a: Expr, b: Expr): Expr => binary('==', a, b)
export const not = (a: Expr): Expr => ({ k: 'un', op: '!', a })
export const choose = (c: Expr, a: Expr, b: Expr): Expr => ({ k: 'if', c, a, b })
/** Conjunction; the empty one is true. */
export const all = (parts: readonly Expr[]): Expr =>
  parts.reduce((a, b) => (a === TRUE ? b : b === TRUE ? a : binary('&&', a, b)), TRUE)
/** Disjunction; the empty one is false. */
export const any = (parts: readonly Expr[]): Expr =>
  parts.reduce((a, b) => (a === FALSE ? b : b === FALSE ? a : binary('||', a, b)), FALSE)

/** Variables that an expression may read, ascending. */
export function reads(e: Expr | null, into: Set<number> = new Set()): Set<number> {
  if (!e) return into
  switch (e.k) {
    case 'const':
      break
    case 'var':
      into.add(e.variable)
      break
    case 'un':
      reads(e.a, into)
      break
    case 'bin':
      reads(e.a, into)
      reads(e.b, into)
      break
    case 'if':
      reads(e.c, into)
      reads(e.a, into)
      reads(e.b, into)
  }
  return into
}

/** Division or remainder by zero was met: the step that evaluated it violates the built-in property `range`. */
export class DivisionByZero extends Error {
  constructor() {
    super('division by zero')
  }
}

/** The plain meaning of an expression; the compiler's generated code must agree with it (a test compares them). */
export function evaluate(e: Expr, read: (variable: number) => number): number {
  switch (e.k) {
    case 'const':
      return e.value
    case 'var':
      return read(e.variable)
    case 'un': {
      const a = evaluate(e.a, read)
      return e.op === '!' ? Number(a === 0) : 0 - a
    }
    case 'if':
      return evaluate(e.c, read) !== 0 ? evaluate(e.a, read) : evaluate(e.b, read)
    case 'bin':
      return evaluateBinary(e.op, e.a, e.b, read)
  }
}

/** The same expression with what is constant in it worked out. A division by zero stays where it is. */
export function folded(e: Expr): Expr {
  switch (e.k) {
    case 'const':
    case 'var':
      return e
    case 'un': {
      const a = folded(e.a)
      return a.k === 'const' ? constant(evaluate({ ...e, a }, () => 0)) : { ...e, a }
    }
    case 'if': {
      const c = folded(e.c)
      if (c.k === 'const') return folded(c.value === 0 ? e.b : e.a)
      return { ...e, c, a: folded(e.a), b: folded(e.b) }
    }
    case 'bin': {
      const a = folded(e.a)
      const b = folded(e.b)
      if (a.k === 'const' && (e.op === '&&' || e.op === '||'))
        return (a.value === 0) === (e.op === '&&') ? constant(a.value !== 0) : b
      const byZero = (e.op === '/' || e.op === '%') && b.k === 'const' && b.value === 0
      if (a.k === 'const' && b.k === 'const' && !byZero) return constant(evaluate({ ...e, a, b }, () => 0))
      return { ...e, a, b }
    }
  }
}

function evaluateBinary(op: BinaryOp, left: Expr, right: Expr, read: (variable: number) => number): number {
  const a = evaluate(left, read)
  if (op === '&&') return a === 0 ? 0 : evaluate(right, read)
  if (op === '||') return a !== 0 ? 1 : evaluate(right, read)
  const b = evaluate(right, read)
  switch (op) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      if (b === 0) throw new DivisionByZero()
      return Math.trunc(a / b) + 0
    case '%':
      if (b === 0) throw new DivisionByZero()
      return (a % b) + 0
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
    case 'min':
      return Math.min(a, b)
    case 'max':
      return Math.max(a, b)
  }
  assert(false, `operator ${String(op)}`)
}
