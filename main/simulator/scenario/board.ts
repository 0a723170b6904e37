/** A block scenario becomes a model: declare the blocks, read the programs over their names, lay the steps. */
import { err, fault, nearest, ok, type Fault, type Result } from '../faults'
import { Board } from '../flows/board/board'
import { rehearse } from '../flows/board/rehearse'
import { blockTables } from '../flows/board/tables'
import type { Edge } from '../flows/edges'
import { parseExpression } from '../model/expression'
import { ModelBuilder } from '../model/builder'
import { readBlocks } from './blocks'
import { programHeads, ProgramReader } from './block-programs'
import type { Built, Scale } from './compile'
import type { ScenarioDocument } from './document'
import { placed, type OwnKind } from './kinds'
import { builtInProperties, MachineScope, readOrderings, readProperties, type NameSpace } from './properties'
import type { Platform } from '../platform/schema'
import type { Scenario } from './schema'

export function compileBoard(
  name: string,
  d: ScenarioDocument,
  scenario: Scenario,
  kinds: readonly OwnKind[],
  arch: Platform['arch'] | undefined,
  scale: Scale,
): Result<Built, Fault[]> {
  if (Object.keys(scale).length > 0)
    return err([fault('SCENARIO_SCALE', 'a scenario of blocks has no scale: change the parameters of its blocks')])
  const { instances, faults } = readBlocks(d, scenario, kinds, arch)
  if (faults.length > 0) return err([...faults])
  const b = new ModelBuilder()
  const heads = programHeads(scenario)
  const board = new Board(b, { instances, programs: heads })
  // What a built-in block cannot do with its parameters stands where they are given.
  const user = (block: string) => d.at(['blocks', instances.find((i) => i.spec.block === block)?.name ?? ''])
  const located = (f: Board['faults']): Fault[] => placed(kinds, f, user)
  board.declare()
  if (board.faults.length > 0) return err(located(board.faults))
  const own = new Set(kinds.map((k) => k.spec))
  const unused = own.size === 0 ? [] : rehearse(instances, (i) => own.has(i.spec))
  if (unused.length > 0) return err(located(unused))
  const reader = new ProgramReader(d, scenario, instances, board)
  const programs = reader.read()
  if (reader.faults.length > 0) return err(reader.faults)
  board.lay(programs)
  if (board.faults.length > 0) return err(located(board.faults))
  const space: NameSpace = { b, prefixes: [''], vectors: 0 }
  const wrong = [
    ...resolve(space, board),
    ...readOrderings(space, d, scenario.orderings, ['orderings']),
    ...edgeFaults(d, scenario, b),
    ...readProperties(space, d, scenario.properties, ['properties']),
  ]
  if (wrong.length > 0) return err(wrong)
  builtInProperties(b, board.complete())
  const edges = [...board.edges.all(), ...critical(scenario, b), ...added(scenario, b)]
  return ok({ model: b.build(name), edges, tables: [...board.instances.values()].flatMap((i) => blockTables(i)) })
}

function resolve(space: NameSpace, board: Board): Fault[] {
  return board.conditions.flatMap(({ condition, hole }) => {
    const r = parseExpression(condition.text, new MachineScope(space, '', 1), 'bool')
    if (!r.ok) return [{ ...r.error, line: condition.at.line, column: condition.at.column, offset: undefined }]
    hole.resolve(r.value.expr)
    return []
  })
}

function edgeFaults(d: ScenarioDocument, scenario: Scenario, b: ModelBuilder): Fault[] {
  return scenario.edges.flatMap((e, i) =>
    (['before', 'after'] as const).flatMap((side) => {
      if (b.stepsNamed(e[side]).length > 0) return []
      const near = nearest(e[side], b.stepNames())
      return [
        fault('SCENARIO_UNKNOWN_STEP', `no step is called ${e[side]}`, {
          ...d.at(['edges', i, side]),
          ...(near ? { hint: `did you mean ${near}?` } : {}),
        }),
      ]
    }),
  )
}

const critical = (s: Scenario, b: ModelBuilder): Edge[] =>
  s.edges.map((e) => ({ ...ends(e, b), enforcedBy: e.enforced_by, why: e.why, cite: e.cite }))

const added = (s: Scenario, b: ModelBuilder): Edge[] =>
  s.orderings.map((o) => ({
    ...ends(o, b),
    enforcedBy: 'software',
    why: 'an ordering that the scenario adds',
    cite: 'orderings',
  }))

/** An operation named as a whole: after its last step, before its first. */
function ends(e: { before: string; after: string }, b: ModelBuilder): { before: string; after: string } {
  const id = (name: string, end: 'first' | 'last'): string => {
    const [step] = b.stepsNamed(name, end)
    return step === undefined ? name : b.stepAt(step).id
  }
  return { before: id(e.before, 'last'), after: id(e.after, 'first') }
}
