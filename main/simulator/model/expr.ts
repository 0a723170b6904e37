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
  /** `hole`: filled in later, in place (model/builder.ts `defer`). */
  | { readonly k: 'un'; readonly op: UnaryOp; readonly a: Expr; readonly hole?: true }
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

/**
 * Nodes of an expression as a tree, and how deep it is: what walking it costs, although parts may be shared (a name
 * that stands for an expression is written out wherever it is used, so a few lines can double it again and again).
 */
export function sizeOf(e: Expr): { readonly nodes: number; readonly depth: number } {
  const known = sizes.get(e)
  if (known !== undefined) return known
  const parts = (e.k === 'un' ? [e.a] : e.k === 'bin' ? [e.a, e.b] : e.k === 'if' ? [e.c, e.a, e.b] : []).map(sizeOf)
  const nodes = parts.reduce((n, p) => Math.min(Number.MAX_SAFE_INTEGER, n + p.nodes), 1)
  const depth = parts.reduce((n, p) => Math.max(n, p.depth), 0) + 1
  sizes.set(e, { nodes, depth })
  return { nodes, depth }
}
const sizes = new WeakMap<Expr, { readonly nodes: number; readonly depth: number }>()

/** The same meaning with what is constant worked out: a block's text often depends on its parameters alone. */
export function simplify(e: Expr): Expr {
  switch (e.k) {
    case 'const':
    case 'var':
      return e
    case 'un': {
      // What will stand there is not known yet, and whoever fills it in has this very object.
      if (e.hole) return e
      const a = simplify(e.a)
      return a.k === 'const' ? constant(e.op === '!' ? a.value === 0 : 0 - a.value) : { ...e, a }
    }
    case 'if': {
      const c = simplify(e.c)
      if (c.k === 'const') return simplify(c.value !== 0 ? e.a : e.b)
      return choose(c, simplify(e.a), simplify(e.b))
    }
    case 'bin': {
      const a = simplify(e.a)
      const b = simplify(e.b)
      if (e.op === '&&' || e.op === '||') {
        const neutral = e.op === '&&' ? 1 : 0
        if (a.k === 'const') return (a.value !== 0) === (neutral === 1) ? b : constant(1 - neutral)
        if (b.k === 'const' && (b.value !== 0) === (neutral === 1)) return a
        if (b.k === 'const' && !divides(a)) return b
      } else if (a.k === 'const' && b.k === 'const' && e.op !== '/' && e.op !== '%')
        return constant(evaluateBinary(e.op, a, b, () => 0))
      return binary(e.op, a, b)
    }
  }
}

/** Some part of it may divide by zero. */
export function divides(e: Expr): boolean {
  return (traitsOf(e) & DIVIDES) !== 0
}

const DIVIDES = 1
/** A hole is in it: what will stand there may still change what it does. */
const OPEN = 2
const traits = new WeakMap<Expr, number>()

function traitsOf(e: Expr): number {
  switch (e.k) {
    case 'const':
    case 'var':
      return 0
    case 'un':
      return traitsOf(e.a) | (e.hole ? OPEN : 0)
    case 'bin':
    case 'if': {
      const known = traits.get(e)
      if (known !== undefined) return known
      const found =
        traitsOf(e.a) | traitsOf(e.b) | (e.k === 'if' ? traitsOf(e.c) : e.op === '/' || e.op === '%' ? DIVIDES : 0)
      if ((found & OPEN) === 0) traits.set(e, found)
      return found
    }
  }
}

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
