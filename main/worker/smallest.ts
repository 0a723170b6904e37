/**
 * The smallest instance that still fails: the scenario at the least scale at which a property is violated, without the
 * agents that the violation does not need.
 *
 * Scales are gone through from the least sum upwards (of one sum, in the order of the scenario's words), each explored
 * for this property alone, so the first that fails is a smallest one and everything smaller has been shown not to fail.
 * Then, where the property is judged after every step, agents are left out one by one: leaving steps out only takes runs
 * away, so what still fails is a run of the whole. At ends that would not be so (who is missing there leaves work
 * undone), and no agent is left out.
 */
import type { Smallest } from '../../preload/contract'
import { assert } from '../simulator/faults'
import { askedOf, explored } from '../simulator/engine/coverage'
import type { Explorer } from '../simulator/engine/explore'
import { enabledAt, follow, type Path } from '../simulator/engine/path'
import { choiceToken } from '../simulator/engine/token'
import { compile, type Program } from '../simulator/model/compile'
import { FALSE } from '../simulator/model/expr'
import type { Model } from '../simulator/model/model'
import { compileScenario, type CompiledScenario, type ScenarioResource } from '../simulator/scenario/compile'
import type { Scale } from '../simulator/scenario/scale'

export interface Given {
  readonly name: string
  readonly text: string
  readonly resources: readonly ScenarioResource[]
  /** The scale at which it fails, every word of it. */
  readonly scale: Scale
  readonly property: string
  readonly maxStates: number
}

/** Scales that are tried before the search gives up. */
const MAX_SCALES = 1000

export function* smallest(given: Given, stopped: () => boolean): Generator<Explorer, Smallest | null> {
  let proved = true
  let tried = 0
  for (const scale of scalesUpTo(given.scale)) {
    if (stopped() || tried++ >= MAX_SCALES) {
      proved = false
      break
    }
    const c = compileScenario(given.name, given.text, given.resources, scale)
    // A property or an ordering may name an instance that there is not at this scale.
    if (!c.ok) continue
    const run = yield* violated(c.value.model, given, stopped)
    if (run === 'undecided') proved = false
    else if (run) return yield* withoutAgents(c.value, given, run, proved, stopped)
  }
  const c = compileScenario(given.name, given.text, given.resources, given.scale)
  if (!c.ok || stopped()) return null
  const run = yield* violated(c.value.model, given, stopped)
  return run && run !== 'undecided' ? yield* withoutAgents(c.value, given, run, proved, stopped) : null
}

/** Every scale that is not larger in any word, the least sum first; the given one last. */
export function* scalesUpTo(most: Scale): Generator<Scale> {
  const words = Object.keys(most)
  const top = words.reduce((n, w) => n + (most[w] ?? 1), 0)
  function* of(sum: number, at: number): Generator<readonly number[]> {
    if (at === words.length) {
      if (sum === 0) yield []
      return
    }
    const rest = words.length - at - 1
    for (let n = 1; n <= Math.min(most[words[at] ?? ''] ?? 1, sum - rest); n++)
      for (const tail of of(sum - n, at + 1)) yield [n, ...tail]
  }
  for (let sum = words.length; sum <= top; sum++)
    for (const sizes of of(sum, 0)) yield Object.fromEntries(words.map((w, i) => [w, sizes[i] ?? 1]))
}

/** Steps of a shortest run that violates the property; null where there is none. */
function* violated(
  model: Model,
  { property, maxStates }: Given,
  stopped: () => boolean,
): Generator<Explorer, readonly number[] | null | 'undecided'> {
  const properties = model.properties.filter((p) => p.name === property)
  if (properties.length !== 1) return null
  const asked = askedOf(model, properties)
  const e = yield* explored(asked, { reduce: true, symmetry: true, maxStates }, stopped)
  const [finding] = e.findings
  if (finding?.verdict === 'violated' && finding.choices) return pathOf(compile(asked), finding.choices).steps
  return finding?.verdict === 'holds' ? null : 'undecided'
}

function* withoutAgents(
  c: CompiledScenario,
  given: Given,
  found: readonly number[],
  proved: boolean,
  stopped: () => boolean,
): Generator<Explorer, Smallest> {
  const { model } = c
  const kind = model.properties.find((p) => p.name === given.property)?.kind
  let run = found
  let sure = proved
  let out = new Set<number>()
  if (kind === 'never' || kind === 'always' || kind === 'order' || kind === 'range') {
    const needed = (): number[] => [...new Set(run.map((s) => model.steps[s]?.agent ?? -1))].sort((a, b) => a - b)
    const rest = (): Set<number> => new Set(model.agents.flatMap((_, a) => (needed().includes(a) ? [] : [a])))
    out = rest()
    for (const agent of needed()) {
      if (!needed().includes(agent) || stopped()) continue
      const shorter = yield* violated(without(model, new Set([...out, agent])), given, stopped)
      if (shorter === 'undecided') sure = false
      else if (shorter) {
        run = shorter
        out = rest()
      }
    }
  }
  const id = (agents: readonly number[]): string[] => agents.map((a) => model.agents[a]?.id ?? '')
  const path = retaken(compile(model), run)
  return {
    scale: { ...given.scale, ...Object.fromEntries(scaleOf(c)) },
    length: run.length,
    token: choiceToken({ digest: c.digest, scale: c.scale }, path) ?? '',
    agents: id([...model.agents.keys()].filter((a) => !out.has(a))),
    leftOut: id([...out]),
    proved: sure && !stopped(),
  }
}

const scaleOf = (c: CompiledScenario): [string, number][] =>
  c.scale
    .split(',')
    .filter((x) => x !== '')
    .map((x) => [x.split('=')[0] ?? '', Number(x.split('=')[1])])

const without = (model: Model, agents: ReadonlySet<number>): Model => ({
  ...model,
  replicas: [],
  steps: model.steps.map((s) => (agents.has(s.agent) ? { ...s, when: FALSE } : s)),
})

function pathOf(program: Program, choices: readonly number[]): Path {
  const path = follow(program, choices)
  assert(!('at' in path), 'a run that was found can be followed')
  return path
}

/** The run that takes these steps. */
function retaken(program: Program, steps: readonly number[]): Path {
  const choices: number[] = []
  let state = program.initial.slice()
  for (const step of steps) {
    const enabled = enabledAt(program, state)
    const choice = enabled.findIndex((e) => e.step === step)
    const next = enabled[choice]
    assert(next, 'what a part of the model can do, the whole can')
    choices.push(choice)
    state = next.state.slice()
  }
  return pathOf(program, choices)
}
