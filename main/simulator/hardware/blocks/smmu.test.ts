import { describe, expect, it } from 'vitest'
import { verdicts } from '../../../../test/support/board'

/** One write of stream 1 after the host has set things up: is each condition seen in some run, and does it hold at the end? */
function after(setup: string, write: string, ...conditions: string[]): string[] {
  const r = verdicts(`
blocks: { smmu: { kind: smmu }, nic: { kind: msix-table, stream: 1 } }
programs:
  host: [${setup}]
  device: [{ wait: { until: done(SET) } }, { nic.dma_write: { ${write} } }]
properties:
${conditions.map((c, i) => `  - { name: p${i}, end: "${c}" }`).join('\n')}
`)
  expect([r['complete'], r['range']]).toEqual(['holds', 'holds'])
  return conditions.filter((_, i) => r[`p${i}`] !== 'holds')
}

const configure = (config: string, more = ''): string =>
  `{ smmu.configure: { stream: 1, config: ${config}, domain: domain0${more} }, id: SET }`
const map = (frame: string, iova = 'sw0'): string => `{ smmu.map: { iova: ${iova}, frame: ${frame} } }`

describe('a write of a function (00 S0.3)', () => {
  it('goes where the page table of its stream says', () => {
    expect(
      after(`${map('ram')}, ${configure('s1_translate')}`, 'address: sw0', 'smmu.guest_written', 'smmu.fault == none'),
    ).toEqual([])
  })
  it('is a translation fault where the page table says nothing, and reaches no memory', () => {
    const fault = 'smmu.fault == F_TRANSLATION && !smmu.guest_written && !smmu.host_written'
    expect(after(configure('s1_translate'), 'address: its', fault)).toEqual([])
    expect(
      after(
        `${map('ram')}, { smmu.unmap: { domain: domain0, iova: sw0 } }, ${configure('s1_translate')}`,
        'address: sw0',
        fault,
      ),
    ).toEqual([])
  })
  it('is not translated by the page table of another domain', () => {
    expect(
      after(
        `{ smmu.map: { domain: domain1, iova: sw0, frame: ram } }, ${configure('s1_translate')}`,
        'address: sw0',
        'smmu.fault == F_TRANSLATION',
      ),
    ).toEqual([])
  })
  it('is physical in bypass: whatever is mapped', () => {
    expect(
      after(
        `${map('ram', 'user0')}, ${configure('bypass')}`,
        'address: user0',
        'smmu.host_written && !smmu.guest_written',
      ),
    ).toEqual([])
  })
  it('goes nowhere without an event where the stream is to be aborted', () => {
    expect(after(configure('abort'), 'address: user0', 'smmu.fault == none && !smmu.host_written')).toEqual([])
  })
  it('is C_BAD_STE where the entry is not valid', () => {
    expect(after(configure('s1_translate', ', valid: false'), 'address: sw0', 'smmu.fault == C_BAD_STE')).toEqual([])
  })
  it('is C_BAD_SUBSTREAMID with a PASID, for there is one context descriptor', () => {
    expect(
      after(
        `${map('ram')}, ${configure('s1_translate')}`,
        'address: sw0, pasid: true',
        'smmu.fault == C_BAD_SUBSTREAMID && !smmu.guest_written',
      ),
    ).toEqual([])
  })
})

it('a page that is mapped is not mapped over: -EEXIST, and the first mapping stays', () => {
  const bad = after(
    `${map('ram')}, { smmu.map: { iova: sw0, frame: host }, on_error: continue }, ${configure('s1_translate')}`,
    'address: sw0',
    'host.errno == EEXIST && smmu.guest_written',
  )
  expect(bad).toEqual([])
})
