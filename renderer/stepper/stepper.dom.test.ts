import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import type { FakeHost } from '../testing/fake-host'
import { lateWitness } from '../testing/late'
import { freshWorkbench, mountPanel, openDocument, testId } from '../testing/setup'
import { useDocuments } from '../stores/documents'
import { useNotices } from '../stores/notices'
import { useRuns } from '../stores/runs'
import { useStepping } from '../stores/stepping'
import StepperPanel from './StepperPanel.vue'

let host: FakeHost
beforeEach(async () => {
  host = freshWorkbench()
  await openDocument('idxd-vsvm-late')
})
const sent = () =>
  host.calls.filter((c) => c.name === 'step.at').map((c) => (c.request as { choices: number[] }).choices)

describe('stepping by hand', () => {
  it('offers what can happen next, by agent, and takes what one chooses', async () => {
    const panel = mountPanel(StepperPanel)
    await panel.get('.db-panel-bar .db-button').trigger('click')
    await flushPromises()
    for (let i = 0; i < 8; i++) {
      await panel.get(testId('enabled-step')).trigger('click')
      await flushPromises()
    }
    expect(panel.findAll('.agent').map((a) => a.text())).toEqual(['guest vCPU 0', 'guest vCPU 1'])
    await panel.findAll(testId('enabled-step'))[1]!.trigger('click')
    await flushPromises()
    expect(sent().at(-1)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1])
    expect(useRuns()).toMatchObject({ steps: 9, step: 9 })
    expect(useRuns().run?.kind).toBe('hand')
    panel.unmount()
  })

  it('takes back the last choice', async () => {
    await useStepping().at([0, 0])
    const panel = mountPanel(StepperPanel)
    await panel.findAll('.db-panel-bar .db-button')[1]!.trigger('click')
    await flushPromises()
    expect(sent().at(-1)).toEqual([0])
    panel.unmount()
  })

  it('does not step an older text', async () => {
    await useStepping().restart()
    const panel = mountPanel(StepperPanel)
    useDocuments().edit('builtin:idxd-vsvm-late', 'doorbell: 1\n')
    await flushPromises()
    expect(panel.text()).toContain('restart to step the new one')
    expect(panel.get(testId('enabled-step')).attributes('disabled')).toBeDefined()
    panel.unmount()
  })

  it('runs a seed in time, and refuses a token of another scenario with its code', async () => {
    await useStepping().seed(7)
    expect(useRuns().run).toMatchObject({ kind: 'seed', title: 'Run with seed 7' })
    expect(useRuns().run?.trace.events[1]?.time).toBe(37 + 77)
    expect(await useStepping().replay('db1.other')).toBe(false)
    expect(useNotices().items.at(-1)).toMatchObject({
      code: 'TOKEN_OTHER_SCENARIO',
      hint: 'open the scenario that it was made from',
    })
  })

  it('does not show a replayed run of another scale as if it were one of this text', async () => {
    host.handlers['run.replay'] = ({ token }) => {
      const trace = { ...lateWitness, states: new Int32Array(lateWitness.states.length * 2) }
      return { scenario: 'x', token, steps: trace.length, trace, properties: [] }
    }
    expect(await useStepping().replay('db1.scaled')).toBe(false)
    expect(useNotices().items.at(-1)?.title).toBe('That token is of another scale')
    expect(useRuns().run).toBeNull()
  })
})
