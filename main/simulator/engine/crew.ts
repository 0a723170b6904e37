/**
 * Threads that expand the states of one level together. They share memory: a list of states that each takes a piece of
 * when it has done one (`Board`), and the set of states. Numbers are given to configurations by one thread only, the one
 * that runs the search; what the others meet that has none they leave to it. So what a level adds to the set, and what is
 * counted, is the same for any number of threads; only the order within the next level is not.
 *
 * How threads are started, told things and waited for is for whoever has threads: `Crew`.
 */
import type { Model } from '../model/model'
import type { Symmetry } from '../model/symmetry'
import type { Found } from './expansion'
import type { Watched } from './search'
import { sharedInts, sharedNumbers } from './shared'

/** States of one round, and what a thread can give back in it. */
const ROUND = 1 << 16
const OUT = 1 << 18

export interface Setup {
  readonly model: Model
  readonly symmetry: Symmetry
  readonly watched: readonly Watched[]
  readonly board: Board
}

/** What states and their numbers mean by now. */
export interface News {
  readonly kind: 'news'
  /** More configurations of each class. */
  readonly configurations: readonly Float64Array[]
  /** Where they have changed: places of configurations, and the set. */
  readonly most?: Float64Array
  readonly set?: { readonly bits: number; readonly slots: Int32Array } | { readonly words: Uint32Array }
  /** Properties that are decided. */
  readonly decided: readonly number[]
  /** Of the states on the board. */
  readonly depth: number
  /** How many each may add to the set, or a little more. */
  readonly room: number
}

export interface Crew {
  /** Threads besides the one that runs the search. */
  readonly size: number
  /** States from which on they are worth their start. */
  readonly from: number
  /** States of a level from which on they are worth a round. */
  readonly least: number
  /** States taken at once, at most. */
  readonly piece: number
  start(setup: Setup): void
  /** Whether they have all started. */
  ready(): boolean
  /** They take part in the round that is on the board, each having heard this. */
  begin(news: News): void
  /** Until all have done what they took. Throws where one has failed. */
  wait(): void
  end(): void
}

/** Numbers in `claims`. */
const NEXT = 0
const COUNT = 1

/** Memory that all of them see. */
export interface Board {
  readonly claims: Int32Array
  readonly states: Float64Array
  readonly piece: number
  readonly places: readonly Place[]
}

/** What one of them gives back. */
export interface Place {
  readonly following: Float64Array
  /** States, and steps out of them. */
  readonly left: Float64Array
  readonly taken: Float64Array
  /** How much of `following` and `left` there is, states added to the set, transitions, ends; then hits. */
  readonly figures: Float64Array
}
const FIGURES = 5

export function boardFor({ size, piece }: Crew, steps: number, watched: number): Board {
  return {
    claims: sharedInts(2),
    states: sharedNumbers(ROUND),
    piece: Math.max(1, Math.min(piece, Math.floor(OUT / (4 * Math.max(1, steps))))),
    places: Array.from({ length: size }, () => ({
      following: sharedNumbers(OUT),
      left: sharedNumbers(2 * OUT),
      taken: sharedNumbers(steps),
      figures: sharedNumbers(FIGURES + 4 * watched + 1),
    })),
  }
}

export const roundOf = (states: number): number => Math.min(ROUND, states)

export function openRound({ claims }: Board, count: number): void {
  claims[COUNT] = count
  Atomics.store(claims, NEXT, 0)
}
/** States of the round that somebody has taken. */
export const claimed = ({ claims }: Board): number => Math.min(claims[COUNT] ?? 0, Atomics.load(claims, NEXT))

/** One piece after another, as long as there is one and `room()` for what it may give: `most` pieces. */
export function* pieces(board: Board, room: () => boolean, most = Infinity): Generator<readonly [number, number]> {
  const { claims, piece } = board
  const count = claims[COUNT] ?? 0
  for (let n = 0; n < most && room(); n++) {
    const first = Atomics.add(claims, NEXT, piece)
    if (first >= count) return
    yield [first, Math.min(count, first + piece)]
  }
}

/** A list in a place. */
export class Written {
  length = 0
  constructor(private readonly list: Float64Array) {}
  push(key: number): void {
    this.list[this.length++] = key
  }
  get room(): number {
    return this.list.length - this.length
  }
}

export interface Told {
  readonly added: number
  readonly transitions: number
  readonly endStates: number
  readonly hits: ReadonlyMap<number, Found>
}

export function tell({ figures }: Place, following: number, left: number, t: Told): void {
  figures.set([following, left, t.added, t.transitions, t.endStates, t.hits.size])
  let at = FIGURES + 1
  for (const [w, { depth, key, via }] of t.hits) {
    figures.set([w, depth, key, via ?? -1], at)
    at += 4
  }
}

export function hear({ figures }: Place): Told & { readonly following: number; readonly left: number } {
  const [following = 0, left = 0, added = 0, transitions = 0, endStates = 0, count = 0] = figures
  const hits = new Map<number, Found>()
  for (let i = 0; i < count; i++) {
    const [w = 0, depth = 0, key = 0, via = -1] = figures.subarray(FIGURES + 1 + 4 * i)
    hits.set(w, via < 0 ? { depth, key } : { depth, key, via })
  }
  return { following, left, added, transitions, endStates, hits }
}
