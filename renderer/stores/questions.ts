/** The two long questions behind a verdict: what repairs it, and how likely it is in time. One of each per document. */
import { defineStore } from 'pinia'
import { computed, shallowReactive } from 'vue'
import type { RepairProgress, RepairResult, WindowProgress, WindowResult, WireError } from '../../preload/contract'
import { useHost } from '../bridge/host'
import { useChecks } from './checks'
import { useDocuments } from './documents'
import { useExploration } from './exploration'

export interface Asked<P, R> {
  state: 'running' | 'done' | 'failed'
  /** Of which text, at which scale, about which property. */
  text: string
  property: string | null
  progress: P | null
  result: R | null
  error: WireError | null
}

const WINDOW_RUNS = 100_000

export const useQuestions = defineStore('questions', () => {
  const host = useHost()
  const documents = useDocuments()
  const checks = useChecks()
  const exploration = useExploration()
  const repairs = shallowReactive(new Map<string, Asked<RepairProgress, RepairResult>>())
  const windows = shallowReactive(new Map<string, Asked<WindowProgress, WindowResult>>())
  const controllers = new Map<string, AbortController>()

  const current = <P, R>(of: ReadonlyMap<string, Asked<P, R>>): Asked<P, R> | null => {
    const asked = documents.activeKey ? of.get(documents.activeKey) : undefined
    // What was found for another text is not shown: it could be applied to this one by mistake.
    return asked && asked.text === documents.active?.text ? asked : null
  }
  const repair = computed(() => current(repairs))
  const window = computed(() => current(windows))

  async function ask<P, R>(
    kind: 'repair' | 'window',
    into: Map<string, Asked<P, R>>,
    property: string | null,
    call: (
      scenario: { name: string; text: string; scale: Record<string, number> },
      options: { signal: AbortSignal; onProgress: (progress: P) => void },
    ) => Promise<{ ok: true; value: R } | { ok: false; error: WireError }>,
  ): Promise<void> {
    const document = documents.active
    if (!document) return
    const { key, name, text } = document
    const view = await checks.viewOf(key)
    if (!view) return
    cancel(kind, key)
    const controller = new AbortController()
    controllers.set(`${kind} ${key}`, controller)
    const started: Asked<P, R> = { state: 'running', text, property, progress: null, result: null, error: null }
    into.set(key, started)
    const update = (part: Partial<Asked<P, R>>): void => {
      const now = into.get(key)
      if (now && controllers.get(`${kind} ${key}`) === controller) into.set(key, { ...now, ...part })
    }
    const answer = await call(
      { name, text, scale: exploration.scaleOf(key, view) },
      { signal: controller.signal, onProgress: (progress) => update({ progress }) },
    )
    if (answer.ok) update({ state: 'done', result: answer.value })
    else if (answer.error.code === 'CANCELLED') into.delete(key)
    else update({ state: 'failed', error: answer.error })
  }

  const findRepairs = (): Promise<void> =>
    ask('repair', repairs, null, ({ name, text, scale }, options) =>
      host.call('repair.start', { name, text, options: { scale } }, options),
    )

  const findWindow = (property: string): Promise<void> =>
    ask('window', windows, property, ({ name, text, scale }, options) =>
      host.call('window.start', { name, text, options: { scale, property, runs: WINDOW_RUNS, seed: 1 } }, options),
    )

  function cancel(kind: 'repair' | 'window', key = documents.activeKey): void {
    if (key) controllers.get(`${kind} ${key}`)?.abort()
  }

  return { repair, window, findRepairs, findWindow, cancel }
})
