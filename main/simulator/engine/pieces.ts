/**
 * What a checkpoint consists of: arrays of numbers in a fixed order. Whoever puts something aside takes it up again in
 * the same order, and checks what it takes: a checkpoint comes from a file.
 */

export type Piece = Int32Array | Uint32Array | Float64Array

/** What is read is not what was put aside. */
export class Damaged extends Error {}

export function sound(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Damaged(`checkpoint: ${what}`)
}

export class PieceReader {
  private at = 0
  constructor(private readonly pieces: readonly Piece[]) {}

  get done(): boolean {
    return this.at >= this.pieces.length
  }
  ints(): Int32Array {
    const p = this.pieces[this.at++]
    sound(p instanceof Int32Array, 'integers')
    return p
  }
  words(): Uint32Array {
    const p = this.pieces[this.at++]
    sound(p instanceof Uint32Array, 'words')
    return p
  }
  /** One or the other. */
  bits(): Int32Array | Uint32Array {
    const p = this.pieces[this.at++]
    sound(p instanceof Int32Array || p instanceof Uint32Array, 'integers or words')
    return p
  }
  numbers(length?: number): Float64Array {
    const p = this.pieces[this.at++]
    sound(p instanceof Float64Array && (length === undefined || p.length === length), 'numbers')
    return p
  }
  /** A piece of whole numbers that are not negative, or −1 where that is allowed. */
  counts(length: number, least = 0): number[] {
    const list = [...this.numbers(length)]
    sound(
      list.every((n) => Number.isSafeInteger(n) && n >= least),
      'counts',
    )
    return list
  }
}

export const numbers = (...list: number[]): Float64Array => Float64Array.from(list)
