/** Writes docs/sources.md from main/simulator/sources/. */
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { runnerImport } from 'vite'

const root = resolve(import.meta.dirname, '..')
const { module } = await runnerImport(join(root, 'scripts/sources-document.ts'), {
  configFile: false,
  root,
  logLevel: 'error',
})
writeFileSync(join(root, 'docs/sources.md'), module.sourcesDocument())
console.log('docs/sources.md')
