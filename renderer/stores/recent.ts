/** What was opened or saved last, here or in an earlier run. */
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import { useHost, type Response } from '../bridge/host'
import { useDocuments } from './documents'

export const useRecent = defineStore('recent', () => {
  const host = useHost()
  const documents = useDocuments()
  const items = shallowRef<Response<'document.recent'>['recent']>([])

  async function load(): Promise<void> {
    const answer = await host.call('document.recent', {})
    if (answer.ok) items.value = answer.value.recent
  }
  watch(
    () =>
      [...documents.open.values()]
        .filter((d) => d.kind === 'file' || d.kind === 'outside')
        .map((d) => d.key)
        .join(' '),
    () => void load(),
    { immediate: true },
  )
  return { items, load }
})
