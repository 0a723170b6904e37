/** A part of a level of a search on whole numbers, expanded by a crew and this thread together. */
import { boardFor, claimed, hear, openRound, pieces, roundOf, type Board, type Crew } from './crew'
import type { Expansion } from './expansion'
import type { Fields } from './fields'
import { KeyBits } from './key-bits'
import type { KeySet } from './key-set'
import { Keys } from './keys'
import type { Watched } from './search'
import type { ComponentSpace } from './space'

/** The search that is helped. */
interface Helped {
  readonly space: ComponentSpace
  readonly watched: readonly Watched[]
  readonly expansion: Expansion
  readonly fields: Fields
  readonly set: KeySet | KeyBits
  readonly frontier: { readonly now: Keys; readonly next: Keys }
}

export class Rounds {
  /** Some round has been done. */
  used = false
  private board: Board | undefined
  /** What the crew knows by now. */
  private met: readonly number[] = []
  private fields: Fields | undefined
  private memory: Int32Array | Uint32Array | undefined
  /** States that were left to this thread, and the steps out of them. */
  private readonly left = new Keys()
  private readonly leftSteps = new Keys()

  constructor(
    private readonly crew: Crew,
    private readonly search: Helped,
  ) {}

  /** Lists of states, for whoever changes their numbers. */
  get lists(): readonly Keys[] {
    return [this.left]
  }
  get bytes(): number {
    if (!this.board) return 0
    const { states, places } = this.board
    const lists = places.flatMap((p) => [p.following, p.left, p.taken])
    return lists.reduce((n, list) => n + list.byteLength, states.byteLength)
  }

  /** Whether that many states of a level are worth a round by now. */
  pays(states: number): boolean {
    const { crew, search } = this
    if (search.set.size < crew.from) return false
    if (!this.board) {
      const { space, watched, expansion } = search
      this.board = boardFor(crew, expansion.taken.length, watched.length)
      crew.start({ model: space.model, symmetry: space.symmetry, watched, board: this.board })
    }
    return states >= crew.least && crew.ready()
  }

  /** States of the frontier from this one on: how many were expanded. */
  round(position: number): number {
    const { board, crew } = this
    const { expansion, frontier, set } = this.search
    if (!board) return 0
    this.used = true
    const count = roundOf(frontier.now.length - position)
    frontier.now.copy(position, count, board.states)
    if (!set.isShared) set.share()
    const share = set.room / (crew.size + 1)
    openRound(board, count)
    crew.begin(this.news(share))
    set.held = true
    expansion.left = {
      push: (key, step) => {
        this.left.push(key)
        this.leftSteps.push(step)
      },
    }
    const before = set.size
    for (const [first, end] of pieces(board, () => set.size - before < share))
      expansion.expandEach(board.states, first, end)
    crew.wait()
    expansion.left = null
    this.collect(board)
    return claimed(board)
  }

  private news(room: number): Parameters<Crew['begin']>[0] {
    const { space, fields, set, expansion } = this.search
    const configurations = space.since(this.met)
    this.met = space.met()
    const most = this.fields === fields ? {} : { most: fields.most }
    this.fields = fields
    const memory = set.pieces
    const of = set instanceof KeyBits ? { words: set.pieces } : { bits: set.bits, slots: set.pieces }
    const given = this.memory === memory ? {} : { set: of }
    this.memory = memory
    const decided = [...expansion.hits.keys()]
    return { kind: 'news', configurations, ...most, ...given, decided, depth: expansion.depth, room }
  }

  private collect(board: Board): void {
    const { expansion, frontier, set } = this.search
    let added = 0
    for (const place of board.places) {
      const told = hear(place)
      added += told.added
      expansion.transitions += told.transitions
      expansion.endStates += told.endStates
      frontier.next.append(place.following, told.following)
      for (let i = 0; i < told.left; i += 2) {
        this.left.push(place.left[i] ?? 0)
        this.leftSteps.push(place.left[i + 1] ?? 0)
      }
      place.taken.forEach((n, s) => (expansion.taken[s] = (expansion.taken[s] ?? 0) + n))
      place.taken.fill(0)
      for (const [w, hit] of told.hits) if (!expansion.hits.has(w)) expansion.close(w, hit)
    }
    set.release(added)
  }

  /** What was left, after a round; `widen` makes places. */
  takeLeft(widen: () => void): void {
    const { left, leftSteps } = this
    for (let i = 0; i < left.length; i++)
      while (!this.search.expansion.take(left.at(i), leftSteps.at(i), Infinity)) {
        const { fields } = this.search
        widen()
        if (this.search.fields === fields) return
      }
    left.clear()
    leftSteps.clear()
  }

  end(): void {
    if (this.board) this.crew.end()
  }
}
