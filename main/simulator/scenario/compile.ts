/** From a scenario's text to its model: read, place, lay the board, understand the expressions. */
import { err, type Fault, type Result } from '../faults'
import { compileBoard } from './board'
import { completed, type CompiledScenario } from './compiled'
import { readKinds, type BlockResource } from './kinds'
import { compileLitmus } from './litmus'
import { placeDevices, type PlatformResource } from './platforms'
import { readScenario } from './read'
import type { Scale } from './scale'

export type { CompiledScenario } from './compiled'

/** What a scenario names instead of writing it: read by the host, the simulator never sees a file. */
export type ScenarioResource = PlatformResource | BlockResource
export const isBlock = (r: ScenarioResource): r is BlockResource => 'block' in r
const isPlatform = (r: ScenarioResource): r is PlatformResource => 'ref' in r

export function compileScenario(
  name: string,
  text: string,
  resources: readonly ScenarioResource[],
  scale: Scale = {},
): Result<CompiledScenario, Fault[]> {
  const read = readScenario(text)
  if (!read.ok) return read
  const { scenario, document } = read.value
  const placed = placeDevices(document, scenario, resources.filter(isPlatform))
  if (!placed.ok) return err([placed.error])
  const kinds = readKinds(document, scenario, resources.filter(isBlock))
  if (!kinds.ok) return kinds
  const built = scenario.litmus
    ? compileLitmus(name, document, { ...scenario, litmus: scenario.litmus }, scale)
    : compileBoard(name, document, scenario, kinds.value, placed.value, scale)
  if (!built.ok) return built
  const specs = kinds.value.map((k) => k.spec)
  return completed(scenario, built.value, scale, specs, placed.value)
}
