/**
 * The race window by Monte Carlo: how probable a property's violation is when every latency is drawn anew, how long the
 * bad order stays possible, and which latency matters most. A function of model, runs and seed alone, however it is cut
 * into slices.
 *
 * 1. All runs: what each violates (straight code, engine/trials).
 * 2. The first runs that hit and that miss again, with times: the critical pair (pair.ts) and the latencies.
 */
import type { Action } from '../../model/orderings'
import type { Model, Step } from '../../model/model'
import { seedOf, Trials } from '../trials/trials'
import { criticalPair, type Pair, type Times } from './pair'
import { histogram, influence, LATENCY_BINS, wilson, type Bin, type Influence, type Tally } from './statistics'

export interface WindowQuestion {
  readonly model: Model
  readonly runs: number
  readonly seed: number
  /** Number of a property; undefined: the first that is violated in some run (see `chosen`). */
  readonly property?: number | undefined
  /** What is one step to a person. */
  readonly actions: readonly Action[]
  /** Pairs of steps whose order nobody enforces, as far as the scenario says: [first, then]. */
  readonly unenforced: readonly (readonly [first: number, then: number])[]
}

export interface Share {
  readonly hits: number
  readonly probability: number
  /** 95 %. */
  readonly interval: readonly [number, number]
}

export interface WindowFindings {
  /** Runs made: fewer than asked for when cancelled. */
  readonly runs: number
  readonly complete: boolean
  /** Runs cut off at the bound on steps. */
  readonly cut: number
  readonly property: number
  /** One for each property of the model. */
  readonly shares: readonly Share[]
  /** Seed of the first run that hits. */
  readonly example: number | undefined
  readonly pair: Pair | undefined
  /** ns, ascending: of runs that hit, how long the bad order stood; of runs that miss, by how much it was avoided. */
  readonly widths: Float64Array
  readonly slacks: Float64Array
  /** Of the widths: those where `first` never happened, so that the window stood open until the run's end. */
  readonly open: number
  /** Over the widths (from 0 up) and the slacks (below 0). */
  readonly histogram: readonly Bin[]
  /** Steps whose latency varies and was drawn, the most influential first. */
  readonly sensitivity: readonly (Influence & { readonly step: number })[]
}

/** Runs of each kind that are looked at again for widths and latencies, and of those for the pair. */
const SAMPLE = 32_768
const PAIR_SAMPLE = 1024
/** Trials between two looks at the clock. */
const BATCH = 256

export class WindowStudy {
  private readonly trials: Trials
  private readonly counts: Float64Array
  /** Numbers of the first trials that hit and that miss, a list a property. */
  private readonly hits: number[][]
  private readonly misses: number[][]
  private done = 0
  private cut = 0
  private looked = 0
  private cancelled = false
  private readonly work: Generator<void, WindowFindings>
  private finished: WindowFindings | undefined

  constructor(private readonly question: WindowQuestion) {
    const { properties } = question.model
    this.trials = new Trials(question.model)
    this.counts = new Float64Array(properties.length)
    this.hits = properties.map(() => [])
    this.misses = properties.map(() => [])
    this.work = this.run()
  }

  /** Go on until `until()` says so (asked every few hundred trials) or all is known. */
  advance(until: () => boolean): boolean {
    while (!this.finished) {
      const r = this.work.next()
      if (r.done) this.finished = r.value
      else if (until()) return false
    }
    return true
  }

  /** The next `advance` ends at once, with what the runs so far say. */
  cancel(): void {
    this.cancelled = true
  }

  /** `hits`: of the property in question so far; `looked`: runs looked at again. */
  progress(): { readonly runs: number; readonly hits: number; readonly looked: number } {
    return { runs: this.done, hits: this.counts[this.chosen()] ?? 0, looked: this.looked }
  }

  /** Undefined before `advance` has returned true. */
  result(): WindowFindings | undefined {
    return this.finished
  }

  private *run(): Generator<void, WindowFindings> {
    const { runs, seed } = this.question
    while (this.done < runs && !this.cancelled) {
      const end = Math.min(runs, this.done + BATCH)
      for (let k = this.done; k < end; k++) {
        if (this.trials.run(seedOf(seed, k))) this.cut++
        this.count(k)
      }
      this.done = end
      yield
    }
    const property = this.chosen()
    const shares = [...this.counts].map((hits): Share => ({
      hits,
      probability: this.done === 0 ? 0 : hits / this.done,
      interval: wilson(hits, this.done),
    }))
    const complete = this.done === runs && !this.cancelled
    const first = this.hits[property]?.[0]
    const common = {
      runs: this.done,
      complete,
      cut: this.cut,
      property,
      shares,
      example: first === undefined ? undefined : seedOf(seed, first),
    }
    const nothing = { pair: undefined, widths: new Float64Array(), slacks: new Float64Array(), open: 0 }
    if (first === undefined || !complete) return { ...common, ...nothing, histogram: [], sensitivity: [] }
    const closer = yield* this.closer(property, shares[property]?.probability ?? 0)
    return this.cancelled
      ? { ...common, complete: false, ...nothing, histogram: [], sensitivity: [] }
      : { ...common, ...closer }
  }

  private count(trial: number): void {
    for (let p = 0; p < this.counts.length; p++) {
      const hit = this.trials.hit(p)
      if (hit) this.counts[p] = (this.counts[p] ?? 0) + 1
      const list = hit ? this.hits[p] : this.misses[p]
      if (list && list.length < SAMPLE) list.push(trial)
    }
  }

  /** The property in question: the named one, else the first that can be violated and was, else the first that can be. */
  private chosen(): number {
    const { model, property } = this.question
    if (property !== undefined) return property
    const violable = model.properties.flatMap((p, i) => (p.kind === 'sometimes' ? [] : [i]))
    const written = violable.filter((i) => model.properties[i]?.text !== 'built in')
    return (
      violable.find((i) => (this.counts[i] ?? 0) > 0) ??
      violable.find((i) => model.properties[i]?.expected === 'violated') ??
      written[0] ??
      violable[0] ??
      0
    )
  }

  /** The runs of the sample again, with times and latencies. */
  private *closer(
    property: number,
    probability: number,
  ): Generator<void, Pick<WindowFindings, 'pair' | 'widths' | 'slacks' | 'open' | 'histogram' | 'sensitivity'>> {
    const { model, actions, unenforced } = this.question
    const recorder = new Trials(model, { record: true })
    const actionOf = new Int32Array(model.steps.length).fill(-1)
    actions.forEach((a, i) => a.steps.forEach((s) => (actionOf[s] = i)))
    const hit = new Sample(this.hits[property] ?? [], recorder, model, actionOf, actions.length)
    const miss = new Sample(this.misses[property] ?? [], recorder, model, actionOf, actions.length)
    const seed = (k: number): number => seedOf(this.question.seed, k)
    for (const sample of [hit, miss])
      while (sample.look(PAIR_SAMPLE, BATCH, seed)) {
        this.looked += BATCH
        yield
      }
    const named = unenforced.flatMap(([a, b]): [number, number][] => {
      const [first, then] = [actionOf[a] ?? -1, actionOf[b] ?? -1]
      return first < 0 || then < 0 || first === then ? [] : [[first, then]]
    })
    const pair = yield* criticalPair(hit.times(), miss.times(), (a) => actions[a]?.agent ?? -1, named)
    for (const sample of [hit, miss]) {
      sample.measure(pair)
      while (sample.look(SAMPLE, BATCH, seed)) {
        this.looked += BATCH
        if (this.cancelled) break
        yield
      }
    }
    const { widths, open } = hit.badOrders()
    const slacks = miss.goodOrders()
    const weight = {
      hit: probability / Math.max(1, hit.size),
      miss: (1 - probability) / Math.max(1, miss.size),
    }
    const sensitivity = model.steps
      .map((s, step) => ({ step, ...influence(tally(hit, miss, step), weight, probability), latency: s.latency }))
      .filter(({ step, latency }) => latency[1] > latency[0] && hit.drew(step) + miss.drew(step) > 0)
      .sort((a, b) => b.index - a.index || a.step - b.step)
      .map(({ latency: _, ...rest }) => rest)
    return { pair, widths, slacks, open, histogram: histogram(widths, slacks.map((s) => -s).reverse()), sensitivity }
  }
}

const tally = (hit: Sample, miss: Sample, step: number): Tally => ({ hits: hit.bins(step), misses: miss.bins(step) })

const binsOf = (s: Step | undefined): number => (s ? Math.min(LATENCY_BINS, s.latency[1] - s.latency[0] + 1) : 0)

/** Runs of one outcome, looked at again. */
class Sample {
  private pair: Pair | undefined
  private at = 0
  private readonly latencies: Float64Array
  private readonly rows: Float64Array
  private readonly actionTimes: Float64Array
  private readonly gaps: number[] = []
  private open = 0

  constructor(
    private readonly trials: readonly number[],
    private readonly recorder: Trials,
    private readonly model: Model,
    private readonly actionOf: Int32Array,
    private readonly actions: number,
  ) {
    this.latencies = new Float64Array(model.steps.length * LATENCY_BINS)
    this.rows = new Float64Array(Math.min(trials.length, PAIR_SAMPLE) * actions)
    this.actionTimes = new Float64Array(actions)
  }

  /** Runs looked at. */
  get size(): number {
    return this.at
  }

  /** From now on the gaps of this pair; of the runs looked at already, too: no more than there are times of. */
  measure(pair: Pair | undefined): void {
    this.pair = pair
    for (let r = 0; r < this.at; r++) this.gap(this.rows.subarray(r * this.actions, (r + 1) * this.actions))
  }

  /** Goes on up to run number `until`, at most `batch` of them; false when there is no more. */
  look(until: number, batch: number, seed: (trial: number) => number): boolean {
    const end = Math.min(this.trials.length, until, this.at + batch)
    if (this.at >= end) return false
    for (; this.at < end; this.at++) {
      this.recorder.run(seed(this.trials[this.at] ?? 0))
      this.tallyLatencies()
      this.actionsTaken()
      if (this.at < PAIR_SAMPLE) this.rows.set(this.actionTimes, this.at * this.actions)
      if (this.pair) this.gap(this.actionTimes)
    }
    return true
  }

  times(): Times {
    return { actions: this.actions, runs: Math.min(this.at, PAIR_SAMPLE), rows: this.rows }
  }

  bins(step: number): number[] {
    return [...this.latencies.subarray(step * LATENCY_BINS, step * LATENCY_BINS + binsOf(this.model.steps[step]))]
  }

  drew(step: number): number {
    return this.bins(step).reduce((a, b) => a + b, 0)
  }

  /** Widths, ascending. */
  badOrders(): { widths: Float64Array; open: number } {
    return { widths: Float64Array.from(this.gaps.filter((g) => g > 0)).sort(), open: this.open }
  }

  /** Slacks, ascending. */
  goodOrders(): Float64Array {
    return Float64Array.from(this.gaps.filter((g) => g <= 0).map((g) => -g)).sort()
  }

  private tallyLatencies(): void {
    const { drawn } = this.recorder
    this.model.steps.forEach((step, s) => {
      const [lo, hi] = step.latency
      const value = drawn[s] ?? -1
      if (value < 0 || hi <= lo) return
      const bin = Math.floor(((value - lo) * binsOf(step)) / (hi - lo + 1))
      this.latencies[s * LATENCY_BINS + bin] = (this.latencies[s * LATENCY_BINS + bin] ?? 0) + 1
    })
  }

  private actionsTaken(): void {
    const { taken } = this.recorder
    this.actionTimes.fill(-1)
    for (let s = 0; s < taken.length; s++) {
      const time = taken[s] ?? -1
      const action = this.actionOf[s] ?? -1
      if (time < 0 || action < 0) continue
      const known = this.actionTimes[action] ?? -1
      if (known < 0 || time < known) this.actionTimes[action] = time
    }
  }

  /** From `then` to `first` (bad order, above 0), or from `first` to `then` (good order, 0 or below). */
  private gap(times: Float64Array): void {
    if (!this.pair) return
    const first = times[this.pair.first] ?? -1
    const then = times[this.pair.then] ?? -1
    if (then < 0) return
    if (first >= 0) {
      this.gaps.push(first > then ? first - then : -(then - first) + 0)
      return
    }
    this.open++
    this.gaps.push(Math.max(1, times.reduce((a, b) => Math.max(a, b), 0) - then))
  }
}
