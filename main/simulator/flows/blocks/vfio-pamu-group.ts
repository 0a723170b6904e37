/**
 * The objects that user space holds: a container, one group in it, device fds of the group. Only their order rules; what
 * may be asked of the container once its IOMMU is set is `vfio-pamu`.
 *
 * Sources: reference 40 §1 (4.9), §8.1 (viability); 50 §6.1 (attach of the SDK back-end), §7.
 */
import { block } from '../../hardware/block'

export const VFIO_PAMU_GROUP = block({
  block: 'vfio-pamu-group',
  title: 'VFIO container and group',
  cite: '40 §1, 50 §6.1',
  scope:
    'One group in one container; a group of one controller, hence one LIODN. Mixed and noiommu groups are left out.',
  parameters: {
    viable: { default: true, doc: 'no member of the group is bound to a host driver' },
  },
  ports: { domain: 'fsl-pamu-domain' },
  state: {
    container: { doc: 'the group is in the container' },
    iommu: { doc: 'the container has an IOMMU back-end' },
    fds: { range: [0, 2], doc: 'open device fds: users of the container' },
  },
  operations: {
    set_container: {
      doc: 'VFIO_GROUP_SET_CONTAINER.',
      by: ['vmm'],
      steps: [
        {
          label: 'VFIO_GROUP_SET_CONTAINER',
          cases: [{ if: 'container', errno: 'EINVAL' }, { set: { container: true } }],
        },
      ],
    },
    set_iommu: {
      doc: 'VFIO_SET_IOMMU(VFIO_FSL_PAMU_IOMMU): allocates the domain and attaches the group.',
      by: ['vmm'],
      steps: [
        {
          step: 'check',
          label: 'VFIO_SET_IOMMU',
          cases: [{ if: '!container || iommu', errno: 'EINVAL' }, { label: 'VFIO_SET_IOMMU: back-end opened' }],
        },
        { call: 'domain.attach' },
        { step: 'set', label: 'VFIO_SET_IOMMU: the group is attached', set: { iommu: true } },
      ],
    },
    get_device_fd: {
      doc: 'VFIO_GROUP_GET_DEVICE_FD: only of a viable group in a container with a back-end. Windows are not asked for.',
      by: ['vmm'],
      steps: [
        {
          label: 'VFIO_GROUP_GET_DEVICE_FD',
          cases: [{ if: '!container || !iommu || !viable', errno: 'EINVAL' }, { set: { fds: 'min(2, fds + 1)' } }],
        },
      ],
    },
    close_device: {
      doc: 'The last reference to a device fd goes.',
      by: ['vmm'],
      steps: [{ label: 'a device fd is closed', set: { fds: 'max(0, fds - 1)' } }],
    },
    unset_container: {
      doc: 'VFIO_GROUP_UNSET_CONTAINER: not while a device fd is open. The last group takes the back-end with it.',
      by: ['vmm'],
      steps: [
        {
          step: 'check',
          label: 'VFIO_GROUP_UNSET_CONTAINER',
          cases: [
            { if: '!container', errno: 'EINVAL' },
            { if: 'fds > 0', errno: 'EBUSY' },
            { set: { container: false } },
          ],
        },
        { call: 'domain.detach', if: 'iommu' },
        { step: 'released', label: 'the back-end is released', set: { iommu: false } },
      ],
    },
  },
})
