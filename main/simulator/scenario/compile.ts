/** From a scenario's text to its model: read, place, lay the machines, understand the expressions. */
import { err, fault, ok, type Fault, type Result } from '../faults'
import type { Edge } from '../flows/edges'
import type { Flow } from '../flows/flow'
import { layMachine } from '../flows/machine'
import type { DeviceSetup, Setup } from '../flows/setup'
import { registerTables } from '../flows/tables'
import { checkBinding, checkSpec, type RegisterTable } from '../hardware/registers'
import { all } from '../model/expr'
import { ModelBuilder } from '../model/builder'
import type { Model } from '../model/model'
import { compileBoard } from './board'
import { compileLitmus } from './litmus'
import { digestOf } from './digest'
import type { ScenarioDocument } from './document'
import { readKinds, type BlockResource } from './kinds'
import { placeDevice, type Placement, type PlatformResource } from './platforms'
import { readPrograms } from './programs'
import { builtInProperties, MachineScope, readOrderings, readProperties, type NameSpace } from './properties'
import { parseExpression } from '../model/expression'
import { readScenario } from './read'
import type { Scenario } from './schema'

export interface CompiledScenario {
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

export type Scale = Readonly<Record<string, number>>

/** What a scenario names instead of writing it: read by the host, the simulator never sees a file. */
export type ScenarioResource = PlatformResource | BlockResource
const isBlock = (r: ScenarioResource): r is BlockResource => 'block' in r
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
  const placed = placeDevice(document, scenario, resources.filter(isPlatform))
  if (!placed.ok) return err([placed.error])
  const kinds = readKinds(document, scenario, resources.filter(isBlock))
  if (!kinds.ok) return kinds
  const arch = placed.value.platform?.arch
  const onBoard = Object.keys(scenario.blocks).length > 0
  const built = scenario.litmus
    ? compileLitmus(name, document, scenario.litmus, scenario.scale ?? {}, scale)
    : onBoard
      ? compileBoard(name, document, scenario, kinds.value, arch, scale)
      : compileFlows(name, document, scenario, placed.value, scale)
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
    model,
    edges,
    tables,
    digest: digestOf({
      ...meaningOf(scenario),
      // A block means the same in a file and in the scenario.
      kinds: kinds.value.map((k) => k.spec),
      place: placeOf(placed.value),
      // Blocks may follow the platform's architecture.
      ...(onBoard ? { arch } : {}),
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
  readonly model: Model
  readonly edges: readonly Edge[]
  readonly tables: readonly RegisterTable[]
}

function compileFlows(
  name: string,
  d: ScenarioDocument,
  scenario: Scenario,
  placement: Placement,
  scale: Scale,
): Result<Built, Fault[]> {
  const size = sizes(scenario, scale)
  if (!size.ok) return err([size.error])
  const { devices, vectors } = size.value
  const { programs, faults } = readPrograms(d, scenario, vectors)
  if (faults.length > 0) return err([...faults])
  const setup: Setup = {
    name,
    programs,
    device: deviceSetup(scenario, placement, vectors),
    pasids: Object.entries(scenario.pasids).map(([n, p]) => ({
      name: n,
      host: p.host,
      ...(p.guest === undefined ? {} : { guest: p.guest }),
    })),
    mmioCapacity: scenario.channels.mmio?.capacity ?? 4,
    copies: devices,
  }
  const b = new ModelBuilder()
  const prefixes = devices === 1 ? [''] : Array.from({ length: devices }, (_, i) => `vm${i + 1}.`)
  const flows: Flow[] = []
  for (const prefix of prefixes) {
    const { flow, fault: bad } = layMachine(b, setup, prefix)
    if (bad) return err([bad])
    flows.push(flow)
  }
  const space: NameSpace = { b, prefixes, vectors }
  const wrong = [
    ...flows.flatMap((f) => resolveConditions(space, f)),
    ...readOrderings(space, d, scenario.orderings, ['orderings']),
    ...readProperties(space, d, scenario.properties, ['properties']),
  ]
  if (wrong.length > 0) return err(wrong)
  builtInProperties(b, all(flows.map((f) => f.complete())))
  const model = b.build(name)
  const edges = [...flows.flatMap((f) => f.edges.all()), ...addedEdges(scenario.orderings, prefixes)]
  return ok({ model, edges, tables: flows.flatMap((f) => registerTables(f)) })
}

function resolveConditions(space: NameSpace, flow: Flow): Fault[] {
  return flow.conditions.flatMap(({ text, at, hole }) => {
    const scope = new MachineScope(space, flow.prefix, 1)
    const r = parseExpression(text, scope, 'bool')
    if (!r.ok) return [{ ...r.error, line: at.line, column: at.column, offset: undefined }]
    hole.resolve(r.value.expr)
    return []
  })
}

function addedEdges(orderings: Scenario['orderings'], prefixes: readonly string[]): Edge[] {
  return orderings.flatMap((o) =>
    prefixes.map((p): Edge => ({
      before: p + o.before,
      after: p + o.after,
      enforcedBy: 'software',
      why: 'an ordering that the scenario adds',
      cite: 'orderings',
    })),
  )
}

function sizes(scenario: Scenario, scale: Scale): Result<{ devices: number; vectors: number }> {
  const declared = scenario.scale
  for (const k of Object.keys(scale)) {
    if (k !== 'devices' && k !== 'vectors')
      return err(
        fault('SCENARIO_SCALE', `this scenario cannot be scaled by ${k}`, {
          hint: 'it can be scaled by devices and vectors',
        }),
      )
    if (declared?.[k] === undefined)
      return err(
        fault('SCENARIO_SCALE', `this scenario does not declare "scale: { ${k}: … }"`, {
          hint: 'only what a scenario declares can be scaled',
        }),
      )
  }
  const [device] = Object.values(scenario.devices)
  const devices = scale['devices'] ?? declared?.['devices'] ?? 1
  const vectors = scale['vectors'] ?? declared?.['vectors'] ?? device?.vectors ?? 1
  if (devices > 8 || vectors > 32)
    return err(fault('SCENARIO_SCALE', `devices ${devices}, vectors ${vectors}: at most 8 devices and 32 vectors`))
  return ok({ devices, vectors })
}

function deviceSetup(scenario: Scenario, placement: Placement, vectors: number): DeviceSetup {
  const [entry] = Object.entries(scenario.devices)
  const [id, section] = entry ?? ['', undefined]
  return {
    id,
    check: section?.check ?? 'dispatch',
    vectors,
    defaultPasid: section?.default_pasid ?? '',
    validatePasid: section?.validate_pasid ?? true,
    wq: section?.wq ?? 'shared',
    under: placement.under,
    route: placement.route,
  }
}

/** Of the platform only what the model sees of it. */
function placeOf({ under, route }: Placement): Record<string, unknown> {
  return { under, ...route, doorbell: route.doorbell?.toString() }
}

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
    properties: s.properties.map(bare),
    litmus: s.litmus && { ...s.litmus, properties: s.litmus.properties.map(bare) },
  }
}
