import { describe, expect, it } from 'vitest'
import { verdicts } from '../../../../test/support/board'

const SET_UP = [
  'its.mapc',
  '{ its.mapd: { device: 1 } }',
  '{ its.mapti: { device: 1, event: 0, lpi: 1 } }',
  '{ its.configure: { lpi: 1 } }',
  '{ its.inv: { device: 1, event: 0 } }',
  'its.sync',
]

/** Commands, waited for; then function `stream` writes an EventID. What holds at the end, and what does not? */
function after(
  commands: readonly string[],
  write: { stream?: number; event: number },
  ...conditions: string[]
): string[] {
  const { stream = 1, event } = write
  const r = verdicts(`
blocks: { smmu: { kind: smmu }, its: { kind: gicv3-its }, nic: { kind: msix-table, stream: ${stream} } }
programs:
  host:
    - smmu.configure: { stream: ${stream}, config: bypass, domain: domain0 }
${commands.map((c) => `    - ${c}`).join('\n')}
    - { its.wait: {}, id: READY }
  device: [{ wait: { until: done(READY) } }, { nic.dma_write: { address: its, data: ${event} } }]
properties:
${conditions.map((c, i) => `  - { name: p${i}, end: "${c}" }`).join('\n')}
`)
  expect([r['complete'], r['range']]).toEqual(['holds', 'holds'])
  return conditions.filter((_, i) => r[`p${i}`] !== 'holds')
}
const nothing = '!its.raised0 && !its.raised1 && !its.raised2 && !its.raised3'

describe('GITS_TRANSLATER (60 §8)', () => {
  it('turns DeviceID and EventID into an LPI', () => {
    expect(after(SET_UP, { event: 0 }, 'its.raised1 && its.from1 == 1 && its.fault == none')).toEqual([])
  })
  it('discards an EventID that is not mapped', () => {
    expect(after(SET_UP, { event: 1 }, `its.fault == unmapped_event && ${nothing}`)).toEqual([])
    expect(after(SET_UP, { event: 700 }, `its.fault == unmapped_event && ${nothing}`)).toEqual([])
  })
  it('discards a DeviceID without a table: the EventID of another device is out of reach', () => {
    expect(after(SET_UP, { stream: 2, event: 0 }, `its.fault == unmapped_device && ${nothing}`)).toEqual([])
  })
  it('discards what is mapped to a collection without a redistributor', () => {
    const gone = [...SET_UP, '{ its.mapc: { valid: false } }']
    expect(after(gone, { event: 0 }, `its.fault == unmapped_collection && ${nothing}`)).toEqual([])
  })
  it('discards everything while GITS_CTLR.Enabled is clear', () => {
    const host = [...SET_UP, 'its.wait', '{ its.control: { enabled: false } }']
    expect(after(host, { event: 0 }, `its.fault == disabled && ${nothing}`)).toEqual([])
  })
})

describe('commands', () => {
  it('DISCARD makes the event lead nowhere', () => {
    const discard = [...SET_UP, '{ its.discard: { device: 1, event: 0 } }']
    expect(after(discard, { event: 0 }, `its.fault == unmapped_event && ${nothing}`)).toEqual([])
  })
  it('MAPD with V clear takes the table away, and its events with it', () => {
    const unmap = [...SET_UP, '{ its.mapd: { device: 1, valid: false } }']
    expect(after(unmap, { event: 0 }, `its.fault == unmapped_device && ${nothing}`)).toEqual([])
    const again = [...unmap, '{ its.mapd: { device: 1 } }']
    expect(after(again, { event: 0 }, `its.fault == unmapped_event && ${nothing}`)).toEqual([])
  })
  it('MAPTI of a DeviceID without a table is ignored, with an error', () => {
    const wrong = ['its.mapc', '{ its.mapti: { device: 2, event: 0, lpi: 0 } }']
    expect(after(wrong, { stream: 2, event: 0 }, `${nothing} && !its.ITE2_0.Valid`)).toEqual([])
    expect(after([...wrong], { stream: 0, event: 0 }, 'its.GITS_CREADR.Offset == its.GITS_CWRITER.Offset')).toEqual([])
  })
  it('an LPI that is enabled in memory stays pending until INV', () => {
    const stale = SET_UP.filter((c) => !c.includes('inv'))
    expect(after(stale, { event: 0 }, 'its.pending1 && !its.raised1')).toEqual([])
  })
  it('are carried out in order, however far apart software and the ITS are', () => {
    const many = [
      ...SET_UP,
      ...SET_UP,
      '{ its.discard: { device: 1, event: 0 } }',
      '{ its.mapti: { device: 1, event: 0, lpi: 2 } }',
    ]
    const enable = ['{ its.configure: { lpi: 2 } }', '{ its.inv: { device: 1, event: 0 } }']
    expect(after([...many, ...enable], { event: 0 }, 'its.raised2 && !its.raised1')).toEqual([])
  })
  it('an error is recorded', () => {
    const r = verdicts(`
blocks: { smmu: { kind: smmu }, its: { kind: gicv3-its } }
programs: { host: [{ its.mapti: { device: 0, event: 0, lpi: 0 } }] }
properties: [{ name: error, end: its.fault == command_error }]
`)
    expect(r['error']).toBe('holds')
  })
})
