/**
 * The level-of-detail index: over each lane's rows a pyramid whose blocks say what a stretch of rows holds at most.
 * A viewport is answered by jumping from one pixel's rows to the next: the work is that of the pixels, not of the events.
 */
import { KIND_BITS, type EventStore, type Numbers } from './events'

const FAN = 16

/** One level: a block summarises FAN of the level below (rows, at level 0). */
interface Level {
  readonly longest: Float64Array
  readonly end: Float64Array
  readonly flags: Uint8Array
}

/** Columns lane by lane: those of a store, or of the rows that a filter leaves. */
interface Columns {
  readonly starts: Uint32Array
  readonly time: Float64Array
  readonly duration: Numbers
  readonly kind: Uint8Array
}

export interface LaneIndex extends Columns {
  /** Row of the store at each position; null: the position itself. */
  readonly rows: Uint32Array | null
  readonly levels: readonly (readonly Level[])[]
}

export const buildIndex = ({ starts, events: { time, duration, kind } }: EventStore): LaneIndex =>
  withLevels({ starts, time, duration, kind }, null)

/** Over what a filter leaves: `rows` ascending. */
export function buildFiltered({ starts, events }: EventStore, rows: Uint32Array): LaneIndex {
  const own = new Uint32Array(starts.length)
  let i = 0
  starts.forEach((start, lane) => {
    while (i < rows.length && (rows[i] ?? 0) < start) i++
    own[lane] = i
  })
  return withLevels(
    {
      starts: own,
      time: Float64Array.from(rows, (row) => events.time[row] ?? 0),
      duration: Float64Array.from(rows, (row) => events.duration[row] ?? 0),
      kind: Uint8Array.from(rows, (row) => events.kind[row] ?? 0),
    },
    rows,
  )
}

function withLevels(columns: Columns, rows: Uint32Array | null): LaneIndex {
  const levels: Level[][] = []
  for (let l = 0; l + 1 < columns.starts.length; l++)
    levels.push(pyramid(columns, columns.starts[l] ?? 0, columns.starts[l + 1] ?? 0))
  return { ...columns, rows, levels }
}

const levelOf = (n: number): Level => ({
  longest: new Float64Array(n),
  end: new Float64Array(n),
  flags: new Uint8Array(n),
})

function pyramid({ time, duration, kind }: Columns, first: number, last: number): Level[] {
  const levels: Level[] = []
  let below = levelOf(Math.ceil((last - first) / FAN))
  for (let b = 0; b < below.longest.length; b++) {
    const until = Math.min(last, first + (b + 1) * FAN)
    let longest = 0
    let latest = 0
    let bits = 0
    for (let i = first + b * FAN; i < until; i++) {
      const d = duration[i] ?? 0
      const e = (time[i] ?? 0) + d
      if (d > longest) longest = d
      if (e > latest) latest = e
      bits |= kind[i] ?? 0
    }
    below.longest[b] = longest
    below.end[b] = latest
    below.flags[b] = bits >> KIND_BITS
  }
  levels.push(below)
  while (below.longest.length > 1) {
    const above = levelOf(Math.ceil(below.longest.length / FAN))
    for (let i = 0; i < below.longest.length; i++) {
      const b = Math.floor(i / FAN)
      above.longest[b] = Math.max(above.longest[b] ?? 0, below.longest[i] ?? 0)
      above.end[b] = Math.max(above.end[b] ?? 0, below.end[i] ?? 0)
      above.flags[b] = (above.flags[b] ?? 0) | (below.flags[i] ?? 0)
    }
    levels.push(above)
    below = above
  }
  return levels
}

/** The rows of one lane, and what a stretch [from, to) of them holds. Positions count from the lane's first row. */
export class LaneRows {
  readonly length: number
  readonly time: Float64Array
  readonly duration: Numbers
  private readonly kind: Uint8Array
  private readonly rows: Uint32Array | null
  private readonly first: number
  private readonly levels: readonly Level[]

  constructor(index: LaneIndex, lane: number) {
    const [from, to] = [index.starts[lane] ?? 0, index.starts[lane + 1] ?? 0]
    this.time = index.time.subarray(from, to)
    this.duration = index.duration.subarray(from, to)
    this.kind = index.kind.subarray(from, to)
    this.rows = index.rows?.subarray(from, to) ?? null
    this.first = from
    this.length = to - from
    this.levels = index.levels[lane] ?? []
  }

  row(i: number): number {
    return this.rows ? (this.rows[i] ?? 0) : this.first + i
  }

  flags(i: number): number {
    return (this.kind[i] ?? 0) >> KIND_BITS
  }

  end(i: number): number {
    return (this.time[i] ?? 0) + (this.duration[i] ?? 0)
  }

  /** The first position at or behind `from` whose time is not before `time`: galloping, because it is mostly near. */
  seek(time: number, from = 0): number {
    const { time: at, length } = this
    let step = 1
    let low = from
    let high = from
    while (high < length && (at[high] ?? 0) < time) {
      low = high + 1
      high += step
      step *= 2
    }
    high = Math.min(high, length)
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((at[middle] ?? 0) < time) low = middle + 1
      else high = middle
    }
    return low
  }

  /** What [from, to) holds: the latest end and all flags. */
  summary(from: number, to: number): { end: number; flags: number } {
    let end = 0
    let flags = 0
    for (let i = from; i < to;) {
      const level = this.levels[this.levelAt(i, to)]
      const size = level ? FAN ** (this.levels.indexOf(level) + 1) : 1
      const e = level ? (level.end[i / size] ?? 0) : this.end(i)
      if (e > end) end = e
      flags |= level ? (level.flags[i / size] ?? 0) : this.flags(i)
      i += size
    }
    return { end, flags }
  }

  /** Positions in [from, to) that last at least `least`, in order, not more than `most`. */
  atLeast(least: number, from: number, to: number, most: number): number[] {
    return this.those(
      from,
      to,
      most,
      (l, b) => (l.longest[b] ?? 0) >= least,
      (i) => (this.duration[i] ?? 0) >= least,
    )
  }

  /** Positions in [from, to) that are not over at `time`, in order, not more than `most`. */
  running(time: number, from: number, to: number, most: number): number[] {
    return this.those(
      from,
      to,
      most,
      (l, b) => (l.end[b] ?? 0) > time,
      (i) => this.end(i) > time,
    )
  }

  /** The highest level with a whole block from `i` that ends by `to`; −1: none. */
  private levelAt(i: number, to: number): number {
    let level = -1
    for (let size = FAN; i % size === 0 && i + size <= to && level + 1 < this.levels.length; size *= FAN) level++
    return level
  }

  private those(
    from: number,
    to: number,
    most: number,
    block: (level: Level, b: number) => boolean,
    row: (i: number) => boolean,
  ): number[] {
    const found: number[] = []
    for (let i = from; i < to && found.length < most;) {
      const level = this.levelAt(i, to)
      if (level < 0) {
        if (row(i)) found.push(i)
        i++
      } else {
        const size = FAN ** (level + 1)
        this.descend(level, i / size, most, block, row, found)
        i += size
      }
    }
    return found
  }

  private descend(
    level: number,
    b: number,
    most: number,
    block: (level: Level, b: number) => boolean,
    row: (i: number) => boolean,
    found: number[],
  ): void {
    const l = this.levels[level]
    if (!l || found.length >= most || !block(l, b)) return
    for (let child = b * FAN; child < (b + 1) * FAN && found.length < most; child++) {
      if (level > 0) this.descend(level - 1, child, most, block, row, found)
      else if (row(child)) found.push(child)
    }
  }
}
