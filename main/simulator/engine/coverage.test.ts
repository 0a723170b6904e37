import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomModel } from '../../../test/support/random-model'
import { compile } from '../model/compile'
import type { Model } from '../model/model'
import { explore as naive, successors, test as holds } from '../model/naive'
import { actionsOf, HELD, withOrderings, type Action, type Ordering } from '../model/orderings'
import { coverage } from './coverage'
import { candidates, criticalPair } from './critical'
import { explore, type ExploreOptions } from './explore'
import { enabledAt, follow } from './path'

const LIMIT = 2000

function finish<T>(work: Generator<unknown, T>): T {
  for (;;) {
    const r = work.next()
    if (r.done) return r.value
  }
}

function cover(model: Model, edges: readonly Ordering[], options: ExploreOptions) {
  const explored = explore(compile(model), options)
  return finish(coverage({ model, explored, edges, maxStates: 100_000, small: options.small }, () => false))
}

/** What some run takes, and how often `after` comes while `before` has not happened: each state is seen with its past. */
function slow(model: Model, edge: Ordering | undefined) {
  const taken = new Set<number>()
  let early = 0
  const start = { state: model.variables.map((v) => v.initial), done: false }
  const seen = new Set([JSON.stringify(start)])
  const open = [start]
  for (let s = open.pop(); s; s = open.pop())
    for (const { step, state } of successors(model, s.state)) {
      taken.add(step)
      if (edge?.after.steps.includes(step) && !s.done) early++
      if (!state) continue
      const next = { state: [...state], done: s.done || (edge?.before.steps.includes(step) ?? false) }
      const key = JSON.stringify(next)
      if (!seen.has(key)) open.push(next)
      seen.add(key)
    }
  return { taken, early }
}

/** Two actions of different agents, picked by a number. */
function edgeOf(model: Model, pick: number): Ordering | undefined {
  const actions = actionsOf(model, () => true)
  const pairs = actions.flatMap((before) =>
    actions.flatMap((after) => (after.agent === before.agent ? [] : [{ before, after }])),
  )
  return pairs[pick % Math.max(1, pairs.length)]
}

describe('coverage', () => {
  it('names the steps that no run takes, whatever was left out while exploring', () => {
    fc.assert(
      fc.property(randomModel, fc.boolean(), (model, reduce) => {
        fc.pre(naive(model, LIMIT).states <= LIMIT)
        const { never, undecided } = cover(model, [], { reduce, symmetry: reduce, small: 0 })
        const { taken } = slow(model, undefined)
        for (const s of never) expect(taken.has(s)).toBe(false)
        const open = model.steps.flatMap((_, s) => (taken.has(s) ? [] : [s]))
        expect([...never, ...undecided].sort((a, b) => a - b)).toEqual(expect.arrayContaining(open))
        // Only a guard that may divide by zero is left open.
        if (!reduce) expect(undecided).toEqual([])
      }),
      { numRuns: 150 },
    )
  }, 120_000)

  it('says whether a run breaks an edge, and counts how often in the full graph', () => {
    fc.assert(
      fc.property(randomModel, fc.nat(), (model, pick) => {
        fc.pre(naive(model, LIMIT).states <= LIMIT)
        const edge = edgeOf(model, pick)
        fc.pre(edge !== undefined)
        if (!edge) return
        const { early } = slow(model, edge)
        const [full] = cover(model, [edge], { reduce: false, symmetry: false }).edges
        expect(full?.exercised).toBe(early > 0)
        const [reduced] = cover(model, [edge], { reduce: true, symmetry: true, small: 0 }).edges
        if (reduced?.exercised !== null) expect(reduced?.exercised).toBe(early > 0)
        if (reduced?.times !== null) expect(reduced?.times).toBe(early)
      }),
      { numRuns: 150 },
    )
  }, 120_000)

  it('leaves open what lies behind its bound', () => {
    fc.assert(
      fc.property(randomModel, fc.nat(), (model, pick) => {
        fc.pre(naive(model, LIMIT).states <= LIMIT)
        const edge = edgeOf(model, pick)
        fc.pre(edge !== undefined)
        if (!edge) return
        const explored = explore(compile(model), { maxStates: 2 })
        const c = finish(coverage({ model, explored, edges: [edge], maxStates: 3 }, () => false))
        const { taken, early } = slow(model, edge)
        for (const s of c.never) expect(taken.has(s)).toBe(false)
        if (c.edges[0]?.exercised !== null) expect(c.edges[0]?.exercised).toBe(early > 0)
      }),
      { numRuns: 200 },
    )
  }, 120_000)
})

describe('the critical pair', () => {
  /** By the naive interpreter: under this edge nothing violates the property and nothing is held for ever. */
  function repairs(model: Model, edge: Ordering, property: number): boolean {
    const ordered = withOrderings(model, [edge])
    // The naive interpreter knows a deadlock as an end.
    const asked = ordered.properties.flatMap((p, i) =>
      p.name === HELD ? [{ ...p, kind: 'end' as const }] : i === property ? [p] : [],
    )
    const { lengths, outOfRange } = naive({ ...ordered, properties: asked })
    const range = model.properties[property]?.kind === 'range'
    return lengths.every((l) => l === undefined) && !(range && outOfRange !== undefined)
  }

  it('is the latest dependent pair of the run whose other order makes the violation unreachable', () => {
    let found = 0
    fc.assert(
      // Seen whole, and with interleavings left out.
      fc.property(randomModel, fc.constantFrom(undefined, 0), (model, small) => {
        fc.pre(naive(model, LIMIT).states <= LIMIT)
        const program = compile(model)
        const actions = actionsOf(model, () => false)
        explore(program).findings.forEach((f, property) => {
          const path = f.verdict === 'violated' && f.choices ? follow(program, f.choices) : undefined
          if (!path || 'at' in path) return
          const question = {
            model,
            actions,
            nobody: [],
            property,
            run: path.steps,
            maxStates: 100_000,
            maxTotal: 10_000_000,
            maxTried: 1000,
            small,
          }
          const { pair } = finish(criticalPair(question, () => false))
          const tried = candidates(question)
          const first = tried.find((e) => repairs(model, e, property))
          if (first) {
            found++
            expect(pair).toMatchObject({ first: first.after, second: first.before, scope: 'every-run' })
          } else if (pair) {
            expect(pair.scope).toBe('this-run')
            expect(shuffles(model, path.steps, pair.second, pair.first, property)).toBe(false)
          }
          for (const e of tried) expect(breaksIn(path.steps, e)).toBe(true)
        })
      }),
      { numRuns: 150 },
    )
    expect(found).toBeGreaterThan(5)
  }, 120_000)

  const breaksIn = (run: readonly number[], { before, after }: Ordering): boolean => {
    const at = run.findIndex((s) => after.steps.includes(s))
    const first = run.findIndex((s) => before.steps.includes(s))
    return at >= 0 && (first < 0 || first > at)
  }

  /** Some order of these steps alone, with `before` first, violates the property (judged after every step). */
  function shuffles(model: Model, steps: readonly number[], before: Action, after: Action, property: number): boolean {
    const p = model.properties[property]
    if (!p || (p.kind !== 'never' && p.kind !== 'always')) return false
    const own = new Set(steps)
    const program = compile(model)
    const open: { state: Uint32Array; done: boolean }[] = [{ state: program.initial.slice(), done: false }]
    const seen = new Set<string>()
    for (let s = open.pop(); s; s = open.pop())
      for (const e of enabledAt(program, s.state)) {
        if (!own.has(e.step) || e.outcome !== 0 || (after.steps.includes(e.step) && !s.done)) continue
        if (holds(p.test, [...program.unpack(e.state)]) === (p.kind === 'never')) return true
        const next = { state: e.state, done: s.done || before.steps.includes(e.step) }
        const key = `${next.state.join()} ${next.done}`
        if (!seen.has(key)) open.push(next)
        seen.add(key)
      }
    return false
  }
})
