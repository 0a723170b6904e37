/** What an earlier window left unsaved is opened again, and what other programs do to open files is noticed. */
import { defineStore } from 'pinia'
import type { DocumentRef } from '../../preload/contract'
import { useHost } from '../bridge/host'
import { diffOf, isEmpty, opened } from '../../preload/records'
import { plural } from '../model/format'
import { keyOfRef, splitKey } from '../model/document-keys'
import { useCatalogue } from './catalogue'
import { useDialogs } from './dialogs'
import { useDocuments } from './documents'
import { useJournals } from './journals'
import { useNotices } from './notices'

/** Journals of saved documents that are kept for their history. */
const KEPT = 40

export const useRecovery = defineStore('recovery', () => {
  const host = useHost()
  const documents = useDocuments()
  const journals = useJournals()
  const dialogs = useDialogs()
  const notices = useNotices()

  /** Keys of the documents that were opened because they have unsaved changes. */
  async function recover(): Promise<string[]> {
    const clean: string[] = []
    for (const key of await journals.orphans()) {
      if (!splitKey(key) || documents.open.has(key)) continue
      const { state } = await journals.open(key, () => opened(new Map(), null))
      if (!state || isEmpty(diffOf(state.saved ?? new Map(), state.records))) clean.push(key)
      else await documents.openKey(key)
    }
    // Of those that are saved only the past is kept, and of the oldest not even that.
    for (const key of clean.slice(0, -KEPT)) journals.drop(key)
    // Those of the remembered layout are open already.
    const found = [...documents.recovered].filter((key) => documents.open.has(key))
    documents.recovered.clear()
    if (found.length > 0)
      notices.show({
        tone: 'note',
        title: `${plural(found.length, 'document')} with unsaved changes`,
        message: `Open as you left ${found.length === 1 ? 'it' : 'them'}: ${found.map((k) => documents.open.get(k)?.name).join(', ')}.`,
      })
    return found
  }

  async function meet(ref: DocumentRef): Promise<void> {
    if ('name' in ref) void useCatalogue().loadDocuments()
    const key = keyOfRef(ref)
    const before = documents.open.get(key)
    if (!before) return
    const answer = await host.call('document.read', ref)
    const document = documents.open.get(key)
    if (!document) return
    if (!answer.ok) {
      if (answer.error.code !== 'FILE_NOT_FOUND' || document.gone) return
      documents.setGone(key, true)
      return void notices.show({
        tone: 'wait',
        title: `${document.name} was deleted on the disk`,
        message: 'Its text is still here; saving writes it again.',
      })
    }
    documents.setGone(key, false)
    const { text } = answer.value
    if (text === document.savedText || text === documents.saving.get(key)) return
    if (text === document.text || !documents.isUnsaved(key)) {
      documents.meetDisk(key, text)
      return void notices.show({
        tone: 'note',
        title: `${document.name} was read again`,
        message: 'Another program changed it on the disk. Undo brings back what was here.',
      })
    }
    dialogs.ask({
      title: `${document.name} was changed by another program`,
      message:
        'You have unsaved changes of your own. Reload what is on the disk (undo brings yours back), or keep yours?',
      confirm: 'Reload',
      cancel: 'Keep mine',
      done: () => reload(key, text),
      // From now on, saving knows what it writes over.
      cancelled: () => void documents.meetDisk(key, text),
    })
  }

  function reload(key: string, text: string): void {
    documents.changeText(key, 'Reload from the disk', text)
    documents.meetDisk(key, text)
  }

  host.on('document.changed', ({ ref }) => void meet(ref))
  host.on('journal.taken', ({ key, writer }) => journals.heard(key, writer))

  return { recover, reload }
})
