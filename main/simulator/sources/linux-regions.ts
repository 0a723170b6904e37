/** Reserved regions: who reports them, how lists are merged, what VFIO makes of them. */
import type { Chapter } from './source'

export const REGIONS: Chapter = {
  '30': {
    about: 'reserved regions',
    from: 'Linux 4.19, 5.2, 6.1 and 6.12 drivers/iommu/iommu.c and the drivers beside it',
  },
  '30 §1': {
    about: 'types of regions',
    from: 'Linux 6.12 include/linux/iommu.h enum iommu_resv_type; drivers/iommu/iommu.c iommu_group_show_resv_regions',
  },
  '30 §2': { about: 'who reports regions', from: 'get_resv_regions of each driver in Linux 6.12 drivers/iommu' },
  '30 §2.1': {
    about: 'regions of VT-d',
    from: 'Linux 6.12 drivers/iommu/intel/iommu.c intel_iommu_get_resv_regions, device_rmrr_is_relaxable; VT-d 5.10 §8.4 (RMRR)',
  },
  '30 §2.2': {
    about: 'regions of AMD-Vi',
    from: 'Linux 6.12 drivers/iommu/amd/init.c init_unity_map_range, amd/iommu.c amd_iommu_get_resv_regions',
  },
  '30 §2.3': {
    about: 'regions of the Arm SMMUs',
    from: 'Linux 6.12 drivers/iommu/arm/* arm_smmu_get_resv_regions (MSI_IOVA_BASE 0x8000000, MSI_IOVA_LENGTH 0x100000)',
  },
  '30 §2.4': {
    about: 'regions of virtio-iommu',
    from: 'Linux 6.12 drivers/iommu/virtio-iommu.c viommu_get_resv_regions, viommu_add_resv_mem',
  },
  '30 §2.5': { about: 'regions of IORT', from: 'Linux 6.12 drivers/acpi/arm64/iort.c iort_iommu_get_resv_regions' },
  '30 §2.6': {
    about: 'regions of a device tree',
    from: 'Linux drivers/iommu/of_iommu.c of_iommu_get_resv_regions, iommu_resv_region_get_type; bindings reserved-memory.yaml (iommu-addresses); release 6.3 unverified',
  },
  '30 §3': {
    about: 'merging a list of regions',
    from: 'Linux 6.12 drivers/iommu/iommu.c iommu_insert_resv_region; 5.2: the recursive form',
  },
  '30 §3.1': {
    about: 'cutting relaxable regions, not implemented',
    from: 'LKML 2019-05-17, “[PATCH v3 6/7] iommu: Introduce IOMMU_RESV_DIRECT_RELAXABLE reserved memory regions”',
  },
  '30 §5': {
    about: 'direct mappings of the host’s domain',
    from: 'Linux 6.12 and 6.1 drivers/iommu/iommu.c iommu_create_device_direct_mappings',
  },
  '30 §6': {
    about: 'VFIO and reserved regions',
    from: 'Linux 6.1 drivers/vfio/vfio_iommu_type1.c vfio_iommu_resv_conflict, vfio_iommu_resv_exclude, vfio_iommu_iova_dma_valid',
  },
  '30 §7': {
    about: 'the MSI cookie',
    from: 'Linux 6.12 drivers/iommu/dma-iommu.c iommu_get_msi_cookie, iommu_dma_get_msi_page',
  },
  '30 §8': {
    about: 'what fails, by release',
    from: 'derived from drivers/vfio/vfio_iommu_type1.c and drivers/iommu/iommu.c of 5.2, 6.1 and 6.12; in part seen on booted 6.1 and 6.12',
  },
}
