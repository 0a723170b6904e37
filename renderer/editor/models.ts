/** One Monaco model per open document: it mirrors the document's text, and outlives the panel that shows it. */
import { watch } from 'vue'
import type { Problem } from '../../preload/contract'
import { useDocuments } from '../stores/documents'
import { replacement } from './edit'
import { isDocument } from './language'
import { monaco } from './monaco'

type Model = ReturnType<typeof monaco.editor.createModel>
const models = new Map<string, Model>()
const OWNER = 'doorbell'

export function modelOf(key: string): Model {
  const known = models.get(key)
  if (known) return known
  const documents = useDocuments()
  const text = documents.open.get(key)?.text ?? ''
  const model = monaco.editor.createModel(text, 'yaml', monaco.Uri.parse(`file:///${encodeURIComponent(key)}.yaml`))
  models.set(key, model)
  isDocument(model, key)
  let mirroring = false
  model.onDidChangeContent(({ changes }) => {
    if (!mirroring) documents.edit(key, model.getValue(), changes.length === 1 ? changes[0]?.rangeOffset : undefined)
  })
  const stop = watch(
    () => documents.open.get(key)?.text,
    (now) => {
      if (now === undefined) {
        stop()
        models.delete(key)
        model.dispose()
      } else if (now !== model.getValue()) {
        mirroring = true
        replaceText(model, now)
        mirroring = false
      }
    },
    { flush: 'sync' },
  )
  return model
}

/**
 * A change that came from elsewhere: another view, undo, the disk. It is no step of Monaco's own history, which nobody asks
 * (./undo.ts): the document's is the only one. Editors put their cursor where something changed.
 */
export function replaceText(model: Model, text: string): void {
  const change = replacement(model.getValue(), text)
  if (!change) return
  const start = model.getPositionAt(change.start)
  const end = model.getPositionAt(change.end)
  model.applyEdits([{ range: monaco.Range.fromPositions(start, end), text: change.text }])
  const at = model.getPositionAt(change.start + change.text.length)
  for (const editor of monaco.editor.getEditors()) {
    if (editor.getModel() !== model) continue
    editor.setPosition(at)
    editor.revealPositionInCenterIfOutsideViewport(at)
  }
}

/** A problem in a file that the document names: marked where it is named, with the place in the message. */
function shownHere(problem: Problem, model: Model): Problem {
  const { file = '', line, column, message } = problem
  const [named] = model.findMatches(file, false, false, true, null, false, 1)
  const { startLineNumber, startColumn, endColumn } = named?.range ?? {
    startLineNumber: 1,
    startColumn: 1,
    endColumn: 2,
  }
  return {
    ...problem,
    message: `${file}:${line ?? 1}:${column ?? 1}: ${message}`,
    line: startLineNumber,
    column: startColumn,
    endLine: startLineNumber,
    endColumn,
  }
}

export function markProblems(model: Model, problems: readonly Problem[]): void {
  const severity = {
    error: monaco.MarkerSeverity.Error,
    warning: monaco.MarkerSeverity.Warning,
    info: monaco.MarkerSeverity.Info,
  }
  monaco.editor.setModelMarkers(
    model,
    OWNER,
    problems.map((given) => {
      const problem = given.file === undefined ? given : shownHere(given, model)
      const line = Math.min(model.getLineCount(), Math.max(1, problem.line ?? 1))
      const column = problem.column ?? (model.getLineFirstNonWhitespaceColumn(line) || 1)
      const endLine = Math.min(model.getLineCount(), problem.endLine ?? line)
      const word = model.getWordAtPosition({ lineNumber: line, column })
      const endColumn = problem.endColumn ?? word?.endColumn ?? model.getLineMaxColumn(endLine)
      return {
        severity: severity[problem.severity],
        message: problem.hint ? `${problem.message}\nTry: ${problem.hint}` : problem.message,
        code: problem.code,
        source: 'doorbell',
        startLineNumber: line,
        startColumn: column,
        endLineNumber: endLine,
        endColumn: endLine === line ? Math.max(endColumn, column + 1) : endColumn,
      }
    }),
  )
}
