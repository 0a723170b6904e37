import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { commandById, runCommand } from '../commands/table'
import { isEnabled } from '../commands/command'
import { refuse } from '../testing/fake-handlers'
import { freshWorkbench, mountPanel, openDocument, testId } from '../testing/setup'
import { useExploration } from '../stores/exploration'
import { clock, MOST_LINES, useOutput } from '../stores/output'
import { useHost } from '../bridge/host'
import OutputPanel from './OutputPanel.vue'
import { sumUp } from './words'

let host: ReturnType<typeof freshWorkbench>
beforeEach(() => {
  host = freshWorkbench()
  useOutput()
})

const lines = (): string[] => useOutput().lines.map((l) => `${l.what} ${l.about} ${l.state}: ${l.words}`)

describe('the output', () => {
  it('lists what the simulator did, with what came of it and how long it took', async () => {
    const key = await openDocument('idxd-vsvm-late')
    await useExploration().start(key)
    expect(lines()).toContain('scenario.check idxd-vsvm-late done: 0 problems')
    expect(lines().join('\n')).toMatch(
      /explore\.start idxd-vsvm-late done: 18\D?342 states, 51\D?204 transitions, 1 violated/,
    )
    const line = useOutput().lines.find((l) => l.what === 'explore.start')
    expect(line?.took).toBeGreaterThanOrEqual(0)
    expect(useOutput().lines.some((l) => l.what.startsWith('journal'))).toBe(false)
  })

  it('shows what goes on, then why it failed, and can be narrowed to that', async () => {
    const key = await openDocument('idxd-vsvm-late')
    let fail: () => void = () => undefined
    host.handlers['explore.start'] = () =>
      new Promise<never>((_, no) => (fail = () => no(new Error('x')))).catch(() =>
        refuse({ code: 'MODEL_TOO_LARGE', message: 'too many steps', hint: 'scale it down' }),
      )
    const panel = mountPanel(OutputPanel)
    const exploring = useExploration().start(key)
    await flushPromises()
    expect(panel.findAll('li.running')).toHaveLength(1)
    fail()
    await exploring
    await flushPromises()
    expect(panel.get('li.failed').text()).toContain('too many steps; scale it down MODEL_TOO_LARGE')
    await runCommand('output.errors')
    await flushPromises()
    expect(panel.findAll(testId('output-line'))).toHaveLength(1)
    await runCommand('output.errors')
    await panel.get(testId('output-filter')).setValue('check')
    expect(panel.findAll(testId('output-line')).every((l) => l.text().includes('scenario.check'))).toBe(true)
    panel.unmount()
  })

  it('says when the simulator was restarted, once', () => {
    const state = { state: 'restarting' as const, restarts: 1, message: 'the simulator stopped (exit code 1)' }
    host.emit('worker.state', state)
    host.emit('worker.state', state)
    host.emit('worker.state', { state: 'busy', restarts: 1 })
    expect(lines()).toEqual(['simulator restarting failed: the simulator stopped (exit code 1)'])
  })

  it('leaves out the quick questions of the timeline, keeps the last lines only, and is cleared', async () => {
    await useHost().call('timeline.arrows', {
      handle: 1,
      from: 0,
      to: 1,
      lanes: new Uint16Array(0),
      kinds: [],
    } as never)
    expect(useOutput().lines.filter((l) => l.state !== 'failed')).toEqual([])
    for (let i = 0; i < MOST_LINES + 5; i++) await useHost().call('scenario.check', { name: `s${i}`, text: '' })
    expect(useOutput().lines).toHaveLength(MOST_LINES)
    expect(useOutput().lines.at(-1)?.about).toBe(`s${MOST_LINES + 4}`)
    await runCommand('output.clear')
    expect(useOutput().lines).toEqual([])
    expect(isEnabled(commandById('output.copy'))).toBe(false)
  })

  it('tells time from when the window was opened, and is plain text when copied', async () => {
    expect([clock(0), clock(67_412.4)]).toEqual(['+0:00.000', '+1:07.412'])
    await openDocument('idxd-vsvm-late')
    expect(useOutput().asText()).toMatch(/\+\d+:\d\d\.\d{3} {2}scenario\.check {2}idxd-vsvm-late {2}done/)
    expect(sumUp('plan.compute', null)).toBe('')
  })
})
