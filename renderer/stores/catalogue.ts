/** What can be opened: built-in scenarios, the person's documents, platforms built in and imported. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Platform, ScenarioSummary } from '../../preload/contract'
import { useHost, type Request, type Response } from '../bridge/host'
import { threadRank } from '../model/threads'
import { useNotices } from './notices'

export type PlatformId = Request<'platform.read'>
export const samePlatform = (a: PlatformId | null, b: PlatformId | null): boolean =>
  JSON.stringify(a) === JSON.stringify(b)
export const platformName = (id: PlatformId): string => ('builtin' in id ? id.builtin : id.imported)

export const useCatalogue = defineStore('catalogue', () => {
  const host = useHost()
  const notices = useNotices()
  const scenarios = shallowRef<ScenarioSummary[]>([])
  const documents = shallowRef<Response<'document.list'>['documents']>([])
  const builtinPlatforms = shallowRef<Response<'platform.list'>['builtin']>([])
  const importedPlatforms = shallowRef<string[]>([])
  /** Kept under a name in the workspace. */
  const runs = shallowRef<string[]>([])
  const layouts = shallowRef<string[]>([])
  const state = ref<'loading' | 'ready' | 'failed'>('loading')
  /** A platform being looked at by itself; null: the scenario's own. */
  const shown = shallowRef<{ id: PlatformId; platform: Platform } | null>(null)

  const threads = computed(() => {
    const groups = new Map<string, ScenarioSummary[]>()
    for (const scenario of scenarios.value) {
      const group = groups.get(scenario.thread)
      if (group) group.push(scenario)
      else groups.set(scenario.thread, [scenario])
    }
    return [...groups].sort(([a], [b]) => threadRank(a) - threadRank(b)).map(([thread, items]) => ({ thread, items }))
  })

  async function load(): Promise<void> {
    state.value = 'loading'
    const [list] = await Promise.all([host.call('scenario.list', {}), loadDocuments(), loadPlatforms(), loadShelves()])
    if (list.ok) scenarios.value = list.value.scenarios
    else notices.fault('The built-in scenarios could not be listed', list.error)
    state.value = list.ok ? 'ready' : 'failed'
  }

  async function loadDocuments(): Promise<void> {
    const answer = await host.call('document.list', {})
    if (answer.ok) documents.value = answer.value.documents
  }

  async function loadShelves(): Promise<void> {
    const [r, l] = await Promise.all([
      host.call('shelf.list', { shelf: 'runs' }),
      host.call('shelf.list', { shelf: 'layouts' }),
    ])
    if (r.ok) runs.value = r.value.names
    if (l.ok) layouts.value = l.value.names
  }

  async function loadPlatforms(): Promise<void> {
    const answer = await host.call('platform.list', {})
    if (!answer.ok) return
    builtinPlatforms.value = answer.value.builtin
    importedPlatforms.value = answer.value.imported
  }

  async function showPlatform(id: PlatformId): Promise<boolean> {
    const answer = await host.call('platform.read', id)
    if (!answer.ok) {
      notices.fault(`Platform ${platformName(id)} could not be read`, answer.error)
      return false
    }
    shown.value = { id, platform: answer.value.platform }
    return true
  }

  function showImported(name: string, platform: Platform): void {
    if (!importedPlatforms.value.includes(name)) importedPlatforms.value = [...importedPlatforms.value, name]
    shown.value = { id: { imported: name }, platform }
  }

  function showScenarioPlatform(): void {
    shown.value = null
  }

  const find = (id: string): ScenarioSummary | undefined => scenarios.value.find((s) => s.id === id)

  return {
    scenarios,
    documents,
    builtinPlatforms,
    importedPlatforms,
    runs,
    layouts,
    state,
    shown,
    threads,
    load,
    loadDocuments,
    loadPlatforms,
    loadShelves,
    showPlatform,
    showImported,
    showScenarioPlatform,
    find,
  }
})
