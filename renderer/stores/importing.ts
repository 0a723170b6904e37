/** Importing a machine's capture: sent in pieces, one after the other, with progress and a way to stop. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { WireError } from '../../preload/contract'
import { plural } from '../model/format'
import { useHost, type Answer, type Response } from '../bridge/host'
import { useCatalogue } from './catalogue'
import { useNotices } from './notices'

export const PIECE = 1024 * 1024
/** The host takes pieces in their order, each after the one before is written: more at once were refused above 1 MiB. */
export const IN_FLIGHT = 1

type Imported = Response<'platform.import'>

export interface Import {
  name: string
  stage: string
  done: number
  total: number
}

export const useImporting = defineStore('importing', () => {
  const host = useHost()
  const catalogue = useCatalogue()
  const notices = useNotices()
  const current = ref<Import | null>(null)
  let controller: AbortController | undefined

  /** Called with the name under which a platform was imported. */
  const listeners = new Set<(name: string) => void>()
  function onImported(listener: (name: string) => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  async function importFile(file: File): Promise<boolean> {
    const answer = await one(file, (upload, signal) =>
      host.call(
        'platform.import',
        { upload },
        { signal, onProgress: (p) => (current.value = { name: file.name, ...p }) },
      ),
    )
    return answer !== null && finish(file.name, answer)
  }

  /** A listing or a capture beside a platform that was imported before: only for the check of its plan. */
  async function observe(file: File, imported: string): Promise<boolean> {
    const answer = await one(file, (upload, signal) => host.call('platform.observe', { upload, imported }, { signal }))
    if (answer === null) return false
    if (!answer.ok) {
      notices.fault(`${file.name} cannot be compared with`, answer.error)
      return false
    }
    for (const listener of listeners) listener(imported)
    return true
  }

  /** One file at a time; null when another is under way. */
  async function one<T>(
    file: File,
    then: (upload: string, signal: AbortSignal) => Promise<Answer<T>>,
  ): Promise<Answer<T> | null> {
    if (current.value) {
      notices.show({
        tone: 'note',
        title: 'One import at a time',
        message: `${current.value.name} is still being read.`,
      })
      return null
    }
    controller = new AbortController()
    const { signal } = controller
    current.value = { name: file.name, stage: 'sending', done: 0, total: file.size }
    const sent = await send(file, signal)
    const answer = sent.ok ? await then(sent.value, signal) : sent
    current.value = null
    return answer
  }

  async function importDialog(): Promise<boolean> {
    const answer = await host.call('platform.importDialog', {})
    if (!answer.ok) return finish('The capture', answer)
    return answer.value === null ? false : finish(answer.value.imported, { ok: true, value: answer.value })
  }

  /** The name of the upload, once all of it has arrived. */
  async function send(file: File, signal: AbortSignal): Promise<Answer<string>> {
    const begun = await host.call('upload.begin', { name: file.name, size: file.size })
    if (!begun.ok) return begun
    const { upload } = begun.value
    const failure = await pieces(file, upload, signal)
    if (!failure) return { ok: true, value: upload }
    await host.call('upload.drop', { upload })
    return { ok: false, error: failure }
  }

  /** Up to IN_FLIGHT pieces unacknowledged; each acknowledgement is the credit for the next. Null when all arrived. */
  async function pieces(file: File, upload: string, signal: AbortSignal): Promise<WireError | null> {
    let next = 0
    let acknowledged = 0
    let failure: WireError | null = null
    const lane = async (): Promise<void> => {
      while (next < file.size && !failure) {
        if (signal.aborted) {
          failure = { code: 'CANCELLED', message: 'The import was cancelled' }
          return
        }
        const offset = next
        next = Math.min(file.size, offset + PIECE)
        const size = next - offset
        const bytes = await readPiece(file, offset, next)
        if (!bytes.ok) {
          failure = bytes.error
          return
        }
        const answer = await host.call('upload.piece', { upload, offset, bytes: bytes.value }, { signal })
        if (!answer.ok) failure ??= answer.error
        else {
          acknowledged += size
          if (current.value) current.value = { ...current.value, done: acknowledged }
        }
      }
    }
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane))
    return failure
  }

  function finish(name: string, answer: Answer<Imported>): boolean {
    if (!answer.ok) {
      notices.fault(`${name} was not imported`, answer.error)
      return false
    }
    const { imported, platform } = answer.value
    catalogue.showImported(imported, platform)
    void catalogue.loadPlatforms()
    const warnings = platform.warnings.length
    notices.show({
      tone: warnings > 0 ? 'note' : 'good',
      title: `${imported} imported`,
      message: summary(answer.value),
    })
    for (const listener of listeners) listener(imported)
    return true
  }

  function cancel(): void {
    controller?.abort()
  }

  return { current, importFile, importDialog, observe, withUpload: one, cancel, onImported }
})

function summary({ platform }: Imported): string {
  const parts = [
    plural(platform.functions.length, 'function'),
    plural(platform.iommus.length, 'IOMMU unit'),
    plural(platform.msiControllers.length, 'MSI controller'),
  ]
  const warnings = platform.warnings.length
  return `${parts.join(', ')}.${warnings > 0 ? ` ${plural(warnings, 'warning')} listed in Problems.` : ''}`
}

/** A file can go away or change under us while it is read. */
async function readPiece(file: File, from: number, to: number): Promise<Answer<Uint8Array<ArrayBuffer>>> {
  try {
    return { ok: true, value: new Uint8Array(await file.slice(from, to).arrayBuffer()) }
  } catch (reason) {
    const message = `${file.name} could not be read: ${reason instanceof Error ? reason.message : String(reason)}`
    return { ok: false, error: { code: 'FILE_UNREADABLE', message, file: file.name, offset: from } }
  }
}
