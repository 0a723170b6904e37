/** The two ways to give doorbells addresses: the MSI cookie as merged, the reserved-IOVA allocator as proposed. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verdicts } from '../../../../test/support/board'

const DOORBELLS = ['v2m', 'v2m1', 'its'] as const
type Doorbell = (typeof DOORBELLS)[number]

function run(cookie: string, operations: readonly string[], ...properties: string[]): string[] {
  const r = verdicts(`
blocks: { smmu: { kind: smmu }, c: { ${cookie} } }
programs:
  qemu:
    - wait: { until: "true" }
${operations.map((o) => `    - ${o}`).join('\n')}
properties:
  - { name: never, never: false }
${properties.map((p, i) => `  - { name: p${i}, end: "${p}" }`).join('\n')}
`)
  expect([r['complete'], r['range']]).toEqual(['holds', 'holds'])
  return properties.filter((_, i) => r[`p${i}`] !== 'holds')
}
const map = (d: Doorbell, domain = 'domain0'): string =>
  `{ c.map_doorbell: { domain: ${domain}, frame: ${d} }, on_error: continue }`
const NEW = ['c.alloc: { domain: domain0 }', 'c.get: { domain: domain0 }']

describe('the MSI cookie (30 §7)', () => {
  const cookie = 'kind: msi-cookie'
  it('gives the next page of the window, once for each doorbell', () => {
    const is = ['c.iova.domain0.its == sw0 && c.iova.domain0.v2m == sw1 && c.next.domain0 == 2 && qemu.errno == OK']
    expect(run(cookie, [...NEW, map('its'), map('v2m'), map('its')], ...is)).toEqual([])
  })
  it('maps the doorbell in the page table', () => {
    expect(run(cookie, [...NEW, map('its')], 'smmu.PTE.domain0.sw0.V && smmu.PTE.domain0.sw0.OA == its')).toEqual([])
  })
  it('does nothing in a domain without a cookie', () => {
    expect(run(cookie, [NEW[0] ?? '', map('its')], '!smmu.PTE.domain0.sw0.V && qemu.errno == OK')).toEqual([])
  })
  it('does not look where its window ends', () => {
    expect(
      run('kind: msi-cookie, pages: 1', [...NEW, map('its'), map('v2m')], 'c.past_window && smmu.PTE.domain0.sw1.V'),
    ).toEqual([])
  })
  it('fails with -ENOMEM where something is mapped at its next page', () => {
    const taken = 'smmu.map: { domain: domain0, iova: sw0, frame: ram }'
    expect(run(cookie, [...NEW, taken, map('its')], 'qemu.errno == ENOMEM && c.iova.domain0.its == nowhere')).toEqual(
      [],
    )
  })
  it('is there once: -EEXIST; and not without IOMMU_DMA: -ENODEV', () => {
    expect(run(cookie, [...NEW, '{ c.get: { domain: domain0 } }'], 'qemu.errno == EEXIST')).toEqual([])
    expect(
      run('kind: msi-cookie, iommu_dma: false', ['{ c.get: { domain: domain0 } }'], 'qemu.errno == ENODEV'),
    ).toEqual([])
  })
  it('is gone with its domain, pages and all', () => {
    const freed = [...NEW, map('its'), 'c.free: { domain: domain0 }', map('its')]
    expect(run(cookie, freed, '!smmu.PTE.domain0.sw0.V && c.next.domain0 == 0 && c.fault == use_after_free')).toEqual(
      [],
    )
  })
  it('of a context gives a doorbell the same address in every domain', () => {
    const two = [...NEW, 'c.alloc: { domain: domain1 }', 'c.get: { domain: domain1 }', map('its'), map('v2m')]
    const same = 'c.iova.domain1.its == sw0 && c.iova.domain1.v2m == sw1 && smmu.PTE.domain1.sw1.OA == v2m'
    const owner = 'kind: msi-cookie, owner: context'
    expect(run(owner, [...two, map('v2m', 'domain1'), map('its', 'domain1')], same)).toEqual([])
    expect(run(owner, [...two, 'c.install: { domain: domain1 }'], same)).toEqual([])
    expect(run(cookie, [...two, map('v2m', 'domain1')], 'c.iova.domain1.v2m == sw0')).toEqual([])
  })
})

describe('the reserved-IOVA allocator of 2016 (00 S0.7)', () => {
  const reserved = 'kind: reserved-iova'
  const window = (pages: number): string => `c.set_aperture: { pages: ${pages} }`
  it('wants a cookie (-ENODEV), then a window (-EINVAL), and takes only one (-EINVAL)', () => {
    expect(run(reserved, [map('its')], 'qemu.errno == ENODEV')).toEqual([])
    expect(run(reserved, [window(1)], 'qemu.errno == ENODEV')).toEqual([])
    expect(run(reserved, [...NEW, map('its')], 'qemu.errno == EINVAL')).toEqual([])
    expect(run(reserved, [...NEW, window(1), window(2)], 'qemu.errno == EINVAL && c.window.domain0 == 1')).toEqual([])
  })
  it('loses everything with its domain', () => {
    const gone = [...NEW, window(2), map('its'), 'c.free: { domain: domain0 }']
    expect(
      run(
        reserved,
        gone,
        'c.window.domain0 == 0 && c.users.domain0.its == 0 && !smmu.PTE.domain0.sw0.V && !c.used.domain0_0',
      ),
    ).toEqual([])
  })
  it('counts users, gives pages back and fails when none is left, as a list would', () => {
    const operation = fc.record({ put: fc.boolean(), d: fc.constantFrom(...DOORBELLS) })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.array(operation, { maxLength: 8 }), (pages, ops) => {
        const at = new Map<Doorbell, { page: number; users: number }>()
        let errno = 'OK'
        for (const { put, d } of ops) {
          const here = at.get(d)
          if (put) {
            if (here && --here.users === 0) at.delete(d)
          } else if (here) {
            if (here.users === 3) return // the model counts no further
            here.users++
          } else {
            const used = [...at.values()].map((x) => x.page)
            const page = [0, 1, 2].find((p) => p < pages && !used.includes(p))
            if (page === undefined) errno = 'ENOMEM'
            else at.set(d, { page, users: 1 })
          }
        }
        const steps = ops.map(({ put, d }) => (put ? `c.put_doorbell: { frame: ${d} }` : map(d)))
        const expected = DOORBELLS.map((d) => {
          const x = at.get(d)
          return x
            ? `c.iova.domain0.${d} == sw${x.page} && c.users.domain0.${d} == ${x.users} && smmu.PTE.domain0.sw${x.page}.OA == ${d}`
            : `c.iova.domain0.${d} == nowhere`
        })
        expect(run(reserved, [...NEW, window(pages), ...steps], ...expected, `qemu.errno == ${errno}`)).toEqual([])
      }),
      { numRuns: 40 },
    )
  })
})
