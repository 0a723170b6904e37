/**
 * Arm SMMUv3 as a message sees it: the stream table entry of the function, the page table of its domain, and an event
 * where there is no mapping. MSI writes are translated like all others.
 *
 * Sources: 00 S0.3, S0.12; 30 §2.3, §7; fields of the stream table entry as in Linux's arm-smmu-v3.h; event names and
 * the treatment of substreams from the SMMUv3 architecture (unverified).
 */
import { block } from '../block'
import { ADDRESSES, DATA_MAX, FRAMES, INPUT, STREAMS } from '../upstream'

const OF_STREAM = (is: string): string => `any{s: in_stream == {s} && ${is}}`
const DONE = { in_valid: 'false' }
const OUT = { ...DONE, out_valid: 'true', out_data: 'in_data', out_device: 'in_stream' }

export const SMMU = block({
  block: 'smmu',
  title: 'SMMUv3',
  cite: '00 S0.3; 30 §2.3; arm-smmu-v3.h; event names unverified',
  scope:
    'Writes only, one stage, one page table a domain with a handful of named pages whose attributes are left out. No command queue: invalidation is at once. DeviceID is the StreamID.',
  parameters: {
    addresses: { names: ADDRESSES, doc: 'pages of the input address space' },
    frames: { names: FRAMES, doc: 'page frame numbers behind them' },
    contexts: { names: { domain0: 0x1000, domain1: 0x1001 }, doc: 'context descriptors: one a domain' },
  },
  indices: { s: STREAMS, d: 'contexts', iova: 'addresses', f: 'frames' },
  registers: [
    {
      name: 'STE',
      title: 'Stream table entry',
      table: 'Stream table',
      per: ['s'],
      width: 64,
      fields: [
        { name: 'V', bits: 0, meaning: 'valid', reset: true },
        {
          name: 'Config',
          bits: '3:1',
          values: { abort: 0, bypass: 4, s1_translate: 5 },
          meaning: 'abort, bypass, or stage 1 translates',
        },
        { name: 'S1Fmt', bits: '5:4', fixed: 0, meaning: 'linear context descriptor table' },
        { name: 'S1ContextPtr', bits: '51:6', names: 'contexts', meaning: 'context descriptor: the domain' },
        { name: 'Reserved', bits: '58:52', access: 'RSVD' },
        { name: 'S1CDMax', bits: '63:59', fixed: 0, meaning: 'one context descriptor: no substreams' },
      ],
    },
    {
      name: 'PTE',
      title: 'Page table entry',
      table: 'Page tables',
      per: ['d', 'iova'],
      width: 64,
      fields: [
        { name: 'V', bits: 0, meaning: 'valid' },
        { name: 'Page', bits: 1, fixed: 1 },
        { name: 'OA', bits: '47:12', names: 'frames', meaning: 'output address' },
      ],
    },
  ],
  state: {
    ...INPUT,
    out_valid: { doc: 'a translated write is on its way to its target' },
    out_frame: { names: 'frames', doc: 'physical page that it goes to' },
    out_data: { range: [0, DATA_MAX] },
    out_device: { range: [0, STREAMS - 1], doc: 'DeviceID beside the write' },
    guest_written: { doc: 'memory of the guest has been written' },
    group_lock: { doc: 'group->mutex of the group behind it is held' },
    host_written: { doc: "memory of the host that is none of the guest's has been written" },
  },
  faults: {
    C_BAD_STE: 'the stream table entry is not valid: the transaction is aborted (event 0x04)',
    C_BAD_SUBSTREAMID: 'a SubstreamID was given and the stream has none: aborted (event 0x08)',
    F_TRANSLATION: 'the page table has no entry for the address: aborted (event 0x10)',
  },
  operations: {
    configure: {
      doc: 'Write the stream table entry of a function.',
      by: ['host'],
      operands: {
        stream: { index: 's' },
        config: { values: ['abort', 'bypass', 's1_translate'] },
        domain: { names: 'contexts' },
        valid: { flag: true, default: true },
      },
      steps: [
        {
          label: 'STE[{stream}]: {config}, {domain}',
          set: { 'STE{stream}.V': '{valid}', 'STE{stream}.Config': '{config}', 'STE{stream}.S1ContextPtr': '{domain}' },
        },
      ],
    },
    map: {
      doc: 'Map a page of a domain. io-pgtable does not write over an entry.',
      by: ['host', 'vmm'],
      operands: {
        domain: { names: 'contexts', default: 'domain0' },
        iova: { names: 'addresses' },
        frame: { names: 'frames' },
      },
      steps: [
        {
          label: '{domain}: {iova} → {frame}',
          cases: [
            { if: 'PTE.{domain}.{iova}.V', errno: 'EEXIST' },
            { set: { 'PTE.{domain}.{iova}.V': 'true', 'PTE.{domain}.{iova}.OA': '{frame}' } },
          ],
        },
      ],
    },
    unmap: {
      doc: 'Take a page out of a domain.',
      by: ['host', 'vmm'],
      operands: { domain: { names: 'contexts' }, iova: { names: 'addresses' } },
      steps: [{ label: '{domain}: {iova} unmapped', set: { 'PTE.{domain}.{iova}.V': 'false' } }],
    },
  },
  behaviour: [
    {
      agent: 'translate',
      title: 'SMMU',
      role: 'fabric',
      steps: [
        {
          when: 'in_valid && !out_valid',
          cases: [
            { if: OF_STREAM('!STE{s}.V'), fault: 'C_BAD_STE', label: 'no valid stream table entry', set: DONE },
            {
              if: OF_STREAM('STE{s}.Config == abort'),
              name: 'abort',
              label: 'the stream is to be aborted: nothing is recorded',
              set: DONE,
            },
            {
              if: `${OF_STREAM('STE{s}.Config == bypass')} && in_address == {f}`,
              per: ['f'],
              name: 'bypass',
              label: 'bypass: the address is physical, {f}',
              set: { ...OUT, out_frame: '{f}' },
            },
            {
              if: OF_STREAM('STE{s}.Config == bypass'),
              name: 'bypass',
              label: 'bypass: the address is physical, memory of the host',
              set: { ...OUT, out_frame: 'host' },
            },
            { if: 'in_pasid', fault: 'C_BAD_SUBSTREAMID', label: 'a SubstreamID, and no table for it', set: DONE },
            {
              if: `${OF_STREAM('STE{s}.S1ContextPtr == {d}')} && in_address == {iova} && PTE.{d}.{iova}.V`,
              per: ['d', 'iova'],
              label: '{d}: {iova} is mapped',
              set: { ...OUT, out_frame: 'PTE.{d}.{iova}.OA' },
            },
            { fault: 'F_TRANSLATION', label: 'translation fault: the write goes nowhere', set: DONE },
          ],
        },
      ],
    },
    {
      agent: 'memory',
      title: 'Memory',
      role: 'fabric',
      steps: [
        {
          when: 'out_valid && (out_frame == ram || out_frame == host)',
          cases: [
            {
              if: 'out_frame == ram',
              name: 'guest',
              label: "the write lands in the guest's memory",
              set: { out_valid: 'false', guest_written: 'true' },
            },
            {
              name: 'host',
              label: "the write lands in the host's memory",
              set: { out_valid: 'false', host_written: 'true' },
            },
          ],
        },
      ],
    },
  ],
})
