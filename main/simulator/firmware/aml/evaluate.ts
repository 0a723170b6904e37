/**
 * As much of an interpreter as constants and a plain _DSM need: comparisons, If and Else, Switch as compilers write it,
 * locals, calls. Everything that touches hardware is unknown, and an If on it is followed both ways.
 */
import { nameAt, opcodeAt, packageAt, skipTerm, startsName } from './code'
import { lookUp, type Method, type Namespace } from './namespace'

/** The bytecode computes it from what is not at hand. */
export const UNKNOWN = 'unknown' as const
/** Strings are wrapped, so that the word "unknown" in a table stays a string. */
export interface Text {
  readonly text: string
}
export type Data = number | Text | Uint8Array | readonly Data[] | typeof UNKNOWN

const CALL_LIMIT = 8
/** Blocks in blocks, and questions whose answer is not known behind each other. */
const BLOCK_LIMIT = 300
const STEP_LIMIT = 20_000
const BUFFER_LIMIT = 65536
const ELEMENT_LIMIT = 4096

/** A constant in the namespace: number, text, buffer or package; what is no constant in it is unknown. */
export function constantOf(space: Namespace, path: string): Data | undefined {
  const piece = space.names.get(path)
  if (!piece) return undefined
  if (piece.conditional) return UNKNOWN
  const scope = path.slice(0, Math.max(1, path.lastIndexOf('.')))
  return new Run(space, scope).value(piece.data, piece.start).data
}

/** What a method returns for these arguments: undefined when it returns nothing. */
export function resultOf(space: Namespace, path: string, args: readonly Data[]): Data | undefined {
  const method = space.methods.get(path)
  if (!method) return undefined
  if (method.conditional) return UNKNOWN
  const scope = path.slice(0, Math.max(1, path.lastIndexOf('.')))
  return new Run(space, scope).call(method, path, args)
}

interface Frame {
  readonly args: readonly Data[]
  /** Locals by number, names by their last segment. */
  readonly slots: Map<string, Data>
}

type Outcome =
  { readonly kind: 'on' } | { readonly kind: 'break' } | { readonly kind: 'return'; readonly value: Data | undefined }
const ON: Outcome = { kind: 'on' }
const BREAK: Outcome = { kind: 'break' }
const UNCLEAR: Outcome = { kind: 'return', value: UNKNOWN }

interface Read {
  readonly data: Data
  /** Undefined where the bytes cannot be passed over. */
  readonly end: number | undefined
}

class Run {
  private calls = 0
  private steps = 0
  private depth = 0

  constructor(
    private readonly space: Namespace,
    private scope: string,
  ) {}

  call(method: Method, path: string, args: readonly Data[]): Data | undefined {
    if (++this.calls > CALL_LIMIT) return UNKNOWN
    const { scope } = this
    this.scope = path
    const outcome = this.block(method.data, method.start, method.end, { args, slots: new Map() })
    this.scope = scope
    this.calls--
    return outcome.kind === 'return' ? outcome.value : undefined
  }

  private readonly count = (name: string): number => lookUp(this.space.methods, this.scope, name)?.args ?? 0

  private block(data: Uint8Array, start: number, end: number, frame: Frame): Outcome {
    if (this.depth > BLOCK_LIMIT) return UNCLEAR
    this.depth++
    const outcome = this.statements(data, start, end, frame)
    this.depth--
    return outcome
  }

  private statements(data: Uint8Array, start: number, end: number, frame: Frame): Outcome {
    for (let at = start; at < end;) {
      if (++this.steps > STEP_LIMIT) return UNCLEAR
      const opcode = opcodeAt(data, at)
      if (!opcode) return UNCLEAR
      let next: number | undefined
      switch (opcode.code) {
        case 0xa4:
          return { kind: 'return', value: this.value(data, opcode.at, frame).data }
        case 0xa5:
          return BREAK
        case 0xa0: {
          const { outcome, next: behind } = this.choice(data, opcode.at, end, frame)
          if (outcome.kind !== 'on') return outcome
          next = behind
          break
        }
        case 0xa2: {
          const pkg = packageAt(data, opcode.at)
          const loop = pkg ? this.loop(data, pkg, frame) : UNCLEAR
          if (loop.kind === 'return') return loop
          next = pkg?.end
          break
        }
        case 0x70:
          next = this.store(data, opcode.at, frame)
          break
        case 0x08: {
          const name = nameAt(data, opcode.at)
          const read = name && this.value(data, name.end, frame)
          if (name && read) frame.slots.set(name.text.slice(-4), read.data)
          next = read?.end
          break
        }
        default:
          next = this.value(data, at, frame).end
      }
      if (next === undefined || next <= at || next > end) return UNCLEAR
      at = next
    }
    return ON
  }

  /** An If with its Else; where the condition is unknown both ways are followed, and must come out the same. */
  private choice(
    data: Uint8Array,
    at: number,
    end: number,
    frame: Frame,
  ): { outcome: Outcome; next: number | undefined } {
    const pkg = packageAt(data, at)
    const test = pkg && this.value(data, pkg.start, frame)
    if (!pkg || test?.end === undefined || pkg.end > end) return { outcome: UNCLEAR, next: undefined }
    const other = data[pkg.end] === 0xa1 && pkg.end < end ? packageAt(data, pkg.end + 1) : undefined
    const next = other?.end ?? pkg.end
    const { end: body } = test
    const yes = (on: Frame): Outcome => this.block(data, body, pkg.end, on)
    const no = (on: Frame): Outcome => (other ? this.block(data, other.start, other.end, on) : ON)
    if (typeof test.data === 'number') return { outcome: test.data !== 0 ? yes(frame) : no(frame), next }
    const [a, b] = [yes(copy(frame)), no(copy(frame))]
    if (a.kind === 'on' && b.kind === 'on') {
      for (const slot of frame.slots.keys()) frame.slots.set(slot, UNKNOWN)
      return { outcome: ON, next }
    }
    // One way leaves and the other goes on: what comes behind must give the same.
    const rest = a.kind === 'on' || b.kind === 'on' ? this.block(data, next, end, copy(frame)) : undefined
    const [x, y] = [a.kind === 'on' ? (rest ?? a) : a, b.kind === 'on' ? (rest ?? b) : b]
    return { outcome: same(x, y) ? x : UNCLEAR, next }
  }

  /** `While (One) { … Break }` is how compilers write Switch; real loops are not followed. */
  private loop(data: Uint8Array, pkg: { start: number; end: number }, frame: Frame): Outcome {
    const test = this.value(data, pkg.start, frame)
    if (test.end === undefined || typeof test.data !== 'number') return UNCLEAR
    if (test.data === 0) return ON
    const once = this.block(data, test.end, pkg.end, frame)
    return once.kind === 'on' ? UNCLEAR : once.kind === 'break' ? ON : once
  }

  private store(data: Uint8Array, at: number, frame: Frame): number | undefined {
    const read = this.value(data, at, frame)
    if (read.end === undefined) return undefined
    const target = data[read.end]
    if (target !== undefined && target >= 0x60 && target <= 0x67) {
      frame.slots.set(`local${target - 0x60}`, read.data)
      return read.end + 1
    }
    if (target !== undefined && startsName(target)) {
      const name = nameAt(data, read.end)
      if (name) frame.slots.set(name.text.slice(-4), read.data)
      return name?.end
    }
    return skipTerm(data, read.end, this.count)
  }

  value(data: Uint8Array, at: number, frame: Frame = { args: [], slots: new Map() }, depth = 0): Read {
    const opcode = opcodeAt(data, at)
    if (!opcode || depth > 60 || ++this.steps > STEP_LIMIT) return { data: UNKNOWN, end: undefined }
    const { code, at: here } = opcode
    const number = (size: number): Read => {
      let word = 0
      for (let i = size - 1; i >= 0; i--) word = word * 256 + (data[here + i] ?? 0)
      return { data: word, end: here + size <= data.length ? here + size : undefined }
    }
    const two = (of: (a: Data, b: Data) => Data): Read => {
      const a = this.value(data, here, frame, depth + 1)
      const b = a.end === undefined ? a : this.value(data, a.end, frame, depth + 1)
      return { data: b.end === undefined ? UNKNOWN : of(a.data, b.data), end: b.end }
    }
    if (code >= 0x60 && code <= 0x67) return { data: frame.slots.get(`local${code - 0x60}`) ?? UNKNOWN, end: here }
    if (code >= 0x68 && code <= 0x6e) return { data: frame.args[code - 0x68] ?? UNKNOWN, end: here }
    if (code < 0x100 && startsName(code)) return this.named(data, at, frame, depth)
    switch (code) {
      case 0x00:
        return { data: 0, end: here }
      case 0x01:
        return { data: 1, end: here }
      case 0xff:
        return { data: Number.MAX_SAFE_INTEGER, end: here } // all ones: no address or index is equal to it
      case 0x0a:
        return number(1)
      case 0x0b:
        return number(2)
      case 0x0c:
        return number(4)
      case 0x0e:
        return number(8)
      case 0x0d: {
        const end = data.indexOf(0, here)
        if (end < 0) return { data: UNKNOWN, end: undefined }
        return { data: { text: String.fromCharCode(...data.subarray(here, Math.min(end, here + 256))) }, end: end + 1 }
      }
      case 0x11:
        return this.buffer(data, here, frame, depth)
      case 0x12:
      case 0x13:
        return this.elements(data, here, code, frame, depth)
      case 0x90:
        return two((a, b) => (a === 0 || b === 0 ? 0 : truth(a) && truth(b) ? 1 : UNKNOWN))
      case 0x91:
        return two((a, b) => (truth(a) || truth(b) ? 1 : a === 0 && b === 0 ? 0 : UNKNOWN))
      case 0x92: {
        const a = this.value(data, here, frame, depth + 1)
        return { data: typeof a.data === 'number' ? Number(a.data === 0) : UNKNOWN, end: a.end }
      }
      case 0x93:
        return two(equal)
      case 0x94:
        return two((a, b) => (typeof a === 'number' && typeof b === 'number' ? Number(a > b) : UNKNOWN))
      case 0x95:
        return two((a, b) => (typeof a === 'number' && typeof b === 'number' ? Number(a < b) : UNKNOWN))
      case 0x99: {
        const a = this.value(data, here, frame, depth + 1)
        const end = skipTerm(data, at, this.count)
        return { data: typeof a.data === 'number' ? a.data : UNKNOWN, end }
      }
      default:
        return { data: UNKNOWN, end: skipTerm(data, at, this.count) }
    }
  }

  private named(data: Uint8Array, at: number, frame: Frame, depth: number): Read {
    const name = nameAt(data, at)
    if (!name) return { data: UNKNOWN, end: undefined }
    const own = frame.slots.get(name.text)
    if (own !== undefined) return { data: own, end: name.end }
    for (let up = this.scope; ; up = up.slice(0, Math.max(1, up.lastIndexOf('.')))) {
      const path = name.text.startsWith('\\') ? name.text : up === '\\' ? `\\${name.text}` : `${up}.${name.text}`
      const method = this.space.methods.get(path)
      if (method) return this.invoke(method, path, data, name.end, frame, depth)
      // A name may have been written to since: only what no method could change would be a constant.
      if (this.space.names.has(path) || up === '\\' || name.text.startsWith('\\')) break
    }
    return { data: UNKNOWN, end: skipTerm(data, at, this.count) }
  }

  private invoke(method: Method, path: string, data: Uint8Array, at: number, frame: Frame, depth: number): Read {
    const args: Data[] = []
    let end: number | undefined = at
    for (let i = 0; i < method.args && end !== undefined; i++) {
      const read = this.value(data, end, frame, depth + 1)
      args.push(read.data)
      end = read.end
    }
    if (end === undefined) return { data: UNKNOWN, end }
    return { data: method.conditional ? UNKNOWN : (this.call(method, path, args) ?? UNKNOWN), end }
  }

  private buffer(data: Uint8Array, at: number, frame: Frame, depth: number): Read {
    const pkg = packageAt(data, at)
    const size = pkg && this.value(data, pkg.start, frame, depth + 1)
    if (!pkg || size?.end === undefined || size.end > pkg.end) return { data: UNKNOWN, end: pkg?.end }
    if (typeof size.data !== 'number' || size.data > BUFFER_LIMIT) return { data: UNKNOWN, end: pkg.end }
    const bytes = new Uint8Array(Math.max(size.data, pkg.end - size.end))
    bytes.set(data.subarray(size.end, pkg.end))
    return { data: bytes, end: pkg.end }
  }

  private elements(data: Uint8Array, start: number, code: number, frame: Frame, depth: number): Read {
    const pkg = packageAt(data, start)
    if (!pkg) return { data: UNKNOWN, end: undefined }
    const items: Data[] = []
    let at = code === 0x12 ? pkg.start + 1 : this.value(data, pkg.start, frame, depth + 1).end
    while (at !== undefined && at < pkg.end && items.length < ELEMENT_LIMIT) {
      // Names in a package are references, not calls.
      const byte = data[at]
      const name = byte !== undefined && startsName(byte) ? nameAt(data, at) : undefined
      const read: Read = name ? { data: UNKNOWN, end: name.end } : this.value(data, at, frame, depth + 1)
      items.push(read.data)
      at = read.end
    }
    return { data: at === undefined ? UNKNOWN : items, end: pkg.end }
  }
}

const copy = (frame: Frame): Frame => ({ args: frame.args, slots: new Map(frame.slots) })
const truth = (data: Data): boolean => typeof data === 'number' && data !== 0

function equal(a: Data, b: Data): Data {
  if (typeof a === 'number' && typeof b === 'number') return Number(a === b)
  if (a instanceof Uint8Array && b instanceof Uint8Array)
    return Number(a.length === b.length && a.every((byte, i) => byte === b[i]))
  if (isText(a) && isText(b)) return Number(a.text === b.text)
  return UNKNOWN
}

export const isText = (data: Data | undefined): data is Text =>
  typeof data === 'object' && !(data instanceof Uint8Array) && 'text' in data

/** As far as anybody asks: the same number, or both no number at all. */
function same(a: Outcome, b: Outcome): boolean {
  if (a.kind !== 'return' || b.kind !== 'return') return a.kind === b.kind
  if (a.value === UNKNOWN || b.value === UNKNOWN) return false
  if (typeof a.value === 'number' || typeof b.value === 'number') return a.value === b.value
  return !Array.isArray(a.value) && !Array.isArray(b.value)
}
