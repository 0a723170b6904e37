import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createWindow } from './window'

const operation = fc.oneof(
  fc.record({ op: fc.constant('latest' as const), n: fc.nat() }),
  fc.record({ op: fc.constant('credit' as const), n: fc.integer({ min: 1, max: 3 }) }),
)

it('never has more than its size unacknowledged, and the newest news is never lost', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), (operations, size) => {
      const sent: unknown[] = []
      let acknowledged = 0
      const window = createWindow(size, (payload) => sent.push(payload))
      let newest: number | undefined
      for (const { op, n } of operations) {
        if (op === 'latest') window.latest((newest = n))
        else {
          const credit = Math.min(n, sent.length - acknowledged)
          acknowledged += credit
          if (credit > 0) window.credit(credit)
        }
        expect(sent.length - acknowledged).toBeLessThanOrEqual(size)
      }
      if (acknowledged < sent.length) window.credit(sent.length - acknowledged)
      expect(sent.at(-1)).toBe(newest)
    }),
  )
})

it('keeps the order of what is queued, and drops the rest when it closes', async () => {
  const sent: [unknown, number][] = []
  const window = createWindow(2, (payload, seq) => sent.push([payload, seq]))
  const outcomes = Promise.all(['a', 'b', 'c', 'd', 'e'].map((payload) => window.queue(payload)))
  window.credit(2)
  expect(sent).toEqual([
    ['a', 0],
    ['b', 1],
    ['c', 2],
    ['d', 3],
  ])
  window.close()
  expect(await outcomes).toEqual([true, true, true, true, false])
  expect(await window.queue('f')).toBe(false)
})
