/** Little-endian reading of a piece of memory. Offsets are checked by the caller; reading outside is an invariant broken. */
import { assert } from '../faults'
import { hex } from '../platform/address'

export class Bytes {
  private readonly view: DataView

  constructor(readonly data: Uint8Array) {
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  }

  get length(): number {
    return this.data.length
  }

  /** Whether `size` bytes at `offset` are there. */
  has(offset: number, size: number): boolean {
    return offset >= 0 && size >= 0 && offset + size <= this.data.length
  }

  u8(offset: number): number {
    this.check(offset, 1)
    return this.view.getUint8(offset)
  }

  u16(offset: number): number {
    this.check(offset, 2)
    return this.view.getUint16(offset, true)
  }

  u32(offset: number): number {
    this.check(offset, 4)
    return this.view.getUint32(offset, true)
  }

  u64(offset: number): bigint {
    this.check(offset, 8)
    return this.view.getBigUint64(offset, true)
  }

  /** 64 bits as `0x…`. */
  hex64(offset: number): string {
    return hex(this.u64(offset))
  }

  /** One character per byte up to the first NUL; bytes outside printable ASCII become `\xNN`, so nothing is lost or unsafe. */
  text(offset: number, size: number): string {
    this.check(offset, size)
    let out = ''
    for (let i = offset; i < offset + size; i++) {
      const byte = this.view.getUint8(i)
      if (byte === 0) break
      out += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`
    }
    return out
  }

  slice(offset: number, size: number): Bytes {
    this.check(offset, size)
    return new Bytes(this.data.subarray(offset, offset + size))
  }

  private check(offset: number, size: number): void {
    assert(this.has(offset, size), `${size} bytes at ${offset} of ${this.data.length}`)
  }
}
