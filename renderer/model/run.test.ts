import { describe, expect, it } from 'vitest'
import { lateCounterexample, lateView, lateWitness } from '../testing/late'
import { edgeInstances, edgesOf, races } from './edges'
import { buildLanes } from './lanes'
import { otherState } from './state'

describe('lanes', () => {
  it('run from guest to device and back to the interrupt', () => {
    expect(buildLanes(lateView).map((l) => l.role)).toEqual([
      'guest',
      'guest',
      'vmm',
      'host',
      'irqchip',
      'fabric',
      'device',
      'interrupt',
    ])
  })

  it('count the steps of the run, and make room for an agent that the view does not know', () => {
    const stranger = { step: 'x.y', agent: 'x', op: 'y', label: 'y', changes: [] }
    const lanes = buildLanes(lateView, { events: [...lateCounterexample.events, stranger] })
    expect(lanes.find((l) => l.agent === 'irqchip')?.events).toBe(2)
    expect(lanes.at(-1)).toMatchObject({ agent: 'x', role: 'other', events: 1 })
  })
})

describe('edges over a run', () => {
  it('know the one that nobody enforces and that the counterexample breaks: the first half never came', () => {
    const found = races(edgeInstances(lateView.edges, lateCounterexample))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({
      state: 'missing',
      from: -1,
      edge: { before: 'host.reprogram', after: 'device.send' },
    })
  })

  it('are all kept in the witness', () => {
    const instances = edgeInstances(lateView.edges, lateWitness)
    expect(instances.every((e) => e.state === 'kept')).toBe(true)
    expect(races(instances)).toEqual([])
  })

  it('are overtaken when the second half came first', () => {
    const swapped = { events: [...lateWitness.events].reverse() }
    expect(races(edgeInstances(lateView.edges, swapped))[0]?.state).toBe('overtaken')
  })

  it('draw those of nobody last, on top', () => {
    const kinds = edgeInstances(lateView.edges, lateWitness).map((e) => e.edge.enforcedBy)
    expect(kinds.lastIndexOf('nobody')).toBe(kinds.length - 1)
  })

  it('belong to the steps that they join', () => {
    const instances = edgeInstances(lateView.edges, lateCounterexample)
    const send = lateCounterexample.events.findIndex((e) => e.step === 'device.send')
    expect(
      edgesOf(instances, send)
        .map((e) => e.edge.enforcedBy)
        .sort(),
    ).toEqual(['device', 'nobody', 'pcie'])
  })
})

describe('state outside of registers', () => {
  it('is grouped by object, with what the step changed', () => {
    const groups = otherState(lateView, lateCounterexample.states, 1)
    expect(groups.find((g) => g.object === 'guest')?.items).toEqual([{ name: 'bound', value: 'true', was: 'false' }])
    expect(groups.some((g) => g.object.startsWith('IMS'))).toBe(false)
  })

  it('leaves out the model’s own bookkeeping', () => {
    const view = { ...lateView, variables: lateView.variables.map((v) => ({ ...v, control: true })) }
    expect(otherState(view, lateCounterexample.states, 1)).toEqual([])
  })
})
