/** What is known of the other side: which host, its version, its worker, the connection. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { WorkerState } from '../../preload/contract'
import { useHost, type Connection } from '../bridge/host'
import { useNotices } from './notices'

export const useHostInfo = defineStore('host', () => {
  const host = useHost()
  const version = ref('')
  const kind = ref<'electron' | 'served' | null>(null)
  const worker = ref<WorkerState>({ state: 'starting', restarts: 0 })
  const connection = ref<Connection>('connecting')
  /** Restarts that the person has been told of and has put away. */
  const acknowledged = ref(0)

  host.on('worker.state', (state) => {
    worker.value = state
  })
  host.onConnection((state) => {
    const before = connection.value
    connection.value = state
    if (state === 'open' && before === 'lost') void load()
  })

  async function load(): Promise<void> {
    const answer = await host.call('app.info', {})
    if (!answer.ok) return useNotices().fault('The host did not answer', answer.error)
    connection.value = 'open'
    version.value = answer.value.version
    kind.value = answer.value.host
    worker.value = answer.value.worker
    acknowledged.value = answer.value.worker.restarts
  }

  /** What the banner says; null when all is well. */
  const alarm = computed((): { tone: 'bad' | 'wait' | 'note'; text: string; dismissible: boolean } | null => {
    if (connection.value === 'lost')
      return {
        tone: 'bad',
        text: 'The connection to the host is lost. Your documents are kept here; reconnecting…',
        dismissible: false,
      }
    const { state, message, restarts } = worker.value
    const because = message ? ` ${message}` : ''
    if (state === 'failed')
      return {
        tone: 'bad',
        text: `The simulator cannot be started.${because} Your documents are untouched.`,
        dismissible: false,
      }
    if (state === 'restarting')
      return {
        tone: 'wait',
        text: 'The simulator stopped and is being restarted; your documents are untouched.',
        dismissible: false,
      }
    if (restarts > acknowledged.value)
      return {
        tone: 'note',
        text: `The simulator stopped and was restarted; your documents are untouched.${because}`,
        dismissible: true,
      }
    return null
  })

  function acknowledge(): void {
    acknowledged.value = worker.value.restarts
  }

  return { version, kind, worker, connection, alarm, load, acknowledge }
})
