/**
 * The critical pair of a race: two actions of different agents, `first` and `then`, whose order tells the runs that hit
 * from the runs that miss. The order is bad where `then` happens while `first` has not.
 */

/** When each action was taken first, a row a run, ns; −1: never. */
export interface Times {
  readonly actions: number
  readonly runs: number
  readonly rows: Float64Array
}

export interface Pair {
  readonly first: number
  readonly then: number
  /** P(bad order | hit) + P(good order | miss) − 1: 1 where the order alone decides, 0 where it says nothing. */
  readonly separation: number
}

/** Below this the order of two actions does not say much about the outcome. */
const MIN_SEPARATION = 0.5
/** What a pair that the scenario itself names may fall short of the best by. */
const TOLERANCE = 0.1

/**
 * `candidates`: pairs that the scenario names as ordered by nobody; one of them is preferred where it does about as well as
 * the best. Where no run misses there is nothing to compare with, and only they are considered. Ties go to the pair
 * whose actions lie closest together, then to the lower numbers. Yields after each action.
 */
export function* criticalPair(
  hits: Times,
  misses: Times,
  agentOf: (action: number) => number,
  candidates: readonly (readonly [first: number, then: number])[],
): Generator<void, Pair | undefined> {
  const score = (first: number, then: number) => {
    const hit = orders(hits, first, then)
    const miss = orders(misses, first, then)
    const separation = misses.runs === 0 ? hit.bad : hit.bad + miss.good - 1
    return { first, then, separation, apart: hit.apart + miss.apart }
  }
  type Scored = ReturnType<typeof score>
  const better = (a: Scored, b: Scored | undefined): boolean =>
    b === undefined || a.separation > b.separation || (a.separation === b.separation && a.apart < b.apart)
  let named: Scored | undefined
  for (const [first, then] of candidates) {
    const s = score(first, then)
    if (better(s, named)) named = s
  }
  let best: Scored | undefined
  if (misses.runs > 0)
    for (let first = 0; first < hits.actions; first++) {
      for (let then = 0; then < hits.actions; then++) {
        if (agentOf(first) === agentOf(then)) continue
        const s = score(first, then)
        if (better(s, best)) best = s
      }
      yield
    }
  const chosen = named && named.separation >= (best?.separation ?? 0) - TOLERANCE ? named : best
  if (!chosen || chosen.separation < MIN_SEPARATION) return undefined
  return { first: chosen.first, then: chosen.then, separation: chosen.separation }
}

/**
 * Shares of the runs in which `then` happened while `first` had not (bad), and in which it happened behind `first` (good);
 * how far apart both were on average, ns.
 */
function orders({ actions, runs, rows }: Times, first: number, then: number) {
  let bad = 0
  let good = 0
  let apart = 0
  let both = 0
  for (let r = 0; r < runs; r++) {
    const a = rows[r * actions + first] ?? -1
    const b = rows[r * actions + then] ?? -1
    if (b < 0) continue
    if (a < 0 || b < a) bad++
    else good++
    if (a < 0) continue
    both++
    apart += a < b ? b - a : a - b
  }
  const of = Math.max(1, runs)
  return { bad: bad / of, good: good / of, apart: both === 0 ? Infinity : apart / both }
}
