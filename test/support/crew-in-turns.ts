/**
 * A crew in one thread: what threads would do at the same time its members do in turns, as much of each round as they are
 * lucky to get. Messages are cloned as between threads.
 */
import type { Crew, News, Setup } from '../../main/simulator/engine/crew'
import { Random } from '../../main/simulator/engine/rng'
import { Shard } from '../../main/simulator/engine/shard'

export interface CrewInTurns extends Crew {
  /** Pieces of rounds that its members did. */
  readonly rounds: number
}

export function crewInTurns(size: number, seed: number, from = 1): CrewInTurns {
  const random = new Random(seed)
  let shards: Shard[] = []
  let rounds = 0
  return {
    size,
    from,
    least: 1,
    piece: 1 + (seed % 3),
    get rounds() {
      return rounds
    },
    start(setup: Setup) {
      const { board, ...told } = setup
      shards = Array.from({ length: size }, (_, i) => new Shard({ ...structuredClone(told), board }, i))
    },
    ready: () => shards.length > 0 && random.next() % 4 > 0,
    begin(news: News) {
      rounds++
      const { set, ...told } = news
      for (const s of shards) s.hear({ ...structuredClone(told), ...(set ? { set } : {}) })
      for (const s of shards) s.round(random.next() % 4)
    },
    wait: () => undefined,
    end: () => undefined,
  }
}
