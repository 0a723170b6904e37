/**
 * A subset of SystemRDL 2.0: one addrmap of regs with fields.
 *
 *   addrmap NAME { name = "…"; desc = "…"; default PROPERTY = …; reg …; field …; TYPE INSTANCE …; };
 *   reg [TYPE] { regwidth = 32; name, desc, default …; field … } [INSTANCE [n][m] @ offset += stride, …];
 *   field [TYPE] { sw = rw | r; woclr; onwrite = woclr; reset = …; name, desc, hw … } [INSTANCE [msb:lsb] = reset, …];
 *
 * Registers without `@` follow one another, aligned to their size (clause 13.4, addressing = regalign). `hw` is read
 * and left out: what the device does with a field is behaviour, which a block states itself. Everything else is
 * refused by name: nothing is silently lost.
 */
import { err, ok, type Fault, type FaultCode, type Result } from '../../faults'
import type { RdlAccess, RdlField, RdlMap, RdlRegister } from './map'
import { at, tokensOf, type Token } from './tokens'

const MAX_REGISTERS = 1024
const MAX_DIMENSIONS = 3
/** Elements along one dimension: more than an index of a block may have would be of no use. */
const MAX_COUNT = 256
const MAX_ADDRESS = 2n ** 48n
const WIDTHS = [8, 16, 32, 64, 128, 256, 512]
const OTHER_COMPONENTS = new Set(['regfile', 'mem', 'signal', 'enum', 'struct', 'constraint', 'property', 'alias'])
const OTHER_WORDS = new Set([...OTHER_COMPONENTS, 'external', 'internal', 'abstract'])

interface Properties {
  readonly title: string
  readonly description: string
  readonly sw: 'rw' | 'r'
  readonly clears: boolean
  readonly reset: bigint | null
  readonly width: number
}
type FieldType = Omit<Properties, 'width'>
interface RegisterType {
  readonly title: string
  readonly description: string
  readonly width: number
  readonly fields: readonly RdlField[]
}
const NOTHING: Properties = { title: '', description: '', sw: 'rw', clears: false, reset: null, width: 32 }

/** What is known inside one pair of braces. */
interface Scope {
  readonly fields: Map<string, FieldType>
  readonly registers: Map<string, RegisterType>
  defaults: Properties
}
const inner = (s: Scope): Scope => ({
  fields: new Map(s.fields),
  registers: new Map(s.registers),
  defaults: s.defaults,
})

/** Errors: FILE_TOO_LARGE, RDL_SYNTAX, RDL_UNSUPPORTED, RDL_RANGE; each with line and column. */
export function parseRdl(text: string): Result<RdlMap> {
  const tokens = tokensOf(text)
  if (!tokens.ok) return tokens
  try {
    return ok(new Parser(tokens.value).root())
  } catch (e) {
    if (e instanceof Refused) return err(e.fault)
    throw e
  }
}

/** Internal to this file: carries a fault out of the descent. */
class Refused extends Error {
  constructor(readonly fault: Fault) {
    super(fault.message)
  }
}

class Parser {
  private next = 0
  constructor(private readonly list: readonly Token[]) {}

  root(): RdlMap {
    const scope: Scope = { fields: new Map(), registers: new Map(), defaults: NOTHING }
    let map: RdlMap | undefined
    while (this.peek().k !== 'end') {
      const t = this.peek()
      if (t.text === 'addrmap') {
        if (map) this.refuse(t, 'RDL_UNSUPPORTED', 'a second addrmap', 'one block is one address map: split the file')
        map = this.addrmap(scope)
      } else if (t.text === 'reg') this.register(scope, null)
      else if (t.text === 'field') this.field(scope, null)
      else this.stranger(t, 'addrmap, reg or field')
    }
    return map ?? this.refuse(this.peek(), 'RDL_SYNTAX', 'there is no addrmap', 'write "addrmap NAME { … };"')
  }

  private addrmap(outer: Scope): RdlMap {
    this.take('addrmap')
    const name = this.word('a name for the address map')
    const scope = inner(outer)
    const registers: RdlRegister[] = []
    let own = NOTHING
    this.take('{')
    while (!this.accept('}')) {
      const t = this.peek()
      if (t.text === 'reg') this.register(scope, registers)
      else if (t.text === 'field') this.field(scope, null)
      else if (t.text === 'default') this.default(scope)
      else if (t.k === 'word' && scope.registers.has(t.text)) {
        this.next++
        this.registerInstances(scope.registers.get(t.text), registers)
      } else own = this.property(own, ['name', 'desc'])
    }
    if (this.peek().k === 'word')
      this.refuse(this.peek(), 'RDL_UNSUPPORTED', 'an instance of the address map', 'the map itself is the block')
    this.take(';')
    return { name: name.text, title: own.title, description: own.description, registers }
  }

  /** A definition; with instances where `into` is given and a name follows. */
  private register(outer: Scope, into: RdlRegister[] | null): void {
    const start = this.take('reg')
    const name = this.peek().k === 'word' ? this.word('a name') : null
    const scope = inner(outer)
    const fields: RdlField[] = []
    let own: Properties = { ...NOTHING, width: scope.defaults.width }
    this.take('{')
    while (!this.accept('}')) {
      const t = this.peek()
      if (t.text === 'field') this.field(scope, fields)
      else if (t.text === 'default') this.default(scope)
      else if (t.k === 'word' && scope.fields.has(t.text)) {
        this.next++
        this.fieldInstances(scope.fields.get(t.text), fields)
      } else own = this.property(own, ['name', 'desc', 'regwidth', 'accesswidth'])
    }
    if (fields.length === 0) this.refuse(start, 'RDL_SYNTAX', 'a register without fields', 'write a field into it')
    const beyond = fields.find((f) => f.msb >= own.width)
    if (beyond)
      this.refuse(
        start,
        'RDL_RANGE',
        `${beyond.name} reaches bit ${beyond.msb}, the register has ${own.width}`,
        'give it a larger regwidth',
      )
    const type: RegisterType = { title: own.title, description: own.description, width: own.width, fields }
    if (name) this.define(outer.registers, name, type)
    this.instancesOrNot(name, into, () => this.registerInstances(type, into ?? []))
  }

  private registerInstances(type: RegisterType | undefined, into: RdlRegister[]): void {
    if (!type) return
    do {
      const name = this.word('a name for the register')
      if (into.some((r) => r.name === name.text))
        this.refuse(name, 'RDL_SYNTAX', `two registers are called ${name.text}`, 'choose another name')
      const counts: number[] = []
      while (this.accept('[')) {
        const count = this.number('the number of elements')
        if (count.value < 1n || count.value > BigInt(MAX_COUNT))
          this.refuse(count, 'RDL_RANGE', `an array of ${count.text} elements`, `1 to ${MAX_COUNT} are handled`)
        if (counts.length === MAX_DIMENSIONS)
          this.refuse(count, 'RDL_UNSUPPORTED', `more than ${MAX_DIMENSIONS} dimensions`)
        counts.push(Number(count.value))
        this.take(']')
      }
      const bytes = type.width / 8
      const free = into.reduce((end, r) => Math.max(end, endOf(r)), 0)
      const offset = this.accept('@') ? this.address() : Math.ceil(free / bytes) * bytes
      const plus = this.peek()
      const least = this.accept('+=') ? this.address() : bytes
      if (plus.text === '+=' && counts.length === 0)
        this.refuse(plus, 'RDL_SYNTAX', 'a stride without an array', 'write the number of elements: NAME[4]')
      if (least < bytes)
        this.refuse(
          plus,
          'RDL_RANGE',
          `a stride of ${least} bytes for registers of ${bytes}`,
          'elements may not overlap',
        )
      if (this.peek().text === '%=')
        this.refuse(this.peek(), 'RDL_UNSUPPORTED', 'alignment by %=', 'write the offset: @ 0x40')
      // The last index counts elements, each one before it whole rows of them.
      const strides = counts.map((_, i) => counts.slice(i + 1).reduce((n, c) => n * c, least))
      const register: RdlRegister = { name: name.text, offset, ...type, counts, strides }
      const other = into.find((r) => overlaps(register, r))
      if (other) this.refuse(name, 'RDL_RANGE', `${name.text} lies where ${other.name} is`, 'give it another offset')
      if (into.length >= MAX_REGISTERS) this.refuse(name, 'RDL_RANGE', `more than ${MAX_REGISTERS} registers`)
      into.push(register)
    } while (this.accept(','))
    this.take(';')
  }

  private field(outer: Scope, into: RdlField[] | null): void {
    this.take('field')
    const name = this.peek().k === 'word' ? this.word('a name') : null
    let own: Properties = { ...outer.defaults, title: '', description: '' }
    this.take('{')
    while (!this.accept('}')) own = this.property(own, ['name', 'desc', 'sw', 'hw', 'woclr', 'onwrite', 'reset'])
    if (name) this.define(outer.fields, name, own)
    this.instancesOrNot(name, into, () => this.fieldInstances(own, into ?? []))
  }

  private fieldInstances(type: FieldType | undefined, into: RdlField[]): void {
    if (!type) return
    do {
      const name = this.word('a name for the field')
      if (into.some((f) => f.name === name.text))
        this.refuse(name, 'RDL_SYNTAX', `two fields are called ${name.text}`, 'choose another name')
      const [msb, lsb] = this.bits(into)
      const taken = into.find((f) => f.msb >= lsb && f.lsb <= msb)
      if (taken)
        this.refuse(
          name,
          'RDL_RANGE',
          `${name.text} [${msb}:${lsb}] overlaps ${taken.name} [${taken.msb}:${taken.lsb}]`,
          'a bit belongs to one field',
        )
      const given = this.accept('=') ? this.number('the reset value') : null
      const reset = given ? given.value : type.reset
      if (reset !== null && reset >> BigInt(msb - lsb + 1) !== 0n)
        this.refuse(
          given ?? name,
          'RDL_RANGE',
          `the reset value 0x${reset.toString(16)} does not fit into ${msb - lsb + 1} bits`,
        )
      if (type.clears && type.sw !== 'rw')
        this.refuse(name, 'RDL_UNSUPPORTED', 'woclr on a field that software does not write', 'write "sw = rw"')
      const access: RdlAccess = type.clears ? 'W1C' : type.sw === 'r' ? 'RO' : 'RW'
      into.push({ name: name.text, msb, lsb, access, reset, title: type.title, description: type.description })
    } while (this.accept(','))
    this.take(';')
  }

  /** `[msb:lsb]`, `[width]` from the next free bit on, or nothing: one bit. */
  private bits(before: readonly RdlField[]): [number, number] {
    const free = before.reduce((n, f) => Math.max(n, f.msb + 1), 0)
    if (!this.accept('[')) return [free, free]
    const a = this.number('a bit')
    if (this.accept(']')) {
      if (a.value < 1n || a.value > 512n) this.refuse(a, 'RDL_RANGE', `a field of ${a.text} bits`, '1 to 512')
      return [free + Number(a.value) - 1, free]
    }
    this.take(':')
    const b = this.number('the lowest bit')
    this.take(']')
    if (a.value > 511n) this.refuse(a, 'RDL_RANGE', `bit ${a.text}`, 'registers have up to 512 bits')
    if (a.value < b.value)
      this.refuse(a, 'RDL_UNSUPPORTED', 'bits counted from the most significant (msb0)', `write [${b.text}:${a.text}]`)
    return [Number(a.value), Number(b.value)]
  }

  private instancesOrNot(name: Token | null, into: unknown, instances: () => void): void {
    const t = this.peek()
    if (t.k === 'word' && OTHER_WORDS.has(t.text)) this.stranger(t, 'a name')
    if (t.k === 'word') {
      if (into === null)
        this.refuse(t, 'RDL_SYNTAX', 'an instance where only types are defined', 'put it into the addrmap or register')
      return instances()
    }
    if (!name)
      this.refuse(t, 'RDL_SYNTAX', 'neither a type nor an instance: it has no name', 'write a name behind the }')
    this.take(';')
  }

  private define<T>(into: Map<string, T>, name: Token, type: T): void {
    if (into.has(name.text)) this.refuse(name, 'RDL_SYNTAX', `two types are called ${name.text}`, 'choose another name')
    into.set(name.text, type)
  }

  private default(scope: Scope): void {
    this.take('default')
    scope.defaults = this.property(scope.defaults, ['sw', 'hw', 'woclr', 'onwrite', 'reset', 'regwidth', 'accesswidth'])
  }

  private property(p: Properties, allowed: readonly string[]): Properties {
    const t = this.peek()
    if (t.k !== 'word' || !allowed.includes(t.text)) return this.stranger(t, allowed.join(', '))
    this.next++
    const done = (q: Properties): Properties => {
      this.take(';')
      return q
    }
    if (t.text === 'woclr') return done({ ...p, clears: this.accept('=') ? this.truth() : true })
    this.take('=')
    switch (t.text) {
      case 'name':
        return done({ ...p, title: this.string() })
      case 'desc':
        return done({ ...p, description: this.string() })
      case 'onwrite':
        this.oneOf(['woclr'])
        return done({ ...p, clears: true })
      case 'reset':
        return done({ ...p, reset: this.number('the reset value').value })
      case 'sw':
        return done({ ...p, sw: this.oneOf(['rw', 'wr', 'r']) === 'r' ? 'r' : 'rw' })
      case 'hw':
        this.oneOf(['rw', 'wr', 'r', 'w', 'na'])
        return done(p)
      default: {
        const n = this.number('a width in bits')
        if (!WIDTHS.includes(Number(n.value)))
          this.refuse(n, 'RDL_RANGE', `${t.text} = ${n.text}`, `widths: ${WIDTHS.join(', ')}`)
        return done(t.text === 'regwidth' ? { ...p, width: Number(n.value) } : p)
      }
    }
  }

  private truth(): boolean {
    return this.oneOf(['true', 'false']) === 'true'
  }
  private oneOf(words: readonly string[]): string {
    const t = this.peek()
    if (t.k !== 'word' || !words.includes(t.text))
      this.refuse(t, 'RDL_UNSUPPORTED', `${JSON.stringify(t.text)} is not read here`, `one of ${words.join(', ')}`)
    this.next++
    return t.text
  }
  private string(): string {
    const t = this.peek()
    if (t.k !== 'string') this.refuse(t, 'RDL_SYNTAX', 'a string is needed', 'write it in quotes')
    this.next++
    return t.text
  }
  private number(what: string): Token {
    const t = this.peek()
    if (t.k !== 'number') this.refuse(t, 'RDL_SYNTAX', `${what} is needed, a number`)
    this.next++
    return t
  }
  private address(): number {
    const n = this.number('an address')
    if (n.value >= MAX_ADDRESS)
      this.refuse(n, 'RDL_RANGE', `the address ${n.text.slice(0, 40)}`, 'addresses have up to 48 bits')
    return Number(n.value)
  }
  private word(what: string): Token {
    const t = this.peek()
    if (t.k !== 'word')
      this.refuse(t, 'RDL_SYNTAX', `${what} is needed, here stands ${JSON.stringify(t.text.slice(0, 40))}`)
    if (OTHER_WORDS.has(t.text)) return this.stranger(t, what)
    this.next++
    return t
  }

  private peek(): Token {
    const t = this.list[Math.min(this.next, this.list.length - 1)]
    return t ?? { k: 'end', text: '', value: 0n, line: 1, column: 1 }
  }
  private accept(sign: string): boolean {
    const t = this.peek()
    if (t.k !== 'sign' || t.text !== sign) return false
    this.next++
    return true
  }
  private take(text: string): Token {
    const t = this.peek()
    if (t.text !== text || t.k === 'string')
      this.refuse(t, 'RDL_SYNTAX', `${text} is needed, here stands ${JSON.stringify(t.text.slice(0, 40))}`)
    this.next++
    return t
  }

  /** Something of the language that is not read, or nothing of it. */
  private stranger(t: Token, allowed: string): never {
    const known = t.k === 'word'
    return this.refuse(
      t,
      known ? 'RDL_UNSUPPORTED' : 'RDL_SYNTAX',
      known ? `${t.text} is not read here` : `unexpected ${JSON.stringify(t.text.slice(0, 40))}`,
      `here: ${allowed}`,
    )
  }
  private refuse(t: Token, code: FaultCode, message: string, hint?: string): never {
    throw new Refused(at(t, code, message, hint))
  }
}

/** The byte behind the last element. */
function endOf(r: RdlRegister): number {
  return r.offset + r.counts.reduce((n, c, i) => n + (c - 1) * (r.strides[i] ?? 0), 0) + r.width / 8
}

/** Registers may lie in the gaps of an array, and arrays of one stride in each other's. */
function overlaps(a: RdlRegister, b: RdlRegister): boolean {
  if (a.offset >= endOf(b) || b.offset >= endOf(a)) return false
  const [s, t] = [a.strides.at(-1), b.strides.at(-1)]
  const stride = s ?? t
  if (stride === undefined || (s !== undefined && t !== undefined && s !== t)) return true
  const distance = (((b.offset - a.offset) % stride) + stride) % stride
  return distance < a.width / 8 || distance + b.width / 8 > stride
}
