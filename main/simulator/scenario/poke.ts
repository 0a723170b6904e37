/**
 * A register written by hand at one moment of a run: a field, or a word as a whole. What a write cannot do is refused here
 * with the reason; what it does is left to `write`, of which this makes the operands.
 *
 * A write carries whole words, as on the bus: fields that are not meant are written back as they read at that moment, those
 * that a one would clear with 0.
 */
import { err, fault, ok, type Fault, type Result } from '../faults'
import { bitsAt } from '../hardware/entry'
import { readRegister, type BoundRegister, type FieldSpec, type RegisterTable } from '../hardware/registers'
import { inWords, valueAt, type Model } from '../model/model'

export interface Poke {
  /** Ids of the table and of its row, name of the register there. */
  readonly table: string
  readonly row: string
  readonly register: string
  /** Only this field of it. */
  readonly field?: string | undefined
  /** What is written: of the field, or of the register: "0x2a", "42". */
  readonly value: string
}

/** Operands of `write`. */
export interface HandWrite {
  readonly register: string
  readonly value: bigint
  /** [msb, lsb]; null: all of the register. */
  readonly bits: readonly [number, number] | null
  /** `dev.IMS0 CONTROL.PASID = 0x2a`, for people. */
  readonly words: string
}

type Source = BoundRegister['sources'][string]

/** Why no write ever changes this field; null where one can. */
export function guardOf(table: Pick<RegisterTable, 'cite'>, name: string, f: FieldSpec, s?: Source): string | null {
  const bits = f.msb === f.lsb ? `bit ${f.msb}` : `bits ${f.msb}:${f.lsb}`
  if (f.access === 'RSVD') return `${bits} of ${name}: reserved, must be 0 (${table.cite})`
  if (f.access === 'RO')
    return `${name}.${f.name} is read only: hardware sets it, a write leaves it as it is (${table.cite})`
  if (s === undefined || 'constant' in s)
    return `${name}.${f.name} always is 0x${(s?.constant ?? 0).toString(16)} in the model, which holds no state for it (${table.cite})`
  return null
}

/** Errors: REGISTER_GUARDED, REGISTER_VALUE. `state`: one number per variable, as the model holds them. */
export function handWrite(
  { model, tables }: { readonly model: Model; readonly tables: readonly RegisterTable[] },
  state: ArrayLike<number>,
  poke: Poke,
): Result<HandWrite, Fault> {
  const table = tables.find((t) => t.id === poke.table)
  const row = table?.rows.find((r) => r.id === poke.row)
  const word = row?.registers.find((r) => r.spec.name === poke.register)
  const field = word?.spec.fields.find((f) => f.name === poke.field)
  if (!table || !row || !word || (poke.field !== undefined && !field))
    return err(
      fault('REGISTER_VALUE', `there is no ${[poke.register, poke.field].filter(Boolean).join('.')} in ${poke.row}`, {
        hint: 'the scenario has changed since: choose the register again',
      }),
    )
  const [high, low] = field ? [field.msb, field.lsb] : [word.spec.width - 1, 0]
  const name = field ? `${word.spec.name}.${field.name}` : word.spec.name
  const guard = field && guardOf(table, word.spec.name, field, word.sources[field.name])
  if (guard) return err(fault('REGISTER_GUARDED', guard, { hint: 'choose a field that software can write' }))
  const width = high - low + 1
  const value = numberOf(poke.value, width)
  if (value === null)
    return err(
      fault(
        'REGISTER_VALUE',
        `${name} holds ${width === 1 ? 'one bit' : `${width} bits`}: ${JSON.stringify(poke.value)} is no such number`,
        { hint: width === 1 ? 'write 0 or 1' : 'write 0x2a, 42 or 0b101010' },
      ),
    )
  const before = BigInt(readRegister(model, word, state))
  const wrong = word.spec.fields
    .filter((f) => f.msb >= low && f.lsb <= high)
    .map((f) => {
      const parts = { is: bitsAt(before, f.msb, f.lsb), becomes: bitsAt(value << BigInt(low), f.msb, f.lsb) }
      return refusal(table, word, f, parts, field !== undefined)
    })
    .find((f) => f !== null)
  if (wrong) return err(wrong)
  const beyond = field ? null : undeclared(table, word, value)
  if (beyond) return err(beyond)

  const [msb, lsb] = word.place.span
  const words = row.registers.filter(
    (r) => r.place.register === word.place.register && r.place.low >= lsb && r.place.low <= msb,
  )
  const kept = words.reduce((all, r) => all | (writtenBack(model, r, state) << BigInt(r.place.low)), 0n)
  const at = BigInt(word.place.low + low)
  const mask = ((1n << BigInt(high - low + 1)) - 1n) << at
  const whole = (kept & ~mask) | (value << at)
  const unknown = words.flatMap((r) => r.spec.fields.flatMap((f) => unmodelled(model, words, r, f, whole, table)))[0]
  if (unknown) return err(unknown)
  const most = Math.max(
    ...row.registers.flatMap((r) => (r.place.register === word.place.register ? [r.place.low + r.spec.width] : [])),
  )
  return ok({
    register: word.place.register,
    value: whole >> BigInt(lsb),
    bits: lsb === 0 && msb === most - 1 ? null : [msb, lsb],
    words: `${word.place.register}${partOf(word)}${field ? `.${field.name}` : ''} = 0x${value.toString(16)}`,
  })
}

/** `[63:32]` where the word is one of several. */
const partOf = (word: BoundRegister): string => /\[\d+:\d+\]$/.exec(word.spec.name)?.[0] ?? ''

function numberOf(text: string, width: number): bigint | null {
  const bare = text.trim().replaceAll('_', '')
  if (!/^(0x[0-9a-f]{1,32}|0b[01]{1,128}|[0-9]{1,39})$/i.test(bare)) return null
  const value = BigInt(bare)
  return value >> BigInt(width) === 0n ? value : null
}

function refusal(
  table: RegisterTable,
  word: BoundRegister,
  f: FieldSpec,
  { is, becomes }: { readonly is: bigint; readonly becomes: bigint },
  alone: boolean,
): Fault | null {
  const refused = (message: string, hint: string) => fault('REGISTER_GUARDED', message, { hint })
  const guard = guardOf(table, word.spec.name, f, word.sources[f.name])
  if (guard !== null) {
    // As part of a word it may stand there as it reads.
    if (becomes === is) return null
    return refused(guard, f.access === 'RSVD' ? 'leave them 0' : `leave it 0x${is.toString(16)}`)
  }
  if (f.access !== 'W1C') return null
  const name = `${word.spec.name}.${f.name}`
  if ((becomes & ~is) !== 0n)
    return refused(
      `${name} is cleared by writing 1 and is clear: only the device sets it (${table.cite})`,
      'write 0 there',
    )
  return becomes === 0n && alone
    ? refused(`${name} is cleared by writing 1: writing 0 leaves it as it is (${table.cite})`, 'write 1 to clear it')
    : null
}

/** Bits of a word that no field stands for. */
function undeclared(table: RegisterTable, word: BoundRegister, value: bigint): Fault | null {
  const known = word.spec.fields.reduce(
    (all, f) => all | (((1n << BigInt(f.msb - f.lsb + 1)) - 1n) << BigInt(f.lsb)),
    0n,
  )
  const bits = value & ~known
  return bits === 0n
    ? null
    : fault(
        'REGISTER_GUARDED',
        `0x${bits.toString(16)} of ${word.spec.name} is in no field, and reads 0 (${table.cite})`,
        {
          hint: 'leave these bits 0',
        },
      )
}

/** What is written where nothing is to change. */
function writtenBack(model: Model, word: BoundRegister, state: ArrayLike<number>): bigint {
  const value = BigInt(readRegister(model, word, state))
  return word.spec.fields.reduce(
    (all, f) =>
      f.access === 'W1C' || f.access === 'RSVD'
        ? all & ~(((1n << BigInt(f.msb - f.lsb + 1)) - 1n) << BigInt(f.lsb))
        : all,
    value,
  )
}

/** A field whose codes the model lists, written with another: all its parts have to be those of one value. */
function unmodelled(
  model: Model,
  words: readonly BoundRegister[],
  word: BoundRegister,
  f: FieldSpec,
  whole: bigint,
  table: RegisterTable,
): Fault[] {
  const source = word.sources[f.name]
  if (f.access !== 'RW' || source === undefined || 'constant' in source || source.encode.length === 0) return []
  const variable = model.variables[source.variable]
  if (!variable) return []
  const parts = words.flatMap((r) =>
    r.spec.fields.flatMap((g) => {
      const s = r.sources[g.name]
      if (s === undefined || 'constant' in s || s.variable !== source.variable) return []
      return [{ encode: s.encode, bits: bitsAt(whole >> BigInt(r.place.low), g.msb, g.lsb) }]
    }),
  )
  const there = source.encode.some((_, i) => parts.every((p) => BigInt(p.encode[i] ?? 0) === p.bits))
  if (there) return []
  const known = source.encode.map((code, i) => {
    const word_ = inWords(model, variable, valueAt(variable.domain, i)).replace(/^0x[0-9a-f]+ \((.*)\)$/, '$1')
    return `0x${code.toString(16)} (${word_})`
  })
  const bits = bitsAt(whole >> BigInt(word.place.low), f.msb, f.lsb)
  return [
    fault('REGISTER_VALUE', `the model has no ${word.spec.name}.${f.name} 0x${bits.toString(16)} (${table.cite})`, {
      hint: `values: ${known.slice(0, 12).join(', ')}${known.length > 12 ? ' …' : ''}`,
    }),
  ]
}
