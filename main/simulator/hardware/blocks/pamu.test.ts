import { describe, expect, it } from 'vitest'
import { verdicts } from '../../../../test/support/board'

const BOARD = 'pamu: { kind: pamu }, mpic: { kind: mpic-msi }, dev: { kind: pamu-endpoint }'
/** 256 MiB from 0 in four windows of 64 MiB, nothing mapped, the LIODN off. */
const APERTURE = [
  'pamu.disable_liodn: { liodn: 0 }',
  'pamu.config_ppaace: { liodn: 0, start: 0, size: 65536, count: 4 }',
]
const ON = ['pamu.enable_liodn: { liodn: 0 }']
const map = (window: number, page: number, prot = 'all', size = 16384): string =>
  `pamu.config_spaace: { liodn: 0, subwin: ${window}, size: ${size}, page: ${page}, prot: ${prot} }`

/** Set up, then let the device act: which of these are true wherever a run ends. */
function end(
  host: readonly string[],
  device: readonly string[],
  conditions: readonly string[],
  board = BOARD,
): boolean[] {
  const list = (ops: readonly string[], more = ''): string => ops.map((o) => `\n    - ${o}${more}`).join('')
  const r = verdicts(`
blocks: { ${board} }
programs:
  host:${list(host)}
    - wait: { until: true }
      id: READY
  device:
    - wait: { until: done(READY) }${list(device)}
properties:
${conditions.map((c, i) => `  - { name: p${i}, end: "${c}" }`).join('\n')}
`)
  expect([r['complete'], r['range']]).toEqual(['holds', 'holds'])
  return conditions.map((_, i) => r[`p${i}`] === 'holds')
}
const dma = (at: number, more = ''): string => `dev.write: { at: ${at}${more} }`

describe('at boot (50 §1.2)', () => {
  it('T5: every LIODN is valid, untranslated and takes all accesses: DMA reaches any physical address', () => {
    expect(
      end([], [dma(768)], ['dev.outcome == memory && dev.landed == 196608 && dev.stray', 'pamu.open0 && pamu.open1']),
    ).toEqual([true, true])
  })
  it('the whole of 36 bits is open: the last MiB too', () => {
    expect(end([], [dma(65535)], ['dev.outcome == memory && !dev.refused'])).toEqual([true])
  })
  it('even an MSI to the physical address of MSIIR goes through', () => {
    expect(end([], ['dev.write: { at: 65504, page: 68, offset: 320 }'], ['dev.outcome == interrupt'])).toEqual([true])
  })
})

describe('windows (50 §1.1)', () => {
  it.each([
    [0, 0x10000],
    [1, 0x14000],
    [3, 0x1c000],
  ])('sub-window %i is translated by its own entry, with the offset kept', (w, page) => {
    expect(
      end(
        [...APERTURE, map(w, page), ...ON],
        [`dev.write: { at: ${w * 64}, page: 5 }`],
        [`dev.outcome == memory && dev.landed == ${page + 5}`, '!dev.stray'],
      ),
    ).toEqual([true, true])
  })
  it('a single window is the primary entry alone', () => {
    const one = [
      'pamu.disable_liodn: { liodn: 0 }',
      'pamu.config_ppaace: { liodn: 0, start: 65536, size: 65536, count: 1 }',
    ]
    expect(
      end([...one, map(0, 0x20000, 'all', 65536), ...ON], [dma(300)], ['dev.landed == 142336', '!pamu.PPAACE0.MW']),
    ).toEqual([true, true])
  })
  it('WSE, WCE and SWSE are the codes of 256 MiB, four windows and 64 MiB', () => {
    expect(
      end(
        [...APERTURE, map(2, 0x18000)],
        [],
        [
          'pamu.PPAACE0.WSE == 0x1b && pamu.PPAACE0.WCE == 1 && pamu.PPAACE0.MW',
          'pamu.SPAACE0_2.SWSE == 0x19 && pamu.SPAACE0_2.TWBAL == 98304 && pamu.SPAACE0_2.ATM == window',
        ],
      ),
    ).toEqual([true, true])
  })
  it('T3: sub-window 0 is taken away by AP, for its V is the LIODN’s; the others by V', () => {
    const off = (w: number): string => `pamu.disable_spaace: { liodn: 0, subwin: ${w} }`
    expect(
      end(
        [...APERTURE, map(0, 0x10000), map(1, 0x14000), map(2, 0x18000), ...ON, off(0), off(1)],
        [dma(128)],
        [
          'pamu.PPAACE0.V && pamu.PPAACE0.AP == denied',
          '!pamu.SPAACE0_1.V && pamu.SPAACE0_1.AP == all',
          'dev.outcome == memory',
        ],
      ),
    ).toEqual([true, true, true])
  })
  it('another LIODN is not touched', () => {
    expect(end([...APERTURE, ...ON], [], ['pamu.open1 && !pamu.open0'])).toEqual([true])
  })
  it('secondary entries run out, and come back when the LIODN gives them up', () => {
    const r = (more: string): Record<string, string> =>
      verdicts(`
blocks: { pamu: { kind: pamu, spaaces: 4 } }
programs:
  host:
    - pamu.config_ppaace: { liodn: 0, start: 0, size: 65536, count: 4 }
    ${more}
    - pamu.config_ppaace: { liodn: 1, start: 0, size: 65536, count: 4 }
properties:
  - { name: full, end: host.errno == EINVAL && pamu.fault == spaace_exhausted }
  - { name: fine, end: host.errno == OK && pamu.PPAACE1.MW }
`)
    expect(r('')).toMatchObject({ full: 'holds', fine: 'violated' })
    expect(r('- pamu.free_subwins: { liodn: 0 }')).toMatchObject({ full: 'violated', fine: 'holds' })
  })
})

describe('a violation (50 §1.3)', () => {
  const setups: [string, string[], string, string][] = [
    ['a LIODN that is off', APERTURE, dma(0), 'LAV'],
    ['an address outside the aperture', [...APERTURE, map(1, 0x14000), ...ON], dma(768), 'WAV'],
    ['a sub-window that is not valid', [...APERTURE, map(1, 0x14000), ...ON], dma(128), 'WAV'],
    ['a write where only query is allowed', [...APERTURE, map(1, 0x14000, 'query'), ...ON], dma(64), 'APV'],
    [
      'a read where only update is allowed',
      [...APERTURE, map(1, 0x14000, 'update'), ...ON],
      'dev.read: { at: 64 }',
      'APV',
    ],
    ['sub-window 0 with AP denied', [...APERTURE, map(1, 0x14000), ...ON], dma(0), 'APV'],
    [
      'an offset behind a mapping of 4 KiB',
      [...APERTURE, map(1, 0x14000, 'all', 1), ...ON],
      dma(64, ', page: 1'),
      'WAV',
    ],
  ]
  it.each(setups)('%s is refused', (_, host, access, kind) => {
    const r = verdicts(`
blocks: { ${BOARD} }
programs:
  host: [${host.map((o) => `{ ${o} }`).join(', ')}, { wait: { until: true }, id: READY }]
  device: [{ wait: { until: done(READY) } }, { ${access} }]
properties:
  - { name: said, sometimes: pamu.PICS.AVS && pamu.AVS1.AV && pamu.AVS1.${kind} != 0 && pamu.AVS1.LIODN == 0 }
  - { name: nothing, never: dev.outcome == memory || dev.outcome == interrupt }
  - { name: kept, end: pamu.fault == violation }
`)
    expect(r).toMatchObject({ said: 'witnessed', nothing: 'holds', kept: 'holds' })
  })
  it('T4: the handler disables the LIODN, and all its DMA fails from then on, also to good windows', () => {
    const host = [...APERTURE, map(1, 0x14000), ...ON]
    const r = verdicts(`
blocks: { ${BOARD} }
programs:
  host: [${host.map((o) => `{ ${o} }`).join(', ')}, { wait: { until: true }, id: READY }]
  device: [{ wait: { until: done(READY) } }, { ${dma(768)} }, { ${dma(64)}, id: GOOD, when: pamu.disabled0 }]
properties:
  - { name: dead, end: dev.outcome == violation && !pamu.PPAACE0.V && pamu.disabled0 }
  - { name: other, end: pamu.PPAACE1.V }
  - { name: cleared, sometimes: "!pamu.PICS.AVS && pamu.disabled0" }
`)
    expect(r).toMatchObject({ dead: 'holds', other: 'holds', cleared: 'witnessed' })
  })
  it('until the handler has run, good windows still work', () => {
    const host = [...APERTURE, map(1, 0x14000), ...ON]
    const r = verdicts(`
blocks: { ${BOARD} }
programs:
  host: [${host.map((o) => `{ ${o} }`).join(', ')}, { wait: { until: true }, id: READY }]
  device: [{ wait: { until: done(READY) } }, { ${dma(768)} }, { ${dma(64)} }]
properties:
  - { name: between, sometimes: dev.outcome == memory }
`)
    expect(r['between']).toBe('witnessed')
  })
  it('the vendor’s default window makes the LIODN as open as at boot', () => {
    expect(
      end([...APERTURE, 'pamu.default_window: { liodn: 0 }'], [dma(768)], ['dev.stray && dev.landed == 196608']),
    ).toEqual([true])
  })
})
