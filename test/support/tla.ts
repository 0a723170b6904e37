/**
 * A small reader and explorer of the TLA+ that Doorbell writes: definitions, one VARIABLES line, arithmetic, sets, IF, primes
 * and UNCHANGED. TLC it is not; it is a second opinion, written against the language and not against the writer.
 */
type Value = number | boolean | ReadonlySet<number | boolean>
type State = ReadonlyMap<string, Value>

interface Definition {
  readonly parameters: readonly string[]
  readonly body: Node
}

/** Evaluates in a state; primed variables are looked up in, or added to, `next`. */
type Node = (c: Context) => Value
interface Context {
  readonly state: State
  readonly next: Map<string, Value>
  readonly bound: ReadonlyMap<string, Value>
}

export class TlaModule {
  readonly name: string
  readonly variables: readonly string[]
  private readonly definitions = new Map<string, Definition>()

  constructor(text: string) {
    const [, name = '', body = ''] = /^-{4,} MODULE (\w+) -{4,}\n([\s\S]*)\n={4,}\s*$/.exec(text) ?? []
    this.name = name
    const plain = body.replaceAll(/\\\*.*$/gm, '').replace(/^EXTENDS Integers$/m, '')
    const [, list = ''] = /^VARIABLES (.*)$/m.exec(plain) ?? []
    this.variables = list.split(',').map((v) => v.trim())
    const rest = plain.replace(/^VARIABLES .*$/m, '')
    // A definition starts at the margin.
    for (const part of rest.split(/\n(?=\S)/)) {
      const [, head = '', parameters = '', value = ''] = /^\s*(\w+)(?:\(([^)]*)\))? ==([\s\S]*)$/.exec(part) ?? []
      if (!head || head === 'Spec' || head === 'vars') continue
      const names = parameters ? parameters.split(',').map((p) => p.trim()) : []
      this.definitions.set(head, { parameters: names, body: new Parser(value, this).whole() })
    }
  }

  has(name: string): boolean {
    return this.definitions.has(name)
  }

  call(name: string, values: readonly Value[], c: Context): Value {
    const d = this.definitions.get(name)
    if (!d) throw new Error(`${name} is not defined`)
    return d.body({ ...c, bound: new Map(d.parameters.map((p, i) => [p, values[i] ?? 0])) })
  }

  holds(name: string, state: State): boolean {
    return this.call(name, [], { state, next: new Map(), bound: new Map() }) === true
  }

  initial(): State {
    // "v = value" of Init: as an action on nothing.
    const next = new Map<string, Value>()
    const empty = new Map<string, Value>()
    const init = this.definitions.get('Init')
    if (!init) throw new Error('no Init')
    assigning = next
    try {
      if (init.body({ state: empty, next, bound: new Map() }) !== true) throw new Error('Init is false')
    } finally {
      assigning = undefined
    }
    return next
  }

  /** Actions of Next, and where each leads. */
  successors(state: State): { action: string; state: State }[] {
    return this.actions().flatMap((action) => {
      const next = new Map<string, Value>()
      if (this.call(action, [], { state, next, bound: new Map() }) !== true) return []
      for (const v of this.variables) if (!next.has(v)) throw new Error(`${action} leaves ${v} open`)
      return [{ action, state: next }]
    })
  }

  private actions(): string[] {
    return [...this.definitions.keys()].filter((n) => /^S\d+(_out)?$/.test(n))
  }
}

/** While Init is read: where "v = value" puts its value. */
let assigning: Map<string, Value> | undefined

class Parser {
  private readonly tokens: readonly string[]
  private at = 0
  constructor(
    text: string,
    private readonly module: TlaModule,
  ) {
    this.tokens = text.match(/\\[a-z]+|\/\\|\\\/|<=>|=>|<=|>=|<<|>>|\.\.|\d+|\w+|[-+*%=#<>(){},'~]/g) ?? []
    const left = text.replaceAll(/\\[a-z]+|\/\\|\\\/|<=>|=>|<=|>=|<<|>>|\.\.|\d+|\w+|[-+*%=#<>(){},'~]|\s/g, '')
    if (left) throw new Error(`not understood: ${left}`)
  }

  whole(): Node {
    // A list of conjuncts or disjuncts may begin with its sign.
    if (this.peek() === '/\\' || this.peek() === '\\/') this.at++
    const e = this.implies()
    if (this.at !== this.tokens.length) throw new Error(`left over: ${this.tokens.slice(this.at).join(' ')}`)
    return e
  }

  private peek(): string {
    return this.tokens[this.at] ?? ''
  }
  private take(token?: string): string {
    const t = this.tokens[this.at++] ?? ''
    if (token !== undefined && t !== token) throw new Error(`${token} expected, not ${t}`)
    return t
  }

  private implies(): Node {
    const a = this.or()
    if (this.peek() !== '=>') return a
    this.take()
    const b = this.or()
    return (c) => a(c) !== true || b(c)
  }
  private or(): Node {
    let a = this.and()
    while (this.peek() === '\\/') {
      this.take()
      const [l, r] = [a, this.and()]
      a = (c) => l(c) === true || r(c)
    }
    return a
  }
  private and(): Node {
    let a = this.not()
    while (this.peek() === '/\\') {
      this.take()
      const [l, r] = [a, this.not()]
      a = (c) => l(c) === true && r(c)
    }
    return a
  }
  private not(): Node {
    if (this.peek() !== '~') return this.compare()
    this.take()
    const a = this.not()
    return (c) => {
      const v = a(c)
      if (typeof v !== 'boolean') throw new Error('~ of a number')
      return !v
    }
  }
  private compare(): Node {
    const from = this.at
    const a = this.range()
    const op = this.peek()
    if (!['=', '#', '<', '<=', '>', '>=', '\\in'].includes(op)) return a
    const left = this.tokens.slice(from, this.at)
    this.take()
    const b = this.range()
    const [name = '', prime] = left
    if (op === '=' && left.length === 2 && prime === "'")
      return (c) => {
        if (c.next.has(name)) return c.next.get(name) === b(c)
        c.next.set(name, b(c))
        return true
      }
    return (c) => {
      if (op === '=' && assigning && left.length === 1) {
        assigning.set(name, b(c))
        return true
      }
      const [x, y] = [a(c), b(c)]
      if (op === '\\in') return y instanceof Set && y.has(scalar(x))
      if (typeof x !== typeof y) throw new Error(`${left.join(' ')} ${op}: a ${typeof x} and a ${typeof y}`)
      if (op === '=') return x === y
      if (op === '#') return x !== y
      if (typeof x !== 'number' || typeof y !== 'number') throw new Error(`${op} of what is no number`)
      return op === '<' ? x < y : op === '<=' ? x <= y : op === '>' ? x > y : x >= y
    }
  }
  private range(): Node {
    const a = this.sum()
    if (this.peek() !== '..') return a
    this.take()
    const b = this.sum()
    return (c) => {
      const [lo, hi] = [number(a(c)), number(b(c))]
      return new Set(Array.from({ length: Math.max(0, hi - lo + 1) }, (_, i) => lo + i))
    }
  }
  private sum(): Node {
    let a = this.product()
    while (this.peek() === '+' || this.peek() === '-') {
      const [op, l, r] = [this.take(), a, this.product()]
      a = (c) => (op === '+' ? number(l(c)) + number(r(c)) : number(l(c)) - number(r(c)))
    }
    return a
  }
  private product(): Node {
    let a = this.primary()
    while (this.peek() === '*' || this.peek() === '\\div' || this.peek() === '%') {
      const [op, l, r] = [this.take(), a, this.primary()]
      a = (c) => {
        const [x, y] = [number(l(c)), number(r(c))]
        if (op === '*') return x * y
        if (op !== '\\div' || y <= 0) throw new Error(`${x} ${op} ${y}`)
        return Math.floor(x / y)
      }
    }
    return a
  }
  private primary(): Node {
    const t = this.take()
    if (t === '(') {
      const e = this.implies()
      this.take(')')
      return e
    }
    if (t === 'IF') {
      const c = this.implies()
      this.take('THEN')
      const a = this.implies()
      this.take('ELSE')
      const b = this.implies()
      return (x) => (c(x) === true ? a(x) : b(x))
    }
    if (t === '{') {
      const parts = this.list('}')
      return (c) => new Set(parts.map((p) => scalar(p(c))))
    }
    if (t === 'UNCHANGED') {
      this.take('<<')
      const names: string[] = []
      while (this.peek() !== '>>') {
        names.push(this.take())
        if (this.peek() === ',') this.take()
      }
      this.take('>>')
      return (c) => {
        for (const n of names) {
          if (c.next.has(n)) throw new Error(`${n} changes and is unchanged`)
          c.next.set(n, c.state.get(n) ?? NaN)
        }
        return true
      }
    }
    if (t === 'TRUE' || t === 'FALSE') return () => t === 'TRUE'
    if (t === 'BOOLEAN') return () => new Set([true, false])
    if (/^\d+$/.test(t)) return () => Number(t)
    if (this.peek() === "'") {
      this.take()
      return (c) => known(c.next.get(t), t)
    }
    if (this.peek() === '(') {
      this.take()
      const parts = this.list(')')
      return (c) =>
        this.module.call(
          t,
          parts.map((p) => p(c)),
          c,
        )
    }
    return (c) => {
      const here = c.bound.get(t) ?? c.state.get(t)
      if (here !== undefined || assigning) return here ?? (this.module.has(t) ? this.module.call(t, [], c) : NaN)
      return this.module.call(t, [], c)
    }
  }
  private list(end: string): Node[] {
    const parts: Node[] = []
    while (this.peek() !== end) {
      parts.push(this.implies())
      if (this.peek() === ',') this.take()
    }
    this.take(end)
    return parts
  }
}

function scalar(v: Value): number | boolean {
  if (typeof v === 'object') throw new Error('a number or a truth value was expected')
  return v
}

function number(v: Value): number {
  if (typeof v !== 'number') throw new Error('a number was expected')
  return v
}

function known(v: Value | undefined, name: string): Value {
  if (v === undefined) throw new Error(`${name} has no value`)
  return v
}

export interface TlaGraph {
  /** Without those in which the run has left its range. */
  readonly states: number
  /** Length of the shortest run to a violation of each invariant. */
  readonly violated: ReadonlyMap<string, number>
}

/** Breadth first, every invariant in every state. */
export function exploreTla(module: TlaModule, invariants: readonly string[], limit = 50_000): TlaGraph {
  const key = (s: State): string => module.variables.map((v) => String(scalar(s.get(v) ?? NaN))).join()
  const initial = module.initial()
  const depth = new Map([[key(initial), 0]])
  const queue = [initial]
  const violated = new Map<string, number>()
  let states = 0
  for (let i = 0; i < queue.length; i++) {
    const state = queue[i]
    if (!state || queue.length > limit) throw new Error('too many states')
    const here = depth.get(key(state)) ?? 0
    if (state.get('out') !== true) states++
    for (const name of invariants) if (!violated.has(name) && !module.holds(name, state)) violated.set(name, here)
    for (const s of module.successors(state)) {
      if (depth.has(key(s.state))) continue
      depth.set(key(s.state), here + 1)
      queue.push(s.state)
    }
  }
  return { states, violated }
}
