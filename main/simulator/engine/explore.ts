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
import { Relations } from '../model/footprint'
import { Lasting } from '../model/lasting'
import { disjuncts, normal } from '../model/logic'
import { NO_SYMMETRY, symmetryOf } from '../model/symmetry'
import { Canon } from './canon'
import type { Exploration, ExploreOptions, Finding, Progress, ReductionName, Stopped } from './exploration'
import { Landmarks } from './landmarks'
import { inVain, loadPass, passOf, savePass, type Pass } from './passes'
import { numbers, PieceReader, sound, type Piece } from './pieces'
import { orbitsFor, partsOf, watchedOf } from './questions'
import { endParts, endsTogether, type EndPart } from './ends'
import { Replay } from './replay'
import { Retrace, type Retraced } from './retrace'
import { isEnd, isState, Search, type SearchSpec, type Watched } from './search'
import { ComponentSpace } from './space'
import { Stubborn } from './stubborn'
import { WholeSearch } from './whole'

export type * from './exploration'

/** So many states are looked at without reduction first: there it decides everything at once. More of them in vain show in the time that a small verdict takes. */
const SMALL = 256

/** Bytes of levels that are kept for runs to what is found; where memory is bounded, none. */
const KEEP = 2 ** 26

/** A search under way. */
interface Driven {
  readonly size: number
  readonly transitions: number
  readonly depth: number
  readonly expanded: number
  readonly bytes: number
  readonly full: boolean
  readonly taken: Float64Array
  readonly hits: ReadonlyMap<number, unknown>
  run(limit: number): Generator<void, void>
  save(out: Piece[]): void
  load(from: PieceReader): void
}

/** How far an exploration had come: the searches that had ended, and the one under way. */
interface Resumed {
  readonly from: PieceReader
  readonly passes: Pass[]
  partial: boolean
}

export class Explorer {
  private readonly watched: readonly Watched[]
  private readonly found = new Map<number, readonly number[]>()
  private readonly undecided = new Set<number>()
  /** Reached, but it was cancelled before the run was found again. */
  private readonly shown = new Set<number>()
  private done = { states: 0, transitions: 0, depth: 0, bytes: 0 }
  private ends = 0
  private readonly taken: Float64Array
  private current: Driven | undefined
  private space: ComponentSpace | undefined
  /** Searches that have ended, in order; how many configurations were known, and which search was under way, when it stopped. */
  private readonly passes: Pass[] = []
  private held: { readonly met: readonly number[]; readonly search: Driven | undefined } | undefined
  private resumed: Resumed | undefined
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
      const r = this.next()
      if (r.done) this.finished = r.value
      else if (until()) return false
    }
    return true
  }

  private next(): IteratorResult<void, Exploration> {
    try {
      return this.work.next()
    } catch (x) {
      // What was taken up contradicts the model: whoever wrote it did not get it from this explorer.
      if (!this.resumed) throw x
      this.stopped = 'damaged'
      return { done: true, value: this.conclude() }
    }
  }

  cancel(): void {
    this.cancelled = true
    this.stop('cancelled')
  }
  private cancelled = false
  /** One thread is to do it, although there are more. */
  private alone = false

  private stop(why: Stopped): void {
    if (this.stopped) return
    this.stopped = why
    this.held = { met: this.space?.met() ?? [], search: this.current }
  }

  /** How far it has come: after `advance`. An exploration that takes this up ends as this one would have. */
  save(): Piece[] {
    const { met, search } = this.held ?? { met: this.space?.met() ?? [], search: this.current }
    const out: Piece[] = [numbers(this.passes.length, Number(search !== undefined), met.length)]
    if (met.length > 0) this.space?.save(met, out)
    for (const p of this.passes) savePass(p, out)
    search?.save(out)
    return out
  }

  /** Goes on from what `save` gave; before `advance`. False where that does not belong to this program and these options. */
  resume(pieces: readonly Piece[]): boolean {
    const from = new PieceReader(pieces)
    try {
      const [passes = 0, partial, classes = 0] = from.counts(3)
      const space = this.layOut()
      if (classes > 0) {
        sound(classes === space.met().length, 'classes')
        space.load(from)
      }
      this.resumed = {
        from,
        passes: Array.from({ length: passes }, () => loadPass(from, space.size)),
        partial: partial === 1,
      }
      // Up to where the search that was under way has been taken up.
      const r = this.work.next()
      if (r.done) this.finished = r.value
      return from.done
    } catch {
      // Whatever goes wrong here, what was read is the reason.
      return false
    }
  }

  private layOut(): ComponentSpace {
    const { model } = this.program
    return (this.space ??= new ComponentSpace(model, this.options.symmetry ? symmetryOf(model) : NO_SYMMETRY))
  }

  progress(): Progress {
    const { done, current } = this
    return {
      states: done.states + (current?.size ?? 0),
      transitions: done.transitions + (current?.transitions ?? 0),
      depth: Math.max(done.depth, current?.depth ?? 0),
      frontier: (current?.size ?? 0) - (current?.expanded ?? 0),
      bytes: (current?.bytes ?? done.bytes) + (this.beside?.bytes ?? 0),
    }
  }

  result(): Exploration {
    assert(this.finished, 'the exploration has ended')
    return this.finished
  }

  private *run(): Generator<void, Exploration> {
    const space = this.layOut()
    const alike = space.symmetry.orbits.length > 0
    this.reduction = alike ? 'symmetry' : 'none'
    if (!this.options.reduce) yield* this.whole(space)
    else if (!(yield* this.whole(space, this.options.small ?? SMALL))) {
      this.reduction = alike ? 'stubborn+symmetry' : 'stubborn'
      yield* this.reduced(space)
    }
    return this.conclude()
  }

  /** Every state, if there are no more than `most`; false where there are. */
  private *whole(space: ComponentSpace, most = Infinity): Generator<void, boolean> {
    if (most < 1) return false
    const orbits = orbitsFor(space.model, space.symmetry, this.watched)
    const canon = new Canon(space, orbits)
    if (canon.trivial) {
      const answer = yield* this.flooded(space, canon, most)
      if (answer !== null) return answer
    }
    const spec: SearchSpec = { space, canon, watched: this.watched, reduction: { k: 'none' } }
    const search = yield* this.search(spec, most)
    if (!search.counts) return false
    this.ends = search.endStates
    this.keep(spec, search)
    return true
  }

  /** The same on whole numbers; null where the model does not fit into them. */
  private *flooded(space: ComponentSpace, canon: Canon, most: number): Generator<void, boolean | null> {
    const known = this.resumed?.passes.shift()
    if (known) {
      this.passes.push(known)
      sound(!known.counts, 'a look in vain')
      return known.outgrown ? null : false
    }
    const search = new WholeSearch(space, this.watched, {
      crew: this.alone ? undefined : this.options.crew,
      keep: this.options.maxBytes === undefined ? KEEP : 0,
    })
    const { done, stopped } = this
    const forget = (): void => {
      this.done = done
      this.stopped = stopped
      this.held = undefined
      this.current = undefined
      this.taken.fill(0)
      this.undecided.clear()
    }
    const counts = yield* this.drive(search, this.watched, most, () => !search.outgrown)
    if (search.shared && (this.stopped === 'max-states' || this.stopped === 'max-memory')) {
      // What lies within a bound is a matter of the order in which it is looked at: that of one thread.
      forget()
      this.alone = true
      this.space = undefined
      return yield* this.flooded(this.layOut(), canon, most)
    }
    if (search.outgrown || !counts) {
      this.current = undefined
      if (!this.stopped) this.passes.push(inVain(search.outgrown))
      return search.outgrown ? null : false
    }
    this.ends = search.endStates
    const found = this.watched.filter((w) => search.hits.has(w.index))
    const runs = yield* this.retraced(search, found)
    if (runs === null) {
      // As if it had not been looked at this way.
      forget()
      this.passes.push(inVain(true))
      return null
    }
    found.forEach((w, i) => {
      const run = runs?.[i]
      if (!run) {
        this.shown.add(w.index)
        return
      }
      const states: (Int32Array | null)[] = [...run.states]
      if (run.further) states.push(w.kind === 'range' ? null : (states[0] ?? null))
      this.found.set(w.index, new Replay(space).along(canon, states).choices(this.program))
    })
    this.current = undefined
    return true
  }

  /** Runs to what was found; undefined where it was cancelled, or a bound was hit, before they were there. */
  private *retraced(search: WholeSearch, goals: readonly Watched[]): Generator<void, Retraced[] | null | undefined> {
    const retrace = new Retrace(search)
    const work = retrace.runs(goals)
    this.beside = retrace
    while (!this.cancelled) {
      const r = work.next()
      if (r.done) {
        this.beside = undefined
        return r.value
      }
      yield
      if (search.bytes + retrace.bytes >= (this.options.maxBytes ?? Infinity)) {
        this.stop('max-memory')
        break
      }
    }
    work.return(null)
    this.beside = undefined
    return undefined
  }
  /** Memory that the search under way takes besides its own. */
  private beside: { readonly bytes: number } | undefined

  private *reduced(space: ComponentSpace): Generator<void, void> {
    const { model, symmetry } = space
    const relations = new Relations(model)
    const stubborn = new Stubborn(space, relations)
    const landmarks = new Landmarks(space, relations)
    // All of them, also where they are alike: what leaves a domain may need what the others have written before.
    const leaving = space.footprints.flatMap((f, s) => (f.mayLeave ? [s] : []))
    if (leaving.length > 0) {
      const watched = this.watched.filter((w) => w.kind === 'range')
      const question = { alternatives: [], steps: leaving, strict: true }
      const canon = new Canon(space, symmetry.orbits)
      const search = yield* this.search({
        space,
        canon,
        watched,
        reduction: { k: 'question', stubborn, question, landmarks },
      })
      if (search.hits.size > 0) {
        this.reduction = symmetry.orbits.length > 0 ? 'symmetry' : 'none'
        yield* this.whole(space)
        return
      }
    }
    const settled = yield* this.atEnds(space, relations, stubborn)
    for (const w of this.watched)
      for (const part of settled.has(w.index) ? [] : partsOf(w, symmetry)) {
        const question = {
          alternatives: part.alternatives.map((list) => list.map((e) => space.condition(e))),
          steps: [],
          strict: w.kind === 'always',
        }
        const own = new Canon(space, symmetry.orbits, part.named)
        const spec: SearchSpec = {
          space,
          canon: own,
          watched: [part.watched],
          reduction: { k: 'question', stubborn, question, landmarks },
        }
        this.keep(spec, yield* this.search(spec))
      }
  }

  /**
   * Decides what is judged at ends, and what lasts until the end: returns the latter where it never comes true. Where it
   * does, a further search finds the nearest place.
   */
  private *atEnds(
    space: ComponentSpace,
    relations: Relations,
    stubborn: Stubborn,
  ): Generator<void, ReadonlySet<number>> {
    const { model, symmetry } = space
    const lasting = new Lasting(model, relations)
    const ends = this.watched.filter((w) => isEnd(w.kind))
    const last = this.watched.filter(
      (w) => isState(w.kind) && w.kind !== 'always' && disjuncts(normal(w.bad)).every((e) => lasting.lasts(e)),
    )
    const looked = [...ends, ...last.map((w) => ({ ...w, atEnd: true }))]
    const split = endParts(space, looked, lasting.acyclic)
    const look = (part: EndPart): SearchSpec => ({
      space,
      canon: new Canon(space, orbitsFor(model, { ...symmetry, orbits: part.orbits }, part.watched)),
      watched: part.watched,
      reduction: { k: 'ends', stubborn },
      only: part.inside.steps,
    })
    const done: { part: EndPart; spec: SearchSpec; search: Pass }[] = []
    for (const part of split.parts) {
      const spec = look(part)
      done.push({ part, spec, search: yield* this.search(spec) })
    }
    this.ends = endsTogether(done.map(({ part, search }) => ({ copies: part.copies, ends: search.endStates })))
    const reached = new Set(done.flatMap(({ search }) => [...search.hits.keys()]))
    for (const w of ends) {
      if (!reached.has(w.index)) continue
      // The nearest bad end of one module, and the nearest ends of all the others.
      const own = done
        .filter(({ search }) => search.hits.has(w.index))
        .map((d) => ({ ...d, run: d.search.runTo(d.search.hits.get(w.index)?.state ?? 0) }))
        .sort((a, b) => a.run.length - b.run.length)[0]
      if (!own) continue
      const replay = new Replay(space).along(own.spec.canon, own.run, own.part.inside.components)
      for (let m = 0; m < split.modules && !this.stopped; m++) {
        if (m === own.part.module) continue
        const part = split.module(m)
        const known = done.find((d) => d.part.module === m)
        const spec = known?.spec ?? look(part)
        const search = known?.search ?? (yield* this.search(spec))
        replay.along(spec.canon, search.runTo(search.firstEnd), part.inside.components)
      }
      if (!this.stopped) this.found.set(w.index, replay.choices(this.program))
    }
    const cut = this.stopped !== undefined
    return new Set(cut ? [] : last.filter((w) => !reached.has(w.index)).map((w) => w.index))
  }

  /** One search, to its end unless it is stopped; what it leaves open is undecided. */
  private *search(spec: SearchSpec, most = Infinity): Generator<void, Pass> {
    const known = this.resumed?.passes.shift()
    if (known) {
      if (known.counts) this.count(known)
      this.passes.push(known)
      return known
    }
    const search = new Search(spec)
    const counts = yield* this.drive(search, spec.watched, most)
    this.current = undefined
    const pass = counts ? passOf(search) : inVain(false)
    if (!this.stopped) this.passes.push(pass)
    return pass
  }

  /** False where it turned out larger than `most` and nothing of it counts. It stays `current` for whoever asks for runs. */
  private *drive(
    search: Driven,
    watched: readonly Watched[],
    most: number,
    counts: () => boolean = () => true,
  ): Generator<void, boolean> {
    const left = (this.options.maxStates ?? Infinity) - this.done.states
    const { resumed } = this
    if (resumed?.partial) {
      resumed.partial = false
      search.load(resumed.from)
      this.current = search
      yield
    }
    if (!this.stopped) this.current = search
    if (left < 1) this.stop('max-states')
    const work = search.run(Math.min(left, most))
    let ended = false
    while (!this.stopped) {
      ended = work.next().done === true
      if (ended) break
      yield
      if (search.bytes >= (this.options.maxBytes ?? Infinity)) this.stop('max-memory')
    }
    if (!ended) work.return()
    if (!counts()) return false
    // A look at what may be small: nothing of it counts where it is not.
    if (search.full && most < left) return false
    if (search.full) this.stop('max-states')
    this.count(search)
    if (search.full || !ended)
      for (const w of watched) if (!search.hits.has(w.index) || w.atEnd) this.undecided.add(w.index)
    return true
  }

  private count(search: Omit<Pass, 'counts' | 'outgrown' | 'endStates' | 'firstEnd' | 'hits' | 'runTo'>): void {
    this.done = {
      states: this.done.states + search.size,
      transitions: this.done.transitions + search.transitions,
      depth: Math.max(this.done.depth, search.depth),
      bytes: Math.max(this.done.bytes, search.bytes),
    }
    search.taken.forEach((n, s) => (this.taken[s] = (this.taken[s] ?? 0) + n))
  }

  /** The runs that a search has found, where they are shorter than what was known. */
  private keep({ space, canon, watched }: SearchSpec, search: Pass): void {
    for (const w of watched) {
      const hit = search.hits.get(w.index)
      if (!hit) continue
      const states: (Int32Array | null)[] = search.runTo(hit.state)
      if (hit.via !== undefined) states.push(w.kind === 'range' ? null : (states[0] ?? null))
      const known = this.found.get(w.index)
      if (known && known.length < states.length) continue
      this.found.set(w.index, new Replay(space).along(canon, states).choices(this.program))
    }
  }

  private conclude(): Exploration {
    const { done } = this
    const findings = this.program.model.properties.map((p, i): Finding => {
      if (this.stopped === 'damaged') return { verdict: 'undecided' }
      const choices = this.found.get(i)
      if (choices) return { verdict: p.kind === 'sometimes' ? 'witnessed' : 'violated', choices }
      if (this.shown.has(i)) return { verdict: p.kind === 'sometimes' ? 'witnessed' : 'violated' }
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
      endStates: this.ends,
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
