/** Why the kernel decided so: the rule, its source, and the facts of this platform that it used. */
export interface Reason {
  readonly rule: string
  /** Section of the reference, commit or specification. */
  readonly cite: string
  readonly facts: readonly string[]
  /** For two that share a group: what would keep them apart. */
  readonly apart?: string
}

export const because = (rule: string, cite: string, ...facts: string[]): Reason => ({ rule, cite, facts })
