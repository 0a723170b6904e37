/** An address map as a block of the block language: its registers, and nothing that it does yet. */
import { stringify } from 'yaml'
import type { RdlField, RdlMap, RdlRegister } from './map'

/** Words of the expression language. */
const RESERVED = new Set(['true', 'false', 'done', 'min', 'max', 'me'])
/** Bits that an integer of the model may have; wider fields hold names. */
const WIDEST_NUMBER = 31

export interface PlainBlock {
  readonly block: string
  readonly title: string
  readonly cite: string
  readonly indices?: Readonly<Record<string, number>>
  readonly registers: readonly unknown[]
}

/** `source`: what the person calls the file. */
export function blockOfRdl(map: RdlMap, source: string): PlainBlock {
  const indices = Object.fromEntries(map.registers.flatMap((r) => r.counts.map((c, i) => [indexOf(r, i), c])))
  return {
    block: kindOf(map.name),
    title: oneLine(map.title) || map.name,
    cite: `SystemRDL, ${oneLine(source)}`,
    ...(map.description ? { scope: oneLine(map.description) } : {}),
    ...(Object.keys(indices).length > 0 ? { indices } : {}),
    registers: map.registers.map((r) => registerOf(r)),
  }
}

/** The text of a block file. */
export const blockText = (block: PlainBlock): string =>
  `# Registers only: add state, operations and behaviour (docs/blocks.md).\n${stringify(block, { lineWidth: 110, aliasDuplicateObjects: false, blockQuote: false })}`

const kindOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^[^a-z]+/, '') || 'block'

const indexOf = (r: RdlRegister, dimension: number): string =>
  `${r.name}_index${r.counts.length > 1 ? String(dimension + 1) : ''}`

function registerOf(r: RdlRegister): unknown {
  return {
    name: r.name,
    ...(r.title ? { title: oneLine(r.title) } : {}),
    ...(r.counts.length > 0 ? { per: r.counts.map((_, i) => indexOf(r, i)), stride: r.strides.map(hex) } : {}),
    offset: hex(r.offset),
    width: r.width,
    fields: withGaps(r),
  }
}

/** From bit 0 on; bits that no field names are reserved. */
function withGaps(r: RdlRegister): unknown[] {
  const out: unknown[] = []
  const names = new Set(r.fields.map((f) => f.name))
  let free = 0
  const gap = (to: number): void => {
    if (to < free) return
    let name = `Reserved_${free}`
    while (names.has(name)) name += '_'
    out.push({ name, bits: bitsText(to, free), access: 'RSVD' })
  }
  for (const f of [...r.fields].sort((a, b) => a.lsb - b.lsb)) {
    gap(f.lsb - 1)
    out.push(fieldOf(f))
    free = f.msb + 1
  }
  gap(r.width - 1)
  return out
}

function fieldOf(f: RdlField): unknown {
  const wide = f.msb - f.lsb + 1 > WIDEST_NUMBER
  const reset = f.reset ?? 0n
  const meaning = [f.title, f.description].map(oneLine).filter((t) => t)
  return {
    name: f.name,
    ...(RESERVED.has(f.name) ? { as: `${f.name}_` } : {}),
    bits: bitsText(f.msb, f.lsb),
    ...(f.access === 'RW' ? {} : { access: f.access }),
    ...(wide
      ? { values: { reset_value: `0x${reset.toString(16)}` } }
      : f.reset === null
        ? {}
        : { reset: Number(reset) }),
    ...(meaning.length > 0 ? { meaning: meaning.join(': ') } : {}),
  }
}

const bitsText = (msb: number, lsb: number): number | string => (msb === lsb ? msb : `${msb}:${lsb}`)
const hex = (n: number): string => `0x${n.toString(16)}`
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
