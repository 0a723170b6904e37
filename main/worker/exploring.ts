/**
 * An exploration of a compiled scenario, in the contract's shapes. Needs the engine and nothing that reads scenarios: a
 * cold `doorbell explore` loads this and little else.
 */
import type { ExploreOptions, ExploreResult, PropertyResult, Trace } from '../../preload/contract'
import { Explorer, type Exploration as Explored } from '../simulator/engine/explore'
import { follow, type Path } from '../simulator/engine/path'
import { choiceToken, propertyToken } from '../simulator/engine/token'
import { compile, type Program } from '../simulator/model/compile'
import type { CompiledScenario } from '../simulator/scenario/compiled'
import { describe } from '../simulator/trace/describe'
import { aboutOf, damaged, otherwise } from './checkpoint'
import type { Exploration, Further, ScenarioSource } from './simulator'
import { Threads } from './threads'

export interface Ready {
  readonly c: CompiledScenario
  readonly program: Program
}

export const ready = (c: CompiledScenario): Ready => ({ c, program: compile(c.model) })

export function trace({ program }: Ready, path: Path & { times?: readonly number[] }, token: string | null): Trace {
  return { ...describe(program, path), token: token ?? '' }
}

/** What begins a replay token. */
export const head = (c: CompiledScenario) => ({ digest: c.digest, scale: c.scale })

function propertyResults(r: Ready, explored: Explored, how: How): PropertyResult[] {
  return r.c.model.properties.map((p, i) => {
    const f = explored.findings[i]
    const path = f?.choices ? follow(r.program, f.choices) : undefined
    const shown =
      path && !('at' in path)
        ? trace(r, path, choiceToken(head(r.c), path) ?? propertyToken(head(r.c), i, how))
        : undefined
    return {
      name: p.name,
      kind: p.kind,
      title: p.title,
      verdict: f?.verdict ?? 'undecided',
      ...(p.expected ? { expected: p.expected } : {}),
      ...(shown ? (p.kind === 'sometimes' ? { witness: shown } : { counterexample: shown }) : {}),
    }
  })
}

/** What is left out of the interleavings. */
interface How {
  readonly reduce: boolean
  readonly symmetry: boolean
}

/** `source`: where the scenario's text is at hand, for what has to compile it at another scale. */
export function exploring(name: string, r: Ready, options: ExploreOptions, source?: ScenarioSource): Exploration {
  const how: How = { reduce: options.reduce ?? true, symmetry: options.symmetry ?? true }
  const explorer = new Explorer(r.program, {
    maxStates: options.maxStates,
    maxBytes: options.maxMemory === undefined ? undefined : options.maxMemory * 1024 * 1024,
    crew: options.workers !== undefined && options.workers > 1 ? new Threads(options.workers - 1) : undefined,
    ...how,
  })
  return {
    checkpoint: () => ({ about: aboutOf(r, how), pieces: explorer.save() }),
    resume: ({ about, pieces }) =>
      otherwise(about, aboutOf(r, how)) ??
      (explorer.resume(pieces) ? null : damaged('its contents do not belong together')),
    advance: (until) => explorer.advance(until),
    cancel: () => explorer.cancel(),
    progress: () => {
      const p = explorer.progress()
      return {
        stage: 'verdicts',
        states: p.states,
        transitions: p.transitions,
        depth: p.depth,
        frontier: p.frontier,
        memoryBytes: p.bytes,
      }
    },
    result: (elapsedMs): ExploreResult => {
      const e = explorer.result()
      return {
        scenario: name,
        complete: e.complete,
        ...(e.stopped ? { stopped: e.stopped } : {}),
        searches: e.searches,
        states: e.states,
        transitions: e.transitions,
        depth: e.depth,
        endStates: e.endStates,
        elapsedMs,
        reduction: e.reduction,
        bytesPerState: e.bytesPerState,
        properties: propertyResults(r, e, how),
      }
    },
    further: (result) => further(r, options, source, explorer.result(), result),
  }
}

/** What else there is to say; loaded only where there is something. */
async function further(
  r: Ready,
  options: ExploreOptions,
  source: ScenarioSource | undefined,
  explored: Explored,
  result: ExploreResult,
): Promise<Further | null> {
  if (explored.stopped === 'cancelled') return null
  const violated = explored.findings.some((f) => f.verdict === 'violated')
  const decide = violated && options.critical !== false
  const minimise = violated && options.minimise === true && source !== undefined
  if (!decide && !minimise && !options.coverage) return null
  const { insight } = await import('./insight')
  const smaller = minimise ? { source, smallest: (await import('./smallest')).smallest } : null
  return insight(r, { options, decide }, explored, result, smaller)
}
