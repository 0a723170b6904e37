/** `doorbell explore ID` of a scenario that the build has prepared. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compilePrepared } from '../../simulator/scenario/prepared'
import { exploring, ready } from '../../worker/exploring'
import { packageFolder } from '../../workspace/root'
import type { Io } from '../io'
import { readPrepared } from '../prepared'
import type { QuickExplore } from '../quick'
import { reportExploration, told } from './exploration'

/** Undefined where the scenario is not such a one, or something is wrong with how it is asked for. */
export async function explorePrepared(
  { id, json, options }: QuickExplore,
  io: Io,
  catalogue: string = fileURLToPath(new URL('./catalogue', import.meta.url)), // beside the built files
  scenarios: string = join(packageFolder(), 'resources/scenarios'),
): Promise<number | undefined> {
  if (existsSync(id)) return undefined // a file of that name comes first
  const prepared = readPrepared(catalogue, scenarios, id)
  if (prepared && prepared.scenario.edges.length > 0) return undefined // what it says of them is checked
  const compiled = prepared && compilePrepared(id, prepared, options.scale)
  if (!compiled?.ok) return undefined
  return reportExploration(exploring(id, ready(compiled.value), told(options, json)), id, io, json)
}
