/**
 * Writes a repair into a scenario's text: added edges as `orderings`, a move as another order of the lines that stand
 * there. Only those lines change, comments stay with theirs. The result is read again and compared with what it should
 * mean; where the text is laid out in a way that cannot be edited so, the document is printed anew.
 */
import { isCollection, isMap, isNode, isSeq, parseDocument } from 'yaml'
import { err, fault, ok, type Fault, type Result } from '../faults'
import { isRecord, ScenarioDocument, type Path } from './document'
import { movesOf, type Move } from './moves'
import { behindLast, commentsAbove, endOfLine, lineOf, plain, sameData } from './splice'

export interface Order {
  readonly edges: readonly { readonly before: string; readonly after: string }[]
  readonly moves: readonly { readonly agent: string; readonly order: readonly string[] }[]
}

export function orderInText(text: string, { edges, moves }: Order): Result<string, Fault> {
  let out = text
  for (const wanted of moves) {
    const move = movesOf(out).find((m) => m.agent === wanted.agent && same(m.order, wanted.order))
    if (!move)
      return err(
        fault('SCENARIO_ORDERING', `no step of ${wanted.agent} can be moved so that its order is that of the repair`, {
          hint: 'the text has changed since the repair was found: look for repairs again',
        }),
      )
    const read = ScenarioDocument.read(out)
    if (!read.ok) return read
    out = moved(read.value, out, move)
  }
  for (const edge of edges) {
    const read = ScenarioDocument.read(out)
    if (!read.ok) return read
    out = added(read.value, out, board(edge))
  }
  return ok(out)
}

type Edge = Order['edges'][number]

/** An ordering is said of every copy of a board: without the copy's own name. */
function board({ before, after }: Edge): Edge {
  const copy = /^vm\d+\./.exec(before)?.[0]
  return copy !== undefined && after.startsWith(copy)
    ? { before: before.slice(copy.length), after: after.slice(copy.length) }
    : { before, after }
}

function added(d: ScenarioDocument, text: string, edge: Edge): string {
  const litmus = isRecord(d.value) && isRecord(d.value['litmus'])
  const section: Path = litmus ? ['litmus'] : []
  const path = [...section, 'orderings']
  const before = d.yaml.getIn(path)
  const known: unknown[] = isSeq(before) ? before.toJSON() : []
  const fits = (candidate: string | null): candidate is string =>
    candidate !== null && sameData(candidate, [...path], [...known, { ...edge }])
  const item = `{ before: ${plain(edge.before)}, after: ${plain(edge.after)} }`
  const list = d.node(path)
  const spliced = isSeq(list) ? behindLast(text, list, item) : newList(d, text, section, item)
  if (fits(spliced)) return spliced
  const printed = parseDocument(text)
  const node = printed.createNode({ ...edge }, { flow: true })
  if (isSeq(printed.getIn(path))) printed.addIn(path, node)
  else printed.setIn(path, [node])
  return printed.toString({ lineWidth: 0 })
}

/** A list of its own, behind the programs or agents. */
function newList(d: ScenarioDocument, text: string, section: Path, item: string): string | null {
  const parent = d.node(section)
  const after = d.node([...section, section.length > 0 ? 'agents' : 'programs'])
  if (!isMap(parent) || parent.flow || !isCollection(after) || !after.range) return null
  const { column } = d.keyAt([...section, section.length > 0 ? 'agents' : 'programs'])
  const indent = ' '.repeat(column - 1)
  const end = endOfLine(text, after.range[1])
  return `${text.slice(0, end)}\n\n${indent}orderings:\n${indent}  - ${item}${text.slice(end)}`
}

function moved(d: ScenarioDocument, text: string, move: Move): string {
  const want = parseDocument(move.text).getIn(move.path.slice(0, move.path.includes('do') ? 2 : move.path.length))
  const spliced = permuted(d, text, move)
  const wanted = isNode(want) ? (want.toJSON() as unknown) : undefined
  const path = move.path.includes('do') ? move.path.slice(0, 2) : move.path
  // Handlers stand behind the program's own lines in what is compared with; where they stand in the text says nothing.
  const sorted = (x: unknown): unknown =>
    isList(x) ? [...x.filter((e) => !handler(e)), ...x.filter((e) => handler(e))] : x
  if (spliced !== null && sameData(spliced, path, sorted(wanted), sorted)) return spliced
  const printed = parseDocument(text)
  const list = printed.getIn(move.path)
  if (!isSeq(list)) return text
  const items = [...list.items]
  move.from.forEach((f, k) => (list.items[move.at[k] ?? k] = items[move.at[f] ?? f]))
  return printed.toString({ lineWidth: 0 })
}

const isList = (x: unknown): x is readonly unknown[] => Array.isArray(x)
const handler = (e: unknown): boolean => isRecord(e) && 'on' in e

/** The items' own characters, in the other order: whole lines with the comments above them, or what stands in brackets. */
function permuted(d: ScenarioDocument, text: string, { path, at, from }: Move): string | null {
  const list = d.node(path)
  if (!isSeq(list)) return null
  const spans: [number, number][] = []
  let open = 0
  for (const item of list.items) {
    if (!isNode(item) || !item.range) return null
    if (list.flow) {
      spans.push([item.range[0], item.range[1]])
      continue
    }
    const dash = text.lastIndexOf('-', item.range[0])
    const end = endOfLine(text, item.range[1])
    spans.push([spans.length === 0 ? commentsAbove(text, lineOf(text, dash)) : open, end])
    open = end
  }
  const parts = spans.map(([a, b]) => text.slice(a, b))
  // The first part has no line end before it, the others have.
  const bare = parts.map((p) => (list.flow ? p : p.replace(/^\n+/, '')))
  const lead = parts.map((p, i) => p.slice(0, p.length - (bare[i] ?? '').length))
  const order = [...spans.keys()]
  from.forEach((f, k) => (order[at[k] ?? k] = at[f] ?? f))
  let out = ''
  let done = 0
  spans.forEach(([a, b], i) => {
    out += text.slice(done, a) + (lead[i] ?? '') + (bare[order[i] ?? i] ?? '')
    done = b
  })
  return out + text.slice(done)
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((x, i) => x === b[i])
