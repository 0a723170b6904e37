/**
 * Root and context entry of one function in scalable mode, and the context cache.
 * Source: VT-d 5.10 §9.1–9.4, §6.2 (reference 80 §3, §6).
 */
import { block } from '../block'
import { modelled } from '../entry'
import { SCALABLE_CONTEXT, SCALABLE_ROOT } from '../vtd/entries'

export const VTD_CONTEXT = block({
  block: 'vtd-context',
  title: 'VT-d root and context entry',
  cite: 'VT-d 5.10 §9.1–9.4 (80 §3)',
  scope: 'One function. What has been used once stays cached until it is invalidated; nothing is evicted.',
  parameters: { rid_pasid: { default: 0, max: 15, doc: 'RID_PASID at first' } },
  ports: { unit: 'vtd-unit' },
  registers: [
    modelled(SCALABLE_ROOT, {}, { LP: { reset: 1 }, LCTP: { fixed: 0x2 } }),
    modelled(
      SCALABLE_CONTEXT,
      {},
      {
        P: { reset: 1 },
        DTE: { reset: 1 },
        PASIDE: { reset: 1 },
        PRE: { reset: 1 },
        PASIDDIRPTR: { fixed: 0x3 },
        RID_PASID: { reset: '{rid_pasid}' },
      },
    ),
  ],
  state: { cached: { initial: false, doc: 'the entry is in the context cache' } },
  define: { usable: 'cached || SMCONTEXT.P' },
  operations: {
    clear: {
      doc: 'Clear P of the context entry.',
      by: ['host'],
      steps: [{ set: { 'SMCONTEXT.P': false }, label: 'context entry: P := 0' }],
    },
    disable_ats: {
      doc: 'Clear DTE and PRE; the entry is not cached any more when it is read next.',
      by: ['host'],
      steps: [{ set: { 'SMCONTEXT.DTE': false, 'SMCONTEXT.PRE': false }, label: 'context entry: DTE := 0, PRE := 0' }],
    },
    disable_pasid: {
      doc: 'Clear PASIDE.',
      by: ['host'],
      steps: [{ set: { 'SMCONTEXT.PASIDE': false }, label: 'context entry: PASIDE := 0' }],
    },
    invalidate: {
      doc: 'Submit a device-selective context-cache invalidation.',
      cite: 'VT-d 5.10 §6.5.2.1',
      by: ['host'],
      steps: [{ posted: 'unit.iq', set: { cached: false }, label: 'cc_inv_dsc: context cache' }],
    },
  },
})
