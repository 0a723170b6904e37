/** What an exploration is asked, what it says meanwhile, and what it says in the end. */
import type { Verdict } from '../model/model'
import type { Crew } from './crew'

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
  /** A state space of up to so many states is seen whole, before anything is left out of it. */
  readonly small?: number | undefined
  /** Threads that help where every state is looked at and there are many. What is found is the same. */
  readonly crew?: Crew | undefined
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

/** `damaged`: what it was resumed from turned out to contradict the model; nothing is decided. */
export type Stopped = 'max-states' | 'max-memory' | 'cancelled' | 'damaged'
export type ReductionName = 'none' | 'stubborn' | 'symmetry' | 'stubborn+symmetry'

export interface Exploration {
  readonly complete: boolean
  readonly stopped?: Stopped
  readonly reduction: ReductionName
  /** Searches that it took: with reduction each question may be one of its own. */
  readonly searches: number
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
