/** Fixed answers of the fake host: scenarios, verdicts, repairs, coverage. */
import type { Coverage, ExploreResult, RepairResult, ScenarioSummary } from '../../preload/contract'
import { lateCounterexample, lateView, lateWitness } from './late'

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
    searches: 3,
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

export const isBroken = (name: string): boolean => !name.includes('first') && !name.includes('readback')

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
