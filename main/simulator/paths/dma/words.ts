/** Memory for the decision procedures: words that were put there, zero everywhere else. */
import { encodeEntry, type Memory } from '../../hardware/entry'
import type { BlockRegister } from '../../hardware/block'

const WORD = (1n << 64n) - 1n

export class Words implements Memory {
  private readonly words = new Map<bigint, bigint>()
  read = (address: bigint): bigint => this.words.get(address) ?? 0n

  put(address: bigint, width: number, raw: bigint): void {
    for (let w = 0; w * 64 < width; w++) this.words.set(address + BigInt(w * 8), (raw >> BigInt(w * 64)) & WORD)
  }
  entry(address: bigint, register: BlockRegister, values: Readonly<Record<string, bigint | number | boolean>>): void {
    this.put(address, register.width, encodeEntry(register, values))
  }
  /** A walk of 4 KiB pages from the table at `root`, `levels` deep: what each entry on the way and the leaf hold. */
  map(
    root: bigint,
    levels: number,
    iova: bigint,
    entries: { readonly table: (next: bigint, level: number) => bigint; readonly leaf: bigint },
  ): void {
    let table = root
    for (let level = levels; level > 1; level--) {
      const next = root + BigInt(level - 1) * 0x1000n
      this.put(table + index(iova, level), 64, entries.table(next, level))
      table = next
    }
    this.put(table + index(iova, 1), 64, entries.leaf)
  }
}

const index = (iova: bigint, level: number): bigint => ((iova >> BigInt(3 + 9 * level)) & 0x1ffn) * 8n
