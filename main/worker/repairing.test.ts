import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { explore } from '../simulator/engine/explore'
import { compile } from '../simulator/model/compile'
import { compileScenario } from '../simulator/scenario/compile'
import { repairing } from './repairing'

function repair(text: string, maxEdges?: number) {
  const r = repairing('s', text, [], { maxEdges })
  if (!r.ok) throw new Error(JSON.stringify(r.error))
  r.value.advance(() => false)
  return r.value.result()
}

// ---- an independent reading of the rules, slow and small ------------------------------------------------------------

interface Step {
  readonly name: string
  /** Variable and the value that it must have. */
  readonly when?: readonly [number, boolean]
  readonly set?: readonly [number, boolean]
}
interface Litmus {
  readonly variables: number
  readonly agents: readonly (readonly Step[])[]
  readonly never: readonly [number, number]
  readonly end: number
  readonly sometimes: number
}
type Edge = readonly [string, string]

/** Every property holds, the witness is there, every step is done, and no edge holds a step for ever. */
function good(l: Litmus, edges: readonly Edge[]): boolean {
  let witnessed = false
  const seen = new Set<string>()
  const open: { at: number[]; vars: boolean[] }[] = [
    { at: l.agents.map(() => 0), vars: Array.from({ length: l.variables }, () => false) },
  ]
  for (let s = open.pop(); s; s = open.pop()) {
    const { at, vars } = s
    const done = (name: string) =>
      l.agents.some(
        (steps, a) => steps.findIndex((x) => x.name === name) < (at[a] ?? 0) && steps.some((x) => x.name === name),
      )
    let enabled = 0
    let held = false
    for (const [a, steps] of l.agents.entries()) {
      const step = steps[at[a] ?? 0]
      if (!step) continue
      if (step.when && vars[step.when[0]] !== step.when[1]) continue
      if (edges.some(([before, after]) => after === step.name && !done(before))) {
        held = true
        continue
      }
      enabled++
      const next = [...vars]
      if (step.set) next[step.set[0]] = step.set[1]
      if (next[l.never[0]] && next[l.never[1]]) return false
      if (next[l.sometimes]) witnessed = true
      const to = at.map((n, i) => (i === a ? n + 1 : n))
      const key = JSON.stringify([to, next])
      if (!seen.has(key)) {
        seen.add(key)
        open.push({ at: to, vars: next })
      }
    }
    if (enabled === 0) {
      if (held || !vars[l.end]) return false
      if (at.some((n, a) => n < (l.agents[a]?.length ?? 0))) return false
    }
  }
  return witnessed
}

const textOf = (l: Litmus): string =>
  stringify({
    doorbell: 1,
    title: 'random',
    litmus: {
      variables: Object.fromEntries(Array.from({ length: l.variables }, (_, v) => [`v${v}`, false])),
      agents: Object.fromEntries(
        l.agents.map((steps, a) => [
          `A${a}`,
          steps.map((s) => ({
            step: s.name,
            ...(s.when ? { when: `${s.when[1] ? '' : '!'}v${s.when[0]}` } : {}),
            ...(s.set ? { set: { [`v${s.set[0]}`]: s.set[1] } } : {}),
          })),
        ]),
      ),
      properties: [
        { name: 'n', never: `v${l.never[0]} && v${l.never[1]}` },
        { name: 'e', end: `v${l.end}` },
        { name: 's', sometimes: `v${l.sometimes}` },
      ],
    },
  })

const VARIABLES = 3
const variable = fc.nat({ max: VARIABLES - 1 })
const litmus: fc.Arbitrary<Litmus> = fc
  .record({
    agents: fc.array(
      fc.array(
        fc.record({
          when: fc.option(fc.tuple(variable, fc.boolean()), { freq: 2, nil: undefined }),
          set: fc.option(fc.tuple(variable, fc.boolean()), { freq: 5, nil: undefined }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      { minLength: 2, maxLength: 3 },
    ),
    never: fc.tuple(variable, variable),
    end: variable,
    sometimes: variable,
  })
  .map((x) => ({
    ...x,
    variables: VARIABLES,
    agents: x.agents.map((steps, a) =>
      steps.map((s, i): Step => ({
        name: `s${a}_${i}`,
        ...(s.when ? { when: s.when } : {}),
        ...(s.set ? { set: s.set } : {}),
      })),
    ),
  }))

const pairsOf = (l: Litmus): Edge[] =>
  l.agents.flatMap((from, a) =>
    l.agents.flatMap((to, b) => (a === b ? [] : from.flatMap((x) => to.map((y): Edge => [x.name, y.name])))),
  )
const word = ([a, b]: Edge): string => `${a} → ${b}`

function movesOf(l: Litmus): string[] {
  return l.agents.flatMap((steps, a) => {
    const orders = new Map<string, Step[]>()
    steps.forEach((s, from) =>
      steps.forEach((_, to) => {
        const order = steps.filter((__, i) => i !== from)
        order.splice(to, 0, s)
        orders.set(order.map((x) => x.name).join(), order)
      }),
    )
    orders.delete(steps.map((x) => x.name).join())
    return [...orders].flatMap(([name, order]) =>
      good({ ...l, agents: l.agents.map((x, i) => (i === a ? order : x)) }, []) ? [name] : [],
    )
  })
}

describe('the repairs of a litmus scenario', () => {
  it('are all single edges and moves that an independent reading of the rules finds, and no others', () => {
    let repaired = 0
    fc.assert(
      fc.property(litmus, (l) => {
        const r = repair(textOf(l), 1)
        if (good(l, [])) return void expect([r.repairs, r.singleEdges]).toEqual([[], []])
        const singles = pairsOf(l).filter((e) => good(l, [e]))
        if (singles.length > 0) repaired++
        expect(r.singleEdges.map((e) => word([e.before, e.after])).sort()).toEqual(singles.map(word).sort())
        const moves = r.repairs.flatMap((x) => x.moves.map((m) => m.order.join()))
        expect(moves.sort()).toEqual(movesOf(l).sort())
      }),
      { numRuns: 400, seed: 20210610 },
    )
    expect(repaired).toBeGreaterThan(5)
  })

  it('are, in pairs, the minimal ones of edges that do not repair alone, weakest first', () => {
    let pairs = 0
    fc.assert(
      fc.property(litmus, (l) => {
        if (good(l, [])) return
        const all = pairsOf(l)
        const rest = all.filter((e) => !good(l, [e]))
        const two = rest.flatMap((x, i) => rest.slice(i + 1).flatMap((y) => (good(l, [x, y]) ? [[x, y] as const] : [])))
        const found = repair(textOf(l), 2)
          .repairs.filter((r) => r.edges.length === 2)
          .map((r) => r.edges.map((e): Edge => [e.before, e.after]))
        pairs += found.length
        const set = (s: readonly Edge[]) => s.map(word).sort().join('; ')
        // Each is one of them, and none of them demands strictly less.
        for (const s of found) expect(two.map((t) => set(t))).toContain(set(s))
        const index = (n: string) => Number(n.split('_')[1])
        const agent = (n: string) => n.split('_')[0]
        const upTo = (a: string, b: string) => agent(a) === agent(b) && index(a) <= index(b)
        const stronger = (s: readonly Edge[], t: readonly Edge[]) =>
          t.every(([a, b]) => s.some(([c, d]) => upTo(a, c) && upTo(d, b)))
        const weakest = two.filter((s) => !two.some((t) => stronger(s, t) && !stronger(t, s)))
        expect(found.map(set).sort()).toEqual(weakest.map(set).sort())
      }),
      { numRuns: 400, seed: 20210610 },
    )
    expect(pairs).toBeGreaterThan(3)
  })

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
