/**
 * The happens-before edges that matter in a flow, and who enforces each: program order, a trap, the device, PCIe's
 * ordering rules, software of the guest, or nobody (reference 70 §10, §11; 85 §1).
 */
export type Enforcer = 'program-order' | 'trap' | 'device' | 'pcie' | 'software' | 'nobody'

export interface Edge {
  readonly before: string
  readonly after: string
  readonly enforcedBy: Enforcer
  readonly why: string
  readonly cite: string
}

export class EdgeBook {
  private readonly list: Edge[] = []
  private readonly seen = new Set<string>()
  add(edge: Edge): void {
    const key = `${edge.before} ${edge.after} ${edge.enforcedBy}`
    if (edge.before === edge.after || this.seen.has(key)) return
    this.seen.add(key)
    this.list.push(edge)
  }
  all(): readonly Edge[] {
    return this.list
  }
}
