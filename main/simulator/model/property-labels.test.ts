import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exploreTla, TlaModule } from '../../../test/support/tla'
import { compileScenario } from '../scenario/compile'
import { promela } from './promela'
import { propertyLabels } from './property-labels'
import { tla } from './tla'

describe('labels of properties in exports', () => {
  it('are identifiers, different for different names, and the name itself where it can be', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: fc.constantFrom('a', '_', '-', '.', '2', ' ') })), (names) => {
        const labels = propertyLabels(names.map((name) => ({ name })))
        expect(new Set(labels).size).toBe(names.length)
        labels.forEach((label, i) => {
          expect(label).toMatch(/^P_\w*$/)
          if (/^\w*$/.test(names[i] ?? '')) expect(label).toBe(`P_${names[i]}`)
        })
      }),
    )
  })

  it('keep properties apart whose names differ only in punctuation', () => {
    const c = compileScenario(
      'test',
      `doorbell: 1
title: t
litmus:
  variables: { done_a: false }
  agents: { A: [{ step: a, set: { done_a: true } }] }
  properties:
    - { name: wrong-a, never: "done_a" }
    - { name: wrong_a, never: "!done_a" }
`,
      [],
    )
    if (!c.ok) throw new Error(JSON.stringify(c.error))
    const { model } = c.value
    const { text, config } = tla(model)
    const invariants = [...config.text.matchAll(/^INVARIANT (P_\w+)$/gm)].map(([, name = '']) => name)
    expect(new Set(invariants).size).toBe(model.properties.length)
    const { violated } = exploreTla(new TlaModule(text), invariants)
    const [first = '', second = ''] = propertyLabels(model.properties)
    expect([first, violated.get(first)]).toEqual(['P_wrong_a_2', 1])
    expect([second, violated.get(second)]).toEqual(['P_wrong_a', undefined])
    for (const label of [first, second])
      expect(promela(model).match(new RegExp(`^#ifdef ${label}$`, 'gm'))).toHaveLength(1)
  })
})
