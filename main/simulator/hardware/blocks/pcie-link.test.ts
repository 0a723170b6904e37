import { describe, expect, it } from 'vitest'
import { verdicts } from '../../../../test/support/board'

/** Does the handler ever run before the data that it was told of is there? */
function stale(parameters: string, device: string, handler = '{ wait: { until: l.interrupt }, id: HANDLER }'): boolean {
  const r = verdicts(`
blocks: { l: { kind: pcie-link${parameters} } }
programs:
  device: [${device}]
  host: [${handler}]
properties:
  - { name: old, never: "done(HANDLER) && !l.visible.data" }
  - { name: new, sometimes: "done(HANDLER) && l.visible.data" }
`)
  expect([r['new'], r['complete']]).toEqual(['witnessed', 'holds'])
  return r['old'] === 'violated'
}

const data = (more = ''): string => `{ l.dma_write: { to: data${more} } }`
const msi = (more = ''): string => `{ l.msi: {${more}} }`

describe('data and then the message (85 §7)', () => {
  it('L1: in one traffic class the handler reads new data', () => {
    expect(stale('', `${data()}, ${msi()}`)).toBe(false)
  })
  it('L2: a record in another traffic class may be old', () => {
    expect(stale('', `${data(', tc: 1')}, ${msi()}`)).toBe(true)
  })
  it('L3: a message with Relaxed Ordering may pass the data', () => {
    expect(stale('', `${data()}, ${msi(' ro: true ')}`)).toBe(true)
  })
  it('L3: unless the path does not honour it', () => {
    expect(stale(', relaxed_ordering: false', `${data()}, ${msi(' ro: true ')}`)).toBe(false)
  })
  it('L9: Relaxed Ordering on the data alone is safe: it is the later transaction that counts', () => {
    expect(stale('', `${data(', ro: true')}, ${msi()}`)).toBe(false)
  })
  it('L8: another function’s message has no order under ID-based ordering, and has without it', () => {
    expect(stale(', id_ordering: true', `${data()}, ${msi(' function: 1 ')}`)).toBe(true)
    expect(stale('', `${data()}, ${msi(' function: 1 ')}`)).toBe(false)
  })
  it('L10: a read of the device after a relaxed message brings the data, its completion may not pass them', () => {
    expect(
      stale('', `${data()}, ${msi(' ro: true ')}`, '{ wait: { until: l.interrupt } }, { l.read: {}, id: HANDLER }'),
    ).toBe(false)
  })
  it('the message before the data is wrong on every path', () => {
    expect(stale('', `${msi()}, ${data()}`)).toBe(true)
  })
})
