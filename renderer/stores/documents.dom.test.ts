import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { refuse } from '../testing/fake-handlers'
import type { FakeHost } from '../testing/fake-host'
import { freshWorkbench, mountPanel, openDocument } from '../testing/setup'
import AlarmBanner from '../shell/AlarmBanner.vue'
import ProblemsPanel from '../problems/ProblemsPanel.vue'
import { CHECK_AFTER_MS, useChecks } from './checks'
import { useDocuments } from './documents'
import { useHostInfo } from './host'

let host: FakeHost
beforeEach(() => {
  host = freshWorkbench()
})
afterEach(() => void vi.useRealTimers())

describe('documents', () => {
  it('are checked when one stops typing, not at every letter', async () => {
    const key = await openDocument('idxd-vsvm-late')
    const checks = () => host.calls.filter((c) => c.name === 'scenario.check').length
    const before = checks()
    vi.useFakeTimers()
    for (const letter of ['a', 'ab', 'abc']) {
      useDocuments().edit(key, letter)
      await vi.advanceTimersByTimeAsync(CHECK_AFTER_MS / 2)
    }
    expect(checks()).toBe(before)
    await vi.advanceTimersByTimeAsync(CHECK_AFTER_MS)
    expect(checks()).toBe(before + 1)
  })

  it('are checked again when the simulator died under a check, but only once', async () => {
    const key = await openDocument('idxd-vsvm-late')
    const original = host.handlers['scenario.check']
    let dies = 0
    host.handlers['scenario.check'] = () => {
      dies++
      return refuse({ code: 'WORKER_DIED', message: 'the simulator stopped' })
    }
    useDocuments().edit(key, `${useDocuments().open.get(key)?.text} # more`)
    await useChecks().check(key)
    for (const restarts of [1, 2, 3]) {
      host.emit('worker.state', { state: 'ready', restarts })
      await flushPromises()
    }
    expect(dies).toBe(2)
    host.handlers['scenario.check'] = original
    useDocuments().edit(key, `${useDocuments().open.get(key)?.text} # and more`)
    host.handlers['scenario.check'] = () => {
      host.handlers['scenario.check'] = original
      return refuse({ code: 'WORKER_DIED', message: 'the simulator stopped' })
    }
    await useChecks().check(key)
    expect(useChecks().stale).toBe(true)
    host.emit('worker.state', { state: 'ready', restarts: 4 })
    await flushPromises()
    expect(useChecks().stale).toBe(false)
  })

  it('keep the last good view while the text has errors, and list those', async () => {
    const key = await openDocument('idxd-vsvm-late')
    useDocuments().edit(key, 'doorbell: 1\nguest:\n  - requst_irq: 1\n')
    await useChecks().check(key)
    expect(useChecks().view?.agents).toHaveLength(8)
    expect(useChecks().stale).toBe(true)
    const panel = mountPanel(ProblemsPanel)
    expect(panel.text()).toContain('SCENARIO_UNKNOWN_OPERATION')
    expect(panel.text()).toContain('did you mean request_irq?')
    expect(panel.text()).toContain('3:7')
    await panel.get('button').trigger('click')
    expect(useDocuments().reveal).toMatchObject({ key, line: 3, column: 7 })
    panel.unmount()
  })

  it('ignore the check of a text that has been overtaken', async () => {
    const key = await openDocument('idxd-vsvm-late')
    const answers: (() => void)[] = []
    const original = host.handlers['scenario.check']
    host.handlers['scenario.check'] = async (request, options) => {
      await new Promise<void>((done) => answers.push(done))
      return original(request, options)
    }
    useDocuments().edit(key, 'requst_irq')
    const older = useChecks().check(key)
    useDocuments().edit(key, 'request_irq')
    const newer = useChecks().check(key)
    await flushPromises()
    answers[1]?.()
    await newer
    answers[0]?.()
    await older
    expect(useChecks().of(key).problems).toEqual([])
  })

  it('of the built-in kind become a person’s own when saved, and the built-in one is as it was', async () => {
    const documents = useDocuments()
    const key = await openDocument('idxd-vsvm-late')
    const original = documents.open.get(key)?.text
    documents.edit(key, 'doorbell: 1\ntitle: mine\n')
    await documents.save(key, { name: 'mine.yaml' })
    expect(documents.activeKey).toBe('file:mine.yaml')
    expect(documents.open.get('file:mine.yaml')?.text).toBe('doorbell: 1\ntitle: mine\n')
    expect(documents.open.get(key)?.text).toBe(original)
    expect(documents.unsaved).toEqual([])
  })

  it('keep what was typed while they were being saved', async () => {
    const documents = useDocuments()
    const key = await openDocument('idxd-vsvm-late')
    await documents.save(key, { name: 'mine.yaml' })
    documents.edit('file:mine.yaml', 'first')
    const saving = documents.save('file:mine.yaml', { name: 'mine.yaml' })
    documents.edit('file:mine.yaml', 'second')
    await saving
    expect(documents.open.get('file:mine.yaml')).toMatchObject({ text: 'second', savedText: 'first' })
  })
})

describe('when the simulator dies', () => {
  it('the window says so, says when it is back, and keeps the documents', async () => {
    await useHostInfo().load()
    const key = await openDocument('idxd-vsvm-late')
    useDocuments().edit(key, 'unsaved work')
    const banner = mountPanel(AlarmBanner)
    expect(banner.find('[data-testid="alarm"]').exists()).toBe(false)
    host.emit('worker.state', { state: 'restarting', restarts: 0 })
    await flushPromises()
    expect(banner.text()).toContain('is being restarted')
    host.emit('worker.state', { state: 'ready', restarts: 1 })
    await flushPromises()
    expect(banner.text()).toContain('The simulator stopped and was restarted; your documents are untouched.')
    expect(useDocuments().open.get(key)?.text).toBe('unsaved work')
    await banner.get('button').trigger('click')
    expect(banner.find('[data-testid="alarm"]').exists()).toBe(false)
    banner.unmount()
  })

  it('a lost connection is said, too', async () => {
    await useHostInfo().load()
    const banner = mountPanel(AlarmBanner)
    host.connection('lost')
    await flushPromises()
    expect(banner.text()).toContain('connection to the host is lost')
    host.connection('open')
    await flushPromises()
    expect(banner.find('[data-testid="alarm"]').exists()).toBe(false)
    banner.unmount()
  })
})
