/**
 * A timing wheel of 1 ns slots for many events: a slot holds the events of one time in the order of their numbers, and
 * three levels of bits say which slots hold any, so that idle time is skipped 32, 1,024 or 32,768 slots at a look.
 * Everything pending in the wheel lies less than one turn ahead, so a slot has one time; what lies further ahead waits in
 * a heap and is compared with the wheel's first event when one is taken.
 */
import { assert } from '../../faults'
import { HeapQueue } from './heap'
import type { EventQueue } from './queue'

export class WheelQueue implements EventQueue {
  now = 0
  private inWheel = 0
  private readonly mask: number
  /** First and last event of a slot. −1: none. */
  private readonly heads: Int32Array
  private readonly tails: Int32Array
  /** The other events of the same slot. */
  private readonly nexts: Int32Array
  private readonly previous: Int32Array
  /** Slot of a pending event; −1: it waits in the heap. */
  private readonly slotOf: Int32Array
  private readonly bits: Int32Array
  private readonly words: Int32Array
  private readonly groups: Int32Array
  private readonly far: HeapQueue

  /** `slots`: a power of two from 1,024. */
  constructor(
    capacity: number,
    private readonly slots: number,
  ) {
    assert(slots >= 1024 && (slots & (slots - 1)) === 0, 'slots of a wheel')
    this.mask = slots - 1
    this.heads = new Int32Array(slots).fill(-1)
    this.tails = new Int32Array(slots)
    this.nexts = new Int32Array(capacity)
    this.previous = new Int32Array(capacity)
    this.slotOf = new Int32Array(capacity)
    this.bits = new Int32Array(slots >> 5)
    this.words = new Int32Array(slots >> 10)
    this.groups = new Int32Array(Math.max(1, slots >> 15))
    this.far = new HeapQueue(capacity)
  }

  get size(): number {
    return this.inWheel + this.far.size
  }

  schedule(event: number, time: number): void {
    if (time - this.now >= this.slots) {
      this.slotOf[event] = -1
      this.far.schedule(event, time)
      return
    }
    // The low bits of an integer below 2^53: `time & mask` would be cut to 32 bits, which keeps them.
    const slot = time & this.mask
    this.slotOf[event] = slot
    this.inWheel++
    const head = this.heads[slot] ?? -1
    if (head < 0) {
      this.heads[slot] = event
      this.tails[slot] = event
      this.nexts[event] = -1
      this.previous[event] = -1
      this.mark(slot)
    } else this.insert(slot, head, event)
  }

  cancel(event: number): void {
    const slot = this.slotOf[event] ?? -1
    if (slot < 0) return this.far.cancel(event)
    this.inWheel--
    const before = this.previous[event] ?? -1
    const after = this.nexts[event] ?? -1
    if (before < 0) this.heads[slot] = after
    else this.nexts[before] = after
    if (after < 0) this.tails[slot] = before
    else this.previous[after] = before
    if (before < 0 && after < 0) this.unmark(slot)
  }

  pop(): number {
    if (this.far.size > 0) return this.popEither()
    if (this.inWheel === 0) return -1
    return this.take(this.nextSlot(this.now & this.mask))
  }

  clear(): void {
    this.now = 0
    this.inWheel = 0
    this.heads.fill(-1)
    this.bits.fill(0)
    this.words.fill(0)
    this.groups.fill(0)
    this.far.clear()
  }

  private take(slot: number): number {
    const event = this.heads[slot] ?? 0
    const after = this.nexts[event] ?? -1
    this.heads[slot] = after
    if (after < 0) this.unmark(slot)
    else this.previous[after] = -1
    this.inWheel--
    this.now += (slot - this.now) & this.mask
    return event
  }

  private popEither(): number {
    const { far } = this
    if (this.inWheel > 0) {
      const slot = this.nextSlot(this.now & this.mask)
      const time = this.now + ((slot - this.now) & this.mask)
      if (time < far.firstTime || (time === far.firstTime && (this.heads[slot] ?? 0) < far.first))
        return this.take(slot)
    }
    const event = far.pop()
    this.now = far.now
    return event
  }

  /** Into the order of numbers; the last place is the usual one. */
  private insert(slot: number, head: number, event: number): void {
    const { nexts, previous } = this
    let after = -1
    let before = this.tails[slot] ?? -1
    if (event < before) {
      after = head
      while (after < event) after = nexts[after] ?? -1
      before = previous[after] ?? -1
    }
    nexts[event] = after
    previous[event] = before
    if (before < 0) this.heads[slot] = event
    else nexts[before] = event
    if (after < 0) this.tails[slot] = event
    else previous[after] = event
  }

  private mark(slot: number): void {
    const word = slot >> 5
    const group = slot >> 10
    const old = this.bits[word] ?? 0
    this.bits[word] = old | (1 << (slot & 31))
    if (old !== 0) return
    const oldWords = this.words[group] ?? 0
    this.words[group] = oldWords | (1 << (word & 31))
    if (oldWords === 0) this.groups[group >> 5] = (this.groups[group >> 5] ?? 0) | (1 << (group & 31))
  }

  private unmark(slot: number): void {
    const word = slot >> 5
    const group = slot >> 10
    const left = (this.bits[word] ?? 0) & ~(1 << (slot & 31))
    this.bits[word] = left
    if (left !== 0) return
    const leftWords = (this.words[group] ?? 0) & ~(1 << (word & 31))
    this.words[group] = leftWords
    if (leftWords === 0) this.groups[group >> 5] = (this.groups[group >> 5] ?? 0) & ~(1 << (group & 31))
  }

  /** The first slot with an event at or behind `from`, around the wheel; there is one. */
  private nextSlot(from: number): number {
    const word = from >> 5
    const here = (this.bits[word] ?? 0) & (-1 << (from & 31))
    if (here !== 0) return (word << 5) | lowest(here)
    const found = this.nextWord(word + 1)
    const at = found >= 0 ? found : this.nextWord(0)
    return (at << 5) | lowest(this.bits[at] ?? 0)
  }

  /** The first word with a bit at or behind `from`, or −1. */
  private nextWord(from: number): number {
    const group = from >> 5
    if (group >= this.words.length) return -1
    const here = (this.words[group] ?? 0) & (-1 << (from & 31))
    if (here !== 0) return (group << 5) | lowest(here)
    const next = group + 1
    for (let g = next >> 5; g < this.groups.length; g++) {
      const bits = (this.groups[g] ?? 0) & (g === next >> 5 ? -1 << (next & 31) : -1)
      if (bits === 0) continue
      const at = (g << 5) | lowest(bits)
      return (at << 5) | lowest(this.words[at] ?? 0)
    }
    return -1
  }
}

/** Number of the lowest bit that is set. */
const lowest = (bits: number): number => 31 - Math.clz32(bits & -bits)
