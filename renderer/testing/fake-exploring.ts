/** The fake host's simulator: scenarios, verdicts, runs and steps, from fixed data. */
import { COVERAGE, isBroken, REPAIRS, result, SUMMARIES } from './fake-answers'
import { refuse, type HandlersOf, type Pace } from './fake-handlers'
import { lateCounterexample, lateView, lateWitness } from './late'
import { FAKE_TEXT } from './text'

export function fakeExploring({
  slow,
  pause,
}: Pace): HandlersOf<'scenario' | 'explore' | 'repair' | 'window' | 'run' | 'step'> {
  return {
    'scenario.list': () => ({ scenarios: SUMMARIES }),
    'scenario.schema': () => ({
      schema: {
        type: 'object',
        properties: { doorbell: { const: 1 }, title: { type: 'string', description: 'One line.' } },
      },
      own: false,
    }),
    'scenario.read': ({ id }) => ({
      id,
      text: FAKE_TEXT.replace('TITLE', SUMMARIES.find((s) => s.id === id)?.title ?? id),
    }),
    'scenario.check': ({ name, text }) => {
      const line = text.split('\n').findIndex((l) => l.includes('requst_irq')) + 1
      if (line > 0)
        return {
          problems: [
            {
              code: 'SCENARIO_UNKNOWN_OPERATION',
              message: 'There is no operation “requst_irq” for a guest driver',
              line,
              column: 7,
              hint: 'did you mean request_irq?',
              severity: 'error',
            },
          ],
        }
      const sibling = SUMMARIES.find((s) => s.id === name)?.sibling
      return {
        problems: [],
        view: { ...lateView, title: SUMMARIES.find((s) => s.id === name)?.title ?? lateView.title, sibling },
      }
    },
    'scenario.place': ({ text, under }) => ({ text: text.replace(/under: .*/, `under: ${under}`) }),
    'explore.start': async ({ name }, { signal, onProgress }) => {
      for (let i = 1; i <= (slow ? 24 : 1); i++) {
        await pause(160)
        if (signal?.aborted) return refuse({ code: 'CANCELLED', message: 'cancelled' })
        onProgress?.({
          stage: 'verdicts',
          states: i * 128_400,
          transitions: i * 400_000,
          depth: i,
          frontier: 30_000 - i * 100,
          statesPerSecond: 810_000 + Math.sin(i) * 90_000,
          memoryBytes: i * 3_100_000,
          elapsedMs: i * 160,
        })
      }
      return result(name, isBroken(name))
    },
    'explore.coverage': ({ name }) => COVERAGE(isBroken(name)),
    'explore.smallest': () => ({
      smallest: [
        {
          property: lateView.properties[0]?.name ?? '',
          instance: {
            scale: { vectors: 1, devices: 1 },
            length: 6,
            token: lateCounterexample.token,
            agents: ['guest', 'host', 'device'],
            leftOut: ['guest2'],
            proved: true,
          },
        },
      ],
    }),
    'explore.beside': ({ steps }) => {
      const done = ['host.reprogram', ...steps.filter((s) => s !== 'host.reprogram')]
      const known = new Map([...lateCounterexample.events, ...lateWitness.events].map((e) => [e.step, e]))
      const events = done.flatMap((s) => known.get(s) ?? [])
      return { trace: { ...lateCounterexample, length: events.length, events }, left: [] }
    },
    'scenario.order': ({ text, repair }) => ({
      text: `${text}\norderings:\n${repair.edges.map((e) => `  - { before: ${e.before}, after: ${e.after} }\n`).join('')}`,
    }),
    'repair.start': async ({ name }, { signal, onProgress }) => {
      for (let i = 1; i <= (slow ? 8 : 1); i++) {
        await pause(160)
        if (signal?.aborted) return refuse({ code: 'CANCELLED', message: 'cancelled' })
        onProgress?.({ tried: i * 3, elapsedMs: i * 160 })
      }
      return REPAIRS(name)
    },
    'window.start': ({ name, options }) => ({
      scenario: name,
      seed: options?.seed ?? 1,
      runs: options?.runs ?? 1,
      complete: true,
      cut: 0,
      property: lateView.properties[0]?.name ?? '',
      kind: 'never',
      hits: 1840,
      probability: 0.184,
      interval: [0.1765, 0.1917],
      example: null,
      pair: {
        first: 'host.reprogram',
        then: 'device.send',
        agents: ['host', 'device'],
        separation: 0.97,
      },
      widthNs: { p50: 640, p95: 1710, samples: 1840, open: 0 },
      slackNs: { p5: 90, p50: 1450, samples: 8160 },
      histogram: Array.from({ length: 24 }, (_, i) => ({
        from: (i - 16) * 200,
        to: (i - 15) * 200,
        hits: i >= 16 ? Math.round(500 / (i - 15)) : 0,
        misses: i < 16 ? Math.round(60 * Math.exp(-(((i - 9) / 4) ** 2)) * 16) : 0,
      })),
      sensitivity: [
        { step: 'guest.msixperm', agent: 'guest', latencyNs: [400, 4000], index: 0.61, quickest: 0.02, slowest: 0.44 },
        { step: 'device.complete', agent: 'device', latencyNs: [100, 900], index: 0.17, quickest: 0.31, slowest: 0.08 },
      ],
      properties: [],
    }),
    'run.seed': ({ seed }) => {
      const trace = {
        ...lateWitness,
        events: lateWitness.events.map((e, i) => ({ ...e, time: i * i * 37 + seed * 11 })),
      }
      return { scenario: 'fake', token: trace.token, steps: trace.length, trace, properties: [] }
    },
    'run.replay': ({ token }) =>
      token === lateCounterexample.token
        ? { scenario: 'fake', token, steps: lateCounterexample.length, trace: lateCounterexample, properties: [] }
        : refuse({
            code: 'TOKEN_OTHER_SCENARIO',
            message: 'This token is of another scenario',
            hint: 'open the scenario that it was made from',
          }),
    'step.poke': ({ text, steps, poke }) =>
      poke.value === '0x2a'
        ? {
            text: `${text}# ${poke.register} ${poke.field ?? ''} ${poke.value}\n`,
            mark: `Write ${poke.register}.${poke.field ?? ''} = ${poke.value}`,
            choices: steps.map(() => 0).concat(0),
          }
        : refuse({ code: 'REGISTER_VALUE', message: `the model has no ${poke.value} (70 §3)`, hint: 'values: 0x2a' }),
    'step.at': ({ choices }) => {
      const length = choices.length
      const stride = lateView.variables.length
      const trace = {
        ...lateWitness,
        length,
        events: lateWitness.events.slice(0, length),
        states: lateWitness.states.slice(0, (length + 1) * stride),
      }
      const next = [lateWitness.events[length], lateCounterexample.events[length]].filter((e) => e !== undefined)
      const enabled = next
        .filter((e, i) => next.findIndex((o) => o.step === e.step) === i)
        .map(({ step, agent, op, label }) => ({ step, agent, op, label }))
      return {
        trace,
        enabled,
        properties: lateView.properties
          .slice(0, 2)
          .map((p) => ({ name: p.name, kind: p.kind, verdict: 'undecided' as const })),
      }
    },
  }
}
