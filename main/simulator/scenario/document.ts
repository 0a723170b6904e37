/**
 * A scenario's text as YAML 1.2 (core schema) with positions. The text is hostile until it has passed here: no tags of
 * its own, no anchors that multiply, no nesting without end.
 */
import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type ErrorCode,
  type Node,
  type Pair,
} from 'yaml'
import { err, fault, ok, type Fault, type Result } from '../faults'
import { OutlinePlaces, spanOf, type Outline, type OutlinePair, type Path, type Places, type Span } from './places'

export type { Path, Span } from './places'

/** Characters; a scenario is written by people. */
export const MAX_TEXT = 1024 * 1024
/** Characters of a block file. */
export const MAX_BLOCK_TEXT = 256 * 1024
const MAX_DEPTH = 64
const MAX_ALIASES = 100

/** What to do about the errors of YAML itself. */
const CURES: Partial<Record<ErrorCode, string>> = {
  BAD_INDENT: 'close the { or [ that is open above, or move this line further in',
  MISSING_CHAR: 'close the quotation mark, bracket or brace that is open here',
  TAB_AS_INDENT: 'indent with spaces',
  BLOCK_AS_IMPLICIT_KEY: 'quote the text: it holds ": ", which begins a value',
  DUPLICATE_KEY: 'remove one of the two, or give it another name',
  MULTILINE_IMPLICIT_KEY: 'a key stands on one line and ends with ":"',
}

export class ScenarioDocument implements Places {
  private found: OutlinePlaces | undefined
  private constructor(
    readonly yaml: Document.Parsed,
    private readonly lines: LineCounter,
    readonly value: unknown,
  ) {}

  static read(text: string, { most, what } = { most: MAX_TEXT, what: 'a scenario' }): Result<ScenarioDocument> {
    if (text.length > most)
      return err(fault('FILE_TOO_LARGE', `${what} has at most ${most} characters, this one ${text.length}`))
    const deep = tooDeep(text)
    if (deep) return err(deep)
    const lines = new LineCounter()
    const yaml = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      merge: false,
      strict: true,
      uniqueKeys: true,
      lineCounter: lines,
      prettyErrors: false,
    })
    const broken = yaml.errors[0]
    if (broken) {
      const hint = CURES[broken.code]
      const at = { ...spanOf(lines.lineStarts, broken.pos), ...(hint === undefined ? {} : { hint }) }
      return err(fault('SCENARIO_YAML_SYNTAX', broken.message, at))
    }
    const tagged = yaml.warnings[0]
    if (tagged) return err(fault('SCENARIO_YAML_UNSAFE', tagged.message, spanOf(lines.lineStarts, tagged.pos)))
    const bad = forbidden(yaml, lines)
    if (bad) return err(bad)
    try {
      return ok(new ScenarioDocument(yaml, lines, yaml.toJS({ maxAliasCount: MAX_ALIASES })))
    } catch (e) {
      // The library throws where aliases multiply beyond the limit.
      if (!(e instanceof ReferenceError)) throw e
      return err(
        fault('SCENARIO_YAML_UNSAFE', 'aliases multiply beyond what a scenario needs', {
          line: 1,
          column: 1,
          hint: 'write the parts out instead of repeating anchors',
        }),
      )
    }
  }

  at(path: Path): Span {
    return this.places.at(path)
  }

  keyAt(path: Path): Span {
    return this.places.keyAt(path)
  }

  inside(path: Path, offset: number): Span {
    return this.places.inside(path, offset)
  }

  /** The places as data. */
  get places(): OutlinePlaces {
    return (this.found ??= new OutlinePlaces(outlineOf(this.yaml), this.lines.lineStarts))
  }

  node(path: Path): Node | undefined {
    let here: unknown = this.yaml.contents
    for (const key of path) {
      if (isMap(here)) {
        const pair: Pair | undefined = here.items.find(
          (p: Pair) => isScalar(p.key) && (p.key.value === key || String(p.key.value) === String(key)),
        )
        here = pair?.value
      } else if (isSeq(here)) here = here.items[Number(key)]
      else return undefined
      if (isAlias(here)) here = here.resolve(this.yaml)
    }
    return isNode(here) ? here : undefined
  }
}

/** Of an alias, the outline of what it stands for. */
function outlineOf(yaml: Document.Parsed): Outline | null {
  const known = new Map<Node, Outline>()
  const outline = (node: unknown): Outline | null => {
    if (isAlias(node)) return outline(node.resolve(yaml))
    if (!isNode(node)) return null
    const before = known.get(node)
    if (before) return before
    const made: Outline = {
      ...(node.range ? { range: [node.range[0], node.range[1]] as const } : {}),
      ...(isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') ? { quoted: true } : {}),
      ...(isSeq(node) ? { items: node.items.map(outline) } : {}),
      ...(isMap(node) ? { pairs: node.items.flatMap(pair) } : {}),
    }
    known.set(node, made)
    return made
  }
  // A key that is no scalar has no name in a path.
  const pair = ({ key, value }: Pair): OutlinePair[] => {
    if (!isScalar(key)) return []
    const keyRange = key.range ? ([key.range[0], key.range[1]] as const) : undefined
    return [{ key: plainKey(key.value), ...(keyRange ? { keyRange } : {}), value: outline(value) }]
  }
  return outline(yaml.contents)
}

const plainKey = (key: unknown): string | number | boolean | null =>
  typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean' ? key : null

/** Nesting is bounded before the parser, which is recursive, sees the text: by brackets and by indentation. */
function tooDeep(text: string): Fault | null {
  let depth = 0
  let line = 1
  for (const c of text) {
    if (c === '\n') line++
    else if (c === '[' || c === '{') depth++
    else if (c === ']' || c === '}') depth = Math.max(0, depth - 1)
    if (depth > MAX_DEPTH)
      return fault('SCENARIO_YAML_UNSAFE', `brackets are nested more than ${MAX_DEPTH} deep`, { line, column: 1 })
  }
  for (const [i, l] of text.split('\n').entries()) {
    const dashes = /^(\s*(?:- ?|\? ?)+)/.exec(l)?.[1] ?? ''
    const indent = /^ */.exec(l)?.[0].length ?? 0
    if ((dashes.match(/[-?]/g)?.length ?? 0) > MAX_DEPTH || indent > MAX_DEPTH * 8) {
      return fault('SCENARIO_YAML_UNSAFE', `lines are nested more than ${MAX_DEPTH} deep`, { line: i + 1, column: 1 })
    }
  }
  return null
}

function forbidden(yaml: Document.Parsed, lines: LineCounter): Fault | null {
  let bad: Fault | null = null
  let aliases = 0
  visit(yaml, {
    Node(_key, node, path) {
      const range = node.range ?? [0, 0]
      if (node.tag && !node.tag.startsWith('tag:yaml.org,2002:'))
        bad = fault(
          'SCENARIO_YAML_UNSAFE',
          `the tag ${node.tag} is not allowed`,
          spanOf(lines.lineStarts, [range[0], range[1]]),
        )
      if (isAlias(node) && ++aliases > MAX_ALIASES)
        bad = fault(
          'SCENARIO_YAML_UNSAFE',
          `more than ${MAX_ALIASES} aliases`,
          spanOf(lines.lineStarts, [range[0], range[1]]),
        )
      if (isAlias(node) && path.some((p) => isNode(p) && 'anchor' in p && p.anchor === node.source))
        bad = fault(
          'SCENARIO_YAML_UNSAFE',
          'an alias inside its own anchor',
          spanOf(lines.lineStarts, [range[0], range[1]]),
        )
      if (path.filter((p) => !isPair(p)).length > MAX_DEPTH * 2)
        bad = fault('SCENARIO_YAML_UNSAFE', 'nested too deeply', spanOf(lines.lineStarts, [range[0], range[1]]))
      return bad ? visit.BREAK : undefined
    },
  })
  return bad
}

export const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x)
