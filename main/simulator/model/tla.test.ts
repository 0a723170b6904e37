import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomModel } from '../../../test/support/random-model'
import { exploreTla, TlaModule } from '../../../test/support/tla'
import { compileScenario } from '../scenario/compile'
import type { Model } from './model'
import { explore, test } from './naive'
import { propertyLabels } from './property-labels'
import { moduleName, tla } from './tla'

/** What TLC is told to check, from its configuration. */
const invariantsOf = (config: string): string[] => [...config.matchAll(/^INVARIANT (\w+)$/gm)].map((m) => m[1] ?? '')

function agree(model: Model): void {
  const { text, config } = tla(model)
  const module = new TlaModule(text)
  const theirs = exploreTla(module, invariantsOf(config.text))
  const mine = explore(model)
  const labels = propertyLabels(model.properties)
  expect(theirs.violated.has('TypeOK')).toBe(false)
  model.properties.forEach((p, i) =>
    expect([p.name, theirs.violated.get(labels[i] ?? '')]).toEqual([p.name, mine.lengths[i]]),
  )
  // The initial state counts twice where "a step has been taken" is a part of the state.
  const initial = model.variables.map((v) => v.initial)
  const twice = model.properties.some(
    (p) =>
      ['never', 'always', 'sometimes', 'order'].includes(p.kind) && test(p.test, initial) !== (p.kind === 'always'),
  )
  expect(theirs.states - mine.states).toBeGreaterThanOrEqual(0)
  expect(theirs.states - mine.states).toBeLessThanOrEqual(twice ? 1 : 0)
}

describe('the model in TLA+', () => {
  it('has the states, verdicts and shortest lengths of the naive interpreter, on random models', () => {
    fc.assert(fc.property(randomModel, agree), { numRuns: 500, endOnFailure: true })
  }, 120_000)

  it('has them on a litmus scenario, whose words are in comments and cannot leave them', () => {
    const c = compileScenario(
      'late.yaml',
      `doorbell: 1
title: t
litmus:
  variables: { trap: { range: [0, 2], initial: 0 }, slot: { enum: [none, host, guest], initial: none }, irq: false }
  agents:
    A: [{ step: req, when: "trap == 0", set: { trap: 1 }, source: "line one\\n====\\nS9 == TRUE" }, { step: perm, when: "trap == 0", set: { trap: 2 } }]
    H: [{ step: alloc, when: "trap == 1", set: { slot: "irq ? guest : host", trap: 0 } }, { step: fix, when: "trap == 2", set: { slot: guest, trap: 0, irq: true } }]
  properties:
    - { name: late-host, never: "slot == host && irq" }
    - { name: right, sometimes: "slot == guest" }
    - { name: all, end: "irq" }
`,
      [],
    )
    if (!c.ok) throw new Error(JSON.stringify(c.error))
    agree(c.value.model)
    const { text, config } = tla(c.value.model)
    expect(text).toContain('---- MODULE late ----')
    expect(text).toContain('\\* step 0 req of A: req (line one ==== S9 == TRUE)')
    expect(text).toContain('\\* never late-host: slot == host && irq')
    expect(config.name).toBe('late.cfg')
    expect(config.text).toContain('CHECK_DEADLOCK FALSE')
  })

  it('has a module name that TLC takes, whatever the file is called', () => {
    expect(['a b.yaml', '2021-late', 'x.tla'].map(moduleName)).toEqual(['a_b', 'M_2021_late', 'x'])
  })
})
