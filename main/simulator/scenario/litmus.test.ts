import { describe, expect, it } from 'vitest'
import { explore } from '../engine/explore'
import { follow } from '../engine/path'
import { compile } from '../model/compile'
import { explore as naive } from '../model/naive'
import { compileScenario } from './compile'

const EXAMPLE = `
doorbell: 1
title: Permission written after request_irq, device reads the slot when it sends
litmus:
  variables:
    trap:   { range: [0, 2], initial: 0 }
    slot:   { enum: [none, host, guest], initial: none }
    stored: false
    irq:    false
    wrong:  false
    right:  false
  agents:
    VcpuA:
      - { step: A_req,  when: "trap == 0", set: { trap: 1 } }
      - { step: A_perm, when: "trap == 0", set: { trap: 2 } }
    HostIrq:
      - { step: H_alloc, when: "trap == 1", set: { slot: "stored ? guest : host" } }
      - { step: H_start, set: { irq: true, trap: 0 } }
    HostPerm:
      - { step: H_look, when: "trap == 2", set: { stored: true } }
      - { step: H_slot, set: { slot: "irq ? guest : slot", trap: 0 } }
    Device:
      - { step: D_send, when: "irq", set: { wrong: "slot == host", right: "slot == guest" } }
  orderings: []
  properties:
    - { name: P1, never: "wrong" }
    - { name: P2, sometimes: "right" }
    - { name: P3, always: "trap <= 2" }
    - { name: P4, end: "stored && irq" }
`

function verdicts(text: string) {
  const c = compileScenario('example', text, [])
  if (!c.ok) throw new Error(JSON.stringify(c.error))
  const program = compile(c.value.model)
  const e = explore(program)
  const lengths = e.findings.map((f) => f.choices?.length)
  return {
    program,
    exploration: e,
    model: c.value.model,
    lengths,
    verdicts: Object.fromEntries(c.value.model.properties.map((p, i) => [p.name, e.findings[i]?.verdict])),
    steps: (name: string) => {
      const i = c.value.model.properties.findIndex((p) => p.name === name)
      const path = follow(program, e.findings[i]?.choices ?? [])
      return 'at' in path ? [] : path.steps.map((s) => c.value.model.steps[s]?.id)
    },
  }
}

const faultsOf = (text: string) => {
  const c = compileScenario('bad', text, [])
  return c.ok ? [] : c.error
}

const small = (body: string, rest = '') => `doorbell: 1\ntitle: t\nlitmus:\n${body}\n${rest}`

describe('a litmus scenario', () => {
  it('gives the verdicts and the shortest run of the thread’s own example', () => {
    const r = verdicts(EXAMPLE)
    expect(r.verdicts).toEqual({
      P1: 'violated',
      P2: 'witnessed',
      P3: 'holds',
      P4: 'holds',
      complete: 'holds',
      range: 'holds',
    })
    expect(r.steps('P1')).toEqual(['A_req', 'H_alloc', 'H_start', 'D_send'])
  })

  it('is repaired by the ordering H_slot before D_send', () => {
    const r = verdicts(EXAMPLE.replace('orderings: []', 'orderings: [{ before: H_slot, after: D_send }]'))
    expect(r.verdicts['P1']).toBe('holds')
    expect(r.verdicts['P2']).toBe('witnessed')
    expect(r.verdicts['complete']).toBe('holds')
  })

  it('has the same graph in the naive interpreter', () => {
    const r = verdicts(EXAMPLE)
    const n = naive(r.model)
    expect([n.states, n.transitions, n.endStates]).toEqual([
      r.exploration.states,
      r.exploration.transitions,
      r.exploration.endStates,
    ])
    expect(n.lengths).toEqual(r.lengths)
  })

  it('ends a run where a value leaves its range, counts that step, and does not judge the end there', () => {
    const r = verdicts(
      small(
        '  variables: { n: { range: [0, 1], initial: 1 } }\n  agents: { A: [{ step: up, set: { n: "n + 1" } }] }\n  properties: [{ name: E, end: "false" }]',
      ),
    )
    expect(r.verdicts).toEqual({ E: 'holds', complete: 'holds', range: 'violated' })
    expect(r.steps('range')).toEqual(['up'])
  })

  it('counts division by zero as leaving the range', () => {
    const r = verdicts(
      small('  variables: { n: { range: [0, 9], initial: 0 } }\n  agents: { A: [{ step: div, set: { n: "4 / n" } }] }'),
    )
    expect(r.verdicts['range']).toBe('violated')
  })

  it('violates complete where a mandatory step never happens, but not an optional one', () => {
    const body = (optional: string) =>
      small(`  variables: { go: false }\n  agents: { A: [{ step: never_runs, when: go${optional} }] }`)
    expect(verdicts(body('')).verdicts['complete']).toBe('violated')
    expect(verdicts(body(', optional: true')).verdicts['complete']).toBe('holds')
  })

  it('lets later steps wait for an optional step like for any other', () => {
    const r = verdicts(
      small(
        '  variables: { go: false }\n  agents: { A: [{ step: first, when: go, optional: true }, { step: second }] }',
      ),
    )
    expect(r.verdicts['complete']).toBe('violated')
  })

  it('does not judge never, always and sometimes in the initial state', () => {
    const r = verdicts(
      small(
        '  variables: { x: true }\n  agents: { A: [{ step: off, set: { x: false } }] }\n  properties: [{ name: N, never: x }, { name: S, sometimes: x }, { name: A, always: "!x" }]',
      ),
    )
    expect(r.verdicts).toMatchObject({ N: 'holds', S: 'unwitnessed', A: 'holds' })
  })

  it('lets an agent stand still in a trap until the resuming step has run', () => {
    const r = verdicts(
      small(
        '  variables: { early: false, done_: false }\n  agents: { G: [{ step: call, trap: H }, { step: after, set: { early: "!done_" } }], H: [{ step: work, when: "done(call)", set: { done_: true } }, { step: back, resume: G }] }\n  properties: [{ name: P, never: early }]',
      ),
    )
    expect(r.verdicts).toMatchObject({ P: 'holds', complete: 'holds' })
  })

  it('delivers posted writes in order, each by a step of its own, with the value of the moment it was posted', () => {
    const r = verdicts(
      small(
        '  variables: { n: { range: [0, 3], initial: 0 }, a: { range: [0, 3], initial: 0 }, b: { range: [0, 3], initial: 0 } }\n  agents: { A: [{ step: one, posted: link, set: { a: "n + 1" } }, { step: inc, set: { n: 2 } }, { step: two, posted: link, set: { b: "n" } }] }\n  properties: [{ name: order, never: "b == 2 && a == 0" }, { name: late, sometimes: "n == 2 && a == 0" }, { name: E, end: "a == 1 && b == 2" }]',
      ),
    )
    expect(r.verdicts).toMatchObject({ order: 'holds', late: 'witnessed', E: 'holds', complete: 'holds' })
  })

  it.each([
    ['an unknown variable', '{ step: s, set: { y: 1 } }', 'SCENARIO_UNKNOWN_NAME'],
    ['an unknown name in an expression', '{ step: s, when: "xx == 1" }', 'SCENARIO_UNKNOWN_NAME'],
    ['a boolean where an integer is needed', '{ step: s, set: { x: true } }', 'EXPRESSION_TYPE'],
    ['mixed kinds', '{ step: s, when: "x && true" }', 'EXPRESSION_TYPE'],
    ['a broken expression', '{ step: s, when: "x ==" }', 'EXPRESSION_SYNTAX'],
    ['an unknown step', '{ step: s, when: "done(t)" }', 'SCENARIO_UNKNOWN_STEP'],
    ['an unknown key', '{ step: s, wenn: "true" }', 'SCENARIO_UNKNOWN_KEY'],
  ])('refuses %s with a code and a position', (_what, step, code) => {
    const [f] = faultsOf(small(`  variables: { x: { range: [0, 1], initial: 0 } }\n  agents:\n    A:\n      - ${step}`))
    expect(f).toMatchObject({ code, line: 7 })
    expect(f?.column).toBeGreaterThan(8)
  })
})
