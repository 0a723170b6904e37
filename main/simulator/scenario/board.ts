/** A block scenario becomes a model: declare the blocks, read the programs over their names, lay the steps. */
import { err, fault, ok, type Fault, type Result } from '../faults'
import { Board } from '../flows/board/board'
import type { InstanceSetup } from '../flows/board/instance'
import type { ProgramSetup } from '../flows/board/items'
import { rehearse } from '../flows/board/rehearse'
import { blockTables } from '../flows/board/tables'
import { parseExpression } from '../model/expression'
import { ModelBuilder } from '../model/builder'
import { addedOrderings } from './added-orderings'
import { programHeads, type ProgramHead } from './agents'
import { readBlocks } from './blocks'
import { ProgramReader } from './block-programs'
import type { Built, DeviceBlock } from './compiled'
import { claimsOf, criticalEdges, edgeFaults } from './critical-edges'
import type { ScenarioDocument } from './document'
import { placed, type OwnKind } from './kinds'
import type { Placement } from './platforms'
import { builtInProperties, MachineScope, readOrderings, readProperties, type NameSpace } from './properties'
import { extentOf, type Extent, type Scale } from './scale'
import type { Scenario } from './schema'

export function compileBoard(
  name: string,
  d: ScenarioDocument,
  scenario: Scenario,
  kinds: readonly OwnKind[],
  placement: Placement,
  scale: Scale,
): Result<Built, Fault[]> {
  const read = extentOf(d, scenario, scale)
  if (!read.ok) return read
  const extent = read.value
  const { instances, faults } = readBlocks(d, scenario, kinds, placement, extent)
  if (faults.length > 0) return err([...faults])
  const b = new ModelBuilder()
  const heads = programHeads(scenario, extent.prefixes)
  const board = new Board(b, { instances, programs: heads.map((h) => h.setup) })
  // What a built-in block cannot do with its parameters stands where they are given.
  const user = (block: string) =>
    d.at([
      'blocks',
      instances
        .find((i) => i.spec.block === block)
        ?.name.split('.')
        .at(-1) ?? '',
    ])
  const located = (f: Board['faults']): Fault[] => placed(kinds, f, user)
  board.declare()
  if (board.faults.length > 0) return err(located(board.faults))
  const own = new Set(kinds.map((k) => k.spec))
  const unused = own.size === 0 ? [] : rehearse(instances, (i) => own.has(i.spec))
  if (unused.length > 0) return err(located(unused))
  const programs = readPrograms(d, scenario, instances, board, extent, heads)
  if (!programs.ok) return programs
  board.lay(programs.value)
  if (board.faults.length > 0) return err(located(board.faults))
  const space: NameSpace = { b, prefixes: extent.prefixes, env: extent.env }
  const wrong = [
    ...resolve(space, board),
    ...readOrderings(space, d, scenario.orderings, ['orderings']),
    ...edgeFaults(d, scenario.edges, space),
    ...readProperties(space, d, scenario.properties, ['properties']),
  ]
  if (wrong.length > 0) return err(wrong)
  builtInProperties(b, board.complete())
  const tables = [...board.instances.values()].flatMap((i) => blockTables(i))
  const model = b.build(name)
  const orderings = addedOrderings(d, scenario.orderings, space, model)
  const edges = [...board.edges.all(), ...criticalEdges(scenario.edges, space), ...orderings.edges]
  const claims = claimsOf(d, scenario.edges, space, () => b.build(`${name}, its edges`))
  const { warnings } = orderings
  return ok({ model, edges, claims, tables, warnings, devices: devicesOf(scenario, instances) })
}

const CHECKS = ['dispatch', 'send', 'none'] as const

function devicesOf(scenario: Scenario, instances: readonly InstanceSetup[]): DeviceBlock[] {
  return Object.entries(scenario.devices).flatMap(([id, { block }]) => {
    const instance = instances.find((i) => i.name.split('.').at(-1) === block)
    const check = instance?.parameters.get('check')
    const named = check?.k === 'name' ? CHECKS.find((c) => c === check.value) : undefined
    return instance ? [{ id, kind: instance.spec.block, check: named ?? null }] : []
  })
}

function readPrograms(
  d: ScenarioDocument,
  scenario: Scenario,
  instances: readonly InstanceSetup[],
  board: Board,
  extent: Extent,
  heads: readonly ProgramHead[],
): Result<ProgramSetup[], Fault[]> {
  const faults = Object.keys(scenario.agents).flatMap((agent) =>
    Object.hasOwn(scenario.programs, agent)
      ? []
      : [fault('SCENARIO_UNKNOWN_AGENT', `${agent} has no program`, d.keyAt(['agents', agent]))],
  )
  const readers = new Map(
    ['', ...extent.prefixes].map((prefix) => [
      prefix,
      new ProgramReader(d, scenario, instances, board, prefix, extent.env),
    ]),
  )
  const programs = heads.flatMap((head) => readers.get(head.prefix)?.read(head) ?? [])
  // The same text is wrong in the same way in every copy.
  const [first = ''] = extent.prefixes
  for (const prefix of new Set(['', first])) faults.push(...(readers.get(prefix)?.faults ?? []))
  return faults.length > 0 ? err(faults) : ok(programs)
}

function resolve(space: NameSpace, board: Board): Fault[] {
  return board.conditions.flatMap(({ condition, hole, ready }) => {
    const r = parseExpression(condition.text, new MachineScope(space, condition.prefix), 'bool')
    if (!r.ok) return [{ ...r.error, line: condition.at.line, column: condition.at.column, offset: undefined }]
    hole.resolve(r.value.expr)
    ready?.resolve(space.b.ready(r.value.expr))
    return []
  })
}
