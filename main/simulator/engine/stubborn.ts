/**
 * Which of the enabled steps of a state need be taken, so that every end state, or every state in which something
 * becomes true, is still reached, and no later than before.
 *
 * A set S of steps is taken such that (Valmari, "Stubborn sets for reduced state space generation", 1990; Kristensen,
 * Schmidt and Valmari, "Question-guided stubborn set methods for state properties", 2006):
 *  1. with an enabled step, everything that depends on it is in S;
 *  2. with a disabled step, everything that could make one of its false conditions true is in S;
 *  3. for end states, S has an enabled step; for a question, S has everything that could make one of its false
 *     conditions true.
 * A run from here to what is looked for contains a step of S; the first of them is enabled here (2) and may go first
 * (1), and the rest of the run, one step shorter, still leads to the same state. So lengths of shortest runs are kept,
 * and no proviso about cycles is needed.
 */
import { assert } from '../faults'
import type { Relations } from '../model/footprint'
import { DIVIDES, FALSE } from './configurations'
import type { ComponentSpace, Condition } from './space'

export interface Question {
  /** One of these has to hold, all of it. */
  readonly alternatives: readonly (readonly Condition[])[]
  /** Or one of these steps can be taken (and may leave its domain). */
  readonly steps: readonly number[]
  /** A division by zero counts as an answer. */
  readonly strict: boolean
}

/** Conditions of one step or alternative, and what may make each of them true. */
interface Guard {
  readonly conditions: readonly Condition[]
  readonly sources: readonly Int32Array[]
}

export class Stubborn {
  /** Stamped with `round` for the steps of the set at hand, with `state` for the enabled ones. */
  private readonly mark: Int32Array
  private readonly isEnabled: Int32Array
  private readonly stack: Int32Array
  private round = 0
  private state = 0
  private top = 0
  private readonly guards: readonly Guard[]
  private readonly asked = new Map<readonly Condition[], Guard>()
  private found: number[] = []
  private best: number[] = []

  constructor(
    private readonly space: ComponentSpace,
    private readonly relations: Relations,
  ) {
    const n = space.steps.length
    this.mark = new Int32Array(n)
    this.isEnabled = new Int32Array(n)
    this.stack = new Int32Array(n)
    this.guards = space.steps.map((s) => this.guard(s.conditions))
  }

  private guard(conditions: readonly Condition[]): Guard {
    return { conditions, sources: conditions.map((c) => this.relations.enabling(c.expr)) }
  }

  /** The steps to take for end states: of `enabled`, in their order. */
  forEnds(ids: Int32Array, enabled: readonly number[]): readonly number[] {
    if (enabled.length <= 1) return enabled
    this.enter(enabled)
    let least = Infinity
    for (const seed of enabled) {
      this.begin()
      this.put(seed)
      if (!this.close(ids, least)) continue
      least = this.found.length
      const other = this.best
      this.best = this.found
      this.found = other
      if (least === 1) break
    }
    return this.ordered(enabled, this.best)
  }

  /** The steps to take for a question; none where it can no longer come true. */
  forQuestion(q: Question, ids: Int32Array, enabled: readonly number[]): readonly number[] {
    if (enabled.length === 0) return enabled
    this.enter(enabled)
    this.begin()
    for (const s of q.steps) this.put(s)
    for (const conditions of q.alternatives) {
      let guard = this.asked.get(conditions)
      if (!guard) this.asked.set(conditions, (guard = this.guard(conditions)))
      const sources = this.falsest(guard, ids, q.strict)
      // Nothing is false: the state is an answer itself, and whatever follows is looked at.
      if (!sources) return enabled
      for (let i = 0; i < sources.length; i++) this.put(sources[i] ?? 0)
    }
    this.close(ids, Infinity)
    return this.ordered(enabled, this.found)
  }

  private ordered(enabled: readonly number[], chosen: number[]): readonly number[] {
    if (chosen.length === enabled.length) return enabled
    return chosen.length === 1 ? chosen : chosen.sort((a, b) => enabled.indexOf(a) - enabled.indexOf(b))
  }

  private enter(enabled: readonly number[]): void {
    this.state++
    for (let i = 0; i < enabled.length; i++) this.isEnabled[enabled[i] ?? 0] = this.state
  }

  private begin(): void {
    this.round++
    this.top = 0
    this.found.length = 0
  }

  private put(step: number): void {
    if (this.mark[step] === this.round) return
    this.mark[step] = this.round
    this.stack[this.top++] = step
  }

  /** Closes the set; false when it has as many enabled steps as `limit` or more. */
  private close(ids: Int32Array, limit: number): boolean {
    const { stack, isEnabled, state, found } = this
    while (this.top > 0) {
      const s = stack[--this.top] ?? 0
      let list: Int32Array | null | undefined
      if (isEnabled[s] === state) {
        found.push(s)
        if (found.length >= limit) return false
        list = this.relations.dependent[s]
      } else {
        const guard = this.guards[s]
        list = guard && this.falsest(guard, ids, true)
        assert(list, 'a disabled step has a false condition')
      }
      if (list) for (let i = 0; i < list.length; i++) this.put(list[i] ?? 0)
    }
    return true
  }

  /** What may make the one false condition true that brings the fewest new steps; null where none is false. */
  private falsest({ conditions, sources }: Guard, ids: Int32Array, strict: boolean): Int32Array | null {
    const { mark, round, space } = this
    let best: Int32Array | null = null
    let least = Infinity
    for (let i = 0; i < conditions.length; i++) {
      const c = conditions[i]
      const list = sources[i]
      if (!c || !list) continue
      const answer = space.ask(c, ids)
      if (answer !== FALSE && (answer !== DIVIDES || strict)) continue
      let fresh = 0
      for (let k = 0; k < list.length && fresh < least; k++) if (mark[list[k] ?? 0] !== round) fresh++
      if (fresh < least) {
        least = fresh
        best = list
        if (fresh === 0) break
      }
    }
    return best
  }
}
