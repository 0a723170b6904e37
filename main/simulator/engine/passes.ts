/**
 * What an exploration keeps of each of its searches when it has ended: figures, and the runs that may still be asked
 * for. The states themselves are not needed any more.
 */
import { numbers, sound, type Piece, type PieceReader } from './pieces'
import type { Hit, Search } from './search'

/** A search that has ended. */
export interface Pass {
  /** It turned out larger than it may be, or did not fit: nothing of it counts. */
  readonly counts: boolean
  readonly outgrown: boolean
  readonly size: number
  readonly transitions: number
  readonly depth: number
  readonly bytes: number
  readonly endStates: number
  readonly firstEnd: number
  readonly taken: Float64Array
  readonly hits: ReadonlyMap<number, Hit>
  /** The states from the initial one to a hit or to the first end; the list is the caller's. */
  runTo(state: number): Int32Array[]
}

const nothing = {
  size: 0,
  transitions: 0,
  depth: 0,
  bytes: 0,
  endStates: 0,
  firstEnd: -1,
  hits: new Map<number, Hit>(),
}

/** A look at what might have been small or might have fitted. */
export const inVain = (outgrown: boolean): Pass => ({
  ...nothing,
  counts: false,
  outgrown,
  taken: new Float64Array(0),
  runTo: () => [],
})

export function passOf(search: Search): Pass {
  const { size, transitions, depth, bytes, endStates, firstEnd, taken } = search
  const wanted = new Set([...search.hits.values()].map((hit) => hit.state))
  if (firstEnd >= 0) wanted.add(firstEnd)
  const runs = new Map([...wanted].map((state) => [state, search.runTo(state)]))
  const hits = new Map(search.hits)
  return {
    ...{ counts: true, outgrown: false, size, transitions, depth, bytes, endStates, firstEnd, taken, hits },
    runTo: (state) => [...(runs.get(state) ?? [])],
  }
}

export function savePass(p: Pass, out: Piece[]): void {
  out.push(
    numbers(Number(p.counts), Number(p.outgrown), p.size, p.transitions, p.depth, p.bytes, p.endStates, p.firstEnd),
    p.taken,
    hitsSaved(p.hits),
  )
  const wanted = [
    ...new Set([...[...p.hits.values()].map((hit) => hit.state), ...(p.firstEnd < 0 ? [] : [p.firstEnd])]),
  ]
  out.push(numbers(...wanted))
  for (const state of wanted) {
    const run = p.runTo(state)
    const width = run[0]?.length ?? 0
    const flat = new Int32Array(run.length * width)
    run.forEach((ids, i) => flat.set(ids, i * width))
    out.push(flat)
  }
}

/** `width`: components of a state. */
export function loadPass(from: PieceReader, width: number): Pass {
  const [counts, outgrown, size = 0, transitions = 0, depth = 0, bytes = 0, endStates = 0, firstEnd = -1] = from.counts(
    8,
    -1,
  )
  const taken = from.numbers()
  const hits = hitsLoaded(from)
  const runs = new Map<number, Int32Array[]>()
  for (const state of from.numbers()) {
    const flat = from.ints()
    sound(flat.length % width === 0, 'a run')
    runs.set(
      state,
      Array.from({ length: flat.length / width }, (_, i) => flat.slice(i * width, (i + 1) * width)),
    )
  }
  const figures = { size, transitions, depth, bytes, endStates, firstEnd }
  const runTo = (state: number): Int32Array[] => [...(runs.get(state) ?? [])]
  return { counts: counts === 1, outgrown: outgrown === 1, ...figures, taken, hits, runTo }
}

/** Index, state and the further step (−1: none) of each. */
export const hitsSaved = (hits: ReadonlyMap<number, Hit>): Float64Array =>
  numbers(...[...hits].flatMap(([index, { state, via }]) => [index, state, via ?? -1]))

export function hitsLoaded(from: PieceReader): Map<number, Hit> {
  const list = from.numbers()
  sound(list.length % 3 === 0, 'hits')
  const hits = new Map<number, Hit>()
  for (let i = 0; i < list.length; i += 3) {
    const [index = 0, state = 0, via = -1] = list.subarray(i, i + 3)
    hits.set(index, via < 0 ? { state } : { state, via })
  }
  return hits
}
