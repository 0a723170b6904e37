/**
 * The JSON Schema of scenario files, for completion and hover in an editor. Made from the schema that validates at run
 * time; where a scenario can be read, with the operations and registers of its own blocks filled in.
 */
import { z } from 'zod'
import { Board } from '../flows/board/board'
import { BLOCKS } from '../flows/blocks'
import { ModelBuilder } from '../model/builder'
import { roleOf } from './agents'
import { blockSchema, itemSchemas, type Json } from './block-schema'
import { kindsOf, readBlocks } from './blocks'
import { readKinds, type BlockResource } from './kinds'
import { readScenario } from './read'
import { extentOf } from './scale'
import { Scenario } from './schema'

/** The schema of any scenario: operations by their form alone. */
export function scenarioJsonSchema(): Json {
  return withSections([...BLOCKS.values()].map(blockSchema), {
    additionalProperties: { type: 'array', items: ANY_OPERATION },
  })
}

/** The schema for this text; null where it cannot be read so far. */
export function schemaOf(text: string, blocks: readonly BlockResource[]): Json | null {
  const read = readScenario(text)
  if (!read.ok || read.value.scenario.litmus) return null
  const { scenario, document: d } = read.value
  const kinds = readKinds(d, scenario, blocks)
  const extent = extentOf(d, scenario, {})
  if (!kinds.ok || !extent.ok) return null
  // Copies of a board have the same operations under the same names.
  const one = { ...extent.value, prefixes: [''] }
  const { instances, faults } = readBlocks(d, scenario, kinds.value, NOWHERE, one)
  if (faults.length > 0) return null
  const board = new Board(new ModelBuilder(), { instances, programs: [] })
  board.declare()
  const registers = [...board.instances.values()].flatMap((i) => i.rows.map((r) => r.name))
  const indices = [...one.env.indices.keys()]
  const agents = Object.keys(scenario.programs).map((agent): [string, Json] => {
    const items = itemSchemas(board.instances, roleOf(agent, scenario), registers, indices)
    // One object with every key: of alternatives, an editor would offer only "object".
    const properties = items.reduce<Json>((all, i) => ({ ...all, ...(i['properties'] ?? {}) }), {})
    return [agent, { type: 'array', items: { type: 'object', properties } }]
  })
  const own = kindsOf(kinds.value, [])
  return withSections([...own.values()].map(blockSchema), {
    additionalProperties: { type: 'array', items: ANY_OPERATION },
    properties: Object.fromEntries(agents),
  })
}

const NOWHERE = { platform: null, devices: [], warnings: [] }

function withSections(kinds: readonly Json[], programs: Json): Json {
  const schema = z.toJSONSchema(Scenario, { io: 'input', target: 'draft-7' }) as Json
  const properties = schema['properties'] as Record<string, Json>
  properties['blocks'] = { ...properties['blocks'], type: 'object', additionalProperties: { anyOf: kinds } }
  properties['programs'] = {
    type: 'object',
    description: 'one list of operations for each agent: "block.operation: { operands }", wait, write, either, repeat',
    ...programs,
  }
  return { ...schema, title: 'Doorbell scenario' }
}

/** `block.operation: { operands }`, `wait`, `write`, `either`, `repeat`. */
const ANY_OPERATION: Json = {
  description: 'an operation of a block',
  anyOf: [
    { type: 'object', patternProperties: { '^([A-Za-z_][A-Za-z0-9_]*\\.[a-z_0-9]+|write|either|repeat|wait)$': {} } },
    { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*\\.[a-z_0-9]+$' },
  ],
}
