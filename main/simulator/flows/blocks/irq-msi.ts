/**
 * A message interrupt of one device as genirq and vfio-pci make it: prepare (the doorbell gets an IOVA), compose (the
 * message gets that IOVA), write, request. Prepare and compose are apart in time; what is kept between them was a
 * pointer into the domain until 2025, and is the IOVA itself since.
 *
 * Sources: 30 §7 (compose), 40 §11 (SET_IRQS), §14 H3, H4; 05.9; 00 S0.15 and "genirq/msi: Store the IOMMU IOVA directly in
 * msi_desc instead of iommu_cookie" (CVE-2025-38062).
 */
import { block } from '../../hardware/block'
import { ADDRESSES, DATA_MAX, STREAMS } from '../../hardware/upstream'

export const IRQ_MSI = block({
  block: 'irq-msi',
  title: 'MSI of a device handed to user space',
  cite: '30 §7; 40 §11; 00 S0.15; 05.9',
  scope: 'One vector. Which SPI or EventID it has is given; an ITS is told by its own commands.',
  parameters: {
    addresses: { names: ADDRESSES },
    contexts: { names: { domain0: 0x1000, domain1: 0x1001 }, doc: 'the domains' },
    stream: { default: 0, min: 0, max: STREAMS - 1 },
    doorbell: { default: 'v2m', values: ['v2m', 'v2m1', 'its'], doc: 'page of its controller’s doorbell' },
    data: { default: 80, min: 0, max: DATA_MAX, doc: 'SPI number or EventID' },
    keeps: {
      default: 'cookie',
      values: ['cookie', 'iova'],
      doc: 'what msi_desc keeps from prepare to compose: a pointer into the domain (before the repair of 2025), or the IOVA, with group->mutex held',
    },
    without_domain: {
      default: 'ENOTSUPP',
      values: ['ENODEV', 'ENOTSUPP'],
      doc: 'what a device without an MSI domain gets: -ENODEV in 6.1, -ENOTSUPP in 6.12 (05.9)',
    },
    rewrite: { default: true, doc: 'vfio-pci writes the cached message before request_irq()' },
  },
  indices: { d: 'contexts' },
  ports: { iommu: 'smmu', irq: 'irq-domains', cookie: ['msi-cookie', 'reserved-iova'], table: 'msix-table' },
  state: {
    allocated: { doc: 'the vector is allocated: msi_desc exists' },
    desc_cookie: { names: 'contexts', and: ['nobody'], initial: 'nobody', doc: 'domain that msi_desc points into' },
    desc_iova: { names: 'addresses', and: ['nowhere'], initial: 'nowhere' },
    msg: { names: 'addresses', doc: 'address in the cached message' },
    requested: { doc: 'request_irq() has returned' },
  },
  faults: { use_after_free: 'compose reads the IOVA through a pointer into a domain that was freed (CVE-2025-38062)' },
  operations: {
    set_irqs: {
      doc: 'VFIO_DEVICE_SET_IRQS with an eventfd: allocate and write the message where that is not done yet, then request the interrupt.',
      cite: '40 §11',
      by: ['vmm'],
      steps: [
        { call: 'allocate', if: '!allocated' },
        {
          call: 'table.write_message',
          with: { vector: 0, address: 'msg', data: '{data}' },
          if: 'rewrite',
        },
        { step: 'request', label: 'request_irq()', set: { requested: 'true' } },
        { call: 'table.unmask', with: { vector: 0 } },
      ],
    },
    allocate: {
      doc: 'pci_alloc_irq_vectors(): prepare, compose, write.',
      cite: '00 S0.15; 30 §7',
      by: ['host', 'vmm'],
      steps: [
        {
          step: 'look',
          label: 'iommu_get_domain_for_dev()',
          when: 'keeps == cookie || !iommu.group_lock',
          cases: [
            ...(['ENODEV', 'ENOTSUPP'] as const).map((errno) => ({
              if: `irq.of{stream} == none && without_domain == ${errno}`,
              label: 'the device has no MSI domain',
              errno,
            })),
            {
              set: {
                'me.errno': 'OK',
                desc_cookie: 'iommu.STE{stream}.S1ContextPtr',
                'iommu.group_lock': 'iommu.group_lock || keeps == iova',
              },
            },
          ],
        },
        { call: 'cookie.map_doorbell', with: { domain: 'desc_cookie', frame: '{doorbell}' }, swallow: true },
        {
          step: 'prepared',
          label: 'iommu_dma_prepare_msi() returns',
          cases: [
            ...['ENODEV', 'EINVAL', 'ENOMEM'].map((errno) => ({
              if: `me.errno == ${errno}`,
              label: 'the doorbell has no IOVA',
              errno,
              set: { desc_cookie: 'nobody', 'iommu.group_lock': 'keeps == iova ? false : iommu.group_lock' },
            })),
            {
              if: 'keeps == iova && desc_cookie == {d}',
              per: ['d'],
              name: 'stored',
              label: 'the IOVA stands in msi_desc',
              set: { desc_iova: 'cookie.iova.{d}.{doorbell}', desc_cookie: 'nobody', 'iommu.group_lock': 'false' },
            },
            { label: 'msi_desc points at the page in the domain’s list' },
          ],
        },
        {
          step: 'compose',
          cases: [
            {
              if: 'desc_cookie == {d} && !cookie.alive.{d}',
              per: ['d'],
              fault: 'use_after_free',
              label: 'the pointer leads into {d}, and {d} was freed',
              set: { msg: 'zero' },
            },
            {
              if: 'desc_cookie == {d} && cookie.cookie.{d}',
              per: ['d'],
              name: 'through-cookie',
              label: 'compose: the IOVA is read through the pointer',
              set: { msg: 'cookie.iova.{d}.{doorbell}' },
            },
            {
              if: 'desc_iova != nowhere',
              name: 'from-desc',
              label: 'compose: the IOVA from msi_desc',
              set: { msg: 'desc_iova' },
            },
            {
              name: 'physical',
              label: 'compose: nothing is mapped, the message keeps the physical address',
              set: { msg: '{doorbell}' },
            },
          ],
        },
        { call: 'table.write_message', with: { vector: 0, address: 'msg', data: '{data}' } },
        { call: 'table.control' },
        { step: 'allocated', label: 'the vector is allocated', set: { allocated: 'true' } },
      ],
    },
    clear_trigger: {
      doc: 'VFIO_DEVICE_SET_IRQS without an eventfd: free_irq() masks; the vector stays allocated.',
      cite: '40 §11',
      by: ['vmm'],
      steps: [
        { call: 'table.mask', with: { vector: 0 } },
        { step: 'freed', label: 'free_irq()', set: { requested: 'false' } },
      ],
    },
  },
})
