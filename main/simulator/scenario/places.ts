/**
 * Where the parts of a document stand in its text: read once from the parser's tree, plain data after that, so that it
 * can be kept beside a scenario that has been read before and nobody needs the parser for a line number.
 */

export type Path = readonly (string | number)[]

/** 1-based. */
export interface Span {
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

/** Offsets of first character and of the one behind the last. */
export type Range = readonly [from: number, to: number]

/** One node of a document. */
export interface Outline {
  /** Absent where the parser gives none. */
  readonly range?: Range
  /** A scalar in quotation marks: its text begins one character behind them. */
  readonly quoted?: true
  readonly items?: readonly (Outline | null)[]
  readonly pairs?: readonly OutlinePair[]
}

export interface OutlinePair {
  readonly key: string | number | boolean | null
  readonly keyRange?: Range
  readonly value: Outline | null
}

/** What whoever reports a fault needs of a document. */
export interface Places {
  /** Where the value at a path stands; the nearest enclosing one, when there is none. */
  at(path: Path): Span
  /** Where the key of a pair stands. */
  keyAt(path: Path): Span
  /** Position of character `offset` inside the plain text of a scalar (an expression). Exact for one-line scalars. */
  inside(path: Path, offset: number): Span
}

const START: Span = { line: 1, column: 1, endLine: 1, endColumn: 1 }

export class OutlinePlaces implements Places {
  constructor(
    readonly outline: Outline | null,
    /** Offset at which each line begins, ascending. */
    readonly lines: readonly number[],
  ) {}

  at(path: Path): Span {
    for (let n = path.length; n >= 0; n--) {
      const range = this.node(path.slice(0, n))?.range
      if (range) return spanOf(this.lines, range)
    }
    return START
  }

  keyAt(path: Path): Span {
    const key = path[path.length - 1]
    const pair = this.node(path.slice(0, -1))?.pairs?.find((p) => p.key === key)
    return pair?.keyRange ? spanOf(this.lines, pair.keyRange) : this.at(path)
  }

  inside(path: Path, offset: number): Span {
    const node = this.node(path)
    if (!node?.range) return this.at(path)
    const quoted = node.quoted ? 1 : 0
    const from = Math.min(node.range[0] + quoted + offset, node.range[1])
    return spanOf(this.lines, [from, Math.max(from + 1, node.range[1] - quoted)])
  }

  private node(path: Path): Outline | null {
    let here = this.outline
    for (const key of path) {
      if (here?.pairs) here = here.pairs.find((p) => p.key === key || String(p.key) === String(key))?.value ?? null
      else here = here?.items?.[Number(key)] ?? null
    }
    return here
  }
}

export function spanOf(lines: readonly number[], [from, to]: Range): Span {
  const a = placeOf(lines, from)
  const b = placeOf(lines, Math.max(from, to))
  return { line: a.line, column: a.column, endLine: b.line, endColumn: b.column }
}

function placeOf(lines: readonly number[], offset: number): { line: number; column: number } {
  let low = 0
  let high = lines.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((lines[middle] ?? 0) <= offset) low = middle + 1
    else high = middle
  }
  const begin = lines[low - 1]
  return begin === undefined ? { line: 1, column: Math.max(1, offset) } : { line: low, column: offset - begin + 1 }
}
