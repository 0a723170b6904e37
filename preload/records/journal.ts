/**
 * What is written down about an open document, event by event, so that it can be had back after a crash. The window goes
 * through the same `advance` while one works as recovery does afterwards: there is no second idea of what happened.
 */
import { z } from 'zod'
import { applyDiff, type Diff, type Json, type Records } from './diff'
import { NO_HISTORY, perform, redo, undo, type Past } from './history'
import type { TextDiff, TextOp } from './text'

export interface DocumentState extends Past {
  /** What is in the saved file. Null: there is none. */
  readonly saved: Records | null
}

const JsonValue: z.ZodType<Json> = z.json()
const Op: z.ZodType<TextOp> = z.union([
  z.number().int().min(1),
  z.custom<`-${string}` | `+${string}`>((x) => typeof x === 'string' && /^[-+]/.test(x)),
])
const Text: z.ZodType<TextDiff> = z.array(Op)
const ChangeShape = z.union([
  z.strictObject({ add: JsonValue }),
  z.strictObject({ remove: JsonValue }),
  z.strictObject({ from: JsonValue, to: JsonValue }),
  z.strictObject({ text: Text }),
])
const DiffShape: z.ZodType<Diff> = z.record(z.string(), ChangeShape)
const StepShape = z.strictObject({ mark: z.string().max(500), diff: DiffShape, at: z.number() })
const Entries = z.array(z.tuple([z.string(), JsonValue]))

/** Raise with the shape of events; what an older version wrote is then brought forward in `readEvent`. */
export const JOURNAL_VERSION = 1

export const JournalEvent = z.discriminatedUnion('t', [
  /** Everything there is to know: the first event, and again when the journal is made shorter. */
  z.strictObject({
    t: z.literal('base'),
    v: z.literal(JOURNAL_VERSION),
    records: Entries,
    saved: Entries.nullable(),
    done: z.array(StepShape).default([]),
    undone: z.array(StepShape).default([]),
  }),
  z.strictObject({ t: z.literal('step'), step: StepShape, merge: z.literal(true).optional() }),
  z.strictObject({ t: z.literal('undo') }),
  z.strictObject({ t: z.literal('redo') }),
  /** The file now holds the records with this diff: other than none where one typed on while it was being saved. */
  z.strictObject({ t: z.literal('saved'), diff: DiffShape }),
])
export type JournalEvent = z.infer<typeof JournalEvent>

export const opened = (records: Records, saved: Records | null): DocumentState => ({
  records,
  saved,
  history: NO_HISTORY,
})

export const baseOf = ({ records, saved, history }: DocumentState): JournalEvent => ({
  t: 'base',
  v: JOURNAL_VERSION,
  records: [...records],
  saved: saved && [...saved],
  done: [...history.done],
  undone: [...history.undone],
})

/** Null where the event does not fit what went before. */
export function advance(state: DocumentState | null, event: JournalEvent): DocumentState | null {
  if (event.t === 'base') {
    const { done, undone } = event
    return { records: new Map(event.records), saved: event.saved && new Map(event.saved), history: { done, undone } }
  }
  if (!state) return null
  switch (event.t) {
    case 'step':
      return over(state, perform(state, event.step, event.merge))
    case 'undo':
      return over(state, undo(state))
    case 'redo':
      return over(state, redo(state))
    case 'saved': {
      const saved = applyDiff(state.records, event.diff)
      return saved && { ...state, saved }
    }
  }
}

const over = (state: DocumentState, past: Past | null): DocumentState | null => past && { ...state, ...past }

/** As far as the lines make sense; `lost` counts those behind the first that does not. */
export function replay(lines: readonly string[]): { state: DocumentState | null; lost: number } {
  let state: DocumentState | null = null
  for (const [i, line] of lines.entries()) {
    const event = readEvent(line)
    const next: DocumentState | null = event && advance(state, event)
    if (!next) return { state, lost: lines.length - i }
    state = next
  }
  return { state, lost: 0 }
}

function readEvent(line: string): JournalEvent | null {
  try {
    const parsed = JournalEvent.safeParse(JSON.parse(line))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
