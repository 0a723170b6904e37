/**
 * The two capability chains of PCI configuration space (PCIe 6.0 §7.5.1.1.11, §7.6; 95 §3).
 * A chain may loop or point outside; Linux gives up after 48 entries, and so do we.
 */
import type { Bytes } from '../bytes'

/** As many as fit the 192 bytes behind the standard header. */
const STANDARD_LIMIT = 48
/** As many as fit 3840 bytes at 8 bytes each: what Linux allows. */
const EXTENDED_LIMIT = (4096 - 256) / 8

export interface Capability {
  readonly id: number
  readonly offset: number
  /** Extended capabilities only. */
  readonly version: number
}

export interface Chain {
  readonly capabilities: readonly Capability[]
  /** Offset whose entry was met twice. */
  readonly loop?: number
  /** Offset that the bytes at hand do not reach. */
  readonly beyond?: number
}

export function standardChain(bytes: Bytes, first: number): Chain {
  const capabilities: Capability[] = []
  const seen = new Set<number>()
  for (let offset = first & 0xfc; offset !== 0 && capabilities.length < STANDARD_LIMIT;) {
    if (offset < 0x40) return { capabilities, beyond: offset } // inside the header: no capability can be there
    if (seen.has(offset)) return { capabilities, loop: offset }
    if (!bytes.has(offset, 2)) return { capabilities, beyond: offset }
    seen.add(offset)
    const id = bytes.u8(offset)
    if (id === 0xff) break // what reading a missing register gives
    capabilities.push({ id, offset, version: 0 })
    offset = bytes.u8(offset + 1) & 0xfc
  }
  return { capabilities }
}

export function extendedChain(bytes: Bytes): Chain {
  const capabilities: Capability[] = []
  const seen = new Set<number>()
  for (let offset = 0x100; offset !== 0 && capabilities.length < EXTENDED_LIMIT;) {
    if (offset < 0x100) return { capabilities, beyond: offset }
    if (seen.has(offset)) return { capabilities, loop: offset }
    if (!bytes.has(offset, 4)) return { capabilities, beyond: offset }
    seen.add(offset)
    const header = bytes.u32(offset)
    if (header === 0 || header === 0xffffffff) break
    capabilities.push({ id: header & 0xffff, offset, version: (header >>> 16) & 0xf })
    offset = (header >>> 20) & 0xffc
  }
  return { capabilities }
}
