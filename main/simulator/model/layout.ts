/**
 * Where each variable lies in a packed state: a slot of ⌈log2(values)⌉ bits inside one 32-bit word, never across two.
 * The widest go first (first fit), so that few words are left half empty; a variable with one value, or that no step
 * ever assigns (most fields of a register that a scenario leaves alone), takes no bits.
 */
import { assert } from '../faults'
import { cardinality, ordinal, valueAt, type Model } from './model'

export interface Slot {
  readonly word: number
  readonly shift: number
  readonly bits: number
  /** The position in its domain of a variable that takes no bits. */
  readonly fixed: number
}

export interface Layout {
  readonly slots: readonly Slot[]
  readonly words: number
  readonly bits: number
}

export function layOut(model: Model): Layout {
  const assigned = new Set(model.steps.flatMap((s) => s.set.map((a) => a.variable)))
  for (const a of model.agents) assigned.add(a.location)
  const widths = model.variables.map((v, i) => (assigned.has(i) ? bitsFor(cardinality(v.domain)) : 0))
  const order = widths.map((_, i) => i).sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0) || a - b)
  const free: number[] = []
  const slots: Slot[] = new Array<Slot>(widths.length)
  for (const i of order) {
    const bits = widths[i] ?? 0
    let word = free.findIndex((f) => f >= bits)
    if (bits === 0) word = 0
    else if (word < 0) word = free.push(32) - 1
    const left = free[word] ?? 32
    slots[i] = { word, shift: 32 - left, bits, fixed: bits === 0 ? initialPosition(model, i) : 0 }
    if (bits > 0) free[word] = left - bits
  }
  return { slots, words: Math.max(1, free.length), bits: widths.reduce((a, b) => a + b, 0) }
}

function initialPosition(model: Model, index: number): number {
  const v = model.variables[index]
  assert(v, 'variable')
  return ordinal(v.domain, v.initial)
}

/** Bits that so many values need. */
export function bitsFor(values: number): number {
  assert(values >= 1 && values <= 2 ** 32, 'domain size')
  let bits = 0
  while (2 ** bits < values) bits++
  return bits
}

/** Write the values of one state (one per variable) into `out` at `offset` words. */
export function pack(model: Model, layout: Layout, values: ArrayLike<number>, out: Uint32Array, offset = 0): void {
  for (let w = 0; w < layout.words; w++) out[offset + w] = 0
  model.variables.forEach((v, i) => {
    const slot = layout.slots[i]
    const position = ordinal(v.domain, values[i] ?? NaN)
    assert(slot && position >= 0, `value of ${v.name}`)
    if (slot.bits > 0) out[offset + slot.word] = ((out[offset + slot.word] ?? 0) | (position << slot.shift)) >>> 0
  })
}

/** The values of a packed state, one per variable. */
export function unpack(
  model: Model,
  layout: Layout,
  state: Uint32Array,
  offset = 0,
  out: Int32Array = new Int32Array(model.variables.length),
  at = 0,
): Int32Array {
  model.variables.forEach((v, i) => {
    const slot = layout.slots[i]
    assert(slot, 'slot')
    const position =
      slot.bits === 0 ? slot.fixed : ((state[offset + slot.word] ?? 0) >>> slot.shift) & maskOf(slot.bits)
    out[at + i] = valueAt(v.domain, slot.bits === 32 ? position >>> 0 : position)
  })
  return out
}

export const maskOf = (bits: number): number => (bits >= 32 ? 0xffffffff : 2 ** bits - 1)
