/**
 * Conditions that last: once true, true in every state that follows. In a model whose runs all end, such a condition
 * comes true somewhere exactly when it is true in some end state; so looking at the ends is enough to decide it.
 */
import { divides, reads, type Expr } from './expr'
import { evaluate } from './expr'
import type { Relations } from './footprint'
import { literals } from './logic'
import type { Model } from './model'

export class Lasting {
  /** The locations of every agent are passed at most once: so is every step, and every run ends. */
  readonly acyclic: boolean
  constructor(
    private readonly model: Model,
    private readonly relations: Relations,
  ) {
    this.acyclic = model.agents.every((_, a) => isAcyclic(model, a))
  }

  /** Of a normal expression: false at first, and none of its literals can become false again. */
  lasts(e: Expr): boolean {
    if (!this.acyclic || divides(e)) return false
    if (evaluate(e, (v) => this.model.variables[v]?.initial ?? 0) !== 0) return false
    return literals(e).every((l) => this.literalLasts(l))
  }

  private literalLasts(l: Expr): boolean {
    const spoilers = this.relations.falsifying(l)
    if (spoilers.length === 0) return true
    // True from the first only write on: whoever could undo it has run by then.
    const initially = evaluate(l, (v) => this.model.variables[v]?.initial ?? 0) !== 0
    const variables = [...reads(l)]
    const [only] = variables
    return !initially && variables.length === 1 && only !== undefined && this.relations.writersOf(only).length === 1
  }
}

function isAcyclic(model: Model, agent: number): boolean {
  const next = new Map<number, number[]>()
  for (const s of model.steps) if (s.agent === agent) next.set(s.from, [...(next.get(s.from) ?? []), s.to])
  const state = new Map<number, 'open' | 'done'>()
  // Iterative: an agent may have thousands of locations.
  for (const start of next.keys()) {
    const stack: { at: number; i: number }[] = [{ at: start, i: 0 }]
    if (state.has(start)) continue
    state.set(start, 'open')
    for (let top = stack[stack.length - 1]; top; top = stack[stack.length - 1]) {
      const to = next.get(top.at)?.[top.i++]
      if (to === undefined) {
        state.set(top.at, 'done')
        stack.pop()
      } else if (state.get(to) === 'open') return false
      else if (!state.has(to)) {
        state.set(to, 'open')
        stack.push({ at: to, i: 0 })
      }
    }
  }
  return true
}
