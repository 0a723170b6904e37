/**
 * From a state to what the hardware's registers say: one field at a time, then the word they make.
 * States are rows of int32, one per variable of the model; the tables of a scenario's view say how a variable
 * is encoded in a field.
 */
import type {
  FieldView,
  RegisterTableView,
  RegisterView,
  ScenarioView,
  Trace,
  VariableView,
} from '../../preload/contract'

export interface DecodedField {
  field: FieldView
  /** Unsigned value of the field alone, not shifted. */
  value: number
  /** "0x00005" or "1", by the field's width. */
  text: string
  /** The model's own word for it ("guest", "none"), where it has one that says more than the number. */
  word?: string
  /** Index of the variable behind it; absent for constants. */
  variable?: number
}

export interface DecodedRegister {
  register: RegisterView
  /** Unsigned 32 bit. */
  value: number
  hex: string
  fields: DecodedField[]
}

export type StateRow = ArrayLike<number>

/** Row `step` of a trace's states; row 0 is the initial state. Clamped to what is there. */
export function stateAt(states: Int32Array, stride: number, step: number): Int32Array {
  if (stride === 0) return states.subarray(0, 0)
  const rows = Math.floor(states.length / stride)
  const row = Math.max(0, Math.min(rows - 1, step))
  return states.subarray(row * stride, (row + 1) * stride)
}

export const fieldWidth = (field: Pick<FieldView, 'msb' | 'lsb'>): number => field.msb - field.lsb + 1

/** "31:12", or "3" for a single bit. */
export const bitRange = (field: Pick<FieldView, 'msb' | 'lsb'>): string =>
  field.msb === field.lsb ? String(field.lsb) : `${field.msb}:${field.lsb}`

export function hex(value: number, bits: number): string {
  return '0x' + (value >>> 0).toString(16).padStart(Math.ceil(bits / 4), '0')
}

const mask = (width: number): number => (width >= 32 ? 0xffffffff : 2 ** width - 1)

const BOOLEAN = new Set(['true', 'false', '0', '1'])

export function decodeField(field: FieldView, variables: readonly VariableView[], state: StateRow): DecodedField {
  const width = fieldWidth(field)
  const decoded = (value: number): DecodedField => ({
    field,
    value,
    text: width > 4 ? hex(value, width) : String(value),
  })
  if ('constant' in field.source) return decoded((field.source.constant & mask(width)) >>> 0)
  const { variable: index, encode } = field.source
  const variable = variables[index]
  const raw = state[index] ?? 0
  const ordinal = raw - (variable?.lo ?? 0)
  const result = decoded(((encode[ordinal] ?? raw) & mask(width)) >>> 0)
  result.variable = index
  const word = variable?.labels?.[ordinal]
  if (word !== undefined && !BOOLEAN.has(word)) result.word = withoutNumber(word, result.text)
  return result
}

/** "0x00010 (host)" beside 0x00010 is "host". */
function withoutNumber(word: string, text: string): string {
  return word.startsWith(`${text} `) ? word.slice(text.length + 1).replace(/^\((.*)\)$/, '$1') : word
}

export function decodeRegister(
  register: RegisterView,
  variables: readonly VariableView[],
  state: StateRow,
): DecodedRegister {
  let value = 0
  const fields = register.fields.map((field) => {
    const decoded = decodeField(field, variables, state)
    value = (value | (decoded.value << field.lsb)) >>> 0
    return decoded
  })
  return { register, value, hex: hex(value, register.width), fields }
}

/** Variables whose value differs between the state before step `step` and the state after it. */
export function changesAt(states: Int32Array, stride: number, step: number): Set<number> {
  const changed = new Set<number>()
  if (step <= 0 || stride === 0) return changed
  const before = stateAt(states, stride, step - 1)
  const after = stateAt(states, stride, step)
  for (let i = 0; i < stride; i++) if (before[i] !== after[i]) changed.add(i)
  return changed
}

export interface CellChange {
  from: DecodedField
  to: DecodedField
}

export interface TableRow {
  id: string
  label: string
  registers: { now: DecodedRegister; before: DecodedRegister | null; changed: boolean }[]
  changed: boolean
}

export interface DecodedTable {
  table: RegisterTableView
  rows: TableRow[]
  /** Number of fields that the current step changed. */
  changes: number
}

/** A whole table after `step` steps, each register beside what it was one step before (null when nothing differs). */
export function decodeTable(
  table: RegisterTableView,
  variables: readonly VariableView[],
  states: Int32Array,
  step: number,
): DecodedTable {
  const stride = variables.length
  const now = stateAt(states, stride, step)
  const before = step > 0 ? stateAt(states, stride, step - 1) : now
  let changes = 0
  const rows = table.rows.map((row) => {
    const registers = row.registers.map((register) => {
      const after = decodeRegister(register, variables, now)
      const earlier = decodeRegister(register, variables, before)
      const different = fieldsThatDiffer(earlier, after)
      changes += different
      return { now: after, before: different > 0 ? earlier : null, changed: different > 0 }
    })
    return { id: row.id, label: row.label, registers, changed: registers.some((r) => r.changed) }
  })
  return { table, rows, changes }
}

/** Two model values may encode alike (a slot masked by two causes): the word counts as much as the bits. */
export function fieldDiffers(a: DecodedField, b: DecodedField): boolean {
  return a.value !== b.value || a.word !== b.word
}

function fieldsThatDiffer(a: DecodedRegister, b: DecodedRegister): number {
  return a.fields.reduce((n, field, i) => {
    const other = b.fields[i]
    return other && fieldDiffers(field, other) ? n + 1 : n
  }, 0)
}

/** How many steps a trace has in its states (not its `length`, which counts also a step out of range). */
export function lastStep(trace: Trace, stride: number): number {
  return stride === 0 ? 0 : Math.max(0, Math.floor(trace.states.length / stride) - 1)
}

/** Are these the states of this view's variables? A token can carry a scale of its own, with more of them. */
export function fits(view: Pick<ScenarioView, 'variables'>, trace: Pick<Trace, 'events' | 'states'>): boolean {
  return trace.states.length === (trace.events.length + 1) * view.variables.length
}
