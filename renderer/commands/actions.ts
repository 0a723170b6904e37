/** What commands, buttons and the tour do in several steps: one place, so that they all do the same. */
import { useCatalogue, type PlatformId } from '../stores/catalogue'
import { useChecks } from '../stores/checks'
import { useDialogs } from '../stores/dialogs'
import { useDocuments } from '../stores/documents'
import { keyOfRef, refOf } from '../model/document-keys'
import { useExplaining } from '../stores/explaining'
import { useExploration } from '../stores/exploration'
import { useHost } from '../bridge/host'
import { useHostInfo } from '../stores/host'
import { useImporting } from '../stores/importing'
import { useBeside } from '../stores/beside'
import { useQuestions } from '../stores/questions'
import { useLayout } from '../stores/layout'
import { useNotices } from '../stores/notices'
import { useRecordings } from '../stores/recordings'
import { useRuns, type Run } from '../stores/runs'
import { useStepping } from '../stores/stepping'
import { z } from 'zod'
import { isPlatformText, type DocumentRef, type PropertyResult, type Repair } from '../../preload/contract'

const NAME = /^[A-Za-z0-9][A-Za-z0-9._ -]{0,99}$/

export function checkName(value: string): string | null {
  if (!NAME.test(value)) return 'Letters, digits, dot, dash, underscore and blank; not more than 100.'
  return /\.ya?ml$/.test(value) ? null : 'A scenario ends in .yaml'
}

export async function openScenario(id: string): Promise<void> {
  const document = await useDocuments().openBuiltin(id)
  if (document) useLayout().showDocument(document.key)
}

export async function openFile(name: string): Promise<void> {
  const document = await useDocuments().openFile(name)
  if (document) useLayout().showDocument(document.key)
}

/** Shows the document; with a line, its editor takes the focus there. */
export function goTo(key: string, line?: number, column?: number): void {
  useLayout().showDocument(key)
  if (line !== undefined) useDocuments().goTo(key, line, column)
}

/** The scenario to read beside the active one: broken beside repaired. */
export function siblingOf(): string | undefined {
  const document = useDocuments().active
  if (document?.kind === 'builtin') return useCatalogue().find(document.name)?.sibling ?? useChecks().view?.sibling
  return useChecks().view?.sibling
}

export async function explore(): Promise<void> {
  const layout = useLayout()
  layout.show('explorer')
  const result = await useExploration().start()
  if (result && useRuns().run) layout.show('timeline')
}

export function openEvidence(property: PropertyResult): void {
  const key = useDocuments().activeKey
  if (key && useExploration().showEvidence(key, property)) useLayout().show('timeline')
}

export async function openPlatform(id: PlatformId): Promise<void> {
  if (await useCatalogue().showPlatform(id)) useLayout().show('topology')
}

/** The plan of a platform, beside the topology that it colours. */
export async function openPlan(id: PlatformId): Promise<void> {
  if (!(await useCatalogue().showPlatform(id))) return
  useLayout().show('topology')
  useLayout().show('plan')
}

/** What the function's interrupt or a DMA request of it meets, under the kernel that is planned. */
export function explainPath(what: 'msi' | 'dma', bdf: string): void {
  useExplaining().about(what, bdf)
  useLayout().show('explain')
}

/** By its key: of any kind. */
export async function openDocument(key: string): Promise<void> {
  const document = await useDocuments().openKey(key, true)
  if (document) useLayout().showDocument(document.key)
}

/** The desktop's dialog, or the browser's. */
export async function openFromDesktop(): Promise<void> {
  if (useHostInfo().kind !== 'electron') return useDialogs().requestImport()
  const answer = await useHost().call('document.openDialog', {})
  if (!answer.ok) return useNotices().fault('No file was opened', answer.error)
  for (const ref of answer.value?.refs ?? []) await openDocument(keyOfRef(ref))
}

/** What the desktop asked for: a double click, an argument, a second start. */
export async function openWanted(): Promise<void> {
  const answer = await useHost().call('document.asked', {})
  if (answer.ok) for (const ref of answer.value.refs) await openDocument(keyOfRef(ref))
}

export async function save(): Promise<void> {
  const document = useDocuments().active
  const ref = document && refOf(document.key)
  if (!document || !ref) return saveAs()
  await write(document.key, ref, document.name)
}

export async function saveAs(where: 'workspace' | 'outside' = 'workspace'): Promise<void> {
  const document = useDocuments().active
  if (!document) return
  const name = document.kind === 'builtin' ? `${document.name}.yaml` : document.name
  if (where === 'outside') {
    const answer = await useHost().call('document.saveDialog', { name })
    // The desktop's dialog has asked already whether to replace it.
    if (answer.ok && answer.value) await write(document.key, answer.value.ref, name, true)
    return
  }
  useDialogs().ask({
    title: 'Save as',
    message:
      document.kind === 'builtin'
        ? 'The built-in scenario stays as it is; your version becomes a document of the workspace.'
        : 'Name in the workspace.',
    value: name,
    confirm: 'Save',
    check: checkName,
    done: (chosen) => void write(document.key, { name: chosen.replace(/\.yml$/, '.yaml') }, chosen),
  })
}

async function write(key: string, ref: DocumentRef, name: string, over = false): Promise<void> {
  const saved = await useDocuments().save(key, ref, over)
  if (saved.ok) {
    useLayout().showDocument(saved.value.key)
    return void useNotices().show({ tone: 'good', title: `${saved.value.name} saved` })
  }
  if (saved.error.code !== 'FILE_CHANGED') return useNotices().fault(`${name} could not be saved`, saved.error)
  const own = keyOfRef(ref) === key
  useDialogs().ask({
    title: own ? `${name} was changed by another program` : 'Replace it?',
    message: own
      ? 'What is on the disk is not what was opened or saved here last. Save over it?'
      : `There is a document ${name} already.`,
    confirm: own ? 'Save over it' : 'Replace',
    tone: 'bad',
    done: () => void write(key, ref, name, true),
  })
}

/** The run that is shown, by its token: a file of the workspace that says how to have it again. */
export function saveRun(): void {
  const run = useRuns().run
  if (!run) return
  useDialogs().ask({
    title: 'Keep this run',
    message: `${run.title}. Kept as its replay token, in the workspace’s runs.`,
    value: `${run.key.replace(/^\w+:/, '').replace(/\.ya?ml$/, '')} ${run.property ?? run.kind}`.slice(0, 80),
    confirm: 'Keep',
    check: (name) => (NAME.test(name) ? null : 'Letters, digits, dot, dash, underscore and blank; not more than 100.'),
    done: (name) => void keepRun(name, run),
  })
}

async function keepRun(name: string, run: Run): Promise<void> {
  const { key, title, kind, trace, property } = run
  const value = { doorbellRun: 1, document: key, title, kind, token: trace.token, ...(property ? { property } : {}) }
  const answer = await useHost().call('shelf.write', { shelf: 'runs', name, value })
  if (!answer.ok) return useNotices().fault(`${name} could not be kept`, answer.error)
  await useCatalogue().loadShelves()
  useNotices().show({ tone: 'good', title: `Run ${name} kept` })
}

export async function showSavedRun(name: string): Promise<void> {
  const answer = await useHost().call('shelf.read', { shelf: 'runs', name })
  if (!answer.ok) return useNotices().fault(`${name} could not be shown`, answer.error)
  const run = SavedRun.safeParse(answer.value.value)
  if (!run.success)
    return useNotices().fault(`${name} could not be shown`, {
      code: 'FILE_UNREADABLE',
      message: `${name}.run.json is not a run of Doorbell`,
      hint: 'keep the run again',
    })
  await openDocument(run.data.document)
  if (useDocuments().activeKey !== run.data.document) return
  useLayout().show('timeline')
  await useStepping().replay(run.data.token)
}

const SavedRun = z.object({ doorbellRun: z.literal(1), document: z.string().max(400), token: z.string().max(400) })

/** The arrangement of panels under a name, in the workspace's layouts. */
export function saveLayout(): void {
  useDialogs().ask({
    title: 'Keep this layout',
    message: 'Which panels there are, where, and how large, with the documents that are open.',
    value: 'my layout',
    confirm: 'Keep',
    check: (name) => (NAME.test(name) ? null : 'Letters, digits, dot, dash, underscore and blank; not more than 100.'),
    done: (name) => {
      const value = { doorbellLayout: 1, records: Object.fromEntries(useLayout().state?.records ?? []) }
      void useHost()
        .call('shelf.write', { shelf: 'layouts', name, value })
        .then((answer) => {
          if (!answer.ok) return useNotices().fault(`${name} could not be kept`, answer.error)
          void useCatalogue().loadShelves()
          useNotices().show({ tone: 'good', title: `Layout ${name} kept` })
        })
    },
  })
}

const SavedLayout = z.object({ doorbellLayout: z.literal(1), records: z.record(z.string(), z.json()) })

export async function showSavedLayout(name: string): Promise<void> {
  const answer = await useHost().call('shelf.read', { shelf: 'layouts', name })
  if (!answer.ok) return useNotices().fault(`${name} could not be used`, answer.error)
  const layout = SavedLayout.safeParse(answer.value.value)
  if (!layout.success || !(await useLayout().apply(new Map(Object.entries(layout.data.records)))))
    useNotices().fault(`${name} could not be used`, {
      code: 'FILE_UNREADABLE',
      message: `${name}.layout.json is not a layout of Doorbell`,
    })
}

/** A run store, or a trace: told by its ending and by how it begins, because platforms are JSON too. */
async function isRun(file: File): Promise<boolean> {
  if (/\.dbrun$/i.test(file.name)) return true
  if (!/\.json$/i.test(file.name)) return false
  const start = await file
    .slice(0, 4096)
    .text()
    .catch(() => '')
  return /^\s*\[|"traceEvents"|"displayTimeUnit"/.test(start)
}

/** A file from outside: a scenario becomes a new document, a run is shown, all else is read as what a machine is known by. */
export async function takeFile(file: File): Promise<void> {
  if (await isRun(file)) {
    useLayout().show('timeline')
    await useRecordings().openFile(file)
    return
  }
  try {
    const text = /\.ya?ml$/i.test(file.name) ? await file.text() : undefined
    if (text !== undefined && !isPlatformText(text)) {
      useLayout().showDocument(useDocuments().openNew(text, file.name).key)
    } else if (await useImporting().importFile(file)) useLayout().showLarge('topology')
  } catch (reason) {
    const message = reason instanceof Error ? reason.message : String(reason)
    useNotices().fault(`${file.name} could not be opened`, { code: 'FILE_UNREADABLE', message, file: file.name })
  }
}

/** Asks first when there is something to lose. */
export function closeDocument(key: string): void {
  const documents = useDocuments()
  const close = (): void => {
    useExploration().forget(key)
    useQuestions().forget(key)
    useBeside().forget(key)
    useStepping().forget(key)
    useRuns().clear(key)
    documents.close(key)
    useLayout().closePanel(`document:${key}`)
  }
  if (!documents.isUnsaved(key)) return close()
  useDialogs().ask({
    title: 'Close without saving?',
    message: `${documents.open.get(key)?.name ?? key} has changes that are not saved.`,
    confirm: 'Close without saving',
    tone: 'bad',
    done: close,
  })
}

/** Put a virtual device of the active scenario under a function of the platform that is shown. */
export async function placeDevice(device: string, under: string): Promise<void> {
  const documents = useDocuments()
  const document = documents.active
  if (!document) return
  const platform = useCatalogue().shown?.id
  const { name, text, key } = document
  const answer = await useHost().call('scenario.place', {
    name,
    text,
    device,
    under,
    ...(platform ? { platform } : {}),
  })
  if (!answer.ok) return useNotices().fault(`${device} cannot be placed under ${under}`, answer.error)
  documents.changeText(key, `Place ${device} under ${under}`, answer.value.text)
  useCatalogue().showScenarioPlatform()
  useNotices().show({
    tone: 'good',
    title: `${device} placed under ${under}`,
    message: 'The scenario was changed; undo takes it back.',
  })
}

/** Write a repair into the scenario's text, and explore what has become of it. */
export async function applyRepair(repair: Pick<Repair, 'edges' | 'moves'>): Promise<boolean> {
  const documents = useDocuments()
  const document = documents.active
  if (!document) return false
  const { name, text, key } = document
  const { edges, moves } = repair
  const answer = await useHost().call('scenario.order', { name, text, repair: { edges, moves } })
  if (!answer.ok) {
    useNotices().fault('The repair could not be written into the text', answer.error)
    return false
  }
  if (documents.open.get(key)?.text !== text) return false // edited meanwhile: the person's change counts
  documents.changeText(key, 'Write the repair into the scenario', answer.value.text)
  useNotices().show({
    tone: 'good',
    title: 'The ordering is in the scenario',
    message: 'It is explored again; undo takes it back.',
  })
  useQuestions().section = 'verdicts'
  await useExploration().start(key)
  return true
}

/** What a repair makes of the broken run, beside it. */
export async function showBeside(repair: Pick<Repair, 'edges' | 'moves'>): Promise<void> {
  useLayout().show('beside')
  await useBeside().compare(repair)
}

/** The run of the smallest instance that still fails, at its own scale. */
export async function showSmallest(property: string): Promise<void> {
  const exploration = useExploration()
  const key = useDocuments().activeKey
  const document = useDocuments().active
  const of = exploration.active
  const instance = useQuestions().smallest?.result?.get(property)
  if (!key || !document || !of || !instance) return
  const { name } = document
  const { scale, token } = instance
  const [view, answer] = await Promise.all([
    exploration.scaledView(key, of.text, scale),
    useHost().call('run.replay', { name, text: of.text, token }),
  ])
  if (!answer.ok) return useNotices().fault('The run could not be replayed', answer.error)
  if (!view) return
  const { trace } = answer.value
  const title = `Smallest instance that violates ${property}`
  useRuns().show({ key, view, text: of.text, scale, trace, kind: 'counterexample', title, property })
  useLayout().show('timeline')
}

export async function copyText(text: string, what: string): Promise<void> {
  const notices = useNotices()
  try {
    await navigator.clipboard.writeText(text)
    notices.show({ tone: 'good', title: `${what} copied` })
  } catch {
    notices.show({
      tone: 'note',
      title: `${what} could not be copied`,
      message: text,
      hint: 'The clipboard is closed to this window: select the text and copy it by hand.',
    })
  }
}
