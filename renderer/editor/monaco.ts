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

type Schemas = NonNullable<MonacoYamlOptions['schemas']>
export type Schema = Record<string, unknown>

/**
 * One schema for every document, and another one for the document at `uri`. Validation is not monaco-yaml's: the
 * simulator's own check knows more and gives one squiggle for one error.
 */
export function useSchemas(general: Schema | null, own: { uri: string; schema: Schema } | null): void {
  const schemas: Schemas = []
  const add = (name: string, fileMatch: string[], schema: Schema): void => {
    schemas.push({ uri: `doorbell://schema/${name}.json`, fileMatch, schema: schema })
  }
  // A file that both matched would be offered everything twice.
  if (general) add('scenario', own ? ['**/*.yaml', `!${own.uri}`] : ['**/*.yaml'], general)
  if (own) add('own', [own.uri], own.schema)
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
