import { describe, expect, it } from 'vitest'
import { explored } from '../../../../test/support/explored'

const run = (at_send: boolean, update: string) =>
  explored(
    `blocks: { dev: { kind: queue-ims, at_send: ${at_send} } }
programs:
  host: [dev.submit]
  irqchip: [dev.write_context, ${update}, { dev.free_old: {}, id: FREE }]`,
    { lost: 'dev.lost', fresh: 'dev.came == new_came', written: 'dev.CONTEXT.DATA == new_vector' },
  )

describe('an interrupt store in queue memory', () => {
  it('is not read again by being written: the device has to be told', () => {
    const r = run(false, 'dev.wait_update')
    expect([r.verdict('lost'), r.verdict('fresh')]).toEqual(['witnessed', 'unwitnessed'])
  })
  it('is taken along by work at its dispatch, so that an update does not reach work in flight', () => {
    expect(run(false, 'dev.post_update, dev.wait_update').verdict('lost')).toBe('witnessed')
  })
  it('read at the moment of sending, it is safe once the update is complete', () => {
    const r = run(true, 'dev.post_update, dev.wait_update')
    expect([r.verdict('lost'), r.verdict('fresh')]).toEqual(['unwitnessed', 'witnessed'])
  })
  it('shows its message in the dword at +4', () => {
    expect(run(true, 'dev.post_update').register('written', 'dev CONTEXT', 1)).toBe(0x42)
  })
})
