import { describe, expect, it } from 'vitest'
import { verdicts } from '../../../../test/support/board'

/** One window of 64 MiB on the page of bank 1, and a device that writes there. */
function written(offset: number, data: number, mpic = ''): string[] {
  const r = verdicts(`
blocks: { pamu: { kind: pamu }, mpic: { kind: mpic-msi${mpic} }, dev: { kind: pamu-endpoint, number: 2 } }
programs:
  host:
    - mpic.allocate: { bank: 0, device: 1 }
    - pamu.disable_liodn: { liodn: 0 }
    - pamu.config_ppaace: { liodn: 0, start: 0, size: 16384, count: 1 }
    - pamu.config_spaace: { liodn: 0, subwin: 0, size: 1, page: ${mpic.includes('ffe041') ? 0xffe041 : 0xffe045}, prot: update }
    - pamu.enable_liodn: { liodn: 0 }
      id: READY
  device:
    - dev.write: { at: 0, offset: ${offset}, data: ${data} }
      when: done(READY)
properties:
${['0_0', '1_0', '1_1', '2_0'].map((x) => `  - { name: t${x}, sometimes: mpic.taken${x} == 1 }`).join('\n')}
  - { name: forged, sometimes: mpic.any_forged }
`)
  return Object.entries(r).flatMap(([name, v]) => (v === 'witnessed' ? [name] : []))
}
const SHARED = ', page0: 0xffe041, offset0: 0x740, page1: 0xffe041, offset1: 0x940, page2: 0xffe041, offset2: 0xb40'

describe('MSIIR (50 §3)', () => {
  it('sets the bit that the data names, and the handler of the host runs', () => {
    expect(written(0x140, 0)).toContain('t1_0')
    expect(written(0x140, 1)).toContain('t1_1')
  })
  it('as MSIIR1 of MPIC 4.3 has the bit in data 8:4', () => {
    expect(written(0x140, 16, ', data: MSIIR1')).toContain('t1_1')
    expect(written(0x140, 1, ', data: MSIIR1')).toEqual([])
  })
  it('is one register of its page: next to it nothing happens', () => {
    expect(written(0x150, 0)).toEqual([])
  })
  it('asks nobody who he is: an interrupt of another device is as good', () => {
    expect(written(0x740, 0, SHARED)).toEqual(['t0_0', 'forged'])
  })
  it.each([
    [0x740, 't0_0'],
    [0x940, 't1_0'],
    [0xb40, 't2_0'],
  ])('T6: three banks in one page: a window on it reaches offset %i', (offset, taken) => {
    expect(written(offset, 0, SHARED)).toContain(taken)
  })
})

describe('the interrupts of a bank', () => {
  it('are given out from the lowest, and run out with -ENOMEM', () => {
    const r = verdicts(`
blocks: { mpic: { kind: mpic-msi } }
programs:
  host: [{ mpic.allocate: { bank: 1, device: 1 } }, { mpic.allocate: { bank: 1, device: 2 } }, { mpic.allocate: { bank: 1, device: 3 } }]
properties:
  - { name: two, end: mpic.owner1_0 == 1 && mpic.owner1_1 == 2 && host.errno == ENOMEM }
  - { name: other, end: mpic.owner0_0 == 0 && mpic.free0 && !mpic.free1 }
  - { name: first, sometimes: mpic.owner1_0 == 1 && mpic.free1 }
`)
    expect(r).toMatchObject({ two: 'holds', other: 'holds', first: 'witnessed' })
  })
})
