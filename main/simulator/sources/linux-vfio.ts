/** Handing devices to user space: VFIO, ownership, iommufd. */
import type { Chapter } from './source'

export const VFIO: Chapter = {
  '40': {
    about: 'VFIO',
    from: 'Linux 4.9, 4.10, 4.19, 5.2, 6.1, 6.3 and 6.12 drivers/vfio, drivers/iommu/iommu.c, drivers/iommu/iommufd',
    unverified: 'that 4.6 is as 4.9',
  },
  '40 §1': {
    about: 'group, container, device fd and their order',
    from: 'Linux 4.9 drivers/vfio/vfio.c; 6.12 drivers/vfio/{group,container}.c',
    unverified: 'the errno of ioctls before BIND_IOMMUFD',
  },
  '40 §2': { about: 'attach, 4.9', from: 'Linux 4.9 drivers/vfio/vfio_iommu_type1.c vfio_iommu_type1_attach_group' },
  '40 §4': {
    about: 'attach, 4.11 to 5.3',
    from: 'Linux 4.19 and 5.2 drivers/vfio/vfio_iommu_type1.c vfio_iommu_type1_attach_group; kernel/irq/irqdomain.c irq_domain_check_msi_remap',
  },
  '40 §5': {
    about: 'attach, 5.4 to 6.2',
    from: 'Linux 6.1 drivers/vfio/vfio_iommu_type1.c vfio_iommu_type1_attach_group',
    unverified: 'that the list of IOVA ranges came in 5.4 (5.2 has none)',
  },
  '40 §6': {
    about: 'attach, 6.3 and later',
    from: 'Linux 6.3 and 6.12 drivers/vfio/vfio_iommu_type1.c vfio_iommu_type1_attach_group; drivers/iommu/iommu.c iommu_group_has_isolated_msi',
  },
  '40 §6.1': {
    about: 'isolated MSI, by controller',
    from: 'Linux 6.3 kernel/irq/msi.c msi_device_has_isolated_msi; IRQ_DOMAIN_FLAG_ISOLATED_MSI in drivers/irqchip and drivers/iommu',
  },
  '40 §7': {
    about: 'where a direct region refuses',
    from: 'Linux 4.19 and 6.1 drivers/iommu/intel/iommu.c device_is_rmrr_locked (-EPERM); 6.12 drivers/iommu/iommu.c require_direct (-EINVAL); both seen on booted kernels',
  },
  '40 §8': {
    about: 'viable groups and DMA ownership',
    from: 'Linux 4.9 drivers/vfio/vfio.c; 6.1 and 6.12 drivers/iommu/iommu.c',
  },
  '40 §8.1': {
    about: 'viability, up to 5.18',
    from: 'Linux 4.9 drivers/vfio/vfio.c vfio_dev_viable, vfio_group_nb_verify',
  },
  '40 §8.2': {
    about: 'DMA ownership, 5.19 and later',
    from: 'Linux 6.1 and 6.12 drivers/iommu/iommu.c iommu_group_claim_dma_owner, iommu_device_use_default_domain',
    unverified: 'that it began with 5.19',
  },
  '40 §9': {
    about: 'iommufd: bind and attach',
    from: 'Linux 6.12 drivers/iommu/iommufd/device.c iommufd_device_bind, iommufd_device_attach; io_pagetable.c; never booted here',
  },
  '40 §10': {
    about: 'MAP_DMA and UNMAP_DMA',
    from: 'Linux 6.12 drivers/vfio/vfio_iommu_type1.c vfio_dma_do_map, vfio_dma_do_unmap',
  },
  '40 §11': {
    about: 'SET_IRQS for MSI and MSI-X',
    from: 'Linux 6.12 drivers/vfio/pci/vfio_pci_intrs.c vfio_pci_set_msi_trigger, vfio_msi_set_vector_signal',
    unverified: 'that growing is told by the absence of NORESIZE',
  },
  '40 §12': {
    about: 'allow_unsafe_interrupts',
    from: 'Linux 4.9 to 6.12 drivers/vfio/vfio_iommu_type1.c, module parameter',
  },
  '40 §14': { about: 'hazards', from: 'derived from the attach and SET_IRQS code of drivers/vfio' },
  '40 §14 H1': {
    about: 'attached before isolation is tested',
    from: 'vfio_iommu_type1.c vfio_iommu_type1_attach_group of 4.9, 4.19, 5.2, 6.1 and 6.12',
  },
  '40 §14 H2': {
    about: 'the cookie comes after the replay of mappings',
    from: 'Linux 4.19 and 6.1 vfio_iommu_type1.c vfio_iommu_type1_attach_group; derived',
  },
  '40 §14 H3': {
    about: 'use after free while SET_IRQS prepares a message',
    from: 'CVE-2025-38062; “genirq/msi: Store the IOMMU IOVA directly in msi_desc instead of iommu_cookie”',
    unverified: 'the release that has it, 6.15',
  },
  '40 §14 H4': {
    about: 'a reset between the message and request_irq',
    from: 'Linux 6.12 drivers/vfio/pci/vfio_pci_intrs.c vfio_msi_set_vector_signal writes the cached message again',
  },
  '40 §14 H5': {
    about: 'hot-plug into an owned group',
    from: 'Linux 6.1 drivers/iommu/iommu.c iommu_probe_device; 4.9 drivers/vfio/vfio.c vfio_group_nb_verify',
  },
}
