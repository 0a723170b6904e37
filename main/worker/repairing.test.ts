import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { explore } from '../simulator/engine/explore'
import { compile } from '../simulator/model/compile'
import { compileScenario } from '../simulator/scenario/compile'
import {
  edgesOf,
  goodMoves,
  isGood,
  litmusText,
  randomLitmus,
  type Litmus,
  type LitmusEdge,
} from '../../test/support/litmus-reading'
import { repairing } from './repairing'

function repair(text: string, maxEdges?: number) {
  const r = repairing('s', text, [], { maxEdges })
  if (!r.ok) throw new Error(JSON.stringify(r.error))
  r.value.advance(() => false)
  return r.value.result()
}

const word = ([a, b]: LitmusEdge): string => `${a} → ${b}`
const words = (set: readonly LitmusEdge[]): string => set.map(word).sort().join('; ')

/** Sets of two and of three edges that repair, of which no part does; `usable` repair not alone. */
function minimalSets(l: Litmus, usable: readonly LitmusEdge[]): LitmusEdge[][] {
  const two: LitmusEdge[][] = []
  const three: LitmusEdge[][] = []
  usable.forEach((x, i) =>
    usable.slice(i + 1).forEach((y) => {
      if (isGood(l, [x, y])) two.push([x, y])
    }),
  )
  if (usable.length > 16) return two
  const pairs = new Set(two.map(words))
  usable.forEach((x, i) =>
    usable.slice(i + 1).forEach((y, j) =>
      usable.slice(i + j + 2).forEach((z) => {
        const parts = [words([x, y]), words([x, z]), words([y, z])]
        if (!parts.some((p) => pairs.has(p)) && isGood(l, [x, y, z])) three.push([x, y, z])
      }),
    ),
  )
  return [...two, ...three]
}

/** Those of which no other one demands less, by the order inside each agent. */
function weakest(sets: readonly LitmusEdge[][]): LitmusEdge[][] {
  const index = (n: string) => Number(n.split('_')[1])
  const agent = (n: string) => n.split('_')[0]
  const upTo = (a: string, b: string) => agent(a) === agent(b) && index(a) <= index(b)
  const stronger = (s: readonly LitmusEdge[], t: readonly LitmusEdge[]) =>
    t.every(([a, b]) => s.some(([c, d]) => upTo(a, c) && upTo(d, b)))
  return sets.filter((s) => !sets.some((t) => stronger(s, t) && !stronger(t, s)))
}

describe('the repairs of a litmus scenario', () => {
  it('are what an independent reading of the rules finds, and nothing else: edges, sets of edges, moves', () => {
    const count = { wrong: 0, edges: 0, moves: 0, two: 0, three: 0 }
    fc.assert(
      fc.property(randomLitmus, (l) => {
        const text = litmusText(l)
        if (isGood(l, [])) {
          const r = repair(text, 1)
          expect([r.repairable, r.repairs, r.singleEdges]).toEqual([true, [], []])
          expect(r.reason).toContain('nothing to repair')
          return
        }
        count.wrong++
        const all = edgesOf(l)
        const alone = all.filter((e) => isGood(l, [e]))
        const usable = all.filter((e) => !alone.includes(e))
        const most = usable.length <= 16 ? 3 : usable.length <= 60 ? 2 : 1
        const r = repair(text, most)
        expect(r.singleEdges.map((e) => word([e.before, e.after])).sort()).toEqual(alone.map(word).sort())
        const sets = r.repairs
          .filter((x) => x.edges.length > 0)
          .map((x) => x.edges.map((e): LitmusEdge => [e.before, e.after]))
        const expected = weakest(alone.map((e) => [e]))
        expect(
          sets
            .filter((s) => s.length === 1)
            .map(words)
            .sort(),
        ).toEqual(expected.map(words).sort())
        const larger = most > 1 ? weakest(minimalSets(l, usable)) : []
        expect(
          sets
            .filter((s) => s.length > 1)
            .map(words)
            .sort(),
        ).toEqual(larger.map(words).sort())
        const moves = goodMoves(l).sort()
        expect(r.repairs.flatMap((x) => x.moves.map((m) => m.order.join())).sort()).toEqual(moves)
        expect(r.repairable).toBe(alone.length + larger.length + moves.length > 0)
        if (!r.repairable) expect(r.reason).toMatch(/^no ordering repairs this|^none was found/)
        count.edges += alone.length
        count.moves += moves.length
        for (const s of larger) count[s.length === 2 ? 'two' : 'three']++
      }),
      { numRuns: Number(process.env['REPAIR_RUNS'] ?? 150), seed: 20210610 },
    )
    if (process.env['REPAIR_RUNS']) console.log(count)
    for (const n of [count.wrong, count.edges, count.moves, count.two]) expect(n).toBeGreaterThan(0)
  }, 120_000)

  it('loses no witness and leaves nothing undone: a scenario without one says why', () => {
    const r = repair(
      stringify({
        doorbell: 1,
        title: 'no way',
        litmus: {
          variables: { v: false },
          agents: { A: [{ step: 'a', set: { v: true } }] },
          properties: [{ name: 'never-v', never: 'v' }],
        },
      }),
    )
    expect([r.repairable, r.repairs, r.singleEdges]).toEqual([false, [], []])
    expect(r.reason).toContain('never-v')
  })
})

describe('the repairs of the 2021 flow', () => {
  const text = readFileSync(join(import.meta.dirname, '../../resources/scenarios/2021-ims/idxd-vsvm-late.yaml'), 'utf8')
    .replace(/^platform:.*\n/m, '')
    .replace(/^ *under:.*\n/m, '')

  it('begin with the thread’s own: the guest writes MSIXPERM before request_irq', () => {
    const r = repair(text, 1)
    expect(r.repairs[0]?.moves).toEqual([{ agent: 'guest', order: ['B2', 'B6', 'B3'] }])
    expect(r.repairs[0]?.enforcedBy).toBe('guest driver')
    for (const edge of r.singleEdges) {
      const repaired = text.replace('properties:', `orderings: [${JSON.stringify(edge)}]\nproperties:`)
      const c = compileScenario('s', repaired, [])
      if (!c.ok) throw new Error(JSON.stringify(c.error))
      expect(explore(compile(c.value.model)).findings.map((f) => f.verdict)).not.toContain('violated')
    }
  }, 240_000)
})
