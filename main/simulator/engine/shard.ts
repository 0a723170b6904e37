/** What a further thread does of a search on whole numbers: states of a level, as `crew.ts` says. */
import { assert } from '../faults'
import { pieces, tell, Written, type Board, type News, type Place, type Setup } from './crew'
import { Expansion, type Found } from './expansion'
import { layFields, type Fields } from './fields'
import { KeyBits } from './key-bits'
import { KeySet } from './key-set'
import { ComponentSpace } from './space'

/** Decided elsewhere. */
const ELSEWHERE: Found = { depth: -1, key: 0 }

export class Shard {
  private readonly space: ComponentSpace
  private readonly expansion: Expansion
  private readonly board: Board
  private readonly place: Place
  private fields: Fields | undefined
  private set: KeySet | KeyBits | undefined
  private room = 0

  /** `index`: of its place on the board. */
  constructor({ model, symmetry, watched, board }: Setup, index: number) {
    const place = board.places[index]
    assert(place, 'a place on the board')
    this.space = new ComponentSpace(model, symmetry)
    this.space.freeze()
    this.board = board
    this.place = place
    this.expansion = new Expansion(this.space, watched, place.taken)
  }

  hear(news: News): void {
    const { space, expansion } = this
    space.learn(news.configurations)
    if (news.set)
      this.set = 'words' in news.set ? KeyBits.over(news.set.words) : KeySet.over(news.set.bits, news.set.slots)
    assert(this.set, 'the set of states')
    if (news.most) this.fields = layFields(news.most)
    assert(this.fields, 'fields')
    if (news.most) expansion.lay(this.fields, this.set)
    else {
      if (news.set) expansion.into(this.set)
      if (news.configurations.some((list) => list.length > 0)) expansion.learned()
    }
    expansion.depth = news.depth
    this.room = news.room
    for (const w of news.decided) if (!expansion.hits.has(w)) expansion.close(w, ELSEWHERE)
  }

  /** Takes part in the round on the board: `most` pieces of it. */
  round(most = Infinity): void {
    const { expansion, board, place, set } = this
    assert(set, 'news first')
    const following = new Written(place.following)
    const left = new Written(place.left)
    expansion.following = following
    expansion.left = {
      push: (key, step) => {
        left.push(key)
        left.push(step)
      },
    }
    expansion.transitions = 0
    expansion.endStates = 0
    const known = new Set(expansion.hits.keys())
    const before = set.size
    const enough = 2 * board.piece * Math.max(1, place.taken.length)
    const room = (): boolean => following.room >= enough && left.room >= enough && set.size - before < this.room
    for (const [first, end] of pieces(board, room, most)) expansion.expandEach(board.states, first, end)
    const { transitions, endStates } = expansion
    const hits = new Map([...expansion.hits].filter(([w]) => !known.has(w)))
    tell(place, following.length, left.length, { added: set.size - before, transitions, endStates, hits })
  }
}
