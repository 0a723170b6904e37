/**
 * One object for expressions that are written alike. A name that stands for an expression is written out wherever it is
 * used; put together again, a board's hundred thousand nodes are a few thousand.
 */
import { assert } from '../faults'
import type { BinaryOp, Expr, UnaryOp } from './expr'

/** Shapes as numbers: an operator and two operands (of a choice: the pair of its condition and first way, and its other). */
const OPERATORS: readonly (BinaryOp | UnaryOp | 'const' | 'var' | 'un -' | 'if' | 'pair')[] = [
  ...(['+', '-', '*', '/', '%', '<', '<=', '>', '>=', '==', '!=', '&&', '||', 'min', 'max'] as const),
  ...(['!', 'un -', 'const', 'var', 'if', 'pair'] as const),
]
const CODES: ReadonlyMap<string, number> = new Map(OPERATORS.map((op, i) => [op, i]))
/** Operands stay below this: a shape is a whole number that a double holds. */
const MOST = 2 ** 23

export class Sharing {
  private readonly shapes = new Map<number, number>()
  private readonly constants = new Map<number, number>()
  /** By number; a pair is no expression. */
  private readonly expressions: (Expr | undefined)[] = []
  private readonly numbers = new Map<Expr, number>()

  /** The same expression, made of shared parts. Its holes have been filled by now. */
  share(e: Expr): Expr {
    const shared = this.expressions[this.number(e)]
    assert(shared, 'shared expression')
    return shared
  }

  private number(e: Expr): number {
    const known = this.numbers.get(e)
    if (known !== undefined) return known
    const number = this.find(e)
    this.numbers.set(e, number)
    return number
  }

  private find(e: Expr): number {
    switch (e.k) {
      case 'const': {
        const nth = this.constants.get(e.value) ?? this.constants.size
        this.constants.set(e.value, nth)
        return this.only('const', nth, 0, () => e)
      }
      case 'var':
        return this.only('var', e.variable, 0, () => e)
      case 'un': {
        const a = this.number(e.a)
        return this.only(e.op === '-' ? 'un -' : e.op, a, 0, () => ({ k: 'un', op: e.op, a: this.at(a) }))
      }
      case 'bin': {
        const [a, b] = [this.number(e.a), this.number(e.b)]
        return this.only(e.op, a, b, () => ({ k: 'bin', op: e.op, a: this.at(a), b: this.at(b) }))
      }
      case 'if': {
        const [c, a, b] = [this.number(e.c), this.number(e.a), this.number(e.b)]
        const pair = this.only('pair', c, a, () => undefined)
        return this.only('if', pair, b, () => ({ k: 'if', c: this.at(c), a: this.at(a), b: this.at(b) }))
      }
    }
  }

  private at(number: number): Expr {
    const e = this.expressions[number]
    assert(e, 'expression')
    return e
  }

  private only(op: string, a: number, b: number, make: () => Expr | undefined): number {
    assert(a < MOST && b < MOST, 'an expression of millions of parts')
    const shape = ((CODES.get(op) ?? 0) * MOST + a) * MOST + b
    const known = this.shapes.get(shape)
    if (known !== undefined) return known
    const number = this.expressions.length
    this.shapes.set(shape, number)
    const e = make()
    this.expressions.push(e)
    if (e) this.numbers.set(e, number)
    return number
  }
}
