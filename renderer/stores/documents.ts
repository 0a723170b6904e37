/** Open documents: built-in scenarios, files of the workspace, new ones. The text here is the truth; Monaco mirrors it. */
import { defineStore } from 'pinia'
import { computed, ref, shallowReactive } from 'vue'
import { useHost } from '../bridge/host'
import { useCatalogue } from './catalogue'
import { useNotices } from './notices'

export type DocumentKind = 'builtin' | 'file' | 'new'

export interface OpenDocument {
  /** `builtin:idxd-vsvm-late`, `file:mine.yaml`, `new:1` */
  key: string
  kind: DocumentKind
  /** Id of the built-in scenario, or file name. What the simulator calls it in messages. */
  name: string
  text: string
  savedText: string
}

export const keyOf = (kind: DocumentKind, name: string): string => `${kind}:${name}`

export const useDocuments = defineStore('documents', () => {
  const host = useHost()
  const notices = useNotices()
  const open = shallowReactive(new Map<string, OpenDocument>())
  const activeKey = ref<string | null>(null)
  const active = computed(() => (activeKey.value ? (open.get(activeKey.value) ?? null) : null))
  const unsaved = computed(() => [...open.values()].filter((d) => d.text !== d.savedText))
  /** Where an editor should put its cursor; a new object each time. */
  const reveal = ref<{ key: string; line: number; column: number } | null>(null)
  /** Editors that hold a document apply replacements themselves, so that undo knows of them. */
  const replacers = new Map<string, (text: string) => void>()
  let untitled = 0

  function put(document: OpenDocument): OpenDocument {
    open.set(document.key, document)
    activeKey.value = document.key
    return document
  }

  async function openBuiltin(id: string): Promise<OpenDocument | null> {
    const key = keyOf('builtin', id)
    const already = open.get(key)
    if (already) return put(already)
    const answer = await host.call('scenario.read', { id })
    if (!answer.ok) {
      notices.fault(`Scenario ${id} could not be opened`, answer.error)
      return null
    }
    return (
      open.get(key) ?? put({ key, kind: 'builtin', name: id, text: answer.value.text, savedText: answer.value.text })
    )
  }

  async function openFile(name: string): Promise<OpenDocument | null> {
    const key = keyOf('file', name)
    const already = open.get(key)
    if (already) return put(already)
    const answer = await host.call('document.read', { name })
    if (!answer.ok) {
      notices.fault(`${name} could not be opened`, answer.error)
      return null
    }
    return open.get(key) ?? put({ key, kind: 'file', name, text: answer.value.text, savedText: answer.value.text })
  }

  /** Not in the workspace until it is saved. */
  function openNew(text: string, wished?: string): OpenDocument {
    const name = wished !== undefined && !open.has(keyOf('new', wished)) ? wished : `untitled-${++untitled}.yaml`
    return put({ key: keyOf('new', name), kind: 'new', name, text, savedText: '' })
  }

  /** By its key, as a remembered layout has it. Texts that were never saved are gone with their window. */
  async function openKey(key: string): Promise<OpenDocument | null> {
    const [kind, name] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)]
    if (kind === 'builtin') return openBuiltin(name)
    if (kind === 'file') return openFile(name)
    return open.get(key) ?? null
  }

  function edit(key: string, text: string): void {
    const document = open.get(key)
    if (document && document.text !== text) open.set(key, { ...document, text })
  }

  /** A change made elsewhere (a placed device): through the editor where there is one, so that it can be undone there. */
  function replace(key: string, text: string): void {
    const replacer = replacers.get(key)
    if (replacer) replacer(text)
    else edit(key, text)
  }

  function attachEditor(key: string, replacer: (text: string) => void): () => void {
    replacers.set(key, replacer)
    return () => {
      if (replacers.get(key) === replacer) replacers.delete(key)
    }
  }

  /** Write to the workspace. A built-in scenario becomes a document of its own under the given name. */
  async function save(key: string, name: string): Promise<OpenDocument | null> {
    const document = open.get(key)
    if (!document) return null
    const text = document.text
    const answer = await host.call('document.write', { name, text })
    if (!answer.ok) {
      notices.fault(`${name} could not be saved`, answer.error)
      return null
    }
    await useCatalogue().loadDocuments()
    const now = open.get(key) ?? document
    if (document.kind === 'file' && document.name === name) {
      open.set(key, { ...now, savedText: text })
      return open.get(key) ?? null
    }
    if (now.kind === 'builtin') replace(key, now.savedText)
    if (now.kind === 'new') close(key)
    return put({ key: keyOf('file', name), kind: 'file', name, text, savedText: text })
  }

  function close(key: string): void {
    open.delete(key)
    replacers.delete(key)
    if (activeKey.value === key) activeKey.value = [...open.keys()].at(-1) ?? null
  }

  function activate(key: string): void {
    if (open.has(key)) activeKey.value = key
  }

  function goTo(key: string, line: number, column = 1): void {
    reveal.value = { key, line, column }
  }

  const isUnsaved = (key: string): boolean => {
    const document = open.get(key)
    return document !== undefined && document.text !== document.savedText
  }

  return {
    open,
    activeKey,
    active,
    unsaved,
    reveal,
    openBuiltin,
    openFile,
    openNew,
    openKey,
    edit,
    replace,
    attachEditor,
    save,
    close,
    activate,
    goTo,
    isUnsaved,
  }
})
