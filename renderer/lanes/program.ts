/**
 * The programs of a scenario as lanes, read from its text; what the lanes change is the smallest edit of that text, with
 * its comments. Every edit is read again and compared with what it should mean: where it does not, it is refused.
 */
import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, type Document, type YAMLSeq } from 'yaml'

export type Path = readonly (string | number)[]

export interface Item {
  /** `qemu.request_irq`, `memory.store`; of a litmus agent the step's name. */
  readonly name: string
  /** `vector: 1, pasid: guest` */
  readonly operands: string
  /** What others call it; of a step of a litmus agent with indices (`Device.d.v`) with them: `send.d.v`. */
  readonly id: string | null
  /** Place in its list of the text. */
  readonly index: number
  readonly line: number
  readonly column: number
}

/** Items that one agent does in this order, and that may change places. */
export interface ItemList {
  /** Its path, joined: `programs.vmm.1.do` */
  readonly key: string
  readonly path: Path
  readonly agent: string
  /** `on msix_unmask`, `either, way 2`; null for the program itself. */
  readonly heading: string | null
  readonly depth: number
  readonly items: readonly Item[]
  /** What a block does by itself: it is not written in the text, and its order is the block's. */
  readonly fixed?: boolean
}

export interface ProgramLane {
  readonly agent: string
  readonly lists: readonly ItemList[]
}

export interface Ordering {
  readonly before: string
  readonly after: string
  readonly line: number
}

export interface ProgramText {
  readonly kind: 'programs' | 'litmus'
  readonly lanes: readonly ProgramLane[]
  readonly orderings: readonly Ordering[]
}

export type Read = { readonly ok: true; readonly value: ProgramText } | { readonly ok: false; readonly why: string }
export type Edit = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string }

const NOT_OPERATIONS = new Set(['id', 'when', 'if', 'on_error'])
const MAX_ALIASES = 100
const MAX_DEPTH = 6
/** Characters; longer texts are written by programs. */
const MAX_TEXT = 512 * 1024

interface Parsed {
  readonly doc: Document.Parsed
  readonly lines: LineCounter
  readonly value: unknown
}

function parse(text: string): Parsed | string {
  if (text.length > MAX_TEXT) return `the text has more than ${MAX_TEXT} characters`
  const lines = new LineCounter()
  try {
    const doc = parseDocument(text, { keepSourceTokens: true, lineCounter: lines, prettyErrors: false })
    const [broken] = doc.errors
    if (broken) return `line ${lines.linePos(broken.pos[0]).line}: ${broken.message}`
    return { doc, lines, value: doc.toJS({ maxAliasCount: MAX_ALIASES }) as unknown }
  } catch (error) {
    // Nested without end, or aliases that multiply: the check of the scenario says where.
    return error instanceof Error ? error.message : String(error)
  }
}

export function readProgram(text: string): Read {
  const parsed = parse(text)
  if (typeof parsed === 'string') return { ok: false, why: parsed }
  const { doc, lines } = parsed
  const kind = isMap(doc.getIn(['litmus'])) ? 'litmus' : 'programs'
  const root: Path = kind === 'litmus' ? ['litmus', 'agents'] : ['programs']
  const agents = doc.getIn(root)
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const lanes: ProgramLane[] = []
  for (const pair of isMap(agents) ? agents.items : []) {
    const agent = isScalar(pair.key) ? String(pair.key.value) : null
    if (agent === null) continue
    lanes.push({ agent, lists: listsOf(pair.value, [...root, agent], agent, null, 0, at) })
  }
  const seq = doc.getIn(orderingsOf(kind))
  const orderings = (isSeq(seq) ? seq.items : []).flatMap((node): Ordering[] => {
    const value: unknown = isNode(node) ? node.toJS(doc) : node
    if (!isRecord(value) || typeof value['before'] !== 'string' || typeof value['after'] !== 'string') return []
    return [
      { before: value['before'], after: value['after'], line: at(isNode(node) ? (node.range?.[0] ?? 0) : 0).line },
    ]
  })
  return { ok: true, value: { kind, lanes, orderings } }
}

const orderingsOf = (kind: ProgramText['kind']): Path => (kind === 'litmus' ? ['litmus', 'orderings'] : ['orderings'])

/** The list at a place, and those inside it: handlers, ways of an `either`, what is repeated. */
function listsOf(
  node: unknown,
  path: Path,
  agent: string,
  heading: string | null,
  depth: number,
  at: (offset: number) => { line: number; column: number },
): ItemList[] {
  if (!isSeq(node) || depth > MAX_DEPTH) return []
  const items: Item[] = []
  const inner: ItemList[] = []
  node.items.forEach((entry, index) => {
    const place = at(isNode(entry) ? (entry.range?.[0] ?? 0) : 0)
    if (isScalar(entry)) {
      items.push({ name: String(entry.value), operands: '', id: null, index, ...place })
      return
    }
    if (!isMap(entry)) return
    const get = (key: string): unknown => entry.get(key)
    if (entry.has('on')) {
      const event = String(get('on'))
      inner.push(...listsOf(get('do'), [...path, index, 'do'], agent, `on ${event}`, depth + 1, at))
      return
    }
    const step = get('step')
    const operation = entry.items.find((p) => isScalar(p.key) && !NOT_OPERATIONS.has(String(p.key.value)))
    const key = operation && isScalar(operation.key) ? String(operation.key.value) : '?'
    const name = typeof step === 'string' ? step : key
    const id = get('id')
    items.push({
      name,
      operands: typeof step === 'string' ? litmusWords(entry.toJSON()) : wordsOf(operation?.value),
      id: typeof step === 'string' ? step + indicesOf(agent) : typeof id === 'string' ? id : null,
      index,
      ...place,
    })
    if (key === 'either' && operation && isSeq(operation.value))
      operation.value.items.forEach((way, i) => {
        const [list, more] = isMap(way) ? [way.get('do'), ['do']] : [way, []]
        inner.push(
          ...listsOf(list, [...path, index, 'either', i, ...more], agent, `either, way ${i + 1}`, depth + 1, at),
        )
      })
    if (key === 'repeat' && operation && isMap(operation.value))
      inner.push(
        ...listsOf(operation.value.get('do'), [...path, index, 'repeat', 'do'], agent, 'repeat', depth + 1, at),
      )
  })
  return [{ key: path.join('.'), path, agent, heading, depth, items }, ...inner]
}

/** `Device.d.v` → `.d.v` */
const indicesOf = (agent: string): string => /\..*$/.exec(agent)?.[0] ?? ''

/** `{ vector: 1, pasid: guest }` → `vector: 1, pasid: guest` */
function wordsOf(node: unknown): string {
  if (!isMap(node)) return isScalar(node) ? plain(node.value) : ''
  return node.items
    .flatMap((p) =>
      isPair(p) && isScalar(p.key) && isScalar(p.value) ? [`${String(p.key.value)}: ${String(p.value.value)}`] : [],
    )
    .join(', ')
}

function litmusWords(value: unknown): string {
  if (!isRecord(value)) return ''
  const set = isRecord(value['set']) ? Object.entries(value['set']).map(([k, v]) => `${k} := ${plain(v)}`) : []
  const when = value['when'] === undefined ? [] : [`when ${plain(value['when'])}`]
  return [...when, ...set].join(', ')
}

/** A scalar in words; nothing of what is none. */
const plain = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''

/** Takes the item at `from` out and puts it where `to` is (places among the list's items). */
export function moveItem(text: string, list: ItemList, from: number, to: number): Edit {
  const parsed = parse(text)
  if (typeof parsed === 'string') return refuse(parsed)
  const seq = parsed.doc.getIn(list.path)
  const [a, b] = [list.items[from], list.items[to]]
  if (!isSeq(seq) || !a || !b || a === b) return refuse('there is no place to move it to')
  // Places in the text's own list, of which handlers are also entries.
  const order = list.items.map((item) => item.index)
  const next = order.toSpliced(from, 1).toSpliced(to, 0, a.index)
  const whole = seq.items.map((_, i) => {
    const k = order.indexOf(i)
    return k < 0 ? i : (next[k] ?? i)
  })
  const edited = seq.flow ? permuteFlow(text, seq, whole) : permuteBlock(text, seq, whole)
  if (edited === null) return refuse('its lines cannot be told apart; move it in the text')
  return verified(
    edited,
    setAt(parsed.value, list.path, (old) => whole.map((i) => (old as unknown[])[i])),
  )
}

function permuteFlow(text: string, seq: YAMLSeq, order: readonly number[]): string | null {
  const spans = seq.items.map((n) => (isNode(n) ? n.range : null))
  let out = ''
  let at = 0
  for (const [i, k] of order.entries()) {
    const [here, source] = [spans[i], spans[k]]
    if (!here || !source) return null
    out += text.slice(at, here[0]) + text.slice(source[0], source[1])
    at = here[1]
  }
  return out + text.slice(at)
}

/** Whole lines: an item has the comments and empty lines above it. Null where an item shares a line with something else. */
function permuteBlock(text: string, seq: YAMLSeq, order: readonly number[]): string | null {
  const chunks = chunksOf(text, seq)
  if (!chunks) return null
  const [first, last] = [chunks[0], chunks.at(-1)]
  if (!first || !last) return null
  const parts = order.map((k) => {
    const part = text.slice(chunks[k]?.start, chunks[k]?.end)
    return part.endsWith('\n') ? part : `${part}\n`
  })
  const joined = parts.join('')
  return (
    text.slice(0, first.start) +
    (text.slice(0, last.end).endsWith('\n') ? joined : joined.slice(0, -1)) +
    text.slice(last.end)
  )
}

function chunksOf(text: string, seq: YAMLSeq): { start: number; end: number }[] | null {
  const token = seq.srcToken
  if (token?.type !== 'block-seq') return null
  const lineStart = (offset: number): number => text.lastIndexOf('\n', offset - 1) + 1
  const lineEnd = (offset: number): number => {
    const end = text.indexOf('\n', offset)
    return end < 0 ? text.length : end + 1
  }
  const chunks: { start: number; end: number }[] = []
  for (const [i, item] of token.items.entries()) {
    const dash = item.start.find((t) => t.type === 'seq-item-ind')
    if (!dash || text.slice(lineStart(dash.offset), dash.offset).trim() !== '') return null
    const node = seq.items[i]
    let end = isNode(node) && node.range ? Math.max(node.range[1], dash.offset + 1) : dash.offset + 1
    while (end > dash.offset + 1 && /\s/.test(text.charAt(end - 1))) end--
    const before = chunks.at(-1)
    let start = before ? before.end : lineStart(dash.offset)
    if (!before)
      for (;;) {
        // Comments right above the first item, not deeper or shallower than it, are its own.
        const above = lineStart(start - 1)
        const line = text.slice(above, Math.max(above, start - 1))
        if (start === 0 || !/^\s*#/.test(line) || line.search(/\S/) !== dash.offset - lineStart(dash.offset)) break
        start = above
      }
    chunks.push({ start, end: lineEnd(end - 1) })
  }
  return chunks
}

/** `before` has to have happened before `after` can. */
export function addOrdering(text: string, kind: ProgramText['kind'], before: string, after: string): Edit {
  const parsed = parse(text)
  if (typeof parsed === 'string') return refuse(parsed)
  const path = orderingsOf(kind)
  const seq = parsed.doc.getIn(path)
  const entry = `{ before: ${quoted(before)}, after: ${quoted(after)} }`
  const want = setAt(parsed.value, path, (old) => [
    ...(Array.isArray(old) ? (old as unknown[]) : []),
    { before, after },
  ])
  if (isSeq(seq) && seq.range) {
    const last = seq.items.at(-1)
    if (seq.flow) {
      const inner = isNode(last) && last.range ? last.range[1] : seq.range[0] + 1
      return verified(`${text.slice(0, inner)}${last ? ', ' : ''}${entry}${text.slice(inner)}`, want)
    }
    const chunks = chunksOf(text, seq)
    const end = chunks?.at(-1)?.end
    const start = chunks?.at(-1)?.start
    if (end !== undefined && start !== undefined) {
      const indent = /^(\s*)- /m.exec(text.slice(start, end))?.[1] ?? '  '
      const line = `${indent.replace(/.*\n/s, '')}- ${entry}\n`
      return verified(`${withBreak(text.slice(0, end))}${line}${text.slice(end)}`, want)
    }
  }
  if (seq !== undefined && seq !== null && !isSeq(seq)) return refuse('"orderings" is not a list')
  return verified(newSection(text, kind, entry, parsed), want)
}

/** Before the properties, where a reader looks for it; else at the end. */
function newSection(text: string, kind: ProgramText['kind'], entry: string, { doc }: Parsed): string {
  const parent = kind === 'litmus' ? doc.getIn(['litmus']) : doc.contents
  const map = isMap(parent) ? parent : null
  const empty = map?.items.find((p) => isScalar(p.key) && p.key.value === 'orderings')
  if (empty && isScalar(empty.key) && empty.key.range) {
    // "orderings:" with nothing behind it.
    const colon = text.indexOf(':', empty.key.range[1] - 1)
    return `${text.slice(0, colon + 1)} [${entry}]${text.slice(colon + 1)}`
  }
  const next = map?.items.find((p) => isScalar(p.key) && p.key.value === 'properties')
  const first = map?.items[0]
  const column = (offset: number): number => offset - (text.lastIndexOf('\n', offset - 1) + 1)
  const indent = ' '.repeat(first && isScalar(first.key) && first.key.range ? column(first.key.range[0]) : 0)
  const lines = `${indent}orderings:\n${indent}  - ${entry}\n`
  if (map?.flow) {
    const at = (map.range?.[1] ?? text.length) - 1
    return `${text.slice(0, at)}, orderings: [${entry}] ${text.slice(at)}`
  }
  if (next && isScalar(next.key) && next.key.range) {
    let at = next.key.range[0] - indent.length
    for (;;) {
      const above = text.lastIndexOf('\n', at - 2) + 1
      if (at === 0 || !/^\s*#/.test(text.slice(above, at))) break
      at = above
    }
    const apart = indent === '' && /\n\s*\n$/.test(text.slice(0, at)) ? '\n' : ''
    return `${text.slice(0, at)}${lines}${apart}${text.slice(at)}`
  }
  let end = map?.range?.[1] ?? text.length
  while (end > 0 && /\s/.test(text.charAt(end - 1))) end--
  const stop = text.indexOf('\n', end)
  const at = stop < 0 ? text.length : stop + 1
  return withBreak(text.slice(0, at)) + lines + text.slice(at)
}

const withBreak = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)

export function removeOrdering(text: string, kind: ProgramText['kind'], index: number): Edit {
  const parsed = parse(text)
  if (typeof parsed === 'string') return refuse(parsed)
  const path = orderingsOf(kind)
  const seq = parsed.doc.getIn(path)
  if (!isSeq(seq) || !seq.items[index]) return refuse('there is no such ordering')
  const want = setAt(parsed.value, path, (old) => (old as unknown[]).toSpliced(index, 1))
  if (seq.flow && seq.range) {
    const rest = seq.items
      .toSpliced(index, 1)
      .map((n) => (isNode(n) && n.range ? text.slice(n.range[0], n.range[1]) : ''))
    return verified(`${text.slice(0, seq.range[0])}[${rest.join(', ')}]${text.slice(seq.range[1])}`, want)
  }
  const chunk = chunksOf(text, seq)?.[index]
  if (!chunk) return refuse('its line cannot be told apart; remove it in the text')
  if (seq.items.length > 1) return verified(text.slice(0, chunk.start) + text.slice(chunk.end), want)
  // The last one takes its key along.
  const key = text.lastIndexOf('orderings', chunk.start)
  const start = text.lastIndexOf('\n', key) + 1
  const after = text.slice(chunk.end)
  const gap = start > 0 && /\n\s*\n$/.test(text.slice(0, start)) ? after.replace(/^\s*\n/, '') : after
  return verified(
    text.slice(0, start) + gap,
    setAt(parsed.value, path, () => undefined),
  )
}

const refuse = (why: string): Edit => ({ ok: false, why })
const quoted = (name: string): string => (/^[A-Za-z_][\w.]*$/.test(name) ? name : JSON.stringify(name))

function verified(text: string, want: unknown): Edit {
  const again = parse(text)
  if (typeof again === 'string') return refuse(`the text would not be YAML any more (${again}); change it by hand`)
  if (canonical(again.value) !== canonical(want)) return refuse('the text would mean something else; change it by hand')
  return { ok: true, text }
}

/** Without regard to the order of keys; what is undefined is not there. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    isRecord(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  )

function setAt(value: unknown, [key, ...rest]: Path, change: (old: unknown) => unknown): unknown {
  if (key === undefined) return change(value)
  if (Array.isArray(value)) return (value as unknown[]).map((v, i) => (i === Number(key) ? setAt(v, rest, change) : v))
  const record = isRecord(value) ? value : {}
  return { ...record, [key]: setAt(record[key], rest, change) }
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x)
