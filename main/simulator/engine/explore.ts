/**
 * Every interleaving, as far as it has to be looked at: each property of the model is decided, with a shortest run.
 *
 * Without reduction one search visits every state. With it, end states are looked for in one search, and each property
 * that is judged after every step in searches of its own, because what one question needs is far less than what all
 * need together; the shortest lengths are the same (stubborn.ts says why). Where values may leave their domains a first
 * search decides whether they do; if so, nothing is reduced, because a run that leaves a domain ends there.
 *
 * Works in slices: `advance` goes on for a while and comes back, so that its thread can report and be cancelled.
 */
import { assert } from '../faults'
import type { Program } from '../model/compile'
import type { Verdict } from '../model/model'
import { Relations } from '../model/footprint'
import { NO_SYMMETRY, symmetryOf } from '../model/symmetry'
import { Canon } from './canon'
import { orbitsFor, partsOf, stepRepresentatives, watchedOf } from './questions'
import { choicesAlong } from './replay'
import { isEnd, Search, type SearchSpec, type Watched } from './search'
import { ComponentSpace } from './space'
import { Stubborn } from './stubborn'

export interface ExploreLimits {
  readonly maxStates?: number | undefined
  /** Bytes for states and their table. */
  readonly maxBytes?: number | undefined
}

export interface ExploreOptions extends ExploreLimits {
  /** Leave out interleavings that show nothing new (stubborn sets). */
  readonly reduce?: boolean
  /** Take states that differ only by the exchange of what is alike for one. */
  readonly symmetry?: boolean
}

export interface Progress {
  readonly states: number
  readonly transitions: number
  readonly depth: number
  /** Found, not yet expanded. */
  readonly frontier: number
  readonly bytes: number
}

export interface Finding {
  readonly verdict: Verdict
  /** Choices of a shortest run that violates the property, or shows a `sometimes`. */
  readonly choices?: readonly number[]
}

export type Stopped = 'max-states' | 'max-memory' | 'cancelled'
export type ReductionName = 'none' | 'stubborn' | 'symmetry' | 'stubborn+symmetry'

export interface Exploration {
  readonly complete: boolean
  readonly stopped?: Stopped
  readonly reduction: ReductionName
  /** Of all searches together. */
  readonly states: number
  readonly transitions: number
  readonly depth: number
  readonly endStates: number
  readonly bytesPerState: number
  /** One for each property of the model, in order. */
  readonly findings: readonly Finding[]
  /** How often each step of the model was taken in what was looked at. */
  readonly taken: readonly number[]
}

export class Explorer {
  private readonly watched: readonly Watched[]
  private readonly found = new Map<number, readonly number[]>()
  private readonly undecided = new Set<number>()
  private done = { states: 0, transitions: 0, depth: 0, endStates: 0, bytes: 0 }
  private readonly taken: Float64Array
  private current: Search | undefined
  private reduction: ReductionName = 'none'
  private stopped: Stopped | undefined
  private readonly work: Generator<void, Exploration>
  private finished: Exploration | undefined

  constructor(
    private readonly program: Program,
    private readonly options: ExploreOptions = {},
  ) {
    this.watched = watchedOf(program.model.properties)
    this.taken = new Float64Array(program.model.steps.length)
    this.work = this.run()
  }

  /** Go on until `until()` says so (asked every few hundred states) or everything is decided. */
  advance(until: () => boolean): boolean {
    while (!this.finished) {
      const r = this.work.next()
      if (r.done) this.finished = r.value
      else if (until()) return false
    }
    return true
  }

  cancel(): void {
    this.stopped ??= 'cancelled'
  }

  progress(): Progress {
    const { done, current } = this
    return {
      states: done.states + (current?.size ?? 0),
      transitions: done.transitions + (current?.transitions ?? 0),
      depth: Math.max(done.depth, current?.depth ?? 0),
      frontier: (current?.size ?? 0) - (current?.expanded ?? 0),
      bytes: current?.bytes ?? done.bytes,
    }
  }

  result(): Exploration {
    assert(this.finished, 'the exploration has ended')
    return this.finished
  }

  private *run(): Generator<void, Exploration> {
    const { model } = this.program
    const symmetry = this.options.symmetry ? symmetryOf(model) : NO_SYMMETRY
    const space = new ComponentSpace(model, symmetry)
    const alike = symmetry.orbits.length > 0
    this.reduction = this.options.reduce ? (alike ? 'stubborn+symmetry' : 'stubborn') : alike ? 'symmetry' : 'none'
    if (this.options.reduce) yield* this.reduced(space)
    else yield* this.whole(space)
    return this.conclude()
  }

  private *whole(space: ComponentSpace): Generator<void, void> {
    const orbits = orbitsFor(space.model, space.symmetry, this.watched)
    const canon = new Canon(space, orbits)
    yield* this.search({ space, canon, watched: this.watched, reduction: { k: 'none' } })
  }

  private *reduced(space: ComponentSpace): Generator<void, void> {
    const { model, symmetry } = space
    const relations = new Relations(model)
    const stubborn = new Stubborn(space, relations)
    const leaving = stepRepresentatives(
      model,
      space.footprints.flatMap((f, s) => (f.mayLeave ? [s] : [])),
      symmetry,
    )
    if (leaving.length > 0) {
      const watched = this.watched.filter((w) => w.kind === 'range')
      const question = { alternatives: [], steps: leaving, strict: true }
      const named = new Set(leaving.flatMap((s) => this.variablesOf(s)))
      const canon = new Canon(space, symmetry.orbits, named)
      yield* this.search({ space, canon, watched, reduction: { k: 'question', stubborn, question } })
      if (watched.some((w) => this.found.has(w.index))) {
        this.found.clear()
        this.reduction = symmetry.orbits.length > 0 ? 'symmetry' : 'none'
        return yield* this.whole(space)
      }
    }
    const ends = this.watched.filter((w) => isEnd(w.kind))
    const canon = new Canon(space, orbitsFor(model, symmetry, ends))
    yield* this.search({ space, canon, watched: ends, reduction: { k: 'ends', stubborn } })
    for (const w of this.watched)
      for (const part of partsOf(w, symmetry)) {
        const question = {
          alternatives: part.alternatives.map((list) => list.map((e) => space.condition(e))),
          steps: [],
          strict: w.kind === 'always',
        }
        const own = new Canon(space, symmetry.orbits, part.named)
        yield* this.search({
          space,
          canon: own,
          watched: [part.watched],
          reduction: { k: 'question', stubborn, question },
        })
      }
  }

  private variablesOf(step: number): number[] {
    const s = this.program.model.steps[step]
    const location = this.program.model.agents[s?.agent ?? -1]?.location
    return [...(location === undefined ? [] : [location]), ...(s?.set ?? []).map((a) => a.variable)]
  }

  /** One search to its end; what it found is kept where it is shorter than what was known. */
  private *search(spec: SearchSpec): Generator<void, void> {
    const left = (this.options.maxStates ?? Infinity) - this.done.states
    if (this.stopped || left < 1) {
      this.stopped ??= 'max-states'
      for (const w of spec.watched) this.undecided.add(w.index)
      return
    }
    const search = new Search(spec)
    this.current = search
    const work = search.run(left)
    let ended = false
    while (!ended && !this.stopped) {
      ended = work.next().done === true
      if (ended) break
      yield
      if (search.bytes >= (this.options.maxBytes ?? Infinity)) this.stopped ??= 'max-memory'
    }
    if (search.full) this.stopped ??= 'max-states'
    const cut = search.full || !ended
    this.done = {
      states: this.done.states + search.size,
      transitions: this.done.transitions + search.transitions,
      depth: Math.max(this.done.depth, search.depth),
      endStates: this.done.endStates + (spec.reduction.k === 'question' ? 0 : search.endStates),
      bytes: Math.max(this.done.bytes, search.bytes),
    }
    search.taken.forEach((n, s) => (this.taken[s] = (this.taken[s] ?? 0) + n))
    this.current = undefined
    for (const w of spec.watched) {
      const hit = search.hits.get(w.index)
      if (!hit) {
        if (cut) this.undecided.add(w.index)
        continue
      }
      const states = search.runTo(hit.state)
      const leaves = w.kind === 'range'
      const known = this.found.get(w.index)
      const length = states.length - 1 + (hit.via === undefined ? 0 : 1)
      if (known && known.length <= length) continue
      const last = hit.via === undefined ? undefined : { ids: leaves ? null : (states[0] ?? null) }
      this.found.set(w.index, choicesAlong(this.program, spec.space, spec.canon, states, last))
    }
  }

  private conclude(): Exploration {
    const { done } = this
    const findings = this.program.model.properties.map((p, i): Finding => {
      const choices = this.found.get(i)
      if (choices) return { verdict: p.kind === 'sometimes' ? 'witnessed' : 'violated', choices }
      if (this.undecided.has(i)) return { verdict: 'undecided' }
      return { verdict: p.kind === 'sometimes' ? 'unwitnessed' : 'holds' }
    })
    return {
      complete: this.stopped === undefined,
      ...(this.stopped ? { stopped: this.stopped } : {}),
      reduction: this.reduction,
      states: done.states,
      transitions: done.transitions,
      depth: done.depth,
      endStates: done.endStates,
      bytesPerState: done.bytes / Math.max(1, done.states),
      findings,
      taken: [...this.taken],
    }
  }
}

/** Explore to the end in one go. */
export function explore(program: Program, options: ExploreOptions = {}): Exploration {
  const explorer = new Explorer(program, options)
  explorer.advance(() => false)
  return explorer.result()
}
