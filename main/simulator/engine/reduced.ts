/**
 * Every property decided by what can show it: end states are looked for in one search for each part of the model, and
 * each property that is judged after every step in searches of its own, because what one question needs is far less than
 * what all need together; the shortest lengths are the same (stubborn.ts says why).
 */
import type { Program } from '../model/compile'
import { Relations } from '../model/footprint'
import { Lasting } from '../model/lasting'
import { disjuncts, normal } from '../model/logic'
import type { Account } from './account'
import { Canon } from './canon'
import type { Drive } from './drive'
import { endParts, endsTogether, type EndPart } from './ends'
import { Landmarks } from './landmarks'
import type { Pass } from './passes'
import { orbitsFor, partsOf } from './questions'
import { Replay } from './replay'
import { isEnd, isState, type SearchSpec, type Watched } from './search'
import type { ComponentSpace } from './space'
import { Stubborn } from './stubborn'

export class Reduced {
  private readonly relations: Relations
  private readonly stubborn: Stubborn
  private readonly landmarks: Landmarks

  constructor(
    private readonly program: Program,
    private readonly space: ComponentSpace,
    private readonly watched: readonly Watched[],
    private readonly drive: Drive,
    private readonly account: Account,
  ) {
    this.relations = new Relations(space.model)
    this.stubborn = new Stubborn(space, this.relations)
    this.landmarks = new Landmarks(space, this.relations)
  }

  /** False where values leave their domains: a run that does ends there, so nothing may be left out. */
  *run(): Generator<void, boolean> {
    const { space, drive, stubborn, landmarks } = this
    const { symmetry } = space
    if (yield* this.leaves()) return false
    const settled = yield* this.atEnds()
    for (const w of this.watched)
      for (const part of settled.has(w.index) ? [] : partsOf(w, symmetry)) {
        const question = {
          alternatives: part.alternatives.map((list) => list.map((e) => space.condition(e))),
          steps: [],
          strict: w.kind === 'always',
        }
        const spec: SearchSpec = {
          space,
          canon: new Canon(space, symmetry.orbits, part.named),
          watched: [part.watched],
          reduction: { k: 'question', stubborn, question, landmarks },
        }
        this.account.keep(spec, yield* drive.search(spec))
      }
    return true
  }

  /** Values may leave their domains, and do. */
  private *leaves(): Generator<void, boolean> {
    const { space, stubborn, landmarks } = this
    // All of them, also where they are alike: what leaves a domain may need what the others have written before.
    const steps = space.footprints.flatMap((f, s) => (f.mayLeave ? [s] : []))
    if (steps.length === 0) return false
    const question = { alternatives: [], steps, strict: true }
    const search = yield* this.drive.search({
      space,
      canon: new Canon(space, space.symmetry.orbits),
      watched: this.watched.filter((w) => w.kind === 'range'),
      reduction: { k: 'question', stubborn, question, landmarks },
    })
    return search.hits.size > 0
  }

  /**
   * Decides what is judged at ends, and what lasts until the end: returns the latter where it never comes true. Where it
   * does, a further search finds the nearest place.
   */
  private *atEnds(): Generator<void, ReadonlySet<number>> {
    const { space, drive, account } = this
    const lasting = new Lasting(space.model, this.relations)
    const ends = this.watched.filter((w) => isEnd(w.kind))
    const last = this.watched.filter(
      (w) => isState(w.kind) && w.kind !== 'always' && disjuncts(normal(w.bad)).every((e) => lasting.lasts(e)),
    )
    const looked = [...ends, ...last.map((w) => ({ ...w, atEnd: true }))]
    const split = endParts(space, looked, lasting.acyclic)
    const done: { part: EndPart; spec: SearchSpec; search: Pass }[] = []
    for (const part of split.parts) {
      const spec = this.atEndsOf(part)
      done.push({ part, spec, search: yield* drive.search(spec) })
    }
    account.endStates = endsTogether(done.map(({ part, search }) => ({ copies: part.copies, ends: search.endStates })))
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
      for (let m = 0; m < split.modules && !drive.stopped; m++) {
        if (m === own.part.module) continue
        const part = split.module(m)
        const known = done.find((d) => d.part.module === m)
        const spec = known?.spec ?? this.atEndsOf(part)
        const search = known?.search ?? (yield* drive.search(spec))
        replay.along(spec.canon, search.runTo(search.firstEnd), part.inside.components)
      }
      if (!drive.stopped) account.find(w.index, replay.choices(this.program))
    }
    const cut = drive.stopped !== undefined
    return new Set(cut ? [] : last.filter((w) => !reached.has(w.index)).map((w) => w.index))
  }

  private atEndsOf(part: EndPart): SearchSpec {
    const { space, stubborn } = this
    const orbits = orbitsFor(space.model, { ...space.symmetry, orbits: part.orbits }, part.watched)
    return {
      space,
      canon: new Canon(space, orbits),
      watched: part.watched,
      reduction: { k: 'ends', stubborn },
      only: part.inside.steps,
    }
  }
}
