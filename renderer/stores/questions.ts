/**
 * What is asked of an exploration once its verdicts are there: what repairs it, how likely it is in time, what was
 * exercised, where it fails smallest. One of each per document; answers of an earlier exploration are not shown, because
 * they could be taken for this one's (a repair even applied to it).
 */
import { defineStore } from 'pinia'
import { computed, ref, shallowReactive } from 'vue'
import type {
  Coverage,
  ExploreOptions,
  ExploreProgress,
  ExploreResult,
  RepairProgress,
  RepairResult,
  Smallest,
  WindowProgress,
  WindowResult,
  WireError,
} from '../../preload/contract'
import { useHost } from '../bridge/host'
import { useDocuments } from './documents'
import { useExploration } from './exploration'

/** Parts of the explorer. */
export const SECTIONS = { verdicts: 'Verdicts', repairs: 'Repairs', window: 'Window', coverage: 'Coverage' } as const
export type Section = keyof typeof SECTIONS

export interface Asked<P, R> {
  state: 'running' | 'done' | 'failed'
  /** The exploration that it is asked of. */
  of: ExploreResult
  progress: P | null
  result: R | null
  error: WireError | null
}

interface Questions {
  repair: Asked<RepairProgress, RepairResult>
  window: Asked<WindowProgress, WindowResult>
  coverage: Asked<ExploreProgress, Coverage>
  smallest: Asked<ExploreProgress, ReadonlyMap<string, Smallest>>
}
export type Question = keyof Questions
export const QUESTIONS = ['repair', 'window', 'coverage', 'smallest'] as const satisfies readonly Question[]

interface Subject {
  readonly name: string
  readonly text: string
  readonly options: ExploreOptions
}

interface Watch<P> {
  readonly signal: AbortSignal
  readonly onProgress: (progress: P) => void
}

type Answer<R> = { ok: true; value: R } | { ok: false; error: WireError }

const WINDOW_RUNS = 100_000

export const useQuestions = defineStore('questions', () => {
  const host = useHost()
  const documents = useDocuments()
  const exploration = useExploration()
  const asked: { [Q in Question]: Map<string, Questions[Q]> } = {
    repair: shallowReactive(new Map<string, Questions['repair']>()),
    window: shallowReactive(new Map<string, Questions['window']>()),
    coverage: shallowReactive(new Map<string, Questions['coverage']>()),
    smallest: shallowReactive(new Map<string, Questions['smallest']>()),
  }
  const controllers = new Map<string, AbortController>()
  const section = ref<Section>('verdicts')
  /** Which of the repairs is meant by "apply" and "beside". */
  const chosen = ref(0)

  function current<Q extends Question>(question: Q): Questions[Q] | null {
    const known = documents.activeKey ? asked[question].get(documents.activeKey) : undefined
    return known && known.of === exploration.active?.result ? known : null
  }
  const repair = computed(() => current('repair'))
  const window = computed(() => current('window'))
  const coverage = computed(() => current('coverage'))
  const smallest = computed(() => current('smallest'))
  const running = computed(() => [repair, window, coverage, smallest].some((q) => q.value?.state === 'running'))
  const chosenRepair = computed(() => repair.value?.result?.repairs[chosen.value] ?? null)

  async function ask<P, R>(
    question: Question,
    into: Map<string, Asked<P, R>>,
    call: (subject: Subject, watch: Watch<P>) => Promise<Answer<R>>,
  ): Promise<void> {
    const key = documents.activeKey
    const document = documents.active
    const { text, options, result: of } = exploration.active ?? {}
    if (!key || !document || !of || text === undefined || !options) return
    cancel(question, key)
    const controller = new AbortController()
    controllers.set(`${question} ${key}`, controller)
    into.set(key, { state: 'running', of, progress: null, result: null, error: null })
    const mine = (): boolean => controllers.get(`${question} ${key}`) === controller
    const update = (part: Partial<Asked<P, R>>): void => {
      const now = into.get(key)
      if (now && mine()) into.set(key, { ...now, ...part })
    }
    const watch = { signal: controller.signal, onProgress: (progress: P) => update({ progress }) }
    const answer = await call({ name: document.name, text, options }, watch)
    if (answer.ok) update({ state: 'done', result: answer.value })
    else if (answer.error.code !== 'CANCELLED') update({ state: 'failed', error: answer.error })
    else if (mine()) into.delete(key)
  }

  function findRepairs(): Promise<void> {
    chosen.value = 0
    return ask('repair', asked.repair, ({ name, text, options: { scale } }, watch) =>
      host.call('repair.start', { name, text, options: scale ? { scale } : {} }, watch),
    )
  }

  const findWindow = (property: string): Promise<void> =>
    ask('window', asked.window, ({ name, text, options: { scale } }, watch) => {
      const options = { ...(scale ? { scale } : {}), property, runs: WINDOW_RUNS, seed: 1 }
      return host.call('window.start', { name, text, options }, watch)
    })

  const findCoverage = (): Promise<void> =>
    ask('coverage', asked.coverage, (subject, watch) => host.call('explore.coverage', { ...subject }, watch))

  const findSmallest = (): Promise<void> =>
    ask('smallest', asked.smallest, async (subject, watch) => {
      const answer = await host.call('explore.smallest', { ...subject }, watch)
      if (!answer.ok) return answer
      return { ok: true, value: new Map(answer.value.smallest.map((s) => [s.property, s.instance])) }
    })

  function cancel(question: Question, key = documents.activeKey): void {
    if (key) controllers.get(`${question} ${key}`)?.abort()
  }
  function cancelAll(): void {
    for (const question of QUESTIONS) cancel(question)
  }
  function forget(key: string): void {
    for (const question of ['repair', 'window', 'coverage', 'smallest'] as const) {
      cancel(question, key)
      controllers.delete(`${question} ${key}`)
      asked[question].delete(key)
    }
  }

  return {
    section,
    chosen,
    chosenRepair,
    repair,
    window,
    coverage,
    smallest,
    running,
    findRepairs,
    findWindow,
    findCoverage,
    findSmallest,
    cancel,
    cancelAll,
    forget,
  }
})
