/**
 * Searches driven one after the other, within bounds: what stops one stops all. What has ended is kept in short, so that
 * an exploration can be saved in the middle of a search and taken up again.
 */
import type { Account, Figures, Mark } from './account'
import type { ExploreOptions, Progress, Stopped } from './exploration'
import { inVain, loadPass, passOf, savePass, type Pass } from './passes'
import { numbers, sound, type Piece, type PieceReader } from './pieces'
import { Search, type SearchSpec, type Watched } from './search'
import type { ComponentSpace } from './space'

/** A search under way. */
export interface Driven extends Figures {
  readonly expanded: number
  readonly full: boolean
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

export class Drive {
  stopped: Stopped | undefined
  cancelled = false
  /** Takes memory besides the search under way. */
  beside: { readonly bytes: number } | undefined
  private current: Driven | undefined
  /** Searches that have ended, in order. */
  private readonly passes: Pass[] = []
  /** When it stopped: how many configurations were known, and which search was under way. */
  private held: { readonly met: readonly number[]; readonly search: Driven | undefined } | undefined
  private resumed: Resumed | undefined

  constructor(
    private readonly options: ExploreOptions,
    private readonly account: Account,
    /** The space of the search under way, once there is one. */
    private readonly space: () => ComponentSpace | undefined,
  ) {}

  get isResumed(): boolean {
    return this.resumed !== undefined
  }

  stop(why: Stopped): void {
    if (this.stopped) return
    this.stopped = why
    this.held = { met: this.space()?.met() ?? [], search: this.current }
  }
  cancel(): void {
    this.cancelled = true
    this.stop('cancelled')
  }
  /** So many bytes may be: otherwise it stops. */
  within(bytes: number): boolean {
    const within = bytes < (this.options.maxBytes ?? Infinity)
    if (!within) this.stop('max-memory')
    return within
  }

  progress(): Progress {
    const { current } = this
    const { done } = this.account
    return {
      states: done.states + (current?.size ?? 0),
      transitions: done.transitions + (current?.transitions ?? 0),
      depth: Math.max(done.depth, current?.depth ?? 0),
      frontier: (current?.size ?? 0) - (current?.expanded ?? 0),
      bytes: (current?.bytes ?? done.bytes) + (this.beside?.bytes ?? 0),
    }
  }

  save(): Piece[] {
    const { met, search } = this.held ?? { met: this.space()?.met() ?? [], search: this.current }
    const out: Piece[] = [numbers(this.passes.length, Number(search !== undefined), met.length)]
    if (met.length > 0) this.space()?.save(met, out)
    for (const p of this.passes) savePass(p, out)
    search?.save(out)
    return out
  }

  /** What `save` gave, before any search of this space. Throws Damaged. */
  load(from: PieceReader, space: ComponentSpace): void {
    const [passes = 0, partial, classes = 0] = from.counts(3)
    if (classes > 0) {
      sound(classes === space.met().length, 'classes')
      space.load(from)
    }
    this.resumed = {
      from,
      passes: Array.from({ length: passes }, () => loadPass(from, space.size)),
      partial: partial === 1,
    }
  }

  /** The next search is one that had ended before this was saved: what is kept of it. */
  known(): Pass | undefined {
    const known = this.resumed?.passes.shift()
    if (known) this.passes.push(known)
    return known
  }

  /** The search under way has ended. */
  end(pass?: Pass): void {
    this.current = undefined
    if (pass && !this.stopped) this.passes.push(pass)
  }

  /** How far it is, to come back to. */
  mark(): Mark & { readonly stopped: Stopped | undefined } {
    return { ...this.account.mark(), stopped: this.stopped }
  }
  /** As if the search under way had not been: nothing of it counts, and it has stopped nothing. */
  back(to: ReturnType<Drive['mark']>, pass?: Pass): void {
    this.account.back(to)
    this.stopped = to.stopped
    this.held = undefined
    this.end(pass)
  }

  /** One search, to its end unless it is stopped; what it leaves open is undecided. */
  *search(spec: SearchSpec, most = Infinity): Generator<void, Pass> {
    const known = this.known()
    if (known) {
      if (known.counts) this.account.count(known)
      return known
    }
    const search = new Search(spec)
    const counts = yield* this.through(search, spec.watched, most)
    const pass = counts ? passOf(search) : inVain(false)
    this.end(pass)
    return pass
  }

  /** False where it turned out larger than `most` and nothing of it counts. It stays under way for whoever asks for runs. */
  *through(
    search: Driven,
    watched: readonly Watched[],
    most: number,
    counts: () => boolean = () => true,
  ): Generator<void, boolean> {
    const { account, resumed } = this
    const left = (this.options.maxStates ?? Infinity) - account.done.states
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
      this.within(search.bytes)
    }
    if (!ended) work.return()
    if (!counts()) return false
    // A look at what may be small: nothing of it counts where it is not.
    if (search.full && most < left) return false
    if (search.full) this.stop('max-states')
    account.count(search)
    if (search.full || !ended)
      for (const w of watched) if (!search.hits.has(w.index) || w.atEnd) account.leaveOpen(w.index)
    return true
  }
}
