import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import {
  CheckResult,
  ExploreResult,
  Platform,
  RunResult,
  ScenarioSummary,
  StepResult,
  type ExploreOptions,
} from '../../preload/contract'
import { simulator } from './plug'
import type { Resource } from './simulator'

const root = join(import.meta.dirname, '../../resources')
const resources: Resource[] = [
  {
    ref: { builtin: 'spr-dsa' },
    platform: Platform.parse(parse(readFileSync(join(root, 'platforms/spr-dsa.yaml'), 'utf8'))),
  },
]
const scenario = (id: string) => ({ name: id, text: readFileSync(join(root, `scenarios/2021-ims/${id}.yaml`), 'utf8') })

function explore(id: string, options: ExploreOptions = {}) {
  const e = simulator.explore(scenario(id), resources, options)
  if (!e.ok) throw new Error(e.error.message)
  while (!e.value.advance(() => false));
  return ExploreResult.parse(e.value.result(1))
}

describe('the simulator behind the contract', () => {
  it('answers in the shapes of the contract', () => {
    const late = scenario('idxd-vsvm-late')
    expect(CheckResult.parse(simulator.check(late, resources)).view?.devices[0]?.under).toBe('0000:6a:01.0')
    const summary = simulator.summary(late)
    expect(ScenarioSummary.parse(summary.ok ? summary.value : null).properties[0]).toEqual({
      name: 'host-pasid',
      kind: 'never',
      expected: 'violated',
    })
    const run = simulator.runSeed(late, resources, 7)
    expect(RunResult.parse(run.ok ? run.value : null).trace.length).toBeGreaterThan(10)
    const step = simulator.stepAt(late, resources, [0, 0])
    expect(StepResult.parse(step.ok ? step.value : null).trace.length).toBe(2)
  })

  it('replays a counterexample from its token, state by state', () => {
    const found = explore('idxd-vsvm-late').properties.find((p) => p.name === 'host-pasid')?.counterexample
    const again = simulator.runReplay(scenario('idxd-vsvm-late'), resources, found?.token ?? '')
    expect(again.ok && again.value.trace).toEqual(found)
    expect(again.ok && again.value.properties.find((p) => p.name === 'host-pasid')?.verdict).toBe('violated')
  })

  it('replays a seeded run with its times, and a scaled counterexample at its scale', () => {
    const run = simulator.runSeed(scenario('idxd-vsvm-late'), resources, 99)
    const again = simulator.runReplay(scenario('idxd-vsvm-late'), resources, run.ok ? run.value.token : '')
    expect(again).toEqual(run)
    const scaled = explore('idxd-vsvm-scaled', { scale: { vectors: 2 } }).properties.find(
      (p) => p.name === 'host-pasid',
    )?.counterexample
    const rerun = simulator.runReplay(scenario('idxd-vsvm-scaled'), resources, scaled?.token ?? '')
    expect(rerun.ok && rerun.value.trace).toEqual(scaled)
  }, 60_000)

  it('refuses a token when the meaning of the scenario has changed, not when its title has', () => {
    const late = scenario('idxd-vsvm-late')
    const token = explore('idxd-vsvm-late').properties[0]?.counterexample?.token ?? ''
    const retitled = {
      ...late,
      text: late.text
        .replace('title: MSIXPERM', 'title: Permission')
        .replace('doorbell: 1', '# a comment\ndoorbell: 1'),
    }
    expect(simulator.runReplay(retitled, resources, token).ok).toBe(true)
    const changed = { ...late, text: late.text.replace('check: send', 'check: none') }
    expect(simulator.runReplay(changed, resources, token)).toMatchObject({
      ok: false,
      error: { code: 'TOKEN_OTHER_SCENARIO' },
    })
  })

  it('offers by hand exactly what the explorer would try, and says where a choice is impossible', () => {
    const late = scenario('idxd-vsvm-late')
    const at = simulator.stepAt(late, resources, [])
    expect(at.ok && at.value.enabled.map((e) => e.step)).toEqual(['B1'])
    expect(simulator.stepAt(late, resources, [5])).toMatchObject({ ok: false, error: { code: 'TOKEN_NOT_REPLAYABLE' } })
  })

  it('says undecided when a bound is hit', () => {
    const r = explore('idxd-vsvm-first', { maxStates: 50 })
    expect(r).toMatchObject({ complete: false, stopped: 'max-states', states: 50 })
    expect(r.properties.find((p) => p.name === 'host-pasid')?.verdict).toBe('undecided')
  })

  it('names the file, the line and the cure of a fault', () => {
    const late = scenario('idxd-vsvm-late')
    const bad = { name: 'mine.yaml', text: late.text.replace('sets.bind', 'sets.bnid') }
    expect(simulator.explore(bad, resources, {})).toMatchObject({
      ok: false,
      error: { code: 'SCENARIO_UNKNOWN_OPERATION', file: 'mine.yaml', line: 42, hint: 'did you mean sets.bind?' },
    })
    expect(simulator.check(bad, resources)).toMatchObject({ problems: [{ severity: 'error', line: 42 }] })
  })
})
