/**
 * A simulator small enough to see through, for tests of what stands around one: its "scenario" is a line `bits: N`,
 * its states are the N-bit words, its steps set one bit. 2^N states, N·2^(N−1) transitions, depth N.
 */
import type { ExploreResult, Problem, RunResult } from '../../preload/contract'
import { err, fault, ok } from '../../main/simulator/faults'
import type { Exploration, Simulator } from '../../main/worker/simulator'

export const toySimulator: Simulator = {
  scenarioSchema: () => ({ schema: { type: 'object', properties: { bits: { type: 'integer' } } }, own: false }),
  needs: (text) => ({
    platforms: [...text.matchAll(/platform: (\S+)/g)].map(([, id]) => ({ builtin: id ?? '' })),
    blocks: [],
  }),
  summary: ({ name, text }) => {
    const bits = bitsOf(name, text)
    if (!bits.ok) return bits
    return ok({
      id: name,
      title: `${bits.value} bits`,
      thread: '',
      covers: [],
      summary: '',
      source: '',
      properties: [],
    })
  },
  check: ({ name, text }, resources) => {
    const bits = bitsOf(name, text)
    const problems: Problem[] = bits.ok ? [] : [{ ...bits.error, severity: 'error' }]
    for (const { fault: missing } of resources) if (missing) problems.push({ ...missing, severity: 'error' })
    return { problems }
  },
  place: ({ text }, _resources, { under }) => ok(`${text}under: ${under}\n`),
  order: ({ text }) => ok(text),
  beside: () => ok({ trace: { events: [], states: new Int32Array(0), length: 0, token: '' }, left: [] }),
  explore: ({ name, text }, _resources, { maxStates }) => {
    const bits = bitsOf(name, text)
    return bits.ok ? ok(explore(name, bits.value, maxStates ?? Infinity)) : bits
  },
  window: () => err(fault('USAGE', 'the toy has no latencies')),
  exported: () => err(fault('USAGE', 'the toy has no model')),
  runSteps: () => err(fault('USAGE', 'the toy has no steps')),
  recordRun: () => err(fault('USAGE', 'the toy has no runs')),
  repair: () => err(fault('USAGE', 'the toy has no repairs')),
  runSeed: ({ name }, _resources, seed) => ok(run(name, `seed-${seed}`)),
  runReplay: ({ name }, _resources, token) =>
    token.startsWith('seed-') ? ok(run(name, token)) : err(fault('TOKEN_MALFORMED', `${token} is not a token`)),
  stepPoke: ({ name, text }) => ok({ text, mark: `Write ${name}`, choices: [] }),
  stepAt: ({ name }) => ok({ trace: run(name, 'steps').trace, enabled: [], properties: [] }),
}

function bitsOf(name: string, text: string) {
  const bits = /^bits: (\d+)$/m.exec(text)?.[1]
  return bits === undefined
    ? err(fault('SCENARIO_SHAPE', 'no line `bits: N`', { file: name, line: 1, column: 1 }))
    : ok(Number(bits))
}

function run(scenario: string, token: string): RunResult {
  const trace = { length: 0, token, events: [], states: Int32Array.of(0) }
  return { scenario, token, steps: 0, trace, properties: [] }
}

function explore(scenario: string, bits: number, maxStates: number): Exploration {
  const seen = new Uint8Array(2 ** bits)
  const found = new Uint32Array(2 ** bits)
  let size = (seen[0] = 1)
  let expanded = 0
  let transitions = 0
  let stopped: string | undefined
  return {
    advance(until) {
      while (expanded < size && stopped === undefined) {
        const state = found[expanded++] ?? 0
        for (let bit = 0; bit < bits; bit++) {
          const next = state | (1 << bit)
          if (next === state) continue
          transitions++
          if (seen[next]) continue
          if (size >= maxStates) stopped = 'max-states'
          seen[next] = 1
          found[size++] = next
        }
        if ((expanded & 0xff) === 0 && until()) return false
      }
      return true
    },
    cancel: () => void (stopped ??= 'cancelled'),
    checkpoint: () => ({
      about: { engine: 0, scenario, model: '', scale: '', reduce: false, symmetry: false },
      pieces: [],
    }),
    resume: () => fault('CHECKPOINT_OTHER', 'the toy has no checkpoints'),
    progress: () => ({
      stage: 'verdicts',
      states: size,
      transitions,
      depth: 0,
      frontier: size - expanded,
      memoryBytes: seen.byteLength,
    }),
    result: (elapsedMs): ExploreResult => ({
      scenario,
      complete: stopped === undefined,
      stopped,
      searches: 1,
      states: size,
      transitions,
      depth: bits,
      endStates: 1,
      elapsedMs,
      reduction: 'none',
      bytesPerState: 5,
      properties: [
        {
          name: 'top',
          kind: 'sometimes',
          title: 'all bits set',
          verdict: stopped === undefined ? 'witnessed' : 'undecided',
        },
      ],
    }),
  }
}
