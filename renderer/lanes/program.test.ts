import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ScenarioDocument } from '../../main/simulator/scenario/document'
import {
  addOrdering,
  moveItem,
  readProgram,
  removeOrdering,
  type Edit,
  type ItemList,
  type ProgramText,
} from './program'

const folder = resolve(import.meta.dirname, '../../resources/scenarios')
const SCENARIOS = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((f) => f.endsWith('.yaml'))
  .sort()
  .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }))
const LITMUS = `doorbell: 1
title: litmus
litmus:
  variables: { x: false }
  agents:
    A: # the first
      # sets x
      - { step: set_x, set: { x: true } } # at once
      - step: look
        when: x

      # and rests
      - { step: rest }
    B: [{ step: b1 }, { step: b2, when: "x" }]
  orderings: []
  properties:
    - { name: P, sometimes: "x" }
`
const read = (text: string): ProgramText => {
  const r = readProgram(text)
  if (!r.ok) throw new Error(r.why)
  return r.value
}
const done = (e: Edit): string => {
  if (!e.ok) throw new Error(e.why)
  return e.text
}
const listsOf = (p: ProgramText): readonly ItemList[] => p.lanes.flatMap((l) => l.lists)
const comments = (text: string): string[] => [...text.matchAll(/#.*$/gm)].map(([c]) => c.trimEnd()).sort()

// All of them are read: seconds on a busy machine.
describe('every built-in scenario', { timeout: 60_000 }, () => {
  it('has a lane for every agent that is written, and an item for every operation', () => {
    for (const { file, text } of SCENARIOS) {
      const value = parse(text) as {
        programs?: Record<string, unknown[]>
        litmus?: { agents: Record<string, unknown[]> }
      }
      const agents = value.litmus?.agents ?? value.programs ?? {}
      const { lanes } = read(text)
      expect([file, lanes.map((l) => l.agent)]).toEqual([file, Object.keys(agents)])
      for (const lane of lanes) {
        const plain = (agents[lane.agent] ?? []).filter((e) => !(typeof e === 'object' && e !== null && 'on' in e))
        expect(lane.lists[0]?.items.length).toBe(plain.length)
      }
    }
  })

  it('keeps its meaning but for the order, its comments, and its way back, whatever is moved', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), fc.nat(), (a, b, c, d) => {
        const { text } = SCENARIOS[a % SCENARIOS.length] ?? { text: LITMUS }
        const lists = listsOf(read(text)).filter((l) => l.items.length > 1)
        const list = lists[b % Math.max(1, lists.length)]
        if (!list) return
        const [from, to] = [c % list.items.length, d % list.items.length]
        if (from === to) return
        const moved = done(moveItem(text, list, from, to))
        expect(comments(moved)).toEqual(comments(text))
        expect(ScenarioDocument.read(moved).ok).toBe(true)
        const again = listsOf(read(moved)).find((l) => l.key === list.key)
        const names = list.items.map((i) => i.name + i.operands)
        expect(again?.items.map((i) => i.name + i.operands)).toEqual(
          names.toSpliced(from, 1).toSpliced(to, 0, names[from] ?? ''),
        )
        expect(again && done(moveItem(moved, again, to, from))).toBe(text)
      }),
      { numRuns: 300 },
    )
  })

  it('takes an ordering and gives it back, with every comment in its place', () => {
    for (const { text } of SCENARIOS) {
      const { kind, orderings } = read(text)
      const added = done(addOrdering(text, kind, 'guest.request_irq(1)', 'B7a'))
      expect(read(added).orderings).toHaveLength(orderings.length + 1)
      expect(comments(added)).toEqual(comments(text))
      expect(done(removeOrdering(added, kind, orderings.length))).toBe(text)
    }
  })
})

describe('a litmus scenario', () => {
  const lists = listsOf(read(LITMUS))
  const [a, b] = [lists[0], lists[1]]
  if (!a || !b) throw new Error('two lanes')

  it('moves whole lines with the comments that belong to them', () => {
    const moved = done(moveItem(LITMUS, a, 0, 2))
    expect(moved).toContain(`    A: # the first
      - step: look
        when: x

      # and rests
      - { step: rest }
      # sets x
      - { step: set_x, set: { x: true } } # at once
    B:`)
  })

  it('moves inside brackets without touching what stands between', () => {
    expect(done(moveItem(LITMUS, b, 0, 1))).toContain('B: [{ step: b2, when: "x" }, { step: b1 }]')
  })

  it('gets its orderings in brackets, in lines, or in a section that was not there', () => {
    const once = done(addOrdering(LITMUS, 'litmus', 'set_x', 'b1'))
    expect(once).toContain('  orderings: [{ before: set_x, after: b1 }]\n')
    expect(done(addOrdering(once, 'litmus', 'b1', 'rest'))).toContain(
      '[{ before: set_x, after: b1 }, { before: b1, after: rest }]',
    )
    const without = LITMUS.replace('  orderings: []\n', '')
    const made = done(addOrdering(without, 'litmus', 'set_x', 'b1'))
    expect(made).toContain('  orderings:\n    - { before: set_x, after: b1 }\n  properties:')
    expect(done(addOrdering(made, 'litmus', 'b1', 'rest'))).toContain(
      '    - { before: set_x, after: b1 }\n    - { before: b1, after: rest }\n',
    )
    expect(done(removeOrdering(made, 'litmus', 0))).toBe(without)
    expect(done(addOrdering(LITMUS.replace('orderings: []', 'orderings:'), 'litmus', 'a', 'b'))).toContain(
      'orderings: [{ before: a, after: b }]',
    )
  })

  it('is not changed where the edit would mean something else', () => {
    const shared = LITMUS.replace('- { step: set_x,', '- &first { step: set_x,').replace('- { step: rest }', '- *first')
    const list = listsOf(read(shared))[0]
    // An alias before its anchor is no YAML.
    expect(list && moveItem(shared, list, 0, 1).ok).toBe(true)
    expect(addOrdering(LITMUS.replace('orderings: []', 'orderings: 3'), 'litmus', 'a', 'b')).toMatchObject({
      ok: false,
    })
    expect(readProgram('a: [')).toMatchObject({ ok: false })
    expect(readProgram('['.repeat(20_000))).toMatchObject({ ok: false })
  })
})
