import { describe, expect, it } from 'vitest'
import { verdicts } from '../../../../test/support/board'

function after(parameters: string, setup: string, write: string, ...conditions: string[]): string[] {
  const r = verdicts(`
blocks: { vtd: { kind: x86-msi-window${parameters} }, nic: { kind: msix-table, stream: 1 } }
programs:
  host: [${setup}{ wait: { until: "true" }, id: SET }]
  device: [{ wait: { until: done(SET) } }, ${write}]
properties:
${conditions.map((c, i) => `  - { name: p${i}, end: "${c}" }`).join('\n')}
`)
  expect([r['complete'], r['range']]).toEqual(['holds', 'holds'])
  return conditions.filter((_, i) => r[`p${i}`] !== 'holds')
}
const write = (more: string): string => `{ nic.dma_write: { ${more} } }`
const ON = ', remapping: true'
const irte = (sid: string): string =>
  `{ vtd.program_irte: { entry: 1, vector: 65, destination: apic1, sid: ${sid} } }, `
const none = 'vtd.vector0 == 0 && vtd.vector1 == 0'

describe('a write to 0xFEEx_xxxx without a PASID (60 §3)', () => {
  it('is an interrupt with the vector in the data, for the APIC in the address', () => {
    expect(
      after('', '', write('address: fee1, data: 65'), 'vtd.vector1 == 65 && vtd.from1 == 1 && vtd.vector0 == 0'),
    ).toEqual([])
  })
  it('never reaches the page tables, even where the page is mapped', () => {
    const map = '{ vtd.map: { iova: fee0, frame: ram } }, '
    expect(after('', map, write('address: fee0, data: 65'), 'vtd.as_interrupt && !vtd.guest_written')).toEqual([])
  })
  it('in compatibility format is blocked with remapping on: 25h', () => {
    expect(after(ON, '', write('address: fee0, data: 65'), `vtd.fault == reason_25h && ${none}`)).toEqual([])
  })
  it('in remappable format takes vector and destination from its entry', () => {
    expect(after(ON, irte('f1'), write('address: irte1'), 'vtd.vector1 == 65 && vtd.fault == none')).toEqual([])
  })
  it('adds the sub-handle in the data to the handle, and ends at the size of the table (21h)', () => {
    expect(after(ON, irte('f1'), write('address: irte0, data: 1'), 'vtd.vector1 == 65')).toEqual([])
    expect(after(ON, irte('f1'), write('address: irte1, data: 1'), `vtd.fault == reason_21h && ${none}`)).toEqual([])
  })
  it('is blocked where the entry is not present (22h) or has another requester (26h)', () => {
    expect(after(ON, '', write('address: irte1'), `vtd.fault == reason_22h && ${none}`)).toEqual([])
    expect(after(ON, irte('f0'), write('address: irte1'), `vtd.fault == reason_26h && ${none}`)).toEqual([])
  })
  it('in remappable format is taken in compatibility format with remapping off: bit 4 means nothing', () => {
    expect(after('', irte('f1'), write('address: irte1, data: 70'), 'vtd.vector0 == 70 && vtd.vector1 == 0')).toEqual(
      [],
    )
  })
  it('with a vector that is none is an error of the local APIC', () => {
    for (const data of [0, 15, 255])
      expect(after('', '', write(`address: fee0, data: ${data}`), `vtd.fault == illegal_vector && ${none}`)).toEqual([])
    for (const data of [16, 254])
      expect(after('', '', write(`address: fee0, data: ${data}`), `vtd.vector0 == ${data}`)).toEqual([])
  })
})

describe('other requests', () => {
  it('a read of the range is no interrupt request: 29h', () => {
    expect(after('', '', '{ vtd.read: { address: fee0 } }', 'vtd.fault == reason_29h')).toEqual([])
  })
  it('a write with a PASID to the range is an ordinary address', () => {
    const map = '{ vtd.map: { iova: fee0, frame: ram } }, '
    expect(after('', map, write('address: fee0, data: 65, pasid: true'), `vtd.guest_written && ${none}`)).toEqual([])
    expect(after('', '', write('address: fee0, data: 65, pasid: true'), `vtd.fault == reason_05h && ${none}`)).toEqual(
      [],
    )
  })
  it('a write outside the range needs a mapping: 05h without', () => {
    expect(after('', '', write('address: user0'), 'vtd.fault == reason_05h && !vtd.guest_written')).toEqual([])
  })
  it('a mapped page is not mapped over', () => {
    const twice =
      '{ vtd.map: { iova: user0, frame: ram } }, { vtd.map: { iova: user0, frame: host }, on_error: continue }, '
    expect(after('', twice, write('address: user0'), 'vtd.guest_written && host.errno == EEXIST')).toEqual([])
  })
})
