import { describe, expect, it } from 'vitest'
import { inline } from '../../../../test/support/inline'

const BLOCKS = `
blocks:
  unit: { kind: vtd-unit }
  context: { kind: vtd-context, rid_pasid: 0 }
  pasid: { kind: vtd-pasid, pasids: 2 }
`
const table = (programs: string, properties: string, more = '') =>
  inline(`${BLOCKS.replace('pasids: 2', `pasids: 2${more}`)}programs:\n${programs}\nproperties:\n${properties}`)

describe('fault recording', () => {
  const faults = (host: string, n: number, end: string) =>
    table(
      `  device: [${Array.from({ length: n }, () => '{ pasid.dma: { pasid: 1, job: before } }').join(', ')}, { wait: { until: "true" }, id: DONE }]
  host: [{ wait: { until: done(DONE) } }${host}]`,
      `  - { name: end, end: "${end}" }\n  - { name: some, sometimes: unit.FSTS.PPF }`,
    )

  it('puts each fault into the next register, with its reason', () => {
    const r = faults('', 2, 'unit.FRCD0.F && unit.FRCD1.F && unit.FRCD1.FR == h59 && !unit.FSTS.PFO')
    expect(r.verdicts()).toMatchObject({ end: 'holds', some: 'witnessed' })
    expect(r.register('unit FRCD[0]', 'FRCD[127:96]', 'some')).toBe(0x80000059)
  })

  it('sets PFO when the next register is still full', () => {
    expect(faults('', 3, 'unit.FSTS.PFO').verdict('end')).toBe('holds')
  })

  it('loses every further fault until PFO is cleared, although a register is free again', () => {
    const r = table(
      `  device:
    - repeat: { times: 3, do: [{ pasid.dma: { pasid: 1, job: before } }] }
    - { wait: { until: done(CLEARED) } }
    - { pasid.dma: { pasid: 1, job: before }, id: LOST }
    - { wait: { until: done(OPEN) } }
    - { pasid.dma: { pasid: 1, job: before }, id: KEPT }
  host:
    - { wait: { until: unit.FSTS.PFO } }
    - { unit.clear_record: { record: 0 }, id: CLEARED }
    - { wait: { until: done(LOST.record.lost) } }
    - { unit.clear_overflow: {}, id: OPEN }`,
      '  - { name: lost, sometimes: done(LOST.record.lost) }\n  - { name: kept, end: unit.FRCD0.F && unit.FRCD1.F }',
    )
    expect(r.verdicts()).toMatchObject({ lost: 'witnessed', kept: 'holds', complete: 'holds' })
  })

  it('leaves no record of a qualified fault under FPD; the request is refused all the same', () => {
    const r = table(
      `  host: [{ pasid.clear: { pasid: 1, ignore_faults: true }, id: OFF }]
  device: [{ wait: { until: done(OFF) } }, { pasid.dma: { pasid: 1, job: before }, id: DMA }]`,
      '  - { name: quiet, never: unit.FSTS.PPF }\n  - { name: refused, end: pasid.reached1 == nothing && pasid.fault == h59 }\n  - { name: some, sometimes: done(DMA.record.quiet) }',
    )
    expect(r.verdicts()).toMatchObject({ quiet: 'holds', refused: 'holds', some: 'witnessed' })
  })
})

describe('what a context entry refuses', () => {
  const refused = (host: string, device: string, why: string) =>
    table(
      `  host: [{ pasid.set_up: { pasid: 1, owner: before } }, { pasid.set_up: { pasid: 0, owner: before } }, ${host}, { unit.wait: {}, id: UP }]
  device: [{ wait: { until: done(UP) } }, ${device}]`,
      `  - { name: why, end: pasid.fault == ${why} }\n  - { name: recorded, sometimes: unit.FRCD0.FR == ${why} }`,
    ).verdicts()

  it.each([
    ['41h: the entry is not present', 'context.clear', '{ pasid.dma: { pasid: 1, job: before } }', 'h41'],
    [
      '44h: a translation request while DTE=0',
      'context.disable_ats',
      '{ pasid.dma_ats: { pasid: 1, job: before } }',
      'h44',
    ],
    ['45h: a PASID while PASIDE=0', 'context.disable_pasid', '{ pasid.dma: { pasid: 1, job: before } }', 'h45'],
    ['48h: RID_PASID on the wire', 'unit.wait', '{ pasid.dma: { pasid: 0, job: before } }', 'h48'],
    [
      '71h: a page that is not mapped',
      '{ pasid.unmap: { owner: before } }',
      '{ pasid.dma: { pasid: 1, job: before } }',
      'h71',
    ],
  ])('%s', (_, host, device, why) => {
    const got = refused(host, device, why)
    expect(got).toMatchObject({ why: 'holds', complete: 'holds' })
    // 44h answers a translation request with UR; it is recorded like the others.
    expect(got['recorded']).toBe('witnessed')
  })

  it('goes on letting through what was cached, until the context cache is invalidated', () => {
    const by = (invalidate: string) =>
      table(
        `  host: [{ pasid.set_up: { pasid: 1, owner: before } }, { wait: { until: done(FIRST) } }, context.clear${invalidate}, { unit.wait: {}, id: OFF }]
  device: [{ wait: { until: pasid.PASIDTE1.P } }, { pasid.dma: { pasid: 1, job: before } }, { wait: { until: 'true' }, id: FIRST }, { wait: { until: done(OFF) } }, { pasid.dma: { pasid: 1, job: before } }]`,
        '  - { name: through, end: pasid.fault == none }\n  - { name: first, sometimes: pasid.reached1 == before }',
      ).verdict('through')
    expect(by('')).toBe('holds')
    expect(by(', context.invalidate')).toBe('violated')
  })
})

describe('a PASID table entry', () => {
  it('is -EBUSY to set up while it is present', () => {
    const r = table(
      '  host: [{ pasid.set_up: { pasid: 1, owner: before } }, { pasid.set_up: { pasid: 1, owner: after } }]',
      '  - { name: busy, end: host.errno == EBUSY && pasid.PASIDTE1.FSPTPTR == before }\n  - { name: some, sometimes: pasid.PASIDTE1.P }',
    )
    expect(r.verdicts()).toMatchObject({ busy: 'holds', some: 'witnessed' })
  })

  it.each([
    ['needs no invalidation from not present to present while CM=0', '', 'holds'],
    ['needs one while CM=1: the absence itself was cached', ', caching_mode: true', 'violated'],
  ])('%s', (_, mode, verdict) => {
    const r = table(
      `  device: [{ pasid.dma: { pasid: 1, job: before }, id: EARLY }, { wait: { until: done(UP) } }, { pasid.dma: { pasid: 1, job: before }, id: LATER }]
  host: [{ wait: { until: done(EARLY.record) } }, { pasid.set_up: { pasid: 1, owner: before }, id: UP }]`,
      '  - { name: works, end: pasid.reached1 == before }\n  - { name: refused, sometimes: pasid.why1 == h59 }',
      mode,
    )
    expect([r.verdict('works'), r.verdict('refused')]).toEqual([verdict, 'witnessed'])
  })

  it('shows P and the page-table pointer of the owner in their bits', () => {
    const r = table(
      '  host: [{ pasid.set_up: { pasid: 1, owner: after } }]',
      '  - { name: up, sometimes: pasid.PASIDTE1.P }',
    )
    expect(r.register('pasid PASIDTE[1]', 'PASIDTE[31:0]', 'up') & 0x1c1).toBe(0x41)
    expect(r.register('pasid PASIDTE[1]', 'PASIDTE[159:128]', 'up')).toBe(0x200000)
  })
})
