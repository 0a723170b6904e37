/**
 * The expression language of scenarios (design: litmus scenarios): literals, names, `done(STEP)`,
 * `! - + * / % < <= > >= == != && || ?:`, `min` and `max`, parentheses; precedence and associativity as in C;
 * booleans, integers and enumeration names are never mixed. Text becomes a typed tree; nothing is ever executed.
 *
 * Where a scope knows indices (replicated litmus scenarios), a name may carry them (`slot.d.v`, `done(perm.d.v)`), and
 * `any(v: …)` and `all(v: …)` join the copies of what they enclose.
 */
import { err, fault, nearest, ok, type Fault, type Result } from '../faults'
import { binary, choose, constant, not, sizeOf, type BinaryOp, type Expr } from './expr'

export type Type = 'bool' | 'int' | 'name'

export interface Typed {
  readonly expr: Expr
  readonly type: Type
}

/** What names mean here. */
export interface Scope {
  variable(name: string): Typed | undefined
  /** The number of an enumeration value, when some enumeration has it. */
  value(name: string): number | undefined
  /** "This step has happened." */
  done(step: string): Expr | undefined
  /** For "did you mean". */
  names(): Iterable<string>
  steps(): Iterable<string>
  /** The value that an index has here; undefined where it has none. */
  index?(letter: string): number | undefined
  /** How many values an index takes; undefined where it is not one. */
  copies?(letter: string): number | undefined
}

const RESERVED = new Set(['true', 'false', 'done', 'min', 'max'])
export const isReserved = (word: string): boolean => RESERVED.has(word)

/** Numbers, words and signs of one expression. */
const MAX_TOKENS = 8000
/** Operators and names, with what names stand for written out; and how deep they may stand inside one another. */
const MAX_NODES = 50_000
const MAX_TREE = 5000

/** Deeper nesting than this is refused: the parser recurses. */
const MAX_DEPTH = 200

/** Offsets in faults are 0-based positions in `text`. */
export function parseExpression(text: string, scope: Scope, want?: Type): Result<Typed> {
  try {
    const p = new Parser(text, scope)
    const r = p.whole()
    const { nodes, depth } = sizeOf(r.expr)
    if (nodes > MAX_NODES || depth > MAX_TREE)
      return err(
        fault('MODEL_TOO_LARGE', `written out, this has ${nodes} parts, ${depth} inside one another`, {
          offset: 0,
          hint: `at most ${MAX_NODES} and ${MAX_TREE} are handled: keep what is used again and again in state of its own`,
        }),
      )
    if (want && r.type !== want)
      return err(fault('EXPRESSION_TYPE', `${article(want)} is needed here, this is ${article(r.type)}`, { offset: 0 }))
    return ok(r)
  } catch (e) {
    if (e instanceof Refused) return err(e.fault)
    throw e
  }
}

/** Internal to this file: carries a fault out of the recursive descent. */
class Refused extends Error {
  constructor(readonly fault: Fault) {
    super(fault.message)
  }
}

interface Token {
  readonly kind: 'number' | 'word' | 'sign' | 'end'
  readonly text: string
  readonly at: number
}

const SIGNS = ['&&', '||', '==', '!=', '<=', '>=', '<', '>', '+', '-', '*', '/', '%', '!', '(', ')', '?', ':', ',', '.']

function tokens(text: string): Token[] {
  const out: Token[] = []
  let at = 0
  while (at < text.length) {
    if (out.length > MAX_TOKENS)
      throw new Refused(
        fault('MODEL_TOO_LARGE', `an expression has at most ${MAX_TOKENS} words and signs`, { offset: 0 }),
      )
    const rest = text.slice(at)
    const space = /^\s+/.exec(rest)
    if (space) {
      at += space[0].length
      continue
    }
    const number = /^(0x[0-9a-fA-F]+|[0-9]+)/.exec(rest)
    const word = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_0-9]+)*/.exec(rest)
    const sign = SIGNS.find((s) => rest.startsWith(s))
    if (number) out.push({ kind: 'number', text: number[0], at })
    else if (word) out.push({ kind: 'word', text: word[0], at })
    else if (sign) out.push({ kind: 'sign', text: sign, at })
    else throw new Refused(fault('EXPRESSION_SYNTAX', `unexpected ${JSON.stringify(rest[0])}`, { offset: at }))
    at += (number ?? word)?.[0].length ?? sign?.length ?? 1
  }
  out.push({ kind: 'end', text: '', at: text.length })
  return out
}

/** Binary operators from loosest to tightest. */
const LEVELS: readonly (readonly BinaryOp[])[] = [
  ['||'],
  ['&&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/', '%'],
]

class Parser {
  private readonly list: Token[]
  private next = 0
  private depth = 0
  /** Indices bound by `any` and `all`. */
  private readonly bound = new Map<string, number>()
  private copied = 0
  constructor(
    text: string,
    private readonly scope: Scope,
  ) {
    this.list = tokens(text)
  }

  whole(): Typed {
    const r = this.conditional()
    const t = this.peek()
    if (t.kind !== 'end') this.refuse(t, `unexpected ${JSON.stringify(t.text)}`)
    return r
  }

  private conditional(): Typed {
    if (++this.depth > MAX_DEPTH) this.refuse(this.peek(), 'nested too deeply')
    const c = this.level(0)
    let result = c
    const question = this.peek()
    if (this.take('?')) {
      if (c.type !== 'bool') this.mismatch(question, 'the condition of ?: is a boolean', c)
      const a = this.conditional()
      this.expect(':')
      const b = this.conditional()
      if (a.type !== b.type) this.mismatch(question, `both answers of ?: are of one kind: ${article(a.type)}`, b)
      result = { expr: choose(c.expr, a.expr, b.expr), type: a.type }
    }
    this.depth--
    return result
  }

  private level(n: number): Typed {
    const operators = LEVELS[n]
    if (!operators) return this.unary()
    let left = this.level(n + 1)
    for (;;) {
      const t = this.peek()
      const op = t.kind === 'sign' ? operators.find((o) => o === t.text) : undefined
      if (!op) return left
      this.next++
      left = this.combine(t, op, left, this.level(n + 1))
    }
  }

  private combine(at: Token, op: BinaryOp, a: Typed, b: Typed): Typed {
    if (op === '==' || op === '!=') {
      if (a.type !== b.type) this.mismatch(at, `${op} compares two of one kind: ${article(a.type)}`, b)
      return { expr: binary(op, a.expr, b.expr), type: 'bool' }
    }
    const logical = op === '&&' || op === '||'
    const want: Type = logical ? 'bool' : 'int'
    if (a.type !== want) this.mismatch(at, `${op} takes ${article(want)} on its left`, a)
    if (b.type !== want) this.mismatch(at, `${op} takes ${article(want)} on its right`, b)
    const compares = op === '<' || op === '<=' || op === '>' || op === '>='
    return { expr: binary(op, a.expr, b.expr), type: logical || compares ? 'bool' : 'int' }
  }

  private unary(): Typed {
    const t = this.peek()
    if (t.kind === 'sign' && (t.text === '!' || t.text === '-')) {
      if (++this.depth > MAX_DEPTH) this.refuse(t, 'nested too deeply')
      this.next++
      const a = this.unary()
      this.depth--
      const want: Type = t.text === '!' ? 'bool' : 'int'
      if (a.type !== want) this.mismatch(t, `${t.text} takes ${article(want)}`, a)
      return { expr: t.text === '!' ? not(a.expr) : { k: 'un', op: '-', a: a.expr }, type: want }
    }
    return this.primary()
  }

  private primary(): Typed {
    const t = this.peek()
    this.next++
    if (t.kind === 'number') {
      const value = Number(t.text)
      if (!Number.isSafeInteger(value)) this.refuse(t, `${t.text} is too large`)
      return { expr: constant(value), type: 'int' }
    }
    if (t.kind === 'sign' && t.text === '(') {
      const r = this.conditional()
      this.expect(')')
      return r
    }
    if (t.kind === 'word') return this.word(t)
    return this.refuse(t, t.kind === 'end' ? 'the expression ends too early' : `unexpected ${JSON.stringify(t.text)}`)
  }

  private word(t: Token): Typed {
    if (t.text === 'true' || t.text === 'false') return { expr: constant(t.text === 'true'), type: 'bool' }
    if (t.text === 'done') {
      this.expect('(')
      const step = this.stepName()
      this.expect(')')
      const expr = this.scope.done(step.text)
      if (expr) return { expr, type: 'bool' }
      const near = nearest(step.text, this.scope.steps())
      throw new Refused(
        fault('SCENARIO_UNKNOWN_STEP', `no step is called ${step.text}`, {
          offset: step.at,
          ...(near ? { hint: `did you mean ${near}?` } : {}),
        }),
      )
    }
    if ((t.text === 'any' || t.text === 'all') && this.quantifies()) return this.quantified(t.text)
    if (t.text === 'min' || t.text === 'max') {
      this.expect('(')
      const a = this.conditional()
      this.expect(',')
      const b = this.conditional()
      this.expect(')')
      return this.combine2(t, t.text, a, b)
    }
    const name = this.placed(t)
    const v = this.scope.variable(name)
    if (v) return v
    const value = this.scope.value(name)
    if (value !== undefined) return { expr: constant(value), type: 'name' }
    const near = nearest(name, this.scope.names())
    throw new Refused(
      fault('SCENARIO_UNKNOWN_NAME', `nothing is called ${name} here`, {
        offset: t.at,
        ...(near ? { hint: `did you mean ${near}?` } : {}),
      }),
    )
  }

  /** `(v:` follows: then the word is no name. */
  private quantifies(): boolean {
    const [open, letter, colon] = this.list.slice(this.next, this.next + 3)
    return open?.text === '(' && letter?.kind === 'word' && (colon?.text === ':' || colon?.text === ',')
  }

  /** `any(d, v: …)`: the enclosed is read once for every value of the indices. */
  private quantified(join: 'any' | 'all'): Typed {
    this.expect('(')
    const letters: Token[] = []
    do {
      const t = this.peek()
      if (this.scope.copies?.(t.text) === undefined)
        throw new Refused(
          fault('SCENARIO_UNKNOWN_NAME', `${JSON.stringify(t.text)} is no index here`, {
            offset: t.at,
            hint: 'indices are declared under "replicas:"',
          }),
        )
      letters.push(t)
      this.next++
    } while (this.take(','))
    this.expect(':')
    const start = this.next
    const parts: Expr[] = []
    const each = (n: number): void => {
      const t = letters[n]
      if (!t) {
        this.next = start
        const at = this.peek()
        if (++this.copied > MAX_NODES)
          throw new Refused(
            fault('MODEL_TOO_LARGE', `written out, this has more than ${MAX_NODES} copies`, { offset: at.at }),
          )
        const part = this.conditional()
        if (part.type !== 'bool') this.mismatch(at, `${join} joins booleans`, part)
        parts.push(part.expr)
        return
      }
      const outer = this.bound.get(t.text)
      for (let i = 0; i < (this.scope.copies?.(t.text) ?? 0); i++) {
        this.bound.set(t.text, i)
        each(n + 1)
      }
      if (outer === undefined) this.bound.delete(t.text)
      else this.bound.set(t.text, outer)
    }
    each(0)
    this.expect(')')
    const joined = parts.reduce((a, b) => binary(join === 'any' ? '||' : '&&', a, b))
    return { expr: joined, type: 'bool' }
  }

  /** The name with the values that its indices have here: `slot.d.v` → `slot.0.1`. */
  private placed(t: Token): string {
    if (this.scope.copies === undefined || !t.text.includes('.')) return t.text
    const [base = '', ...parts] = t.text.split('.')
    return [base, ...parts.map((p) => this.indexValue(t, p))].join('.')
  }

  private indexValue(t: Token, part: string): string {
    if (this.scope.copies?.(part) === undefined) return part
    const value = this.bound.get(part) ?? this.scope.index?.(part)
    if (value !== undefined) return String(value)
    throw new Refused(
      fault('SCENARIO_UNKNOWN_NAME', `the index ${part} of ${t.text} has no value here`, {
        offset: t.at,
        hint: 'bind it with any(…: …) or all(…: …), or give it to the agent',
      }),
    )
  }

  private combine2(at: Token, op: 'min' | 'max', a: Typed, b: Typed): Typed {
    if (a.type !== 'int') this.mismatch(at, `${op} takes integers`, a)
    if (b.type !== 'int') this.mismatch(at, `${op} takes integers`, b)
    return { expr: binary(op, a.expr, b.expr), type: 'int' }
  }

  /** Step names may hold signs (`guest.request_irq(1)`): read raw up to the balancing parenthesis. */
  private stepName(): Token {
    const first = this.peek()
    let depth = 0
    let text = ''
    for (;;) {
      const t = this.peek()
      if (t.kind === 'end') this.refuse(t, 'the expression ends inside done(…)')
      if (t.text === ')' && depth === 0) break
      if (t.text === '(') depth++
      if (t.text === ')') depth--
      text += this.placed(t)
      this.next++
    }
    return { kind: 'word', text, at: first.at }
  }

  private peek(): Token {
    return this.list[this.next] ?? this.list[this.list.length - 1] ?? { kind: 'end', text: '', at: 0 }
  }
  private take(sign: string): boolean {
    const t = this.peek()
    if (t.kind !== 'sign' || t.text !== sign) return false
    this.next++
    return true
  }
  private expect(sign: string): void {
    const t = this.peek()
    if (!this.take(sign)) this.refuse(t, `${sign} is missing here`)
  }
  private refuse(t: Token, message: string): never {
    throw new Refused(fault('EXPRESSION_SYNTAX', message, { offset: t.at }))
  }
  private mismatch(t: Token, rule: string, got: Typed): never {
    throw new Refused(fault('EXPRESSION_TYPE', `${rule}, but this is ${article(got.type)}`, { offset: t.at }))
  }
}

const article = (t: Type): string => (t === 'bool' ? 'a boolean' : t === 'int' ? 'an integer' : 'an enumeration value')
