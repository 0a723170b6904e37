/** The few statistics that the race window needs; exact operations only, so that every machine gives the same numbers. */

/** Quantile of the normal distribution for 95 %, both sides. */
const Z = 1.959963984540054

/** Wilson's 95 % interval of a probability (E. B. Wilson, JASA 22, 1927). */
export function wilson(hits: number, runs: number): [lo: number, hi: number] {
  if (runs === 0) return [0, 1]
  const p = hits / runs
  const z2 = Z * Z
  const middle = (p + z2 / (2 * runs)) / (1 + z2 / runs)
  const half = (Z * Math.sqrt((p * (1 - p)) / runs + z2 / (4 * runs * runs))) / (1 + z2 / runs)
  return [hits === 0 ? 0 : Math.max(0, middle - half), hits === runs ? 1 : Math.min(1, middle + half)]
}

/** The value at or below which a share `q` of the sorted values lies (nearest rank); null of none. */
export function quantile(sorted: ArrayLike<number>, q: number): number | null {
  if (sorted.length === 0) return null
  const rank = Math.min(sorted.length, Math.max(1, Math.ceil(q * sorted.length)))
  return sorted[rank - 1] ?? null
}

export interface Bin {
  /** ns, from (inclusive) to (exclusive, but for the last). */
  readonly from: number
  readonly to: number
  readonly hits: number
  readonly misses: number
}

const BINS = 32

/** Both kinds over bins of one width that is a round number of ns; bin edges meet at 0. Values ascending. */
export function histogram(hits: ArrayLike<number>, misses: ArrayLike<number>): Bin[] {
  const ends = [hits[0], misses[0], hits[hits.length - 1], misses[misses.length - 1]].filter((v) => v !== undefined)
  if (ends.length === 0) return []
  const lo = Math.min(...ends)
  const hi = Math.max(...ends)
  const width = roundUp((hi - lo + 1) / BINS)
  const first = Math.floor(lo / width)
  const bins = Array.from({ length: Math.floor(hi / width) - first + 1 }, (_, i) => ({
    from: (first + i) * width,
    to: (first + i + 1) * width,
    hits: 0,
    misses: 0,
  }))
  for (const [kind, values] of [['hits', hits] as const, ['misses', misses] as const])
    for (let i = 0; i < values.length; i++) {
      const bin = bins[Math.floor((values[i] ?? 0) / width) - first]
      if (bin) bin[kind]++
    }
  return bins
}

/** The least 1, 2 or 5 times a power of ten that is not smaller. */
function roundUp(n: number): number {
  for (let ten = 1; ; ten *= 10) for (const of of [1, 2, 5]) if (of * ten >= n) return of * ten
}

/** Bins of a latency in the estimate of its influence. */
export const LATENCY_BINS = 16

/** How often a step's latency, when it was drawn at all, lay in each bin: of runs that hit and of runs that missed. */
export interface Tally {
  readonly hits: readonly number[]
  readonly misses: readonly number[]
}

export interface Influence {
  /** Share of the outcome's variance that this latency explains alone (first-order index), 0 … 1. */
  readonly index: number
  /** Probability of a hit when the latency is in its quickest and in its slowest quarter. */
  readonly quickest: number
  readonly slowest: number
}

/**
 * First-order index of one latency from a sample of hits and misses of known weights: the variance of E[hit | latency]
 * over the variance of hit. The latency of a step is independent of whether it is drawn at all, so a step that is drawn in
 * a share d of the runs explains d² of the variance that it explains where it is drawn. What chance alone would give
 * between the bins is subtracted.
 */
export function influence(tally: Tally, weight: { hit: number; miss: number }, probability: number): Influence {
  const bins = tally.hits.map((h, b) => ({
    hit: h * weight.hit,
    all: h * weight.hit + (tally.misses[b] ?? 0) * weight.miss,
  }))
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
  const drawn = sum(bins.map((b) => b.all))
  const share = (part: typeof bins): number => {
    const all = sum(part.map((b) => b.all))
    return all === 0 ? 0 : sum(part.map((b) => b.hit)) / all
  }
  const quarter = Math.max(1, Math.floor(bins.length / 4))
  const ends = { quickest: share(bins.slice(0, quarter)), slowest: share(bins.slice(-quarter)) }
  const variance = probability * (1 - probability)
  if (drawn === 0 || variance === 0) return { index: 0, ...ends }
  const mean = share(bins)
  const between = sum(bins.map((b) => (b.all === 0 ? 0 : (b.all / drawn) * (b.hit / b.all - mean) ** 2)))
  const squares = sum(tally.hits) * weight.hit ** 2 + sum(tally.misses) * weight.miss ** 2
  const effective = drawn ** 2 / squares
  const chance = ((bins.filter((b) => b.all > 0).length - 1) / effective) * mean * (1 - mean)
  return { index: Math.min(1, Math.max(0, (drawn ** 2 * (between - chance)) / variance)), ...ends }
}
