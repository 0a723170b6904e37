/** Go to definition and hover over a scenario's text: the operation, and who enforces the order of its steps. */
import type { EdgeView, StepView } from '../../preload/contract'
import { definitions, namesAt } from '../lanes/definitions'
import { ordersOf } from '../lanes/match'
import { ENFORCER_WORD } from '../model/edges'
import { useChecks } from '../stores/checks'
import { monaco } from './monaco'

type Model = ReturnType<typeof monaco.editor.createModel>
const keys = new WeakMap<Model, string>()
let done = false

/** Only of documents: other texts of the editor have no scenario. */
export function isDocument(model: Model, key: string): void {
  keys.set(model, key)
}

export function languageFeatures(): void {
  if (done) return
  done = true
  monaco.languages.registerDefinitionProvider('yaml', {
    provideDefinition(model, { lineNumber, column }) {
      const known = definitions(model.getValue())
      const steps = stepsOf(model)
      for (const name of namesAt(model.getLineContent(lineNumber), column)) {
        const at = known.get(name) ?? place(steps.find((s) => s.id === name))
        if (at) return { uri: model.uri, range: new monaco.Range(at.line, at.column, at.line, at.column) }
      }
      return null
    },
  })
  monaco.languages.registerHoverProvider('yaml', {
    provideHover(model, { lineNumber, column }) {
      const key = keys.get(model)
      const view = key === undefined ? null : useChecks().of(key).view
      const names = namesAt(model.getLineContent(lineNumber), column)
      if (!view || names.length === 0) return null
      const named = view.steps.filter((s) => names.includes(s.id))
      const here = view.steps.filter((s) => s.line === lineNumber && names.some((n) => s.op === n || s.id.includes(n)))
      const steps = named.length > 0 ? named : here
      return steps.length === 0 ? null : { contents: [{ value: words(steps, view.edges) }] }
    },
  })
}

const stepsOf = (model: Model): readonly StepView[] => {
  const key = keys.get(model)
  return key === undefined ? [] : (useChecks().of(key).view?.steps ?? [])
}
const place = (step: StepView | undefined) =>
  step?.line === undefined ? undefined : { line: step.line, column: step.column ?? 1 }

/** Nothing of a file may become markup. */
const plain = (text: string): string => text.replace(/[\\`*_{}[\]()#+!<>|~-]/g, (c) => `\\${c}`)

function words(steps: readonly StepView[], edges: readonly EdgeView[]): string {
  const what = steps.slice(0, 3).map((s) => `**${plain(s.label)}**${s.cite ? ` — ${plain(s.cite)}` : ''}`)
  const orders = ordersOf(steps, edges)
    .slice(0, 5)
    .map(({ way, other, edge }) => {
      const who =
        edge.enforcedBy === 'nobody' ? '**nobody enforces it**' : `enforced by ${ENFORCER_WORD[edge.enforcedBy]}`
      return `${way} ${plain(other)}: ${who}${edge.why ? `. ${plain(edge.why)}` : ''}`
    })
  return [...what, ...orders].join('\n\n')
}
