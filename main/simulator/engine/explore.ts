/**
 * Every interleaving, as far as it has to be looked at: each property of the model is decided, with a shortest run.
 *
 * Without reduction one search visits every state; with it reduced.ts says which searches there are. Where values leave
 * their domains nothing is reduced, because a run that leaves a domain ends there.
 *
 * Works in slices: `advance` goes on for a while and comes back, so that its thread can report and be cancelled.
 */
import { assert } from '../faults'
import type { Program } from '../model/compile'
import { NO_SYMMETRY, symmetryOf } from '../model/symmetry'
import { Account } from './account'
import { Canon } from './canon'
import { Drive } from './drive'
import type { Exploration, ExploreOptions, Progress, ReductionName } from './exploration'
import { inVain } from './passes'
import { PieceReader, sound, type Piece } from './pieces'
import { orbitsFor, watchedOf } from './questions'
import { Reduced } from './reduced'
import { Replay } from './replay'
import { Retrace, type Retraced } from './retrace'
import type { SearchSpec, Watched } from './search'
import { ComponentSpace } from './space'
import { WholeSearch } from './whole'

export type * from './exploration'

/** So many states are looked at without reduction first: there it decides everything at once. More of them in vain show in the time that a small verdict takes. */
const SMALL = 256

/** Bytes of levels that are kept for runs to what is found; where memory is bounded, none. */
const KEEP = 2 ** 26

export class Explorer {
  private readonly watched: readonly Watched[]
  private readonly account: Account
  private readonly drive: Drive
  private space: ComponentSpace | undefined
  /** One thread is to do it, although there are more. */
  private alone = false
  private reduction: ReductionName = 'none'
  private readonly work: Generator<void, Exploration>
  private finished: Exploration | undefined

  constructor(
    private readonly program: Program,
    private readonly options: ExploreOptions = {},
  ) {
    this.watched = watchedOf(program.model.properties)
    this.account = new Account(program)
    this.drive = new Drive(options, this.account, () => this.space)
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
      if (!this.drive.isResumed) throw x
      this.drive.stopped = 'damaged'
      return { done: true, value: this.conclude() }
    }
  }

  cancel(): void {
    this.drive.cancel()
  }
  progress(): Progress {
    return this.drive.progress()
  }
  /** How far it has come: after `advance`. An exploration that takes this up ends as this one would have. */
  save(): Piece[] {
    return this.drive.save()
  }

  /** Goes on from what `save` gave; before `advance`. False where that does not belong to this program and these options. */
  resume(pieces: readonly Piece[]): boolean {
    const from = new PieceReader(pieces)
    try {
      this.drive.load(from, this.layOut())
      // Up to where the search that was under way has been taken up.
      const r = this.work.next()
      if (r.done) this.finished = r.value
      return from.done
    } catch {
      // Whatever goes wrong here, what was read is the reason.
      return false
    }
  }

  result(): Exploration {
    assert(this.finished, 'the exploration has ended')
    return this.finished
  }

  private layOut(): ComponentSpace {
    const { model } = this.program
    return (this.space ??= new ComponentSpace(model, this.options.symmetry ? symmetryOf(model) : NO_SYMMETRY))
  }

  private *run(): Generator<void, Exploration> {
    const space = this.layOut()
    const alike = space.symmetry.orbits.length > 0
    this.reduction = alike ? 'symmetry' : 'none'
    const { reduce, small = SMALL } = this.options
    if (!(yield* this.whole(space, reduce ? small : Infinity))) {
      this.reduction = alike ? 'stubborn+symmetry' : 'stubborn'
      const reduced = new Reduced(this.program, space, this.watched, this.drive, this.account)
      if (!(yield* reduced.run())) {
        this.reduction = alike ? 'symmetry' : 'none'
        yield* this.whole(space, Infinity)
      }
    }
    return this.conclude()
  }

  /** Every state, if there are no more than `most`; false where there are. */
  private *whole(space: ComponentSpace, most: number): Generator<void, boolean> {
    if (most < 1) return false
    const orbits = orbitsFor(space.model, space.symmetry, this.watched)
    const canon = new Canon(space, orbits)
    if (canon.trivial) {
      const answer = yield* this.flooded(space, canon, most)
      if (answer !== null) return answer
    }
    const spec: SearchSpec = { space, canon, watched: this.watched, reduction: { k: 'none' } }
    const search = yield* this.drive.search(spec, most)
    if (!search.counts) return false
    this.account.endStates = search.endStates
    this.account.keep(spec, search)
    return true
  }

  /** The same on whole numbers; null where the model does not fit into them. */
  private *flooded(space: ComponentSpace, canon: Canon, most: number): Generator<void, boolean | null> {
    const { drive, account } = this
    const known = drive.known()
    if (known) {
      sound(!known.counts, 'a look in vain')
      return known.outgrown ? null : false
    }
    const search = new WholeSearch(space, this.watched, {
      crew: this.alone ? undefined : this.options.crew,
      keep: this.options.maxBytes === undefined ? KEEP : 0,
    })
    const before = drive.mark()
    const counts = yield* drive.through(search, this.watched, most, () => !search.outgrown)
    if (search.shared && (drive.stopped === 'max-states' || drive.stopped === 'max-memory')) {
      // What lies within a bound is a matter of the order in which it is looked at: that of one thread.
      drive.back(before)
      this.alone = true
      this.space = undefined
      return yield* this.flooded(this.layOut(), canon, most)
    }
    if (search.outgrown || !counts) {
      drive.end(inVain(search.outgrown))
      return search.outgrown ? null : false
    }
    account.endStates = search.endStates
    const found = this.watched.filter((w) => search.hits.has(w.index))
    const runs = yield* this.retraced(search, found)
    if (runs === null) {
      drive.back(before, inVain(true))
      return null
    }
    found.forEach((w, i) => {
      const run = runs?.[i]
      if (!run) {
        account.show(w.index)
        return
      }
      const states: (Int32Array | null)[] = [...run.states]
      if (run.further) states.push(w.kind === 'range' ? null : (states[0] ?? null))
      account.find(w.index, new Replay(space).along(canon, states).choices(this.program))
    })
    drive.end()
    return true
  }

  /** Runs to what was found; undefined where it was cancelled, or a bound was hit, before they were there. */
  private *retraced(search: WholeSearch, goals: readonly Watched[]): Generator<void, Retraced[] | null | undefined> {
    const { drive } = this
    const retrace = new Retrace(search)
    const work = retrace.runs(goals)
    drive.beside = retrace
    while (!drive.cancelled) {
      const r = work.next()
      if (r.done) {
        drive.beside = undefined
        return r.value
      }
      yield
      if (!drive.within(search.bytes + retrace.bytes)) break
    }
    work.return(null)
    drive.beside = undefined
    return undefined
  }

  private conclude(): Exploration {
    const { account } = this
    const { stopped } = this.drive
    const { searches, states, transitions, depth, bytes } = account.done
    return {
      complete: stopped === undefined,
      ...(stopped ? { stopped } : {}),
      reduction: this.reduction,
      searches,
      states,
      transitions,
      depth,
      endStates: account.endStates,
      bytesPerState: bytes / Math.max(1, states),
      findings: account.findings(stopped === 'damaged'),
      taken: [...account.taken],
    }
  }
}

/** Explore to the end in one go. */
export function explore(program: Program, options: ExploreOptions = {}): Exploration {
  const explorer = new Explorer(program, options)
  explorer.advance(() => false)
  return explorer.result()
}
