import { describe, expect, it } from 'vitest'
import { inline } from '../../../../test/support/inline'
import { encodeEntry, memoryOf } from '../entry'
import { CD, STE } from '../smmuv3/entries'
import { translateSmmu } from '../smmuv3/translate'
import { SMMUV3_STREAM } from './smmuv3-stream'

interface Case {
  /** STE; false: never written. */
  ste?: Partial<Record<'V' | 'Config' | 'S1CDMax' | 'S1DSS' | 'EATS', boolean | number | string>>
  /** Context descriptor of the SubstreamID (0 without one); false: not written. */
  cd?: { R?: boolean; A?: boolean } | false
  substream?: number
  AT?: number
  mapped?: boolean
  log2size?: number
  unchecked?: boolean
}
const OUTCOMES = ['bypassed', 'before', 'aborted', 'ignored', 'no_permission']

/** One transaction of stream 1: the names of what holds at its end. */
function ask(c: Case): string[] {
  const list = (v: object): string => Object.entries(v).map(([k, x]) => `, ${k}: ${String(x)}`).join('') // prettier-ignore
  const host = [
    `{ smmu.write_ste: { stream: 1${list(c.ste ?? {})} } }`,
    ...(c.cd === false ? [] : [`{ smmu.write_cd: { stream: 1, substream: ${c.substream ?? 0}, owner: before${list(c.cd ?? {})} } }`]), // prettier-ignore
    ...(c.mapped === false ? ['{ smmu.unmap: { owner: before } }'] : []),
    ...(c.log2size === undefined ? [] : [`{ write: { register: smmu.STRTAB_BASE_CFG, value: ${c.log2size} } }`]),
    ...(c.unchecked ? ['{ write: { register: smmu.CR0, value: 0xd } }'] : []),
    '{ smmu.sync: {}, id: READY }',
  ]
  const who = `stream: 1, job: before, AT: ${c.AT ?? 0}`
  const access =
    c.substream === undefined ? `smmu.access_plain: { ${who} }` : `smmu.access: { ${who}, substream: ${c.substream} }`
  const r = inline(`
blocks: { smmu: { kind: smmuv3-stream, streams: 2 } }
programs:
  host: [${host.join(', ')}]
  device: [{ wait: { until: done(READY) } }, { ${access} }]
properties:
${['none', ...Object.keys(SMMUV3_STREAM.faults)].map((f) => `  - { name: ${f}, end: smmu.fault == ${f} }`).join('\n')}
${OUTCOMES.map((o) => `  - { name: ${o}, end: smmu.outcome1 == ${o} }`).join('\n')}
  - { name: recorded, end: smmu.recorded1 }
`)
  return Object.entries(r.verdicts())
    .filter(([name, v]) => v === 'holds' && !['complete', 'range'].includes(name))
    .map(([name]) => name)
}

/** The same by the decision procedure. */
function decided(c: Case): string[] {
  const code = { abort: 0, bypass: 4, stage_1: 5, terminate: 0, pass: 1, substream_0: 2 } as Record<string, number>
  const given = Object.entries({ V: true, Config: 'stage_1', S1CDMax: 2, S1DSS: 'substream_0', EATS: 0, ...c.ste })
  const ste = Object.fromEntries(given.map(([k, v]) => [k, typeof v === 'string' ? (code[v] ?? 0) : v]))
  const cd = { V: 1, AA64: 1, T0SZ: 25, IPS: 4, R: 1, A: 1, TTB0: 0x10000 >> 4, ...c.cd }
  const memory = memoryOf([
    { at: 64, bits: STE.width, value: encodeEntry(STE, { ...ste, S1ContextPtr: 0x2000 >> 6 }) },
    ...(c.cd === false ? [] : [{ at: 0x2000 + (c.substream ?? 0) * 64, bits: CD.width, value: encodeEntry(CD, cd) }]),
    { at: 0x10000, value: 0x11003n },
    { at: 0x11000, value: 0x12003n },
    { at: 0x12000, value: c.mapped === false ? 0n : 0x7443n },
  ])
  const d = translateSmmu(
    {
      enabled: true,
      gbpaAbort: false,
      atsCheck: !c.unchecked,
      streamTable: 0n,
      log2size: c.log2size ?? 8,
      oas: 44,
      stage1: true,
      stage2: false,
    },
    memory,
    {
      stream: 1,
      ...(c.substream === undefined ? {} : { substream: c.substream }),
      kind: (['untranslated', 'translation', 'translated'] as const)[c.AT ?? 0] ?? 'untranslated',
      access: 'read',
      address: 0n,
    },
  )
  const names: Record<string, string> = {
    bypass: 'bypassed',
    translated: 'before',
    abort: 'aborted',
    'no-permission': 'no_permission',
  }
  return [d.event ?? 'none', names[d.outcome] ?? d.outcome, ...(d.recorded ? ['recorded'] : [])]
}

const aborted = (event: string) => [event, 'aborted', 'recorded']
const CASES: readonly (readonly [string, Case, readonly string[]])[] = [
  ['C_BAD_STREAMID: a StreamID beyond LOG2SIZE', { log2size: 0 }, aborted('C_BAD_STREAMID')],
  ['C_BAD_STE: an entry that is not valid', { ste: { V: false } }, aborted('C_BAD_STE')],
  ['no event while Config=0', { ste: { Config: 'abort' } }, ['none', 'aborted']],
  ['bypass while Config=4', { ste: { Config: 'bypass' } }, ['none', 'bypassed']],
  [
    'C_BAD_SUBSTREAMID: a SubstreamID while Config=4',
    { ste: { Config: 'bypass' }, substream: 1 },
    aborted('C_BAD_SUBSTREAMID'),
  ],
  ['C_BAD_SUBSTREAMID: S1CDMax=0', { ste: { S1CDMax: 0 }, substream: 1 }, aborted('C_BAD_SUBSTREAMID')],
  ['C_BAD_SUBSTREAMID: beyond S1CDMax', { ste: { S1CDMax: 1 }, substream: 2 }, aborted('C_BAD_SUBSTREAMID')],
  ['F_STREAM_DISABLED: SubstreamID 0 while S1DSS=2', { substream: 0 }, aborted('F_STREAM_DISABLED')],
  ['SubstreamID 0 by its descriptor while S1DSS=0', { ste: { S1DSS: 'terminate' }, substream: 0 }, ['none', 'before']],
  ['F_STREAM_DISABLED: none while S1DSS=0', { ste: { S1DSS: 'terminate' } }, aborted('F_STREAM_DISABLED')],
  ['no SubstreamID past stage 1 while S1DSS=1', { ste: { S1DSS: 'pass' } }, ['none', 'bypassed']],
  ['no SubstreamID by descriptor 0 while S1DSS=2', {}, ['none', 'before']],
  ['no SubstreamID by descriptor 0 while S1CDMax=0', { ste: { S1CDMax: 0, S1DSS: 'terminate' } }, ['none', 'before']],
  ['a SubstreamID by its own descriptor', { substream: 3 }, ['none', 'before']],
  ['C_BAD_CD: a descriptor that is not valid', { substream: 1, cd: false }, aborted('C_BAD_CD')],
  ['F_TRANSLATION: nothing mapped', { substream: 1, mapped: false }, aborted('F_TRANSLATION')],
  ['F_TRANSLATION unrecorded while R=0', { mapped: false, cd: { R: false } }, ['F_TRANSLATION', 'aborted']],
  ['F_TRANSLATION ignored while A=0', { mapped: false, cd: { A: false } }, ['F_TRANSLATION', 'ignored', 'recorded']],
  ['no permission for AT=1', { ste: { EATS: 1 }, AT: 1, mapped: false }, ['F_TRANSLATION', 'no_permission']],
  ['F_BAD_ATS_TREQ: AT=1 while EATS=0', { AT: 1 }, aborted('F_BAD_ATS_TREQ')],
  ['F_TRANSL_FORBIDDEN: AT=2 while EATS=0', { AT: 2 }, aborted('F_TRANSL_FORBIDDEN')],
  ['AT=2 while ATSCHK=0', { AT: 2, unchecked: true }, ['none', 'bypassed']],
  ['AT=2 while EATS=1', { ste: { EATS: 1 }, AT: 2 }, ['none', 'bypassed']],
]

describe('a transaction meets', () => {
  it.each(CASES)('%s, as the decision procedure has it', (_, c, expected) => {
    expect(ask(c)).toEqual(expected)
    expect(decided(c)).toEqual(expected)
  })

  it('every event of the block, at least once', () => {
    const reached = new Set(CASES.map(([, , [event]]) => event))
    expect(Object.keys(SMMUV3_STREAM.faults).filter((f) => !reached.has(f))).toEqual([])
  })
})

describe('the configuration cache', () => {
  const after = (change: string, commands: string) =>
    inline(`
blocks: { smmu: { kind: smmuv3-stream } }
programs:
  host: [{ smmu.write_ste: {} }, { smmu.write_cd: { substream: 1, owner: before }, id: UP }, { wait: { until: done(D1) } }, { ${change} }${commands}, { wait: { until: 'true' }, id: OFF }]
  device: [{ wait: { until: done(UP) } }, { smmu.access: { substream: 1, job: before }, id: D1 }, { wait: { until: done(OFF) } }, { smmu.access: { substream: 1, job: before }, id: D2 }]
properties:
  - { name: through, end: smmu.outcome0 == before }
  - { name: refused, end: smmu.outcome0 == aborted }
  - { name: first, sometimes: smmu.outcome0 == before }
`).verdicts()
  const [CFGI_CD, CFGI_STE] = [', { smmu.cfgi_cd: { substream: 1 } }', ', smmu.cfgi_ste']

  it('translates by a descriptor that was cleared, until CMD_CFGI_CD and CMD_SYNC', () => {
    const clear = 'smmu.clear_cd: { substream: 1 }'
    expect(after(clear, '')).toMatchObject({ through: 'holds', first: 'witnessed' })
    expect(after(clear, CFGI_CD)).toMatchObject({ through: 'violated', refused: 'violated' })
    expect(after(clear, `${CFGI_CD}, smmu.sync`)).toMatchObject({ refused: 'holds', first: 'witnessed' })
    expect(after(clear, `${CFGI_STE}, smmu.sync`)).toMatchObject({ refused: 'holds' })
  })

  it('goes by an entry that is no longer valid, until CMD_CFGI_STE and CMD_SYNC; CMD_CFGI_CD leaves it', () => {
    const invalid = 'smmu.write_ste: { V: false }'
    expect(after(invalid, '')).toMatchObject({ through: 'holds' })
    expect(after(invalid, `${CFGI_CD}, smmu.sync`)).toMatchObject({ through: 'holds' })
    expect(after(invalid, `${CFGI_STE}, smmu.sync`)).toMatchObject({ refused: 'holds', first: 'witnessed' })
  })
})
