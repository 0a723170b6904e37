/** IOMMU groups and default domains. */
import type { Chapter } from './source'

export const GROUPS: Chapter = {
  '10': { about: 'IOMMU groups', from: 'Linux 6.12 drivers/iommu/iommu.c, drivers/pci/{search,pci,quirks}.c' },
  '10 §1': {
    about: 'ACS bits',
    from: 'Linux 6.12 include/uapi/linux/pci_regs.h (extended capability 0x000d), drivers/iommu/iommu.c REQ_ACS_FLAGS',
  },
  '10 §1.1': { about: 'the flags test', from: 'Linux 6.12 drivers/pci/pci.c pci_acs_flags_enabled' },
  '10 §1.2': { about: 'whether a function is isolated', from: 'Linux 6.12 drivers/pci/pci.c pci_acs_enabled' },
  '10 §2': {
    about: 'DMA aliases',
    from: 'Linux 6.12 drivers/pci/search.c pci_for_each_dma_alias; drivers/pci/quirks.c',
    unverified: 'Marvell ids beyond 9123, 9128, 9172',
  },
  '10 §3': {
    about: 'pci_device_group, step by step',
    from: 'Linux 6.12 drivers/iommu/iommu.c pci_device_group, get_pci_alias_group, get_pci_function_alias_group',
    unverified: 'the multifunction flag set while a slot is scanned, cleared on VFs',
  },
  '10 §4': { about: 'ACS quirks', from: 'Linux 6.12 drivers/pci/quirks.c pci_dev_acs_enabled, pci_dev_enable_acs' },
  '10 §5': {
    about: 'how the kernel sets ACS',
    from: 'Linux 6.12 drivers/pci/pci.c pci_enable_acs; Documentation/admin-guide/kernel-parameters.txt pci=',
    unverified: 'config_acs from 6.11',
  },
}

export const DOMAINS: Chapter = {
  '10 §6': {
    about: 'groups of what is not PCI, and of PCI behind PAMU',
    from: 'Linux 6.12 drivers/iommu/iommu.c generic_device_group; drivers/iommu/amd/iommu.c acpihid_device_group; drivers/iommu/arm/arm-smmu/arm-smmu.c arm_smmu_device_group; drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c arm_smmu_insert_master; drivers/iommu/fsl_pamu_domain.c fsl_pamu_device_group',
  },
  '20': {
    about: 'default domains',
    from: 'Linux 4.19, 5.2, 6.1 and 6.12 drivers/iommu/iommu.c and the drivers beside it',
  },
  '20 §1': {
    about: 'domain types and their words',
    from: 'Linux 6.12 drivers/iommu/iommu.c iommu_domain_type_str, iommu_group_show_type',
  },
  '20 §2': {
    about: 'the system’s default type',
    from: 'Linux 6.12 drivers/iommu/iommu.c iommu_subsys_init, iommu_set_dma_strict',
    unverified: 'strict as the built default outside x86',
  },
  '20 §3': {
    about: 'the command line',
    from: 'Linux 6.12 Documentation/admin-guide/kernel-parameters.txt; arch/x86/kernel/pci-dma.c; drivers/iommu/intel/iommu.c intel_iommu_setup, platform_optin_force_iommu',
  },
  '20 §4': {
    about: 'the driver’s opinion of a device',
    from: 'def_domain_type of Linux 6.12: intel/iommu.c device_def_domain_type, amd/iommu.c amd_iommu_def_domain_type, arm/*; 4.19 and 5.2 intel-iommu.c iommu_should_identity_map',
  },
  '20 §5': {
    about: 'the type of a group',
    from: 'drivers/iommu/iommu.c of Linux 5.2, 6.1 and 6.12, by era',
  },
  '20 §5.1': {
    about: 'the type of a group before 5.8',
    from: 'Linux 5.2 drivers/iommu/iommu.c iommu_group_get_for_dev, iommu_request_dm_for_dev',
  },
  '20 §5.2': {
    about: 'the type of a group, 5.8 to 6.4',
    from: 'Linux 6.1 drivers/iommu/iommu.c probe_get_default_domain_type, iommu_get_def_domain_type',
  },
  '20 §5.3': {
    about: 'the type of a group, 6.12',
    from: 'Linux 6.12 drivers/iommu/iommu.c iommu_get_default_domain_type, iommu_group_alloc_default_domain',
  },
  '20 §6': {
    about: 'setting the default domain up',
    from: 'Linux 6.12 drivers/iommu/iommu.c iommu_setup_default_domain; 6.1 iommu_probe_device, bus_iommu_probe',
  },
  '20 §7': {
    about: 'deferred attach in a kdump kernel',
    from: 'Linux 6.12 drivers/iommu/iommu.c iommu_deferred_attach; is_attach_deferred of intel/iommu.c and amd/iommu.c',
  },
  '20 §8': {
    about: '32-bit devices in an identity domain',
    from: 'Linux 4.19 and 5.2 drivers/iommu/intel-iommu.c; iommu_request_dma_domain_for_dev of 5.3–5.7; swiotlb from 5.8',
  },
  '20 §9': {
    about: 'a write to the group’s type file',
    from: 'Linux 6.1 and 6.12 drivers/iommu/iommu.c iommu_group_store_type; Documentation/ABI/testing/sysfs-kernel-iommu_groups; 36 writes seen on booted 6.1',
    unverified: 'that DMA-FQ came in 5.15',
  },
}
