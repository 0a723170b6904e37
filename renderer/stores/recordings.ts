/**
 * Runs that are open in the simulator for the timeline: that of the active document, and files that were opened.
 * A handle is only good while the simulator lives, so whatever was lost is opened again when it is shown.
 */
import { defineStore } from 'pinia'
import { computed, ref, shallowReactive, shallowRef, watch } from 'vue'
import type { OpenedRun, WireError } from '../../preload/contract'
import { useHost, type Answer } from '../bridge/host'
import { useDocuments } from './documents'
import { useImporting } from './importing'
import { useNotices } from './notices'
import { useRuns, type Run } from './runs'

export interface Shown {
  opened: OpenedRun
  /** The document's run that it was recorded from; null: a file. */
  run: Run | null
}

interface OpenFile {
  name: string
  opened: OpenedRun
  /** Null: it came through the window and cannot be had again without the person. */
  again: (() => Promise<Answer<OpenedRun>>) | null
}

export const useRecordings = defineStore('recordings', () => {
  const host = useHost()
  const runs = useRuns()
  const notices = useNotices()
  const files = shallowReactive(new Map<string, OpenFile>())
  /** Name of the file that is shown; null: the document's run. */
  const chosen = ref<string | null>(null)
  const current = shallowRef<Shown | null>(null)
  const opening = ref<{ name: string; done: number; total: number } | null>(null)
  let controller: AbortController | undefined
  const recorded = new Map<string, { run: Run; opened: OpenedRun }>()

  async function record(run: Run): Promise<void> {
    const known = recorded.get(run.key)
    if (known?.run === run) {
      current.value = { opened: known.opened, run }
      return
    }
    const ids = [...new Set(run.trace.events.map((e) => e.step))]
    const place = new Map(ids.map((id, i) => [id, i]))
    const { events } = run.trace
    const timed = events.length > 0 && events.every((e) => e.time !== undefined)
    const document = useDocuments().open.get(run.key)
    const answer = await host.call('timeline.record', {
      name: document?.name ?? run.key.slice(run.key.indexOf(':') + 1),
      text: run.text ?? document?.text ?? '',
      digest: run.view.digest,
      title: run.title,
      ...(run.scale ? { scale: run.scale } : {}),
      ...(run.trace.token === '' ? {} : { token: run.trace.token }),
      ids,
      steps: Uint32Array.from(events, (e) => place.get(e.step) ?? 0),
      times: timed ? Float64Array.from(events, (e) => e.time ?? 0) : new Float64Array(0),
    })
    if (runs.run !== run) return // another one is shown by now
    if (!answer.ok) {
      current.value = null
      return notices.fault('The run cannot be drawn', answer.error)
    }
    const before = recorded.get(run.key)
    if (before) void host.call('timeline.close', { handle: before.opened.handle })
    recorded.set(run.key, { run, opened: answer.value })
    if (chosen.value === null) current.value = { opened: answer.value, run }
  }

  function show(): void {
    const file = chosen.value === null ? undefined : files.get(chosen.value)
    if (file) current.value = { opened: file.opened, run: null }
    else if (runs.run) void record(runs.run)
    else current.value = null
  }
  watch(
    () => runs.run,
    (run, before) => {
      if (run && run !== before) chosen.value = null
      show()
    },
    { immediate: true },
  )
  watch(chosen, show)

  /** The simulator was restarted: nothing of what it had open is there any more. */
  let restarts = 0
  host.on('worker.state', (state) => {
    if (state.restarts === restarts || state.state === 'restarting') return
    restarts = state.restarts
    recorded.clear()
    void reopen().then(show)
  })

  async function reopen(): Promise<void> {
    for (const [name, file] of [...files]) {
      const answer = file.again ? await file.again() : null
      if (answer?.ok) files.set(name, { ...file, opened: answer.value })
      else {
        files.delete(name)
        if (chosen.value === name) chosen.value = null
      }
    }
  }

  function take(name: string, answer: Answer<OpenedRun>, again: OpenFile['again']): boolean {
    opening.value = null
    if (!answer.ok) {
      notices.fault(`${name} could not be opened`, answer.error)
      return false
    }
    const before = files.get(name)
    if (before) void host.call('timeline.close', { handle: before.opened.handle })
    files.set(name, { name, opened: answer.value, again })
    if (chosen.value === name) show()
    chosen.value = name
    return true
  }

  function started(name: string): { signal: AbortSignal; onProgress: (p: { done: number; total: number }) => void } {
    controller = new AbortController()
    opening.value = { name, done: 0, total: 0 }
    return {
      signal: controller.signal,
      onProgress: ({ done, total }) => (opening.value = { name, done, total }),
    }
  }

  /** A run store or a trace that was dropped or chosen in the browser. */
  async function openFile(file: File): Promise<boolean> {
    const answer = await useImporting().withUpload(file, (upload) =>
      host.call('timeline.upload', { upload }, started(file.name)),
    )
    return answer !== null && take(file.name, answer, null)
  }

  /** One of the workspace's runs. */
  async function open(name: string): Promise<boolean> {
    const again = () => host.call('timeline.open', { name }, started(name))
    return take(name, await again(), again)
  }

  async function openDialog(): Promise<boolean> {
    const answer = await host.call('timeline.openDialog', {}, started('The run'))
    if (answer.ok && answer.value === null) {
      opening.value = null
      return false
    }
    const name = answer.ok && answer.value ? answer.value.title : 'The run'
    return take(name, answer as Answer<OpenedRun>, null)
  }

  function close(name: string): void {
    const file = files.get(name)
    if (!file) return
    void host.call('timeline.close', { handle: file.opened.handle })
    files.delete(name)
    if (chosen.value === name) chosen.value = null
  }

  /** What went wrong with a question about the shown run; a run that is not open any more is opened again. */
  function failed(what: string, error: WireError): void {
    if (error.code !== 'RUN_CLOSED') return notices.fault(what, error)
    recorded.clear()
    void reopen().then(show)
  }

  const names = computed(() => [...files.keys()])
  const cancel = (): void => controller?.abort()
  return { current, chosen, names, opening, openFile, open, openDialog, close, cancel, failed }
})
