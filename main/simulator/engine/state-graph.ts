/**
 * The whole state space of a model in arrays, once, for asking what is left of it under added edges. An edge only takes
 * steps away, so the space under any set of edges is a part of this one, and nothing is compiled or interned again.
 *
 * A run that enters a bad state is bad, and so is one that enters a state from which every way on ends badly, whatever
 * edges are added: such a state is `doomed`, and the runs that a repair has to forbid end there, where they are shortest.
 */
import { OUT_OF_RANGE, type Program } from '../model/compile'
import { Numbers } from './open-states'
import { isEnd, isState } from './search'
import { StateStore } from './store'

/** Where a step that leaves a domain leads. */
export const NOWHERE = -1

export interface StateGraph {
  readonly program: Program
  readonly size: number
  /** Transitions of state s: `first[s] … first[s + 1]`. */
  readonly first: Int32Array
  readonly target: Int32Array
  readonly step: Int32Array
  /** What is judged after every step is violated here. */
  readonly bad: Uint8Array
  /** No step is enabled, and what is judged at ends holds. */
  readonly goodEnd: Uint8Array
  readonly doomed: Uint8Array
  /** A step that leaves its domain violates something. */
  readonly strictRange: boolean
  /** Number of the set of `sometimes` that are true in a state; `witnessed[number]` has one entry a property. */
  readonly shown: Int32Array
  readonly witnessed: readonly (readonly boolean[])[]
}

export interface GraphOptions {
  readonly maxStates: number
  /** Stop at the first violation. */
  readonly untilBad?: boolean
}

export type GraphOutcome =
  | { readonly k: 'graph'; readonly graph: StateGraph }
  | { readonly k: 'too-large' }
  /** Only with `untilBad`. */
  | { readonly k: 'bad' }

/** Yields every few hundred states. */
export function* buildGraph(program: Program, options: GraphOptions): Generator<void, GraphOutcome> {
  const { properties } = program.model
  const of = (test: (i: number) => boolean): number[] => [...properties.keys()].filter(test)
  const sometimes = of((i) => properties[i]?.kind === 'sometimes')
  const judged = of((i) => isState(properties[i]?.kind ?? 'range') && properties[i]?.kind !== 'sometimes')
  const ends = of((i) => isEnd(properties[i]?.kind ?? 'range'))
  const strictRange = properties.some((p) => p.kind === 'range')
  const store = new StateStore(program.words)
  const [first, target, step] = [new Numbers(), new Numbers(), new Numbers()]
  const [bad, goodEnd, shown] = [new Numbers(), new Numbers(), new Numbers()]
  const classes = new Map<string, number>()
  const witnessed: (readonly boolean[])[] = []
  let transitions = 0
  let full = false
  const judge = (index: number, state: Uint32Array, offset: number): void => {
    const violated = judged.some(
      (i) => program.test(i, state, offset) === (properties[i]?.kind === 'never' || properties[i]?.kind === 'order'),
    )
    bad.set(index, Number(violated))
    const truths = sometimes.map((i) => program.test(i, state, offset))
    const key = truths.map(Number).join('')
    const known = classes.get(key) ?? witnessed.push(truths) - 1
    classes.set(key, known)
    shown.set(index, known)
  }
  store.insert(program.initial)
  judge(0, program.initial, 0)
  let here = 0
  const state = new Uint32Array(program.words)
  const emit = (s: number, outcome: number): void => {
    step.set(transitions, s)
    if (outcome === OUT_OF_RANGE) {
      target.set(transitions++, NOWHERE)
      return
    }
    const before = store.size
    const index = store.insert(program.next, options.maxStates)
    if (index < 0) full = true
    else if (index === before) judge(index, program.next, 0)
    target.set(transitions++, Math.max(0, index))
  }
  for (; here < store.size; here++) {
    if ((here & 0xff) === 0xff) yield
    first.set(here, transitions)
    state.set(store.segmentOf(here).subarray(store.offsetOf(here), store.offsetOf(here) + program.words))
    program.expand(state, 0, emit)
    if (full) return { k: 'too-large' }
    const from = first.get(here)
    const end = transitions === from
    const good = end && ends.every((i) => program.test(i, state, 0))
    goodEnd.set(here, Number(good))
    if (!options.untilBad) continue
    let wrong = end && !good
    for (let t = from; t < transitions; t++) {
      const to = target.get(t)
      wrong ||= to === NOWHERE ? strictRange : bad.get(to) === 1
    }
    if (wrong) return { k: 'bad' }
  }
  first.set(store.size, transitions)
  const size = store.size
  const arrays = {
    first: first.list(size + 1),
    target: target.list(transitions),
    step: step.list(transitions),
    bad: Uint8Array.from(bad.list(size)),
    goodEnd: Uint8Array.from(goodEnd.list(size)),
  }
  const fine = (to: number): boolean => (to < 0 ? !strictRange : arrays.bad[to] === 0)
  const doomed = doomedOf(size, arrays.first, arrays.target, arrays.goodEnd, fine)
  return { k: 'graph', graph: { program, size, ...arrays, doomed, strictRange, shown: shown.list(size), witnessed } }
}

/**
 * States from which no way on ends well or goes on for ever: those that are not `kept` and have no transition that
 * `counts`, or only such as lead to doomed states. Transitions of state s: `target[first[s] … first[s + 1]]`; a negative
 * target leads out.
 */
export function doomedOf(
  size: number,
  first: Int32Array,
  target: Int32Array,
  kept: Uint8Array,
  counts: (target: number) => boolean,
): Uint8Array {
  const ways = new Int32Array(size)
  const into = new Int32Array(size + 1)
  const each = (visit: (from: number, to: number) => void): void => {
    for (let s = 0; s < size; s++)
      for (let t = first[s] ?? 0; t < (first[s + 1] ?? 0); t++) {
        const to = target[t] ?? NOWHERE
        if (counts(to)) visit(s, to)
      }
  }
  each((from, to) => {
    ways[from] = (ways[from] ?? 0) + 1
    if (to >= 0) into[to + 1] = (into[to + 1] ?? 0) + 1
  })
  for (let s = 0; s < size; s++) into[s + 1] = (into[s + 1] ?? 0) + (into[s] ?? 0)
  const sources = new Int32Array(into[size] ?? 0)
  const at = into.slice()
  each((from, to) => {
    if (to < 0) return
    const place = at[to] ?? 0
    sources[place] = from
    at[to] = place + 1
  })
  const doomed = new Uint8Array(size)
  const open: number[] = []
  const drop = (s: number): void => {
    if (doomed[s] === 1 || ways[s] !== 0 || kept[s] === 1) return
    doomed[s] = 1
    open.push(s)
  }
  for (let s = 0; s < size; s++) drop(s)
  for (let s = open.pop(); s !== undefined; s = open.pop())
    for (let i = into[s] ?? 0; i < (into[s + 1] ?? 0); i++) {
      const from = sources[i] ?? 0
      ways[from] = (ways[from] ?? 0) - 1
      drop(from)
    }
  return doomed
}
