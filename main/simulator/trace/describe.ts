/** A run in words: for each step who did what, and which registers and variables changed from what to what. */
import type { Program } from '../model/compile'
import { inWords } from '../model/model'

export interface Change {
  readonly register: string
  readonly field: string
  readonly from: string
  readonly to: string
}

export interface TraceEvent {
  readonly step: string
  readonly agent: string
  readonly op: string
  readonly label: string
  readonly line?: number
  readonly cite?: string
  /** ns, timed runs only. */
  readonly time?: number
  readonly changes: Change[]
}

export interface Run {
  readonly steps: readonly number[]
  readonly states: readonly Uint32Array[]
  readonly times?: readonly number[]
  readonly outOfRange: boolean
}

export interface Described {
  readonly length: number
  readonly events: TraceEvent[]
  /** (length + 1) rows of one number per variable: enumerations and booleans as the position in their labels. */
  readonly states: Int32Array<ArrayBuffer>
  readonly outOfRange?: string
}

export function describe(program: Program, run: Run): Described {
  const { model } = program
  const rows = run.states.map((s) => program.unpack(s))
  const width = model.variables.length
  const states = new Int32Array(rows.length * width)
  rows.forEach((row, i) => states.set(displayed(program, row), i * width))
  const events = run.steps.map((index, i): TraceEvent => {
    const step = model.steps[index]
    const agent = model.agents[step?.agent ?? -1]
    return {
      step: step?.id ?? '?',
      agent: agent?.id ?? '?',
      op: step?.op ?? '?',
      label: step?.label ?? '?',
      ...(step?.at ? { line: step.at.line } : {}),
      ...(step?.cite ? { cite: step.cite } : {}),
      ...(run.times ? { time: run.times[i] ?? 0 } : {}),
      changes: changesBetween(program, rows[i], rows[i + 1]),
    }
  })
  const last = events[events.length - 1]
  return {
    length: events.length,
    events,
    states,
    ...(run.outOfRange && last
      ? { outOfRange: `${last.step} assigns a value outside its variable's range, or divides by zero` }
      : {}),
  }
}

function changesBetween(program: Program, before: Int32Array | undefined, after: Int32Array | undefined): Change[] {
  const { model } = program
  return model.variables.flatMap((v, i): Change[] => {
    const from = before?.[i] ?? 0
    const to = after?.[i] ?? 0
    return v.control || from === to
      ? []
      : [{ register: v.register, field: v.field, from: inWords(model, v, from), to: inWords(model, v, to) }]
  })
}

/** Values as the window decodes them: an enumeration's value is its position in the variable's own list. */
export function displayed(program: Program, values: ArrayLike<number>): Int32Array<ArrayBuffer> {
  return Int32Array.from(program.model.variables, (v, i) => {
    const value = values[i] ?? 0
    return v.domain.k === 'enum' ? v.domain.values.indexOf(value) : value
  })
}
