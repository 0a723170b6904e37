/**
 * `write: { register: nic.ISR0, value: 0x2a001 }`, with `bits: "63:32"` where only a part is written: the register has to
 * be there, the number to fit, reserved bits to be 0, and a field to be written whole or not at all.
 */
import { err, nearest, ok, type FaultCode, type Result } from '../faults'
import type { BoundRow } from '../flows/board/declare'
import { bitsAt } from '../hardware/entry'
import { bitsOf } from '../hardware/block'

export interface RegisterWrite {
  /** `nic.ISR0`, with the prefix of its copy. */
  readonly row: string
  /** Of the bits that are written. */
  readonly value: bigint
  /** [msb, lsb] */
  readonly bits: readonly [number, number]
}

/** What is wrong, and at which key of the operand. */
export interface WriteMistake {
  readonly code: FaultCode
  readonly message: string
  readonly key: 'register' | 'value' | 'bits'
  readonly hint?: string | undefined
}

export function readWrite(
  rows: readonly BoundRow[],
  prefix: string,
  given: { readonly register?: unknown; readonly value?: unknown; readonly bits?: unknown },
): Result<RegisterWrite, WriteMistake> {
  const wrong = (key: WriteMistake['key'], message: string, hint?: string) =>
    err({ code: 'SCENARIO_OPERAND', message, key, hint } as const)
  const { register } = given
  const name = typeof register === 'string' ? register : ''
  const row = rows.find((r) => r.name === prefix + name) ?? rows.find((r) => r.name === name)
  if (!row) {
    if (register === undefined) return wrong('register', 'write: { register: block.REGISTER, value: NUMBER }')
    const near = nearest(
      name,
      rows.map((r) => (r.name.startsWith(prefix) ? r.name.slice(prefix.length) : r.name)),
    )
    return wrong('register', `there is no register ${JSON.stringify(register)}`, near && `did you mean ${near}?`)
  }
  const { width, fields } = row.register
  const bits = given.bits === undefined ? ([width - 1, 0] as const) : rangeOf(given.bits, width)
  if (!bits) return wrong('bits', `bits of ${name} are written "msb:lsb", from ${width - 1} down to 0`)
  const [high, low] = bits
  const apart = fields.find((f) => {
    const [msb, lsb] = bitsOf(f)
    return f.access !== 'RSVD' && ((lsb < low && msb >= low) || (lsb <= high && msb > high))
  })
  if (apart)
    return wrong('bits', `bits ${high}:${low} cut through ${apart.name}, bits ${apart.bits}`, 'write all of the field')
  // YAML reads a long number as a float, whose low bits are gone.
  if (typeof given.value === 'number' && !Number.isSafeInteger(given.value))
    return wrong('value', `${name}: the number is too long to stand without quotes`)
  const text = String(given.value)
  const size = high - low + 1
  if (!/^(0x[0-9a-fA-F]+|[0-9]+)$/.test(text) || BigInt(text) >> BigInt(size) !== 0n)
    return wrong('value', `${name} takes a number of ${size} bits`)
  const value = BigInt(text)
  const placed = value << BigInt(low)
  const reserved = fields.find((f) => f.access === 'RSVD' && bitsAt(placed, ...bitsOf(f)) !== 0n)
  if (reserved) return wrong('value', `bits ${reserved.bits} of ${name} are reserved and must be 0`, 'clear them')
  return ok({ row: row.name, value, bits })
}

function rangeOf(given: unknown, width: number): readonly [number, number] | null {
  const m = /^(\d+):(\d+)$/.exec(typeof given === 'string' ? given : '')
  const [msb, lsb] = [Number(m?.[1] ?? -1), Number(m?.[2] ?? -1)]
  return msb >= lsb && lsb >= 0 && msb < width ? [msb, lsb] : null
}
