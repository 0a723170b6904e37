/** Writes docs/repairs.md from the searches in scripts/repairs.ts: takes minutes, and says how far it is. */
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { runnerImport } from 'vite'

const root = resolve(import.meta.dirname, '..')
const { module } = await runnerImport(join(root, 'scripts/repairs.ts'), {
  configFile: false,
  root,
  logLevel: 'error',
})
const file = join(root, 'docs/repairs.md')
const resources = module.resourcesOf(root)
const scenarios = module.racyScenarios(root)
const rows = scenarios.map((s, i) => {
  const before = process.cpuUsage()
  const row = module.repairRow(s, module.repairsOf(s, resources))
  const { user, system } = process.cpuUsage(before)
  console.error(`${i + 1}/${scenarios.length} ${s.id} ${((user + system) / 1e6).toFixed(2)} s`)
  return [s, row]
})
const options = await resolveConfig(file)
writeFileSync(file, await format(module.repairsDocument(rows), { ...options, parser: 'markdown' }))
console.log('docs/repairs.md')
