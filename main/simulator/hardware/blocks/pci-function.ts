/**
 * One PCI function: what its configuration space lets it do. Bus master off drops DMA and messages; a function level
 * reset clears every enable and answers nothing while it lasts.
 * Source: Linux 6.12 pci_regs.h (layouts, reference 60 §10–§11, 95 §3); drivers/pci/ats.c (order and errno of PASID, ATS
 * and PRI); what a reset clears follows the base specification (unverified, as reference 85 §5 says of it).
 */
import { block } from '../block'
import { ACS, ATS, COMMAND, EXPRESS, MSI, MSIX, PASID, PRI, SRIOV } from '../pci/capabilities'

const CLEARED = {
  'COMMAND.MASTER': false,
  'COMMAND.INTX_DISABLE': false,
  'MSI_FLAGS.ENABLE': false,
  'MSIX_FLAGS.ENABLE': false,
  'MSIX_FLAGS.MASKALL': false,
  'ATS_CTRL.ENABLE': false,
  'PRI_CTRL.ENABLE': false,
  'PRI_STATUS.STOPPED': true,
  'PRI_STATUS.RF': false,
  'PASID_CTRL.ENABLE': false,
  'SRIOV_CTRL.VFE': false,
}

const enable = (register: string, what: string) => ({
  doc: `Set or clear ${what}.`,
  by: ['host' as const],
  operands: { on: { flag: true as const } },
  steps: [{ set: { [register]: '{on}' }, label: `${register} := {on}` }],
})

export const PCI_FUNCTION = block({
  block: 'pci-function',
  title: 'PCI function',
  cite: 'pci_regs.h 6.12; drivers/pci/ats.c (95 §3, 60 §10–§11)',
  scope: 'One message and one non-posted request at a time; the MSI-X table is a block of its own.',
  registers: [COMMAND, ...EXPRESS, MSI, ...MSIX, ...ACS, ...ATS, ...PRI, ...PASID, SRIOV],
  state: {
    resetting: { initial: false, doc: 'a function level reset is under way' },
    reached: { initial: false, doc: 'a DMA write of it reached memory' },
    messages: { range: [0, 3], doc: 'interrupt messages that left it' },
    late_completion: { initial: false, doc: 'a completion came for a request from before the reset' },
  },
  define: { may_send: 'COMMAND.MASTER && !resetting', interrupts: 'MSI_FLAGS.ENABLE || MSIX_FLAGS.ENABLE' },
  faults: {
    master_off: 'a request while bus mastering is off, or during a reset: it does not leave the function',
    message_off: 'an interrupt while neither MSI nor MSI-X is enabled',
    masked: 'an interrupt while every MSI-X entry is masked: it stays pending',
    page_request_off: 'a page request while PRI is disabled',
    unexpected_completion: 'a completion for a request that a reset has forgotten',
  },
  operations: {
    set_master: enable('COMMAND.MASTER', 'bus mastering'),
    set_msi: enable('MSI_FLAGS.ENABLE', 'MSI'),
    set_msix: enable('MSIX_FLAGS.ENABLE', 'MSI-X'),
    mask_all: enable('MSIX_FLAGS.MASKALL', 'the function mask of MSI-X'),
    enable_pasid: {
      doc: 'Enable PASID: before ATS, and once. -EBUSY where it is enabled already, -EINVAL where ATS is.',
      cite: 'pci_enable_pasid, 6.12',
      by: ['host'],
      steps: [
        {
          cases: [
            { if: 'PASID_CTRL.ENABLE', errno: 'EBUSY' },
            { if: 'ATS_CTRL.ENABLE', errno: 'EINVAL' },
            { set: { 'PASID_CTRL.ENABLE': true } },
          ],
          label: 'PASID enabled',
        },
      ],
    },
    enable_ats: {
      doc: 'Enable ATS. -EBUSY where it is enabled already.',
      cite: 'pci_enable_ats, 6.12',
      by: ['host'],
      steps: [
        {
          cases: [{ if: 'ATS_CTRL.ENABLE', errno: 'EBUSY' }, { set: { 'ATS_CTRL.ENABLE': true } }],
          label: 'ATS enabled',
        },
      ],
    },
    enable_pri: {
      doc: 'Enable page requests. -EBUSY where they are enabled, or where old ones are outstanding.',
      cite: 'pci_enable_pri, 6.12',
      by: ['host'],
      steps: [
        {
          cases: [
            { if: 'PRI_CTRL.ENABLE', errno: 'EBUSY' },
            { if: '!PRI_STATUS.STOPPED', name: 'outstanding', errno: 'EBUSY' },
            { set: { 'PRI_CTRL.ENABLE': true } },
          ],
          label: 'PRI enabled',
        },
      ],
    },
    disable_pri: {
      doc: 'Disable page requests; those outstanding go on being answered.',
      by: ['host'],
      steps: [{ set: { 'PRI_CTRL.ENABLE': false }, label: 'PRI disabled' }],
    },
    reset_pri: {
      doc: 'Reset the page request state: pending requests are forgotten. -EBUSY while PRI is enabled.',
      cite: 'pci_reset_pri, 6.12',
      by: ['host'],
      steps: [
        {
          cases: [
            { if: 'PRI_CTRL.ENABLE', errno: 'EBUSY' },
            { set: { 'PRI_STATUS.STOPPED': true, 'PRI_STATUS.RF': false } },
          ],
          label: 'PRI reset',
        },
      ],
    },
    wait_pending: {
      doc: 'Wait for DEVSTA.TRPND to clear.',
      cite: 'pci_wait_for_pending_transaction, 6.12',
      by: ['host'],
      steps: [{ when: '!DEVSTA.TRPND', label: 'no transactions pending' }],
    },
    flr: {
      doc: 'Initiate a function level reset and wait until it is over.',
      cite: 'pcie_flr, 6.12',
      by: ['host'],
      steps: [
        { step: 'initiate', set: { resetting: true, ...CLEARED }, label: 'Initiate Function Level Reset' },
        { step: 'over', when: '!resetting', label: 'the function is back' },
      ],
    },
    dma_write: {
      doc: 'The function issues a memory write.',
      by: ['device'],
      steps: [
        {
          cases: [
            { if: '!may_send', fault: 'master_off', label: 'DMA does not leave the function' },
            { set: { reached: true } },
          ],
          label: 'DMA write',
        },
      ],
    },
    read: {
      doc: 'The function issues a memory read; its completion comes later.',
      by: ['device'],
      steps: [
        {
          cases: [
            { if: '!may_send', fault: 'master_off', label: 'the read does not leave the function' },
            { set: { 'DEVSTA.TRPND': true } },
          ],
          label: 'DMA read',
        },
      ],
    },
    interrupt: {
      doc: 'The function sends an interrupt message.',
      by: ['device'],
      steps: [
        {
          cases: [
            { if: '!may_send', fault: 'master_off', label: 'the message does not leave the function' },
            { if: '!interrupts', fault: 'message_off', label: 'no message: MSI and MSI-X are off' },
            { if: 'MSIX_FLAGS.ENABLE && MSIX_FLAGS.MASKALL', fault: 'masked', label: 'pending: function mask' },
            { set: { messages: 'messages + 1' } },
          ],
          label: 'interrupt message',
        },
      ],
    },
    page_request: {
      doc: 'The function asks for a page.',
      by: ['device'],
      steps: [
        {
          cases: [
            { if: '!PRI_CTRL.ENABLE || !may_send', fault: 'page_request_off', label: 'no page request' },
            { set: { 'PRI_STATUS.STOPPED': false } },
          ],
          label: 'page request',
        },
      ],
    },
    response_failure: {
      doc: 'A page-group response of Response Failure arrives: page requests are disabled for the whole device.',
      cite: '80 §5, §7',
      by: ['host'],
      steps: [
        {
          set: { 'PRI_STATUS.RF': true, 'PRI_CTRL.ENABLE': false, 'PRI_STATUS.STOPPED': true },
          label: 'Response Failure',
        },
      ],
    },
    completion: {
      doc: 'The completion of the read comes back.',
      by: ['device', 'fabric'],
      steps: [
        {
          cases: [
            { if: '!DEVSTA.TRPND', fault: 'unexpected_completion', set: { late_completion: true } },
            { set: { 'DEVSTA.TRPND': false } },
          ],
          label: 'completion',
        },
      ],
    },
  },
  behaviour: [
    {
      agent: 'engine',
      title: 'Function level reset',
      steps: [{ when: 'resetting', set: { resetting: false, 'DEVSTA.TRPND': false }, label: 'the reset is over' }],
    },
  ],
})
