/**
 * The simulator that the worker and the command line use: scenario texts in, the contract's shapes out.
 * The last scenarios compiled are kept, because a window asks many things about the same text.
 */
import type { PropertyResult, RunResult } from '../../preload/contract'
import { assert, err, fault, FAULT_CODES, ok, type Fault, type Result } from '../simulator/faults'
import { explore } from '../simulator/engine/explore'
import { enabledAt, follow, followIds, type Path } from '../simulator/engine/path'
import { timedRun } from '../simulator/engine/timed'
import { checkToken, choiceToken, parseToken, replayChoices, seedToken, type Token } from '../simulator/engine/token'
import { promela } from '../simulator/model/promela'
import { tla } from '../simulator/model/tla'
import type { Verdict } from '../simulator/model/model'
import { platformJsonSchema } from '../simulator/platform/json-schema'
import { isPlatformText } from '../simulator/platform/schema'
import { compileScenario, isBlock, type ScenarioResource } from '../simulator/scenario/compile'
import { scenarioJsonSchema, schemaOf } from '../simulator/scenario/json-schema'
import { orderInText } from '../simulator/scenario/order'
import { placeInText } from '../simulator/scenario/place'
import { handWrite } from '../simulator/scenario/poke'
import { writeInText } from '../simulator/scenario/poke-text'
import { blockRefs } from '../simulator/scenario/kinds'
import { refOf } from '../simulator/scenario/platforms'
import { readScenario } from '../simulator/scenario/read'
import type { Scale } from '../simulator/scenario/scale'
import { scenarioView } from '../simulator/scenario/view'
import { describe } from '../simulator/trace/describe'
import { record } from '../simulator/trace/record'
import { beside } from './beside'
import { claimWarnings } from './claims'
import { exploring, head, ready, trace, type Ready } from './exploring'
import { repairing } from './repairing'
import { windowing } from './windowing'
import type { Resource, ScenarioText, Simulator } from './simulator'

const kept = new Map<string, Result<Ready, Fault[]>>()
const KEEP = 4
const warned = new WeakMap<Ready, readonly Fault[]>()

function prepare(s: ScenarioText, resources: readonly Resource[], scale: Scale = {}): Result<Ready, Fault[]> {
  const key = JSON.stringify([s.name, s.text, resources, scale])
  const known = kept.get(key)
  if (known) return known
  const c = compileScenario(s.name, s.text, resources.map(asResource), scale)
  const made: Result<Ready, Fault[]> = c.ok ? ok(ready(c.value)) : c
  kept.set(key, made)
  for (const old of kept.keys()) if (kept.size > KEEP) kept.delete(old)
  return made
}

/** Of a text that compiles: what its placement takes for granted, and what it says of its edges that is not so. */
function warningsOf(r: Ready): readonly Fault[] {
  const known = warned.get(r) ?? [...r.c.warnings, ...claimWarnings(r.c)]
  warned.set(r, known)
  return known
}

/** The protocol has codes of its own; what the simulator passes on is a fault of the platform or the block file. */
function asResource(r: Resource): ScenarioResource {
  const known = FAULT_CODES.find((c) => c === r.fault?.code)
  const fault = r.fault && { ...r.fault, code: known ?? ('block' in r ? 'BLOCK_UNKNOWN' : 'PLATFORM_UNKNOWN') }
  return 'block' in r ? { block: r.block, text: r.text, fault } : { ref: r.ref, platform: r.platform, fault }
}

/** The first fault is the one that a command reports; the editor shows them all through `check`. */
function first(s: ScenarioText, faults: readonly Fault[]): { ok: false; error: Fault } {
  const [f = fault('SCENARIO_SHAPE', 'the scenario could not be read')] = faults
  return err({ ...f, file: f.file ?? s.name })
}

/** One run proves neither that something always holds nor that it never happens: those verdicts stay undecided. */
function judgeRun(
  { c, program }: Ready,
  path: Path,
): { name: string; kind: PropertyResult['kind']; verdict: Verdict }[] {
  const last = path.states[path.states.length - 1]
  const ended = last !== undefined && !path.outOfRange && enabledAt(program, last).length === 0
  return c.model.properties.map((p, i) => {
    const after = path.outOfRange ? path.states.slice(1, -1) : path.states.slice(1)
    const some = (value: boolean) => after.some((s) => program.test(i, s, 0) === value)
    let verdict: Verdict = 'undecided'
    if (p.kind === 'sometimes') verdict = some(true) ? 'witnessed' : 'undecided'
    else if ((p.kind === 'never' || p.kind === 'order') && some(true)) verdict = 'violated'
    else if (p.kind === 'always' && some(false)) verdict = 'violated'
    else if ((p.kind === 'end' || p.kind === 'complete' || p.kind === 'deadlock') && ended && !program.test(i, last, 0))
      verdict = 'violated'
    else if (p.kind === 'range' && path.outOfRange) verdict = 'violated'
    return { name: p.name, kind: p.kind, verdict }
  })
}

function runResult(r: Ready, path: Path & { times?: readonly number[] }, token: string): RunResult {
  return {
    scenario: r.c.model.name,
    token,
    steps: path.steps.length,
    trace: trace(r, path, token),
    properties: judgeRun(r, path),
  }
}

function replayProperty(
  r: Ready,
  { property, reduce, symmetry }: Extract<Token, { k: 'property' }>,
  token: string,
): Result<RunResult> {
  const choices = explore(r.program, { reduce, symmetry }).findings[property]?.choices
  const path = choices && follow(r.program, choices)
  if (path && !('at' in path)) return ok(runResult(r, path, token))
  return err(fault('TOKEN_NOT_REPLAYABLE', 'the explorer has no run for the property of this token'))
}

export const simulator: Simulator = {
  scenarioSchema(text, resources) {
    if (text !== undefined && isPlatformText(text)) return { schema: platformJsonSchema(), own: true }
    const own = text === undefined ? null : schemaOf(text, resources.map(asResource).filter(isBlock))
    return { schema: own ?? scenarioJsonSchema(), own: own !== null }
  },

  needs(text) {
    const r = readScenario(text)
    const ref = r.ok ? refOf(r.value.scenario.platform) : null
    return { platforms: ref ? [ref] : [], blocks: r.ok ? blockRefs(r.value.scenario) : [] }
  },

  summary(s) {
    const r = readScenario(s.text)
    if (!r.ok) return first(s, r.error)
    const { scenario } = r.value
    const sections = scenario.litmus?.properties ?? scenario.properties
    return ok({
      id: s.name,
      title: scenario.title,
      thread: scenario.thread,
      covers: scenario.covers,
      summary: scenario.summary.trim(),
      source: scenario.source.trim(),
      ...(scenario.sibling ? { sibling: scenario.sibling } : {}),
      properties: sections.map((p) => {
        const kind =
          (['never', 'always', 'sometimes', 'end', 'order'] as const).find((k) => p[k] !== undefined) ?? 'never'
        return { name: p.name, kind, expected: p.expected ?? (kind === 'sometimes' ? 'witnessed' : 'holds') }
      }),
    })
  },

  check(s, resources, scale) {
    const r = prepare(s, resources, scale)
    if (!r.ok) return { problems: r.error.map((f) => ({ ...f, severity: 'error' as const })) }
    // What the text says of its edges is judged at the text's own scale.
    const own = r.value.c.scale === '' ? r : prepare(s, resources)
    return {
      problems: warningsOf(own.ok ? own.value : r.value).map((f) => ({ ...f, severity: 'warning' as const })),
      view: scenarioView(r.value.c, r.value.program),
    }
  },

  place(s, _resources, where) {
    const r = placeInText(s.text, where)
    return r.ok ? r : err({ ...r.error, file: s.name })
  },

  explore(s, resources, options) {
    const prepared = prepare(s, resources, options.scale ?? {})
    if (!prepared.ok) return first(s, prepared.error)
    const given = { text: s.text, resources: resources.map(asResource) }
    return ok(exploring(s.name, prepared.value, options, given))
  },

  beside(s, resources, asked) {
    const r = beside(s.name, s.text, resources.map(asResource), asked)
    return r.ok ? r : first(s, r.error)
  },

  order(s, repair) {
    const r = orderInText(s.text, repair)
    return r.ok ? r : err({ ...r.error, file: s.name })
  },

  repair(s, resources, options) {
    const r = repairing(s.name, s.text, resources.map(asResource), options)
    return r.ok ? r : first(s, r.error)
  },

  window(s, resources, options) {
    const r = prepare(s, resources, options.scale ?? {})
    return r.ok ? windowing(r.value.c, options) : first(s, r.error)
  },

  exported(s, resources, { language, scale, module }) {
    const r = prepare(s, resources, scale)
    if (!r.ok) return first(s, r.error)
    const { model } = r.value.c
    return ok(language === 'promela' ? { text: promela(model) } : tla(model, module))
  },

  runSteps(s, resources, steps, scale) {
    const r = prepare(s, resources, scale)
    if (!r.ok) return first(s, r.error)
    const { program, c } = r.value
    const choices: number[] = []
    let state = program.initial.slice()
    for (const [i, step] of steps.entries()) {
      const enabled = enabledAt(program, state)
      const choice = enabled.findIndex((e) => e.step === step)
      const taken = enabled[choice]
      if (!taken)
        return err(
          fault('TOKEN_NOT_REPLAYABLE', `step ${i + 1} of the trail, number ${step}, is not enabled there`, {
            hint: 'export the scenario again: the trail belongs to another version of it',
          }),
        )
      choices.push(choice)
      state = taken.state.slice()
    }
    const path = follow(program, choices)
    if ('at' in path) return err(fault('TOKEN_NOT_REPLAYABLE', 'the trail goes on behind a step that leaves a domain'))
    return ok(runResult(r.value, path, choiceToken(head(c), path) ?? ''))
  },

  recordRun(s, resources, { steps, times, digest, scale, origin }) {
    const r = prepare(s, resources, scale)
    if (!r.ok) return first(s, r.error)
    const { program, c } = r.value
    const another = (why: string) =>
      err(
        fault('RUN_OTHER_SCENARIO', `this run belongs to another text of the scenario: ${why}`, {
          hint: 'explore or run again for a run of the present text',
        }),
      )
    if (digest !== undefined && digest !== c.digest) return another('its meaning has changed')
    const path = followIds(program, steps)
    if ('at' in path) return another(`${steps[path.at]} cannot be taken as step ${path.at + 1}`)
    const { states } = describe(program, path)
    const told = { digest: c.digest, ...origin }
    return ok(record(scenarioView(c, program), { steps, states, ...(times ? { times } : {}) }, told))
  },

  runSeed(s, resources, seed, scale) {
    const r = prepare(s, resources, scale)
    if (!r.ok) return first(s, r.error)
    return ok(runResult(r.value, timedRun(r.value.program, seed), seedToken(head(r.value.c), seed)))
  },

  runReplay(s, resources, text) {
    const token = parseToken(text)
    if (!token.ok) return token
    const scale = Object.fromEntries(
      token.value.scale
        .split(',')
        .filter((x) => x)
        .map((x) => [x.split('=')[0] ?? '', Number(x.split('=')[1])]),
    )
    const r = prepare(s, resources, scale)
    if (!r.ok) return first(s, r.error)
    const mine = checkToken(token.value, r.value.c.digest)
    if (!mine.ok) return mine
    if (mine.value.k === 'seed') return ok(runResult(r.value, timedRun(r.value.program, mine.value.seed), text))
    if (mine.value.k === 'property') return replayProperty(r.value, mine.value, text)
    const path = replayChoices(r.value.program, mine.value)
    return path.ok ? ok(runResult(r.value, path.value, text)) : path
  },

  stepPoke(s, resources, steps, poke) {
    const before = prepare(s, resources)
    if (!before.ok) return first(s, before.error)
    const { program, c } = before.value
    const path = followIds(program, steps)
    const state = 'at' in path || path.outOfRange ? undefined : path.states.at(-1)
    if (!state)
      return err(
        fault('RUN_OTHER_SCENARIO', 'the run that is shown is not one of this text, so nothing can be written in it', {
          hint: 'run or step again, and write then',
        }),
      )
    const write = handWrite(c, program.unpack(state), poke)
    if (!write.ok) return write
    const written = writeInText(s.text, write.value, steps)
    if (!written.ok) return err({ ...written.error, file: s.name })
    const { text, step } = written.value
    const after = prepare({ name: s.name, text }, resources)
    if (!after.ok) return first(s, after.error)
    const run = followIds(after.value.program, [...steps, step])
    assert(!('at' in run), 'a write by hand can come at any moment')
    return ok({ text, mark: `Write ${write.value.words}`, choices: [...run.choices] })
  },

  stepAt(s, resources, choices) {
    const r = prepare(s, resources)
    if (!r.ok) return first(s, r.error)
    const path = follow(r.value.program, choices)
    if ('at' in path)
      return err(
        fault(
          'TOKEN_NOT_REPLAYABLE',
          `choice ${choices[path.at]} at step ${path.at + 1}: ${path.enabled} steps are enabled there`,
        ),
      )
    const last = path.states[path.states.length - 1]
    const { model } = r.value.c
    const enabled = path.outOfRange || !last ? [] : enabledAt(r.value.program, last)
    return ok({
      trace: trace(r.value, path, choiceToken(head(r.value.c), path)),
      enabled: enabled.map((e) => {
        const step = model.steps[e.step]
        return {
          step: step?.id ?? '',
          agent: model.agents[step?.agent ?? -1]?.id ?? '',
          op: step?.op ?? '',
          label: step?.label ?? '',
        }
      }),
      properties: judgeRun(r.value, path),
    })
  },
}
