import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { BlockField, BlockRegister, BlockSpec, CaseSpec, OperationSpec, BehaviourSpec } from '../hardware/block'
import type { Json } from './block-schema'
import { scenarioJsonSchema, schemaOf } from './json-schema'

interface Kind {
  properties: { kind: { const: string; description: string }; generation?: { enum: string[] } }
}

describe('the JSON Schema of scenarios', () => {
  it.each(Object.entries({ BlockSpec, BlockRegister, BlockField, CaseSpec, OperationSpec, BehaviourSpec }))(
    'says what every key of %s is, for completion and hover',
    (_, shape) => {
      const { properties } = z.toJSONSchema(shape, { io: 'input' })
      const silent = Object.entries(properties ?? {}).filter(([, p]) => typeof p === 'boolean' || !p.description)
      expect(silent.map(([key]) => key)).toEqual([])
    },
  )

  it('offers kinds of blocks with their parameters, and says what they are', () => {
    const { blocks } = scenarioJsonSchema()['properties'] as { blocks: { additionalProperties: { anyOf: Kind[] } } }
    const vidxd = blocks.additionalProperties.anyOf.find((k) => k.properties.kind.const === 'vidxd')
    expect(vidxd?.properties.kind.description).toContain('VDCM')
    expect(vidxd?.properties.generation?.enum).toContain('G4')
  })

  describe('of a scenario that can be read', () => {
    const text = (program: string, blocks = 'dev: { kind: dsa, slots: 2 }') =>
      `doorbell: 1\ntitle: t\nblocks: { ${blocks} }\nindices: { v: 2 }\nprograms:\n  host: ${program}\n  guest: []\n`
    const properties = (agent: string, of: string): Json => {
      const { programs } = (schemaOf(of, [])?.['properties'] ?? {}) as {
        programs?: { properties: Record<string, { items: { properties: Json } }> }
      }
      return programs?.properties[agent]?.items.properties ?? {}
    }
    const named = (agent: string, of: string) => Object.keys(properties(agent, of))

    it('offers each agent the operations of its blocks that its role may do, while what is there is still wrong', () => {
      const half = text('[{ dev.en', 'dev: { kind: dsa }, chip: { kind: ims-irqchip }').replace('[{ dev.en', '[dev.en]')
      expect(named('host', half)).toEqual(expect.arrayContaining(['dev.enable_wq', 'chip.alloc', 'wait', 'repeat']))
      expect(named('guest', half)).toContain('dev.enable_wq')
      expect(named('guest', half)).not.toContain('chip.alloc')
    })

    it('knows the operands, the values of indices, and the registers that can be written', () => {
      const of = (name: string) => properties('host', text('[]'))[name]
      const release = JSON.stringify(of('dev.release_ims_handle'))
      expect(release).toContain('"enum":[0,1]')
      expect(release).toContain('Command 14')
      expect(JSON.stringify(of('write'))).toContain('"dev.IMS1"')
      expect(JSON.stringify(of('repeat'))).toContain('"enum":["v"]')
    })

    it('has the operations of blocks of one’s own', () => {
      const own =
        'kinds: [{ block: x-nic, title: X, cite: c, state: { a: false }, operations: { go: { doc: Goes., steps: [{ set: { a: true } }] } } }]'
      expect(named('host', `${own}\n${text('[]', 'nic: { kind: x-nic }')}`)).toContain('nic.go')
    })

    it('is not there where the text cannot be read, or blocks do not fit together', () => {
      expect([schemaOf('doorbell: [', []), schemaOf(text('[]', 'chip: { kind: ims-irqchip }'), [])]).toEqual([
        null,
        null,
      ])
    })
  })

  it('takes blocks of one’s own written out, in a file, and among those that come with Doorbell', () => {
    const { kinds } = scenarioJsonSchema()['properties'] as { kinds: { items: { anyOf: unknown[] } } }
    const keys = JSON.stringify(kinds.items.anyOf)
    for (const key of ['"registers"', '"behaviour"', '"file"', '"builtin"']) expect(keys).toContain(key)
  })
})
