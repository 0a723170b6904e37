/** A register, or a field of one, in the tables of a scenario: as one word that commands can be given. */
import type { FieldView, Poke } from '../../preload/contract'

export type RegisterPlace = Omit<Poke, 'value'>

/** A register may have several fields that are called Reserved. */
export const fieldWord = ({ access, name, msb, lsb }: FieldView): string =>
  access === 'RSVD' ? `${name}[${msb}:${lsb}]` : name

export const placeWord = ({ table, row, register, field }: RegisterPlace): string =>
  JSON.stringify(field === undefined ? [table, row, register] : [table, row, register, field])

/** Null: no such word. */
export function placeFrom(word: string): RegisterPlace | null {
  try {
    const parts: unknown = JSON.parse(word)
    if (!Array.isArray(parts) || !parts.every((p): p is string => typeof p === 'string')) return null
    const [table, row, register, field] = parts
    if (table === undefined || row === undefined || register === undefined) return null
    return { table, row, register, ...(field === undefined ? {} : { field }) }
  } catch {
    return null
  }
}
