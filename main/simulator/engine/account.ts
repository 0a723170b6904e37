/** What an exploration has gone through and found so far, in all of its searches together. */
import type { Program } from '../model/compile'
import type { Verdict } from '../model/model'
import type { Finding } from './exploration'
import type { Pass } from './passes'
import { Replay } from './replay'
import type { SearchSpec } from './search'

/** Figures of a search. */
export type Figures = Pick<Pass, 'size' | 'transitions' | 'depth' | 'bytes' | 'taken'>

interface Done {
  readonly searches: number
  readonly states: number
  readonly transitions: number
  readonly depth: number
  readonly bytes: number
}

export interface Mark {
  readonly done: Done
  readonly taken: Float64Array
  readonly undecided: readonly number[]
}

export class Account {
  /** Choices of the shortest run that is known, by property. */
  private readonly found = new Map<number, readonly number[]>()
  private readonly undecided = new Set<number>()
  /** Reached, but it was cancelled before the run was found again. */
  private readonly shown = new Set<number>()
  done: Done = { searches: 0, states: 0, transitions: 0, depth: 0, bytes: 0 }
  endStates = 0
  readonly taken: Float64Array

  constructor(private readonly program: Program) {
    this.taken = new Float64Array(program.model.steps.length)
  }

  count({ size, transitions, depth, bytes, taken }: Figures): void {
    const { done } = this
    this.done = {
      searches: done.searches + 1,
      states: done.states + size,
      transitions: done.transitions + transitions,
      depth: Math.max(done.depth, depth),
      bytes: Math.max(done.bytes, bytes),
    }
    taken.forEach((n, s) => (this.taken[s] = (this.taken[s] ?? 0) + n))
  }

  /** What was counted so far, to come back to. */
  mark(): Mark {
    return { done: this.done, taken: this.taken.slice(), undecided: [...this.undecided] }
  }
  back({ done, taken, undecided }: Mark): void {
    this.done = done
    this.taken.set(taken)
    this.undecided.clear()
    for (const index of undecided) this.undecided.add(index)
  }

  leaveOpen(index: number): void {
    this.undecided.add(index)
  }
  show(index: number): void {
    this.shown.add(index)
  }
  find(index: number, choices: readonly number[]): void {
    this.found.set(index, choices)
  }

  /** The runs that a search has found, where they are shorter than what was known. */
  keep({ space, canon, watched }: SearchSpec, search: Pass): void {
    for (const w of watched) {
      const hit = search.hits.get(w.index)
      if (!hit) continue
      const states: (Int32Array | null)[] = search.runTo(hit.state)
      if (hit.via !== undefined) states.push(w.kind === 'range' ? null : (states[0] ?? null))
      const known = this.found.get(w.index)
      if (known && known.length < states.length) continue
      this.find(w.index, new Replay(space).along(canon, states).choices(this.program))
    }
  }

  /** One for each property; `damaged`: nothing is decided. */
  findings(damaged: boolean): Finding[] {
    return this.program.model.properties.map(({ kind }, i) => {
      const reached: Verdict = kind === 'sometimes' ? 'witnessed' : 'violated'
      const choices = this.found.get(i)
      if (damaged) return { verdict: 'undecided' }
      if (choices) return { verdict: reached, choices }
      if (this.shown.has(i)) return { verdict: reached }
      if (this.undecided.has(i)) return { verdict: 'undecided' }
      return { verdict: kind === 'sometimes' ? 'unwitnessed' : 'holds' }
    })
  }
}
