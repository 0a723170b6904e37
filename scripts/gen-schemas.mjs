/** Writes docs/cli/<command>.schema.json from the shapes in main/cli/output.ts. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { runnerImport } from 'vite'

const root = resolve(import.meta.dirname, '..')
const { module } = await runnerImport(join(root, 'main/cli/output.ts'), { configFile: false, root, logLevel: 'error' })
mkdirSync(join(root, 'docs/cli'), { recursive: true })
for (const [name, schema] of Object.entries(module.outputSchemas())) {
  writeFileSync(join(root, 'docs/cli', name), JSON.stringify(schema, null, 2) + '\n')
  console.log(`docs/cli/${name}`)
}
