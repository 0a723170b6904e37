import { describe, expect, it } from 'vitest'
import {
  ask,
  CDS,
  l1std,
  PAGE,
  plain,
  type Setup,
  TABLE,
  TABLE_OF_EVENTS,
  twoLevel,
} from '../../../../test/support/reasons/smmuv3'
import { encodeEntry } from '../entry'
import { L1CD } from './entries'

describe('an SMMUv3 aborts with', () => {
  it.each(TABLE_OF_EVENTS)('%s: %s', (event, _, s) => {
    expect(ask(s)).toMatchObject({ outcome: 'abort', event, recorded: true })
  })

  it('no event at all where the entry says abort, or where it is off and GBPA says abort', () => {
    expect(ask({ ste: { Config: 0 } })).toMatchObject({ outcome: 'abort', recorded: false })
    expect(ask({ unit: { enabled: false, gbpaAbort: true } })).toMatchObject({ outcome: 'abort', recorded: false })
  })

  it('nothing in the queue while CD.R=0, and lets it run into the void while CD.A=0', () => {
    const nothing = { words: { [TABLE + 0x2000]: 0n } }
    expect(ask({ ...nothing, cd: { R: 0 } })).toMatchObject({
      outcome: 'abort',
      event: 'F_TRANSLATION',
      recorded: false,
    })
    expect(ask({ ...nothing, cd: { A: 0 } })).toMatchObject({ outcome: 'ignored', recorded: true })
  })

  it('nothing in the queue for a translation request that finds no page: the device is told', () => {
    const d = ask({ words: { [TABLE + 0x2000]: 0n }, request: { kind: 'translation' } })
    expect(d).toMatchObject({ outcome: 'no-permission', recorded: false })
  })

  it('an event for configuration faults whatever CD.R says', () => {
    expect(ask({ cd: { V: 0, R: 0 } })).toMatchObject({ event: 'C_BAD_CD', recorded: true })
  })
})

describe('an SMMUv3 lets through', () => {
  it.each<readonly [string, Setup, string, bigint]>([
    ['a substream by its own context descriptor', {}, 'translated', 0x7123n],
    ['a transaction without SubstreamID by descriptor 0 while S1DSS=2', { request: plain }, 'translated', 0x7123n],
    [
      'a transaction without SubstreamID past stage 1 while S1DSS=1',
      { ste: { S1DSS: 1 }, request: plain },
      'bypass',
      0x123n,
    ],
    ['everything that an entry bypasses', { ste: { Config: 4 }, request: plain }, 'bypass', 0x123n],
    ['everything while it is off', { unit: { enabled: false } }, 'bypass', 0x123n],
    ['a translated transaction with ATS', { request: { kind: 'translated' } }, 'bypass', 0x123n],
    [
      'a translated transaction without ATS, where nobody checks',
      { unit: { atsCheck: false }, ste: { EATS: 0 }, request: { kind: 'translated' } },
      'bypass',
      0x123n,
    ],
    ['a block of 2 MiB', { words: { [TABLE + 0x1000]: 0x400441n } }, 'translated', 0x400123n],
    [
      'a page whose Access flag hardware sets',
      { cd: { HA: 1 }, words: { [TABLE + 0x2000]: PAGE & ~(1n << 10n) } },
      'translated',
      0x7123n,
    ],
    [
      'an address with a tag in its top byte (TBI0)',
      { cd: { TBI0: 1 }, request: { address: (0xabn << 56n) | 0x123n } },
      'translated',
      0x7123n,
    ],
    ['stage 2’s input', { ste: { Config: 7 } }, 'stage-2', 0x7123n],
    ['two levels of stream table', { unit: twoLevel, words: l1std(5) }, 'translated', 0x7123n],
    [
      'two levels of context descriptors',
      {
        ste: { S1Fmt: 2, S1ContextPtr: 0x400000 >> 6 },
        words: { 0x400000: encodeEntry(L1CD, { V: 1, L2Ptr: CDS >> 12 }) },
      },
      'translated',
      0x7123n,
    ],
  ])('%s', (_, s, outcome, address) => {
    expect(ask(s)).toMatchObject({ outcome, address, recorded: false })
  })
})
