/**
 * VFIO type 1: the decision whether a group may be attached, by policy. Two questions stand in it that the thread of
 * 2016 takes apart: is the group's interrupt isolated, and are there resources to map its doorbells?
 *
 * Sources: 40 §2, §4–§6 (steps and errnos by era), §12, §14 H1; 00 S0.1, S0.4–S0.6, S0.9–S0.14.
 */
import { block } from '../../hardware/block'
import { STREAMS } from '../../hardware/upstream'

const DETACH = { 'iommu.STE{*s}.Config': 'abort' }

export const VFIO_TYPE1 = block({
  block: 'vfio-type1',
  title: 'VFIO container, type 1',
  cite: '40 §2, §4–§6; 00 S0.5',
  scope:
    'One group a container, whose functions have neighbouring streams. Nesting, coherency and replay are left out.',
  parameters: {
    domain: { default: 'domain0', values: ['domain0', 'domain1'], doc: 'the domain that it allocates' },
    first: { default: 0, min: 0, max: STREAMS - 1, doc: 'first stream of the group' },
    last: { default: 0, min: 0, max: STREAMS - 1, doc: 'last stream of the group' },
    policy: {
      default: 'device',
      values: ['capability', 'three_branch', 'two_branch', 'domain_flag', 'system', 'device'],
      doc: 'who answers for isolation: the bus capability (4.9), the drafts of 2016, a flag of the IOMMU domain, every MSI domain of the system (4.11–6.2), each device (6.3)',
    },
    intr_remap: { default: false, doc: 'IOMMU_CAP_INTR_REMAP: arm-smmu says yes before 4.11' },
    doorbells: {
      default: 'region',
      values: ['none', 'region', 'attribute', 'attribute_inverted', 'unless_unsafe'],
      doc: 'what decides that the domain needs an MSI cookie: nothing (4.9), the software MSI region (4.11), DOMAIN_ATTR_MSI_MAPPING (2016), the same read as a boolean, the region unless unsafe interrupts are allowed',
    },
    attribute_known: { default: true, doc: 'the IOMMU driver knows DOMAIN_ATTR_MSI_MAPPING and answers 0' },
    needs_iommu_dma: { default: false, doc: 'without IOMMU_DMA the attach fails (4.11–5.x); tolerated from 5.4' },
    allow_unsafe_interrupts: { default: false, doc: 'module parameter at load' },
  },
  indices: { s: ['first', 'last'] },
  ports: { iommu: 'smmu', cookie: ['msi-cookie', 'reserved-iova'], irq: 'irq-domains' },
  state: {
    unsafe: { initial: '{allow_unsafe_interrupts}', doc: 'allow_unsafe_interrupts' },
    attached: { doc: 'VFIO_SET_IOMMU has succeeded' },
    device_fd: { doc: 'a device fd is open: the container has a user' },
  },
  define: {
    each_isolated: 'all{s: irq.isolated{s}}',
    isolated: {
      per: [],
      is: 'policy == capability ? intr_remap : policy == three_branch ? intr_remap || needs_mapping : policy == two_branch ? intr_remap || (each_isolated && needs_mapping) : policy == domain_flag ? irq.isolating_domains > 0 : policy == system ? irq.check_msi_remap || intr_remap : each_isolated',
      doc: 'what the policy takes for "interrupts are safe"; three branches take a doorbell that can be mapped for it',
    },
    needs_mapping: {
      per: [],
      is: 'doorbells == region || doorbells == unless_unsafe ? true : doorbells == attribute ? attribute_known : doorbells == attribute_inverted ? !attribute_known : false',
      doc: 'MSIs of the domain are translated, as far as the policy can tell; get_attr answers 0 for yes',
    },
  },
  operations: {
    allow_unsafe: {
      doc: 'root writes /sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts.',
      cite: '40 §12',
      operands: { value: { flag: true } },
      steps: [{ label: 'allow_unsafe_interrupts := {value}', set: { unsafe: '{value}' } }],
    },
    set_iommu: {
      doc: 'VFIO_SET_IOMMU: vfio_iommu_type1_attach_group().',
      cite: '40 §2, §4–§6',
      by: ['vmm'],
      steps: [
        { call: 'cookie.alloc', with: { domain: '{domain}' } },
        {
          step: 'attach',
          label: 'iommu_attach_group(): the empty domain stands in the stream table',
          cite: '40 §14 H1',
          set: { 'iommu.STE{*s}.Config': 's1_translate', 'iommu.STE{*s}.S1ContextPtr': '{domain}' },
        },
        {
          step: 'isolation',
          cases: [
            {
              if: '!isolated && !unsafe',
              label: 'no isolation of interrupts, and unsafe ones are not allowed: detached',
              errno: 'EPERM',
              set: DETACH,
            },
            { if: '!isolated', name: 'unsafe', label: 'no isolation, but unsafe interrupts are allowed' },
            { label: 'interrupts are taken for isolated' },
          ],
        },
        {
          call: 'cookie.get',
          with: { domain: '{domain}' },
          if: 'needs_mapping && !(doorbells == unless_unsafe && unsafe)',
          swallow: true,
        },
        {
          step: 'list',
          cases: [
            {
              if: 'needs_iommu_dma && needs_mapping && !cookie.cookie.{domain}',
              label: 'no MSI cookie: detached',
              errno: 'ENODEV',
              set: DETACH,
            },
            { label: 'the group is attached', set: { attached: 'true' } },
          ],
        },
      ],
    },
    get_device_fd: {
      doc: 'VFIO_GROUP_GET_DEVICE_FD.',
      cite: '40 §1',
      by: ['vmm'],
      steps: [
        {
          label: 'device fd',
          cases: [{ if: '!attached', errno: 'EINVAL' }, { set: { device_fd: 'true' } }],
        },
      ],
    },
    unset_container: {
      doc: 'VFIO_GROUP_UNSET_CONTAINER: the domain is freed, unless a device fd is open.',
      cite: '40 §1',
      by: ['vmm'],
      steps: [
        {
          step: 'detach',
          label: 'detached',
          cases: [{ if: 'device_fd', errno: 'EBUSY' }, { set: { ...DETACH, attached: 'false' } }],
        },
        { call: 'cookie.free', with: { domain: '{domain}' } },
      ],
    },
  },
})
