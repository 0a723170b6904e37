/**
 * How many steps a question is away, at least: steps that every run to an answer takes. A condition that is false now and
 * that only one step can make true makes that step necessary, and with it whatever its own guard still lacks. (Landmarks
 * of planning: Hoffmann, Porteous and Sebastia, "Ordered landmarks in planning", 2004.)
 */
import type { Expr } from '../model/expr'
import type { Relations } from '../model/footprint'
import { keyOf } from '../model/logic'
import { FALSE } from './configurations'
import type { ComponentSpace, Condition } from './space'
import type { Question } from './stubborn'

/** What a value takes may take a value in turn, and so on without end where a variable depends on itself. */
const MOST_DEPTH = 3

export class Landmarks {
  private readonly mark: Int32Array
  private round = 0
  private readonly stack: number[] = []
  /** Of each step whose agent runs along one line: that agent, else −1. */
  private readonly line: Int32Array
  private readonly from: Int32Array
  private readonly location: Int32Array
  /** For each step and each of its conditions: where its agent makes the condition false on the way, and asks it again. */
  private readonly visits: readonly (readonly (Visits | null)[])[]

  constructor(
    private readonly space: ComponentSpace,
    private readonly relations: Relations,
  ) {
    const { steps, agents } = space.model
    this.mark = new Int32Array(steps.length)
    // One way on from every location.
    const straight = agents.map((_, a) => {
      const own = steps.filter((s) => s.agent === a)
      return own.every((s) => s.to === s.from + 1) && new Set(own.map((s) => s.from)).size === own.length
    })
    this.line = Int32Array.from(steps, (s) => (straight[s.agent] ? s.agent : -1))
    this.from = Int32Array.from(steps, (s) => s.from)
    this.location = Int32Array.from(steps, (s) => agents[s.agent]?.location ?? -1)
    this.visits = this.lines(agents.length)
  }

  /** Steps that every run from here to an answer takes: 0 where nothing is known, Infinity where there is no answer. */
  distance(q: Question, ids: Int32Array): number {
    if (q.steps.length > 0 || q.alternatives.length === 0) return 0
    let least = Infinity
    const { alternatives } = q
    for (let i = 0; i < alternatives.length && least > 0; i++)
      least = Math.min(least, this.count(alternatives[i] ?? [], ids))
    return least
  }

  private count(conditions: readonly Condition[], ids: Int32Array): number {
    this.round++
    this.stack.length = 0
    let n = 0
    for (let i = 0; i < conditions.length; i++) {
      const c = conditions[i]
      if (c && this.space.ask(c, ids) === FALSE) n += this.need(c, 1, ids)
    }
    for (let s = this.stack.pop(); s !== undefined; s = this.stack.pop()) {
      const own = this.space.steps[s]?.conditions ?? []
      const visits = this.visits[s]
      const at = this.space.read(this.location[s] ?? 0, ids)
      for (let i = 0; i < own.length; i++) {
        const c = own[i]
        if (!c) continue
        const again = visits?.[i]
        const times = Number(this.space.ask(c, ids) === FALSE) + (again ? timesFalse(again, at) : 0)
        if (times > 0) n += this.need(c, times, ids)
      }
    }
    return n
  }

  /** Marks what makes this condition true so many times, and says how many steps of it are new. */
  private need(c: Condition, times: number, ids: Int32Array, depth = 0): number {
    const list = this.relations.enabling(c.expr)
    const s = this.nth(list, times, ids)
    if (s < 0) return 0
    let n = 0
    if (this.mark[s] !== this.round) {
      this.mark[s] = this.round
      this.stack.push(s)
      n = 1
    }
    // Where nobody else can do it, it has to do it: what that takes is needed as well.
    if (list.length === 1 && depth < MOST_DEPTH && this.outcomeMark.get(c.expr) !== this.round) {
      this.outcomeMark.set(c.expr, this.round)
      for (const o of this.outcomeOf(s, c.expr))
        if (this.space.ask(o, ids) === FALSE) n += this.need(o, 1, ids, depth + 1)
    }
    return n
  }

  private outcomeOf(step: number, e: Expr): readonly Condition[] {
    const known = this.outcomes.get(e)
    if (known) return known
    const list = this.relations.outcome(step, e).map((x) => this.space.condition(x))
    this.outcomes.set(e, list)
    return list
  }
  private readonly outcomes = new Map<Expr, readonly Condition[]>()
  private readonly outcomeMark = new Map<Expr, number>()

  /**
   * Of these steps, which are ahead on one line, the one that runs as the n-th: it has to run when the condition comes
   * true n times. −1 where they are not on one line.
   */
  private nth(list: Int32Array, n: number, ids: Int32Array): number {
    if (list.length === 1) return list[0] ?? -1
    let agent = -1
    const { ahead } = this
    ahead.length = 0
    for (let i = 0; i < list.length; i++) {
      const s = list[i] ?? 0
      const own = this.line[s] ?? -1
      if (own < 0) return -1
      // It has run already, and runs once.
      if (this.space.read(this.location[s] ?? 0, ids) > (this.from[s] ?? 0)) continue
      if (agent >= 0 && own !== agent) return -1
      agent = own
      ahead.push(s)
    }
    if (ahead.length > 1) ahead.sort((a, b) => (this.from[a] ?? 0) - (this.from[b] ?? 0))
    return ahead[Math.min(n, ahead.length) - 1] ?? -1
  }

  private readonly ahead: number[] = []

  private lines(agents: number): (Visits | null)[][] {
    const { space, relations, from } = this
    const byAgent = Array.from({ length: agents }, (): number[] => [])
    this.line.forEach((a, s) => byAgent[a]?.push(s))
    const visits: (Visits | null)[][] = space.steps.map(() => [])
    for (const own of byAgent) {
      own.sort((a, b) => (from[a] ?? 0) - (from[b] ?? 0))
      const asked = new Map<string, number[]>()
      own.forEach((s, n) => {
        const before = own.slice(0, n)
        visits[s] = (space.steps[s]?.conditions ?? []).map((c) => {
          const key = c.component < 0 ? keyOf(c.expr) : `${c.component} ${c.truth}`
          const asks = [...(asked.get(key) ?? []), from[s] ?? 0]
          asked.set(key, asks)
          const spoils = before.filter((t) => relations.falsifies(t, c.expr)).map((t) => from[t] ?? 0)
          return spoils.length === 0 ? null : { spoils, asks }
        })
      })
    }
    return visits
  }
}

/** Places on a line, ascending: where a condition is surely made false, and where it has to be true. */
interface Visits {
  readonly spoils: readonly number[]
  readonly asks: readonly number[]
}

/** How often, from place `at` on, the condition has been made false since it was last asked when it is asked. */
function timesFalse({ spoils, asks }: Visits, at: number): number {
  let times = 0
  let since = at
  for (let i = 0; i < asks.length; i++) {
    const ask = asks[i] ?? 0
    if (ask < at || !between(spoils, since, ask)) continue
    times++
    since = ask
  }
  return times
}

function between(places: readonly number[], from: number, to: number): boolean {
  for (let i = 0; i < places.length; i++) {
    const p = places[i] ?? 0
    if (p >= from && p < to) return true
  }
  return false
}
