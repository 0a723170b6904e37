import { History, Redo2, Undo2 } from '@lucide/vue'
import { labelOf } from '../model/typing'
import { useDocuments } from '../stores/documents'
import { useLayout } from '../stores/layout'
import type { Command } from './command'

export function editCommands(): Command[] {
  const documents = useDocuments()
  const layout = useLayout()
  const past = () => documents.active?.state.history
  const last = () => past()?.done.at(-1)
  const next = () => past()?.undone.at(-1)
  return [
    {
      id: 'edit.undo',
      title: 'Undo',
      label: () => (last() ? `Undo ${labelOf(last()!)}` : 'Undo'),
      category: 'Edit',
      keys: ['Mod+Z'],
      icon: Undo2,
      group: 1,
      fieldsOwn: true,
      when: () => last() !== undefined,
      run: () => {
        if (documents.activeKey) documents.undo(documents.activeKey)
      },
    },
    {
      id: 'edit.redo',
      title: 'Redo',
      label: () => (next() ? `Redo ${labelOf(next()!)}` : 'Redo'),
      category: 'Edit',
      keys: ['Mod+Shift+Z', 'Mod+Y'],
      icon: Redo2,
      group: 1,
      fieldsOwn: true,
      when: () => next() !== undefined,
      run: () => {
        if (documents.activeKey) documents.redo(documents.activeKey)
      },
    },
    {
      id: 'edit.travel',
      title: 'Go back to a step of the history…',
      category: 'Edit',
      icon: History,
      group: 1,
      when: () => (past()?.done.length ?? 0) + (past()?.undone.length ?? 0) > 0,
      choices: () => {
        const { done = [], undone = [] } = past() ?? {}
        const all = [...done, ...undone.toReversed()]
        return [
          { value: '0', title: 'As it was opened' },
          ...all.map((s, i) => ({ value: String(i + 1), title: labelOf(s) })),
        ]
          .map((c) => (Number(c.value) === done.length ? { ...c, note: 'now' } : c))
          .reverse()
      },
      run: (what) => {
        if (documents.activeKey && what !== undefined) documents.travel(documents.activeKey, Number(what))
      },
    },
    {
      id: 'edit.undoLayout',
      title: 'Undo change of the layout',
      label: () =>
        layout.past.done.at(-1) ? `Undo ${layout.past.done.at(-1)!.mark} (layout)` : 'Undo change of the layout',
      category: 'Edit',
      keys: ['Alt+Shift+Z'],
      group: 2,
      when: () => layout.past.done.length > 0,
      run: () => layout.undo(),
    },
    {
      id: 'edit.redoLayout',
      title: 'Redo change of the layout',
      label: () =>
        layout.past.undone.at(-1) ? `Redo ${layout.past.undone.at(-1)!.mark} (layout)` : 'Redo change of the layout',
      category: 'Edit',
      keys: ['Alt+Shift+Y'],
      group: 2,
      when: () => layout.past.undone.length > 0,
      run: () => layout.redo(),
    },
  ]
}
