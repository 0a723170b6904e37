/** Built-in scenarios as the build has prepared them (scripts/catalogue.ts): one JSON file each. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PreparedScenario } from '../simulator/scenario/prepared'

/** One file of the catalogue. */
export interface CatalogueEntry {
  /** Path below resources/scenarios, with slashes. */
  readonly file: string
  /** The whole text that was prepared: when the file says anything else now, the entry is worth nothing. */
  readonly text: string
  readonly prepared: PreparedScenario
}

/** Undefined where the catalogue has none of that id, or one of another text. */
export function readPrepared(catalogue: string, scenarios: string, id: string): PreparedScenario | undefined {
  const kept = read(join(catalogue, `${id}.json`))
  if (!kept) return undefined
  const entry = JSON.parse(kept.toString()) as CatalogueEntry
  return read(join(scenarios, entry.file))?.equals(Buffer.from(entry.text)) ? entry.prepared : undefined
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}
