/**
 * The register tables of a block: rows by index, registers wider than 32 bits in words, each field bound to the
 * variable that holds it. A field that spans words is shown in parts.
 */
import { bitsOf, type BlockField, type BlockRegister } from '../../hardware/block'
import type { BoundRegister, FieldSpec, RegisterRow, RegisterTable, Source } from '../../hardware/registers'
import { cardinality, type Domain } from '../../model/model'
import type { ModelBuilder } from '../../model/builder'
import type { BoundField, BoundRow } from './declare'
import type { Instance } from './instance'

const WORD = 32

export function blockTables(i: Instance): RegisterTable[] {
  const { spec, name } = i.setup
  const tables = new Map<string, BoundRow[]>()
  for (const row of i.rows) {
    const title = row.register.table ?? spec.title
    tables.set(title, [...(tables.get(title) ?? []), row])
  }
  return [...tables].map(([title, rows]) => ({
    id: tables.size === 1 ? name : `${name}.${rows[0]?.register.name ?? ''}`,
    block: name,
    title,
    where: spec.title === title ? name : `${name}, ${spec.title}`,
    cite: rows[0]?.register.cite ?? spec.cite,
    rows: joined(i, rows),
  }))
}

/** Registers with the same indices share a row. */
function joined(i: Instance, rows: readonly BoundRow[]): RegisterRow[] {
  const byIndex = new Map<string, BoundRow[]>()
  for (const row of rows) {
    const key = row.at.join('][')
    byIndex.set(key, [...(byIndex.get(key) ?? []), row])
  }
  return [...byIndex].map(([key, same]) => ({
    id: `${i.setup.name} ${same.map((r) => r.register.name).join(' ')}${key ? `[${key}]` : ''}`,
    label: key
      ? `entry ${key.replaceAll('][', ', ')}${placeOf(same)}`
      : (same[0]?.register.title ?? same[0]?.register.name ?? ''),
    registers: same.flatMap((r) => wordsOf(i.b, r)),
  }))
}

/** ` at +0x18`: where the row begins, when the registers say how far rows are apart. */
function placeOf([first]: readonly BoundRow[]): string {
  const stride = first?.register.stride
  if (first === undefined || stride === undefined) return ''
  const strides = (Array.isArray(stride) ? stride : [stride]).map(BigInt)
  const start = first.at.reduce(
    (sum, value, i) => sum + BigInt(/^\d+$/.test(value) ? value : 0) * (strides[i] ?? 0n),
    0n,
  )
  return ` at +0x${start.toString(16)}`
}

function wordsOf(b: ModelBuilder, row: BoundRow): BoundRegister[] {
  const { register } = row
  const count = Math.ceil(register.width / WORD)
  return Array.from({ length: count }, (_, w): BoundRegister => {
    const fields = register.fields.flatMap((f) => partOf(f, w))
    const sources: Record<string, Source> = {}
    for (const { spec, field, shift } of fields) {
      const source = sourceOf(b, row, field, spec, shift)
      if (source) sources[spec.name] = source
    }
    const top = Math.min(register.width, (w + 1) * WORD) - 1
    return {
      spec: {
        name: count === 1 ? register.name : `${register.name}[${top}:${w * WORD}]`,
        offset: Number(register.offset) + w * 4,
        width: top - w * WORD + 1,
        fields: fields.map((f) => f.spec),
      },
      sources,
      place: { register: row.name, low: w * WORD, span: spanOf(register, w) },
    }
  })
}

/** Whole words around a word, until no field that software reads or writes is cut. */
function spanOf(register: BlockRegister, word: number): readonly [number, number] {
  const wordOf = (bit: number): number => Math.floor(bit / WORD)
  let [first, last] = [word, word]
  for (;;) {
    const cut = register.fields.find((f) => {
      const [msb, lsb] = bitsOf(f)
      const inside = wordOf(msb) >= first && wordOf(lsb) <= last
      return f.access !== 'RSVD' && inside && (wordOf(lsb) < first || wordOf(msb) > last)
    })
    if (!cut) return [Math.min(register.width, (last + 1) * WORD) - 1, first * WORD]
    const [msb, lsb] = bitsOf(cut)
    ;[first, last] = [Math.min(first, wordOf(lsb)), Math.max(last, wordOf(msb))]
  }
}

interface Part {
  readonly spec: FieldSpec
  readonly field: BlockField
  /** Bits of the field below this part. */
  readonly shift: number
}

function partOf(field: BlockField, word: number): Part[] {
  const [msb, lsb] = bitsOf(field)
  const from = Math.max(lsb, word * WORD)
  const to = Math.min(msb, word * WORD + WORD - 1)
  if (from > to) return []
  const whole = from === lsb && to === msb
  return [
    {
      field,
      shift: from - lsb,
      spec: {
        name: whole ? field.name : `${field.name}[${to - lsb}:${from - lsb}]`,
        msb: to - word * WORD,
        lsb: from - word * WORD,
        access: field.access,
        meaning: field.meaning,
      },
    },
  ]
}

function sourceOf(
  b: ModelBuilder,
  row: BoundRow,
  field: BlockField,
  spec: FieldSpec,
  shift: number,
): Source | undefined {
  const mask = (1n << BigInt(spec.msb - spec.lsb + 1)) - 1n
  const part = (code: bigint): number => Number((code >> BigInt(shift)) & mask)
  const fixed = row.fixed.get(field)
  if (fixed !== undefined) return { constant: part(fixed) }
  const bound: BoundField | undefined = row.fields.find((x) => x.field === field)
  if (!bound) return undefined
  const d: Domain = b.domainOf(bound.variable)
  if (bound.codes.length > 0) return { variable: bound.variable, encode: bound.codes.map(part) }
  if (d.k === 'bool') return { variable: bound.variable, encode: [0, 1] }
  // A plain number is its own code; one that spans words needs its parts listed.
  if (shift === 0 && cardinality(d) <= 2 ** (spec.msb - spec.lsb + 1)) return { variable: bound.variable, encode: [] }
  return {
    variable: bound.variable,
    encode: Array.from({ length: Math.min(cardinality(d), 4096) }, (_, v) => part(BigInt(v))),
  }
}
