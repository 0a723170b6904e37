/** A host for the window's own tests and previews: answers from fixed data, at once or slowly. Never part of the product. */
import {
  Platform,
  type Coverage,
  type DocumentRef,
  type ExploreResult,
  type RepairResult,
  type ScenarioSummary,
  type WireError,
} from '../../preload/contract'
import { digestOf, type Json } from '../../preload/records'
import type {
  Answer,
  CallName,
  CallOptions,
  Connection,
  EventName,
  EventPayload,
  Host,
  Request,
  Response,
} from '../bridge/host'
import { barePlatform } from '../../main/simulator/platform/edit/bare'
import { writePlatform } from '../../main/simulator/platform/edit/text'
import { checkBoard, editBoard } from '../../main/worker/boards'
import { explainFaultLine, reportDmaPath, reportMsiPath } from '../../main/worker/explaining'
import {
  checkPlan,
  comparePlan,
  planMachine,
  reportAttach,
  reportTypes,
  verdict,
  withPlanned,
} from '../../main/worker/planning'
import { fakeTimeline } from './fake-timeline'
import { lateCounterexample, lateView, lateWitness } from './late'
import { smallPlatform, widePlatform } from './platforms'
import { FAKE_TEXT } from './text'

type Handlers = {
  [K in CallName]: (request: Request<K>, options: CallOptions<K>) => Promise<Response<K>> | Response<K>
}

export class Refusal extends Error {
  constructor(readonly error: WireError) {
    super(error.message)
  }
}
export const refuse = (error: WireError): never => {
  throw new Refusal(error)
}

export interface FakeHost extends Host {
  handlers: Handlers
  /** Files of its workspace, by name. */
  files: Map<string, string>
  journals: Map<string, string[]>
  /** What a kernel was seen to do on any machine that is planned. */
  observed: Parameters<typeof checkPlan>[1]
  calls: { name: CallName; request: unknown }[]
  emit<E extends EventName>(event: E, payload: EventPayload<E>): void
  connection(state: Connection): void
}

const summary = (
  id: string,
  title: string,
  thread: string,
  expected: ScenarioSummary['properties'][number]['expected'][],
  sibling?: string,
): ScenarioSummary => ({
  id,
  title,
  thread,
  covers: ['S4.10'],
  summary: lateView.summary,
  source: lateView.source,
  sibling,
  properties: expected.map((e, i) => ({ name: `p${i}`, kind: e === 'witnessed' ? 'sometimes' : 'never', expected: e })),
})

const IMS = 'IMS for mdev, June 2021'
export const SUMMARIES: ScenarioSummary[] = [
  summary(
    'idxd-no-vsvm',
    'No vSVM, slot write without read-back',
    IMS,
    ['violated', 'witnessed'],
    'idxd-no-vsvm-readback',
  ),
  summary('idxd-no-vsvm-readback', 'No vSVM, slot write read back', IMS, ['holds', 'witnessed'], 'idxd-no-vsvm'),
  summary('idxd-vsvm-first', 'MSIXPERM before request_irq', IMS, ['holds', 'witnessed'], 'idxd-vsvm-late'),
  summary('idxd-vsvm-late', 'MSIXPERM after request_irq', IMS, ['violated', 'witnessed'], 'idxd-vsvm-first'),
  summary(
    'idxd-vsvm-late-dispatch',
    'The same, with DSA’s check at dispatch',
    IMS,
    ['violated', 'violated', 'witnessed'],
    'idxd-vsvm-late',
  ),
]

export function result(scenario: string, broken: boolean): ExploreResult {
  const expected = (i: number): 'violated' | 'holds' | 'witnessed' =>
    i === 0 ? (broken ? 'violated' : 'holds') : i === 1 ? 'witnessed' : 'holds'
  return {
    scenario,
    complete: true,
    states: broken ? 18342 : 15120,
    transitions: 51204,
    depth: 21,
    endStates: 12,
    elapsedMs: 84,
    reduction: 'none',
    bytesPerState: 6.4,
    properties: lateView.properties.map((p, i) => ({
      name: p.name,
      kind: p.kind,
      title: p.title,
      verdict: expected(i),
      expected: expected(i),
      counterexample: i === 0 && broken ? lateCounterexample : undefined,
      critical:
        i === 0 && broken
          ? {
              first: 'device.send',
              second: 'host.reprogram',
              agents: ['device', 'host'],
              scope: 'every-run',
              why: `device.send ran before host.reprogram; with host.reprogram first, no run violates ${p.name}`,
            }
          : undefined,
      witness: i === 1 ? lateWitness : undefined,
    })),
  }
}

const isBroken = (name: string): boolean => !name.includes('first') && !name.includes('readback')

export const COVERAGE = (broken: boolean): Coverage => ({
  graph: 'full',
  steps: lateView.steps.map((s, i) => ({ step: s.id, agent: s.agent, taken: i === 7 ? 0 : 4000 - 211 * i })),
  never: ['link.deliver(1)'],
  undecided: [],
  nobody: [{ before: 'host.reprogram', after: 'device.send', exercised: broken, times: broken ? 412 : 0 }],
})

export const REPAIRS = (scenario: string): RepairResult => ({
  scenario,
  complete: true,
  repairable: true,
  repairs: [
    {
      edges: [{ before: 'guest.msixperm', after: 'guest.submit', agent: 'guest2' }],
      moves: [],
      enforcedBy: 'guest driver',
      proved: true,
      minimal: true,
      cost: 0.182,
    },
    {
      edges: [],
      moves: [{ agent: 'guest', order: ['bind', 'write_msixperm', 'request_irq', 'enable_wq'] }],
      enforcedBy: 'guest driver',
      proved: true,
      minimal: true,
      cost: 0.411,
    },
    {
      edges: [{ before: 'host.reprogram', after: 'device.send', agent: 'device' }],
      moves: [],
      enforcedBy: 'device',
      proved: true,
      minimal: true,
      cost: 0.093,
    },
  ],
  singleEdges: [
    { before: 'guest.msixperm', after: 'guest.submit' },
    { before: 'host.reprogram', after: 'device.send' },
  ],
})

function machineOf(id: Request<'plan.compute'>['platform']): Platform {
  if ('given' in id) return Platform.parse(id.given)
  if ('builtin' in id && id.builtin === 'spr-dsa') return smallPlatform
  return widePlatform('builtin' in id ? id.builtin : id.imported, 12)
}

export function createFakeHost({ slow = false } = {}): FakeHost {
  const listeners = new Map<string, Set<(payload: never) => void>>()
  const connections = new Set<(state: Connection) => void>()
  const documents = new Map<string, string>()
  const journals = new Map<string, string[]>()
  const shelves = { runs: new Map<string, Json>(), layouts: new Map<string, Json>() }
  const fileOf = (ref: DocumentRef): string => ('name' in ref ? ref.name : ref.outside)
  let writer = 0
  const worker = { state: 'ready' as const, restarts: 0 }
  const pause = (ms: number): Promise<void> => (slow ? new Promise((done) => setTimeout(done, ms)) : Promise.resolve())

  const handlers: Handlers = {
    'app.info': () => ({ version: '0.1.0', host: 'served', worker }),
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
    'platform.list': () => ({
      builtin: [
        { id: 'spr-dsa', title: 'Sapphire Rapids with DSA' },
        { id: 'q35-vtd', title: 'q35 with VT-d' },
      ],
      imported: [],
    }),
    'platform.read': (id) => ({ platform: machineOf(id) }),
    'board.draft': (from) => ({
      text: writePlatform('from' in from ? machineOf(from.from) : barePlatform(from.bare, from.name)),
    }),
    'board.check': (board) => checkBoard(board),
    'board.edit': ({ edit, ...board }) => {
      const next = editBoard(board, edit)
      return next.ok ? next.value : refuse(next.error)
    },
    // The planner itself: it is pure, and quicker than a stand-in is written.
    'plan.compute': ({ platform, sriov, guest, ...options }) => {
      const machine = machineOf(platform)
      const asIs = planMachine(machine, options)
      const more = withPlanned(machine, sriov)
      if (!asIs.ok) return refuse(asIs.error)
      if (!more.ok) return refuse(more.error)
      const plan = planMachine(more.value, options)
      if (!plan.ok) return refuse(plan.error)
      const verdicts = plan.value.board.scanOrder.map((fn) => verdict(plan.value, fn))
      return { ...comparePlan(machine, plan.value, guest), verdicts, check: checkPlan(asIs.value, fake.observed) }
    },
    'plan.types': ({ platform, sriov, kernel, cmdline, kdump, device }) => {
      const machine = withPlanned(machineOf(platform), sriov)
      if (!machine.ok) return refuse(machine.error)
      const plan = planMachine(machine.value, { kernel, cmdline, kdump })
      const types = plan.ok ? reportTypes(plan.value, device) : plan
      return types.ok ? types.value : refuse(types.error)
    },
    'plan.attach': ({
      platform,
      sriov,
      kernel,
      cmdline,
      kdump,
      with: more = [],
      bindGroup = 0,
      unsafe = false,
      ...asked
    }) => {
      const machine = withPlanned(machineOf(platform), sriov)
      if (!machine.ok) return refuse(machine.error)
      const plan = planMachine(machine.value, { kernel, cmdline, kdump })
      if (!plan.ok) return refuse(plan.error)
      const ladder = reportAttach(plan.value, { ...asked, kernel, with: more, bindGroup, unsafe })
      return ladder.ok ? ladder.value : refuse(ladder.error)
    },
    'explain.msi': ({ platform, ...asked }) => {
      const path = reportMsiPath(machineOf(platform), { maps: [], unsafe: false, ...asked })
      return path.ok ? path.value : refuse(path.error)
    },
    'explain.dma': ({ platform, ...asked }) => {
      const path = reportDmaPath(machineOf(platform), {
        maps: [],
        unsafe: false,
        write: false,
        request: 'untranslated',
        ...asked,
      })
      return path.ok ? path.value : refuse(path.error)
    },
    'explain.fault': ({ text }) => {
      const line = explainFaultLine(text)
      return line.ok ? line.value : refuse(line.error)
    },
    'upload.begin': ({ name }) => ({ upload: name }),
    'upload.piece': async ({ offset, bytes }) => {
      await pause(80)
      return { received: offset + bytes.length }
    },
    'upload.drop': () => ({}),
    'platform.import': async ({ upload }, { onProgress }) => {
      onProgress?.({ stage: 'reading', done: 1, total: 2 })
      await pause(500)
      if (upload.includes('bad'))
        return refuse({
          code: 'ARCHIVE_TRUNCATED',
          message: 'The archive ends in the middle of a member',
          file: upload,
          offset: 0x1f400,
          hint: 'copy the capture again, and compare its size',
        })
      return {
        imported: upload.replace('.tar.gz', ''),
        kind: 'sysfs',
        platform: widePlatform(upload.replace('.tar.gz', ''), 24),
      }
    },
    'platform.observe': ({ upload }) =>
      upload.includes('bad')
        ? refuse({ code: 'USAGE', message: `${upload} does not say what a kernel did`, file: upload })
        : { groups: fake.observed?.groups.length ?? 0 },
    'platform.importDialog': () => null,
    ...fakeTimeline(refuse),
    'document.list': () => ({ documents: [...documents.keys()].map((name) => ({ name, modified: 0 })) }),
    'document.read': (ref) => {
      const key = fileOf(ref)
      const text = documents.get(key)
      if (text === undefined) return refuse({ code: 'FILE_NOT_FOUND', message: `there is no ${key}` })
      return { name: key, text, where: '' }
    },
    'document.write': ({ ref, text, expects }) => {
      const key = fileOf(ref)
      const there = documents.get(key)
      if (expects !== undefined && there !== undefined && digestOf(there) !== expects)
        return refuse({ code: 'FILE_CHANGED', message: `${key} was changed by somebody else`, file: key })
      documents.set(key, text)
      return { modified: 1 }
    },
    'document.openDialog': () => null,
    'document.saveDialog': () => null,
    'document.asked': () => ({ refs: [] }),
    'document.recent': () => ({
      recent: [...documents.keys()].map((name) => ({ ref: { name }, title: name, where: '' })),
    }),
    'journal.list': () => ({ journals: [...journals.keys()].map((key) => ({ key, modified: 0, held: false })) }),
    'journal.open': ({ key }) => ({ writer: ++writer, lines: [...(journals.get(key) ?? [])], torn: false }),
    'journal.append': ({ key, lines }) => {
      journals.set(key, [...(journals.get(key) ?? []), ...lines])
      return {}
    },
    'journal.reset': ({ key, lines }) => {
      journals.set(key, [...lines])
      return {}
    },
    'journal.drop': ({ key }) => {
      journals.delete(key)
      return {}
    },
    'shelf.list': ({ shelf }) => ({ names: [...shelves[shelf].keys()] }),
    'shelf.read': ({ shelf, name }) => ({ value: shelves[shelf].get(name) ?? null }),
    'shelf.write': ({ shelf, name, value }) => {
      shelves[shelf].set(name, value)
      return { modified: 1 }
    },
    'menu.show': () => ({}),
  }

  const fake: FakeHost = {
    handlers,
    files: documents,
    journals,
    observed: null,
    calls: [],
    async call<K extends CallName>(
      name: K,
      request: Request<K>,
      options: CallOptions<K> = {},
    ): Promise<Answer<Response<K>>> {
      fake.calls.push({ name, request })
      await pause(15)
      try {
        return { ok: true, value: await fake.handlers[name](request, options) }
      } catch (reason) {
        if (reason instanceof Refusal) return { ok: false, error: reason.error }
        throw reason
      }
    },
    on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void) {
      const set = listeners.get(event) ?? new Set()
      listeners.set(event, set.add(listener))
      return () => void set.delete(listener)
    },
    onConnection(listener) {
      connections.add(listener)
      listener('open')
      return () => void connections.delete(listener)
    },
    emit: (event, payload) => listeners.get(event)?.forEach((listener) => listener(payload as never)),
    connection: (state) => connections.forEach((listener) => listener(state)),
  }
  return fake
}
