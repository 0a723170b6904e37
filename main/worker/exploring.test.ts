import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ExploreOptions, ExploreResult, RepairResult } from '../../preload/contract'
import { simulator } from './plug'
import { runInSlices } from './slices'
import { scalesUpTo } from './smallest'

const scenarioText = (id: string): string =>
  readFileSync(join(import.meta.dirname, `../../resources/scenarios/2021-ims/${id}.yaml`), 'utf8')

const clock = { now: () => 0, turn: () => Promise.resolve() }

function explore(text: string, options: ExploreOptions = {}, signal = new AbortController().signal) {
  const e = simulator.explore({ name: 's', text }, [], options)
  if (!e.ok) throw new Error(JSON.stringify(e.error))
  return runInSlices(e.value, clock, signal, () => undefined)
}

const property = (r: ExploreResult, name: string) => r.properties.find((p) => p.name === name)

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
  it('names the order that decided the counterexample: the send came before the slot was written', async () => {
    const p = property(await explore(LATE), 'P1')
    expect(p?.counterexample?.events.map((e) => e.step)).toEqual(['A_req', 'H_alloc', 'H_start', 'D_send'])
    expect(p?.critical).toMatchObject({
      first: 'D_send',
      second: 'H_slot',
      agents: ['Device', 'HostPerm'],
      scope: 'every-run',
    })
  })

  it('lists how often each step was taken, and the one that no run takes', async () => {
    const { coverage } = await explore(LATE, { coverage: true })
    expect(coverage?.never).toEqual(['B_never'])
    expect(coverage?.undecided).toEqual([])
    expect(coverage?.graph).toBe('full')
    expect(coverage?.steps.every((s) => s.taken > 0 === (s.step !== 'B_never'))).toBe(true)
  })

  it('says nothing of what was not asked, and no reason where it is not wanted', async () => {
    const r = await explore(LATE, { critical: false })
    expect(r).not.toHaveProperty('coverage')
    expect(property(r, 'P1')).not.toHaveProperty('critical')
  })

  it('says the same verdicts whatever else it is asked', async () => {
    const bare = (r: ExploreResult): unknown => ({
      ...r,
      coverage: undefined,
      properties: r.properties.map((p) => ({ ...p, critical: undefined, smallest: undefined })),
    })
    const all = await explore(LATE, { coverage: true, minimise: true })
    expect(bare(all)).toEqual(bare(await explore(LATE, { critical: false })))
  })

  it('names the critical pair of all instances at once where they are alike', async () => {
    const p = property(await explore(scenarioText('ims-family-late')), 'host-pasid')
    expect(p?.critical?.scope).toBe('every-run')
    expect(p?.critical?.first).toMatch(/^send\./)
    expect(p?.critical?.second).toMatch(/^set_auxdata\./)
  })
})

describe('the smallest instance', () => {
  it('is at the least scale that fails, without the agents that have no part in it, and its token replays', async () => {
    const text = scenarioText('ims-family-late')
    const r = await explore(text, { scale: { devices: 2, vectors: 2, descriptors: 2 }, minimise: true })
    const s = property(r, 'host-pasid')?.smallest
    expect(s).toMatchObject({ scale: { devices: 1, vectors: 1, descriptors: 1 }, proved: true })
    expect(s?.leftOut).toEqual(['Other.0'])
    expect(s?.agents).toEqual(expect.arrayContaining(['Vcpu.0.0', 'Vdcm.0.0', 'Device.0.0.0']))
    const run = simulator.runReplay({ name: 's', text }, [], s?.token ?? '')
    if (!run.ok) throw new Error(JSON.stringify(run.error))
    expect(run.value.steps).toBe(s?.length)
    expect(run.value.properties.find((p) => p.name === 'host-pasid')?.verdict).toBe('violated')
  })

  it('leaves no agent out of a failure at the end of a run: who is missing there leaves work undone', async () => {
    const text = LATE.replace('{ name: P1, never: "wrong" }', '{ name: P1, end: "!wrong" }')
    expect(property(await explore(text, { minimise: true }), 'P1')?.smallest?.leftOut).toEqual([])
  })

  it('goes through every scale that is not larger, none before a smaller sum, the given one last', () => {
    const all = [...scalesUpTo({ a: 3, b: 2, c: 1 })]
    const sums = all.map((s) => Object.values(s).reduce((x, y) => x + y, 0))
    expect(sums).toEqual([...sums].sort((x, y) => x - y))
    expect(new Set(all.map((s) => JSON.stringify(s))).size).toBe(6)
    expect(all.at(-1)).toEqual({ a: 3, b: 2, c: 1 })
    expect([...scalesUpTo({})]).toEqual([{}])
  })

  it('stops when cancelled, and keeps the verdicts', async () => {
    const e = simulator.explore({ name: 's', text: scenarioText('ims-family-late') }, [], { minimise: true })
    if (!e.ok) throw new Error('explore')
    const stages: string[] = []
    const interrupt = new AbortController()
    // Cancelled at the first news of looking for it.
    let now = 0
    const each = { now: () => (now += 1000), turn: () => Promise.resolve() }
    const r = await runInSlices(e.value, each, interrupt.signal, ({ stage }) => {
      stages.push(stage)
      if (stage === 'smallest') interrupt.abort()
    })
    expect(stages).toContain('smallest')
    expect(property(r, 'host-pasid')?.verdict).toBe('violated')
    expect(property(r, 'host-pasid')?.smallest?.proved).not.toBe(true)
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

  it('makes every property hold, for every repair that is offered, and keeps the comments', async () => {
    const { repairs } = repair(alone)
    expect(repairs.some((r) => r.edges.length > 0)).toBe(true)
    expect(repairs.some((r) => r.moves.length > 0)).toBe(true)
    for (const r of repairs) {
      const text = apply(alone, r)
      for (const p of (await explore(text)).properties) expect(['holds', 'witnessed']).toContain(p.verdict)
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

  it('turns the broken run into one that keeps its steps in the repaired order, for every repair that is offered', async () => {
    const broken = property(await explore(alone), 'P1')?.counterexample?.events.map((e) => e.step) ?? []
    for (const r of repair(alone).repairs) {
      const beside = simulator.beside({ name: 's', text: alone }, [], { steps: broken, repair: r, scale: {} })
      if (!beside.ok) throw new Error(JSON.stringify(beside.error))
      const { trace, left } = beside.value
      const steps = trace.events.map((e) => e.step)
      expect(broken.filter((s) => !steps.includes(s))).toEqual(left)
      for (const { before, after } of r.edges)
        if (steps.includes(after)) expect(steps.indexOf(before)).toBeLessThan(steps.indexOf(after))
      const text = apply(alone, r)
      const run = simulator.runReplay({ name: 's', text }, [], trace.token)
      if (!run.ok) throw new Error(JSON.stringify(run.error))
      expect(run.value.trace.events.map((e) => e.step)).toEqual(steps)
      expect(run.value.properties.map((p) => p.verdict)).not.toContain('violated')
    }
  }, 60_000)

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
