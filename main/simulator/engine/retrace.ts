/**
 * Runs to what a search on whole numbers has found. Where it has not kept its levels, because that takes as much memory
 * as its states, they are gone through once more. Of the states that answer, and of those that lead to another, the least is taken, by what
 * it holds: so a run is the same whichever was met first, and however many threads searched.
 */
import { assert } from '../faults'
import { answers, question } from './asked'
import { packed, unpack } from './fields'
import { Level, marksOf, type Keys, type Marks } from './keys'
import { predecessors } from './predecessors'
import { isEnd, type Watched } from './search'
import { BROKEN, type ComponentSpace } from './space'
import type { WholeSearch } from './whole'

/** So many states of a level are looked at in one go. */
const PIECE = 2 ** 12
const PIECE_MARKED = 2 ** 18

/** A shortest run: states from the initial one on; `further`: and one step more, back to that one or out of a domain. */
export interface Retraced {
  readonly states: readonly Int32Array[]
  readonly further: boolean
}

interface Answer {
  readonly ids: Int32Array<ArrayBuffer>
  readonly depth: number
  readonly further: boolean
}

export class Retrace {
  private readonly space: ComponentSpace
  /** Null where the levels that were kept do. */
  private again: WholeSearch | null = null
  private levels: readonly Level[] = []
  private readonly ids: Int32Array<ArrayBuffer>
  private readonly next: Int32Array<ArrayBuffer>
  /** Components that one step writes, at most. */
  private readonly mostWritten: number

  constructor(private readonly search: WholeSearch) {
    const { space } = search
    this.space = space
    this.ids = new Int32Array(space.size)
    this.next = new Int32Array(space.size)
    this.mostWritten = space.steps.reduce((n, s) => Math.max(n, s.writes.length / 2), 0)
  }

  get bytes(): number {
    return this.again ? this.levels.reduce((n, level) => n + level.bytes, this.again.bytes) : 0
  }

  /** One for each of these, which it has found. Null where that does not fit into such numbers. */
  *runs(goals: readonly Watched[]): Generator<void, Retraced[] | null> {
    const { search } = this
    const found = goals.map((w) => {
      const hit = search.hits.get(w.index)
      assert(hit, 'what has been found')
      return { w, depth: hit.depth, further: hit.via !== undefined }
    })
    const deepest = Math.max(-1, ...found.map((f) => f.depth + Number(f.further)))
    // The last level is not among those kept where a bound was hit before it was whole.
    if (search.kept && search.kept.length > deepest) this.levels = search.kept
    else if (deepest >= 0 && !(yield* this.searchAgain(deepest))) return null
    const out: Retraced[] = []
    for (const { w, depth, further } of found) {
      const here = yield* this.answerTo(w, depth, further)
      let { ids } = here
      const states = [ids]
      for (let d = here.depth - 1; d >= 0; d--) {
        const before = yield* this.least(d, this.leadsTo(ids), this.marks(d, ids))
        assert(before, 'a state has a predecessor one level before')
        ids = before
        states.push(ids)
        yield
      }
      out.push({ states: states.reverse(), further: here.further })
    }
    return out
  }

  /** False where it does not fit. */
  private *searchAgain(deepest: number): Generator<void, boolean> {
    const again = this.search.again()
    const levels: Level[] = []
    this.again = again
    this.levels = levels
    yield* again.run(Infinity, (level: Keys) => levels.push(new Level(level, again.fields)) > deepest)
    return !again.outgrown
  }

  private *answerTo(w: Watched, depth: number, further: boolean): Generator<void, Answer> {
    const { space, next } = this
    const q = question(space, w)
    if (w.kind === 'range') {
      const leaves = (ids: Int32Array): boolean =>
        this.some(ids, (s, how) => how === BROKEN || !space.take(s, ids, next))
      return { ids: yield* this.first(depth, leaves), depth, further: true }
    }
    if (isEnd(w.kind)) {
      const endsSo = (ids: Int32Array): boolean => answers(space, q, ids) && !this.some(ids, () => true)
      return { ids: yield* this.first(depth, endsSo), depth, further: false }
    }
    // As many steps may lead to a state that is new and back to the initial one, which is judged only then.
    const length = depth + Number(further)
    const ids = yield* this.least(length, (ids) => answers(space, q, ids))
    if (ids && length > 0) return { ids, depth: length, further: false }
    const back = this.leadsTo(space.initial())
    return { ids: yield* this.first(length - 1, back), depth: length - 1, further: true }
  }

  private *first(depth: number, is: (ids: Int32Array) => boolean): Generator<void, Int32Array<ArrayBuffer>> {
    const ids = yield* this.least(depth, is)
    assert(ids, 'what was found once is found again')
    return ids
  }

  /** The least state of a level of which this is true; of one that is not marked it is not. */
  private *least(
    depth: number,
    is: (ids: Int32Array) => boolean,
    marks?: Marks,
  ): Generator<void, Int32Array<ArrayBuffer> | undefined> {
    const { ids } = this
    const level = this.levels[depth]
    let best: Int32Array<ArrayBuffer> | undefined
    const piece = marks ? PIECE_MARKED : PIECE
    for (let from = 0; level && from < level.length; from += piece) {
      if (from > 0) yield
      const end = Math.min(level.length, from + piece)
      for (let i = from; i < end; i++) {
        if (marks) i = level.marked(marks, i, end)
        if (i === end) break
        unpack(level.fields, level.at(i), ids)
        if (is(ids) && (!best || this.less(ids, best))) best = ids.slice()
      }
    }
    return best
  }

  /** Of states of a level that may lead to this one; undefined where nothing can be said. */
  private marks(depth: number, goal: Int32Array): Marks | undefined {
    const level = this.levels[depth]
    if (!level || level.length < PIECE) return undefined
    const keys: number[] = []
    return predecessors(this.space, goal, (ids) => keys.push(packed(level.fields, ids))) ? marksOf(keys) : undefined
  }

  private less(a: Int32Array, b: Int32Array): boolean {
    const { classOf } = this.space
    for (let c = 0; c < a.length; c++) {
      if (a[c] === b[c]) continue
      const of = classOf[c]
      return (of?.contents(a[c] ?? 0) ?? 0) < (of?.contents(b[c] ?? 0) ?? 0)
    }
    return false
  }

  private leadsTo(goal: Int32Array): (ids: Int32Array) => boolean {
    const { space, next, mostWritten } = this
    return (ids) => {
      let differ = 0
      for (let c = 0; c < ids.length; c++) if (ids[c] !== goal[c]) differ++
      if (differ > mostWritten) return false
      return this.some(
        ids,
        (s, how) => how !== BROKEN && space.take(s, ids, next) && next.every((id, c) => id === goal[c]),
      )
    }
  }

  private some(ids: Int32Array, is: (step: number, how: number) => boolean): boolean {
    let found = false
    this.space.expand(ids, (s, how) => (found ||= is(s, how)))
    return found
  }
}
