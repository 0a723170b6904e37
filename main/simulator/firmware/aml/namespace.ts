/**
 * Tables of AML → a namespace: devices, methods and named values by path. Only definitions are walked; what is inside a
 * method stays bytes. Where a block is not understood the walk goes on behind it, and its scope is marked.
 */
import type { PlatformWarning } from '../../platform/schema'
import { warning } from '../warnings'
import { nameAt, opcodeAt, packageAt, skipTerm } from './code'

/** A piece of a table's bytes. */
export interface Piece {
  readonly data: Uint8Array
  readonly start: number
  readonly end: number
  /** Inside an `If` of the table itself: whether it exists is computed when the table is loaded. */
  readonly conditional: boolean
}

export interface Method extends Piece {
  readonly args: number
}

export interface Namespace {
  readonly devices: ReadonlySet<string>
  readonly methods: ReadonlyMap<string, Method>
  readonly names: ReadonlyMap<string, Piece>
  /** Scopes in which something was not understood. */
  readonly unclear: ReadonlySet<string>
}

/** Blocks with a name: opcode → bytes between the name and what is inside. */
const BLOCKS: Record<number, number> = { 0x10: 0, 0x5b82: 0, 0x5b85: 0, 0x5b83: 6, 0x5b84: 3 }
const DEVICE = 0x5b82
const SCOPE = 0x10
const DEPTH_LIMIT = 64

export interface AmlTable {
  /** For messages: DSDT, SSDT2. */
  readonly name: string
  /** The whole table, header included. */
  readonly data: Uint8Array
}

export function namespaceOf(tables: readonly AmlTable[], warnings: PlatformWarning[]): Namespace {
  // A call can only be passed over when the method is known, which may be defined further on: hence two walks.
  const first = new Walk(new Map())
  for (const table of tables) first.table(table, [])
  const second = new Walk(first.methods)
  for (const table of tables) second.table(table, warnings)
  return second
}

const HEADER_LENGTH = 36

class Walk implements Namespace {
  readonly devices = new Set<string>()
  readonly methods = new Map<string, Method>()
  readonly names = new Map<string, Piece>()
  readonly unclear = new Set<string>()
  private warnings: PlatformWarning[] = []
  private file = ''

  constructor(private readonly known: ReadonlyMap<string, Method>) {}

  table({ name, data }: AmlTable, warnings: PlatformWarning[]): void {
    this.warnings = warnings
    this.file = name
    this.block(data, HEADER_LENGTH, data.length, '\\', false, 0)
  }

  private block(
    data: Uint8Array,
    start: number,
    end: number,
    scope: string,
    conditional: boolean,
    depth: number,
  ): void {
    for (let at = start; at < end;) {
      const next = depth > DEPTH_LIMIT ? undefined : this.term(data, at, end, scope, conditional, depth)
      if (next === undefined || next <= at || next > end) {
        this.unclear.add(scope)
        this.warnings.push(
          warning(
            'AML_NOT_UNDERSTOOD',
            `${this.file}: bytecode in ${scope} is not understood; the rest of it is passed over`,
            {
              file: this.file,
              offset: at,
            },
          ),
        )
        return
      }
      at = next
    }
  }

  /** Offset behind the definition at `at`. */
  private term(
    data: Uint8Array,
    at: number,
    end: number,
    scope: string,
    conditional: boolean,
    depth: number,
  ): number | undefined {
    const opcode = opcodeAt(data, at)
    if (!opcode) return undefined
    const { code } = opcode
    const count = (name: string): number => lookUp(this.known, scope, name)?.args ?? 0
    if (BLOCKS[code] !== undefined) return this.named(data, opcode.at, code, scope, conditional, depth)
    if (code === 0x14) return this.method(data, opcode.at, scope, conditional)
    if (code === 0x08) {
      const name = nameAt(data, opcode.at)
      const value = name && skipTerm(data, name.end, count)
      if (!name || value === undefined) return undefined
      this.names.set(resolve(scope, name.text), { data, start: name.end, end: value, conditional })
      return value
    }
    if (code === 0xa0 || code === 0xa1 || code === 0xa2) {
      const pkg = packageAt(data, opcode.at)
      const inside = pkg && (code === 0xa1 ? pkg.start : skipTerm(data, pkg.start, count))
      if (!pkg || inside === undefined || pkg.end > end) return undefined
      this.block(data, inside, pkg.end, scope, true, depth + 1)
      return pkg.end
    }
    return skipTerm(data, at, count)
  }

  private named(
    data: Uint8Array,
    at: number,
    code: number,
    scope: string,
    conditional: boolean,
    depth: number,
  ): number | undefined {
    const pkg = packageAt(data, at)
    const name = pkg && nameAt(data, pkg.start)
    if (!pkg || !name || name.end > pkg.end) return undefined
    const path = code === SCOPE ? this.existing(scope, name.text) : resolve(scope, name.text)
    if (code === DEVICE) this.devices.add(path)
    this.block(data, name.end + (BLOCKS[code] ?? 0), pkg.end, path, conditional, depth + 1)
    return pkg.end
  }

  private method(data: Uint8Array, at: number, scope: string, conditional: boolean): number | undefined {
    const pkg = packageAt(data, at)
    const name = pkg && nameAt(data, pkg.start)
    const flags = name && data[name.end]
    if (!pkg || !name || flags === undefined || name.end >= pkg.end) return undefined
    this.methods.set(resolve(scope, name.text), {
      data,
      start: name.end + 1,
      end: pkg.end,
      conditional,
      args: flags & 7,
    })
    return pkg.end
  }

  /** `Scope (PCI0)` opens the nearest device of that name, going up. */
  private existing(scope: string, name: string): string {
    for (const path of candidates(scope, name)) if (this.devices.has(path)) return path
    return resolve(scope, name)
  }
}

/** `\_SB_.PCI0` and `^^X` or `A.B` → a path from the root: `\_SB_.PCI0.A___`; the root itself is `\`. */
export function resolve(scope: string, name: string): string {
  if (name.startsWith('\\')) return name
  let base = scope
  let rest = name
  for (; rest.startsWith('^'); rest = rest.slice(1)) base = parentOf(base)
  if (rest === '') return base
  return base === '\\' ? `\\${rest}` : `${base}.${rest}`
}

export const parentOf = (path: string): string => {
  const dot = path.lastIndexOf('.')
  return dot < 0 ? '\\' : path.slice(0, dot)
}

/** A single segment is looked for in every scope above; everything else is meant as written. */
function* candidates(scope: string, name: string): Generator<string> {
  if (!/^[A-Z_][A-Z0-9_]{3}$/.test(name)) {
    yield resolve(scope, name)
    return
  }
  for (let up = scope; ; up = parentOf(up)) {
    yield resolve(up, name)
    if (up === '\\') return
  }
}

export function lookUp<T>(map: ReadonlyMap<string, T>, scope: string, name: string): T | undefined {
  for (const path of candidates(scope, name)) {
    const found = map.get(path)
    if (found !== undefined) return found
  }
  return undefined
}
