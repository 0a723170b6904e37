/**
 * Runs an exploration in slices of a few milliseconds, and turns to the thread's message loop between them:
 * so a cancel is heard within a slice, and news goes out ten times a second. Used by the worker and by the command line.
 */
import type { ExploreProgress, ExploreResult } from '../../preload/contract'
import type { Exploration } from './simulator'

export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number
  /** Resolves after waiting messages and signals have been handled. */
  turn(): Promise<void>
}

export const SLICE_MS = 10
export const REPORT_MS = 100

export async function runInSlices(
  exploration: Exploration,
  clock: Clock,
  signal: AbortSignal,
  report: (progress: ExploreProgress) => void,
  /** Waited for between two slices. */
  between: (now: number) => Promise<void> | null = () => null,
): Promise<ExploreResult> {
  const start = clock.now()
  let last = { at: start, states: 0 }
  for (;;) {
    const sliceEnd = clock.now() + SLICE_MS
    if (exploration.advance(() => clock.now() >= sliceEnd)) return exploration.result(Math.round(clock.now() - start))
    const now = clock.now()
    if (now - last.at >= REPORT_MS) {
      const progress = exploration.progress()
      const statesPerSecond = Math.round(((progress.states - last.states) * 1000) / (now - last.at))
      report({ ...progress, statesPerSecond, elapsedMs: Math.round(now - start) })
      last = { at: now, states: progress.states }
    }
    await between(now)
    await clock.turn()
    if (signal.aborted) exploration.cancel()
  }
}
