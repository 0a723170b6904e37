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
import type { Expr } from '../model/expr'
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

export class Stubborn {
  private readonly mark: Int32Array
  private round = 0
  private readonly stack: Int32Array
  /** Stamped with `round` for the enabled steps of the state at hand. */
  private readonly isEnabled: Int32Array
  private state = 0
  private readonly enabling = new Map<Expr, Int32Array>()
  private readonly sources: readonly (readonly Int32Array[])[]
  private found: number[] = []
  private best: number[] = []

  constructor(
    private readonly space: ComponentSpace,
    private readonly relations: Relations,
  ) {
    const n = space.steps.length
    this.mark = new Int32Array(n)
    this.stack = new Int32Array(n)
    this.isEnabled = new Int32Array(n)
    this.sources = space.steps.map((s) => s.conditions.map((c) => this.sourcesOf(c)))
  }

  private sourcesOf(c: Condition): Int32Array {
    const known = this.enabling.get(c.expr)
    if (known) return known
    const list = this.relations.enabling(c.expr)
    this.enabling.set(c.expr, list)
    return list
  }

  /** The steps to take for end states; of `enabled`, in their order. */
  forEnds(ids: Int32Array, enabled: readonly number[]): readonly number[] {
    if (enabled.length <= 1) return enabled
    this.enter(enabled)
    this.best = []
    let least = Infinity
    for (const seed of enabled) {
      this.begin()
      this.put(seed)
      if (this.close(ids, least)) {
        least = this.found.length
        ;[this.best, this.found] = [this.found, this.best]
        if (least === 1) break
      }
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
      const sources = this.falsest(conditions, (i) => this.sourcesOf(conditions[i] ?? this.missing()), ids, q.strict)
      // Nothing is false: the state is an answer itself, and whatever follows is looked at.
      if (!sources) return enabled
      for (let i = 0; i < sources.length; i++) this.put(sources[i] ?? 0)
    }
    this.close(ids, Infinity)
    return this.ordered(enabled, this.found)
  }

  private missing(): never {
    return assert(false, 'condition') as never
  }

  private ordered(enabled: readonly number[], chosen: readonly number[]): readonly number[] {
    if (chosen.length === enabled.length) return enabled
    const set = new Set(chosen)
    return enabled.filter((s) => set.has(s))
  }

  private enter(enabled: readonly number[]): void {
    this.state++
    for (const s of enabled) this.isEnabled[s] = this.state
  }

  private begin(): void {
    this.round++
    this.top = 0
    this.found.length = 0
  }
  private top = 0

  private put(step: number): void {
    if (this.mark[step] === this.round) return
    this.mark[step] = this.round
    this.stack[this.top++] = step
  }

  /** Closes the set; false when it has as many enabled steps as `limit` or more. */
  private close(ids: Int32Array, limit: number): boolean {
    const { stack, isEnabled, relations, sources, space } = this
    while (this.top > 0) {
      const s = stack[--this.top] ?? 0
      if (isEnabled[s] === this.state) {
        this.found.push(s)
        if (this.found.length >= limit) return false
        const list = relations.dependent[s]
        if (list) for (let i = 0; i < list.length; i++) this.put(list[i] ?? 0)
        continue
      }
      const own = sources[s]
      const step = space.steps[s]
      assert(own && step, 'step')
      const list = this.falsest(step.conditions, (i) => own[i] ?? this.missing(), ids)
      assert(list, 'a disabled step has a false condition')
      for (let i = 0; i < list.length; i++) this.put(list[i] ?? 0)
    }
    return true
  }

  /** Of the false conditions the one that brings the fewest new steps. */
  private falsest(
    conditions: readonly Condition[],
    sources: (i: number) => Int32Array,
    ids: Int32Array,
    strict = true,
  ): Int32Array | null {
    let best: Int32Array | null = null
    let least = Infinity
    for (let i = 0; i < conditions.length; i++) {
      const c = conditions[i]
      if (!c) continue
      const answer = this.space.ask(c, ids)
      if (answer !== FALSE && (answer !== DIVIDES || strict)) continue
      const list = sources(i)
      let fresh = 0
      for (let k = 0; k < list.length && fresh < least; k++) if (this.mark[list[k] ?? 0] !== this.round) fresh++
      if (fresh < least) {
        least = fresh
        best = list
        if (fresh === 0) break
      }
    }
    return best
  }
}
