/** What one types into a field or a register, and what stands there to begin with. */
import type { FieldView, VariableView } from '../../preload/contract'
import { hex, fieldWidth, type DecodedField, type DecodedRegister } from '../model/registers'

export interface Choice {
  /** As the register holds it. */
  readonly code: string
  /** The model's word for it. */
  readonly word: string
}

const PLAIN = /^(true|false|\d+|0x[0-9a-f]+)$/

/** The values that the model has words for; none where a field is a number or a bit. */
export function choicesOf(field: FieldView, variables: readonly VariableView[]): Choice[] {
  if ('constant' in field.source) return []
  const { variable, encode } = field.source
  const labels = variables[variable]?.labels ?? []
  return encode.flatMap((code, i) => {
    const word = (labels[i] ?? '').replace(/^0x[0-9a-f]+ \((.*)\)$/, '$1')
    return word === '' || PLAIN.test(word) ? [] : [{ code: hex(code, fieldWidth(field)), word }]
  })
}

/** A word of the field's means its code; anything else is left to the simulator to judge. */
export const codeOf = (typed: string, choices: readonly Choice[]): string =>
  choices.find((c) => c.word === typed.trim())?.code ?? typed.trim()

/** A register as it would be written to change nothing: what a one would clear is 0. */
export function writtenBack(register: DecodedRegister): string {
  const value = register.fields.reduce(
    (all, f) => (f.field.access === 'W1C' ? all - f.value * 2 ** f.field.lsb : all),
    register.value,
  )
  return hex(value, register.register.width)
}

/** What stands in the field of a cell while one begins to write: as it is; a bit that a one clears, with the one. */
export const draftOf = (now: DecodedField): string => (now.field.access === 'W1C' ? '1' : now.text)
