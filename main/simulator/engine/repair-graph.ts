/**
 * What is left of a state graph under added edges, and whether it is good. Node: a state, and for each edge of which the
 * state does not tell whether its earlier step has been taken, a bit that does.
 */
import type { Program } from '../model/compile'
import { Numbers } from './open-states'
import { buildGraph, doomedOf, NOWHERE, type StateGraph } from './state-graph'

/** What one look at a part of the graph showed. */
export type Look =
  | { readonly k: 'good'; readonly states: number }
  /** No more edges can help: a witness is gone, or every run ends badly. */
  | { readonly k: 'lost' }
  /**
   * `run` has to be forbidden by whatever mends these edges: it is bad, or every way on from its end is bad, or held.
   * `always` has to be forbidden with or without these edges.
   */
  | { readonly k: 'bad'; readonly run: readonly number[]; readonly always?: readonly number[] }
  /** A bound was hit. */
  | { readonly k: 'unknown' }

/** Nodes of one look. */
const MAX_NODES = 1 << 25

/** `after` must wait for `before`: numbers of steps. */
export interface StepOrdering {
  readonly before: readonly number[]
  readonly after: readonly number[]
}

/** Edges as the graph's steps see them. */
interface Laid {
  /** Edges that have a bit in the node, by bit. */
  readonly flagged: readonly number[]
  /** Edges of which the state tells. */
  readonly told: readonly { readonly bit: number; readonly at: Uint8Array }[]
  /** By step: the edges that it has to wait for, and the bits that it sets. */
  readonly waits: Int32Array
  readonly raises: Int32Array
}

/** Nodes by their place in the order in which they were found, and where each transition leads. */
interface Part {
  readonly states: number
  readonly count: number
  readonly stateOf: (place: number) => number
  readonly begin: Numbers
  readonly lead: Int32Array
  readonly steps: Numbers
  /** What was shown of each `sometimes`. */
  readonly seen: ReadonlySet<number>
  readonly always: readonly number[] | undefined
  readonly held: readonly number[] | undefined
}

/** Where a transition leads that leads to no node. */
const FINE_END = -2
const BAD = -3

/** Looks at parts of one graph, in arrays that are used again. */
export class Restricted {
  /** Transitions looked at so far. */
  work = 0
  private stamp = 0
  private visited = new Int32Array(0)
  /** The position of a node in the queue. */
  private places = new Int32Array(0)
  private queue = new Int32Array(0)
  private parents = new Int32Array(0)
  private via = new Int32Array(0)
  private readonly counted: Int32Array
  private readonly whether = new Map<readonly number[], Uint8Array | null>()

  constructor(readonly graph: StateGraph) {
    this.counted = new Int32Array(graph.size)
  }

  /**
   * Whether one of these steps has been taken, where the state says so: 1 for each state in which it has; null where
   * that depends on how the state was reached.
   */
  private doneAt(steps: readonly number[]): Uint8Array | null {
    const known = this.whether.get(steps)
    if (known !== undefined) return known
    const { size, first, target, step } = this.graph
    const sets = new Set(steps)
    // Bit 0: reached before, bit 1: reached after one of them.
    const how = new Uint8Array(size)
    const open = [0]
    how[0] = 1
    for (let code = open.pop(); code !== undefined; code = open.pop()) {
      const s = code >> 1
      for (let t = first[s] ?? 0; t < (first[s + 1] ?? 0); t++) {
        const to = target[t] ?? NOWHERE
        if (to < 0) continue
        const after = (code & 1) === 1 || sets.has(step[t] ?? -1) ? 1 : 0
        if (((how[to] ?? 0) & (1 << after)) !== 0) continue
        how[to] = (how[to] ?? 0) | (1 << after)
        open.push((to << 1) | after)
      }
    }
    this.work += target.length
    const done = how.some((x) => x === 3) ? null : how.map((x) => x >> 1)
    this.whether.set(steps, done)
    return done
  }

  /** With `quick` it ends at the first bad run, otherwise it also finds out whether more edges can help. */
  look(edges: readonly StepOrdering[], quick: boolean): Look {
    if (this.graph.doomed[0] === 1) return { k: 'lost' }
    const laid = this.lay(edges)
    if (!laid) return { k: 'unknown' }
    const part = this.explore(laid, quick)
    if (part.always === undefined && part.held === undefined)
      return this.showAll(part.seen) ? { k: 'good', states: part.states } : { k: 'lost' }
    const run = part.always ?? part.held ?? []
    const always = part.always ? { always: part.always } : {}
    return quick ? { k: 'bad', run, ...always } : this.narrow(part, { k: 'bad', run, ...always })
  }

  /** Every `sometimes` is true in one of these sets of them. */
  private showAll(seen: ReadonlySet<number>): boolean {
    const { witnessed } = this.graph
    return (witnessed[0] ?? []).every((_, i) => [...seen].some((c) => witnessed[c]?.[i] === true))
  }

  private lay(edges: readonly StepOrdering[]): Laid | null {
    const done = edges.map((e) => this.doneAt(e.before))
    const flagged = [...edges.keys()].filter((i) => done[i] === null)
    if (edges.length > 30 || this.graph.size * 2 ** flagged.length > MAX_NODES) return null
    const waits = new Int32Array(this.graph.program.model.steps.length)
    const raises = new Int32Array(waits.length)
    edges.forEach((e, i) => e.after.forEach((s) => (waits[s] = (waits[s] ?? 0) | (1 << i))))
    flagged.forEach((i, b) => edges[i]?.before.forEach((s) => (raises[s] = (raises[s] ?? 0) | (1 << b))))
    const told = [...edges.keys()].flatMap((i) => {
      const at = done[i]
      return at ? [{ bit: 1 << i, at }] : []
    })
    return { flagged, told, waits, raises }
  }

  /** Breadth first: the first bad run is a shortest one. */
  private explore({ flagged, told, waits, raises }: Laid, quick: boolean): Part {
    const { size, first, target, step, bad, doomed, goodEnd, shown, strictRange } = this.graph
    const bits = flagged.length
    this.room(size * 2 ** bits)
    const { visited, places, queue, parents, via, counted } = this
    const stamp = ++this.stamp
    const seen = new Set<number>()
    let states = 0
    let count = 0
    const reach = (node: number, from: number, by: number): number => {
      if (visited[node] === stamp) return places[node] ?? 0
      visited[node] = stamp
      places[node] = count
      queue[count] = node
      parents[count] = from
      via[count] = by
      const s = node >>> bits
      if (counted[s] !== stamp) {
        counted[s] = stamp
        states++
      }
      return count++
    }
    const [begin, lead, steps] = [new Numbers(), new Numbers(), new Numbers()]
    let transitions = 0
    let always: number[] | undefined
    let held: number[] | undefined
    reach(0, 0, -1)
    for (let q = 0; q < count && !(quick && (always ?? held)); q++) {
      const node = queue[q] ?? 0
      const s = node >>> bits
      const flags = node - s * 2 ** bits
      let has = 0
      for (const { bit, at } of told) if (at[s] === 1) has |= bit
      for (let b = 0; b < bits; b++) has |= ((flags >> b) & 1) << (flagged[b] ?? 0)
      begin.set(q, transitions)
      let taken = 0
      for (let t = first[s] ?? 0; t < (first[s + 1] ?? 0); t++) {
        const by = step[t] ?? 0
        if (((waits[by] ?? 0) & ~has) !== 0) continue
        taken++
        const to = target[t] ?? NOWHERE
        let place = FINE_END
        if (to < 0 ? strictRange : bad[to] === 1 || doomed[to] === 1) {
          always ??= [...runTo(parents, via, q), by]
          place = BAD
        } else if (to >= 0) {
          seen.add(shown[to] ?? 0)
          place = reach(to * 2 ** bits + (flags | (raises[by] ?? 0)), q, by)
        }
        lead.set(transitions, place)
        steps.set(transitions++, by)
      }
      this.work += taken + 1
      if (taken === 0 && goodEnd[s] === 0) held ??= runTo(parents, via, q)
    }
    begin.set(count, transitions)
    const stateOf = (place: number): number => (queue[place] ?? 0) >>> bits
    return { states, count, stateOf, begin, lead: lead.list(transitions), steps, seen, always, held }
  }

  /** A bad part: whether anything in it ends well, with every witness; and the shortest run that has left that. */
  private narrow({ count, stateOf, begin, lead, steps }: Part, bad: Look): Look {
    const { goodEnd, shown } = this.graph
    const first = begin.list(count + 1)
    const kept = Uint8Array.from({ length: count }, (_, q) => goodEnd[stateOf(q)] ?? 0)
    const doomed = doomedOf(count, first, lead, kept, (to) => to !== BAD)
    this.work += lead.length
    if (doomed[0] === 1) return { k: 'lost' }
    const seen = new Set<number>()
    const [parents, via] = [new Int32Array(count), new Int32Array(count)]
    const passed = new Uint8Array(count)
    passed[0] = 1
    const open = [0]
    let run: number[] | undefined
    for (const q of open)
      for (let t = first[q] ?? 0; t < (first[q + 1] ?? 0); t++) {
        const to = lead[t] ?? BAD
        if (to === FINE_END) continue
        if (to === BAD || doomed[to] === 1) {
          run ??= [...runTo(parents, via, q), steps.get(t)]
          continue
        }
        seen.add(shown[stateOf(to)] ?? 0)
        if (passed[to] === 1) continue
        passed[to] = 1
        parents[to] = q
        via[to] = steps.get(t)
        open.push(to)
      }
    if (!this.showAll(seen)) return { k: 'lost' }
    return run && bad.k === 'bad' ? { ...bad, run } : bad
  }

  private room(nodes: number): void {
    if (nodes <= this.visited.length) return
    this.visited = new Int32Array(nodes)
    this.places = new Int32Array(nodes)
    this.queue = new Int32Array(nodes)
    this.parents = new Int32Array(nodes)
    this.via = new Int32Array(nodes)
  }
}

/** The steps that led to a place. */
function runTo(parents: Int32Array, via: Int32Array, place: number): number[] {
  const run: number[] = []
  for (let at = place; at > 0; at = parents[at] ?? 0) run.push(via[at] ?? 0)
  return run.reverse()
}

/** Whether a model is good as it is: what a scenario with a step in another place comes to. */
export function* judge(program: Program, maxStates: number): Generator<void, Look> {
  const built = yield* buildGraph(program, { maxStates, untilBad: true })
  if (built.k === 'too-large') return { k: 'unknown' }
  if (built.k === 'bad') return { k: 'bad', run: [] }
  return new Restricted(built.graph).look([], true)
}
