/** Tables as data → bytes as firmware would lay them out: the parsers' mirror, for checks of round trips and made-up tables. */
import { checksum } from '../header'

export class Writer {
  private readonly bytes: number[] = []

  get length(): number {
    return this.bytes.length
  }

  u8(...values: number[]): this {
    this.bytes.push(...values.map((value) => value & 0xff))
    return this
  }

  u16(value: number): this {
    return this.u8(value, value >>> 8)
  }

  u32(value: number): this {
    return this.u16(value & 0xffff).u16(value >>> 16)
  }

  /** A number or `0x…`. */
  u64(value: string | bigint): this {
    const wide = BigInt(value)
    return this.u32(Number(wide & 0xffffffffn)).u32(Number(wide >> 32n))
  }

  /** ASCII, cut or filled with zeros to `size`. */
  text(value: string, size: number): this {
    for (let i = 0; i < size; i++) this.u8(i < value.length ? value.charCodeAt(i) : 0)
    return this
  }

  zeros(count: number): this {
    for (let i = 0; i < count; i++) this.bytes.push(0)
    return this
  }

  /** Zeros up to an offset. */
  fillTo(offset: number): this {
    return this.zeros(Math.max(0, offset - this.length))
  }

  append(other: Writer): this {
    for (const byte of other.bytes) this.bytes.push(byte)
    return this
  }

  data(): Uint8Array {
    return Uint8Array.from(this.bytes)
  }
}

/** The 36-byte header before `body`, with length and checksum put right. */
export function withHeader(signature: string, revision: number, body: Writer): Uint8Array {
  const writer = new Writer()
    .text(signature, 4)
    .u32(36 + body.length)
    .u8(revision, 0)
    .text('DOORBL', 6)
    .text('EXAMPLE', 8)
    .u32(1)
    .text('DOOR', 4)
    .u32(1)
    .append(body)
  const data = writer.data()
  data[9] = (256 - checksum(data)) & 0xff
  return data
}

/** In the order in which the table had them. */
export const byOffset = <T extends { offset: number }>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => a.offset - b.offset)
