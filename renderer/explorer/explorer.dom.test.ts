import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { refuse, result, type FakeHost } from '../testing/fake-host'
import { freshWorkbench, mountPanel, openDocument, testId } from '../testing/setup'
import { useCatalogue } from '../stores/catalogue'
import { useDocuments } from '../stores/documents'
import { useExploration } from '../stores/exploration'
import { useNotices } from '../stores/notices'
import { useRuns } from '../stores/runs'
import ExplorerPanel from './ExplorerPanel.vue'

let host: FakeHost
beforeEach(() => {
  host = freshWorkbench()
})

describe('the explorer', () => {
  it('says what will be decided before anything was explored', async () => {
    await openDocument('idxd-vsvm-late')
    const panel = mountPanel(ExplorerPanel)
    expect(panel.get(testId('verdict-host-pasid-never-delivered')).text()).toContain('expected: violated')
    panel.unmount()
  })

  it('shows each verdict in words beside what was expected, and opens the counterexample', async () => {
    await openDocument('idxd-vsvm-late')
    const panel = mountPanel(ExplorerPanel)
    await panel.get(testId('explore')).trigger('click')
    await flushPromises()
    const card = panel.get(testId('verdict-host-pasid-never-delivered'))
    expect(card.attributes('data-verdict')).toBe('violated')
    expect(card.text()).toContain('violated')
    expect(card.text()).toContain('as expected')
    expect(panel.get(testId('verdict-guest-pasid-delivered')).text()).toContain('witnessed')
    expect(panel.get(testId('summary')).text()).toContain('all interleavings explored')
    expect(useRuns().run?.property).toBe('host-pasid-never-delivered')

    await panel.get(testId('evidence-guest-pasid-delivered')).trigger('click')
    expect(useRuns().run).toMatchObject({ kind: 'witness', property: 'guest-pasid-delivered' })
    panel.unmount()
  })

  it('says loudly when a verdict is not the expected one', async () => {
    host.handlers['explore.start'] = ({ name }) => {
      const found = result(name, false)
      const [first] = found.properties
      if (first) first.expected = 'violated'
      return found
    }
    await openDocument('idxd-vsvm-late')
    const panel = mountPanel(ExplorerPanel)
    await panel.get(testId('explore')).trigger('click')
    await flushPromises()
    expect(panel.get(testId('verdict-host-pasid-never-delivered')).text()).toContain('expected: violated')
    panel.unmount()
  })

  it('shows progress while exploring, and stops when told to', async () => {
    host.handlers['explore.start'] = (_request, { signal, onProgress }) =>
      new Promise((done) => {
        onProgress?.({
          states: 128400,
          transitions: 1,
          depth: 7,
          frontier: 3,
          statesPerSecond: 810000,
          memoryBytes: 1024,
          elapsedMs: 160,
        })
        signal?.addEventListener('abort', () =>
          done({ ...result('x', true), complete: false, stopped: 'cancelled', properties: [] }),
        )
      })
    await openDocument('idxd-vsvm-late')
    const panel = mountPanel(ExplorerPanel)
    await panel.get(testId('explore')).trigger('click')
    await flushPromises()
    expect(panel.get(testId('progress')).text().replace(/\s/g, '')).toContain('128400')
    await panel.get(testId('cancel')).trigger('click')
    await flushPromises()
    expect(panel.find(testId('progress')).exists()).toBe(false)
    expect(panel.text()).toContain('incomplete: cancelled')
    expect(useNotices().items).toEqual([])
    panel.unmount()
  })

  it('passes the bound on, and marks verdicts of an older text', async () => {
    const key = await openDocument('idxd-vsvm-late')
    useExploration().maxStates = 500
    await useExploration().start()
    expect(host.calls.find((c) => c.name === 'explore.start')?.request).toMatchObject({ options: { maxStates: 500 } })
    const panel = mountPanel(ExplorerPanel)
    useDocuments().edit(key, 'doorbell: 1\n')
    await flushPromises()
    expect(panel.text()).toContain('The text has changed since this was explored')
    panel.unmount()
  })

  it('keeps the document and says what happened when the simulator dies under it', async () => {
    host.handlers['explore.start'] = () => refuse({ code: 'WORKER_DIED', message: 'the worker ended with code 134' })
    const key = await openDocument('idxd-vsvm-late')
    const panel = mountPanel(ExplorerPanel)
    await panel.get(testId('explore')).trigger('click')
    await flushPromises()
    expect(panel.get('[role="alert"]').text()).toContain('The simulator stopped while exploring')
    expect(useDocuments().open.get(key)?.text).toContain('doorbell: 1')
    expect(panel.get(testId('explore')).attributes('disabled')).toBeUndefined()
    panel.unmount()
  })

  it('opens the sibling', async () => {
    await useCatalogue().load()
    await openDocument('idxd-vsvm-late')
    const panel = mountPanel(ExplorerPanel)
    await panel.get(testId('open-sibling')).trigger('click')
    await flushPromises()
    expect(useDocuments().activeKey).toBe('builtin:idxd-vsvm-first')
    panel.unmount()
  })
})
