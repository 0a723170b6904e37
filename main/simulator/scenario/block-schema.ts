/** What the blocks of a scenario let an editor offer: their kinds and parameters, the operations with their operands. */
import type { Instance } from '../flows/board/instance'
import type { BlockSpec, OperandSpec, OperationSpec, ParameterSpec } from '../hardware/block'
import type { AgentRole } from '../model/model'

export type Json = Record<string, unknown>

const text = (...parts: (string | undefined)[]): Json => {
  const description = parts.filter((p) => p !== undefined && p !== '').join('\n\n')
  return description === '' ? {} : { description }
}

// ---- blocks ----------------------------------------------------------------------------------------------------

/** An entry of `blocks` of this kind, with its parameters. */
export function blockSchema(spec: BlockSpec): Json {
  const about = text(spec.title, spec.scope && `Left out: ${spec.scope}`, `Source: ${spec.cite}`)
  return {
    type: 'object',
    ...about,
    required: ['kind'],
    properties: {
      kind: { const: spec.block, ...about },
      ...Object.fromEntries(Object.entries(spec.parameters).map(([name, p]) => [name, parameterSchema(p)])),
      ports: {
        type: 'object',
        description: 'which block each port is tied to, where more than one fits',
        properties: Object.fromEntries(
          Object.entries(spec.ports).map(([port, kinds]) => [
            port,
            { type: 'string', description: `a block of kind ${[kinds].flat().join(' or ')}` },
          ]),
        ),
      },
      once: { type: 'boolean', description: 'one of it beside all `copies` of the board' },
    },
  }
}

function parameterSchema(p: ParameterSpec): Json {
  if ('names' in p) return { type: 'object', ...text(p.doc, 'names with their numbers'), default: p.names }
  const about = text(p.doc, `${JSON.stringify(p.default)} unless said`)
  if ('values' in p) return { enum: p.values, ...about }
  if (typeof p.default === 'boolean') return { type: 'boolean', ...about }
  return { type: ['integer', 'string'], minimum: p.min, maximum: p.max, ...about }
}

// ---- programs --------------------------------------------------------------------------------------------------

const CONDITION: Json = { type: ['string', 'boolean'] }
const ITEM: Json = {
  id: { type: 'string', description: 'a name for its step, for orderings, edges, properties and traces' },
  when: { ...CONDITION, description: 'the step waits until this expression is true' },
  if: { ...CONDITION, description: 'skipped where this expression is false at that moment' },
}

const item = (name: string, value: Json, about: Json, more: Json = {}): Json => ({
  type: 'object',
  ...about,
  required: [name],
  additionalProperties: false,
  properties: { [name]: { ...value, ...about }, ...ITEM, ...more },
})

/** Every operation that an agent of this role may do to these blocks, and what stands in programs besides. */
export function itemSchemas(
  instances: Iterable<readonly [string, Instance]>,
  role: AgentRole,
  registers: readonly string[],
  indices: readonly string[],
): Json[] {
  const own = [...instances].flatMap(([name, instance]) =>
    Object.entries(instance.setup.spec.operations)
      .filter(([, o]) => o.by === undefined || o.by.includes(role))
      .flatMap(([operation, o]) => operationSchemas(`${name}.${operation}`, o, instance)),
  )
  const body: Json = { type: 'array', items: { anyOf: own }, description: 'operations' }
  return [
    ...own,
    item(
      'wait',
      { type: 'object', required: ['until'], properties: { until: CONDITION } },
      text('Wait until an expression is true.'),
    ),
    item(
      'write',
      {
        type: 'object',
        required: ['register', 'value'],
        properties: {
          register: { enum: registers },
          value: { type: ['integer', 'string'] },
          bits: { type: 'string', pattern: '^\\d+:\\d+$' },
        },
      },
      text(
        'Write a register by hand, or the words "bits" of it: RW takes its bits, W1C is cleared by a one, reserved bits must be 0.',
      ),
    ),
    item('either', { type: 'array', items: body }, text('One of several lists of operations, whichever.')),
    item(
      'repeat',
      {
        type: 'object',
        required: ['do'],
        properties: { times: { type: ['integer', 'string'] }, each: { enum: indices }, do: body },
      },
      text('Operations several times, or once for every value of an index.'),
    ),
  ]
}

function operationSchemas(name: string, o: OperationSpec, instance: Instance): Json[] {
  const about = text(o.doc, `Source: ${o.cite ?? instance.setup.spec.cite}`)
  const operands = Object.entries(o.operands)
  const required = operands.filter(([, spec]) => spec.default === undefined).map(([operand]) => operand)
  const value: Json = {
    type: required.length > 0 ? 'object' : ['object', 'null'],
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(operands.map(([operand, spec]) => [operand, operandSchema(spec, instance)])),
  }
  const onError: Json = {
    on_error: { enum: ['stop', 'continue'], description: 'whether an errno ends the program (stop, unless said)' },
  }
  const full = item(name, value, about, onError)
  return required.length > 0 ? [full] : [full, { const: name, ...about }]
}

function operandSchema(spec: OperandSpec, instance: Instance): Json {
  const about = text(spec.doc, spec.default === undefined ? undefined : `${String(spec.default)} unless said`)
  if ('index' in spec) return { enum: instance.valuesOf(spec.index), ...about }
  if ('integer' in spec) return { type: 'integer', minimum: spec.integer[0], maximum: spec.integer[1], ...about }
  if ('values' in spec) return { enum: spec.values, ...about }
  if ('flag' in spec) return { type: 'boolean', ...about }
  if ('expression' in spec) return { type: ['string', 'integer', 'boolean'], ...text(spec.doc, 'an expression') }
  const p = instance.setup.parameters.get(spec.names)
  return { enum: p?.k === 'names' ? p.names.map(([n]) => n) : [], ...about }
}
