/** Small edits of a scenario's text that leave everything else as it stands: what more than one writer needs. */
import { isNode, type YAMLSeq } from 'yaml'
import { ScenarioDocument, type Path } from './document'

/** One more item of a list that is there. */
export function behindLast(text: string, list: YAMLSeq, item: string): string | null {
  if (!list.range) return null
  if (list.flow) {
    const close = text.lastIndexOf(']', list.range[1])
    const inside = text.slice(list.range[0] + 1, close).trimEnd()
    const head = text.slice(0, list.range[0] + 1) + inside
    return `${head}${inside.trim() === '' ? '' : ','} ${item} ${text.slice(close)}`
  }
  const last = list.items.at(-1)
  if (!isNode(last) || !last.range) return null
  const dash = text.lastIndexOf('-', last.range[0])
  const indent = text.slice(text.lastIndexOf('\n', dash) + 1, dash)
  const end = endOfLine(text, last.range[1])
  return `${text.slice(0, end)}\n${indent}- ${item}${text.slice(end)}`
}

/** Where the line of this place begins. */
export const lineOf = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1

/** The end of the line in which content that ends at `offset` ends. */
export function endOfLine(text: string, offset: number): number {
  const end = text.indexOf('\n', text.slice(0, offset).trimEnd().length)
  return end < 0 ? text.length : end
}

/** Where the comments begin that stand right above a line. */
export function commentsAbove(text: string, line: number): number {
  let start = line
  while (start > 0) {
    const above = lineOf(text, start - 1)
    if (
      !text
        .slice(above, start - 1)
        .trimStart()
        .startsWith('#')
    )
      break
    start = above
  }
  return start
}

/** What stands at a path of this text is this. */
export function sameData(text: string, path: Path, want: unknown, as: (x: unknown) => unknown = (x) => x): boolean {
  const read = ScenarioDocument.read(text)
  if (!read.ok) return false
  const node = read.value.node(path)
  return JSON.stringify(as(node?.toJSON())) === JSON.stringify(want)
}

/** A name as YAML takes it. */
export const plain = (name: string): string => (/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name) ? name : JSON.stringify(name))
