import { nextTick } from 'vue'
import { beforeEach, describe, expect, it } from 'vitest'
import { lateCounterexample, lateView } from '../testing/late'
import { freshWorkbench, mountPanel, openDocument, testId } from '../testing/setup'
import { useDocuments } from '../stores/documents'
import { useRuns } from '../stores/runs'
import TimelinePanel from './TimelinePanel.vue'

let key = ''
beforeEach(async () => {
  freshWorkbench()
  key = await openDocument('idxd-vsvm-late')
})
const show = (at: 'start' | 'end') =>
  useRuns().show(
    {
      key,
      view: lateView,
      trace: lateCounterexample,
      kind: 'counterexample',
      title: 'Counterexample of x',
      property: 'x',
    },
    at,
  )

describe('the timeline', () => {
  it('says what would make a run appear when there is none', () => {
    const panel = mountPanel(TimelinePanel)
    expect(panel.text()).toContain('No run to show')
    panel.unmount()
  })

  it('steps with its buttons and stops at both ends', async () => {
    show('start')
    const panel = mountPanel(TimelinePanel)
    const counter = () => panel.get(testId('step-counter')).text()
    expect(counter()).toBe('0 / 12')
    expect(panel.get(testId('step-prev')).attributes('disabled')).toBeDefined()
    await panel.get(testId('step-next')).trigger('click')
    expect(counter()).toBe('1 / 12')
    useRuns().go(99)
    await nextTick()
    expect(counter()).toBe('12 / 12')
    expect(panel.get(testId('step-next')).attributes('disabled')).toBeDefined()
    panel.unmount()
  })

  it('lists every step in words, marks the current one and shows what it changed', async () => {
    show('start')
    const panel = mountPanel(TimelinePanel)
    const rows = panel.findAll(testId('event'))
    expect(rows).toHaveLength(12)
    await rows[7]!.trigger('click')
    const current = panel.get('.events [aria-current="step"]').text()
    expect(current).toContain('slot write reaches the device')
    expect(current.replace(/\s+/g, ' ')).toContain('IMS[1].PASID none → d')
    panel.unmount()
  })

  it('says in words what nobody enforces, and goes there', async () => {
    show('start')
    const panel = mountPanel(TimelinePanel)
    const race = panel.get(testId('race'))
    expect(race.text()).toContain('Nobody enforces')
    expect(race.text()).toContain('look up g → h, irq_set_auxdata')
    await race.trigger('click')
    expect(useRuns().event?.step).toBe('device.send')
    panel.unmount()
  })

  it('tells in its legend who enforces the arrows, and switches them off and on', async () => {
    show('end')
    const panel = mountPanel(TimelinePanel)
    const nobody = panel.findAll('.legend button').find((b) => b.text() === 'nobody')
    expect(nobody?.attributes('aria-pressed')).toBe('true')
    await nobody!.trigger('click')
    expect(nobody?.attributes('aria-pressed')).toBe('false')
    panel.unmount()
  })

  it('shows the run of the document that is open, each its own', async () => {
    show('end')
    const panel = mountPanel(TimelinePanel)
    await openDocument('idxd-vsvm-first')
    expect(panel.text()).toContain('No run to show')
    useDocuments().activate(key)
    await nextTick()
    expect(panel.get(testId('step-counter')).text()).toBe('12 / 12')
    panel.unmount()
  })
})
