/**
 * Device tree source text → the same nodes as from a blob (Devicetree Specification 0.4, appendix A). As little of the
 * language as board files use: labels, references, overrides, deletions, cells with arithmetic, simple #define. Files that it
 * includes are not at hand: what is missing for it is a warning.
 */
import { err, fault, ok, type Fault, type Result } from '../../faults'
import type { PlatformWarning } from '../../platform/schema'
import { warning } from '../warnings'
import { cells, walk, type DtNode } from './fdt'
import { tokens, type Token } from './tokens'

interface Node extends DtNode {
  readonly name: string
  readonly path: string
  readonly parent: Node | undefined
  readonly properties: Map<string, Uint8Array>
  readonly children: Node[]
}

/** As the Linux kernel unflattens. */
const DEPTH_LIMIT = 64
const BYTES_LIMIT = 16 * 1024 * 1024

export interface SourceTree {
  readonly root: DtNode
  readonly warnings: PlatformWarning[]
}

/** Fault: DEVICETREE_SYNTAX with line and column. */
export function parseSource(text: string): Result<SourceTree> {
  const lexed = tokens(text)
  if (!lexed.ok) return lexed
  const parser = new Parser(lexed.value.tokens, lexed.value.macros)
  for (const line of lexed.value.includes.slice(0, 50))
    parser.warn('DEVICETREE_INCLUDE', `line ${line}: an included file is not at hand: what it defines is missing`)
  return parser.parse()
}

/** Thrown inside the parser only. */
class SyntaxFault extends Error {
  constructor(readonly fault: Fault) {
    super(fault.message)
  }
}

/** A cell or a path that names a label, filled in when all labels are known. */
interface Reference {
  readonly label: string
  readonly node: Node
  readonly property: string
  /** Offset of the cell; undefined for a path, which is the whole value. */
  readonly offset: number | undefined
  readonly at: Token
}

class Parser {
  private readonly warnings: PlatformWarning[] = []
  private readonly labels = new Map<string, Node>()
  private readonly references: Reference[] = []
  private readonly byName = new Map<Node, Map<string, Node>>()
  private root: Node | undefined
  private next = 0
  private bytes = 0

  constructor(
    private readonly all: readonly Token[],
    private readonly macros: ReadonlyMap<string, number>,
  ) {}

  warn(code: Parameters<typeof warning>[0], message: string): void {
    if (this.warnings.length < 1000) this.warnings.push(warning(code, message))
  }

  parse(): Result<SourceTree> {
    try {
      while (this.peek().kind !== 'end') this.top()
      if (!this.root) return err(this.problem('there is no root node', this.peek()))
      this.resolve(this.root)
      return ok({ root: this.root, warnings: this.warnings })
    } catch (error) {
      if (error instanceof SyntaxFault) return err(error.fault)
      throw error
    }
  }

  private top(): void {
    const token = this.peek()
    if (token.kind === 'directive') return this.directive()
    const labels = this.labelsHere()
    if (this.take('/')) {
      this.root ??= this.node('', undefined)
      this.name(labels, this.root)
      return this.body(this.root, 0)
    }
    const reference = this.peek()
    if (reference.kind !== 'reference') throw this.unexpected('a node')
    this.next++
    const target = this.find(reference.text)
    if (target) {
      this.name(labels, target)
      return this.body(target, depthOf(target))
    }
    this.warn(
      'DEVICETREE_REFERENCE',
      `line ${reference.line}: &${reference.text} is not defined here; it is passed over`,
    )
    this.body(this.node('', undefined), 0)
  }

  private directive(): void {
    const { text } = this.advance()
    if (text === '/include/') {
      this.warn('DEVICETREE_INCLUDE', `an included file is not at hand: ${this.advance().text}`)
      return
    }
    if (text === '/delete-node/') this.remove(undefined)
    else if (text === '/memreserve/') while (this.peek().kind === 'word') this.next++
    this.expect(';')
  }

  private body(node: Node, depth: number): void {
    if (depth > DEPTH_LIMIT) throw this.unexpected(`at most ${DEPTH_LIMIT} levels`)
    this.expect('{')
    while (!this.take('}')) this.member(node, depth)
    this.expect(';')
  }

  private member(node: Node, depth: number): void {
    const labels = this.labelsHere()
    const token = this.peek()
    if (token.kind === 'directive') {
      this.next++
      if (token.text === '/delete-node/') this.remove(node)
      else if (token.text === '/delete-property/') node.properties.delete(this.advance().text)
      else if (token.text === '/omit-if-no-ref/') return
      else if (token.text === '/include/') this.next++
      if (token.text !== '/include/') this.expect(';')
      return
    }
    if (token.kind !== 'word') throw this.unexpected('a property or a node')
    this.next++
    if (this.peek().text === '{' && this.peek().kind === 'mark') {
      const child = this.childOf(node, token.text) ?? this.node(token.text, node)
      this.name(labels, child)
      return this.body(child, depth + 1)
    }
    const value: number[] = []
    if (this.take('=')) {
      do this.value(node, token.text, value)
      while (this.take(','))
    }
    this.expect(';')
    this.bytes += value.length
    if (this.bytes > BYTES_LIMIT) throw this.unexpected('less data')
    node.properties.set(token.text, Uint8Array.from(value))
  }

  private value(node: Node, property: string, out: number[]): void {
    this.labelsHere()
    let bits = 32
    if (this.peek().text === '/bits/') {
      this.next++
      bits = Number(this.advance().text)
      if (![8, 16, 32, 64].includes(bits)) throw this.unexpected('8, 16, 32 or 64 bits')
    }
    const token = this.advance()
    if (token.kind === 'string') {
      for (const letter of token.text) out.push(letter.charCodeAt(0) & 0xff)
      out.push(0)
    } else if (token.kind === 'bytes') for (const pair of token.text.match(/../g) ?? []) out.push(parseInt(pair, 16))
    else if (token.kind === 'reference')
      this.references.push({ label: token.text, node, property, offset: undefined, at: token })
    else if (token.text === '<' && token.kind === 'mark') this.cells(node, property, bits, out)
    else throw this.unexpected('a value', token)
  }

  private cells(node: Node, property: string, bits: number, out: number[]): void {
    while (!this.take('>')) {
      if (this.labelsHere().length > 0) continue
      const token = this.peek()
      if (token.kind === 'reference') {
        this.next++
        this.references.push({ label: token.text, node, property, offset: out.length, at: token })
        out.push(0, 0, 0, 0)
        continue
      }
      const value = BigInt.asUintN(bits, this.take('(') ? this.expression() : this.operand())
      for (let shift = bits - 8; shift >= 0; shift -= 8) out.push(Number((value >> BigInt(shift)) & 0xffn))
      if (out.length > BYTES_LIMIT) throw this.unexpected('less data')
    }
  }

  /** Behind an opening parenthesis, up to and with the closing one. */
  private expression(depth = 0): bigint {
    if (depth > DEPTH_LIMIT) throw this.unexpected('fewer parentheses')
    const values: bigint[] = []
    const operators: string[] = []
    const reduce = (least: number): void => {
      while (operators.length > 0 && (PRECEDENCE[operators.at(-1) ?? ''] ?? 0) >= least) {
        const [operator = '', b = 0n, a = 0n] = [operators.pop(), values.pop(), values.pop()]
        values.push(apply(operator, a, b))
      }
    }
    for (;;) {
      const sign = ['-', '~', '!'].includes(this.peek().text) ? this.advance().text : ''
      const value = this.take('(') ? this.expression(depth + 1) : this.operand()
      values.push(sign === '-' ? -value : sign === '~' ? ~value : sign === '!' ? BigInt(value === 0n) : value)
      const operator = this.advance()
      if (operator.text === ')') break
      const strength = PRECEDENCE[operator.text]
      if (operator.kind !== 'mark' || strength === undefined) throw this.unexpected('an operator', operator)
      reduce(strength)
      operators.push(operator.text)
    }
    reduce(0)
    return values[0] ?? 0n
  }

  private operand(): bigint {
    const token = this.advance()
    if (token.kind === 'string' && token.text.length === 1) return BigInt(token.text.charCodeAt(0))
    if (token.kind !== 'word') throw this.unexpected('a number', token)
    const digits = token.text.replace(/(?:u?ll?|u)$/i, '')
    if (/^0x[0-9a-f]{1,32}$/i.test(digits)) return BigInt(digits)
    if (/^0[0-7]{1,40}$/.test(digits)) return BigInt(`0o${digits.slice(1)}`)
    if (/^[0-9]{1,40}$/.test(digits)) return BigInt(digits)
    const macro = this.macros.get(token.text)
    if (macro !== undefined) return BigInt(macro)
    if (!/^[A-Za-z_]\w*$/.test(token.text)) throw this.unexpected('a number', token)
    this.warn('DEVICETREE_INCLUDE', `line ${token.line}: ${token.text} is not defined here; taken as 0`)
    if (this.take('(')) this.skipArguments()
    return 0n
  }

  /** A macro with arguments that some included file defines. */
  private skipArguments(): void {
    for (let open = 1; open > 0;) {
      const { text, kind } = this.advance()
      if (kind === 'end') throw this.unexpected(')')
      if (text === '(') open++
      else if (text === ')') open--
    }
  }

  private remove(parent: Node | undefined): void {
    const token = this.advance()
    const target = token.kind === 'reference' ? this.find(token.text) : parent && this.childOf(parent, token.text)
    const siblings = target?.parent?.children
    if (!target?.parent || !siblings) return
    siblings.splice(siblings.indexOf(target), 1)
    this.byName.get(target.parent)?.delete(target.name)
  }

  private node(name: string, parent: Node | undefined): Node {
    const path = !parent ? '/' : parent.path === '/' ? `/${name}` : `${parent.path}/${name}`
    const made: Node = { name, path, parent, properties: new Map(), children: [] }
    if (!parent) return made
    parent.children.push(made)
    const names = this.byName.get(parent) ?? new Map<string, Node>()
    this.byName.set(parent, names.set(name, made))
    return made
  }

  private childOf(node: Node, name: string): Node | undefined {
    return this.byName.get(node)?.get(name)
  }

  private labelsHere(): string[] {
    const found: string[] = []
    while (this.peek().kind === 'label') found.push(this.advance().text)
    return found
  }

  private name(labels: readonly string[], node: Node): void {
    for (const label of labels) this.labels.set(label, node)
  }

  /** `&label` or `&{/path}`. */
  private find(text: string): Node | undefined {
    if (!text.startsWith('/')) return this.labels.get(text)
    let node = this.root
    for (const name of text.split('/').filter((part) => part !== ''))
      node = node && (this.childOf(node, name) ?? node.children.find((one) => one.name.split('@')[0] === name))
    return node
  }

  /** Every node that a cell names gets a phandle that nothing has yet. */
  private resolve(root: Node): void {
    const taken = new Set<number>()
    for (const node of walk(root))
      for (const key of ['phandle', 'linux,phandle']) {
        const known = cells(node, key)?.[0]
        if (known !== undefined) taken.add(known)
      }
    let free = 1
    for (const { label, node, property, offset, at } of this.references) {
      const target = this.find(label)
      if (!target) {
        this.warn(
          'DEVICETREE_REFERENCE',
          `line ${at.line}: ${node.path} refers to &${label}, which is not defined here`,
        )
        continue
      }
      if (offset === undefined) {
        node.properties.set(property, Uint8Array.from([...target.path].map((letter) => letter.charCodeAt(0)).concat(0)))
        continue
      }
      let phandle = (cells(target, 'phandle') ?? cells(target, 'linux,phandle'))?.[0]
      if (phandle === undefined) {
        while (taken.has(free)) free++
        phandle = free
        taken.add(free)
        target.properties.set(
          'phandle',
          Uint8Array.of(free >>> 24, (free >> 16) & 0xff, (free >> 8) & 0xff, free & 0xff),
        )
      }
      const value = node.properties.get(property)
      if (value && offset + 4 <= value.length) new DataView(value.buffer).setUint32(value.byteOffset + offset, phandle)
    }
  }

  private peek(): Token {
    return this.all[this.next] ?? END
  }

  private advance(): Token {
    const token = this.peek()
    if (token.kind === 'end') throw this.unexpected('more text', token)
    this.next++
    return token
  }

  private take(mark: string): boolean {
    const token = this.peek()
    if (token.kind !== 'mark' || token.text !== mark) return false
    this.next++
    return true
  }

  private expect(mark: string): void {
    if (!this.take(mark)) throw this.unexpected(`"${mark}"`)
  }

  private unexpected(wanted: string, at = this.peek()): SyntaxFault {
    const found = at.kind === 'end' ? 'the text ends' : `found "${at.text.slice(0, 40)}"`
    return new SyntaxFault(this.problem(`${wanted} expected, ${found}`, at))
  }

  private problem(message: string, { line, column }: Token): Fault {
    return fault('DEVICETREE_SYNTAX', `device tree: ${message}`, { line, column })
  }
}

const END: Token = { kind: 'end', text: '', line: 1, column: 1 }

const PRECEDENCE: Record<string, number> = {
  '|': 1,
  '^': 2,
  '&': 3,
  '<<': 4,
  '>>': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  '%': 6,
}

function apply(operator: string, a: bigint, b: bigint): bigint {
  const [x, y] = [BigInt.asUintN(64, a), BigInt.asUintN(64, b)]
  switch (operator) {
    case '|':
      return x | y
    case '^':
      return x ^ y
    case '&':
      return x & y
    case '<<':
      return y > 63n ? 0n : BigInt.asUintN(64, x << y)
    case '>>':
      return y > 63n ? 0n : x >> y
    case '+':
      return x + y
    case '-':
      return x - y
    case '*':
      return BigInt.asUintN(64, x * y)
    case '/':
      return y === 0n ? 0n : x / y
    default:
      return y === 0n ? 0n : x % y
  }
}

function depthOf(node: Node): number {
  let depth = 0
  for (let up = node.parent; up; up = up.parent) depth++
  return depth
}
