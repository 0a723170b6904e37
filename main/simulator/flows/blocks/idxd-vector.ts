/**
 * The idxd driver's own MSI-X vector on the host: the handler, the handle it keeps for its work queue, and the
 * reference that lets submitters in. Source: Linux 6.12 drivers/dma/idxd/{device.c,irq.c,submit.c} (70 §4.2).
 */
import { block } from '../../hardware/block'
import { PASIDS } from '../../hardware/blocks/pasids'

export const IDXD_VECTOR = block({
  block: 'idxd-vector',
  title: 'idxd driver, vector of a kernel work queue',
  cite: 'Linux 6.12 drivers/dma/idxd/device.c, irq.c (70 §4.2)',
  scope: 'One work queue with MSI-X vector 1. The portal mapping and the resources of the queue are left out.',
  parameters: {
    pasids: { names: PASIDS },
    waits: { default: true, doc: 'a kill of the reference waits for submitters that hold one' },
  },
  ports: { dev: 'dsa' },
  state: {
    handler: { doc: 'request_threaded_irq has been done' },
    int_handle: { range: [0, 11], doc: 'ie->int_handle; 0 is INVALID_INT_HANDLE' },
    taken: { range: [0, 11], doc: 'handle in the hands of a submitter' },
    live: { doc: 'wq_active: submitters may take a reference' },
    submitters: { range: [0, 2], doc: 'references held' },
    delivered: { names: 'pasids', and: ['nothing'], initial: 'nothing' },
    served: { range: [0, 3], doc: 'interrupts handled' },
    spurious: { doc: 'a message came without a handler' },
  },
  operations: {
    request_threaded_irq: {
      doc: 'The handler, then the MSI-X entry is unmasked and read back.',
      cite: 'Linux 6.12 drivers/dma/idxd/device.c idxd_wq_request_irq',
      by: ['host'],
      steps: [
        { step: 'setup', label: 'request_threaded_irq', set: { handler: true } },
        { step: 'unmask', posted: 'dev.mmio', label: 'MSI-X entry 1 unmasked', set: { 'dev.MSIX1.MASK': false } },
        { step: 'flush', when: 'dev.mmio.empty', label: 'read back' },
      ],
    },
    free_irq: {
      doc: 'Mask, read back, wait for the handler, remove it.',
      cite: 'Linux 6.12 drivers/dma/idxd/device.c idxd_wq_free_irq',
      by: ['host'],
      steps: [
        { step: 'mask', posted: 'dev.mmio', label: 'MSI-X entry 1 masked', set: { 'dev.MSIX1.MASK': true } },
        { call: 'dev.read_back' },
        { step: 'remove', when: '!dev.msgx1', label: 'free_irq', set: { handler: false } },
      ],
    },
    request_handle: {
      doc: 'Command 13 for MSI-X entry 1; the handle is kept for submitters.',
      cite: 'Linux 6.12 drivers/dma/idxd/device.c idxd_device_request_int_handle',
      by: ['host'],
      steps: [
        { call: 'dev.request_msix_handle', with: { entry: 1 } },
        { step: 'keep', label: 'ie->int_handle := the handle', set: { int_handle: 'dev.CMDSTS.RESULT' } },
      ],
    },
    release_handle: {
      doc: 'Command 14, and INVALID_INT_HANDLE is kept.',
      cite: 'Linux 6.12 drivers/dma/idxd/device.c idxd_wq_free_irq',
      by: ['host'],
      steps: [
        { call: 'dev.release_msix_handle', with: { entry: 1 }, discard: true },
        { step: 'forget', label: 'ie->int_handle := invalid', set: { int_handle: '0' } },
      ],
    },
    swap_handle: {
      doc: 'Revocation (a): a new handle is requested, and takes the old one’s place.',
      cite: 'Linux 6.12 drivers/dma/idxd/irq.c idxd_int_handle_revoke (70 §4.2 a–d)',
      by: ['host'],
      steps: [{ label: 'ie->int_handle := the new handle', set: { int_handle: 'dev.CMDSTS.RESULT' } }],
    },
    let_land: {
      doc: 'The busy-wait of 100 µs for posted 64-byte stores to a dedicated queue; taken to be long enough.',
      cite: 'Linux 6.12 drivers/dma/idxd/irq.c idxd_int_handle_revoke (70 §4.2 e)',
      by: ['host'],
      steps: [{ when: 'dev.landed', label: 'posted descriptors have landed' }],
    },
    open: {
      doc: 'percpu_ref of the work queue: from now on submitters get in.',
      cite: 'Linux 6.12 drivers/dma/idxd/device.c',
      by: ['host'],
      steps: [{ label: 'submitters may come', set: { live: true } }],
    },
    close: {
      doc: 'The reference is killed; those who hold one are waited for.',
      cite: 'Linux 6.12 drivers/dma/idxd/device.c, __idxd_wq_quiesce',
      by: ['host'],
      steps: [
        { step: 'kill', label: 'percpu_ref_kill', set: { live: false } },
        { step: 'wait', when: 'submitters == 0 || !waits', label: 'nobody holds a reference' },
      ],
    },
    get: {
      doc: 'A submitter takes a reference, and waits while none is to be had.',
      cite: 'Linux 6.12 drivers/dma/idxd/submit.c idxd_submit_desc',
      by: ['host', 'other'],
      steps: [{ when: 'live', label: 'a submitter takes its reference', set: { submitters: 'submitters + 1' } }],
    },
    fill: {
      doc: 'The handle goes into the descriptor, before it is submitted.',
      cite: 'Linux 6.12 drivers/dma/idxd/submit.c idxd_submit_desc',
      by: ['host', 'other'],
      steps: [{ label: 'the handle goes into the descriptor', set: { taken: 'int_handle' } }],
    },
    put: {
      doc: 'A submitter gives its reference back.',
      by: ['host', 'other'],
      steps: [{ label: 'a submitter gives its reference back', set: { submitters: 'submitters - 1' } }],
    },
  },
  behaviour: [
    {
      agent: 'irq',
      title: 'Host interrupt of MSI-X entry 1',
      role: 'interrupt',
      steps: [
        {
          step: 'comes',
          when: 'dev.msgx1',
          cases: [
            {
              if: '!handler',
              name: 'spurious',
              label: 'the interrupt has no handler',
              set: { 'dev.msgx1': false, spurious: true },
            },
            {
              label: 'idxd_wq_thread runs',
              set: { 'dev.msgx1': false, delivered: 'dev.msgx_pasid1', served: 'min(served + 1, 3)' },
            },
          ],
        },
      ],
    },
  ],
})
