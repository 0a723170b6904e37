/** The broken run beside what a repair makes of it. One pair per document. */
import { defineStore } from 'pinia'
import { computed, shallowReactive } from 'vue'
import type {
  BesideResult,
  Critical,
  ExploreResult,
  Repair,
  ScenarioView,
  Trace,
  WireError,
} from '../../preload/contract'
import { useHost } from '../bridge/host'
import { align, type Aligned } from '../model/beside'
import { useDocuments } from './documents'
import { useExploration } from './exploration'

export interface Beside {
  readonly state: 'running' | 'done' | 'failed'
  readonly of: ExploreResult
  readonly view: ScenarioView
  readonly repair: Pick<Repair, 'edges' | 'moves'>
  readonly property: string
  readonly critical: Critical | undefined
  readonly broken: Trace
  readonly result: (BesideResult & { readonly aligned: Aligned }) | null
  readonly error: WireError | null
}

export const useBeside = defineStore('beside', () => {
  const host = useHost()
  const documents = useDocuments()
  const exploration = useExploration()
  const all = shallowReactive(new Map<string, Beside>())
  const active = computed(() => (documents.activeKey ? (all.get(documents.activeKey) ?? null) : null))
  /** The repair can still be written into the text: it is the text that was explored. */
  const current = computed(
    () => active.value !== null && active.value.of === exploration.active?.result && !exploration.stale,
  )

  async function compare(repair: Pick<Repair, 'edges' | 'moves'>): Promise<void> {
    const key = documents.activeKey
    const document = documents.active
    const explored = exploration.active
    const broken = explored?.result?.properties.find((p) => p.counterexample)
    if (!key || !document || !explored?.result || !broken?.counterexample) return
    const { text, view, result: of } = explored
    const steps = broken.counterexample.events.map((e) => e.step)
    const started: Beside = {
      state: 'running',
      of,
      view,
      repair,
      property: broken.name,
      critical: broken.critical,
      broken: broken.counterexample,
      result: null,
      error: null,
    }
    all.set(key, started)
    const { edges, moves } = repair
    const { scale } = explored.options
    const asked = { name: document.name, text, steps, repair: { edges, moves }, ...(scale ? { scale } : {}) }
    const answer = await host.call('explore.beside', asked)
    if (all.get(key) !== started) return // another one is asked for by now
    if (!answer.ok) return void all.set(key, { ...started, state: 'failed', error: answer.error })
    const aligned = align(
      steps,
      answer.value.trace.events.map((e) => e.step),
    )
    all.set(key, { ...started, state: 'done', result: { ...answer.value, aligned } })
  }

  const forget = (key: string): void => void all.delete(key)

  return { active, current, compare, forget }
})
