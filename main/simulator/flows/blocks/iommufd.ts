/**
 * An iommufd that a device is bound to: the domain under a running device can be changed, which a type 1 container
 * never allowed. That is what let a domain be freed between two halves of making a message.
 *
 * Sources: 40 §9; 00 S0.10, S0.15; "iommufd: Implement sw_msi support natively".
 */
import { block } from '../../hardware/block'
import { STREAMS } from '../../hardware/upstream'

export const IOMMUFD = block({
  block: 'iommufd',
  title: 'iommufd with one device',
  cite: '40 §9; 00 S0.15',
  scope:
    'One device, page tables without mappings of user space. Reserved regions and page sizes are taken as fitting.',
  parameters: {
    contexts: { names: { domain0: 0x1000, domain1: 0x1001 }, doc: 'the hardware page tables' },
    stream: { default: 0, min: 0, max: STREAMS - 1, doc: 'the device' },
    allow_unsafe_interrupts: { default: false, doc: 'iommufd.allow_unsafe_interrupts' },
  },
  ports: { iommu: 'smmu', cookie: 'msi-cookie', irq: 'irq-domains' },
  state: { bound: { doc: 'VFIO_DEVICE_BIND_IOMMUFD has succeeded' } },
  operations: {
    bind: {
      doc: 'VFIO_DEVICE_BIND_IOMMUFD.',
      cite: '40 §9',
      by: ['vmm'],
      steps: [
        {
          label: 'the device is bound',
          cases: [
            { if: '!irq.isolated{stream} && !allow_unsafe_interrupts', errno: 'EPERM' },
            { set: { bound: 'true' } },
          ],
        },
      ],
    },
    alloc: {
      doc: 'IOMMU_HWPT_ALLOC: a domain with what it needs for doorbells.',
      by: ['vmm'],
      operands: { domain: { names: 'contexts' } },
      steps: [
        { call: 'cookie.alloc', with: { domain: '{domain}' } },
        { call: 'cookie.get', with: { domain: '{domain}' } },
      ],
    },
    attach: {
      doc: 'VFIO_DEVICE_ATTACH_IOMMUFD_PT: attach, or replace what is attached.',
      cite: '40 §9; 00 S0.15',
      by: ['vmm'],
      operands: { domain: { names: 'contexts' } },
      steps: [
        {
          step: 'lock',
          label: 'group->mutex',
          when: '!iommu.group_lock',
          cases: [{ if: '!bound', errno: 'EINVAL' }, { set: { 'iommu.group_lock': 'true' } }],
        },
        { call: 'cookie.install', with: { domain: '{domain}' }, if: 'cookie.owner == context' },
        {
          step: 'switch',
          label: '{domain} stands in the stream table',
          set: {
            'iommu.STE{stream}.Config': 's1_translate',
            'iommu.STE{stream}.S1ContextPtr': '{domain}',
            'iommu.group_lock': 'false',
          },
        },
      ],
    },
    destroy: {
      doc: 'IOMMU_DESTROY of a hardware page table.',
      by: ['vmm'],
      operands: { domain: { names: 'contexts' } },
      steps: [
        {
          step: 'check',
          cases: [
            {
              if: 'iommu.STE{stream}.Config == s1_translate && iommu.STE{stream}.S1ContextPtr == {domain}',
              label: '{domain} is attached',
              errno: 'EBUSY',
            },
            { label: '{domain} is attached to nothing' },
          ],
        },
        { call: 'cookie.free', with: { domain: '{domain}' } },
      ],
    },
  },
})
