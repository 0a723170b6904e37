import { describe, expect, it } from 'vitest'
import { lateCounterexample, lateView, lateWitness } from '../../../renderer/testing/late'
import { simulator } from '../../worker/plug'
import { kindAt, labelOf, laneAt, text, type EventStore } from './events'
import { whatIsWrong } from './invariants'
import { racesOf } from './flows-in-view'
import { record } from './record'
import { createBuiltin } from '../../workspace/builtin'
import { readResources } from '../../ipc/resources'
import { openWorkspace } from '../../workspace/workspace'

const recorded = (trace: typeof lateWitness, times?: number[]) =>
  record(
    lateView,
    { steps: trace.events.map((e) => e.step), states: trace.states, ...(times ? { times } : {}) },
    { title: 'late' },
  )
const find = (store: EventStore, kind: string) =>
  [...store.events.time.keys()].filter((row) => kindAt(store, row) === kind)
const stretch = (store: EventStore, row: number) => [
  store.lanes[laneAt(store, row)]?.id,
  store.events.time[row],
  store.events.time[row]! + store.events.duration[row]!,
]

describe('a recorded run', () => {
  it('has a row for each step, in its agent’s lane, with what it changes', () => {
    const { store, rows } = recorded(lateWitness)
    expect(whatIsWrong(store)).toBe(null)
    expect([...rows].map((row) => text(store, store.names.step[store.events.name[row]!]))).toEqual(
      lateWitness.events.map((e) => e.step),
    )
    expect([...rows].map((row) => store.lanes[laneAt(store, row)]?.id)).toEqual(lateWitness.events.map((e) => e.agent))
    expect(store.changes.event.length).toBe(lateWitness.events.reduce((n, e) => n + e.changes.length, 0))
  })

  it('lets a vCPU in a trap stand still until the step that resumes it, or to the end', () => {
    const { store } = recorded(lateWitness)
    const at = (id: string) => lateWitness.events.findIndex((e) => e.step === id)
    expect(find(store, 'stop').map((row) => stretch(store, row))).toContainEqual([
      'guest',
      at('guest.request_irq(1)'),
      at('irqchip.unmask'),
    ])
    const short = recorded({ ...lateWitness, events: lateWitness.events.slice(0, 4) }).store
    expect(find(short, 'stop').map((row) => stretch(short, row))).toContainEqual(['guest', 2, 4])
  })

  it('keeps a posted write in its queue until it is delivered', () => {
    const { store } = recorded(lateWitness)
    const at = (id: string) => lateWitness.events.findIndex((e) => e.step === id)
    expect(find(store, 'flight').map((row) => stretch(store, row))).toEqual([
      ['queue link', at('irqchip.program'), at('link.deliver(1)')],
    ])
  })

  it('has the step that did not come as a row behind the end, and the arrow of nobody that starts there', () => {
    const { store } = recorded(lateCounterexample)
    const [ghost = -1] = find(store, 'missing')
    expect(labelOf(store, ghost)).toBe('not yet: look up g → h, irq_set_auxdata')
    expect(store.events.time[ghost]).toBeGreaterThan(lateCounterexample.events.length - 1)
    const races = racesOf(store)
    expect(races).toHaveLength(1)
    expect(store.flows.from[races[0]!]).toBe(ghost)
    expect(racesOf(recorded(lateWitness).store)).toHaveLength(0)
  })

  it('in time has instants where steps happened, also at the same nanosecond in their order', () => {
    const times = lateWitness.events.map((_, i) => Math.floor(i / 3) * 40)
    const { store, rows } = recorded(lateWitness, times)
    expect(whatIsWrong(store)).toBe(null)
    expect([...rows].map((row) => store.events.time[row])).toEqual(times)
    expect([...rows].map((row) => text(store, store.names.step[store.events.name[row]!]))).toEqual(
      lateWitness.events.map((e) => e.step),
    )
  })

  it('of every built-in scenario holds, and is refused for another text', async () => {
    const workspace = openWorkspace()
    for (const { id, text: source } of (await createBuiltin().scenarios()).slice(0, 40)) {
      const resources = await readResources(simulator.needs(source), workspace)
      const scenario = { name: id, text: source }
      const run = simulator.runSeed(scenario, resources, 7)
      const { view } = simulator.check(scenario, resources)
      if (!run.ok || !view) throw new Error(`${id} does not run`)
      const { events } = run.value.trace
      const told = {
        steps: events.map((e) => e.step),
        times: events.map((e) => e.time ?? 0),
        digest: view.digest,
        origin: { title: id },
      }
      const made = simulator.recordRun(scenario, resources, told)
      expect(made.ok && whatIsWrong(made.value.store), id).toBe(null)
      expect(made.ok && made.value.rows.length).toBe(events.length)
      const other = simulator.recordRun(scenario, resources, { ...told, digest: 'another' })
      expect(other.ok ? '' : other.error.code).toBe('RUN_OTHER_SCENARIO')
    }
  }, 60_000)
})
