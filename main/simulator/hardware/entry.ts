/**
 * A table entry as raw bits, read through its register declaration: the same declaration that draws the panel also says
 * which bits are reserved, so that "a reserved field is set" is decided by data.
 */
import { assert } from '../faults'
import type { z } from 'zod'
import { bitsOf, BlockRegister, type BlockField } from './block'

/** Memory as hardware sees it: aligned 64-bit words. */
export interface Memory {
  /** The word at this address; undefined: the read is answered with an error. */
  readonly read: (address: bigint) => bigint | undefined
  /** An atomic update of the word there (Accessed and Dirty bits) succeeds; always, when it is not said. */
  readonly update?: (address: bigint) => boolean
}

/** What stands in memory at an address: `bits` of it, as 64-bit words; null: that word cannot be read. */
export interface Piece {
  readonly at: number | bigint
  readonly bits?: number
  readonly value: bigint | null
}

/** Memory that holds these pieces, later ones over earlier ones; every other word reads 0. */
export function memoryOf(pieces: readonly Piece[], update?: Memory['update']): Memory {
  const words = new Map<bigint, bigint | null>()
  for (const { at, bits = 64, value } of pieces)
    for (let w = 0; w * 64 < bits; w++)
      words.set(BigInt(at) + BigInt(w * 8), value === null ? null : bitsAt(value, w * 64 + 63, w * 64))
  return {
    read: (address) => {
      const word = words.get(address)
      return word === null ? undefined : (word ?? 0n)
    },
    ...(update ? { update } : {}),
  }
}

export class Entry {
  private readonly fields = new Map<string, bigint>()
  /** Some reserved field is not 0. */
  readonly reserved: boolean

  constructor(
    readonly register: BlockRegister,
    readonly raw: bigint,
  ) {
    let reserved = false
    for (const f of register.fields) {
      const [msb, lsb] = bitsOf(f)
      const value = bitsAt(raw, msb, lsb)
      if (f.access === 'RSVD') reserved ||= value !== 0n
      else this.fields.set(f.name, value)
    }
    this.reserved = reserved
  }

  /** The field's bits; the name is the declaration's. */
  bits(name: string): bigint {
    const value = this.fields.get(name)
    assert(value !== undefined, `${this.register.name} has no field ${name}`)
    return value
  }
  number(name: string): number {
    return Number(this.bits(name))
  }
  flag(name: string): boolean {
    return this.bits(name) !== 0n
  }
  /** A pointer: the field at its place in the register's low 64 bits of that half, low bits 0. */
  pointer(name: string): bigint {
    const field = this.register.fields.find((f) => f.name === name)
    assert(field, `${this.register.name} has no field ${name}`)
    return this.bits(name) << BigInt(bitsOf(field)[1] % 64)
  }
}

/** Bits msb:lsb of a value, moved down. */
export const bitsAt = (value: bigint, msb: number, lsb: number): bigint =>
  (value >> BigInt(lsb)) & ((1n << BigInt(msb - lsb + 1)) - 1n)

/** Reads an entry of the register's width; undefined when a word of it cannot be read. */
export function fetchEntry(memory: Memory, register: BlockRegister, address: bigint): Entry | undefined {
  let raw = 0n
  for (let word = 0; word * 64 < register.width; word++) {
    const bits = memory.read(address + BigInt(word * 8))
    if (bits === undefined) return undefined
    raw |= bits << BigInt(word * 64)
  }
  return new Entry(register, raw)
}

/** A structure that was read on the way to a decision. */
export interface Walked {
  readonly structure: string
  readonly address: bigint
  /** Undefined where it could not be read, or where it is a paging entry (then `raw`). */
  readonly entry?: Entry
  readonly raw?: bigint
}

/** Reads memory and remembers what it read, in order. */
export class Reader {
  readonly walked: Walked[] = []

  constructor(readonly memory: Memory) {}

  fetch(register: BlockRegister, address: bigint): Entry | undefined {
    const entry = fetchEntry(this.memory, register, address)
    this.walked.push({ structure: register.name, address, ...(entry ? { entry } : {}) })
    return entry
  }

  word(structure: string, address: bigint): bigint | undefined {
    const raw = this.memory.read(address)
    this.walked.push({ structure, address, ...(raw === undefined ? {} : { raw }) })
    return raw
  }
}

/** The raw bits of an entry with these field values; fields that are not named are 0. */
export function encodeEntry(
  register: BlockRegister,
  values: Readonly<Record<string, bigint | number | boolean>>,
): bigint {
  let raw = 0n
  for (const [name, value] of Object.entries(values)) {
    const field = register.fields.find((f) => f.name === name)
    assert(field, `${register.name} has no field ${name}`)
    const [msb, lsb] = bitsOf(field)
    const bits = BigInt(value)
    assert(bits >= 0n && bits >> BigInt(msb - lsb + 1) === 0n, `${register.name}.${name} holds ${msb - lsb + 1} bits`)
    raw |= bits << BigInt(lsb)
  }
  return raw
}

/** A declaration, checked when the program starts. */
export const register = (spec: z.input<typeof BlockRegister>): BlockRegister => BlockRegister.parse(spec)

/**
 * The declaration as a block uses it: these fields get names for their values, every other field too wide for a number
 * reads 0.
 */
export function modelled(
  r: BlockRegister,
  how: Partial<Pick<BlockRegister, 'per' | 'table'>>,
  fields: Readonly<Record<string, Partial<BlockField>>>,
): BlockRegister {
  for (const name of Object.keys(fields))
    assert(
      r.fields.some((f) => f.name === name),
      `${r.name} has no field ${name}`,
    )
  return {
    ...r,
    ...how,
    fields: r.fields.map((f) => {
      const [msb, lsb] = bitsOf(f)
      const own = fields[f.name]
      if (own) return { ...f, ...own }
      return msb - lsb < 31 || f.access === 'RSVD' ? f : { ...f, fixed: 0 }
    }),
  }
}
