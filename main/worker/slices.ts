/**
 * Runs an exploration in slices of a few milliseconds, and turns to the thread's message loop between them:
 * so a cancel is heard within a slice, and news goes out ten times a second. Used by the worker and by the command line.
 */
import type { ExploreProgress, ExploreResult } from '../../preload/contract'
import type { Exploration, Further } from './simulator'

export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number
  /** Resolves after waiting messages and signals have been handled. */
  turn(): Promise<void>
}

export const SLICE_MS = 10
export const REPORT_MS = 100

type Report = (progress: ExploreProgress) => void

/** To the end of what was asked: the verdicts, then whatever else is asked of them. */
export async function runInSlices(
  exploration: Exploration,
  clock: Clock,
  signal: AbortSignal,
  report: Report,
  /** Waited for between two slices. */
  between: (now: number) => Promise<void> | null = () => null,
): Promise<ExploreResult> {
  const start = clock.now()
  await inSlices(exploration, clock, signal, start, report, between)
  const result = exploration.result(Math.round(clock.now() - start))
  const further = await exploration.further?.(result)
  if (!further) return result
  await inSlices(further, clock, signal, start, report)
  return further.result()
}

async function inSlices(
  work: Pick<Further, 'advance' | 'cancel' | 'progress'>,
  clock: Clock,
  signal: AbortSignal,
  start: number,
  report: Report,
  between: (now: number) => Promise<void> | null = () => null,
): Promise<void> {
  let last = { at: clock.now(), states: 0 }
  for (;;) {
    const sliceEnd = clock.now() + SLICE_MS
    if (work.advance(() => clock.now() >= sliceEnd)) return
    const now = clock.now()
    if (now - last.at >= REPORT_MS) {
      const progress = work.progress()
      // Each question counts its own states.
      const before = progress.states < last.states ? 0 : last.states
      const statesPerSecond = Math.round(((progress.states - before) * 1000) / (now - last.at))
      report({ ...progress, statesPerSecond, elapsedMs: Math.round(now - start) })
      last = { at: now, states: progress.states }
    }
    await between(now)
    await clock.turn()
    if (signal.aborted) work.cancel()
  }
}
