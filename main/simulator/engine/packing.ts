/**
 * Tuples of configuration numbers as 32-bit words. How many configurations a component will have is not known
 * beforehand, so its field starts narrow; when it is outgrown, whoever holds packed states repacks them.
 */
import { bitsFor } from '../model/layout'
import { sound } from './pieces'
import type { ComponentSpace } from './space'

const FIRST_BITS = 3

export class Packing {
  readonly words: number
  private readonly word: Int32Array
  private readonly shift: Int32Array
  private readonly mask: Uint32Array

  private constructor(
    private readonly space: ComponentSpace,
    private readonly bits: Int32Array,
  ) {
    const n = bits.length
    this.word = new Int32Array(n)
    this.shift = new Int32Array(n)
    this.mask = new Uint32Array(n)
    // Widest first, first fit.
    const free: number[] = []
    for (const c of Array.from(bits.keys()).sort((a, b) => (bits[b] ?? 0) - (bits[a] ?? 0) || a - b)) {
      const b = bits[c] ?? 0
      let w = free.findIndex((f) => f >= b)
      if (w < 0) w = free.push(32) - 1
      this.word[c] = w
      this.shift[c] = 32 - (free[w] ?? 32)
      this.mask[c] = b >= 32 ? 0xffffffff : 2 ** b - 1
      free[w] = (free[w] ?? 32) - b
    }
    this.words = Math.max(1, free.length)
  }

  static first(space: ComponentSpace): Packing {
    return new Packing(space, new Int32Array(space.size).fill(FIRST_BITS))
  }

  /** Fields of these widths. Throws Damaged. */
  static of(space: ComponentSpace, widths: Int32Array): Packing {
    sound(widths.length === space.size && widths.every((b) => b >= 0 && b <= 32), 'widths of fields')
    return new Packing(space, widths)
  }
  get widths(): Int32Array {
    return this.bits
  }

  /** Every number so far fits. */
  fits(): boolean {
    const { mask, space } = this
    for (let c = 0; c < mask.length; c++) if ((space.classOf[c]?.size ?? 0) - 1 > (mask[c] ?? 0)) return false
    return true
  }

  /** With one bit to spare for what has outgrown its field. */
  wider(): Packing {
    const bits = Int32Array.from(this.bits, (b, c) => {
      const needed = bitsFor(Math.max(2, this.space.classOf[c]?.size ?? 0))
      return needed > b ? needed + 1 : b
    })
    return new Packing(this.space, bits)
  }

  pack(ids: Int32Array, out: Uint32Array): void {
    const { word, shift } = this
    out.fill(0)
    for (let c = 0; c < ids.length; c++) {
      const w = word[c] ?? 0
      out[w] = (out[w] ?? 0) | ((ids[c] ?? 0) << (shift[c] ?? 0))
    }
  }

  unpack(words: Uint32Array, offset: number, ids: Int32Array): void {
    const { word, shift, mask } = this
    for (let c = 0; c < ids.length; c++)
      ids[c] = ((words[offset + (word[c] ?? 0)] ?? 0) >>> (shift[c] ?? 0)) & (mask[c] ?? 0)
  }
}
