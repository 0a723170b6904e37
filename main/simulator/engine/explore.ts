/**
 * Every interleaving, breadth first: the first bad state found is one of the nearest, so its run is a shortest one.
 * Works in slices: `advance` goes on for a while and comes back, so that its thread can report and be cancelled.
 */
import { assert } from '../faults'
import { OUT_OF_RANGE, type Program } from '../model/compile'
import type { Property, Verdict } from '../model/model'
import { choicesTo } from './path'
import { StateStore } from './store'

export interface ExploreLimits {
  readonly maxStates?: number | undefined
  /** Bytes for states and their table. */
  readonly maxBytes?: number | undefined
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

export interface Exploration {
  readonly complete: boolean
  readonly stopped?: Stopped
  readonly states: number
  readonly transitions: number
  readonly depth: number
  readonly endStates: number
  readonly bytesPerState: number
  /** One for each property of the model, in order. */
  readonly findings: readonly Finding[]
}

/** Where a property was decided: at a stored state, or by one more step out of it (which may leave a domain). */
interface Hit {
  readonly state: number
  readonly via?: number
}

export class Explorer {
  private readonly store: StateStore
  private readonly levels: number[] = [0]
  private readonly hits: (Hit | undefined)[]
  private readonly perState: number[]
  private readonly atEnd: number[]
  private readonly onRange: number[]
  private transitions = 0
  private endStates = 0
  private expanded = 0
  private stopped: Stopped | undefined
  private readonly work: Generator<void, Exploration>
  private finished: Exploration | undefined

  constructor(
    private readonly program: Program,
    private readonly limits: ExploreLimits = {},
  ) {
    this.store = new StateStore(program.words)
    const properties = program.model.properties
    this.hits = properties.map(() => undefined)
    const of = (test: (p: Property) => boolean) => properties.flatMap((p, i) => (test(p) ? [i] : []))
    this.perState = of((p) => p.kind === 'never' || p.kind === 'always' || p.kind === 'sometimes' || p.kind === 'order')
    this.atEnd = of((p) => p.kind === 'end' || p.kind === 'complete' || p.kind === 'deadlock')
    this.onRange = of((p) => p.kind === 'range')
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
    return {
      states: this.store.size,
      transitions: this.transitions,
      depth: this.levels.length - 1,
      frontier: this.store.size - this.expanded,
      bytes: this.store.bytes,
    }
  }

  result(): Exploration {
    assert(this.finished, 'the exploration has ended')
    return this.finished
  }

  private *run(): Generator<void, Exploration> {
    const { program, store } = this
    store.insert(program.initial)
    let levelEnd = 1
    let source = 0
    let successors = 0
    const limit = this.limits.maxStates ?? Infinity
    const emit = (_step: number, outcome: number): void => {
      const nth = successors++
      if (outcome === OUT_OF_RANGE) {
        for (const p of this.onRange) this.hits[p] ??= { state: source, via: nth }
        return
      }
      const before = store.size
      const index = store.insert(program.next, limit)
      if (index < 0) this.stopped ??= 'max-states'
      else if (store.size > before) this.judge(program.next, 0, { state: index })
      // The initial state is judged only when a step leads back to it.
      else if (index === 0) this.judge(program.initial, 0, { state: source, via: nth })
    }
    while (this.expanded < store.size) {
      if (this.expanded === levelEnd) {
        this.levels.push(levelEnd)
        levelEnd = store.size
      }
      source = this.expanded
      successors = 0
      program.expand(store.segmentOf(source), store.offsetOf(source), emit)
      this.transitions += successors
      if (successors === 0) this.judgeEnd(source)
      if (this.stopped) break
      this.expanded++
      if ((this.expanded & 0xff) === 0) {
        yield
        if (store.bytes >= (this.limits.maxBytes ?? Infinity)) this.stopped ??= 'max-memory'
        if (this.stopped && this.expanded < store.size) break
      }
    }
    if (this.expanded === store.size) this.stopped = undefined
    if (this.levels[this.levels.length - 1] !== levelEnd && levelEnd < store.size) this.levels.push(levelEnd)
    return yield* this.conclude()
  }

  private judge(state: Uint32Array, offset: number, where: Hit): void {
    for (const p of this.perState) {
      if (this.hits[p]) continue
      if (this.program.test(p, state, offset) !== (this.program.model.properties[p]?.kind === 'always'))
        this.hits[p] = where
    }
  }

  private judgeEnd(index: number): void {
    this.endStates++
    for (const p of this.atEnd) {
      if (!this.hits[p] && !this.program.test(p, this.store.segmentOf(index), this.store.offsetOf(index)))
        this.hits[p] = { state: index }
    }
  }

  private *conclude(): Generator<void, Exploration> {
    const complete = this.stopped === undefined
    const targets = this.hits.flatMap((h) => (h ? [h.state] : []))
    const runs = yield* choicesTo(this.program, this.store, this.levels, targets)
    const findings = this.program.model.properties.map((p, i): Finding => {
      const hit = this.hits[i]
      if (p.kind === 'sometimes' && !hit) return { verdict: complete ? 'unwitnessed' : 'undecided' }
      if (!hit) return { verdict: complete ? 'holds' : 'undecided' }
      const choices = runs.shift() ?? []
      return {
        verdict: p.kind === 'sometimes' ? 'witnessed' : 'violated',
        choices: hit.via === undefined ? choices : [...choices, hit.via],
      }
    })
    const { size } = this.store
    return {
      complete,
      ...(this.stopped ? { stopped: this.stopped } : {}),
      states: size,
      transitions: this.transitions,
      depth: this.levels.length - 1,
      endStates: this.endStates,
      bytesPerState: this.store.bytes / size,
      findings,
    }
  }
}

/** Explore to the end in one go. */
export function explore(program: Program, limits: ExploreLimits = {}): Exploration {
  const explorer = new Explorer(program, limits)
  explorer.advance(() => false)
  return explorer.result()
}
