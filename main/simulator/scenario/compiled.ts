/**
 * A scenario that has been compiled, of blocks or litmus: the last checks, and its digest. Knows neither: whoever
 * compiles a litmus scenario loads no block.
 */
import { err, fault, ok, type Fault, type Result } from '../faults'
import type { Edge } from '../flows/edges'
import type { BlockSpec } from '../hardware/block'
import { checkBinding, checkSpec, type RegisterTable } from '../hardware/registers'
import type { Model } from '../model/model'
import type { Claims } from './critical-edges'
import { digestOf } from './digest'
import type { Placement } from './platforms'
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
  /** What the scenario says of its edges; nothing of it is in the model. */
  readonly claims: Claims | null
  readonly tables: readonly RegisterTable[]
  readonly warnings: readonly Fault[]
}

export interface Built {
  /** Blocks that stand for devices of the platform. */
  readonly devices?: readonly DeviceBlock[]
  readonly model: Model
  readonly edges: readonly Edge[]
  /** What the scenario says of its edges; nothing of it is in the model. */
  readonly claims: Claims | null
  readonly tables: readonly RegisterTable[]
  /** What is doubtful about it, besides its claims. */
  readonly warnings?: readonly Fault[]
}

const MAX_STEPS = 20_000

/** Errors: MODEL_TOO_LARGE. */
export function completed(
  scenario: Scenario,
  built: Built,
  scale: Scale,
  kinds: readonly BlockSpec[],
  placement: Placement,
): Result<CompiledScenario, Fault[]> {
  const { model, edges, claims, tables } = built
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
    devices: built.devices ?? [],
    model,
    edges,
    claims,
    tables,
    digest: digestOf({
      ...meaningOf(scenario),
      // A block means the same in a file and in the scenario.
      kinds,
      ...(placement.devices.length > 0 ? { places: placesOf(placement) } : {}),
      // Blocks may follow the platform's architecture.
      ...(scenario.litmus ? {} : { arch: placement.platform?.arch }),
    }),
    scale: Object.keys(scale)
      .sort()
      .map((k) => `${k}=${scale[k]}`)
      .join(','),
    placement,
    warnings: [...placement.warnings, ...(built.warnings ?? [])],
  })
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
