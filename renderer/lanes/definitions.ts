/** Where names of a scenario are defined in its text, for go to definition; and which name stands at a place. */
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { readProgram } from './program'

export interface Definition {
  readonly line: number
  readonly column: number
  /** "operation", "block", "PASID" */
  readonly what: string
}

/** Sections whose keys are names. */
const SECTIONS: readonly (readonly [path: readonly string[], what: string])[] = [
  [['litmus', 'variables'], 'variable'],
  [['litmus', 'agents'], 'agent'],
  [['programs'], 'agent'],
  [['agents'], 'agent'],
  [['blocks'], 'block'],
  [['devices'], 'device'],
  [['pasids'], 'PASID'],
]

export function definitions(text: string): ReadonlyMap<string, Definition> {
  const found = new Map<string, Definition>()
  const program = readProgram(text)
  if (!program.ok) return found
  const lines = new LineCounter()
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const put = (name: unknown, offset: number | undefined, what: string): void => {
    if (typeof name !== 'string' || offset === undefined || found.has(name)) return
    const { line, col } = lines.linePos(offset)
    found.set(name, { line, column: col, what })
  }
  for (const lane of program.value.lanes)
    for (const list of lane.lists)
      for (const item of list.items)
        // A step of a litmus agent with indices is met with them (`send.d.v`) and where it is written (`send`).
        for (const name of program.value.kind === 'litmus' ? [item.id, item.name] : [item.id])
          if (name !== null && !found.has(name))
            found.set(name, { line: item.line, column: item.column, what: 'operation' })
  for (const [path, what] of SECTIONS) {
    const map = doc.getIn(path)
    if (isMap(map)) for (const { key } of map.items) if (isScalar(key)) put(key.value, key.range?.[0], what)
  }
  for (const path of [['properties'], ['litmus', 'properties']]) {
    const list = doc.getIn(path)
    for (const property of isSeq(list) ? list.items : []) {
      const name = isMap(property) ? property.get('name', true) : undefined
      if (isScalar(name)) put(name.value, name.range?.[0], 'property')
    }
  }
  const kinds = doc.getIn(['kinds'])
  for (const kind of isSeq(kinds) ? kinds.items : []) {
    const name = isMap(kind) ? kind.get('block', true) : undefined
    if (isScalar(name)) put(name.value, name.range?.[0], 'kind of block')
  }
  return found
}

/** The names that may be meant at a column (1-based) of a line, the longest first: `memory.store(0,x)`, `memory.store`, `memory`. */
export function namesAt(line: string, column: number): string[] {
  for (const match of line.matchAll(/[A-Za-z_][\w.-]*(\([^()\s]*\))?/g)) {
    const start = match.index + 1
    if (column < start || column > start + match[0].length) continue
    const word = match[0].replace(/\(.*$/, '')
    const parts = word.split('.')
    const heads = parts.map((_, i) => parts.slice(0, parts.length - i).join('.'))
    const under = parts.find((_part, i) => column <= start + parts.slice(0, i + 1).join('.').length)
    return [...new Set([match[0], ...heads, ...(under === undefined ? [] : [under])])]
  }
  return []
}
