/**
 * A log for ShiViz (Beschastnikh et al., "Debugging Distributed Systems", 2016): host and vector clock, then what happened.
 * Its expression: `(?<host>\S*) (?<clock>{.*})\n(?<event>.*)`.
 */
import { compareRows, kindAt, labelOf, laneAt, NOBODY, type EventStore } from '../events'
import { Beside, rowsInOrder } from './in-order'

export function* shiviz(store: EventStore): Generator<string> {
  const { lanes, flows } = store
  const hosts = hostNames(lanes.map((lane) => lane.id))
  const clocks = lanes.map(() => new Uint32Array(lanes.length))
  // What later arrows will carry: the clock of each tail, until its last head has passed.
  const tails = new Map<number, { clock: Uint32Array | null; left: number }>()
  const counts = (i: number): boolean =>
    flows.kind[i] !== NOBODY && compareRows(store, flows.from[i] ?? 0, flows.to[i] ?? 0) < 0
  for (let i = 0; i < flows.to.length; i++) {
    if (!counts(i)) continue
    const tail = tails.get(flows.from[i] ?? 0)
    if (tail) tail.left++
    else tails.set(flows.from[i] ?? 0, { clock: null, left: 1 })
  }
  const heads = new Beside(flows.to)
  for (const row of rowsInOrder(store)) {
    const lane = laneAt(store, row)
    const clock = clocks[lane]
    const into = [...heads.of(row)].filter(counts)
    const kind = kindAt(store, row)
    if (!clock || (kind !== 'step' && kind !== 'span')) continue
    for (const i of into) {
      const from = flows.from[i] ?? 0
      const tail = tails.get(from)
      tail?.clock?.forEach((n, l) => (clock[l] = Math.max(clock[l] ?? 0, n)))
      if (tail && --tail.left === 0) tails.delete(from)
    }
    clock[lane] = (clock[lane] ?? 0) + 1
    const tail = tails.get(row)
    if (tail) tail.clock = clock.slice()
    const known: Record<string, number> = {}
    clock.forEach((n, l) => {
      if (n > 0) known[hosts[l] ?? ''] = n
    })
    yield `${hosts[lane]} ${JSON.stringify(known)}\n${labelOf(store, row).replace(/[\r\n]+/g, ' ') || '-'}\n`
  }
}

/** One word each, and different ones. */
function hostNames(ids: readonly string[]): string[] {
  const taken = new Set<string>()
  return ids.map((id) => {
    const base = id.replace(/[^\w.-]+/g, '_') || 'host'
    let name = base
    for (let n = 2; taken.has(name); n++) name = `${base}_${n}`
    taken.add(name)
    return name
  })
}
