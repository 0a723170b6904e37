/**
 * A timing wheel of 1 ns slots for many events, and three levels of bits that say which slots hold any, so that idle time
 * is skipped 32, 1,024 or 32,768 slots at a look. What is pending in the wheel lies less than one turn ahead, so a slot has
 * one time; what lies further ahead waits in a heap.
 *
 * When a time comes, all events of it are laid in a row in the order of their numbers and taken from there: a slot's
 * list needs no order, and scheduling is a few writes without a branch that could be guessed wrong.
 */
import { assert } from '../../faults'
import { HeapQueue } from './heap'
import type { EventQueue } from './queue'

export class WheelQueue implements EventQueue {
  now = 0
  private inWheel = 0
  private inFar = 0
  private readonly mask: number
  /** The event of a slot scheduled last; −1: none. */
  private readonly heads: Int32Array
  /** The one scheduled into the same slot before; −1: none. */
  private readonly nexts: Int32Array
  /** Slot of a pending event, also while it is in the row; −1: it waits in the heap. */
  private readonly slotOf: Int32Array
  /** Events of the present time, from `rowAt` to `rowEnd`. */
  private readonly row: Int32Array
  private rowAt = 0
  private rowEnd = 0
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
    this.nexts = new Int32Array(capacity)
    this.slotOf = new Int32Array(capacity)
    this.row = new Int32Array(2 * capacity)
    this.bits = new Int32Array(slots >> 5)
    this.words = new Int32Array(slots >> 10)
    this.groups = new Int32Array(Math.max(1, slots >> 15))
    this.far = new HeapQueue(capacity)
  }

  get size(): number {
    return this.rowEnd - this.rowAt + this.inWheel + this.inFar
  }

  schedule(event: number, time: number): void {
    const ahead = time - this.now
    if (ahead >= this.slots) {
      this.slotOf[event] = -1
      this.inFar++
      this.far.schedule(event, time)
      return
    }
    // `&` takes the low 32 bits of an integer below 2^53, which holds those of the mask.
    const slot = time & this.mask
    this.slotOf[event] = slot
    if (ahead === 0) {
      this.intoRow(event)
      return
    }
    this.inWheel++
    this.nexts[event] = this.heads[slot] ?? -1
    this.heads[slot] = event
    this.mark(slot)
  }

  cancel(event: number): void {
    const slot = this.slotOf[event] ?? -1
    if (slot < 0) {
      this.inFar--
      this.far.cancel(event)
    } else if (slot === (this.now & this.mask)) {
      const at = this.row.indexOf(event, this.rowAt)
      this.row.copyWithin(at, at + 1, this.rowEnd--)
    } else {
      const { nexts } = this
      this.inWheel--
      const after = nexts[event] ?? -1
      let before = this.heads[slot] ?? -1
      if (before === event) {
        this.heads[slot] = after
        if (after < 0) this.unmark(slot)
        return
      }
      // A slot is one nanosecond: it holds few.
      while (nexts[before] !== event) before = nexts[before] ?? -1
      nexts[before] = after
    }
  }

  pop(): number {
    if (this.rowAt === this.rowEnd && !this.nextTime()) return -1
    return this.row[this.rowAt++] ?? 0
  }

  clear(): void {
    this.now = 0
    this.inWheel = 0
    this.inFar = 0
    this.rowAt = 0
    this.rowEnd = 0
    this.heads.fill(-1)
    this.bits.fill(0)
    this.words.fill(0)
    this.groups.fill(0)
    this.far.clear()
  }

  /** The next time at which something is pending becomes the present one, its events the row. False: there is none. */
  private nextTime(): boolean {
    this.rowAt = 0
    this.rowEnd = 0
    if (this.inFar > 0) return this.nextTimeOfBoth()
    if (this.inWheel === 0) return false
    const slot = this.nextSlot(this.now & this.mask)
    this.now += (slot - this.now) & this.mask
    this.takeSlot(slot)
    return true
  }

  private nextTimeOfBoth(): boolean {
    const { far } = this
    const slot = this.inWheel > 0 ? this.nextSlot(this.now & this.mask) : -1
    const inWheel = slot < 0 ? Infinity : this.now + ((slot - this.now) & this.mask)
    const time = Math.min(inWheel, far.firstTime)
    this.now = time
    if (time === inWheel) this.takeSlot(slot)
    while (this.inFar > 0 && far.firstTime === time) {
      this.inFar--
      const event = far.pop()
      this.slotOf[event] = time & this.mask
      this.intoRow(event)
    }
    return true
  }

  private takeSlot(slot: number): void {
    const { nexts } = this
    for (let event = this.heads[slot] ?? -1; event >= 0; event = nexts[event] ?? -1) {
      this.inWheel--
      this.intoRow(event)
    }
    this.heads[slot] = -1
    this.unmark(slot)
  }

  /** Into its place in the row; most often that is the end. */
  private intoRow(event: number): void {
    const { row } = this
    if (this.rowEnd === row.length) {
      row.copyWithin(0, this.rowAt, this.rowEnd)
      this.rowEnd -= this.rowAt
      this.rowAt = 0
    }
    let at = this.rowEnd++
    while (at > this.rowAt && (row[at - 1] ?? 0) > event) {
      row[at] = row[at - 1] ?? 0
      at--
    }
    row[at] = event
  }

  private mark(slot: number): void {
    const word = slot >> 5
    const group = slot >> 10
    this.bits[word] = (this.bits[word] ?? 0) | (1 << (slot & 31))
    this.words[group] = (this.words[group] ?? 0) | (1 << (word & 31))
    this.groups[group >> 5] = (this.groups[group >> 5] ?? 0) | (1 << (group & 31))
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
