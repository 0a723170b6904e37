import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { BlockField, BlockRegister, BlockSpec, CaseSpec, OperationSpec, BehaviourSpec } from '../hardware/block'
import { scenarioJsonSchema } from './json-schema'

describe('the JSON Schema of scenarios', () => {
  it.each(Object.entries({ BlockSpec, BlockRegister, BlockField, CaseSpec, OperationSpec, BehaviourSpec }))(
    'says what every key of %s is, for completion and hover',
    (_, shape) => {
      const { properties } = z.toJSONSchema(shape, { io: 'input' })
      const silent = Object.entries(properties ?? {}).filter(([, p]) => typeof p === 'boolean' || !p.description)
      expect(silent.map(([key]) => key)).toEqual([])
    },
  )

  it('takes blocks of one’s own written out, in a file, and among those that come with Doorbell', () => {
    const { kinds } = scenarioJsonSchema()['properties'] as { kinds: { items: { anyOf: unknown[] } } }
    const keys = JSON.stringify(kinds.items.anyOf)
    for (const key of ['"registers"', '"behaviour"', '"file"', '"builtin"']) expect(keys).toContain(key)
  })
})
