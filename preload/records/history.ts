/** What was done to a document and taken back, each step with the mark that a person knows it by. Pure. */
import { applyDiff, compose, invert, isEmpty, type Diff, type Records } from './diff'

export interface Step {
  /** "Move write_msixperm before request_irq" */
  readonly mark: string
  readonly diff: Diff
  /** Milliseconds since 1970, for people; nothing is decided by it. */
  readonly at: number
}

export interface History {
  /** Oldest first. */
  readonly done: readonly Step[]
  /** The last one is redone first. */
  readonly undone: readonly Step[]
}

export const NO_HISTORY: History = { done: [], undone: [] }
/** Steps that are kept; what is older cannot be undone any more. */
export const MAX_STEPS = 2000

export interface Past {
  readonly records: Records
  readonly history: History
}

/** Does a step, or lets it grow the last one (`merge`: letters of one word). Null where it does not fit. */
export function perform(past: Past, step: Step, merge = false): Past | null {
  const records = applyDiff(past.records, step.diff)
  if (!records) return null
  const { done } = past.history
  const last = done.at(-1)
  if (!merge || !last) return { records, history: { done: [...done, step].slice(-MAX_STEPS), undone: [] } }
  const grown = { mark: last.mark, diff: compose(last.diff, step.diff), at: step.at }
  // Typed and wiped out again: as if nothing had been.
  return { records, history: { done: [...done.slice(0, -1), ...(isEmpty(grown.diff) ? [] : [grown])], undone: [] } }
}

/** Null when there is nothing to take back. */
export function undo(past: Past): Past | null {
  const step = past.history.done.at(-1)
  const records = step && applyDiff(past.records, invert(step.diff))
  if (!step || !records) return null
  return { records, history: { done: past.history.done.slice(0, -1), undone: [...past.history.undone, step] } }
}

export function redo(past: Past): Past | null {
  const step = past.history.undone.at(-1)
  const records = step && applyDiff(past.records, step.diff)
  if (!step || !records) return null
  return { records, history: { done: [...past.history.done, step], undone: past.history.undone.slice(0, -1) } }
}
