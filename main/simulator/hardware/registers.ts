/**
 * Registers as data: offset, width, fields with bits, access and meaning, exactly as the manual names them.
 * The same declaration draws the programming panel, prints the hex and validates a write.
 */
import { assert } from '../faults'
import type { Model } from '../model/model'
import { cardinality } from '../model/model'

export type Access = 'RW' | 'RO' | 'W1C' | 'RSVD'

export interface FieldSpec {
  readonly name: string
  readonly msb: number
  readonly lsb: number
  readonly access: Access
  readonly meaning: string
}

export interface RegisterSpec {
  readonly name: string
  /** Bytes from the start of the row. */
  readonly offset: number
  /** Bits, at most 32. */
  readonly width: number
  readonly fields: readonly FieldSpec[]
}

/** What stands in a field: a constant, or a model variable with the field's value for each of its values, in order (none: the value itself). */
export type Source = { readonly constant: number } | { readonly variable: number; readonly encode: readonly number[] }

/** Where a word stands in the register that programs write. */
export interface WordPlace {
  /** `dev.IMS0`, as `write` calls it. */
  readonly register: string
  /** Bit 0 of the word is this bit of the register. */
  readonly low: number
  /** [msb, lsb]: the least that a write of the word takes along, as no field is written in part. */
  readonly span: readonly [number, number]
}

export interface BoundRegister {
  readonly spec: RegisterSpec
  readonly place: WordPlace
  /** By field name; a field that is not named here reads 0. */
  readonly sources: Readonly<Record<string, Source>>
}

export interface RegisterRow {
  readonly id: string
  readonly label: string
  readonly registers: readonly BoundRegister[]
}

export interface RegisterTable {
  readonly id: string
  readonly block: string
  readonly title: string
  readonly where: string
  readonly cite: string
  readonly rows: readonly RegisterRow[]
}

/** Checks a declaration against itself: fields inside the register, none overlapping. */
export function checkSpec(spec: RegisterSpec): void {
  let used = 0n
  for (const f of spec.fields) {
    assert(f.msb >= f.lsb && f.lsb >= 0 && f.msb < spec.width, `${spec.name}.${f.name}: bits ${f.msb}:${f.lsb}`)
    const mask = ((1n << BigInt(f.msb - f.lsb + 1)) - 1n) << BigInt(f.lsb)
    assert((used & mask) === 0n, `${spec.name}.${f.name} overlaps another field`)
    used |= mask
  }
}

/** Checks that every source names a field of its register and fits into it. */
export function checkBinding(model: Model, r: BoundRegister): void {
  for (const [name, source] of Object.entries(r.sources)) {
    const field = r.spec.fields.find((f) => f.name === name)
    assert(field, `${r.spec.name} has no field ${name}`)
    const values = 'constant' in source ? [source.constant] : encoded(model, source)
    const limit = 2 ** (field.msb - field.lsb + 1)
    assert(
      values.every((v) => Number.isInteger(v) && v >= 0 && v < limit),
      `${r.spec.name}.${name} holds ${field.msb - field.lsb + 1} bits`,
    )
    if ('variable' in source) {
      const v = model.variables[source.variable]
      assert(
        v && (source.encode.length === 0 || cardinality(v.domain) === source.encode.length),
        `${r.spec.name}.${name}: one code for each value`,
      )
    }
  }
}

/** The codes of a variable's values; of a plain number the largest says enough. */
function encoded(model: Model, source: Extract<Source, { variable: number }>): readonly number[] {
  if (source.encode.length > 0) return source.encode
  const d = model.variables[source.variable]?.domain
  return d?.k === 'range' ? [d.lo, d.hi] : []
}

/** The register's value in a state (one number per variable, in the variable's own coding). */
export function readRegister(model: Model, r: BoundRegister, state: ArrayLike<number>): number {
  let value = 0
  for (const f of r.spec.fields) {
    const source = r.sources[f.name]
    if (source) value += fieldValue(model, source, state) * 2 ** f.lsb
  }
  return value >>> 0
}

function fieldValue(model: Model, source: Source, state: ArrayLike<number>): number {
  if ('constant' in source) return source.constant
  const v = model.variables[source.variable]
  assert(v, 'bound variable')
  const value = state[source.variable] ?? 0
  const at =
    v.domain.k === 'enum' ? v.domain.values.indexOf(value) : v.domain.k === 'range' ? value - v.domain.lo : value
  return source.encode.length === 0 ? value : (source.encode[at] ?? 0)
}
