/** The 36-byte header that every ACPI table starts with (ACPI 6.5 §5.2.6), and its checks. */
import { err, fault, ok, type Result } from '../../faults'
import { Bytes } from '../bytes'

export const HEADER_LENGTH = 36
/** The largest real one, a MADT of thousands of processors, stays below half of this. */
const LENGTH_LIMIT = 1024 * 1024

export interface AcpiTable {
  readonly signature: string
  readonly revision: number
  readonly oemId: string
  readonly oemTableId: string
  /** Exactly the table: header included, trailing bytes cut off. */
  readonly bytes: Bytes
}

/**
 * Checks signature, length and checksum.
 * Faults: ACPI_TRUNCATED, ACPI_BAD_SIGNATURE (offset 0), ACPI_BAD_LENGTH (4), ACPI_BAD_CHECKSUM (9).
 */
export function readTable(data: Uint8Array, signature: string): Result<AcpiTable> {
  const all = new Bytes(data)
  if (all.length < HEADER_LENGTH)
    return err(
      fault('ACPI_TRUNCATED', `${signature}: ${all.length} bytes, the header alone has 36`, { offset: all.length }),
    )
  const found = all.text(0, 4)
  if (found !== signature)
    return err(fault('ACPI_BAD_SIGNATURE', `signature is "${found}", not "${signature}"`, { offset: 0 }))
  const length = all.u32(4)
  if (length < HEADER_LENGTH)
    return err(fault('ACPI_BAD_LENGTH', `${signature}: length ${length} is shorter than the header`, { offset: 4 }))
  if (length > LENGTH_LIMIT)
    return err(fault('ACPI_BAD_LENGTH', `${signature}: length ${length} is beyond any real table`, { offset: 4 }))
  if (length > all.length)
    return err(
      fault('ACPI_TRUNCATED', `${signature}: length says ${length} bytes, ${all.length} are there`, {
        offset: all.length,
      }),
    )
  const bytes = all.slice(0, length)
  const sum = checksum(bytes.data)
  if (sum !== 0)
    return err(
      fault('ACPI_BAD_CHECKSUM', `${signature}: the bytes add up to 0x${sum.toString(16)}, not 0`, {
        offset: 9,
        hint: 'dump the table again; a table that was edited needs a new checksum',
      }),
    )
  return ok({ signature, revision: bytes.u8(8), oemId: bytes.text(10, 6), oemTableId: bytes.text(16, 8), bytes })
}

/** Sum of all bytes modulo 256: 0 for a sound table. */
export function checksum(data: Uint8Array): number {
  let sum = 0
  for (const byte of data) sum = (sum + byte) & 0xff
  return sum
}
