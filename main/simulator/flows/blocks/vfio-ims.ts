/**
 * vfio_ims.c: the back-end of VFIO_DEVICE_SET_IRQS for a mediated device, checked line by line (70 §8.1).
 * Vector 0 is emulated, the others have IMS entries.
 */
import { block } from '../../hardware/block'

export const VFIO_IMS = block({
  block: 'vfio-ims',
  title: 'VFIO interrupts of a mediated device (vfio_ims.c)',
  cite: 'vfio_ims.c, 2022 generation (70 §8.1)',
  scope:
    'Names, bypass producers and the unwinding of a failed loop are left out; the range is checked before the allocation.',
  parameters: {
    ims: { default: 1, min: 1, max: 4, doc: 'vectors with IMS entries' },
    pushes: { default: true, doc: 'set_vector writes the device-wide PASID by irq_set_auxdata (the public code)' },
    start_plus_count: { default: false, doc: 'the loop ends at start + count; in the public code it ends at count' },
  },
  indices: { i: [1, 'ims'] },
  ports: { irqchip: 'ims-irqchip' },
  state: {
    active: { doc: 'the MSI-X index is active: the IMS irqs are allocated' },
    eventfd0: { doc: 'vector 0, emulated' },
    eventfd: { per: ['i'] },
  },
  operations: {
    set_irqs: {
      doc: 'vfio_set_ims_trigger with DATA_EVENTFD, or with count 0 and DATA_NONE: disable.',
      by: ['host', 'vmm'],
      operands: { start: { integer: [0, 5] }, count: { integer: [0, 5] } },
      steps: [
        {
          step: 'check',
          label: 'SET_IRQS start={start} count={count}',
          // A count beyond the vectors is clamped, so only what start adds to it is refused.
          cases: [
            { if: '{count} > 0 && ({start} > ims || {start} + min({count}, ims + 1) > ims + 1)', errno: 'EINVAL' },
            { label: 'SET_IRQS start={start} count={count} is in range' },
          ],
        },
        { call: 'disable', if: '{count} == 0' },
        { call: 'enable', if: '{count} > 0 && !active' },
        { call: 'set_emulated', if: '{count} > 0 && {start} == 0' },
        {
          call: 'set_vector',
          each: 'i',
          if: '{i} >= {start} && {i} < (start_plus_count ? {start} + {count} : {count})',
          with: { vector: '{i}' },
        },
        { step: 'returns', label: 'SET_IRQS start={start} count={count} returns 0' },
      ],
    },
    enable: {
      doc: 'Irqs for all vectors with IMS entries, whatever the count.',
      by: ['host', 'vmm'],
      steps: [
        { call: 'irqchip.alloc', each: 'i', with: { slot: '{i-1}' } },
        { step: 'active', label: 'MSI-X index active', set: { active: true } },
      ],
    },
    disable: {
      doc: 'Every vector loses its eventfd, then the irqs are freed. Returns 0 always.',
      by: ['host', 'vmm'],
      steps: [
        { call: 'clear_vector', each: 'i', if: 'eventfd{i}', with: { vector: '{i}' } },
        { call: 'irqchip.free', each: 'i', if: 'active', with: { slot: '{i-1}' } },
        { step: 'inactive', label: 'MSI-X index inactive', set: { active: false, eventfd0: false } },
      ],
    },
    set_emulated: {
      doc: 'Vector 0 has no host irq.',
      by: ['host', 'vmm'],
      steps: [{ label: 'eventfd of vector 0', set: { eventfd0: true } }],
    },
    set_vector: {
      doc: 'The old eventfd goes; the PASID is written, its result ignored; request_irq.',
      by: ['host', 'vmm'],
      operands: { vector: { index: 'i' } },
      steps: [
        { call: 'clear_vector', if: 'eventfd{vector}', with: { vector: '{vector}' } },
        {
          call: 'irqchip.set_auxdata',
          if: 'pushes',
          with: { slot: '{vector-1}', pasid: 'irqchip.dev_pasid' },
          discard: true,
        },
        { call: 'irqchip.request_irq', with: { slot: '{vector-1}' } },
        { step: 'done', label: 'vector {vector} has an eventfd', set: { 'eventfd{vector}': true } },
      ],
    },
    clear_vector: {
      doc: 'free_irq, and the eventfd is dropped.',
      by: ['host', 'vmm'],
      operands: { vector: { index: 'i' } },
      steps: [
        { call: 'irqchip.free_irq', with: { slot: '{vector-1}' } },
        { step: 'dropped', label: 'eventfd of vector {vector} dropped', set: { 'eventfd{vector}': false } },
      ],
    },
  },
})
