/**
 * PASID table entries of one function, what is cached of them, and the device's own TLB.
 *
 * Two owners take turns: a page table `before` and one `after` it. A job of one owner that reaches the other's memory,
 * or memory that has been given back, is what the invalidation procedure has to prevent.
 * Source: VT-d 5.10 §6.2, §6.5, §9.5–9.6 (reference 80 §3, §6); Linux 6.12 drivers/iommu/intel/pasid.c.
 */
import type { z } from 'zod'
import { block, type CaseSpec, type OperationSpec } from '../block'
import { modelled } from '../entry'
import { PASID_DIRECTORY, PASID_ENTRY } from '../vtd/entries'
import { REASON_NAMES } from './vtd-unit'

const ROOTS = { nowhere: 0, before: 0x100, after: 0x200 }
const CACHED = ['empty', 'before', 'after']

/** The access reaches `where`. */
const reach = (where: string, more: CaseSpec['set'] = {}): CaseSpec['set'] => ({
  'reached{pasid}': where,
  'why{pasid}': 'none',
  stale: `stale || ${where} != {job}`,
  late: `late || (${where} == before ? freed_before : freed_after)`,
  ...more,
})
const refuse = (name: string, code: string, condition: string, set: CaseSpec['set'] = {}): CaseSpec => ({
  ...(condition ? { if: condition } : {}),
  name,
  fault: code,
  set: { 'why{pasid}': code, ...set },
  label: `refused: ${code.slice(1)}h`,
})
const mapped = (where: string): string => `(${where} == before ? mapped_before : mapped_after)`

/** A request with or without PASID, translated by the unit: conditions of the context entry, caches, the entry itself. */
const translation = (to: (where: string, more?: CaseSpec['set']) => CaseSpec['set']): CaseSpec[] => [
  refuse('context', 'h41', '!context.usable'),
  refuse('paside', 'h45', '{explicit} && !context.SMCONTEXT.PASIDE', { 'context.cached': true }),
  refuse('rid', 'h48', '{explicit} && context.SMCONTEXT.RID_PASID == {pasid}', { 'context.cached': true }),
  {
    if: 'iotlb{pasid} != empty',
    name: 'iotlb',
    set: to('iotlb{pasid}', { 'context.cached': true }),
    label: 'translated by the IOTLB',
  },
  {
    if: `(pasid_cache{pasid} == before || pasid_cache{pasid} == after) && ${mapped('pasid_cache{pasid}')}`,
    name: 'cache',
    set: to('pasid_cache{pasid}', { 'iotlb{pasid}': 'pasid_cache{pasid}', 'context.cached': true }),
    label: 'translated by the PASID-cache and a walk',
  },
  refuse('unmapped', 'h71', 'pasid_cache{pasid} == before || pasid_cache{pasid} == after', { 'context.cached': true }),
  refuse('absent', 'h59', 'pasid_cache{pasid} == absent'),
  {
    if: `PASIDTE{pasid}.P && ${mapped('root{pasid}')}`,
    set: to('root{pasid}', {
      'pasid_cache{pasid}': 'root{pasid}',
      'iotlb{pasid}': 'root{pasid}',
      'context.cached': true,
    }),
    label: 'translated by the PASID table entry and a walk',
  },
  refuse('not_mapped', 'h71', 'PASIDTE{pasid}.P', {
    'pasid_cache{pasid}': 'root{pasid}',
    'context.cached': true,
  }),
  // Entries that are not present are cached only where the unit says so (CAP.CM, as virtual units do).
  refuse('not_present', 'h59', '', {
    'pasid_cache{pasid}': 'caching_mode ? absent : empty',
    'context.cached': true,
  }),
]

const invalidation = (cache: string, value: string, name: string) => ({
  by: ['host' as const],
  operands: { pasid: { index: 'p' } },
  steps: [{ posted: 'unit.iq', set: { [`${cache}{pasid}`]: value }, label: `${name}: PASID {pasid}` }],
})

/** Translations are tagged by PASID where the first stage makes them, by domain where the second does. */
const iotlb = (stage: 'first' | 'second', name: string): Omit<z.input<typeof OperationSpec>, 'doc'> => ({
  cite: '80 §6, step 3',
  by: ['host'],
  operands: { pasid: { index: 'p' } },
  steps: [
    {
      posted: 'unit.iq',
      cases: [
        { if: `PASIDTE{pasid}.PGTT == ${stage}`, set: { 'iotlb{pasid}': 'empty' } },
        { name: 'other', set: {}, label: `${name}: nothing of PASID {pasid} is tagged so` },
      ],
      label: `${name}: PASID {pasid}`,
    },
  ],
})

export const VTD_PASID = block({
  block: 'vtd-pasid',
  title: 'VT-d PASID table',
  cite: 'VT-d 5.10 §9.5–9.6, §6.5 (80 §3, §6)',
  scope:
    'First-stage or second-stage entries and one page of each address space. What has been used once stays cached until it is invalidated, which is the worst that hardware may do; nothing is evicted. Invalidations of the IOTLB drain.',
  parameters: {
    pasids: { default: 2, min: 1, max: 4, doc: 'PASIDs 0 … n−1' },
    stage: { default: 'first', values: ['first', 'second'], doc: 'PGTT of every entry' },
    caching_mode: { default: false, doc: 'CAP.CM: entries that are not present may be cached' },
  },
  indices: { p: 'pasids' },
  ports: { unit: 'vtd-unit', context: 'vtd-context' },
  registers: [
    modelled(PASID_DIRECTORY, {}, { P: { reset: 1 }, SMPTBLPTR: { fixed: 0x4 } }),
    modelled(
      PASID_ENTRY,
      { per: ['p'], table: 'PASID table' },
      {
        PGTT: { values: { first: 1, second: 2 }, reset: '{stage}' },
        DID: { fixed: 1, meaning: 'domain identifier; Linux uses 1 for every first-stage entry' },
        FSPTPTR: { values: ROOTS, meaning: 'first-stage page table of the owner' },
        SSPTPTR: { values: ROOTS, meaning: 'second-stage page table of the owner' },
      },
    ),
  ],
  state: {
    pasid_cache: { per: ['p'], values: ['empty', 'absent', 'before', 'after'], label: 'PASID-cache' },
    iotlb: { per: ['p'], values: CACHED, label: 'IOTLB' },
    devtlb: { per: ['p'], values: CACHED, label: 'device-TLB' },
    mapped_before: { initial: true, doc: 'the page is mapped in the page table `before`' },
    mapped_after: { initial: true },
    freed_before: { initial: false, doc: 'the page of `before` has been given back' },
    freed_after: { initial: false },
    reached: { per: ['p'], values: ['nothing', 'before', 'after'], doc: 'whose memory the last access reached' },
    why: { per: ['p'], values: [...REASON_NAMES], label: 'last fault of' },
    stale: { initial: false, doc: 'a job reached memory that is not its owner’s' },
    late: { initial: false, doc: 'a job reached memory that had been given back' },
  },
  define: { root: { per: ['p'], is: 'PASIDTE{p}.PGTT == first ? PASIDTE{p}.FSPTPTR : PASIDTE{p}.SSPTPTR' } },
  faults: {
    h41: 'scalable context entry not present',
    h44: 'translation request while DTE=0',
    h45: 'request with PASID while PASIDE=0',
    h48: 'explicit PASID equal to RID_PASID',
    h59: 'PASID table entry not present',
    h71: 'first-stage entry not present',
  },
  operations: {
    set_up: {
      doc: 'Set an entry up for an owner: the fields first, P last. -EBUSY where the entry is present.',
      cite: 'intel_pasid_setup_first_level, 6.12',
      by: ['host'],
      operands: { pasid: { index: 'p' }, owner: { values: ['before', 'after'] } },
      steps: [
        {
          step: 'fill',
          cases: [
            { if: 'PASIDTE{pasid}.P', errno: 'EBUSY' },
            {
              set: {
                'PASIDTE{pasid}.FSPTPTR': 'PASIDTE{pasid}.PGTT == first ? {owner} : nowhere',
                'PASIDTE{pasid}.SSPTPTR': 'PASIDTE{pasid}.PGTT == second ? {owner} : nowhere',
              },
            },
          ],
          label: 'PASID {pasid}: page table of {owner}',
        },
        { step: 'present', set: { 'PASIDTE{pasid}.P': true }, label: 'PASID {pasid}: P := 1' },
      ],
    },
    clear: {
      doc: 'Clear an entry; FPD stays set where faults of a device that still runs are expected.',
      cite: 'intel_pasid_tear_down_entry, 6.12',
      by: ['host'],
      operands: { pasid: { index: 'p' }, ignore_faults: { flag: true, default: false } },
      steps: [
        {
          set: {
            'PASIDTE{pasid}.P': false,
            'PASIDTE{pasid}.FPD': '{ignore_faults}',
            'PASIDTE{pasid}.FSPTPTR': 'nowhere',
            'PASIDTE{pasid}.SSPTPTR': 'nowhere',
          },
          label: 'PASID {pasid}: entry cleared',
        },
      ],
    },
    invalidate_pasid_cache: {
      doc: 'Submit a PASID-selective PASID-cache invalidation.',
      ...invalidation('pasid_cache', 'empty', 'pc_inv_dsc'),
    },
    invalidate_iotlb: {
      doc: 'Submit a PASID-selective PASID-IOTLB invalidation (drains reads and writes): first-stage translations.',
      ...iotlb('first', 'p_iotlb_inv_dsc'),
    },
    invalidate_domain: {
      doc: 'Submit a domain-selective IOTLB invalidation (drains reads and writes): second-stage translations.',
      ...iotlb('second', 'iotlb_inv_dsc'),
    },
    invalidate_devtlb: {
      doc: 'Submit a PASID device-TLB invalidation over the whole range.',
      ...invalidation('devtlb', 'empty', 'p_dev_tlb_inv_dsc'),
    },
    unmap: {
      doc: 'Clear the page-table entry of the page.',
      by: ['host'],
      operands: { owner: { values: ['before', 'after'] } },
      steps: [{ set: { 'mapped_{owner}': false }, label: 'page of {owner} unmapped' }],
    },
    free: {
      doc: 'Give the page back to the kernel.',
      by: ['host'],
      operands: { owner: { values: ['before', 'after'] } },
      steps: [{ set: { 'freed_{owner}': true }, label: 'page of {owner} freed' }],
    },
    dma: {
      doc: 'One untranslated request of a job.',
      by: ['device'],
      operands: {
        pasid: { index: 'p' },
        job: { values: ['before', 'after'] },
        explicit: { flag: true, default: true, doc: 'with the PASID on the wire, or without (RID_PASID)' },
      },
      steps: [
        { step: 'access', cases: translation(reach), label: 'DMA of {job} with PASID {pasid}' },
        {
          call: 'unit.record',
          with: { reason: 'why{pasid}', quiet: 'PASIDTE{pasid}.FPD' },
          if: 'why{pasid} != none',
        },
      ],
    },
    dma_ats: {
      doc: 'One request of a job through the device-TLB: ask for a translation where there is none, then go there.',
      by: ['device'],
      operands: {
        pasid: { index: 'p' },
        job: { values: ['before', 'after'] },
        explicit: { flag: true, default: true },
      },
      steps: [
        {
          step: 'ask',
          cases: [
            {
              if: 'devtlb{pasid} != empty',
              name: 'hit',
              set: { 'why{pasid}': 'none' },
              label: 'hit in the device-TLB',
            },
            refuse('dte', 'h44', '!context.SMCONTEXT.DTE', { 'context.cached': true }),
            ...translation((where, more) => ({ 'devtlb{pasid}': where, 'why{pasid}': 'none', ...more })),
          ],
          label: 'translation request of {job} with PASID {pasid}',
        },
        // A missing entry or page is "success without permission" for the device, and nothing is recorded.
        {
          call: 'unit.record',
          with: { reason: 'why{pasid}', quiet: 'PASIDTE{pasid}.FPD' },
          if: 'why{pasid} != none && why{pasid} != h59 && why{pasid} != h71',
        },
        {
          step: 'access',
          cases: [
            { if: 'devtlb{pasid} == empty', name: 'none', return: true, label: 'no translation' },
            { set: reach('devtlb{pasid}') },
          ],
          label: 'translated request of {job}',
        },
      ],
    },
  },
})
