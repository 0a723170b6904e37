/** Exploring a document's model: options, progress, cancel, verdicts. One exploration per document at a time. */
import { defineStore } from 'pinia'
import { computed, ref, shallowReactive } from 'vue'
import type {
  ExploreOptions,
  ExploreProgress,
  ExploreResult,
  PropertyResult,
  ScenarioView,
  WireError,
} from '../../preload/contract'
import { useHost } from '../bridge/host'
import { evidence } from '../model/verdicts'
import { useChecks } from './checks'
import { useDocuments } from './documents'
import { useNotices } from './notices'
import { useRuns } from './runs'

export interface Exploration {
  state: 'running' | 'done' | 'cancelled' | 'failed'
  text: string
  /** At the scale that is explored. */
  view: ScenarioView
  options: ExploreOptions
  progress: ExploreProgress | null
  /** States per second, newest last, for the small curve. */
  rates: number[]
  result: ExploreResult | null
  error: WireError | null
}

const RATES = 60

export const useExploration = defineStore('exploration', () => {
  const host = useHost()
  const documents = useDocuments()
  const checks = useChecks()
  const runs = useRuns()
  const notices = useNotices()
  const all = shallowReactive(new Map<string, Exploration>())
  const controllers = new Map<string, AbortController>()
  /** 0: no bound of the person's own. */
  const maxStates = ref(0)
  /** Leave out interleavings that show nothing new; take what is alike for one. */
  const reduce = ref(true)
  const symmetry = ref(true)
  /** By document: the words of its scale that are other than written. */
  const scales = shallowReactive(new Map<string, Record<string, number>>())
  /** Of a document: only words that it declares, only where they differ. */
  function scaleOf(key: string, view: ScenarioView): Record<string, number> {
    const own = scales.get(key) ?? {}
    return Object.fromEntries(Object.entries(own).filter(([k, n]) => (view.scale[k] ?? n) !== n))
  }
  const setScale = (key: string, word: string, n: number): void =>
    void scales.set(key, { ...scales.get(key), [word]: n })

  /** The view of a text as it is at another scale: a run has the variables of its own scale. */
  async function scaledView(key: string, text: string, scale: Record<string, number>): Promise<ScenarioView | null> {
    const document = documents.open.get(key)
    if (!document) return null
    if (Object.keys(scale).length === 0) return checks.viewOf(key)
    const answer = await host.call('scenario.check', { name: document.name, text, scale })
    if (answer.ok && answer.value.view) return answer.value.view
    const [problem] = answer.ok ? answer.value.problems : []
    const fault = answer.ok ? problem : answer.error
    if (fault) notices.fault('The scenario cannot be scaled so', fault)
    return null
  }

  const active = computed(() => (documents.activeKey ? (all.get(documents.activeKey) ?? null) : null))
  const running = computed(() => active.value?.state === 'running')
  const anyRunning = computed(() => [...all.values()].some((e) => e.state === 'running'))
  /** The verdicts are those of an earlier text. */
  const stale = computed(
    () => active.value !== null && active.value.result !== null && active.value.text !== documents.active?.text,
  )

  async function start(key = documents.activeKey): Promise<ExploreResult | null> {
    const document = key ? documents.open.get(key) : undefined
    if (!key || !document || all.get(key)?.state === 'running') return null
    const written = await checks.viewOf(key)
    if (!written) {
      notices.show({ tone: 'bad', title: 'Nothing to explore yet', message: 'The scenario has errors; see Problems.' })
      return null
    }
    const { text, name } = documents.open.get(key) ?? document
    const scale = scaleOf(key, written)
    const view = await scaledView(key, text, scale)
    if (!view || all.get(key)?.state === 'running') return null
    const options: ExploreOptions = {
      ...(maxStates.value > 0 ? { maxStates: maxStates.value } : {}),
      ...(reduce.value ? {} : { reduce: false }),
      ...(symmetry.value ? {} : { symmetry: false }),
      ...(Object.keys(scale).length > 0 ? { scale } : {}),
    }
    const controller = new AbortController()
    controllers.set(key, controller)
    all.set(key, { state: 'running', text, view, options, progress: null, rates: [], result: null, error: null })
    const update = (part: Partial<Exploration>): void => {
      const now = all.get(key)
      if (now && controllers.get(key) === controller) all.set(key, { ...now, ...part })
    }
    const answer = await host.call(
      'explore.start',
      { name, text, options },
      {
        signal: controller.signal,
        onProgress: (progress) => {
          const rates = [...(all.get(key)?.rates ?? []), progress.statesPerSecond].slice(-RATES)
          update({ progress, rates })
        },
      },
    )
    if (!answer.ok) {
      update({ state: answer.error.code === 'CANCELLED' ? 'cancelled' : 'failed', error: answer.error })
      notices.fault(`${name} could not be explored`, answer.error)
      return null
    }
    const result = answer.value
    update({ state: result.stopped === 'cancelled' ? 'cancelled' : 'done', result })
    const first = headline(result.properties)
    if (first) showEvidence(key, first)
    return result
  }

  function cancel(key = documents.activeKey): void {
    if (key) controllers.get(key)?.abort()
  }

  /** Open the run that decides a property in the timeline. */
  function showEvidence(key: string, property: PropertyResult): boolean {
    const exploration = all.get(key)
    const found = evidence(property)
    if (!exploration || !found) return false
    runs.show({
      key,
      view: exploration.view,
      trace: found.trace,
      text: exploration.text,
      ...(exploration.options.scale ? { scale: exploration.options.scale } : {}),
      kind: found.what,
      title: `${found.what === 'witness' ? 'Witness' : 'Counterexample'} of ${property.name}`,
      property: property.name,
    })
    return true
  }

  function forget(key: string): void {
    cancel(key)
    controllers.delete(key)
    all.delete(key)
    scales.delete(key)
  }

  return {
    all,
    active,
    running,
    anyRunning,
    stale,
    maxStates,
    reduce,
    symmetry,
    scales,
    scaleOf,
    setScale,
    scaledView,
    start,
    cancel,
    showEvidence,
    forget,
  }
})

/** Which run to show first: what is broken, otherwise what was witnessed. */
export function headline(properties: readonly PropertyResult[]): PropertyResult | undefined {
  return properties.find((p) => p.counterexample) ?? properties.find((p) => p.witness)
}
