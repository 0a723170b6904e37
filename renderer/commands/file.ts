import { FilePlus2, FolderOpen, Save, SaveAll, Upload, X } from '@lucide/vue'
import { useDialogs } from '../stores/dialogs'
import { useDocuments } from '../stores/documents'
import { useHostInfo } from '../stores/host'
import { useImporting } from '../stores/importing'
import { useLayout } from '../stores/layout'
import { closeDocument, save, saveAs } from './actions'
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
  const documents = useDocuments()
  const dialogs = useDialogs()
  const layout = useLayout()
  const hasDocument = (): boolean => documents.active !== null
  return [
    {
      id: 'file.open',
      title: 'Open scenario…',
      category: 'File',
      keys: ['Mod+P', 'Mod+O'],
      icon: FolderOpen,
      group: 1,
      run: () => dialogs.openPalette('open'),
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
      when: hasDocument,
      run: save,
    },
    {
      id: 'file.saveAs',
      title: 'Save as…',
      category: 'File',
      keys: ['Mod+Shift+S'],
      icon: SaveAll,
      group: 2,
      when: hasDocument,
      run: saveAs,
    },
    {
      id: 'file.close',
      title: 'Close document',
      category: 'File',
      keys: ['Alt+W'],
      icon: X,
      group: 2,
      when: hasDocument,
      run: () => {
        if (documents.activeKey) closeDocument(documents.activeKey)
      },
    },
    {
      id: 'platform.import',
      title: 'Import a machine’s capture…',
      category: 'File',
      keys: ['Mod+I'],
      icon: Upload,
      group: 3,
      run: () => {
        if (useHostInfo().kind === 'electron') void useImporting().importDialog()
        else dialogs.requestImport()
      },
    },
  ]
}
