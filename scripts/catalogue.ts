/** What the build keeps of the built-in scenarios, so that a cold `doorbell explore` need not read them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CatalogueEntry } from '../main/cli/prepared'
import { prepare } from '../main/simulator/scenario/prepare'

/** File name → contents, for each scenario below the folder that can be prepared. */
export function catalogueOf(scenarios: string): Map<string, string> {
  const out = new Map<string, string>()
  for (const name of readdirSync(scenarios, { recursive: true, encoding: 'utf8' }).sort()) {
    const id = /([\w-]+)\.ya?ml$/.exec(name)?.[1]
    if (id === undefined) continue
    const text = readFileSync(join(scenarios, name), 'utf8')
    if (!/^litmus:/m.test(text)) continue // a board, as nearly all: parsing them all would take seconds
    const prepared = prepare(text)
    if (!prepared) continue
    const entry: CatalogueEntry = { file: name.replaceAll('\\', '/'), text, prepared }
    out.set(`${id}.json`, JSON.stringify(entry))
  }
  return out
}
