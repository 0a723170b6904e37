/** What one types becomes steps of the history that a person recognises: words, not letters. */
import { textDiff, touched, words, type Step, type TextDiff } from '../../preload/records'

/** The mark of a step that was typed; what is shown is made of its diff. */
export const TYPED = 'Type'
/** Milliseconds without a key after which a new step begins. */
export const PAUSE_MS = 1200
const SHOWN = 28

export interface Stroke {
  readonly kind: 'put' | 'cut' | 'both'
  /** Where the cursor is after it. */
  readonly end: number
  readonly start: number
  readonly at: number
}

/** `start`: where the editor says that it began. A letter put beside the same letter could be either. */
export function strokeOf(
  before: string,
  after: string,
  at: number,
  start?: number,
): { diff: TextDiff; stroke: Stroke; line: boolean } {
  const diff = (start === undefined ? null : diffAt(before, after, start)) ?? textDiff(before, after)
  const { put, cut } = words(diff)
  const place = touched(diff) ?? { from: 0, to: 0 }
  const kind = put !== '' && cut !== '' ? 'both' : put !== '' ? 'put' : 'cut'
  return { diff, stroke: { kind, start: place.from, end: place.to, at }, line: put.includes('\n') }
}

/** The diff as one put or one cut that begins exactly there; null where it is none. */
function diffAt(before: string, after: string, start: number): TextDiff | null {
  const grown = after.length - before.length
  const [cut, put] = [Math.max(0, -grown), Math.max(0, grown)]
  const same =
    before.slice(0, start) === after.slice(0, start) && before.slice(start + cut) === after.slice(start + put)
  if (grown === 0 || !same) return null
  const change =
    put > 0 ? (`+${after.slice(start, start + put)}` as const) : (`-${before.slice(start, start + cut)}` as const)
  return start > 0 ? [start, change] : [change]
}

/** Does the stroke belong to what was typed just before? */
export function continues(last: Stroke | null, next: Stroke, line: boolean): boolean {
  if (!last || line || next.at - last.at > PAUSE_MS) return false
  if (last.kind === 'put' && next.kind === 'put') return next.start === last.end
  if (last.kind === 'put' && next.kind === 'cut') return next.end < last.end && next.end >= last.start
  return last.kind === 'cut' && next.kind === 'cut' && (next.end === last.end || last.end - next.end === 1)
}

/** "Type “PASID_EN”", or the mark itself. */
export function labelOf(step: Step): string {
  const change = step.diff['text']
  if (step.mark !== TYPED || !change || !('text' in change)) return step.mark
  const { put, cut } = words(change.text)
  if (cut === '') return `Type ${quoted(put)}`
  return put === '' ? `Delete ${quoted(cut)}` : `Replace ${quoted(cut)} by ${quoted(put)}`
}

function quoted(text: string): string {
  const line = text.replace(/\s*\n\s*/g, ' ⏎ ').trim()
  if (text.trim() === '') return text.includes('\n') ? 'a line break' : 'blanks'
  return `“${line.length > SHOWN ? `${line.slice(0, SHOWN - 1)}…` : line}”`
}
