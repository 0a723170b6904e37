/**
 * Page-table walks of VT-d: second stage, first stage, and first stage nested in the second.
 * Source: VT-d 5.10 chapter 3 and §9.7–9.10; conditions by number from Table 30 (reference 80 §5). A second-stage entry
 * with neither permission is 79h also when it was met on the way to a first-stage table; with write permission alone it
 * is 75h or 76h there (which of them comes first is not stated in the reference, unverified).
 */
import { bitsAt } from '../entry'
import { beyond, type Trail } from './unit'

export interface Reached {
  readonly address: bigint
  readonly read: boolean
  readonly write: boolean
  /** Every first-stage entry on the way has U/S set. */
  readonly user: boolean
}
export type Walk = { readonly fault: number } | Reached

export interface SecondStage {
  readonly root: bigint
  /** 3, 4 or 5. */
  readonly levels: number
  readonly haw: number
  /** Accessed and Dirty bits are kept (SSADE). */
  readonly ade: boolean
  readonly snooped: boolean
  /** Numbers of the conditions: they differ between legacy and scalable mode. */
  readonly codes: {
    readonly root: number
    readonly unreadable: number
    readonly reserved: number
    readonly absent?: number
  }
}

export const widthOf = (levels: number): number => 12 + 9 * levels
export const LEGACY_CODES = { root: 0x03, unreadable: 0x07, reserved: 0x0c } as const
export const SCALABLE_CODES = { root: 0x7b, unreadable: 0x78, reserved: 0x7a, absent: 0x79 } as const

const PS = 1n << 7n
const index = (address: bigint, level: number): bigint => (address >> BigInt(3 + 9 * level)) & 0x1ffn
const frame = (entry: bigint): bigint => bitsAt(entry, 51, 12) << 12n
const offsetBits = (level: number): number => 3 + 9 * level

/** Address bits above the host's width, a page size where there is none, a large page that is not aligned. */
function reservedBits(entry: bigint, level: number, haw: number, firstBit: number): boolean {
  if (haw < 52 && bitsAt(entry, 51, haw) !== 0n) return true
  if (level === 1 || (entry & PS) === 0n) return false
  return level > 3 || bitsAt(entry, offsetBits(level) - 1, firstBit) !== 0n
}

export function walkSecond(trail: Trail, s: SecondStage, address: bigint, write: boolean): Walk {
  let table = s.root
  let read = true
  let may = true
  for (let level = s.levels; ; level--) {
    const at = table + index(address, level) * 8n
    const entry = trail.word(`second-stage level ${level}`, at)
    if (entry === undefined) return { fault: level === s.levels ? s.codes.root : s.codes.unreadable }
    const [r, w] = [(entry & 1n) !== 0n, (entry & 2n) !== 0n]
    if (!r && !w)
      return s.codes.absent === undefined
        ? { address: 0n, read: false, write: false, user: true }
        : { fault: s.codes.absent }
    if (reservedBits(entry, level, s.haw, 12)) return { fault: s.codes.reserved }
    read &&= r
    may &&= w
    const leaf = level === 1 || (entry & PS) !== 0n
    const stale = (entry & (1n << 8n)) === 0n || (leaf && write && may && (entry & (1n << 9n)) === 0n)
    if (s.ade && stale) {
      if (!s.snooped) return { fault: 0x7c }
      if (trail.memory.update?.(at) === false) return { fault: 0x7d }
    }
    if (leaf) return { address: frame(entry) + bitsAt(address, offsetBits(level) - 1, 0), read, write: may, user: true }
    table = frame(entry)
  }
}

export interface FirstStage {
  readonly root: bigint
  /** 4 or 5. */
  readonly levels: number
  readonly haw: number
  readonly snooped: boolean
  /** Nested: tables and result are addresses of the second stage. */
  readonly second?: SecondStage
}

/** A first-stage table's place in memory: through the second stage when nested. */
function place(trail: Trail, f: FirstStage, address: bigint, root: boolean): bigint | { readonly fault: number } {
  if (!f.second) return address
  if (beyond(address, widthOf(f.second.levels))) return { fault: 0x74 }
  const r = walkSecond(trail, f.second, address, false)
  if ('fault' in r) return r
  return r.read ? r.address : { fault: root ? 0x75 : 0x76 }
}

export function walkFirst(trail: Trail, f: FirstStage, address: bigint, write: boolean): Walk {
  let table = f.root
  let may = true
  let user = true
  for (let level = f.levels; ; level--) {
    const guest = table + index(address, level) * 8n
    const at = place(trail, f, guest, level === f.levels)
    if (typeof at !== 'bigint') return at
    const entry = trail.word(`first-stage level ${level}`, at)
    if (entry === undefined) return { fault: level === f.levels ? 0x73 : 0x70 }
    if ((entry & 1n) === 0n) return { fault: 0x71 }
    if (reservedBits(entry, level, f.haw, 13)) return { fault: 0x72 }
    may &&= (entry & 2n) !== 0n
    user &&= (entry & 4n) !== 0n
    const leaf = level === 1 || (entry & PS) !== 0n
    const stale = (entry & (1n << 5n)) === 0n || (leaf && write && may && (entry & (1n << 6n)) === 0n)
    const refused = stale ? update(trail, f, guest, at) : undefined
    if (refused !== undefined) return { fault: refused }
    if (leaf)
      return final(
        trail,
        f,
        frame(entry & ~(leaf && level > 1 ? 1n << 12n : 0n)) + bitsAt(address, offsetBits(level) - 1, 0),
        write,
        may,
        user,
      )
    table = frame(entry)
  }
}

/** Accessed or Dirty has to be set in the entry there. */
function update(trail: Trail, f: FirstStage, guest: bigint, at: bigint): number | undefined {
  if (f.second) {
    const r = walkSecond(trail, f.second, guest, true)
    if ('fault' in r) return r.fault
    if (!r.write) return 0x77
  }
  if (!f.snooped) return 0x90
  return trail.memory.update?.(at) === false ? 0x91 : undefined
}

function final(trail: Trail, f: FirstStage, address: bigint, write: boolean, may: boolean, user: boolean): Walk {
  if (!f.second) return { address, read: true, write: may, user }
  if (beyond(address, widthOf(f.second.levels))) return { fault: 0x74 }
  const r = walkSecond(trail, f.second, address, write)
  return 'fault' in r ? r : { address: r.address, read: r.read, write: may && r.write, user }
}
