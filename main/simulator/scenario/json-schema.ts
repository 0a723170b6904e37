/**
 * The JSON Schema of scenario files, for completion, hover and squiggles in an editor. Made from the schema that
 * validates at run time, with the programs filled in from the same table of operations that programs.ts reads.
 */
import { z } from 'zod'
import { EVENTS, OPERATIONS, PROGRAM_AGENTS, type Operation, type ProgramAgent } from '../flows/operations'
import { Scenario } from './schema'

type Json = Record<string, unknown>

export function scenarioJsonSchema(): Json {
  const schema = z.toJSONSchema(Scenario, { io: 'input', target: 'draft-7' }) as Json
  const properties = schema['properties'] as Record<string, Json>
  properties['programs'] = {
    description:
      'One list of operations for each agent. Serving agents answer calls: "- on: EVENT" with "do: [operations]".',
    type: 'object',
    // Beside blocks, agents have names of the scenario's choice and operations of the blocks it has.
    additionalProperties: { type: 'array' },
    properties: Object.fromEntries(PROGRAM_AGENTS.map((a) => [a, programSchema(a)])),
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

function programSchema(agent: ProgramAgent): Json {
  const mine = [...OPERATIONS.values()].filter((o) => o.where[agent] === 'program')
  const events = Object.entries(EVENTS).filter(([, e]) => e.agent === agent)
  return {
    type: 'array',
    items: {
      anyOf: [
        ...mine.flatMap((o) => itemSchemas(o)),
        ...events.map(([name, e]) => handlerSchema(agent, name, e.doc)),
        BLOCK_ITEM,
      ],
    },
  }
}

function handlerSchema(agent: ProgramAgent, event: string, doc: string): Json {
  const inside = [...OPERATIONS.values()].filter((o) => {
    const allowed = o.where[agent]
    return allowed !== undefined && allowed !== 'program' && allowed.includes(event)
  })
  return {
    type: 'object',
    description: doc,
    required: ['on', 'do'],
    additionalProperties: false,
    properties: {
      on: { const: event, description: doc },
      do: { type: 'array', items: { anyOf: inside.flatMap((o) => itemSchemas(o)) } },
    },
  }
}

/** An operation as `name: { operands }`, and as a bare word where it needs no operand. */
function itemSchemas(o: Operation): Json[] {
  const operands = z.toJSONSchema(o.operands, { io: 'input', target: 'draft-7' }) as Json
  delete operands['$schema']
  const description = `${o.doc}\n\nSource: ${o.cite}`
  const needs = Array.isArray(operands['required']) && operands['required'].length > 0
  const full: Json = {
    type: 'object',
    description,
    required: [o.name],
    additionalProperties: false,
    properties: {
      [o.name]: needs ? { ...operands, description } : { anyOf: [operands, { type: 'null' }], description },
      id: { type: 'string', description: 'a name for its step, for orderings, properties and traces' },
      when: { type: ['string', 'boolean'], description: 'the step waits until this expression is true' },
    },
  }
  return needs ? [full] : [full, { const: o.name, description }]
}
