import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomReplicas } from '../../../test/support/random-replicas'
import { compile } from '../model/compile'
import type { Model } from '../model/model'
import { explore as naive, successors } from '../model/naive'
import { symmetryOf, type Renaming } from '../model/symmetry'
import { explore } from './explore'
import { follow } from './path'

const LIMIT = 4000
const MODES = [
  { reduce: false, symmetry: false },
  { reduce: false, symmetry: true },
  { reduce: true, symmetry: false, small: 0 },
  { reduce: true, symmetry: true, small: 0 },
]

/** End states of the whole graph, one of each class under the exchanges. */
function endsUpTo(model: Model, exchanges: readonly Renaming[]): number {
  const initial = model.variables.map((v) => v.initial)
  const seen = new Set([initial.join()])
  const open = [initial]
  const ends = new Map<string, readonly number[]>()
  for (let state = open.pop(); state; state = open.pop()) {
    const next = successors(model, state)
    if (next.length === 0) ends.set(state.join(), state)
    for (const { state: to } of next)
      if (to && !seen.has(to.join())) {
        seen.add(to.join())
        open.push([...to])
      }
  }
  let classes = 0
  for (const [key, end] of ends) {
    if (!ends.has(key)) continue
    classes++
    const alike = [end]
    ends.delete(key)
    for (let one = alike.pop(); one; one = alike.pop())
      for (const image of exchanges) {
        const other = one.map((_, v) => one?.[image[v] ?? v] ?? 0)
        if (ends.delete(other.join())) alike.push(other)
      }
  }
  return classes
}

describe('the explorer on models of replicas', () => {
  it('gives the verdicts and shortest lengths of the naive interpreter, whatever it leaves out', () => {
    let symmetric = 0
    fc.assert(
      fc.property(randomReplicas(true), (model) => {
        const slow = naive(model, LIMIT)
        fc.pre(slow.states <= LIMIT)
        if (symmetryOf(model).orbits.length > 0) symmetric++
        const program = compile(model)
        for (const mode of MODES) {
          const fast = explore(program, mode)
          expect(fast.complete).toBe(true)
          expect([mode, fast.findings.map((f) => f.choices?.length)]).toEqual([mode, slow.lengths])
          for (const f of fast.findings) if (f.choices) expect('at' in follow(program, f.choices)).toBe(false)
        }
      }),
      { numRuns: 400 },
    )
    expect(symmetric).toBeGreaterThan(100)
  }, 120_000)

  it('reaches all end states without symmetry, and with it no fewer than there are classes of them', () => {
    fc.assert(
      fc.property(randomReplicas(false), (model) => {
        const slow = naive(model, LIMIT)
        fc.pre(slow.states <= LIMIT)
        const program = compile(model)
        const { exchanges } = symmetryOf(model)
        // Taking fewer for one than could be costs time and loses nothing; more would.
        const classes = endsUpTo(model, exchanges)
        for (const mode of MODES) {
          const { endStates } = explore(program, mode)
          if (!mode.symmetry) expect(endStates).toBe(slow.endStates)
          expect(endStates).toBeGreaterThanOrEqual(classes)
          expect(endStates).toBeLessThanOrEqual(slow.endStates)
        }
      }),
      { numRuns: 400 },
    )
  }, 120_000)
})
