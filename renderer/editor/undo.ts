/**
 * Monaco's own undo yields: its commands (keys, context menu, its palette) become the workbench's. In its find box and
 * other text fields undo stays what it is there.
 */
import { runCommand } from '../commands/table'
import { inTextField } from '../commands/focus'
import { monaco } from './monaco'

let done = false

export function yieldUndo(): void {
  if (done) return
  done = true
  for (const what of ['undo', 'redo'] as const)
    monaco.editor.registerCommand(what, () => {
      // The browser's own undo of a field is reachable in no other way.
      if (inTextField()) document.execCommand(what)
      else void runCommand(`edit.${what}`)
    })
}
