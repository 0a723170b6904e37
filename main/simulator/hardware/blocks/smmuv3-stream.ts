/**
 * A stream of an SMMUv3: stream table entries, context descriptors by SubstreamID, the configuration cache and the
 * command queue. Two owners take turns with a substream: a page table `before` and one `after` it.
 * Source: Linux 6.12 drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h (bits, events) and arm-smmu-v3.c (arm_smmu_clear_cd and
 * arm_smmu_sync_cd: the descriptor, CMD_CFGI_CD, CMD_SYNC); the order of the checks is that of smmuv3/translate.ts. That
 * CMD_CFGI_STE forgets the stream’s descriptors too is as QEMU hw/arm/smmuv3.c has it; that
 * entries that are not valid are not cached is from memory (unverified).
 */
import { block, type CaseSpec } from '../block'
import { modelled } from '../entry'
import { CD, STE } from '../smmuv3/entries'
import type { SmmuEvent } from '../smmuv3/translate'

const CONFIG = { abort: 0, bypass: 4, stage_1: 5 }
const S1DSS = { terminate: 0, pass: 1, substream_0: 2 }
const TABLES = { before: 0x100, after: 0x200 }
const SUBSTREAMS = [0, 1, 2, 3]

/** What is copied into the cache with a valid stream table entry, and with a valid descriptor. */
const STE_CACHED = {
  'ste_cached{stream}': true,
  'cached_config{stream}': 'config{stream}',
  'cached_cdmax{stream}': 'cdmax{stream}',
  'cached_dss{stream}': 'dss{stream}',
  'cached_eats{stream}': 'eats{stream}',
}
const cdCached = (at: string): CaseSpec['set'] => ({
  ...STE_CACHED,
  [`cd_cached${at}`]: true,
  [`cached_table${at}`]: `table${at}`,
  [`cached_R${at}`]: `r${at}`,
  [`cached_A${at}`]: `a${at}`,
})

const refuse = (name: string, event: SmmuEvent, condition: string, set: CaseSpec['set'] = STE_CACHED): CaseSpec => ({
  if: condition,
  name,
  fault: event,
  set: { 'outcome{stream}': 'aborted', 'recorded{stream}': true, ...set },
  label: `aborted: ${event}`,
})
const end = (name: string, condition: string, outcome: string, label: string, set = STE_CACHED): CaseSpec => ({
  if: condition,
  name,
  set: { 'outcome{stream}': outcome, 'recorded{stream}': false, ...set },
  label,
})

const ATS = '(eats{stream} != 0 && config{stream} != bypass)'

/** By StreamID: the stream table entry and what it says about ATS. */
const STREAM: CaseSpec[] = [
  // Two streams are kept: the second is outside a table of 2^0 entries.
  refuse('stream', 'C_BAD_STREAMID', '{stream} >= 1 && STRTAB_BASE_CFG.LOG2SIZE == 0', {}),
  refuse('ste', 'C_BAD_STE', '!ste_cached{stream} && !STE{stream}.V', {}),
  end('abort', 'config{stream} == abort', 'aborted', 'Config=0: aborted, nothing is recorded'),
  refuse('request', 'F_BAD_ATS_TREQ', `{AT} == 1 && !${ATS}`),
  refuse('forbidden', 'F_TRANSL_FORBIDDEN', `{AT} == 2 && CR0.ATSCHK && !${ATS}`),
  end('translated', '{AT} == 2', 'bypassed', 'translated by the device’s own TLB'),
]

/** The context descriptor and stage 1. */
function stage1(at: string): CaseSpec[] {
  const mapped = `(table${at} == before ? mapped_before : mapped_after)`
  return [
    refuse('cd', 'C_BAD_CD', `!cd_cached${at} && !(CD${at}.V && CD${at}.AA64)`),
    {
      if: mapped,
      name: 'walk',
      set: {
        'outcome{stream}': `table${at}`,
        'recorded{stream}': false,
        stale: `stale || table${at} != {job}`,
        ...cdCached(at),
      },
      label: 'translated by the table of the descriptor',
    },
    // A translation request that finds nothing is answered, not recorded.
    {
      name: 'not_mapped',
      fault: 'F_TRANSLATION',
      set: {
        'outcome{stream}': `{AT} == 1 ? no_permission : (a${at} ? aborted : ignored)`,
        'recorded{stream}': `{AT} != 1 && r${at}`,
        ...cdCached(at),
      },
      label: 'nothing is mapped: F_TRANSLATION',
    },
  ]
}

const ACCESS = {
  stream: { index: 's', default: 0 },
  job: { values: Object.keys(TABLES) },
  AT: { integer: [0, 2] as [number, number], default: 0, doc: '0 untranslated, 1 translation request, 2 translated' },
}

export const SMMUV3_STREAM = block({
  block: 'smmuv3-stream',
  title: 'SMMUv3 streams and substreams',
  cite: 'arm-smmu-v3.h, 6.12; events unverified below 0x10',
  scope:
    'Linear tables, stage 1 with one page for each owner; no stage 2, no stalls, no TLB; the unit is enabled and every structure can be read. Of the configuration, what was used stays cached until it is invalidated, which is the worst that hardware may do. Owners have ASIDs of their own; each transaction walks anew. Commands are executed in the order of submission.',
  parameters: {
    streams: { default: 1, min: 1, max: 2, doc: 'streams with an entry' },
  },
  indices: { s: 'streams', n: SUBSTREAMS.length },
  registers: [
    {
      name: 'CR0',
      title: 'Control',
      offset: 0x20,
      fields: [
        { name: 'SMMUEN', bits: 0, fixed: 1, meaning: 'enabled' },
        { name: 'EVENTQEN', bits: 2, fixed: 1, meaning: 'event queue enabled' },
        { name: 'CMDQEN', bits: 3, fixed: 1, meaning: 'command queue enabled' },
        { name: 'ATSCHK', bits: 4, reset: 1, meaning: 'translated transactions are checked' },
      ],
    },
    {
      name: 'STRTAB_BASE_CFG',
      title: 'Stream table configuration',
      offset: 0x88,
      fields: [
        { name: 'LOG2SIZE', bits: '5:0', reset: 8, meaning: 'the stream table has 2^LOG2SIZE entries' },
        { name: 'FMT', bits: '17:16', fixed: 0, meaning: 'linear' },
      ],
    },
    modelled(
      STE,
      { per: ['s'], table: 'Stream table' },
      {
        Config: { values: CONFIG },
        S1ContextPtr: { fixed: 0x8 },
        S1DSS: { values: S1DSS },
        S2TTB: { fixed: 0 },
      },
    ),
    modelled(
      CD,
      { per: ['s', 'n'], table: 'Context descriptors' },
      { T0SZ: { fixed: 16 }, TTB0: { values: TABLES, meaning: 'table of the owner' } },
    ),
  ],
  state: {
    ste_cached: { per: ['s'], doc: 'the entry is in the configuration cache', label: 'STE cached' },
    cached_config: { per: ['s'], values: Object.keys(CONFIG), label: 'cached Config' },
    cached_cdmax: { per: ['s'], range: [0, 31], label: 'cached S1CDMax' },
    cached_dss: { per: ['s'], values: Object.keys(S1DSS), label: 'cached S1DSS' },
    cached_eats: { per: ['s'], range: [0, 3], label: 'cached EATS' },
    cd_cached: { per: ['s', 'n'], doc: 'the descriptor is in the configuration cache', label: 'CD cached' },
    cached_table: { per: ['s', 'n'], values: Object.keys(TABLES), label: 'cached TTB0' },
    cached_R: { per: ['s', 'n'], label: 'cached R' },
    cached_A: { per: ['s', 'n'], label: 'cached A' },
    mapped_before: { initial: true, doc: 'the page is mapped in the table `before`' },
    mapped_after: { initial: true },
    outcome: {
      per: ['s'],
      values: ['nothing', 'bypassed', 'before', 'after', 'aborted', 'ignored', 'no_permission'],
      doc: 'what became of the last transaction: whose memory it reached',
    },
    recorded: { per: ['s'], doc: 'the last transaction wrote an event to the event queue' },
    stale: { initial: false, doc: 'a job reached memory that is not its owner’s' },
  },
  define: {
    config: { per: ['s'], is: 'ste_cached{s} ? cached_config{s} : STE{s}.Config' },
    cdmax: { per: ['s'], is: 'ste_cached{s} ? cached_cdmax{s} : STE{s}.S1CDMax' },
    dss: { per: ['s'], is: 'ste_cached{s} ? cached_dss{s} : STE{s}.S1DSS' },
    eats: { per: ['s'], is: 'ste_cached{s} ? cached_eats{s} : STE{s}.EATS' },
    table: { per: ['s', 'n'], is: 'cd_cached{s}_{n} ? cached_table{s}_{n} : CD{s}_{n}.TTB0' },
    r: { per: ['s', 'n'], is: 'cd_cached{s}_{n} ? cached_R{s}_{n} : CD{s}_{n}.R' },
    a: { per: ['s', 'n'], is: 'cd_cached{s}_{n} ? cached_A{s}_{n} : CD{s}_{n}.A' },
  },
  faults: {
    C_BAD_STREAMID: 'StreamID outside the stream table (0x02)',
    C_BAD_STE: 'stream table entry not valid (0x04)',
    F_BAD_ATS_TREQ: 'translation request while EATS=0 (0x05)',
    F_STREAM_DISABLED: 'no SubstreamID while S1DSS=0, or SubstreamID 0 while S1DSS=2 (0x06)',
    F_TRANSL_FORBIDDEN: 'translated transaction while EATS=0 (0x07)',
    C_BAD_SUBSTREAMID: 'SubstreamID outside the table, or without stage 1 (0x08)',
    C_BAD_CD: 'context descriptor not valid (0x0a)',
    F_TRANSLATION: 'nothing is mapped there (0x10)',
  },
  channels: { cmdq: { capacity: 4 } },
  operations: {
    write_ste: {
      doc: 'Write a stream table entry as a whole.',
      by: ['host'],
      operands: {
        stream: { index: 's', default: 0 },
        V: { flag: true, default: true },
        Config: { values: Object.keys(CONFIG), default: 'stage_1' },
        S1CDMax: { integer: [0, 31], default: 2 },
        S1DSS: { values: Object.keys(S1DSS), default: 'substream_0' },
        EATS: { integer: [0, 2], default: 0 },
      },
      steps: [
        {
          set: Object.fromEntries(
            ['V', 'Config', 'S1CDMax', 'S1DSS', 'EATS'].map((name) => [`STE{stream}.${name}`, `{${name}}`]),
          ),
          label: 'STE[{stream}]: V={V}, {Config}, S1CDMax={S1CDMax}, S1DSS {S1DSS}',
        },
      ],
    },
    write_cd: {
      doc: 'Write a context descriptor for an owner, V last.',
      by: ['host'],
      operands: {
        stream: { index: 's', default: 0 },
        substream: { index: 'n' },
        owner: { values: Object.keys(TABLES) },
        R: { flag: true, default: true },
        A: { flag: true, default: true },
      },
      steps: [
        {
          set: {
            'CD{stream}_{substream}.TTB0': '{owner}',
            'CD{stream}_{substream}.AA64': true,
            'CD{stream}_{substream}.R': '{R}',
            'CD{stream}_{substream}.A': '{A}',
            'CD{stream}_{substream}.V': true,
          },
          label: 'CD[{stream}][{substream}]: table of {owner}',
        },
      ],
    },
    clear_cd: {
      doc: 'Clear a context descriptor.',
      by: ['host'],
      operands: { stream: { index: 's', default: 0 }, substream: { index: 'n' } },
      steps: [{ set: { 'CD{stream}_{substream}.V': false }, label: 'CD[{stream}][{substream}]: V := 0' }],
    },
    cfgi_ste: {
      doc: 'Submit CMD_CFGI_STE: the cached entry of the stream and its descriptors.',
      by: ['host'],
      operands: { stream: { index: 's', default: 0 } },
      steps: [
        {
          posted: 'cmdq',
          set: {
            'ste_cached{stream}': false,
            ...Object.fromEntries(SUBSTREAMS.map((n) => [`cd_cached{stream}_${n}`, false])),
          },
          label: 'CMD_CFGI_STE {stream}',
        },
      ],
    },
    cfgi_cd: {
      doc: 'Submit CMD_CFGI_CD: the cached descriptor of a substream.',
      by: ['host'],
      operands: { stream: { index: 's', default: 0 }, substream: { index: 'n' } },
      steps: [
        {
          posted: 'cmdq',
          set: { 'cd_cached{stream}_{substream}': false },
          label: 'CMD_CFGI_CD {stream}, {substream}',
        },
      ],
    },
    sync: {
      doc: 'Submit CMD_SYNC and poll its completion: every command before it is complete.',
      by: ['host'],
      steps: [{ when: 'cmdq.empty', label: 'CMD_SYNC completes' }],
    },
    unmap: {
      doc: 'Clear the page table entry of an owner’s page.',
      by: ['host'],
      operands: { owner: { values: Object.keys(TABLES) } },
      steps: [{ set: { 'mapped_{owner}': false }, label: 'page of {owner} unmapped' }],
    },
    access: {
      doc: 'A transaction of a job with a SubstreamID.',
      by: ['device'],
      operands: { ...ACCESS, substream: { index: 'n' } },
      steps: [
        {
          cases: [
            ...STREAM,
            refuse('no_stage', 'C_BAD_SUBSTREAMID', 'config{stream} == bypass || cdmax{stream} == 0'),
            refuse('outside', 'C_BAD_SUBSTREAMID', '{substream} >= 2 && cdmax{stream} == 1'),
            refuse('taken', 'F_STREAM_DISABLED', '{substream} == 0 && dss{stream} == substream_0'),
            ...stage1('{stream}_{substream}'),
          ],
          label: 'transaction of {job}, StreamID {stream}, SubstreamID {substream}',
        },
      ],
    },
    access_plain: {
      doc: 'A transaction of a job without SubstreamID.',
      by: ['device'],
      operands: ACCESS,
      steps: [
        {
          cases: [
            ...STREAM,
            end('bypass', 'config{stream} == bypass', 'bypassed', 'Config=4: bypass'),
            refuse('disabled', 'F_STREAM_DISABLED', 'cdmax{stream} != 0 && dss{stream} == terminate'),
            end('pass', 'cdmax{stream} != 0 && dss{stream} == pass', 'bypassed', 'S1DSS=1: past stage 1'),
            ...stage1('{stream}_0'),
          ],
          label: 'transaction of {job}, StreamID {stream}',
        },
      ],
    },
  },
})
