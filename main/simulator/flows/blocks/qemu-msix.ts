/**
 * How a guest's request_irq reaches VFIO_DEVICE_SET_IRQS: QEMU's emulated MSI-X table and its vector notifiers.
 * Source: QEMU hw/vfio/pci.c, hw/pci/msix.c (70 §9).
 */
import { block } from '../../hardware/block'

export const QEMU_MSIX = block({
  block: 'qemu-msix',
  title: 'QEMU, MSI-X of a mediated device',
  cite: 'QEMU hw/vfio/pci.c, hw/pci/msix.c (70 §9)',
  scope: 'An errno of the ioctl is printed and lost. Routes and irqfds are not shown.',
  parameters: { vectors: { default: 1, min: 1, max: 4 } },
  indices: { v: [1, 'vectors'] },
  ports: { vdev: 'vidxd' },
  state: { nr_vectors: { range: [0, 5], doc: 'vectors that are enabled in the host' } },
  operations: {
    enable_msix: {
      doc: 'pci_alloc_irq_vectors: the guest sets MSI-X Enable; QEMU uses vector 0 to make the host allocate.',
      cite: '70 §9 steps 1, 2',
      by: ['guest'],
      steps: [
        { step: 'trap', trap: true, label: 'MSI-X Enable is set' },
        { call: 'vdev.set_irqs', with: { start: 0, count: 1 }, discard: true },
        { step: 'returns', label: 'MSI-X is enabled', set: { nr_vectors: '1' } },
      ],
    },
    request_irq: {
      doc: 'The guest unmasks the entry; QEMU enables one vector, or disables all and enables one more. The guest goes on when the trap returns.',
      cite: '70 §9 steps 3 … 7',
      by: ['guest'],
      operands: { vector: { index: 'v' } },
      steps: [
        {
          step: 'trap',
          trap: true,
          label: 'the guest unmasks entry {vector}',
          cases: [
            {
              if: 'vdev.PBA{vector}',
              name: 'injects',
              label: 'the guest unmasks entry {vector}: Pending is injected',
              set: { 'vdev.MSIX{vector}.MASK': false, 'vdev.PBA{vector}': false, 'vdev.injected{vector}': true },
            },
            { set: { 'vdev.MSIX{vector}.MASK': false } },
          ],
        },
        { call: 'enable_more', if: 'nr_vectors <= {vector}', with: { vector: '{vector}' } },
        { call: 'enable_one', if: 'nr_vectors > {vector}', with: { vector: '{vector}' } },
        {
          step: 'returns',
          label: 'request_irq of vector {vector} returns in the guest',
          set: { nr_vectors: 'max(nr_vectors, {vector} + 1)' },
        },
      ],
    },
    enable_more: {
      doc: 'Not enough vectors in the host: the index is disabled and enabled again with one more. Nothing is delivered in between.',
      cite: '70 §9 step 5',
      by: ['vmm'],
      operands: { vector: { index: 'v' } },
      steps: [
        { call: 'vdev.disable_irqs', if: 'nr_vectors > 0', discard: true },
        { call: 'vdev.set_irqs', with: { start: 0, count: '{vector+1}' }, discard: true },
      ],
    },
    enable_one: {
      doc: 'The vector alone: start = nr, count = 1.',
      cite: '70 §9 step 5',
      by: ['vmm'],
      operands: { vector: { index: 'v' } },
      steps: [{ call: 'vdev.set_irqs', with: { start: '{vector}', count: 1 }, discard: true }],
    },
    free_irq: {
      doc: 'The guest masks the entry; the vector stays enabled in the host until MSI-X is disabled.',
      cite: '70 §9',
      by: ['guest'],
      operands: { vector: { index: 'v' } },
      steps: [{ trap: true, label: 'the guest masks entry {vector}', set: { 'vdev.MSIX{vector}.MASK': true } }],
    },
  },
})
