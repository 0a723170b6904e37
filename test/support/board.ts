/** A small scenario of blocks, given as its text without the head: explored, compared with the naive interpreter. */
import { expect } from 'vitest'
import { explore } from '../../main/simulator/engine/explore'
import { compile } from '../../main/simulator/model/compile'
import { explore as naive } from '../../main/simulator/model/naive'
import { compileScenario } from '../../main/simulator/scenario/compile'

/** Beyond so many states the naive interpreter is left out. */
const NAIVE_LIMIT = 5_000

/** Verdict of every property, the built-in ones included. `reduce`: for boards that are too large to be seen whole. */
export function verdicts(rest: string, { reduce = false } = {}): Record<string, string> {
  const c = compileScenario('board', `doorbell: 1\ntitle: A board\n${rest}`, [])
  if (!c.ok) throw new Error(JSON.stringify(c.error))
  const { model } = c.value
  const e = explore(compile(model), { reduce, small: 0 })
  expect(e.complete).toBe(true)
  if (!reduce && e.states <= NAIVE_LIMIT) {
    const n = naive(model)
    expect([n.states, n.transitions, n.endStates]).toEqual([e.states, e.transitions, e.endStates])
  }
  return Object.fromEntries(model.properties.map((p, i) => [p.name, e.findings[i]?.verdict ?? 'undecided']))
}
