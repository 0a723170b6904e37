/**
 * A device fd, as far as interrupts go: SET_IRQS allocates the interrupt and the host writes the message. The user gives
 * an eventfd and never sees address or data; the address has to be the bus address of the bank’s window (S1.10).
 *
 * Sources: reference 00 S1.10, S1.16; 40 §11 (SET_IRQS); 50 §3, §4. When exactly the SDK rewrites the address was not
 * found: `rewrite` has both orders.
 */
import { block, type BlockStep } from '../../hardware/block'
import { BANKS, IRQS } from '../../hardware/pamu-words'

const ofBank = (text: string): string => `sum{b: hw.bank == {b} ? ${text} : 0}`
const MAPPED = 'any{b: hw.bank == {b} && container.bank_mapped{b}}'
const BUS = ofBank('container.bank_iova{b}')
const PHYSICAL = ofBank('msi.page{b}')
const OFFSET = ofBank('msi.offset{b}')

const address = (page: string, only?: string): BlockStep => ({
  call: 'hw.write_msi_address',
  with: { page, offset: OFFSET },
  ...(only ? { if: only } : {}),
})

export const VFIO_PAMU_DEVICE = block({
  block: 'vfio-pamu-device',
  title: 'VFIO device behind the PAMU',
  cite: '00 S1.10, 40 §11',
  scope: 'One MSI vector.',
  parameters: {
    rewrite: {
      default: 'before',
      values: ['before', 'after', 'never'],
      doc: 'when the host puts the bus address of the bank in place of its physical one: before MSI is enabled, after, not at all',
    },
  },
  indices: { b: BANKS, i: IRQS },
  ports: { hw: 'pamu-endpoint', group: 'vfio-pamu-group', container: 'vfio-pamu', msi: 'mpic-msi' },
  state: {
    fd: { doc: 'the user has the device fd' },
    hwirq: { range: [0, IRQS - 1], doc: 'interrupt of the bank that it got' },
    ready: { doc: 'SET_IRQS has returned 0' },
    irq_count: { range: [0, 1], doc: 'count that GET_IRQ_INFO returned for MSI' },
  },
  operations: {
    get_fd: {
      doc: 'VFIO_GROUP_GET_DEVICE_FD for this device: the order rules are the group’s.',
      by: ['vmm'],
      steps: [
        {
          step: 'find',
          label: 'VFIO_GROUP_GET_DEVICE_FD',
          cases: [
            { if: '!hw.plugged', errno: 'ENODEV', label: 'there is no such device' },
            { label: 'the device is there' },
          ],
        },
        { call: 'group.get_device_fd' },
        { step: 'fd', label: 'the user has the device fd', set: { fd: true } },
      ],
    },
    get_irq_info: {
      doc: 'VFIO_DEVICE_GET_IRQ_INFO: vectors of the index; nothing about banks (S1.16).',
      by: ['vmm'],
      steps: [
        {
          label: 'VFIO_DEVICE_GET_IRQ_INFO: 1 vector',
          cases: [{ if: '!fd', errno: 'EBADF' }, { set: { irq_count: 1 } }],
        },
      ],
    },
    set_irqs: {
      doc: 'VFIO_DEVICE_SET_IRQS: an interrupt of the bank, the message, then MSI Enable.',
      by: ['vmm'],
      steps: [
        {
          step: 'allocate',
          label: 'VFIO_DEVICE_SET_IRQS',
          cases: [
            { if: '!fd', errno: 'EBADF', label: 'no device fd' },
            {
              if: 'any{b: hw.bank == {b} && !msi.free{b}}',
              errno: 'ENOMEM',
              label: 'no interrupt of the bank is free',
            },
            {
              per: ['b', 'i'],
              if: 'hw.bank == {b} && msi.owner{b}_{i} == 0',
              label: 'SET_IRQS: hwirq {i} of bank {b}',
              set: { 'msi.owner{b}_{i}': 'hw.number', hwirq: '{i}' },
            },
          ],
        },
        { call: 'container.place_bank', with: { bank: 'hw.bank' } },
        address(`(rewrite == before && ${MAPPED}) ? ${BUS} : ${PHYSICAL}`),
        { call: 'hw.write_msi_data', with: { data: 'hwirq * msi.unit' } },
        { call: 'hw.enable_msi' },
        address(BUS, `rewrite == after && ${MAPPED}`),
        { step: 'return', label: 'SET_IRQS returns 0', set: { ready: true } },
      ],
    },
  },
})
