/**
 * The IOMMU core's groups and domains: default domains and who wants which, attaching and when it is deferred, direct
 * mappings, swaps of the default domain by a driver or through sysfs, and DMA ownership. Two devices, in one group or in
 * one each.
 *
 * Sources: reference 20 §4 … §9, 30 §5, 40 §7, §8, §14 H5; 00 S3.1 … S3.14; 05.1, 05.21. Releases differ by the era of `reserved-regions`.
 */
import { block } from '../../hardware/block'
import { DOMAINS, PAGES } from '../../hardware/blocks/translation-unit'
import { OWNERSHIP } from './iommu-ownership'
import { ATTACH, ATTACH_ALL, DEV, DOMAIN, entry, FREE_DEFAULT, GROUP, LOCK, MAP_DIRECT, UNLOCK } from './iommu-steps'

/** What the device's driver takes to be its domain (00 S3.6). */
const LOOKED_UP = '(lookup == find_domain ? archdata{dev} : group_domain{group})'
const IS_IDENTITY = `(${LOOKED_UP} == si || ${LOOKED_UP} == si1)`

/** 5.3's request_default_domain_for_dev, and iommu_request_dm_for_dev before it: checks, swap, then the mappings. */
const request = (identity: boolean) => ({
  cite: '00 S3.8',
  by: ['host' as const],
  operands: { dev: DEV, group: GROUP, domain: { names: 'domains', default: identity ? 'si' : 'fresh' } },
  steps: [
    {
      step: 'check',
      when: '!mutex{group}',
      cases: [
        {
          if: `(default_domain{group} == si || default_domain{group} == si1) == ${identity}`,
          name: 'already',
          label: 'group {group} has that type already',
          return: true,
        },
        { if: 'single_device && both{group}', errno: 'EBUSY', label: 'group {group} has more than one device' },
        { if: 'no_memory', errno: 'ENOMEM', label: 'no memory for a domain' },
        {
          if: 'group_domain{group} != default_domain{group}',
          name: 'owned.EBUSY',
          errno: 'EBUSY',
          label: 'group {group} is not on its default domain',
        },
        { label: 'group {group} will get {domain}', set: LOCK },
      ],
    },
    ATTACH_ALL,
    FREE_DEFAULT,
    {
      step: 'default',
      label: '{domain} is the default of group {group}',
      set: { 'default_domain{group}': '{domain}' },
    },
    { ...MAP_DIRECT, if: 'request_maps == into_new' },
    { step: 'unlock', label: 'group {group} is done', set: UNLOCK },
  ],
})

export const IOMMU_CORE = block({
  block: 'iommu-core',
  title: 'IOMMU core: groups and domains',
  cite: '20; 40 §8',
  scope:
    'Two devices, two groups. A refusal is found before any entry of the group is changed. Domain allocation fails only by the parameter no_memory; PASID domains, iommufd and device faults on attach are left out.',
  parameters: {
    domains: { names: DOMAINS },
    pages: { names: PAGES },
    together: { default: false, doc: 'both devices are in group 0' },
    second: { default: true, doc: 'device 1 is there from the start' },
    opinion0: {
      default: 'none',
      values: ['none', 'identity', 'DMA'],
      doc: 'what the driver wants for device 0 (20 §4)',
    },
    opinion1: { default: 'none', values: ['none', 'identity', 'DMA'], doc: 'what the driver wants for device 1' },
    global: { default: 'DMA', values: ['identity', 'DMA'], doc: 'default of the system: iommu=pt, iommu.passthrough' },
    untrusted1: { default: false, doc: 'device 1 is behind an external-facing port' },
    untrusted_check: { default: true, doc: 'a group with an untrusted device has to be DMA (20 §5.3 step 2)' },
    freeing: {
      default: 'static',
      values: ['shared', 'per_group', 'static'],
      doc: 'what freeing an identity domain does (00 S3.3)',
    },
    kdump: { default: false, doc: 'this is the kernel that dumps the crashed one' },
    deferral: { default: true, doc: 'is_attach_deferred is there (00 S3.4)' },
    lookup: {
      default: 'find_domain',
      values: ['find_domain', 'get_domain_for_dev'],
      doc: 'how the driver finds its domain (00 S3.6)',
    },
    single_device: { default: true, doc: 'swaps are for groups of one device (00 S3.9)' },
    request_maps: {
      default: 'into_new',
      values: ['into_old', 'into_new'],
      doc: 'direct mappings of a swap: still looked for in the old domain (5.3, 5.4), where an identity domain takes none, or in the new one (5.5; unverified)',
    },
    no_memory: { default: false, doc: 'domains cannot be allocated' },
    on_mask: {
      default: 'swiotlb',
      values: ['nothing', 'request', 'swiotlb'],
      doc: 'a device under identity that reaches 4 GiB only: nothing, a DMA domain (5.3 to 5.7), or bouncing (5.8; 00 S3.11)',
    },
    type_lock: { default: true, doc: 'a write to `type` excludes drivers while it swaps' },
  },
  indices: { dev: 2, group: 2, domain: 'domains', page: 'pages' },
  ports: { unit: 'translation-unit', regions: 'reserved-regions' },
  state: {
    found1: { initial: '{second}', label: 'device 1 has been found' },
    group_domain: { per: ['group'], names: 'domains', and: ['none'], initial: 'none', label: 'group->domain' },
    default_domain: {
      per: ['group'],
      names: 'domains',
      and: ['none'],
      initial: 'none',
      label: 'group->default_domain',
    },
    chosen: { per: ['group'], values: ['none', 'identity', 'DMA'], label: 'type decided' },
    owner_cnt: { per: ['group'], range: [0, 2], label: 'group->owner_cnt' },
    owner: { per: ['group'], values: ['nobody', 'user'], label: 'group->owner' },
    mutex: { per: ['group'], label: 'group->mutex' },
    driver: { per: ['dev'], values: ['unbound', 'bound'] },
    archdata: { per: ['dev'], names: 'domains', and: ['none'], initial: 'none', label: 'domain of the device' },
    deferred: { per: ['dev'], label: 'attach deferred' },
    mask32: { per: ['dev'], label: 'reaches 4 GiB only' },
    address: { per: ['dev'], names: 'pages', and: ['none'], initial: 'none', label: 'DMA address' },
  },
  define: {
    member: {
      per: ['dev', 'group'],
      is: '{dev} == 0 ? {group} == 0 : found1 && ({group} == (together ? 0 : 1))',
    },
    both: { per: ['group'], is: 'member0_{group} && member1_{group}' },
    /** Ownership of a group's DMA is kept since 5.19 (40 §8.2; start unverified). */
    ownership: 'regions.era == v6_1 || regions.era == v6_12',
    refuses: { per: ['group'], is: 'any{dev: member{dev}_{group} && regions.locked{dev}}' },
    released: { per: ['group'], is: 'ownership && owner{group} == user ? blocked : default_domain{group}' },
  },
  faults: {
    use_after_free: 'a domain object that had been freed was attached',
    bug: 'BUG: a host driver was bound in a group that user space holds',
  },
  operations: {
    ...ATTACH,
    ...OWNERSHIP,
    setup_default: {
      doc: 'Give a group its first default domain. Mappings come before the attach, but for a device found alone on 5.8 … 6.3 (iommu_probe_device); no attach where it is deferred.',
      cite: '20 §6, §7; 30 §5; iommu_probe_device, bus_iommu_probe of 6.1',
      by: ['host'],
      operands: {
        group: GROUP,
        domain: DOMAIN,
        alone: { flag: true, default: false, doc: 'found after its bus was probed, or when its driver probes (Arm)' },
      },
      steps: [
        {
          step: 'default',
          label: '{domain} is the default of group {group}',
          set: { 'default_domain{group}': '{domain}' },
        },
        { ...MAP_DIRECT, if: '!(regions.era == v6_1 && {alone})' },
        { call: 'defer', with: { group: '{group}', domain: '{domain}' }, if: 'kdump && deferral' },
        { ...ATTACH_ALL, if: '!(kdump && deferral)' },
        { ...MAP_DIRECT, if: 'regions.era == v6_1 && {alone}' },
      ],
    },
    default_by_opinion: {
      doc: 'Decide the type of group 0 from what drivers want of its devices, and set it up.',
      cite: '20 §5; 00 S3.12, S3.13',
      by: ['host'],
      steps: [
        {
          step: 'decide',
          cases: [
            {
              if: 'regions.era == v6_12 && untrusted_check && untrusted1 && member1_0 && (opinion0 == identity || opinion1 == identity)',
              errno: 'EINVAL',
              label: 'an untrusted device needs DMA, a driver needs identity: the group is refused',
            },
            {
              if: 'regions.era == v6_12 && untrusted_check && untrusted1 && member1_0',
              name: 'untrusted',
              label: 'an untrusted device: DMA',
              set: { chosen0: 'DMA' },
            },
            {
              if: 'regions.era == v6_12 && (opinion0 == identity || (member1_0 && opinion1 == identity))',
              name: 'identity',
              label: 'a driver needs identity, and identity wins',
              set: { chosen0: 'identity' },
            },
            {
              if: 'regions.era != v6_12 && member1_0 && opinion0 != none && opinion1 != none && opinion0 != opinion1',
              name: 'conflict',
              label: 'the drivers disagree: the default of the system',
              set: { chosen0: 'global' },
            },
            {
              label: 'the first opinion, or the default of the system',
              set: { chosen0: 'opinion0 != none ? opinion0 : member1_0 && opinion1 != none ? opinion1 : global' },
            },
          ],
        },
        { call: 'setup_default', with: { group: 0, domain: 'si' }, if: 'chosen0 == identity' },
        { call: 'setup_default', with: { group: 0, domain: 'dma0' }, if: 'chosen0 == DMA' },
      ],
    },
    iommu_request_dm_for_dev: {
      doc: 'The driver wants an identity domain for the group of its device.',
      ...request(true),
    },
    iommu_request_dma_domain_for_dev: {
      doc: 'The driver wants a DMA domain for the group of its device.',
      ...request(false),
    },
    set_dma_mask32: {
      doc: 'The driver says that its device reaches 4 GiB only, which is known no earlier.',
      cite: '20 §8; 00 S3.11',
      by: ['host'],
      operands: { dev: DEV },
      steps: [{ label: 'device {dev} reaches 4 GiB only', set: { 'mask32{dev}': true } }],
    },
    iommu_need_mapping: {
      doc: 'VT-d’s answer to a mask that identity does not do for, 5.3 to 5.7: take the device out of its identity domain, request a DMA domain for the group, and if that is refused give the device a private one.',
      cite: 'iommu_need_mapping of 5.3; 00 S3.7, S3.8, S3.11',
      by: ['host'],
      operands: { dev: DEV, group: GROUP },
      steps: [
        {
          step: 'remove',
          label: 'device {dev} leaves the identity domain',
          set: { ...entry('{dev}', 'absent'), 'archdata{dev}': 'none' },
        },
        { call: 'iommu_request_dma_domain_for_dev', with: { dev: '{dev}', group: '{group}' }, swallow: true },
        { call: 'attach_device', with: { dev: '{dev}', domain: 'fresh' }, if: 'archdata{dev} == none' },
      ],
    },
    dma_map: {
      doc: 'Map a buffer for the device through the DMA API; a deferred attach takes place first.',
      cite: '20 §7, §8; 00 S3.6',
      by: ['host'],
      operands: { dev: DEV, group: GROUP, page: { names: 'pages' }, frame: { names: 'pages' } },
      steps: [
        {
          call: 'attach_default',
          with: { dev: '{dev}', group: '{group}' },
          if: 'deferred{dev} && lookup == find_domain',
        },
        {
          call: 'iommu_need_mapping',
          with: { dev: '{dev}', group: '{group}' },
          if: `on_mask == request && mask32{dev} && ${IS_IDENTITY}`,
        },
        {
          step: 'map',
          when: '!mutex{group}',
          cases: [
            {
              if: `${IS_IDENTITY} && mask32{dev} && {frame} == high && on_mask == nothing`,
              errno: 'EIO',
              label: 'device {dev} cannot reach {frame}',
            },
            {
              if: `${IS_IDENTITY} && mask32{dev} && {frame} == high`,
              name: 'bounce',
              label: 'device {dev} gets a bounce buffer for {frame}',
              set: { 'address{dev}': 'bounce' },
            },
            {
              if: IS_IDENTITY,
              name: 'direct',
              label: 'device {dev} gets {frame} itself',
              set: { 'address{dev}': '{frame}' },
            },
            {
              per: ['domain'],
              if: `${LOOKED_UP} == {domain}`,
              label: 'device {dev} gets {page}, mapped to {frame} in {domain}',
              set: { 'unit.pte.{domain}.{page}': '{frame}', 'address{dev}': '{page}' },
            },
            { errno: 'ENODEV', label: 'device {dev} has no domain' },
          ],
        },
      ],
    },
  },
})
