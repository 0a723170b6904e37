/** What a program of a block scenario is, after its text has been read and checked: no YAML here. */
import type { SourcePosition } from '../../model/model'
import type { Typed } from '../../model/expression'
import type { AgentRole } from '../../model/model'

/** Text of a condition over the whole scenario, understood when every step is known. */
export interface Condition {
  readonly text: string
  /** Of the copy of the board whose names it means; empty where there is one. */
  readonly prefix: string
  readonly at: SourcePosition
}

/** An operand: text that fills templates, or an expression read when the step runs. */
export type OperandValue =
  { readonly k: 'text'; readonly text: string } | { readonly k: 'typed'; readonly typed: Typed }

interface Common {
  readonly id?: string
  /** Waits until this is true. */
  readonly when?: Condition
  /** Skipped where this is false at that moment. */
  readonly if?: Condition
  readonly at: SourcePosition
}

export interface OperationItem extends Common {
  readonly k: 'operation'
  readonly instance: string
  readonly operation: string
  readonly operands: ReadonlyMap<string, OperandValue>
  /** An errno does not end the program. */
  readonly goesOn: boolean
}

export interface WaitItem extends Common {
  readonly k: 'wait'
  readonly until: Condition
}

/** A register poked, or some whole words of it: fields that software may write take their bits. */
export interface WriteItem extends Common {
  readonly k: 'write'
  /** `pamu.SPAACE1`. */
  readonly row: string
  /** Of the bits that are written, moved down to bit 0. */
  readonly value: bigint
  /** [msb, lsb] of what is written; the fields outside stay as they are. */
  readonly bits: readonly [number, number]
}

/** One of several continuations, whichever. */
export interface EitherItem extends Common {
  readonly k: 'either'
  readonly branches: readonly (readonly Item[])[]
}

export type Item = OperationItem | WaitItem | WriteItem | EitherItem

export interface ProgramSetup {
  readonly agent: string
  readonly title: string
  readonly role: AgentRole
  readonly items: readonly Item[]
  /** The program need not come to its end (a server that waits for what may never come). */
  readonly optional: boolean
}
