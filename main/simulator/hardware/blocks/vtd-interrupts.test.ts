import { describe, expect, it } from 'vitest'
import { inline } from '../../../../test/support/inline'

const irte = (programs: string, properties: string) =>
  inline(`
blocks: { unit: { kind: vtd-unit }, ir: { kind: vtd-irte } }
programs:
${programs}
properties:
${properties}
`)

describe('an interrupt remapping table entry', () => {
  it('blocks with 22h while it is not present, and the fault is recorded', () => {
    const r = irte(
      '  device: [{ ir.signal: { entry: 0, from: own, owner: own } }]',
      '  - { name: blocked, end: ir.delivered0 == nobody && ir.fault == h22 }\n  - { name: recorded, sometimes: unit.FRCD0.FR == h22 }',
    )
    expect(r.verdicts()).toMatchObject({ blocked: 'holds', recorded: 'witnessed' })
  })

  it('goes on delivering from the cache after it was cleared, until it is invalidated', () => {
    const by = (invalidate: string) =>
      irte(
        `  host: [{ ir.program: { entry: 0, cpu: old_cpu, sid: own } }, { wait: { until: done(FIRST) } }, { ir.clear: { entry: 0 } }${invalidate}, { unit.wait: {}, id: OFF }]
  device: [{ wait: { until: ir.IRTE0.P } }, { ir.signal: { entry: 0, from: own, owner: own } }, { wait: { until: 'true' }, id: FIRST }, { wait: { until: done(OFF) } }, { ir.signal: { entry: 0, from: own, owner: own } }]`,
        '  - { name: through, end: ir.fault == none }\n  - { name: first, sometimes: ir.delivered0 == old_cpu }',
      ).verdict('through')
    expect(by('')).toBe('holds')
    expect(by(', { ir.invalidate: { entry: 0 } }')).toBe('violated')
  })

  it('checks the requester of a cached entry too (26h)', () => {
    const r = irte(
      `  host: [{ ir.program: { entry: 0, cpu: old_cpu, sid: own } }]
  device: [{ wait: { until: ir.IRTE0.P } }, { ir.signal: { entry: 0, from: own, owner: own }, id: FIRST }, { ir.signal: { entry: 0, from: neighbour, owner: own }, id: OTHER }]`,
      '  - { name: cached, sometimes: done(OTHER.message.source_cached) }\n  - { name: forged, never: ir.forged }',
    )
    expect(r.verdicts()).toMatchObject({ cached: 'witnessed', forged: 'holds' })
  })

  it('shows SID, SVT and the destination in their bits', () => {
    const r = irte(
      '  host: [{ ir.program: { entry: 0, cpu: new_cpu, sid: own } }]',
      '  - { name: up, sometimes: ir.IRTE0.P }',
    )
    const words = ['IRTE[31:0]', 'IRTE[63:32]', 'IRTE[95:64]'].map((w) => r.register('ir IRTE[0]', w, 'up'))
    expect(words).toEqual([0x410001, 2, 0x40010])
  })
})

describe('compatibility format', () => {
  const compat = (host: string) =>
    irte(
      `  host: [${host}{ unit.wait: {}, id: READY }]\n  device: [{ wait: { until: done(READY) } }, ir.signal_compatibility]`,
      '  - { name: through, end: ir.compatibility }\n  - { name: blocked, end: ir.fault == h25 }\n  - { name: some, sometimes: done(READY) }',
    ).verdicts()
  it('is blocked with 25h while CFIS=0, and passes without any source check while CFIS=1', () => {
    expect(compat('')).toMatchObject({ blocked: 'holds' })
    expect(compat('unit.allow_compatibility, ')).toMatchObject({ through: 'holds' })
  })
  it('is blocked while EIME=1, whatever CFIS says', () => {
    expect(compat('unit.allow_compatibility, { write: { register: unit.IRTA, value: 0x80f } }, ')).toMatchObject({
      blocked: 'holds',
    })
  })
})

describe('a posted interrupt descriptor', () => {
  const pid = (programs: string, properties: string) =>
    inline(`blocks: { pd: { kind: vtd-posted-descriptor } }\nprograms:\n${programs}\nproperties:\n${properties}`)

  it('gets one notification for several interrupts while ON is set', () => {
    const r = pid(
      '  host: [{ wait: { until: done(P2) } }, pd.interrupts_off, pd.sync, pd.enter]\n  device: [pd.post, { pd.post: {}, id: P2 }]',
      '  - { name: once, end: pd.injected == 1 && pd.nothing_left }\n  - { name: some, sometimes: pd.PID.ON }',
    )
    expect(r.verdicts()).toMatchObject({ once: 'holds', some: 'witnessed' })
  })

  it('is notified of an urgent interrupt although SN is set, and of no other', () => {
    const by = (urgent: boolean) =>
      pid(
        `  host: [{ pd.suppress: {}, id: SN }]\n  device: [{ wait: { until: done(SN) } }, { pd.post: { urgent: ${urgent} } }]`,
        '  - { name: quiet, never: pd.notified }\n  - { name: some, sometimes: pd.PID.PIR == v41 }',
      ).verdict('quiet')
    expect([by(false), by(true)]).toEqual(['holds', 'violated'])
  })

  it('has PIR bit 41h in its third word', () => {
    const r = pid('  device: [pd.post]', '  - { name: posted, sometimes: pd.PID.PIR == v41 }')
    expect(r.register('pd PID', 'PID[95:64]', 'posted')).toBe(2)
  })
})

describe('the page request queue', () => {
  it('answers by itself and sets PRO when a request finds it full', () => {
    const r = inline(`
blocks: { prq: { kind: vtd-page-requests } }
programs:
  device: [{ prq.request: { job: before } }, { prq.request: { job: before } }]
properties:
  - { name: overflow, sometimes: prq.PRS.PRO && prq.answered == automatic }
  - { name: served, sometimes: prq.answered == success }
`)
    expect(r.verdicts()).toMatchObject({ overflow: 'witnessed', served: 'witnessed', complete: 'holds' })
  })

  it('answers Invalid Request where nobody owns the PASID', () => {
    const r = inline(`
blocks: { prq: { kind: vtd-page-requests } }
programs:
  host: [{ prq.unbind: {}, id: GONE }]
  device: [{ wait: { until: done(GONE) } }, { prq.request: { job: before } }]
properties:
  - { name: invalid, end: prq.answered == invalid }
  - { name: some, sometimes: done(GONE) }
`)
    expect(r.verdicts()).toMatchObject({ invalid: 'holds', some: 'witnessed' })
  })
})
