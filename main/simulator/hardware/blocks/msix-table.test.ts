import { describe, expect, it } from 'vitest'
import { verdicts } from '../../../../test/support/board'

function run(host: string, device: string, ...properties: string[]): Record<string, string> {
  const r = verdicts(`
blocks: { vtd: { kind: x86-msi-window }, nic: { kind: msix-table, vectors: 2 } }
programs:
  host: [{ nic.write_message: { vector: 0, address: fee0, data: 65 } }, { nic.control: {}, id: ON }, ${host}]
  device: [{ wait: { until: done(ON) } }, ${device}]
properties:
${properties.map((p) => `  - { ${p} }`).join('\n')}
`)
  expect([r['complete'], r['range']]).toEqual(['holds', 'holds'])
  return r
}
const EVENT = '{ nic.interrupt: { vector: 0 }, id: EVENT }'
const UNMASK = '{ nic.unmask: { vector: 0 }, id: UNMASK }'

describe('a vector (60 §11)', () => {
  it('that is masked keeps its event, and sends it when it is unmasked', () => {
    const r = run(
      UNMASK,
      EVENT,
      'name: early, never: "vtd.vector0 == 65 && !done(UNMASK)"',
      'name: waited, sometimes: nic.PBA.P0',
      'name: sent, end: "vtd.vector0 == 65 && !nic.PBA.P0"',
    )
    expect([r['early'], r['waited'], r['sent']]).toEqual(['holds', 'witnessed', 'holds'])
  })
  it('two events while it is masked are one message', () => {
    const r = run(
      `{ wait: { until: done(TWICE) } }, ${UNMASK}`,
      `${EVENT}, { nic.interrupt: { vector: 0 }, id: TWICE }`,
      'name: again, never: "nic.PBA.P0 && vtd.vector0 == 65"',
      'name: sent, end: vtd.vector0 == 65',
    )
    expect([r['again'], r['sent']]).toEqual(['holds', 'holds'])
  })
  it('is held back by the function mask, and by its own', () => {
    const mask = '{ nic.control: { function_mask: true } }'
    const held = run(
      `${mask}, ${UNMASK}`,
      `{ wait: { until: done(UNMASK) } }, ${EVENT}`,
      'name: held, end: nic.PBA.P0 && vtd.vector0 == 0',
    )
    expect(held['held']).toBe('holds')
    const own = run(
      `${UNMASK}, { nic.mask: { vector: 0 }, id: MASK }`,
      `{ wait: { until: done(MASK) } }, ${EVENT}`,
      'name: held, end: nic.PBA.P0 && vtd.vector0 == 0',
    )
    expect(own['held']).toBe('holds')
  })
  it('sends nothing while MSI-X is off', () => {
    const r = run(
      '{ nic.control: { enable: false }, id: OFF }',
      `{ wait: { until: done(OFF) } }, ${EVENT}`,
      'name: off, end: nic.fault == not_enabled && !nic.PBA.P0 && vtd.vector0 == 0',
    )
    expect(r['off']).toBe('holds')
  })
  it('whose entry is written unmasked may send half a message', () => {
    const move = `${UNMASK}, { nic.write_message: { vector: 0, address: fee1, data: 66 } }`
    expect(run(move, EVENT, 'name: torn, never: vtd.vector1 == 65')['torn']).toBe('violated')
  })
})

describe('a reset that configuration space does not see', () => {
  it('leaves the entry masked, with nothing pending', () => {
    const r = run('nic.reset_table', EVENT, 'name: held, end: vtd.vector0 == 0', 'name: masked, end: nic.Table0.Mask')
    expect([r['held'], r['masked']]).toEqual(['holds', 'holds'])
  })
  it('and the next unmask sends to address 0', () => {
    const r = run(
      `nic.reset_table, ${UNMASK}`,
      `{ wait: { until: done(UNMASK) } }, ${EVENT}`,
      'name: zero, end: nic.fault == to_zero',
    )
    expect(r['zero']).toBe('holds')
  })
})
