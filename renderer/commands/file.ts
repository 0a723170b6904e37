import { FileDown, FileInput, FilePlus2, FileText, FolderOpen, History, Save, SaveAll, X } from '@lucide/vue'
import { keyOfRef } from '../model/document-keys'
import { useCatalogue } from '../stores/catalogue'
import { useDialogs } from '../stores/dialogs'
import { useDocuments } from '../stores/documents'
import { useHostInfo } from '../stores/host'
import { useLayout } from '../stores/layout'
import { useRecent } from '../stores/recent'
import { useRuns } from '../stores/runs'
import {
  closeDocument,
  openDocument,
  openFile,
  openFromDesktop,
  openScenario,
  save,
  saveAs,
  saveRun,
  showSavedRun,
} from './actions'
import type { Command } from './command'

/** The smallest scenario in which something can go wrong: the reader may run first. */
const FIRST_LINES = `doorbell: 1
title: New scenario
litmus:
  variables:
    ready: false
    seen: false
  agents:
    Writer:
      - { step: write, set: { ready: true } }
    Reader:
      - { step: read, set: { seen: "ready" } }
  properties:
    - { name: seen-in-some-run, sometimes: "seen" }
    - { name: seen-in-every-run, end: "seen" }
`

export function fileCommands(): Command[] {
  const catalogue = useCatalogue()
  const documents = useDocuments()
  const dialogs = useDialogs()
  const layout = useLayout()
  const recent = useRecent()
  const runs = useRuns()
  const hasDocument = (what?: string): boolean =>
    what === undefined ? documents.active !== null : documents.open.has(what)
  return [
    {
      id: 'file.open',
      title: 'Open…',
      category: 'File',
      keys: ['Mod+P', 'Mod+O'],
      icon: FolderOpen,
      group: 1,
      run: () => dialogs.openPalette('open'),
    },
    {
      id: 'file.openScenario',
      title: 'Open a built-in scenario…',
      category: 'File',
      icon: FileText,
      group: 1,
      findable: true,
      choices: () => catalogue.scenarios.map((s) => ({ value: s.id, title: s.title, note: s.id, icon: FileText })),
      run: (what = '') => openScenario(what),
    },
    {
      id: 'file.openDocument',
      title: 'Open a document of the workspace…',
      category: 'File',
      icon: FileText,
      group: 1,
      findable: true,
      choices: () =>
        catalogue.documents.map((d) => ({ value: d.name, title: d.name, note: 'document', icon: FileText })),
      run: (what = '') => openFile(what),
    },
    {
      id: 'file.openOutside',
      title: 'Open a file on this computer…',
      category: 'File',
      keys: ['Mod+Shift+O'],
      icon: FileInput,
      group: 1,
      run: openFromDesktop,
    },
    {
      id: 'file.openRecent',
      title: 'Open recent…',
      category: 'File',
      keys: ['Alt+R'],
      icon: History,
      group: 1,
      choices: () =>
        recent.items.map((r) => ({
          value: keyOfRef(r.ref),
          title: r.title,
          note: r.where || 'workspace',
          icon: FileText,
        })),
      run: (what = '') => openDocument(what),
    },
    {
      id: 'file.activate',
      title: 'Go to an open document…',
      category: 'File',
      keys: ['Alt+D'],
      group: 1,
      choices: () =>
        [...documents.open.values()].map((d) => ({
          value: d.key,
          title: d.name,
          note: d.where || d.kind,
          icon: FileText,
        })),
      run: (what = '') => {
        if (documents.open.has(what)) layout.showDocument(what)
      },
    },
    {
      id: 'file.new',
      title: 'New scenario',
      category: 'File',
      keys: ['Alt+N'],
      icon: FilePlus2,
      group: 1,
      run: () => layout.showDocument(documents.openNew(FIRST_LINES).key),
    },
    {
      id: 'file.save',
      title: 'Save',
      category: 'File',
      keys: ['Mod+S'],
      icon: Save,
      group: 2,
      when: () => hasDocument(),
      run: () => save(),
    },
    {
      id: 'file.saveAs',
      title: 'Save as…',
      category: 'File',
      keys: ['Mod+Shift+S'],
      icon: SaveAll,
      group: 2,
      when: () => hasDocument(),
      run: () => saveAs(),
    },
    {
      id: 'file.saveOutside',
      title: 'Save outside the workspace…',
      category: 'File',
      icon: FileDown,
      group: 2,
      when: () => hasDocument() && useHostInfo().kind === 'electron',
      run: () => saveAs('outside'),
    },
    {
      id: 'file.close',
      title: 'Close document',
      category: 'File',
      keys: ['Alt+W'],
      icon: X,
      group: 2,
      when: hasDocument,
      run: (what) => {
        const key = what ?? documents.activeKey
        if (key) closeDocument(key)
      },
    },
    {
      id: 'file.saveRun',
      title: 'Keep this run…',
      category: 'File',
      group: 4,
      when: () => runs.run !== null,
      run: () => saveRun(),
    },
    {
      id: 'file.openRun',
      title: 'Show a kept run…',
      category: 'File',
      group: 4,
      choices: () => catalogue.runs.map((name) => ({ value: name, title: name, note: 'run' })),
      run: (what = '') => showSavedRun(what),
    },
  ]
}
