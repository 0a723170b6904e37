/**
 * Monaco with YAML, loaded only when the first document is shown. Only the parts that are used: the editor, its
 * features, YAML's colours, and monaco-yaml for completion and hover from the scenario's JSON Schema.
 */
import * as monaco from 'monaco-editor/editor'
import 'monaco-editor/features/register.all'
import 'monaco-editor/languages/definitions/yaml/register'
import EditorWorker from 'monaco-editor/editor/editor.worker?worker'
import { configureMonacoYaml, type MonacoYaml, type MonacoYamlOptions } from 'monaco-yaml'
import YamlWorker from './yaml.worker?worker'

self.MonacoEnvironment = {
  getWorker: (_id: string, label: string) => (label === 'yaml' ? new YamlWorker() : new EditorWorker()),
}

interface OldWorkerOptions {
  moduleId: string
  label: string
  createData: unknown
}

/** monaco-yaml still asks for workers as Monaco did before 0.53: by module, label and data for the first message. */
function withOldWorkers(): typeof monaco {
  const create = monaco.editor.createWebWorker as (options: unknown) => unknown
  const compatible = {
    ...monaco,
    editor: {
      ...monaco.editor,
      createWebWorker({ createData }: OldWorkerOptions) {
        const worker = new YamlWorker()
        worker.postMessage('ignore') // the first message only tells the worker to wait for its data
        worker.postMessage(createData)
        return create({ worker })
      },
    },
  }
  return compatible as unknown as typeof monaco
}

let yaml: MonacoYaml | undefined

/** Validation is not monaco-yaml's: the simulator's own check knows more and gives one squiggle for one error. */
export function useSchema(schema: Record<string, unknown> | null): void {
  const file = { uri: 'doorbell://schema/scenario.json', fileMatch: ['**/*.yaml'] }
  const schemas = schema
    ? [{ ...file, schema: schema as NonNullable<MonacoYamlOptions['schemas']>[number]['schema'] }]
    : []
  const options = {
    enableSchemaRequest: false,
    validate: false,
    completion: true,
    hover: true,
    format: { enable: false },
    schemas,
  }
  if (yaml) void yaml.update(options)
  else yaml = configureMonacoYaml(withOldWorkers(), options)
}

export { monaco }
