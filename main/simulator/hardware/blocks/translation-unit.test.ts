import { describe, expect, it } from 'vitest'
import { verdicts } from '../../../../test/support/board'

/** One program after another on a unit: is the condition seen, and does the run come to its end? */
function seen(parameters: string, host: readonly string[], device: readonly string[], condition: string): boolean {
  const v = verdicts(`
blocks: { unit: { kind: translation-unit${parameters} } }
programs:
  host: [${[...host, '{ wait: { until: "true" }, id: READY }'].join(', ')}]
  device: [{ wait: { until: done(READY) } }, ${device.join(', ')}]
properties:
  - { name: seen, sometimes: "${condition}" }
`)
  expect([v['complete'], v['range']]).toEqual(['holds', 'holds'])
  return v['seen'] === 'witnessed'
}

const dma = (page: string, dev = 0, id = '') => `{ unit.dma: { dev: ${dev}, page: ${page} }${id ? `, id: ${id}` : ''} }`
const map = (domain: string, page: string, frame: string) =>
  `{ unit.map: { domain: ${domain}, page: ${page}, frame: ${frame} } }`
const unmap = (domain: string, page: string) => `{ unit.unmap: { domain: ${domain}, page: ${page} } }`

describe('a requester', () => {
  it('is refused while it has no entry', () => {
    expect(seen('', [], [dma('high')], 'unit.landed0.high == blocked && unit.fault == no_entry')).toBe(true)
    expect(seen('', [], [dma('high')], 'unit.landed0.high == high')).toBe(false)
  })

  it('reaches everything while its entry lets it through, or while the unit does not translate', () => {
    expect(seen(', at_start: bypass', [], [dma('high')], 'unit.landed0.high == high')).toBe(true)
    expect(seen(', enabled: false', [], [dma('high')], 'unit.landed0.high == high')).toBe(true)
    expect(seen(', enabled: false', ['unit.enable'], [dma('high')], 'unit.landed0.high == high')).toBe(false)
  })

  it('reaches what its domain maps, and nothing else', () => {
    const crashed = ', at_start: crashed'
    expect(seen(crashed, [map('crashed', 'iova', 'guest')], [dma('iova')], 'unit.landed0.iova == guest')).toBe(true)
    const other = 'unit.landed0.high == blocked && unit.fault == not_mapped'
    expect(seen(crashed, [map('crashed', 'iova', 'guest')], [dma('high')], other)).toBe(true)
    expect(seen(crashed, [], [dma('dump')], 'unit.landed0.dump == dump')).toBe(true)
  })

  it('makes an interrupt of a write to the window, whatever is mapped there', () => {
    for (const p of [', at_start: crashed', ', enabled: false', ''])
      expect(seen(p, [map('crashed', 'msi', 'guest')], [dma('msi')], 'unit.landed0.msi == interrupt')).toBe(true)
  })
})

describe('the IOTLB', () => {
  const run = (caches: boolean, flush: boolean) => {
    const v = verdicts(`
blocks: { unit: { kind: translation-unit, at_start: crashed, caches: ${caches} } }
programs:
  host:
    - ${map('crashed', 'iova', 'guest')}
    - wait: { until: done(FIRST) }
    - ${unmap('crashed', 'iova')}
${flush ? '    - unit.flush: { domain: crashed }' : ''}
    - wait: { until: "true" }
      id: GONE
  device:
    - ${dma('iova', 0, 'FIRST')}
    - wait: { until: done(GONE) }
    - ${dma('iova', 0, 'SECOND')}
properties:
  - { name: stale, sometimes: "done(SECOND.hit(crashed))" }
  - { name: refused, sometimes: "done(SECOND.not_mapped(crashed))" }
`)
    return [v['stale'], v['refused']]
  }

  it('goes on answering for a page that was unmapped, or has lost the entry already', () => {
    expect(run(true, false)).toEqual(['witnessed', 'witnessed'])
  })
  it('answers no more once its domain was invalidated', () => {
    expect(run(true, true)).toEqual(['unwitnessed', 'witnessed'])
  })
  it('may be left out', () => {
    expect(run(false, false)).toEqual(['unwitnessed', 'witnessed'])
  })
})

describe('tables that were given back', () => {
  const freed = `
kinds:
  - block: reaper
    title: Somebody who frees the crashed kernel's tables
    cite: this test
    ports: { unit: translation-unit }
    operations:
      free: { doc: give them back, steps: [{ set: { unit.freed.crashed: true, unit.freed.si: true } }] }
`
  const run = (op: string, parameters = '') =>
    verdicts(`
${freed}
blocks: { unit: { kind: translation-unit, at_start: crashed${parameters} }, reaper: { kind: reaper } }
programs:
  host: [reaper.free, { ${op} }]
properties: [{ name: fault, end: unit.fault == freed_table }]
`)['fault']

  it('may not be written any more', () => {
    expect(run('unit.map: { domain: crashed, page: iova, frame: guest }')).toBe('holds')
    expect(run('unit.unmap: { domain: crashed, page: iova }')).toBe('holds')
  })
})

describe('an identity domain', () => {
  const reaches = (passthrough: boolean) =>
    verdicts(`
blocks:
  unit: { kind: translation-unit, passthrough: ${passthrough} }
  regions: { kind: reserved-regions }
  core: { kind: iommu-core, freeing: shared }
programs:
  host: [{ core.setup_default: { group: 0, domain: si } }, { core.free_domain: { domain: si } }, { wait: { until: "true" }, id: FREED }]
  device: [{ unit.dma: { dev: 0, page: high }, when: done(FREED) }]
properties: [{ name: reached, sometimes: unit.landed0.high == high }, { name: walked, sometimes: unit.landed0.high == freed }]
`)

  it('has no tables that could be freed, where the unit knows pass-through', () => {
    expect(reaches(true)).toMatchObject({ reached: 'witnessed', walked: 'unwitnessed' })
    expect(reaches(false)).toMatchObject({ reached: 'unwitnessed', walked: 'witnessed' })
  })
})

describe('two devices with one requester id', () => {
  it('share the entry that was written last', () => {
    const v = verdicts(`
blocks:
  unit: { kind: translation-unit, aliased: true }
  regions: { kind: reserved-regions }
  core: { kind: iommu-core }
programs:
  host:
    - core.setup_default: { group: 0, domain: dma0 }
    - core.setup_default: { group: 1, domain: si }
    - wait: { until: "true" }
      id: READY
  device: [{ unit.dma: { dev: 0, page: high }, when: done(READY) }]
properties: [{ name: reached, end: unit.landed0.high == high && unit.entry0 == dma0 }]
`)
    expect(v).toMatchObject({ reached: 'holds', complete: 'holds' })
  })
})
