/**
 * Many runs in time, for what happens in them and not for their steps: which properties a run violates (a `sometimes`:
 * witnesses). Trial number k of a seed is the timed run of `seedOf(seed, k)`, so that any of them can be looked at.
 */
import type { Model } from '../../model/model'
import { MAX_STEPS, TimedEngine } from '../timed'
import { CUT, HITS_PER_WORD, TOO_LONG, trialCode, type TrialCode } from './code'

/** Seeds of a sequence's trials: no two of 2³² are alike, and near ones have nothing in common (murmur3's finaliser). */
export const seedOf = (seed: number, trial: number): number => mix((trial ^ mix(seed + 0x9e3779b9)) + 0x85ebca6b)

function mix(n: number): number {
  let h = n | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

export interface TrialOptions {
  /** Steps after which a run is cut off. */
  readonly maxSteps?: number
  /** Fill `drawn` and `taken` as well. */
  readonly record?: boolean
  /** Do without generated code (tests and the bench compare). */
  readonly engineOnly?: boolean
}

export class Trials {
  /** Bit p: property p was violated, or a `sometimes` witnessed; HITS_PER_WORD a word. */
  readonly hits: Int32Array
  /** With `record`: first latency drawn by each step, and when it was taken first, ns; −1: never. */
  readonly drawn: Float64Array
  readonly taken: Float64Array
  private readonly code: TrialCode | undefined
  private engine: TimedEngine | undefined
  private readonly maxSteps: number
  private readonly record: boolean

  constructor(
    private readonly model: Model,
    options: TrialOptions = {},
  ) {
    this.maxSteps = options.maxSteps ?? MAX_STEPS
    this.record = options.record ?? false
    this.code = options.engineOnly ? undefined : trialCode(model, this.maxSteps, this.record)
    this.hits = this.code?.hits ?? new Int32Array(Math.max(1, Math.ceil(model.properties.length / HITS_PER_WORD)))
    this.drawn = new Float64Array(model.steps.length)
    this.taken = new Float64Array(model.steps.length)
  }

  /** Whether one straight function runs them. */
  get straight(): boolean {
    return this.code !== undefined
  }

  /** Runs the trial of one seed; true when it was cut off at the bound on steps. */
  run(seed: number): boolean {
    const outcome = this.code?.run(seed) ?? TOO_LONG
    if (outcome === TOO_LONG) return this.runEngine(seed)
    if (this.record && this.code) {
      this.drawn.set(this.code.drawn)
      this.taken.set(this.code.taken)
    }
    return outcome === CUT
  }

  hit(property: number): boolean {
    return ((this.hits[Math.floor(property / HITS_PER_WORD)] ?? 0) & (1 << (property % HITS_PER_WORD))) !== 0
  }

  private runEngine(seed: number): boolean {
    const { model } = this
    const engine = (this.engine ??= new TimedEngine(model))
    this.hits.fill(0)
    if (this.record) this.taken.fill(-1)
    engine.start(seed)
    let steps = 0
    while (steps < this.maxSteps) {
      const step = engine.next()
      if (step < 0) break
      steps++
      if (this.record && (this.taken[step] ?? 0) < 0) this.taken[step] = engine.now
      if (!engine.outOfRange) this.judge(engine, ['never', 'order', 'sometimes'], true)
      if (!engine.outOfRange) this.judge(engine, ['always'], false)
    }
    if (this.record) this.drawn.set(engine.drawn)
    if (engine.outOfRange) model.properties.forEach((p, i) => p.kind === 'range' && this.set(i))
    else if (steps >= this.maxSteps) return true
    else this.judge(engine, ['end', 'complete', 'deadlock'], false)
    return steps >= this.maxSteps
  }

  private judge(engine: TimedEngine, kinds: readonly string[], bad: boolean): void {
    this.model.properties.forEach((p, i) => {
      if (kinds.includes(p.kind) && Boolean(engine.code.tests[i]?.()) === bad) this.set(i)
    })
  }

  private set(property: number): void {
    const word = Math.floor(property / HITS_PER_WORD)
    this.hits[word] = (this.hits[word] ?? 0) | (1 << (property % HITS_PER_WORD))
  }
}
