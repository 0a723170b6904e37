import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { Platform } from '../../preload/contract'
import { simulator } from './plug'
import type { Resource } from './simulator'

const root = join(import.meta.dirname, '../../resources')
const resources: Resource[] = [
  {
    ref: { builtin: 'spr-dsa' },
    platform: Platform.parse(parse(readFileSync(join(root, 'platforms/spr-dsa.yaml'), 'utf8'))),
  },
]
const late = readFileSync(join(root, 'scenarios/2021-ims/idxd-vsvm-late.yaml'), 'utf8')
const IRQ = '    - { qemu.request_irq: { vector: 1 }, id: B3 }\n'
const PERM = '    - { vdev.write_msixperm: { vector: 1, spid: g1 }, id: B6 }\n'

const problems = (text: string) => simulator.check({ name: 'mine.yaml', text }, resources).problems
const edges = (text: string) => problems(text).filter((p) => p.code === 'SCENARIO_EDGE')
const lineOf = (text: string, part: string) => text.slice(0, text.indexOf(part)).split('\n').length

const litmus = (edge: string, steps = '[{ step: W, set: { x: true } }, { step: F, set: { y: true } }]') => `doorbell: 1
title: two writes and two reads
litmus:
  variables: { x: false, y: false, stale: false }
  agents:
    writer: ${steps}
    reader: [{ step: SEEN, when: 'y' }, { step: READ, set: { stale: '!x' } }]
  properties:
    - { name: seen, sometimes: 'y' }
edges:
  - { ${edge}, why: as the text says }
`

describe('an ordering that a scenario adds', () => {
  const board = readFileSync(join(root, 'scenarios/2013-pamu/pamu-message-late.yaml'), 'utf8')
  const platform = Platform.parse(parse(readFileSync(join(root, 'platforms/p4080-pamu.yaml'), 'utf8')))
  const pamu: Resource[] = [{ ref: { builtin: 'p4080-pamu' }, platform }]
  const added = (before: string, after: string) =>
    board.replace('\nedges:\n', `\norderings:\n  - { before: ${before}, after: ${after} }\nedges:\n`)
  const told = (text: string) =>
    simulator.check({ name: 'mine.yaml', text }, pamu).problems.filter((p) => p.code === 'SCENARIO_ORDERING')
  const verdicts = (text: string) => {
    const drawn = simulator.explore({ name: 'mine.yaml', text }, pamu, {})
    if (!drawn.ok) throw new Error(drawn.error.message)
    drawn.value.advance(() => false)
    return drawn.value.result(0).properties.map((p) => p.verdict)
  }

  it('is kept in every run, and said to be nobody’s to enforce, where it holds the hardware back', () => {
    const text = added('IRQS', 'MSI')
    expect(verdicts(board)).toContain('violated')
    expect(verdicts(text)).not.toContain('violated')
    expect(told(text)).toMatchObject([
      {
        severity: 'warning',
        message: expect.stringMatching(/^nobody can make MSI wait for IRQS: it is a step of the hardware/) as string,
        line: lineOf(text, 'orderings:\n') + 1,
        column: 28,
      },
    ])
  })

  it('is an ordinary one where software waits', () => {
    expect(verdicts(added('MSI', 'IRQS'))).not.toEqual([])
    expect(told(added('MSI', 'IRQS'))).toEqual([])
  })
})

describe('what a scenario says of its edges', () => {
  it('is held against every run: a step that has been moved leaves a false edge, told at its place', () => {
    expect(edges(late)).toEqual([])
    const moved = late.replace(IRQ + PERM, PERM + IRQ)
    const found = edges(moved)
    expect(found.map((p) => [p.severity, p.line, p.column])).toEqual([
      ['warning', lineOf(moved, 'before: B3\n') + 2, 18],
      // Before there is an interrupt the host only remembers the permission.
      ['warning', lineOf(moved, 'after: B6.apply_either.set_auxdata.write\n'), 12],
    ])
    expect(found[0]?.message).toBe(
      'program order is said to enforce that B3 comes before B6.trap, but Guest driver runs B6.trap first',
    )
    expect(found[0]?.hint).toContain('put the steps into that order')
  })

  it('is wrong where another enforcer is named for what nothing keeps in order', () => {
    const text = late.replace(
      'after: dev.engine0.send.ims0\n    enforced_by: nobody',
      'after: dev.engine0.send.ims0\n    enforced_by: device',
    )
    expect(edges(text).map((p) => p.message)).toEqual([
      expect.stringMatching(/^the device is said to enforce that .* there is a run of \d+ steps in which/),
    ])
  })

  it('is wrong where nobody is said to enforce what every run keeps', () => {
    const text = late.replace(
      '\nproperties:',
      '\norderings:\n  - { before: B6.apply_either.set_auxdata.write.arrives, after: dev.engine0.send.ims0 }\n\nproperties:',
    )
    expect(edges(text).map((p) => [p.line, p.message])).toEqual([
      [
        lineOf(text, 'before: B6.apply_either.set_auxdata.write.arrives\n') + 2,
        'nobody is said to enforce that B6.apply_either.set_auxdata.write.arrives comes before dev.engine0.send.ims0, but in every run it does',
      ],
    ])
  })

  it('is told to say nothing where its later step never happens', () => {
    const text = late.replace(PERM, PERM.replace(', id: B6', ', id: B6, if: "false"'))
    expect(edges(text).map((p) => p.message)).toContain('B6.trap happens in no run: the edge from B3 orders nothing')
  })

  it('is the same of a litmus scenario', () => {
    expect(edges(litmus('before: W, after: READ, enforced_by: software'))).toEqual([])
    const other = '[{ step: F, set: { y: true } }, { step: W, set: { x: true } }]'
    expect(edges(litmus('before: W, after: READ, enforced_by: software', other))).toHaveLength(1)
    expect(edges(litmus('before: W, after: F, enforced_by: program-order', other)).map((p) => p.message)).toEqual([
      'program order is said to enforce that W comes before F, but writer runs F first',
    ])
    expect(problems(litmus('before: W, after: REED, enforced_by: software'))).toMatchObject([
      { code: 'SCENARIO_UNKNOWN_STEP', severity: 'error', line: 11, hint: 'did you mean READ?' },
    ])
  })

  it('changes nothing of the model that is explored', () => {
    const without = simulator.check(
      { name: 'mine.yaml', text: late.replace(/\nedges:[^]*?\nproperties:/, '\nproperties:') },
      resources,
    )
    const { view } = simulator.check({ name: 'mine.yaml', text: late }, resources)
    expect(view?.variables).toEqual(without.view?.variables)
    expect(view?.properties.map((p) => p.name)).toEqual(without.view?.properties.map((p) => p.name))
  })
})
