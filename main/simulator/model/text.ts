/**
 * Expressions as text for `new Function`, put together from numbers and operators of the typed model alone: no name,
 * label or string of a scenario ever reaches it.
 */
import { assert } from '../faults'
import { sizeOf, type Expr } from './expr'
import { Sharing } from './share'

/** Text that stands before all else: division that raises `z` on a zero divisor, and a variable `t` for guards. */
export const PRELUDE =
  'let z=0,t=0;' +
  'function q(a,b){if(b===0){z=1;return 0}return Math.trunc(a/b)+0}' +
  'function m(a,b){if(b===0){z=1;return 0}return a%b+0}'

/** Where a variable lies, in the text. */
export type Place = (variable: number) => string
/** An expression's text. */
export type Write = (e: Expr) => string

/** The value of an expression: booleans are 0 or 1 (a comparison may be `true`, which is as good where it is tested). */
export function textOf(e: Expr, place: Place): string {
  return nodeText(e, place, (x) => textOf(x, place))
}

/** The text of one node; `s` writes what is below it. */
function nodeText(e: Expr, place: Place, s: Write): string {
  switch (e.k) {
    case 'const':
      assert(Number.isSafeInteger(e.value), 'constant')
      return e.value < 0 ? `(${e.value})` : String(e.value)
    case 'var':
      return place(e.variable)
    case 'un':
      return e.op === '!' ? `(${s(e.a)}?0:1)` : `(0-${s(e.a)})`
    case 'if':
      return `(${s(e.c)}?${s(e.a)}:${s(e.b)})`
    case 'bin':
      switch (e.op) {
        case 'min':
        case 'max':
          return `Math.${e.op}(${s(e.a)},${s(e.b)})`
        case '/':
          return `q(${s(e.a)},${s(e.b)})`
        case '%':
          return `m(${s(e.a)},${s(e.b)})`
        case '&&':
          return `(${s(e.a)}?${s(e.b)}:0)`
        case '||':
          return `(${s(e.a)}?1:${s(e.b)})`
        case '==':
        case '!=':
          return `(${s(e.a)}${e.op}=${s(e.b)}?1:0)`
        case '<':
        case '<=':
        case '>':
        case '>=':
          return `(${s(e.a)}${e.op}${s(e.b)}?1:0)`
        default:
          return `(${s(e.a)}${e.op}${s(e.b)})`
      }
  }
}

/** A part of fewer nodes is written where it stands: a call would be as long. */
const LEAST = 6

/**
 * Expressions of which each larger part that occurs again is written once, as a function. It is called where it stood:
 * what `&&`, `||` and `?:` do not reach is not evaluated, and a division by zero in it raises `z` as before.
 */
export class WrittenOnce {
  private readonly sharing = new Sharing()
  private readonly uses = new Map<Expr, number>()
  private readonly names = new Map<Expr, string>()
  private readonly functions: string[] = []

  /** `place`: in the text around; `within`: in the functions, which have these parameters. */
  constructor(
    expressions: Iterable<Expr | null>,
    private readonly place: Place,
    private readonly within: Place = place,
    private readonly parameters = '',
  ) {
    for (const e of expressions) if (e) this.count(this.sharing.share(e))
  }

  readonly write: Write = (e) => this.in(this.place, this.sharing.share(e))

  /** The functions that have been called; they stand before the text that calls them. */
  definitions(): string {
    return this.functions.join('')
  }

  private count(e: Expr): void {
    const uses = this.uses.get(e) ?? 0
    this.uses.set(e, uses + 1)
    if (uses > 0) return
    if (e.k === 'un') this.count(e.a)
    else if (e.k === 'bin') for (const part of [e.a, e.b]) this.count(part)
    else if (e.k === 'if') for (const part of [e.c, e.a, e.b]) this.count(part)
  }

  private in(place: Place, e: Expr): string {
    if ((this.uses.get(e) ?? 0) < 2 || sizeOf(e).nodes < LEAST) return nodeText(e, place, (x) => this.in(place, x))
    const name = this.names.get(e) ?? this.define(e)
    return `${name}(${this.parameters})`
  }

  private define(e: Expr): string {
    const name = `e${this.names.size}`
    this.names.set(e, name)
    const body = nodeText(e, this.within, (x) => this.in(this.within, x))
    this.functions.push(`function ${name}(${this.parameters}){return ${body}}`)
    return name
  }
}
