import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verdicts } from '../../../../test/support/board'

interface Window {
  readonly page: number
  readonly log2: number
  readonly prot: 'query' | 'update' | 'all'
}

/** What the entries say, worked out with shifts and masks instead of the block's own arithmetic. */
function reference(
  a: { start: number; log2: number; counts: number; windows: readonly (Window | null)[] },
  page: number,
  write: boolean,
): number | undefined {
  const shift = a.log2 - a.counts
  if (page >>> a.log2 !== a.start >>> a.log2) return undefined
  const window = a.windows[(page & ((1 << a.log2) - 1)) >>> shift]
  if (!window || !(window.prot === 'all' || window.prot === (write ? 'update' : 'query'))) return undefined
  const offset = page & ((1 << shift) - 1)
  return offset >>> window.log2 === 0 ? window.page + offset : undefined
}

/** 1 MiB … 1 GiB in two, four or eight windows; some mapped, with sizes up to that of a window. */
const setups = fc
  .record({
    log2: fc.integer({ min: 8, max: 18 }),
    counts: fc.integer({ min: 1, max: 3 }),
    base: fc.integer({ min: 0, max: 15 }),
  })
  .chain(({ log2, counts, base }) =>
    fc.record({
      log2: fc.constant(log2),
      counts: fc.constant(counts),
      start: fc.constant(base << log2),
      windows: fc.array(
        fc.option(
          fc.record({
            page: fc.integer({ min: 1, max: 0xfff }).map((n) => n << 11),
            log2: fc.integer({ min: 0, max: log2 - counts }),
            prot: fc.constantFrom('query' as const, 'update' as const, 'all' as const),
          }),
        ),
        { minLength: 1 << counts, maxLength: 1 << counts },
      ),
    }),
  )

describe('the PAMU’s translation', () => {
  it('is that of shifts and masks, for every aperture, window and address', () => {
    fc.assert(
      fc.property(setups, fc.integer({ min: 0, max: 1 << 19 }), fc.boolean(), (setup, anywhere, write) => {
        // Near the aperture more often than not: a page of it, of its neighbours, or any.
        const page = anywhere & 1 ? setup.start + (anywhere % (3 << (setup.log2 - 1))) : anywhere
        const to = reference(setup, page, write)
        const maps = setup.windows.flatMap((w, i) =>
          w
            ? [
                `{ pamu.config_spaace: { liodn: 0, subwin: ${i}, size: ${1 << w.log2}, page: ${w.page}, prot: ${w.prot} } }`,
              ]
            : [],
        )
        const access = `{ dev.${write ? 'write' : 'read'}: { at: ${page >>> 8}, page: ${page & 0xff} }, when: done(ON) }`
        const r = verdicts(`
blocks: { pamu: { kind: pamu }, mpic: { kind: mpic-msi }, dev: { kind: pamu-endpoint } }
programs:
  host:
    - pamu.disable_liodn: { liodn: 0 }
    - pamu.config_ppaace: { liodn: 0, start: ${setup.start}, size: ${1 << setup.log2}, count: ${1 << setup.counts} }
${maps.map((m) => `    - ${m}`).join('\n')}
    - pamu.enable_liodn: { liodn: 0 }
      id: ON
  device: [${access}]
properties:
  - { name: refused, end: dev.outcome == violation }
  - { name: reached, sometimes: dev.outcome == memory && dev.landed == ${to ?? 0} }
`)
        expect([r['refused'], r['reached'], r['range']]).toEqual(
          to === undefined ? ['holds', 'unwitnessed', 'holds'] : ['violated', 'witnessed', 'holds'],
        )
      }),
      { numRuns: 60, seed: 50 },
    )
  }, 60_000)
})
