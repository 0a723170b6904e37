/** What was asked for last of a run's events: columns over a stretch of time wider than what is seen. */
import type { RunItems } from '../../preload/contract'

export interface Slice {
  from: number
  to: number
  resolution: number
  filtered: boolean
  items: RunItems
  /** Of each lane: where its items begin and end. */
  lanes: ReadonlyMap<number, readonly [from: number, to: number]>
}

export const NO_ITEMS: RunItems = {
  lane: new Uint16Array(0),
  kind: new Uint8Array(0),
  flags: new Uint8Array(0),
  start: new Float64Array(0),
  end: new Float64Array(0),
  count: new Uint32Array(0),
  name: new Uint32Array(0),
  row: new Uint32Array(0),
}

type Column = { set(array: ArrayLike<number>, offset?: number): void; length: number }

export function joined(chunks: readonly RunItems[]): RunItems {
  const [only] = chunks
  if (chunks.length === 1 && only) return only
  const n = chunks.reduce((sum, c) => sum + c.row.length, 0)
  const out: RunItems = {
    lane: new Uint16Array(n),
    kind: new Uint8Array(n),
    flags: new Uint8Array(n),
    start: new Float64Array(n),
    end: new Float64Array(n),
    count: new Uint32Array(n),
    name: new Uint32Array(n),
    row: new Uint32Array(n),
  }
  let at = 0
  for (const chunk of chunks) {
    for (const key of Object.keys(out) as (keyof RunItems)[]) (out[key] as Column).set(chunk[key], at)
    at += chunk.row.length
  }
  return out
}

export function lanesOf({ lane }: RunItems): Slice['lanes'] {
  const found = new Map<number, readonly [number, number]>()
  for (let i = 0; i < lane.length;) {
    const l = lane[i] ?? 0
    let to = i + 1
    while (to < lane.length && lane[to] === l) to++
    found.set(l, [i, to])
    i = to
  }
  return found
}

/** The item of a lane at a time, within some slack; the shorter one wins. −1: none. */
export function itemAt({ items, lanes }: Slice, lane: number, time: number, slack: number): number {
  const [from, to] = lanes.get(lane) ?? [0, 0]
  let best = -1
  let least = Infinity
  for (let i = from; i < to; i++) {
    const [start, end] = [items.start[i] ?? 0, items.end[i] ?? 0]
    if (start > time + slack || end < time - slack) continue
    const length = end - start + Math.abs(time - start) / 1e6
    if (length < least) [best, least] = [i, length]
  }
  return best
}

/** The edge of an event nearest to a time, not further than `within`; the time itself where there is none. */
export function snap({ items }: Slice, time: number, within: number): number {
  let best = time
  let least = within
  for (let i = 0; i < items.row.length; i++) {
    for (const edge of [items.start[i] ?? 0, items.end[i] ?? 0]) {
      const distance = Math.abs(edge - time)
      if (distance < least) [best, least] = [edge, distance]
    }
  }
  return best
}
