/**
 * VFIO type1 as far as reserved regions decide: where a group with a direct region is refused, what of the IOVA space is
 * left, which mappings are refused, and where the group is before it is attached and after it is detached. One container.
 *
 * Sources: reference 30 §6, 40 §1, §5, §7, §8, §10; 05.1, 05.8. IOVA ranges exist since 5.4, ownership since 5.19.
 */
import { block } from '../../hardware/block'
import { PAGES } from '../../hardware/blocks/translation-unit'

const GROUP = { index: 'group' } as const

export const VFIO_TYPE1_REGIONS = block({
  block: 'vfio-type1-regions',
  title: 'VFIO type1 and reserved regions',
  cite: '30 §6; 40; 05.1, 05.8',
  scope:
    'One container, mappings of a page. The group’s viability, isolation of its interrupts, coherency, superpages and the accounting of pinned memory are left out.',
  parameters: { pages: { names: PAGES } },
  indices: { dev: 2, group: 2, page: 'pages' },
  ports: { core: 'iommu-core', regions: 'reserved-regions', unit: 'translation-unit' },
  state: {
    joined: { per: ['group'], label: 'group in the container' },
    attached: { per: ['group'], label: 'group attached' },
    opened: { per: ['group'], label: 'device opened' },
    mapped: { per: ['page'], label: 'mapped' },
  },
  define: {
    /** IOVA ranges and the conflict test came with 5.4 (40 §5). */
    ranges: 'regions.era == v6_1 || regions.era == v6_12',
    hard: { per: ['group', 'page'], is: 'any{dev: core.member{dev}_{group} && regions.hard{dev}.{page}}' },
    excluded: { per: ['page'], is: 'any{group: attached{group} && hard{group}.{page}}' },
  },
  operations: {
    set_container: {
      doc: 'VFIO_GROUP_SET_CONTAINER: with ownership, the group’s DMA is claimed here.',
      cite: '40 §1, §8.2; 05.1',
      by: ['vmm'],
      operands: { group: GROUP },
      steps: [
        { call: 'core.claim_dma_owner', with: { group: '{group}' }, if: 'core.ownership' },
        {
          step: 'join',
          label: 'group {group} is in the container',
          set: { 'joined{group}': true, 'core.owner{group}': 'user' },
        },
      ],
    },
    set_iommu: {
      doc: 'VFIO_SET_IOMMU, or joining a container that has its back-end: attach the group, test its mappings for conflicts.',
      cite: '40 §4, §5; 30 §6',
      by: ['vmm'],
      operands: { group: GROUP },
      steps: [
        {
          step: 'begin',
          cases: [
            { if: '!joined{group}', errno: 'EINVAL', label: 'the container has no group' },
            {
              if: 'ranges && any{page: mapped.{page} && hard{group}.{page}}',
              name: 'conflict.EINVAL',
              errno: 'EINVAL',
              label: 'a mapping overlaps a reserved region of group {group}',
            },
            { label: 'group {group} will be attached' },
          ],
        },
        { call: 'core.iommu_attach_group', with: { group: '{group}', domain: 'user' } },
        { step: 'done', label: 'group {group} is attached', set: { 'attached{group}': true } },
      ],
    },
    get_device_fd: {
      doc: 'VFIO_GROUP_GET_DEVICE_FD: protection precedes access.',
      cite: '40 §1 step 5; 00 S1.15',
      by: ['vmm'],
      operands: { group: GROUP },
      steps: [
        {
          cases: [
            { if: '!attached{group}', errno: 'EINVAL', label: 'group {group} has no IOMMU' },
            { label: 'the device of group {group} is open', set: { 'opened{group}': true } },
          ],
        },
      ],
    },
    map_dma: {
      doc: 'VFIO_IOMMU_MAP_DMA of one page.',
      cite: '40 §10; 05.8',
      by: ['vmm'],
      operands: { page: { names: 'pages' }, frame: { names: 'pages', default: 'guest' } },
      steps: [
        {
          cases: [
            {
              if: '!attached0 && !attached1',
              name: 'unset.EINVAL',
              errno: 'EINVAL',
              label: 'the container has no back-end',
            },
            { if: 'mapped.{page}', errno: 'EEXIST', label: '{page} is mapped already' },
            {
              if: 'ranges && excluded.{page}',
              errno: 'EINVAL',
              label: '{page} is in a reserved region',
            },
            {
              label: 'user space maps {page} to {frame}',
              set: { 'mapped.{page}': true, 'unit.pte.user.{page}': '{frame}' },
            },
          ],
        },
      ],
    },
    close_device: {
      doc: 'The last device fd of the group is closed.',
      by: ['vmm'],
      operands: { group: GROUP },
      steps: [{ label: 'the device of group {group} is closed', set: { 'opened{group}': false } }],
    },
    unset_container: {
      doc: 'VFIO_GROUP_UNSET_CONTAINER: detach, then give the ownership back.',
      cite: '40 §1, §8.2',
      by: ['vmm'],
      operands: { group: GROUP },
      steps: [
        {
          step: 'begin',
          cases: [
            { if: 'opened{group}', errno: 'EBUSY', label: 'a device of group {group} is open' },
            { label: 'group {group} leaves the container' },
          ],
        },
        { call: 'core.iommu_detach_group', with: { group: '{group}' } },
        { step: 'left', set: { 'attached{group}': false, 'joined{group}': false }, label: 'group {group} has left' },
        { call: 'core.release_dma_owner', with: { group: '{group}' }, if: 'core.ownership' },
        { step: 'free', label: 'group {group} is free', set: { 'core.owner{group}': 'nobody' } },
      ],
    },
  },
})
