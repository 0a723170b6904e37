/**
 * Interrupt remapping table entries and the interrupt entry cache.
 * Source: VT-d 5.10 §5.1, §6.5.2.7, §9.9 (reference 60 §3–§4); Linux 6.12 drivers/iommu/intel/irq_remapping.c, which
 * changes an entry as a whole and then invalidates the cache.
 */
import { block, type CaseSpec } from '../block'
import { modelled } from '../entry'
import { IRTE_REMAPPED } from '../vtd/entries'
import { REASON_NAMES } from './vtd-unit'

const SVT = { none: 0, requester: 1, bus: 2 }

const arrive = (cpu: string, more: CaseSpec['set'] = {}): CaseSpec['set'] => ({
  'delivered{entry}': cpu,
  'why{entry}': 'none',
  forged: 'forged || {from} != {owner}',
  late: `late || (${cpu} == old_cpu && vector_freed)`,
  ...more,
})
const refuse = (name: string, code: string, condition: string): CaseSpec => ({
  ...(condition ? { if: condition } : {}),
  name,
  fault: code,
  set: { 'why{entry}': code },
  label: `blocked: ${code.slice(1)}h`,
})

export const VTD_IRTE = block({
  block: 'vtd-irte',
  title: 'VT-d interrupt remapping table',
  cite: 'VT-d 5.10 §5.1, §9.9 (60 §3–§4)',
  scope:
    'Remapped format with an entry’s destination, presence and source check (the posted form: block vtd-posted-descriptor); the vector goes with the destination. Functions are single, so a bus range (SVT=2) lets every one of the bus pass. An entry that was used stays cached until it is invalidated.',
  parameters: {
    entries: { default: 1, min: 1, max: 4 },
    requesters: { names: { own: 0x0010, neighbour: 0x0018 }, doc: 'requester IDs of functions on one bus' },
  },
  indices: { e: 'entries' },
  ports: { unit: 'vtd-unit' },
  registers: [
    modelled(
      IRTE_REMAPPED,
      { per: ['e'], table: 'Interrupt remapping table' },
      {
        IM: { fixed: 0 },
        V: { fixed: 0x41 },
        DST: { values: { old_cpu: 1, new_cpu: 2 } },
        SID: { names: 'requesters' },
        SVT: { values: SVT },
      },
    ),
  ],
  state: {
    cached: { per: ['e'], doc: 'the entry is in the interrupt entry cache', label: 'IEC valid' },
    cached_dst: { per: ['e'], values: ['old_cpu', 'new_cpu'], label: 'IEC DST' },
    cached_sid: { per: ['e'], names: 'requesters', label: 'IEC SID' },
    cached_svt: { per: ['e'], values: Object.keys(SVT), label: 'IEC SVT' },
    delivered: { per: ['e'], values: ['nobody', 'old_cpu', 'new_cpu'], doc: 'who got the last interrupt' },
    why: { per: ['e'], values: [...REASON_NAMES], label: 'last fault of' },
    vector_freed: { initial: false, doc: 'the vector on the old CPU has been given back' },
    late: { initial: false, doc: 'an interrupt reached the old CPU after its vector was given back' },
    forged: { initial: false, doc: 'an interrupt of this entry came from another requester' },
    compatibility: { initial: false, doc: 'a compatibility format message was delivered, unchecked' },
  },
  faults: {
    h22: 'interrupt remapping table entry not present',
    h25: 'compatibility format interrupt blocked',
    h26: 'requester ID does not pass the source validation',
  },
  operations: {
    program: {
      doc: 'Write an entry as a whole: present, destination and source check.',
      by: ['host'],
      operands: {
        entry: { index: 'e' },
        cpu: { values: ['old_cpu', 'new_cpu'] },
        sid: { names: 'requesters' },
        svt: { values: Object.keys(SVT), default: 'requester' },
      },
      steps: [
        {
          set: {
            'IRTE{entry}.P': true,
            'IRTE{entry}.DST': '{cpu}',
            'IRTE{entry}.SID': '{sid}',
            'IRTE{entry}.SVT': '{svt}',
          },
          label: 'IRTE[{entry}]: to {cpu}, SVT {svt}',
        },
      ],
    },
    retarget: {
      doc: 'Change the destination of a live entry in one write (cmpxchg16b).',
      by: ['host'],
      operands: { entry: { index: 'e' }, cpu: { values: ['old_cpu', 'new_cpu'] } },
      steps: [{ set: { 'IRTE{entry}.DST': '{cpu}' }, label: 'IRTE[{entry}]: DST := {cpu}' }],
    },
    clear: {
      doc: 'Clear an entry.',
      by: ['host'],
      operands: { entry: { index: 'e' } },
      steps: [{ set: { 'IRTE{entry}.P': false }, label: 'IRTE[{entry}]: P := 0' }],
    },
    invalidate: {
      doc: 'Submit an index-selective interrupt entry cache invalidation.',
      by: ['host'],
      operands: { entry: { index: 'e' } },
      steps: [{ posted: 'unit.iq', set: { 'cached{entry}': false }, label: 'iec_inv_dsc: IRTE[{entry}]' }],
    },
    free_vector: {
      doc: 'Give the vector on the old CPU back.',
      by: ['host'],
      steps: [{ set: { vector_freed: true }, label: 'vector on the old CPU freed' }],
    },
    signal: {
      doc: 'A remappable interrupt request for an entry, from a requester.',
      by: ['device'],
      operands: { entry: { index: 'e' }, from: { names: 'requesters' }, owner: { names: 'requesters' } },
      steps: [
        {
          step: 'message',
          cases: [
            refuse(
              'source_cached',
              'h26',
              'cached{entry} && cached_svt{entry} == requester && cached_sid{entry} != {from}',
            ),
            {
              if: 'cached{entry}',
              name: 'cached',
              set: arrive('cached_dst{entry}'),
              label: 'delivered by the interrupt entry cache',
            },
            refuse('absent', 'h22', '!IRTE{entry}.P'),
            refuse('source', 'h26', 'IRTE{entry}.SVT == requester && IRTE{entry}.SID != {from}'),
            {
              set: arrive('IRTE{entry}.DST', {
                'cached{entry}': true,
                'cached_dst{entry}': 'IRTE{entry}.DST',
                'cached_sid{entry}': 'IRTE{entry}.SID',
                'cached_svt{entry}': 'IRTE{entry}.SVT',
              }),
              label: 'delivered by IRTE[{entry}]',
            },
          ],
          label: 'interrupt request of {from} for IRTE[{entry}]',
        },
        {
          call: 'unit.record',
          with: { reason: 'why{entry}', quiet: 'IRTE{entry}.FPD' },
          if: 'why{entry} != none',
        },
      ],
    },
    signal_compatibility: {
      doc: 'A compatibility format interrupt request: address and data are the LAPIC’s own.',
      by: ['device'],
      steps: [
        {
          step: 'message',
          cases: [
            {
              if: 'unit.GSTS.IRES && (unit.IRTA.EIME || !unit.GSTS.CFIS)',
              name: 'h25',
              fault: 'h25',
              set: { why0: 'h25' },
              label: 'blocked: 25h',
            },
            { set: { compatibility: true, why0: 'none' }, label: 'delivered without any source check' },
          ],
        },
        { call: 'unit.record', with: { reason: 'why0' }, if: 'why0 != none' },
      ],
    },
  },
})
