/**
 * A channel that carries the effects of writes to where they take place. Posted order: first in, first out (85 §1: a
 * posted write may not pass another). Relaxed: each write arrives when it likes (relaxed ordering, or other requesters
 * under ID-based ordering). A write carries the values of the moment at which it is posted.
 */
import { all, any, constant, not, variable, type Expr } from '../model/expr'
import { defer, type AgentBuilder, type ModelBuilder, type StepSpec } from '../model/builder'
import type { Assignment, Domain } from '../model/model'
import { PostedChannel } from './posted'

export interface Posting {
  /** There is room for it, and its last values have arrived. */
  readonly when: Expr
  readonly set: readonly Assignment[]
}

export class Channel {
  private readonly queue: PostedChannel | null
  private readonly flags: number[] = []
  private readonly drained = defer()

  constructor(
    private readonly b: ModelBuilder,
    name: string,
    private readonly link: AgentBuilder,
    capacity: number,
    order: 'posted' | 'relaxed',
  ) {
    this.queue = order === 'posted' ? new PostedChannel(b, name, link, capacity) : null
  }

  /** A write whose effect is `set`; `arrival` is the step in which it takes place. */
  carry(arrival: Omit<StepSpec, 'when' | 'set'>, set: readonly Assignment[]): Posting {
    const moved = set.map((a) => ({ ...a, store: a.value.k === 'const' ? null : this.store(arrival.id, a.variable) }))
    const effect = moved.map((x) => ({
      variable: x.variable,
      value: x.store === null ? x.value : variable(x.store),
    }))
    const stores = moved.flatMap((x) => (x.store === null ? [] : [{ variable: x.store, value: x.value }]))
    if (this.queue) {
      const kind = this.queue.kind({ ...arrival, set: effect })
      const room = this.queue.room()
      const last = stores.length > 0 ? [not(this.queue.holds(kind))] : []
      return { when: all([room, ...last]), set: [...stores, ...this.queue.post(constant(kind))] }
    }
    const flag = this.b.bool(`${arrival.id}.on_its_way`, false, { control: true })
    this.flags.push(flag)
    this.link.step(0, 0, { ...arrival, when: variable(flag), set: [...effect, { variable: flag, value: constant(0) }] })
    return { when: not(variable(flag)), set: [...stores, { variable: flag, value: constant(1) }] }
  }

  /** Everything has arrived: what a read of the target waits for, because a completion may not pass posted writes. */
  empty(): Expr {
    return this.queue ? this.queue.empty() : this.drained.expr
  }

  /** No more kinds of writes will come. */
  finish(): void {
    this.drained.resolve(not(any(this.flags.map((f) => variable(f)))))
  }

  private store(id: string, target: number): number {
    return this.b.variable(`${id}.carries${target}`, this.b.domainOf(target), leastOf(this.b.domainOf(target)), {
      control: true,
    })
  }
}

const leastOf = (d: Domain): number => (d.k === 'bool' ? 0 : d.k === 'range' ? d.lo : (d.values[0] ?? 0))
