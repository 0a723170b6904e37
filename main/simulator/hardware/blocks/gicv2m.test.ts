import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verdicts } from '../../../../test/support/board'

/** Function 1, in bypass, writes a number to the frame; which SPIs are raised then? */
function raised(frame: string, data: number, spis = 4): { spis: number[]; fault: boolean } {
  const r = verdicts(`
blocks:
  smmu: { kind: smmu }
  f: { kind: gicv2m, spis: ${spis}, ${frame} }
  nic: { kind: msix-table, stream: 1 }
programs:
  host: [{ smmu.configure: { stream: 1, config: bypass, domain: domain0 }, id: SET }]
  device: [{ wait: { until: done(SET) } }, { nic.dma_write: { address: v2m, data: ${data} } }]
properties:
  - { name: fault, end: f.fault == out_of_range }
${Array.from({ length: spis }, (_, n) => `  - { name: r${n}, end: "f.raised${n} && f.from${n} == 1" }`).join('\n')}
`)
  expect(r['complete']).toBe('holds')
  return {
    spis: Array.from({ length: spis }, (_, n) => n).filter((n) => r[`r${n}`] === 'holds'),
    fault: r['fault'] === 'holds',
  }
}

describe('MSI_SETSPI_NS (60 §7)', () => {
  it('raises the SPI that is written, whoever writes', () => {
    expect(raised('base: 80', 82)).toEqual({ spis: [2], fault: false })
  })
  it('does nothing for a number outside MSI_TYPER', () => {
    expect(raised('base: 80', 79)).toEqual({ spis: [], fault: true })
    expect(raised('base: 80', 84)).toEqual({ spis: [], fault: true })
  })
  it('takes the offset from the base on X-Gene, and the SPI less 32 on NS2', () => {
    expect(raised('base: 80, quirk: xgene, implementer: xgene', 3).spis).toEqual([3])
    expect(raised('base: 80, quirk: ns2, implementer: ns2', 80 - 32).spis).toEqual([0])
  })
  it('for any base and number, raises the number less what the quirk takes off', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 32, max: 900 }),
        fc.integer({ min: -2, max: 5 }),
        fc.constantFrom('none', 'xgene', 'ns2'),
        (base, n, quirk) => {
          const data = quirk === 'xgene' ? n : quirk === 'ns2' ? base + n - 32 : base + n
          if (data < 0) return
          const inside = n >= 0 && n < 4
          expect(raised(`base: ${base}, quirk: ${quirk}`, data)).toEqual({ spis: inside ? [n] : [], fault: !inside })
        },
      ),
      { numRuns: 25 },
    )
  })
})
