/** All events of a store in the order in which they happened: a heap of lanes, because a comparison a lane is too many. */
import { compareRows, type EventStore } from '../events'

export function* rowsInOrder(store: EventStore): Generator<number> {
  const { starts } = store
  const next = starts.slice(0, -1)
  const heap: number[] = []
  const less = (a: number, b: number): boolean => compareRows(store, next[a] ?? 0, next[b] ?? 0) < 0
  const down = (i: number): void => {
    for (;;) {
      const left = 2 * i + 1
      if (left >= heap.length) return
      const right = left + 1
      const child = right < heap.length && less(heap[right] ?? 0, heap[left] ?? 0) ? right : left
      if (!less(heap[child] ?? 0, heap[i] ?? 0)) return
      ;[heap[i], heap[child]] = [heap[child] ?? 0, heap[i] ?? 0]
      i = child
    }
  }
  for (let lane = 0; lane < next.length; lane++) if ((starts[lane] ?? 0) < (starts[lane + 1] ?? 0)) heap.push(lane)
  for (let i = heap.length >> 1; i >= 0; i--) down(i)
  while (heap.length > 0) {
    const lane = heap[0] ?? 0
    const row = next[lane] ?? 0
    yield row
    next[lane] = row + 1
    if (row + 1 >= (starts[lane + 1] ?? 0)) {
      const last = heap.pop() ?? 0
      if (heap.length === 0) return
      if (last !== lane) heap[0] = last
    }
    down(0)
  }
}

/** Index of the first change of each event, by walking beside `rowsInOrder`: changes are in that order too. */
export class Beside {
  private i = 0
  constructor(private readonly rows: ArrayLike<number>) {}

  /** Indices whose row is this one. */
  *of(row: number): Generator<number> {
    while (this.i < this.rows.length && this.rows[this.i] === row) yield this.i++
  }
}
