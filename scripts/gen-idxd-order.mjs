/** Writes docs/idxd-order.md from the explorations in scripts/idxd-order.ts. */
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { runnerImport } from 'vite'

const root = resolve(import.meta.dirname, '..')
const { module } = await runnerImport(join(root, 'scripts/idxd-order.ts'), {
  configFile: false,
  root,
  logLevel: 'error',
})
writeFileSync(join(root, 'docs/idxd-order.md'), module.orderDocument(root))
console.log('docs/idxd-order.md')
