import { flushPromises } from '@vue/test-utils'
import { nextTick } from 'vue'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { useHost } from '../bridge/host'
import { lateCounterexample, lateView } from '../testing/late'
import { freshWorkbench, mountPanel, openDocument, testId } from '../testing/setup'
import { useDocuments } from '../stores/documents'
import { useRecordings } from '../stores/recordings'
import { REST } from './pages'
import { useRuns } from '../stores/runs'
import { useTimeline } from '../stores/timeline'
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

/** The list asks for its page, then for the names in it, and waits a moment before each: a timer set later ends later. */
async function listed(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await new Promise((done) => setTimeout(done, REST))
    await flushPromises()
  }
}

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

  it('is shown anew in another width, but stays where a hand has left it', async () => {
    show('start')
    const panel = mountPanel(TimelinePanel)
    await listed()
    const timeline = useTimeline()
    const wide = async (width: number): Promise<{ from: number; scale: number }> => {
      timeline.width = width
      await nextTick()
      return { from: timeline.axis?.from ?? NaN, scale: timeline.axis?.scale ?? NaN }
    }
    const narrow = await wide(300)
    expect((await wide(1200)).scale).toBeGreaterThan(narrow.scale)
    expect(await wide(300)).toEqual(narrow)
    timeline.zoom(2)
    const left = await wide(301)
    expect(await wide(280)).toEqual(left)
    timeline.fitAll()
    expect((await wide(1200)).scale).toBeGreaterThan((await wide(300)).scale)
    panel.unmount()
  })

  it('pans and zooms without changing the page around its canvases, and without a question for each frame', async () => {
    const panel = mountPanel(TimelinePanel)
    await useRecordings().open('synthetic.dbrun')
    const timeline = useTimeline()
    timeline.width = 800
    await timeline.selectRow(7)
    timeline.zoom(4)
    await listed()
    const changed: MutationRecord[] = []
    const observer = new MutationObserver((records) => changed.push(...records))
    observer.observe(panel.element as HTMLElement, {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    })
    const asked = vi.spyOn(useHost(), 'call')
    for (let frame = 0; frame < 12; frame++) {
      timeline.pan(1)
      await nextTick()
    }
    observer.disconnect()
    expect(timeline.axis?.from).toBeGreaterThan(0)
    expect(changed.map(({ target }) => (target as HTMLElement).className)).toEqual([])
    expect(asked).not.toHaveBeenCalled()
    panel.unmount()
  })

  it('lists every step in words, marks the current one and shows what orders it', async () => {
    show('start')
    const panel = mountPanel(TimelinePanel)
    await listed()
    const rows = panel.findAll(testId('event'))
    expect(rows).toHaveLength(12)
    await rows[7]!.trigger('click')
    await listed()
    expect(panel.get('.events [aria-current="step"]').text()).toContain('slot write reaches the device')
    expect(useRuns().step).toBe(8)
    expect(panel.get('.events .details').text()).toContain('posted writes stay in order')
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
    await listed()
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

  it('finds events as one types, goes from match to match, and says what is wrong with a search', async () => {
    show('start')
    const panel = mountPanel(TimelinePanel)
    await listed()
    const field = panel.get(testId('timeline-find'))
    await field.setValue('lane:device')
    await field.trigger('keydown', { key: 'Enter' })
    await listed()
    expect(panel.get(testId('timeline-found')).text()).toBe('2')
    expect(useRuns().event?.step).toBe('device.complete')
    await field.trigger('keydown', { key: 'Enter' })
    await listed()
    expect(useRuns().event?.step).toBe('device.send')
    await field.setValue('dur>soon')
    await field.trigger('keydown', { key: 'Enter' })
    await listed()
    expect(panel.get(testId('timeline-found')).text()).toBe('!')
    panel.unmount()
  })

  it('shows a file beside the document’s run, and goes back to that', async () => {
    show('end')
    const panel = mountPanel(TimelinePanel)
    await useRecordings().open('synthetic.dbrun')
    await listed()
    expect(panel.get(testId('timeline-events')).text()).toMatch(/200.000 events/)
    expect(panel.text()).toContain('of the orders that this run broke')
    useRecordings().close('synthetic.dbrun')
    await listed()
    expect(panel.get(testId('step-counter')).text()).toBe('12 / 12')
    panel.unmount()
  })
})
