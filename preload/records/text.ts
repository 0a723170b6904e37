/**
 * Differences of texts: what is kept, taken out and put in, from the start to the last difference. They carry what they
 * take out, so that each can be inverted without the text that it was made from. Offsets are UTF-16 code units.
 */
import { assert } from '../../main/simulator/faults'

/** A number: so many are kept. `-abc`: these are taken out. `+abc`: these are put in. What follows the last one is kept. */
export type TextOp = number | `-${string}` | `+${string}`
export type TextDiff = readonly TextOp[]

const isCut = (op: TextOp): op is `-${string}` => typeof op === 'string' && op.startsWith('-')
const isPut = (op: TextOp): op is `+${string}` => typeof op === 'string' && op.startsWith('+')
const lengthOf = (op: TextOp): number => (typeof op === 'number' ? op : op.length - 1)

/** In normal form: neighbours joined, cuts before puts, nothing cut that is put back at once, no keep at the end. */
class Builder {
  private readonly ops: TextOp[] = []
  private kept = 0
  private cut = ''
  private put = ''

  keep(n: number): void {
    if (n === 0) return
    this.flush()
    this.kept += n
  }
  take(op: TextOp): void {
    if (typeof op === 'number') this.keep(op)
    else if (isCut(op)) this.cut += op.slice(1)
    else this.put += op.slice(1)
  }
  finish(): TextDiff {
    this.flush()
    return this.ops
  }

  private flush(): void {
    const { cut, put } = this
    this.cut = this.put = ''
    const { head, tail } = common(cut, put)
    this.kept += head
    const [gone, come] = [cut.slice(head, cut.length - tail), put.slice(head, put.length - tail)]
    if (gone !== '' || come !== '') {
      if (this.kept > 0) this.ops.push(this.kept)
      this.kept = 0
      if (gone !== '') this.ops.push(`-${gone}`)
      if (come !== '') this.ops.push(`+${come}`)
    }
    this.kept += tail
  }
}

/** How much two texts have in common at their start, and then at their end. */
function common(a: string, b: string): { head: number; tail: number } {
  const most = Math.min(a.length, b.length)
  let head = 0
  while (head < most && a.charCodeAt(head) === b.charCodeAt(head)) head++
  let tail = 0
  while (tail < most - head && a.charCodeAt(a.length - 1 - tail) === b.charCodeAt(b.length - 1 - tail)) tail++
  return { head, tail }
}

/** One replacement: all between the common start and the common end. */
export function textDiff(before: string, after: string): TextDiff {
  if (before === after) return []
  const { head, tail } = common(before, after)
  const b = new Builder()
  b.keep(head)
  b.take(`-${before.slice(head, before.length - tail)}`)
  b.take(`+${after.slice(head, after.length - tail)}`)
  return b.finish()
}

/** Null where the diff was made from another text. */
export function applyText(text: string, diff: TextDiff): string | null {
  let at = 0
  let out = ''
  for (const op of diff) {
    const n = lengthOf(op)
    if (isPut(op)) {
      out += op.slice(1)
      continue
    }
    if (at + n > text.length) return null
    if (isCut(op)) {
      if (!text.startsWith(op.slice(1), at)) return null
    } else out += text.slice(at, at + n)
    at += n
  }
  return out + text.slice(at)
}

export function invertText(diff: TextDiff): TextDiff {
  const b = new Builder()
  for (const op of diff) b.take(typeof op === 'number' ? op : isCut(op) ? `+${op.slice(1)}` : `-${op.slice(1)}`)
  return b.finish()
}

/** First `a`, then `b`, as one. `b` was made from what `a` leads to. */
export function composeText(a: TextDiff, b: TextDiff): TextDiff {
  const out = new Builder()
  const [first, second] = [new Reader(a), new Reader(b)]
  for (;;) {
    const x = first.peek()
    const y = second.peek()
    if (x !== undefined && isCut(x)) out.take(first.next(lengthOf(x)))
    else if (y !== undefined && isPut(y)) out.take(second.next(lengthOf(y)))
    else if (x === undefined && y === undefined) return out.finish()
    else {
      const n = Math.min(x === undefined ? Infinity : lengthOf(x), y === undefined ? Infinity : lengthOf(y))
      const [kept, then] = [first.next(n), second.next(n)]
      if (typeof then === 'number') out.take(kept)
      else if (typeof kept === 'number') out.take(then)
      else assert(kept.slice(1) === then.slice(1), 'the second diff was made from what the first leads to')
    }
  }
}

/** Gives ops in pieces; behind the last one everything is kept. */
class Reader {
  private i = 0
  private used = 0
  constructor(private readonly diff: TextDiff) {}

  peek(): TextOp | undefined {
    const op = this.diff[this.i]
    if (op === undefined || typeof op === 'number') return op === undefined ? undefined : op - this.used
    return `${op.charAt(0) as '+' | '-'}${op.slice(1 + this.used)}`
  }
  next(n: number): TextOp {
    const op = this.diff[this.i]
    if (op === undefined) return n
    const piece: TextOp =
      typeof op === 'number' ? n : `${op.charAt(0) as '+' | '-'}${op.slice(1 + this.used, 1 + this.used + n)}`
    this.used += n
    if (this.used === lengthOf(op)) {
      this.i++
      this.used = 0
    }
    return piece
  }
}

/** The first and last place that a diff touches, in the text that it leads to; null when it changes nothing. */
export function touched(diff: TextDiff): { from: number; to: number } | null {
  let at = 0
  let from: number | undefined
  let to = 0
  for (const op of diff) {
    if (typeof op === 'number') at += op
    else {
      from ??= at
      if (isPut(op)) at += op.length - 1
      to = at
    }
  }
  return from === undefined ? null : { from, to }
}

/** All that it puts in and all that it takes out, for a person to recognise it by. */
export function words(diff: TextDiff): { put: string; cut: string } {
  const of = (is: (op: TextOp) => boolean): string =>
    diff.flatMap((op) => (typeof op === 'string' && is(op) ? [op.slice(1)] : [])).join(' … ')
  return { put: of(isPut), cut: of(isCut) }
}
