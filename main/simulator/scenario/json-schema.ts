/**
 * The JSON Schema of scenario files, for completion, hover and squiggles in an editor. Made from the schema that
 * validates at run time.
 */
import { z } from 'zod'
import { Scenario } from './schema'

type Json = Record<string, unknown>

export function scenarioJsonSchema(): Json {
  const schema = z.toJSONSchema(Scenario, { io: 'input', target: 'draft-7' }) as Json
  const properties = schema['properties'] as Record<string, Json>
  properties['programs'] = {
    description: 'one list of operations for each agent: "block.operation: { operands }", wait, write, either, repeat',
    type: 'object',
    additionalProperties: { type: 'array', items: BLOCK_ITEM },
  }
  return { ...schema, title: 'Doorbell scenario' }
}

/** `block.operation: { operands }`, `wait`, `write`, `either`, `repeat`: which there are depends on the scenario's blocks. */
const BLOCK_ITEM: Json = {
  description: 'an operation of a block',
  anyOf: [
    { type: 'object', patternProperties: { '^([A-Za-z_][A-Za-z0-9_]*\\.[a-z_0-9]+|write|either|repeat|wait)$': {} } },
    { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*\\.[a-z_0-9]+$' },
  ],
}
