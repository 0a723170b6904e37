/**
 * Open documents: built-in scenarios, files of the workspace and outside it, new ones. What is here is the truth; Monaco and
 * every other view mirror it. Every change goes through `change`: it becomes a step of the document's history, and a line of
 * its journal.
 */
import { defineStore } from 'pinia'
import { computed, ref, shallowReactive } from 'vue'
import type { DocumentRef, WireError } from '../../preload/contract'
import {
  advance,
  diffOf,
  digestOf,
  isEmpty,
  opened,
  type DocumentState,
  type JournalEvent,
  type Records,
} from '../../preload/records'
import { useHost, type Answer } from '../bridge/host'
import { keyOf, keyOfRef, refOf, splitKey, type DocumentKind } from '../model/document-keys'
import { continues, strokeOf, TYPED, type Stroke } from '../model/typing'
import { useCatalogue } from './catalogue'
import { useJournals } from './journals'
import { useNotices } from './notices'

export { keyOf, type DocumentKind }

export interface OpenDocument {
  readonly key: string
  readonly kind: DocumentKind
  /** Id of the built-in scenario, or file name. What the simulator calls it in messages. */
  readonly name: string
  /** Folder of a file outside the workspace. */
  readonly where: string
  readonly text: string
  readonly savedText: string
  readonly state: DocumentState
  /** Its file was deleted by somebody else. */
  readonly gone: boolean
}

/** The record that holds a scenario. */
export const TEXT = 'text'
const recordsOf = (text: string): Records => new Map([[TEXT, text]])
const textOf = (records: Records | null): string => {
  const text = records?.get(TEXT)
  return typeof text === 'string' ? text : ''
}

export const useDocuments = defineStore('documents', () => {
  const host = useHost()
  const notices = useNotices()
  const journals = useJournals()
  const open = shallowReactive(new Map<string, OpenDocument>())
  const activeKey = ref<string | null>(null)
  const active = computed(() => (activeKey.value ? (open.get(activeKey.value) ?? null) : null))
  const unsaved = computed(() => [...open.values()].filter((d) => isUnsaved(d.key)))
  /** Where an editor should put its cursor; a new object each time. */
  const reveal = ref<{ key: string; line: number; column: number } | null>(null)
  const opening = new Map<string, Promise<OpenDocument | null>>()
  const strokes = new Map<string, Stroke>()
  /** Texts that are on their way into a file: the watcher will tell of them. */
  const saving = new Map<string, string>()
  /** Opened with changes that an earlier window left unsaved, and not yet told to the person. */
  const recovered = new Set<string>()
  let untitled = 0

  function put(key: string, state: DocumentState, more: { name: string; where?: string }): OpenDocument {
    const split = splitKey(key)
    const document: OpenDocument = {
      key,
      kind: split?.kind ?? 'new',
      name: more.name,
      where: more.where ?? '',
      text: textOf(state.records),
      savedText: textOf(state.saved),
      state,
      gone: false,
    }
    open.set(key, document)
    return document
  }

  /** Lets an event happen, and writes it down. False where it does not fit. */
  function happen(key: string, event: JournalEvent): boolean {
    const document = open.get(key)
    const state = document && advance(document.state, event)
    if (!document || !state) return false
    // Before the views hear of it, as they may do more.
    open.set(key, { ...document, state, text: textOf(state.records), savedText: textOf(state.saved) })
    journals.note(key, event)
    return true
  }

  /** As another view's edit: any records, with the mark that undo shows. False when nothing changes. */
  function change(key: string, mark: string, edit: (records: Records) => Records): boolean {
    const document = open.get(key)
    if (!document) return false
    const diff = diffOf(document.state.records, edit(document.state.records))
    if (isEmpty(diff)) return false
    strokes.delete(key)
    return happen(key, { t: 'step', step: { mark, diff, at: Date.now() } })
  }

  const changeText = (key: string, mark: string, text: string): boolean =>
    change(key, mark, (records) => new Map(records).set(TEXT, text))

  /** As typed: letters of one word become one step. `start`: where the editor says that the change begins. */
  function edit(key: string, text: string, start?: number): void {
    const document = open.get(key)
    if (!document || document.text === text) return
    const { diff, stroke, line } = strokeOf(document.text, text, Date.now(), start)
    const { done, undone } = document.state.history
    const grow = undone.length === 0 && done.at(-1)?.mark === TYPED && continues(strokes.get(key) ?? null, stroke, line)
    const step = { mark: TYPED, diff: { [TEXT]: { text: diff } }, at: stroke.at }
    const before = strokes.get(key)
    strokes.set(key, grow && before ? { ...stroke, start: Math.min(before.start, stroke.start) } : stroke)
    happen(key, grow ? { t: 'step', step, merge: true } : { t: 'step', step })
  }

  function undo(key: string): boolean {
    strokes.delete(key)
    return happen(key, { t: 'undo' })
  }
  function redo(key: string): boolean {
    strokes.delete(key)
    return happen(key, { t: 'redo' })
  }
  /** To where `done` steps are done. */
  function travel(key: string, done: number): void {
    const at = (): number => open.get(key)?.state.history.done.length ?? done
    while (at() > done && undo(key));
    while (at() < done && redo(key));
  }

  async function read(key: string): Promise<Answer<{ name: string; text: string | null; where?: string }>> {
    const split = splitKey(key)
    if (!split || split.kind === 'new') return { ok: true, value: { name: split?.name ?? key, text: null } }
    if (split.kind === 'builtin') {
      const answer = await host.call('scenario.read', { id: split.name })
      return answer.ok ? { ok: true, value: { name: split.name, text: answer.value.text } } : answer
    }
    return host.call('document.read', refOf(key) ?? { name: split.name })
  }

  /** As it is on the disk, with what its journal knows of it. */
  async function load(key: string): Promise<OpenDocument | null> {
    const [file, journal] = await Promise.all([read(key), journals.open(key, () => stateOf(key))])
    const known = open.get(key)
    if (known) return known
    const kept = journal.state
    if (!file.ok) {
      if (!kept || isEmpty(diffOf(kept.records, kept.saved ?? new Map()))) {
        notices.fault(`${splitKey(key)?.name ?? key} could not be opened`, file.error)
        return null
      }
      // Its file is gone, its unsaved changes are not.
      recovered.add(key)
      return put(key, { ...kept, saved: null }, { name: splitKey(key)?.name ?? key })
    }
    const { name, text, where = '' } = file.value
    if (!kept) return text === null ? null : put(key, opened(recordsOf(text), recordsOf(text)), { name, where })
    const document = put(key, kept, { name, where })
    if (text !== textOf(kept.records)) recovered.add(key)
    if (text !== null && text !== textOf(kept.saved)) meetDisk(key, text)
    return open.get(key) ?? document
  }

  /** The file is other than it was: taken over where nothing is unsaved, else only remembered. True when taken over. */
  function meetDisk(key: string, text: string): boolean {
    const document = open.get(key)
    if (!document) return false
    const clean = document.text === document.savedText
    if (clean) changeText(key, 'Changed on the disk', text)
    happen(key, { t: 'saved', diff: diffOf(open.get(key)?.state.records ?? new Map(), recordsOf(text)) })
    return clean
  }

  async function openKey(key: string, activate_ = false): Promise<OpenDocument | null> {
    const known = open.get(key)
    const pending = known ? Promise.resolve(known) : (opening.get(key) ?? load(key))
    opening.set(key, pending)
    const document = await pending
    opening.delete(key)
    if (document && activate_) activeKey.value = key
    return document
  }

  const openBuiltin = (id: string): Promise<OpenDocument | null> => openKey(keyOf('builtin', id), true)
  const openRef = (target: DocumentRef): Promise<OpenDocument | null> => openKey(keyOfRef(target), true)
  const openFile = (name: string): Promise<OpenDocument | null> => openRef({ name })

  /** Not in the workspace until it is saved. */
  function openNew(text: string, wished?: string): OpenDocument {
    const free = (name: string): boolean => !open.has(keyOf('new', name))
    let name = wished !== undefined && free(wished) ? wished : `untitled-${++untitled}.yaml`
    while (!free(name)) name = `untitled-${++untitled}.yaml`
    const key = keyOf('new', name)
    const document = put(key, opened(recordsOf(text), null), { name })
    activeKey.value = key
    void journals.open(key, () => stateOf(key)).then(() => journals.note(key, null))
    return document
  }

  const stateOf = (key: string): DocumentState => open.get(key)?.state ?? opened(new Map(), null)

  /**
   * Write to a file. A built-in scenario or a new one becomes a document of its own. `over`: whatever is in the file now.
   * Errors: those of document.write; FILE_CHANGED asks for a decision.
   */
  async function save(key: string, target: DocumentRef, over = false): Promise<Answer<OpenDocument>> {
    const document = open.get(key)
    if (!document) return { ok: false, error: closed(key) }
    const { text } = document
    const to = keyOfRef(target)
    const same = to === key
    const expects = over ? undefined : same && !document.gone ? digestOf(document.savedText) : null
    saving.set(to, text)
    const answer = await host.call('document.write', {
      ref: target,
      text,
      ...(expects === undefined ? {} : { expects }),
    })
    saving.delete(to)
    if (!answer.ok) return answer
    void useCatalogue().loadDocuments()
    const now = open.get(key) ?? document
    if (same) {
      happen(key, { t: 'saved', diff: diffOf(now.state.records, recordsOf(text)) })
      await journals.settled(key)
      return { ok: true, value: open.get(key) ?? now }
    }
    const saved = await adopt(to, text)
    if (now.kind === 'builtin') changeText(key, `Saved as ${saved.name}`, now.savedText)
    if (now.kind === 'new') close(key)
    activeKey.value = to
    return { ok: true, value: saved }
  }

  /** A document that was just written, open or not. */
  async function adopt(key: string, text: string): Promise<OpenDocument> {
    const document = await openKey(key)
    if (!document) return put(key, opened(recordsOf(text), recordsOf(text)), { name: splitKey(key)?.name ?? key })
    changeText(key, 'Saved over', text)
    happen(key, { t: 'saved', diff: {} })
    return open.get(key) ?? document
  }

  /** With `forget`, its history and unsaved changes, too. */
  function close(key: string): void {
    open.delete(key)
    strokes.delete(key)
    journals.drop(key)
    if (activeKey.value === key) activeKey.value = [...open.keys()].at(-1) ?? null
  }

  function setGone(key: string, gone: boolean): void {
    const document = open.get(key)
    if (document && document.gone !== gone) open.set(key, { ...document, gone })
  }

  function activate(key: string): void {
    if (open.has(key)) activeKey.value = key
  }

  function goTo(key: string, line: number, column = 1): void {
    reveal.value = { key, line, column }
  }

  function isUnsaved(key: string): boolean {
    const document = open.get(key)
    return document !== undefined && (document.gone || document.text !== document.savedText)
  }

  return {
    open,
    activeKey,
    active,
    unsaved,
    reveal,
    saving,
    recovered,
    openBuiltin,
    openFile,
    openRef,
    openNew,
    openKey,
    change,
    changeText,
    edit,
    undo,
    redo,
    travel,
    meetDisk,
    save,
    close,
    setGone,
    activate,
    goTo,
    isUnsaved,
  }
})

const closed = (key: string): WireError => ({ code: 'FILE_NOT_FOUND', message: `${key} is not open any more` })
