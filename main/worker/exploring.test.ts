import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ExploreOptions, RepairResult } from '../../preload/contract'
import { simulator } from './plug'
import { scalesUpTo } from './smallest'

const scenarioText = (id: string): string =>
  readFileSync(join(import.meta.dirname, `../../resources/scenarios/2021-ims/${id}.yaml`), 'utf8')

function explore(text: string, options: ExploreOptions = {}) {
  const e = simulator.explore({ name: 's', text }, [], options)
  if (!e.ok) throw new Error(JSON.stringify(e.error))
  e.value.advance(() => false)
  return e.value.result(0)
}

const property = (r: ReturnType<typeof explore>, name: string) => r.properties.find((p) => p.name === name)

/** The litmus scenario of the format's own description. */
const LATE = `doorbell: 1
title: Permission written after request_irq # a comment that stays
litmus:
  variables:
    trap:   { range: [0, 2], initial: 0 }
    slot:   { enum: [none, host, guest], initial: none }
    stored: false
    irq:    false
    wrong:  false
    right:  false
    idle:   false
  agents:
    VcpuA:
      # first asked for
      - { step: A_req,  when: "trap == 0", set: { trap: 1 } }
      # then permitted
      - { step: A_perm, when: "trap == 0", set: { trap: 2 } }
    HostIrq:
      - { step: H_alloc, when: "trap == 1", set: { slot: "stored ? guest : host" } }
      - { step: H_start, set: { irq: true, trap: 0 } }
    HostPerm:
      - { step: H_look, when: "trap == 2", set: { stored: true } }
      - { step: H_slot, set: { slot: "irq ? guest : slot", trap: 0 } }
    Device:
      - { step: D_send, when: "irq", set: { wrong: "slot == host", right: "slot == guest" } }
    Bystander:
      - { step: B_idle, set: { idle: true } }
      - { step: B_never, when: "idle && !idle", optional: true }
  properties:
    - { name: P1, never: "wrong" }
    - { name: P2, sometimes: "right" }
`

describe('an exploration', () => {
  it('names the order that decided the counterexample: the send came before the slot was written', () => {
    const p = property(explore(LATE), 'P1')
    expect(p?.counterexample?.events.map((e) => e.step)).toEqual(['A_req', 'H_alloc', 'H_start', 'D_send'])
    expect(p?.critical).toMatchObject({
      first: 'D_send',
      second: 'H_slot',
      agents: ['Device', 'HostPerm'],
      scope: 'every-run',
    })
  })

  it('lists how often each step was taken, and the one that no run takes', () => {
    const { coverage } = explore(LATE)
    expect(coverage.never).toEqual(['B_never'])
    expect(coverage.undecided).toEqual([])
    expect(coverage.graph).toBe('full')
    expect(coverage.steps.every((s) => s.taken > 0 === (s.step !== 'B_never'))).toBe(true)
  })

  it('names the critical pair of all instances at once where they are alike', () => {
    const p = property(explore(scenarioText('ims-family-late')), 'host-pasid')
    expect(p?.critical?.scope).toBe('every-run')
    expect(p?.critical?.first).toMatch(/^send\./)
    expect(p?.critical?.second).toMatch(/^set_auxdata\./)
  })
})

describe('the smallest instance', () => {
  it('is at the least scale that fails, without the agents that have no part in it, and its token replays', () => {
    const text = scenarioText('ims-family-late')
    const r = explore(text, { scale: { devices: 2, vectors: 2, descriptors: 2 }, minimise: true })
    const s = property(r, 'host-pasid')?.smallest
    expect(s).toMatchObject({ scale: { devices: 1, vectors: 1, descriptors: 1 }, proved: true })
    expect(s?.leftOut).toEqual(['Other.0'])
    expect(s?.agents).toEqual(expect.arrayContaining(['Vcpu.0.0', 'Vdcm.0.0', 'Device.0.0.0']))
    const run = simulator.runReplay({ name: 's', text }, [], s?.token ?? '')
    if (!run.ok) throw new Error(JSON.stringify(run.error))
    expect(run.value.steps).toBe(s?.length)
    expect(run.value.properties.find((p) => p.name === 'host-pasid')?.verdict).toBe('violated')
  })

  it('leaves no agent out of a failure at the end of a run: who is missing there leaves work undone', () => {
    const text = LATE.replace('{ name: P1, never: "wrong" }', '{ name: P1, end: "!wrong" }')
    expect(property(explore(text, { minimise: true }), 'P1')?.smallest?.leftOut).toEqual([])
  })

  it('goes through every scale that is not larger, none before a smaller sum, the given one last', () => {
    const all = [...scalesUpTo({ a: 3, b: 2, c: 1 })]
    const sums = all.map((s) => Object.values(s).reduce((x, y) => x + y, 0))
    expect(sums).toEqual([...sums].sort((x, y) => x - y))
    expect(new Set(all.map((s) => JSON.stringify(s))).size).toBe(6)
    expect(all.at(-1)).toEqual({ a: 3, b: 2, c: 1 })
    expect([...scalesUpTo({})]).toEqual([{}])
  })

  it('stops when cancelled, and keeps the verdicts', () => {
    const e = simulator.explore({ name: 's', text: scenarioText('ims-family-late') }, [], { minimise: true })
    if (!e.ok) throw new Error('explore')
    while (e.value.progress().stage === 'verdicts' && !e.value.advance(() => true));
    e.value.cancel()
    e.value.advance(() => false)
    const r = e.value.result(0)
    expect(property(r, 'host-pasid')?.verdict).toBe('violated')
    expect(r.complete).toBe(true)
  })
})

describe('a repair written into the text', () => {
  const alone = LATE.replace(/ {4}Bystander:\n(?: {6}.*\n)*/, '')
  const repair = (text: string): RepairResult => {
    const r = simulator.repair({ name: 's', text }, [], {})
    if (!r.ok) throw new Error(JSON.stringify(r.error))
    r.value.advance(() => false)
    return r.value.result()
  }
  const apply = (text: string, r: Pick<RepairResult['repairs'][number], 'edges' | 'moves'>): string => {
    const out = simulator.order({ name: 's', text }, r)
    if (!out.ok) throw new Error(JSON.stringify(out.error))
    return out.value
  }

  it('makes every property hold, for every repair that is offered, and keeps the comments', () => {
    const { repairs } = repair(alone)
    expect(repairs.some((r) => r.edges.length > 0)).toBe(true)
    expect(repairs.some((r) => r.moves.length > 0)).toBe(true)
    for (const r of repairs) {
      const text = apply(alone, r)
      for (const p of explore(text).properties) expect(['holds', 'witnessed']).toContain(p.verdict)
      for (const c of ['# a comment that stays', '# first asked for', '# then permitted']) expect(text).toContain(c)
    }
  }, 60_000)

  it('adds one line for an edge and touches no other', () => {
    const edge = { edges: [{ before: 'H_slot', after: 'D_send', agent: 'Device' }], moves: [] }
    const text = apply(LATE, edge)
    const lines = text.split('\n')
    expect(LATE.split('\n').every((l) => lines.includes(l))).toBe(true)
    expect(text).toContain('  orderings:\n    - { before: H_slot, after: D_send }\n')
    const twice = apply(text, { edges: [{ before: 'H_look', after: 'D_send', agent: 'Device' }], moves: [] })
    expect(twice).toContain('    - { before: H_slot, after: D_send }\n    - { before: H_look, after: D_send }\n')
    const flow = LATE.replace('  properties:', '  orderings: []\n  properties:')
    expect(apply(flow, edge)).toContain('  orderings: [ { before: H_slot, after: D_send } ]\n')
  })

  it('moves a line with the comment above it', () => {
    const text = apply(LATE, { edges: [], moves: [{ agent: 'VcpuA', order: ['A_perm', 'A_req'] }] })
    const [, program] = /VcpuA:\n([^]*?) {4}HostIrq/.exec(text) ?? []
    expect(program).toBe(`      # then permitted
      - { step: A_perm, when: "trap == 0", set: { trap: 2 } }
      # first asked for
      - { step: A_req,  when: "trap == 0", set: { trap: 1 } }
`)
  })

  it('says so where the text no longer has the steps of the repair', () => {
    const r = simulator.order({ name: 's', text: LATE }, { edges: [], moves: [{ agent: 'VcpuA', order: ['X'] }] })
    expect(r).toMatchObject({ ok: false, error: { code: 'SCENARIO_ORDERING', file: 's' } })
  })
})
