/**
 * A posted-write channel from the CPU to one device: first in, first out, of limited depth; a post waits while it is
 * full. A read of the device completes only when every earlier posted write has arrived, because a completion may not
 * pass posted writes (reference 85 §1, §3).
 */
import { assert } from '../faults'
import { all, any, binary, choose, constant, equal, variable, type Expr } from '../model/expr'
import type { AgentBuilder, ModelBuilder, StepSpec } from '../model/builder'
import type { Assignment } from '../model/model'

export class PostedChannel {
  private readonly cells: number[]
  private kinds = 0

  /** `name` is put before the variables; `link` is the agent whose steps are the arrivals (it stays at location 0). */
  constructor(
    private readonly b: ModelBuilder,
    name: string,
    private readonly link: AgentBuilder,
    capacity: number,
  ) {
    assert(capacity >= 1, 'capacity')
    this.cells = Array.from({ length: capacity }, (_, i) =>
      b.variable(`${name}.q${i}`, { k: 'range', lo: 0, hi: 0 }, 0, {
        register: name,
        field: `write ${i}`,
        control: true,
      }),
    )
  }

  private cell(i: number): Expr {
    const v = this.cells[i]
    assert(v !== undefined, 'cell')
    return variable(v)
  }

  /** A new kind of write with its arrival; its number is what `post` puts into the channel. */
  kind(arrival: Omit<StepSpec, 'when'>): number {
    const kind = ++this.kinds
    for (const c of this.cells) this.b.widen(c, kind)
    const shift: Assignment[] = this.cells.map((v, i) => ({
      variable: v,
      value: i + 1 < this.cells.length ? this.cell(i + 1) : constant(0),
    }))
    this.link.step(0, 0, {
      ...arrival,
      when: equal(this.cell(0), constant(kind)),
      set: [...(arrival.set ?? []), ...shift],
    })
    return kind
  }

  /** There is room for one more write. */
  room(): Expr {
    return equal(this.cell(this.cells.length - 1), constant(0))
  }
  /** A write of this kind is on its way. */
  holds(kind: number): Expr {
    return any(this.cells.map((_, i) => equal(this.cell(i), constant(kind))))
  }
  /** Everything has arrived: what a read-back waits for. */
  empty(): Expr {
    return equal(this.cell(0), constant(0))
  }
  /** Append a write whose kind is given by an expression. */
  post(kind: Expr): Assignment[] {
    return this.cells.map((v, i) => {
      const free = equal(this.cell(i), constant(0))
      const reached = i === 0 ? free : all([free, binary('!=', this.cell(i - 1), constant(0))])
      return { variable: v, value: choose(reached, kind, this.cell(i)) }
    })
  }
}
