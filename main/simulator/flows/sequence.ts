/**
 * A line of steps under construction: one agent, one location after another. An operation appends its steps here.
 */
import { all, not, TRUE, variable, type Expr } from '../model/expr'
import type { AgentBuilder, StepSpec } from '../model/builder'
import type { EdgeBook } from './edges'

export class Sequence {
  /** Conditions that the next step has to wait for besides its own. */
  private pending: Expr[] = []
  /** Steps of which the next one happens after, and who sees to that. */
  private after: { step: string; why: string; enforcedBy: 'trap' | 'program-order'; cite: string }[] = []
  last: string | undefined

  constructor(
    readonly agent: AgentBuilder,
    private here: number,
    private readonly edges: EdgeBook,
  ) {}

  get location(): number {
    return this.here
  }

  /** What the next step has to wait for, so far. */
  gate(): Expr {
    return all(this.pending)
  }
  require(e: Expr): void {
    this.pending.push(e)
  }
  /** The agent stands still until `flag` (a boolean variable) is false again; `resumedBy` will clear it. */
  standStill(flag: number, resumedBy: string, how: 'trap' | 'program-order', cite: string): void {
    this.require(not(variable(flag)))
    this.after.push({
      step: resumedBy,
      why: how === 'trap' ? 'the vCPU stands still until the trap returns' : 'the call returns first',
      enforcedBy: how,
      cite,
    })
  }

  /** One step to a fresh location. */
  then(spec: StepSpec): void {
    this.branch([{ spec }])
  }

  /** Alternatives from here; each leads to the next location, or to `to`. At least one of their conditions should be true. */
  branch(alternatives: readonly { spec: StepSpec; to?: number }[]): void {
    const next = alternatives.some((a) => a.to === undefined) ? this.agent.fresh() : undefined
    const gate = all(this.pending)
    for (const { spec, to } of alternatives) {
      const when = all([gate, spec.when ?? TRUE])
      this.agent.step(this.here, to ?? next ?? this.here, { ...spec, when: when === TRUE ? null : when })
      for (const a of this.after)
        this.edges.add({ before: a.step, after: spec.id, enforcedBy: a.enforcedBy, why: a.why, cite: a.cite })
    }
    this.pending = []
    this.after = []
    if (next !== undefined) this.here = next
    this.last = alternatives[0]?.spec.id
  }

  /** Where conditions are still open, a step of its own that waits for them. */
  settle(spec: StepSpec): void {
    if (this.pending.length > 0) this.then(spec)
  }

  /** The last step of a handler: back to where the agent waits for calls. */
  close(idle: number, spec: StepSpec): void {
    this.branch([{ spec, to: idle }])
    this.here = idle
  }
}
