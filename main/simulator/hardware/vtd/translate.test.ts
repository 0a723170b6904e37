import { describe, expect, it } from 'vitest'
import {
  answer,
  ask,
  DIRECTORY,
  ENTRY,
  FIRST,
  hexOf,
  LEAF,
  legacy,
  nested,
  rid,
  SECOND,
  second,
  type Setup,
  TABLE,
  translated,
  withRid,
} from '../../../../test/support/reasons/vtd-dma'

describe('a VT-d unit refuses', () => {
  it.each(TABLE.map(([code, what, s]) => [`${hexOf(code)}h`, what, code, withRid(code, s)] as const))(
    '%s: %s',
    (_, __, code, s) => {
      const d = ask(s)
      expect(hexOf(d.reason?.code ?? 0)).toBe(hexOf(code))
      expect(d.checked.at(-1)).toBe(code)
      expect(d.outcome).toBe(answer(s.request?.kind ?? 'untranslated', code))
    },
  )
})

describe('FPD', () => {
  it.each(TABLE.filter(([code]) => code >= 0x59 && code < 0xa0 && code !== 0x60))(
    '%i: keeps a qualified fault out of the log, and the request is blocked all the same (%s)',
    (code, _, s) => {
      const open = ask(s)
      const quiet = ask({ ...s, context: { ...s.context, FPD: 1 } })
      expect([quiet.outcome, quiet.reason?.code]).toEqual([open.outcome, code])
      expect([open.logged, quiet.logged]).toEqual([true, false])
    },
  )

  it.each([0x38, 0x3a, 0x40, 0x50, 0x58])('does not hide %i, which is not qualified', (code) => {
    const row = TABLE.find(([c]) => c === code)
    expect(ask({ ...row?.[2], context: { ...row?.[2].context, FPD: 1 } }).logged).toBe(true)
  })
})

describe('a VT-d unit lets through', () => {
  it.each<readonly [string, Setup, bigint]>([
    ['a read by PASID through four first-stage levels', {}, 0x7123n],
    ['a request without PASID through RID_PASID', { context: rid, request: { pasid: undefined } }, 0x7123n],
    ['a second-stage read', { entry: second }, 0x123n],
    ['a nested read', { entry: nested }, 0x7123n],
    ['pass-through', { entry: { PGTT: 4 } }, 0x123n],
    ['a legacy read', legacy, 0x123n],
    ['a 1 GiB page', { words: { [FIRST + 0x1000]: 0x400000e7n } }, 0x40000123n],
    [
      'a supervisor’s write to a read-only page while WPE=0',
      { entry: { SRE: 1 }, words: { [LEAF]: 0x7065n }, request: { access: 'write', privileged: true } },
      0x7123n,
    ],
    [
      'a zero-length read of a write-only page with ZLR',
      { entry: second, words: { [SECOND + 0x3000]: 0x302n }, request: { access: 'zero-length-read' } },
      0x123n,
    ],
    ['a translated request without PASID', { request: translated }, 0x123n],
    [
      'a request with PASID to 0xfeexxxxx that is mapped elsewhere',
      {
        words: { [FIRST + 0x1018]: 0x12027n, [FIRST + 0x2000 + 0x1f7 * 8]: 0x13027n },
        request: { address: 0xfee00000n, access: 'write' },
      },
      0x7000n,
    ],
  ])('%s', (_, s, address) => {
    const d = ask(s)
    expect([d.outcome, d.reason?.name, d.address]).toEqual(['forwarded', undefined, address])
  })

  it('a write without PASID to 0xfeexxxxx as an interrupt request, whatever is mapped there', () => {
    expect(ask({ request: { pasid: undefined, address: 0xfee00018n, access: 'write' } }).outcome).toBe('interrupt')
  })

  it('a page request into the queue', () => {
    expect(ask({ request: { kind: 'page' } }).outcome).toBe('queued')
  })
})

describe('an ATS translation request', () => {
  const ats = (s: Setup) => ask({ ...s, request: { kind: 'translation', ...s.request } })

  it('gets the permissions that there are, without a fault in the log', () => {
    expect(ats({ words: { [LEAF]: 0x7065n } })).toMatchObject({
      outcome: 'success',
      permission: { read: true, write: false },
      logged: false,
    })
  })

  it('gets no permission where the PASID has no entry, and UR where the device-TLB is off', () => {
    expect(ats({ entry: { P: 0 } })).toMatchObject({ outcome: 'success', permission: { read: false, write: false } })
    expect(ats({ context: { DTE: 0, PRE: 0 } }).outcome).toBe('UR')
  })

  it('gets a Completer Abort where an entry has reserved bits', () => {
    expect(ats({ dirty: ENTRY }).outcome).toBe('CA')
  })

  it('learns that 0xfeexxxxx is for untranslated writes, unless it promised not to write', () => {
    const at = { pasid: undefined, address: 0xfee00000n } as const
    expect(ats({ request: at }).permission).toEqual({ read: false, write: true })
    expect(ats({ request: { ...at, noWrite: true } }).permission).toEqual({ read: false, write: false })
  })

  it('is recorded besides when an Accessed update fails (91h)', () => {
    expect(ats({ frozen: true, words: { [LEAF]: 0x7007n } })).toMatchObject({ outcome: 'success', logged: true })
  })
})

describe('a page request that meets a fault', () => {
  it('is answered with Invalid Request when it wants an answer, never with Response Failure, and dropped otherwise', () => {
    const page = (last: boolean) => ask({ context: { PRE: 0 }, request: { kind: 'page', last } })
    expect([page(true).outcome, page(false).outcome]).toEqual(['invalid-request', 'dropped'])
  })
})

describe('a translated request', () => {
  it('is refused by UR where policy forbids it and by CA where a structure is broken', () => {
    const by = (s: Setup) =>
      ask({ ...s, context: { HPTE: 1, ...rid, ...s.context }, request: { ...translated, ...s.request } }).outcome
    expect([by({ entry: { P: 0 } }), by({ directory: { P: 0 } })]).toEqual(['UR', 'UR'])
    expect([by({ dirty: ENTRY }), by({ words: { [DIRECTORY]: null } })]).toEqual(['CA', 'CA'])
  })
})
