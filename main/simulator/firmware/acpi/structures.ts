/** Walking the variable-length structures that follow a table's fixed part: by length, never past the end, never in a circle. */
import { err, fault, ok, type Result } from '../../faults'
import type { PlatformWarning } from '../../platform/schema'
import type { Bytes } from '../bytes'

/** Where type and length of a structure stand. */
export interface Layout {
  /** For messages: "DMAR structure". */
  readonly what: string
  /** Bytes that type and length take: no structure is shorter. */
  readonly header: number
  readonly type: (bytes: Bytes, offset: number) => number
  readonly length: (bytes: Bytes, offset: number) => number
}

export interface Structure {
  readonly offset: number
  readonly type: number
  readonly length: number
}

/** A parsed table and what was odd in it. */
export interface Parsed<T> {
  readonly table: T
  readonly warnings: PlatformWarning[]
}

/** type u8, length u8 */
export const byteByte = (what: string): Layout => ({
  what,
  header: 2,
  type: (bytes, at) => bytes.u8(at),
  length: (bytes, at) => bytes.u8(at + 1),
})

/** type u16, length u16 */
export const wordWord = (what: string): Layout => ({
  what,
  header: 4,
  type: (bytes, at) => bytes.u16(at),
  length: (bytes, at) => bytes.u16(at + 2),
})

/** type u8, one other byte, length u16 */
export const byteSkipWord = (what: string): Layout => ({
  what,
  header: 4,
  type: (bytes, at) => bytes.u8(at),
  length: (bytes, at) => bytes.u16(at + 2),
})

/**
 * The structures from `start` up to `end`, without a gap.
 * Faults with offset: ACPI_TRUNCATED (a header is cut), ACPI_LOOP (length 0: a walk by length would never end),
 * ACPI_BAD_LENGTH (shorter than its header, or reaching beyond `end`).
 */
export function structures(bytes: Bytes, start: number, end: number, layout: Layout): Result<Structure[]> {
  const found: Structure[] = []
  for (let offset = start; offset < end;) {
    if (end - offset < layout.header)
      return err(fault('ACPI_TRUNCATED', `${layout.what}: header is cut off after ${end - offset} bytes`, { offset }))
    const length = layout.length(bytes, offset)
    if (length === 0) return err(fault('ACPI_LOOP', `${layout.what} of length 0: the walk would never end`, { offset }))
    if (length < layout.header)
      return err(fault('ACPI_BAD_LENGTH', `${layout.what} of length ${length} is shorter than its header`, { offset }))
    if (length > end - offset)
      return err(
        fault(
          'ACPI_BAD_LENGTH',
          `${layout.what} of length ${length} reaches ${length - (end - offset)} bytes too far`,
          {
            offset,
          },
        ),
      )
    found.push({ offset, type: layout.type(bytes, offset), length })
    offset += length
  }
  return ok(found)
}

/** ACPI_BAD_LENGTH when a structure is too short for its type. */
export function atLeast(structure: Structure, minimum: number, what: string): Result<null> {
  return structure.length >= minimum
    ? ok(null)
    : err(
        fault('ACPI_BAD_LENGTH', `${what} of length ${structure.length}, at least ${minimum} needed`, {
          offset: structure.offset,
        }),
      )
}
