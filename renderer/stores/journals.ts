/** The journals of what is open here, over lost connections and other windows. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { WireError } from '../../preload/contract'
import type { DocumentState, JournalEvent } from '../../preload/records'
import { useHost } from '../bridge/host'
import { splitKey } from '../model/document-keys'
import { journalWriter, type JournalWriter } from '../model/journal-writer'
import { useNotices } from './notices'

const WINDOW = 'doorbell.window'

/** The same after this window was loaded again, another one in every other window. */
function windowName(): string {
  try {
    const known = sessionStorage.getItem(WINDOW)
    const name = known ?? crypto.randomUUID()
    if (known === null) sessionStorage.setItem(WINDOW, name)
    return name
  } catch {
    return crypto.randomUUID()
  }
}

export const useJournals = defineStore('journals', () => {
  const host = useHost()
  const notices = useNotices()
  const writers = new Map<string, JournalWriter>()
  /** Documents that another window edits now. */
  const taken = ref<ReadonlySet<string>>(new Set())
  const name = windowName()
  let told = false

  function failed(key: string, error: WireError): void {
    if (error.code === 'JOURNAL_TAKEN') return loseTo(key)
    // One word for all of them, as it is the same trouble.
    if (told) return
    told = true
    notices.show({
      tone: 'wait',
      title: 'Unsaved changes are not kept',
      message: error.message,
      code: error.code,
      hint: error.hint ?? 'save often until this is mended',
    })
  }

  function loseTo(key: string): void {
    if (taken.value.has(key) || !splitKey(key)) return // two windows may well differ in their layouts
    taken.value = new Set([...taken.value, key])
    notices.show({
      tone: 'wait',
      title: `${key.slice(key.indexOf(':') + 1)} is being edited in another window`,
      message: 'What you change here is not kept until you save it.',
      action: { title: 'Edit it here', run: () => void takeBack(key) },
    })
  }

  /** Somebody opened a journal: another window, unless the number is ours. */
  function heard(key: string, number: number): void {
    const writer = writers.get(key)
    if (!writer || writer.number === null || writer.number >= number) return
    writer.lose()
    loseTo(key)
  }

  async function takeBack(key: string): Promise<void> {
    taken.value = new Set([...taken.value].filter((k) => k !== key))
    await writers.get(key)?.resume()
  }

  async function open(key: string, current: () => DocumentState): Promise<{ state: DocumentState | null }> {
    const writer = journalWriter({ host, window: name, failed: (e) => failed(key, e) }, key, current)
    writers.set(key, writer)
    const { state, torn } = await writer.open()
    if (torn)
      notices.show({
        tone: 'wait',
        title: `Some of the last changes of ${key.slice(key.indexOf(':') + 1)} could not be read`,
        message: 'Its journal ends in the middle of a line, as after a crash; everything before that is here.',
      })
    return { state }
  }

  /** Null: all of it, as it is. */
  function note(key: string, event: JournalEvent | null): void {
    const writer = writers.get(key)
    // The first that is sent is everything, whatever it was that happened.
    writer?.note(event ?? { t: 'saved', diff: {} })
  }

  const settled = (key: string): Promise<void> => writers.get(key)?.settled() ?? Promise.resolve()
  const settleAll = async (): Promise<void> => void (await Promise.all([...writers.keys()].map(settled)))
  const safe = (key: string): boolean => writers.get(key)?.safe ?? false

  function drop(key: string): void {
    void writers.get(key)?.drop()
    writers.delete(key)
    taken.value = new Set([...taken.value].filter((k) => k !== key))
  }

  /** Journals on the host that no other window writes. */
  async function orphans(): Promise<string[]> {
    const answer = await host.call('journal.list', { window: name })
    if (answer.ok) return answer.value.journals.filter((j) => !j.held && !writers.has(j.key)).map((j) => j.key)
    failed('', answer.error)
    return []
  }

  host.onConnection((state) => {
    if (state !== 'open') return
    told = false
    for (const [key, writer] of writers) if (!taken.value.has(key)) void writer.resume()
  })

  return { taken, open, note, settled, settleAll, safe, drop, orphans, takeBack, heard }
})
