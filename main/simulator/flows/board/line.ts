/** One agent's line of locations under construction, with what its next step has to wait for. */
import { all, not, TRUE, type Expr } from '../../model/expr'
import type { AgentBuilder, StepSpec } from '../../model/builder'

export interface Way {
  readonly spec: StepSpec
  /** Where it leads; the next location, when it is not said. */
  readonly to?: number | undefined
}

export class Line {
  private gate: Expr[] = []
  private stopped: number | undefined
  /** The steps just before, when they trapped. */
  trapped: readonly string[] = []

  constructor(
    readonly agent: AgentBuilder,
    public here = 0,
  ) {}

  wait(e: Expr): void {
    this.gate.push(e)
  }

  /** Where the agent stands for good after an errno that ended its program. */
  stop(): number {
    this.stopped ??= this.agent.fresh()
    return this.stopped
  }
  get stopLocation(): number | undefined {
    return this.stopped
  }

  /** Alternatives from here; those without a target lead to `into`, or to a fresh location. Then the line goes on there. */
  branch(ways: readonly Way[], into?: number): void {
    const gate = all(this.gate)
    this.gate = []
    const next = into ?? this.agent.fresh()
    for (const { spec, to } of ways) {
      const when = all([gate, spec.when ?? TRUE])
      this.agent.step(this.here, to ?? next, { ...spec, when: when === TRUE ? null : when })
    }
    this.here = next
  }

  /** From here to `to` when a condition is false, without doing anything. */
  skip(unless: Expr, to: number, spec: StepSpec): void {
    this.agent.step(this.here, to, { ...spec, when: all([...this.gate, not(unless)]) })
  }
}
