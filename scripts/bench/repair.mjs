/** Repair of every racy scenario of the catalogue: CPU seconds of each in one process, worst first. */
import { join } from 'node:path'
import { runnerImport } from 'vite'
import { cpu, median, root, row } from './support.mjs'

const WIDTHS = [32, 9, 9, 9, 10]

export async function bench() {
  const { module } = await runnerImport(join(root, 'scripts/repairs.ts'), {
    configFile: false,
    root,
    logLevel: 'error',
  })
  const resources = module.resourcesOf(root)
  const runs = module.racyScenarios(root).map((s) => ({ s, ...cpu(() => module.repairsOf(s, resources)) }))
  runs.sort((a, b) => b.seconds - a.seconds)
  row(['scenario', 'CPU s', 'repairs', 'edges', 'complete'], WIDTHS)
  for (const { s, seconds, value } of runs)
    row(
      [
        s.id,
        seconds.toFixed(2),
        String(value.repairs.length),
        String(value.singleEdges.length),
        value.complete ? 'yes' : 'no',
      ],
      WIDTHS,
    )
  const all = runs.map((r) => r.seconds)
  console.log(
    `\n${runs.length} scenarios, ${all.reduce((a, b) => a + b, 0).toFixed(1)} CPU s together, median ${median(all).toFixed(2)}, worst ${Math.max(...all).toFixed(2)}`,
  )
}
