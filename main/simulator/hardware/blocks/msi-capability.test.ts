import { describe, expect, it } from 'vitest'
import { verdicts } from '../../../../test/support/board'

function run(parameters: string, host: string, device: string, ...properties: string[]): Record<string, string> {
  const r = verdicts(`
blocks: { vtd: { kind: x86-msi-window }, nic: { kind: msi-capability${parameters} } }
programs:
  host: [{ nic.write_message: { address: fee0, data: 64 } }, ${host}]
  device: [${device}]
properties:
${properties.map((p) => `  - { ${p} }`).join('\n')}
`)
  expect([r['complete'], r['range']]).toEqual(['holds', 'holds'])
  return r
}
const ON = '{ nic.control: {}, id: ON }'
const event = (vector: number): string => `{ wait: { until: done(ON) } }, { nic.interrupt: { vector: ${vector} } }`

describe('a message of MSI (60 §10)', () => {
  it.each([
    [0, 3, 64],
    [1, 3, 65],
    [2, 3, 67],
    [2, 0, 64],
  ])('with Multiple Message Enable %i, vector %i carries data %i', (enabled, vector, data) => {
    const r = run(`, enabled: ${enabled}`, ON, event(vector), `name: data, end: vtd.vector0 == ${data}`)
    expect(r['data']).toBe('holds')
  })
  it('is held back by its mask bit, where the function has one', () => {
    const mask = '{ nic.mask: { vector: 0 } }'
    const held = [
      'name: held, end: nic.Pending_Bits.P0 && vtd.vector0 == 0',
      'name: sent, end: vtd.vector0 == 64',
    ] as const
    expect(run('', `${mask}, ${ON}`, event(0), ...held)).toMatchObject({ held: 'holds', sent: 'violated' })
    expect(run(', per_vector_masking: false', `${mask}, ${ON}`, event(0), ...held)).toMatchObject({
      held: 'violated',
      sent: 'holds',
    })
  })
  it('that is pending goes out when its mask bit is cleared', () => {
    const host = `{ nic.mask: { vector: 0 } }, ${ON}, { nic.unmask: { vector: 0 } }`
    const r = run(
      '',
      host,
      event(0),
      'name: waited, sometimes: nic.Pending_Bits.P0',
      'name: sent, end: vtd.vector0 == 64 && !nic.Pending_Bits.P0',
    )
    expect([r['waited'], r['sent']]).toEqual(['witnessed', 'holds'])
  })
  it('is not sent while MSI is off', () => {
    const r = run(
      '',
      '{ wait: { until: "true" } }',
      '{ nic.interrupt: { vector: 0 } }',
      'name: off, end: nic.fault == not_enabled && vtd.vector0 == 0',
    )
    expect(r['off']).toBe('holds')
  })
})
