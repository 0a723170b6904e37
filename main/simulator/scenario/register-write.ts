/** `write: { register: nic.ISR0, value: 0x2a001 }`: the register has to be there, the number to fit, reserved bits to be 0. */
import { err, nearest, ok, type FaultCode, type Result } from '../faults'
import type { BoundRow } from '../flows/board/declare'

export interface RegisterWrite {
  /** `nic.ISR0`, with the prefix of its copy. */
  readonly row: string
  readonly value: bigint
}

/** What is wrong, and at which key of the operand. */
export interface WriteMistake {
  readonly code: FaultCode
  readonly message: string
  readonly key: 'register' | 'value'
  readonly hint?: string | undefined
}

export function readWrite(
  rows: readonly BoundRow[],
  prefix: string,
  given: { readonly register?: unknown; readonly value?: unknown },
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
  // YAML reads a long number as a float, whose low bits are gone.
  if (typeof given.value === 'number' && !Number.isSafeInteger(given.value))
    return wrong('value', `${name}: the number is too long to stand without quotes`)
  const text = String(given.value)
  if (!/^(0x[0-9a-fA-F]+|[0-9]+)$/.test(text) || BigInt(text) >> BigInt(row.register.width) !== 0n)
    return wrong('value', `${name} takes a number of ${row.register.width} bits`)
  const value = BigInt(text)
  const reserved = row.register.fields.find((f) => {
    const [msb, lsb] = partsOf(f.bits)
    return f.access === 'RSVD' && (value >> lsb) % 2n ** (msb - lsb + 1n) !== 0n
  })
  if (reserved) return wrong('value', `bits ${reserved.bits} of ${name} are reserved and must be 0`, 'clear them')
  return ok({ row: row.name, value })
}

const partsOf = (bits: string | number): [bigint, bigint] => {
  const [msb = '0', lsb] = String(bits).split(':')
  return [BigInt(msb), BigInt(lsb ?? msb)]
}
