/**
 * Litmus scenarios read before they are needed: parsed, validated, defaults filled in, positions kept. Compiling one
 * takes neither the YAML parser nor the schemas nor any block, and gives exactly what its text gives.
 */
import type { Fault, Result } from '../faults'
import { completed, type CompiledScenario } from './compiled'
import { compileLitmus } from './litmus'
import { OutlinePlaces, type Outline } from './places'
import type { Placement } from './platforms'
import type { Scale } from './scale'
import type { LitmusSection, Scenario } from './schema'

/** As JSON: `readScenario` made it, nothing else may. */
export interface PreparedScenario {
  readonly scenario: Scenario & { readonly litmus: LitmusSection }
  readonly outline: Outline | null
  /** Offset at which each line of the text begins. */
  readonly lines: readonly number[]
}

/** Where a scenario without a platform stands. */
const NOWHERE: Placement = { platform: null, devices: [], warnings: [] }

export function compilePrepared(
  name: string,
  { scenario, outline, lines }: PreparedScenario,
  scale: Scale = {},
): Result<CompiledScenario, Fault[]> {
  const built = compileLitmus(name, new OutlinePlaces(outline, lines), scenario, scale)
  return built.ok ? completed(scenario, built.value, scale, [], NOWHERE) : built
}
