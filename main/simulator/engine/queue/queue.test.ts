import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HeapQueue } from './heap'
import { eventQueue, type EventQueue } from './queue'
import { WheelQueue } from './wheel'

/** Obviously right: the least of all that are pending. */
class Plain {
  now = 0
  readonly due = new Map<number, number>()
  pop(): number {
    const [first] = [...this.due].sort((a, b) => a[1] - b[1] || a[0] - b[0])
    if (!first) return -1
    this.due.delete(first[0])
    this.now = first[1]
    return first[0]
  }
}

const EVENTS = 90
/** What is done: schedule or cancel an event, or take one (event −1). Delays that meet, and ones beyond the wheel. */
const command = fc.record({
  event: fc.integer({ min: -40, max: EVENTS - 1 }),
  delay: fc.oneof(
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 0, max: 1023 }),
    fc.integer({ min: 900, max: 1200 }),
    fc.integer({ min: 0, max: 2 ** 40 }),
  ),
})

const kinds: Record<string, () => EventQueue> = {
  heap: () => new HeapQueue(EVENTS),
  'wheel of 1,024 slots': () => new WheelQueue(EVENTS, 1024),
  'wheel of 65,536 slots': () => new WheelQueue(EVENTS, 65536),
}

describe.each(Object.entries(kinds))('the event queue: %s', (_name, make) => {
  it('gives events in the order of time, then of their numbers, whatever is scheduled and cancelled', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 300 }), (commands) => {
        const queue = make()
        const plain = new Plain()
        for (const { event, delay } of commands) {
          if (event < 0) {
            expect(queue.pop()).toBe(plain.pop())
            expect(queue.now).toBe(plain.now)
          } else if (plain.due.has(event)) {
            plain.due.delete(event)
            queue.cancel(event)
          } else {
            plain.due.set(event, plain.now + delay)
            queue.schedule(event, plain.now + delay)
          }
          expect(queue.size).toBe(plain.due.size)
        }
        while (plain.due.size > 0) expect(queue.pop()).toBe(plain.pop())
        expect(queue.pop()).toBe(-1)
      }),
      { numRuns: 300 },
    )
  })

  it('is as new after it was cleared', () => {
    const queue = make()
    for (let e = 0; e < EVENTS; e++) queue.schedule(e, (e * 7919) % 5000)
    for (let i = 0; i < 10; i++) queue.pop()
    queue.clear()
    expect([queue.size, queue.now, queue.pop()]).toEqual([0, 0, -1])
    queue.schedule(3, 9)
    queue.schedule(2, 9)
    expect([queue.pop(), queue.pop(), queue.pop(), queue.now]).toEqual([2, 3, -1, 9])
  })
})

describe('which queue is chosen', () => {
  it('is a heap for few pending events and a wheel for many', () => {
    expect(eventQueue(1000, 8, 100)).toBeInstanceOf(HeapQueue)
    expect(eventQueue(1000, 64, 100)).toBeInstanceOf(WheelQueue)
  })
})
