/** A decoded table cut by register: one strip per register, one line per row, so that equal fields stand under each other. */
import type { FieldView } from '../../preload/contract'
import {
  bitRange,
  fieldDiffers,
  type DecodedField,
  type DecodedRegister,
  type DecodedTable,
  type TableRow,
} from '../model/registers'

export interface Cell {
  field: FieldView
  now: DecodedField
  /** What it was one step earlier, when that was different. */
  was: DecodedField | null
  /** The register that it is a field of. */
  register: string
}

export interface StripRow {
  id: string
  label: string
  hex: string
  /** The register; absent where the line is several. */
  now?: DecodedRegister
  changed: boolean
  cells: Cell[]
}

export interface Strip {
  id: string
  name: string
  /** "+0xc" */
  offset: string
  fields: FieldView[]
  rows: StripRow[]
}

/** Columns of a software table are values, not registers: several of them stand at the same offset. */
const isPlain = ({ now }: Entry, all: readonly Entry[]): boolean =>
  all.some((other) => other.now !== now && other.now.register.offset === now.register.offset)

type Entry = TableRow['registers'][number]

export function strips(decoded: DecodedTable, reserved: boolean): Strip[] {
  const all = new Map<string, Strip>()
  const put = (id: string, make: () => Omit<Strip, 'id' | 'rows'>, row: StripRow): void => {
    const strip = all.get(id) ?? { id, ...make(), rows: [] }
    all.set(id, strip)
    strip.rows.push(row)
  }
  for (const { id, label, registers } of decoded.rows) {
    const plain = registers.filter((entry) => isPlain(entry, registers))
    if (plain.length > 0) {
      const fields = plain.flatMap(({ now }) => now.register.fields)
      put(names(fields), () => ({ name: '', offset: '', fields }), {
        id,
        label,
        hex: '',
        changed: plain.some((r) => r.changed),
        cells: plain.flatMap((r) => cells(r, true)),
      })
    }
    for (const entry of registers) {
      const { register } = entry.now
      if (isPlain(entry, registers)) continue
      const fields = asInManuals(register.fields.filter((f) => reserved || f.access !== 'RSVD'))
      put(
        `${register.name}@${register.offset} ${names(fields)}`,
        () => ({ name: register.name, offset: `+0x${register.offset.toString(16)}`, fields }),
        {
          id,
          label,
          hex: entry.now.hex,
          now: entry.now,
          changed: entry.changed,
          cells: asInManuals(cells(entry, reserved)),
        },
      )
    }
  }
  return [...all.values()]
}

/** The highest bit on the left, as manuals draw a register and as its hex is read. */
function asInManuals<T extends FieldView | Cell>(fields: readonly T[]): T[] {
  const lsb = (one: FieldView | Cell): number => ('field' in one ? one.field.lsb : one.lsb)
  return [...fields].sort((a, b) => lsb(b) - lsb(a))
}

const names = (fields: readonly FieldView[]): string => fields.map((f) => f.name + bitRange(f)).join(' ')

function cells({ now, before }: Entry, reserved: boolean): Cell[] {
  return now.fields.flatMap((field, i): Cell[] => {
    if (!reserved && field.field.access === 'RSVD') return []
    const earlier = before?.fields[i]
    return [
      {
        register: now.register.name,
        field: field.field,
        now: field,
        was: earlier && fieldDiffers(earlier, field) ? earlier : null,
      },
    ]
  })
}

/** The line under a value: what it was, or the model's word for it. */
export function cellNote({ now, was }: Cell): string {
  if (!was) return now.word ?? ''
  const name = (field: DecodedField): string => field.word ?? field.text
  return was.word === now.word ? `${was.text} → ${now.text}` : `${name(was)} → ${name(now)}`
}
