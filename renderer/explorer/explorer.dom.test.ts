import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { lateCounterexample } from '../testing/late'
import { result } from '../testing/fake-answers'
import { refuse } from '../testing/fake-handlers'
import type { FakeHost } from '../testing/fake-host'
import { freshWorkbench, mountPanel, openDocument, testId } from '../testing/setup'
import { useCatalogue } from '../stores/catalogue'
import { useDocuments } from '../stores/documents'
import { useExploration } from '../stores/exploration'
import { useNotices } from '../stores/notices'
import { useRuns } from '../stores/runs'
import { runCommand } from '../commands/table'
import { useQuestions } from '../stores/questions'
import BesidePanel from './BesidePanel.vue'
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
          stage: 'verdicts',
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

describe('what lies behind a verdict', () => {
  const explored = async (): Promise<ReturnType<typeof mountPanel>> => {
    await openDocument('idxd-vsvm-late')
    const panel = mountPanel(ExplorerPanel)
    await panel.get(testId('explore')).trigger('click')
    await flushPromises()
    return panel
  }

  it('marks the order that decided the counterexample, and goes to it in the run', async () => {
    const panel = await explored()
    const pair = panel.get(testId('critical'))
    expect(pair.text()).toContain('came before')
    expect(pair.text()).toContain('no run violates it')
    await pair.get('button').trigger('click')
    const { run, step } = useRuns()
    expect(run?.trace.events[step - 1]?.step).toBe('device.send')
    panel.unmount()
  })

  it('says first which edges nobody enforces and some run breaks, then which steps no run takes', async () => {
    const panel = await explored()
    expect(host.calls.some((c) => c.name === 'explore.coverage')).toBe(false)
    await runCommand('explore.coverage')
    await flushPromises()
    expect(panel.get(testId('section-coverage')).attributes('aria-selected')).toBe('true')
    const coverage = panel.get(testId('coverage'))
    expect(coverage.text()).toContain('broken in some run')
    expect(coverage.text()).toContain('412 transitions')
    expect(coverage.get(testId('never-taken')).text()).toContain('link.deliver(1)')
    // Then the rarest of those that are taken.
    expect(coverage.find('tbody').text()).not.toContain('link.deliver(1)')
    const counts = coverage.findAll('tbody td.n').map((n) => Number(n.text().replace(/\D/g, '')))
    expect(counts).toEqual([...counts].sort((a, b) => a - b))
    panel.unmount()
  })

  it('finds repairs when asked, writes one into the text with one click and explores again', async () => {
    const panel = await explored()
    await panel.get(testId('find-repairs')).trigger('click')
    await flushPromises()
    expect(panel.get(testId('repairs')).text()).toContain('guest driver')
    await panel.get(testId('apply-repair-0')).trigger('click')
    await flushPromises()
    expect(useDocuments().active?.text).toContain('before: guest.msixperm, after: guest.submit')
    expect(host.calls.filter((c) => c.name === 'explore.start')).toHaveLength(2)
    // What was found for the text before is not offered for this one.
    expect(panel.find(testId('apply-repair-0')).exists()).toBe(false)
    panel.unmount()
  })

  it('goes to the right section by command, and counts as soon as one looks where exploring took no time', async () => {
    const panel = await explored()
    for (const [command, section] of [
      ['explore.repairs', 'repairs'],
      ['explore.window', 'window'],
      ['explore.section.coverage', 'coverage'],
      ['explore.section.verdicts', 'verdicts'],
    ] as const) {
      await runCommand(command)
      await flushPromises()
      expect(panel.get(testId(`section-${section}`)).attributes('aria-selected')).toBe('true')
    }
    expect(host.calls.filter((c) => c.name === 'explore.coverage')).toHaveLength(1)
    expect(panel.get(testId('section-repairs')).text()).toContain('3')
    panel.unmount()
  })

  it('offers the smallest instance, and shows its run at its own scale', async () => {
    const panel = await explored()
    await panel.get(testId('find-smallest')).trigger('click')
    await flushPromises()
    expect(panel.get(testId('smallest')).text()).toContain('6 steps at vectors=1, devices=1, 3 agents, without guest2')
    await panel.get(testId('show-smallest')).trigger('click')
    await flushPromises()
    expect(host.calls.find((c) => c.name === 'run.replay')?.request).toMatchObject({ token: lateCounterexample.token })
    expect(host.calls.filter((c) => c.name === 'scenario.check').at(-1)?.request).toMatchObject({
      scale: { vectors: 1, devices: 1 },
    })
    expect(useRuns().run).toMatchObject({ scale: { vectors: 1, devices: 1 } })
    panel.unmount()
  })

  it('lays the broken run beside what a repair makes of it, with the deciding pair and what moved marked', async () => {
    const panel = await explored()
    const beside = mountPanel(BesidePanel)
    expect(beside.text()).toContain('Nothing beside each other yet')
    await runCommand('explore.repairs')
    await flushPromises()
    await panel.get(testId('beside-repair-2')).trigger('click')
    await flushPromises()
    expect(useQuestions().chosen).toBe(2)
    expect(beside.findAll('[data-half="1"]')).toHaveLength(2)
    expect(beside.findAll('[data-half="2"]').length).toBeGreaterThan(0)
    expect(beside.findAll('tr.same').length).toBeGreaterThan(3)
    await beside.get(testId('beside-apply')).trigger('click')
    await flushPromises()
    expect(useDocuments().active?.text).toContain('before: host.reprogram, after: device.send')
    // It is still shown, but cannot be applied to another text.
    expect(beside.get(testId('beside-apply')).attributes('disabled')).toBeDefined()
    beside.unmount()
    panel.unmount()
  })

  it('says why two runs cannot be laid beside each other', async () => {
    host.handlers['explore.beside'] = () => refuse({ code: 'SCENARIO_ORDERING', message: 'no step of that name' })
    const panel = await explored()
    const beside = mountPanel(BesidePanel)
    await runCommand('explore.repairs')
    await flushPromises()
    await runCommand('explore.beside')
    await flushPromises()
    expect(beside.get('[role="alert"]').text()).toContain('SCENARIO_ORDERING')
    beside.unmount()
    panel.unmount()
  })

  it('asks for the view at another scale, because a run has the variables of its own', async () => {
    const key = await openDocument('idxd-vsvm-late')
    useExploration().setScale(key, 'vectors', 3)
    await useExploration().start(key)
    expect(host.calls.filter((c) => c.name === 'scenario.check').at(-1)?.request).toMatchObject({
      scale: { vectors: 3 },
    })
    expect(useRuns().run?.scale).toEqual({ vectors: 3 })
  })

  it('stops looking for repairs when told to', async () => {
    host.handlers['repair.start'] = (_request, { signal, onProgress }) =>
      new Promise((done) => {
        onProgress?.({ tried: 7, elapsedMs: 900 })
        signal?.addEventListener('abort', () =>
          done({ scenario: 'x', complete: false, repairable: false, repairs: [], singleEdges: [], reason: 'none yet' }),
        )
      })
    const panel = await explored()
    await panel.get(testId('find-repairs')).trigger('click')
    await flushPromises()
    expect(panel.get(testId('repairs')).text()).toContain('7 sets tried')
    await panel.get(testId('cancel-repair')).trigger('click')
    await flushPromises()
    expect(panel.get(testId('repairs')).text()).toContain('none yet')
    expect(panel.get(testId('repairs')).text()).toContain('there may be more')
    panel.unmount()
  })

  it('says why a search for repairs failed', async () => {
    host.handlers['repair.start'] = () => refuse({ code: 'WORKER_DIED', message: 'the worker ended' })
    const panel = await explored()
    await panel.get(testId('find-repairs')).trigger('click')
    await flushPromises()
    expect(panel.get(`${testId('repairs')} [role="alert"]`).text()).toContain('WORKER_DIED')
    panel.unmount()
  })

  it('shows how likely the violation is, and how wide its window, of the property that is broken', async () => {
    const panel = await explored()
    await panel.get(testId('find-window')).trigger('click')
    await flushPromises()
    const window = panel.get(testId('window'))
    expect(window.text()).toContain('18.4 %')
    expect(window.findAll('rect.hit').length).toBeGreaterThan(10)
    expect(host.calls.find((c) => c.name === 'window.start')?.request).toMatchObject({
      options: { property: 'host-pasid-never-delivered' },
    })
    panel.unmount()
  })

  it('draws one miss among thousands of hits high enough to be seen, and nothing where there was none', async () => {
    const usual = host.handlers['window.start']
    host.handlers['window.start'] = async (request, call) => {
      const answer = (await usual(request, call)) as Record<string, unknown>
      return {
        ...answer,
        histogram: [
          { from: -200, to: -100, hits: 0, misses: 1 },
          { from: -100, to: 0, hits: 0, misses: 0 },
          { from: 0, to: 100, hits: 90_000, misses: 0 },
        ],
      } as never
    }
    const panel = await explored()
    await panel.get(testId('find-window')).trigger('click')
    await flushPromises()
    const heights = panel.findAll('rect.miss').map((r) => Number(r.attributes('height')))
    expect(heights[0]).toBeGreaterThanOrEqual(1)
    expect(heights.slice(1)).toEqual([0, 0])
    panel.unmount()
  })

  it('offers neither repairs nor a window where nothing is broken', async () => {
    await openDocument('idxd-vsvm-first')
    const panel = mountPanel(ExplorerPanel)
    await panel.get(testId('explore')).trigger('click')
    await flushPromises()
    expect(panel.find(testId('repairs')).exists()).toBe(false)
    expect(panel.find(testId('window')).exists()).toBe(false)
    expect(panel.text()).toContain('Nothing to repair')
    await runCommand('explore.coverage')
    await flushPromises()
    expect(panel.get(testId('coverage')).text()).toContain('kept in every run')
    panel.unmount()
  })

  it('passes reduction, symmetry and scale on, the scale only where it differs', async () => {
    await openDocument('idxd-vsvm-late')
    const panel = mountPanel(ExplorerPanel)
    await panel.get(testId('reduce')).setValue(false)
    await panel.get(testId('symmetry')).setValue(false)
    await panel.get(testId('scale-vectors')).setValue('3')
    const devices = panel.get<HTMLInputElement>(testId('scale-devices'))
    await devices.setValue('99')
    expect(devices.element.value).toBe('1')
    await panel.get(testId('explore')).trigger('click')
    await flushPromises()
    expect(host.calls.find((c) => c.name === 'explore.start')?.request).toMatchObject({
      options: { reduce: false, symmetry: false, scale: { vectors: 3 } },
    })
    panel.unmount()
  })
})
