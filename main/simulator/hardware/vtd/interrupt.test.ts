import { describe, expect, it } from 'vitest'
import { ask, compat, hexOf, REASONS, type Values } from '../../../../test/support/reasons/vtd-interrupts'
import { INTERRUPT_REASONS } from './reasons'

describe('interrupt remapping blocks', () => {
  it.each(REASONS.map(([code, what, s]) => [hexOf(code), what, code, s] as const))('%s: %s', (_, __, code, s) => {
    const d = ask(s)
    expect([d.outcome, d.reason?.code, d.logged]).toEqual(['blocked', code, true])
    expect(d.checked.at(-1)).toBe(code)
  })

  it.each(REASONS.filter(([code]) => INTERRUPT_REASONS.get(code)?.qualified && code !== 0x24))(
    '%i silently when FPD=1: %s',
    (code, _, s) => {
      const d = ask({ ...s, ...(s.posted ? { posted: { FPD: 1 } } : { irte: { ...s.irte, FPD: 1 } }) })
      expect([d.outcome, d.reason?.code, d.logged]).toEqual(['blocked', code, false])
    },
  )
})

describe('interrupt remapping delivers', () => {
  it('the vector and destination of the entry, 32 bits wide with EIME and 8 bits without', () => {
    expect(ask({})).toMatchObject({ outcome: 'remapped', index: 3, message: { destination: 0x102, vector: 0x41 } })
    expect(ask({ unit: { eime: false } })).toMatchObject({ message: { destination: 0x01 } })
  })

  it('a compatibility message without any source check while CFIS=1, whoever sends it', () => {
    const d = ask({ unit: { eime: false, cfis: true }, request: { ...compat, source: 0xbeef } })
    expect(d).toMatchObject({ outcome: 'compatibility', message: { destination: 1, vector: 0x31 } })
  })

  it('everything as it came while remapping is off', () => {
    expect(ask({ unit: { ires: false }, request: compat }).outcome).toBe('compatibility')
  })

  it.each([
    [0, 0x0018, true],
    [1, 0x0014, true],
    [1, 0x0011, false],
    [2, 0x0016, true],
    [3, 0x0017, true],
    [3, 0x0018, false],
  ])('with SQ=%i requester %i passes: %s', (SQ, source, passes) => {
    const SVT = SQ === 0 ? 0 : 1
    expect(ask({ irte: { SVT, SQ }, request: { source } }).outcome).toBe(passes ? 'remapped' : 'blocked')
  })

  it('from any function of a bus range with SVT=2', () => {
    expect(ask({ irte: { SVT: 2, SID: 0x0103 }, request: { source: 0x02ff } }).outcome).toBe('remapped')
  })
})

describe('a posted entry', () => {
  it.each<readonly [string, Values, Values, boolean]>([
    ['notifies while SN=0 and ON=0', {}, {}, true],
    ['does not notify again while ON=1', {}, { ON: 1 }, false],
    ['posts silently while SN=1', {}, { SN: 1 }, false],
    ['notifies while SN=1 when it is urgent', { URG: 1 }, { SN: 1 }, true],
    ['does not notify again when it is urgent and ON=1', { URG: 1 }, { ON: 1 }, false],
  ])('%s', (_, posted, descriptor, notifies) => {
    const d = ask({ posted, descriptor })
    expect(d).toMatchObject({ outcome: 'posted', vector: 0x55 })
    expect('notify' in d && d.notify).toEqual(notifies ? { vector: 0xf2, destination: 9 } : false)
  })
})
