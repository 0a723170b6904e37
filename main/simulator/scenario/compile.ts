/** From a scenario's text to its model: read, place, lay the board, understand the expressions. */
import { err, fault, ok, type Fault, type Result } from '../faults'
import type { Edge } from '../flows/edges'
import { checkBinding, checkSpec, type RegisterTable } from '../hardware/registers'
import type { Model } from '../model/model'
import { compileBoard } from './board'
import { compileLitmus } from './litmus'
import { digestOf } from './digest'
import { readKinds, type BlockResource } from './kinds'
import { placeDevices, type Placement, type PlatformResource } from './platforms'
import { readScenario } from './read'
import type { Scale } from './scale'
import type { Scenario } from './schema'

/** What the block of a device is: its kind, and where it compares PASIDs, if it says so. */
export interface DeviceBlock {
  readonly id: string
  readonly kind: string
  readonly check: 'dispatch' | 'send' | 'none' | null
}

export interface CompiledScenario {
  readonly devices: readonly DeviceBlock[]
  readonly scenario: Scenario
  readonly model: Model
  readonly digest: string
  /** The scale it was compiled at, in words of the format: `devices=2,vectors=3`; empty for the file's own. */
  readonly scale: string
  readonly placement: Placement
  readonly edges: readonly Edge[]
  readonly tables: readonly RegisterTable[]
  readonly warnings: readonly Fault[]
}

/** What a scenario names instead of writing it: read by the host, the simulator never sees a file. */
export type ScenarioResource = PlatformResource | BlockResource
export const isBlock = (r: ScenarioResource): r is BlockResource => 'block' in r
const isPlatform = (r: ScenarioResource): r is PlatformResource => 'ref' in r

const MAX_STEPS = 20_000

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
  const arch = placed.value.platform?.arch
  const built = scenario.litmus
    ? compileLitmus(name, document, scenario.litmus, scenario.scale, scale)
    : compileBoard(name, document, scenario, kinds.value, placed.value, scale)
  if (!built.ok) return built
  const { model, edges, tables } = built.value
  if (model.steps.length > MAX_STEPS)
    return err([
      fault('MODEL_TOO_LARGE', `the model has ${model.steps.length} steps, at most ${MAX_STEPS} are handled`),
    ])
  for (const t of tables)
    for (const r of t.rows)
      for (const g of r.registers) {
        checkSpec(g.spec)
        checkBinding(model, g)
      }
  return ok({
    scenario,
    devices: built.value.devices ?? [],
    model,
    edges,
    tables,
    digest: digestOf({
      ...meaningOf(scenario),
      // A block means the same in a file and in the scenario.
      kinds: kinds.value.map((k) => k.spec),
      ...(placed.value.devices.length > 0 ? { places: placesOf(placed.value) } : {}),
      // Blocks may follow the platform's architecture.
      ...(scenario.litmus ? {} : { arch }),
    }),
    scale: Object.keys(scale)
      .sort()
      .map((k) => `${k}=${scale[k]}`)
      .join(','),
    placement: placed.value,
    warnings: placed.value.warnings,
  })
}

export interface Built {
  /** Blocks that stand for devices of the platform. */
  readonly devices?: readonly DeviceBlock[]
  readonly model: Model
  readonly edges: readonly Edge[]
  readonly tables: readonly RegisterTable[]
}

/** Of the platform only what the model sees of it. */
const placesOf = ({ devices }: Placement): unknown[] =>
  devices.map(({ id, under, route }) => ({ id, under, ...route, doorbell: route.doorbell?.toString() }))

/** Without the words for people: a better title must not make old replay tokens worthless. */
function meaningOf(s: Scenario): Record<string, unknown> {
  const bare = (p: Scenario['properties'][number]) => ({ ...p, title: undefined, expected: undefined })
  return {
    ...s,
    platform: undefined,
    title: undefined,
    summary: undefined,
    thread: undefined,
    covers: undefined,
    sibling: undefined,
    source: undefined,
    // Claims about the model, checked against it; no part of it.
    edges: undefined,
    devices: undefined,
    properties: s.properties.map(bare),
    litmus: s.litmus && { ...s.litmus, properties: s.litmus.properties.map(bare) },
  }
}
