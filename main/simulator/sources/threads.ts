/** The five threads, item by item: the mail, and the code that shows what became of it. */
import type { Chapter } from './source'

const MSI_2016 =
  'LKML 2016-04-22, Eric Auger and Robin Murphy, “Re: [PATCH v7 01/10] iommu: Add DOMAIN_ATTR_MSI_MAPPING attribute”'
const PAMU_2013 = 'LKML 2013-04-02, Alex Williamson, Scott Wood and Stuart Yoder on VFIO, PAMU and MSI banks'
const RELAXABLE_2019 =
  'LKML 2019-05-17, Eric Auger and Robin Murphy, “Re: [PATCH v3 6/7] iommu: Introduce IOMMU_RESV_DIRECT_RELAXABLE reserved memory regions”'
const DOMAINS_2019 =
  'LKML 2019-04-24, Tom Murphy, Lu Baolu and James Sewart, “Re: [PATCH v2 3/7] iommu/vt-d: Expose ISA direct mapping region via iommu_get_resv_regions”'
const IMS_2021 =
  'LKML 2021-06-10, Thomas Gleixner and Dave Jiang, “Re: [PATCH v6 05/20] vfio: mdev: common lib code for setting up Interrupt Message Store”'

export const THREAD_2016: Chapter = {
  '00 S0': { about: 'the thread on MSI mapping and isolation', from: MSI_2016 },
  '00 S0.1': {
    about: 'DOMAIN_ATTR_MSI_MAPPING, never merged',
    from: `${MSI_2016}; in its place Linux 4.19 arm-smmu-v3.c arm_smmu_get_resv_regions, dma-iommu.c iommu_get_msi_cookie`,
  },
  '00 S0.2': {
    about: 'the x86 interrupt window is not translated',
    from: `${MSI_2016}; Linux 6.12 drivers/iommu/intel/iommu.c intel_iommu_get_resv_regions; VT-d 5.10 §3.15`,
  },
  '00 S0.3': { about: 'on SMMU and PAMU a message is a translated write', from: MSI_2016 },
  '00 S0.4': {
    about: 'IOMMU_CAP_INTR_REMAP, and that arm-smmu said it',
    from: `${MSI_2016}; dropped from arm-smmu in 4.11, deleted in 6.3`,
  },
  '00 S0.5': { about: 'three branches, or two', from: MSI_2016 },
  '00 S0.6': {
    about: 'acquiring the resources of a domain',
    from: `${MSI_2016}; Linux 4.19 vfio_iommu_type1.c vfio_iommu_type1_attach_group`,
  },
  '00 S0.7': {
    about: 'an allocator of reserved IOVA, dropped for a fixed window',
    from: `${MSI_2016}; drivers/iommu/msi-iommu.c of the same series; Linux 4.19 and 6.12 arm-smmu*.c, virtio-iommu.c (0x8000000, 1 MiB)`,
  },
  '00 S0.8': {
    about: 'a flag of the MSI domain says that it isolates',
    from: `${MSI_2016}; IRQ_DOMAIN_FLAG_MSI_REMAP (4.11), Linux 6.3 include/linux/irqdomain.h IRQ_DOMAIN_FLAG_ISOLATED_MSI`,
  },
  '00 S0.9': {
    about: 'isolation belongs to a device and its MSI domain',
    from: `${MSI_2016}; Linux 6.1 kernel/irq/irqdomain.c irq_domain_check_msi_remap; Linux 6.3 kernel/irq/msi.c msi_device_has_isolated_msi`,
  },
  '00 S0.10': {
    about: 'every device of the group is inspected',
    from: `${MSI_2016}; Linux 6.3 drivers/iommu/iommu.c iommu_group_has_isolated_msi`,
  },
  '00 S0.11': {
    about: 'who validates interrupt writes: remapping or the ITS; a GICv2m frame does not',
    from: MSI_2016,
  },
  '00 S0.12': { about: 'an unmapped doorbell loses interrupts and is no attack', from: MSI_2016 },
  '00 S0.13': {
    about: 'allow_unsafe_interrupts overrides isolation only',
    from: `${MSI_2016}; Linux 6.12 vfio_iommu_type1.c, drivers/iommu/iommufd/device.c`,
  },
  '00 S0.14': { about: 'the conclusions of the thread', from: MSI_2016 },
  '00 S0.15': {
    about: 'the doorbell’s IOVA is kept in the msi_desc (2025)',
    from: '“genirq/msi: Store the IOMMU IOVA directly in msi_desc instead of iommu_cookie”, “iommufd: Implement sw_msi support natively”; CVE-2025-38062',
    unverified: 'the release, 6.15',
  },
}

export const THREAD_2013: Chapter = {
  '00 S1': { about: 'the thread on VFIO with PAMU', from: PAMU_2013 },
  '00 S1.1': { about: 'aperture and windows', from: `${PAMU_2013}; Linux 4.19 drivers/iommu/fsl_pamu.c` },
  '00 S1.2': { about: 'an MSI bank is a page that needs a window', from: PAMU_2013 },
  '00 S1.3': { about: 'who places the banks in I/O address space', from: PAMU_2013 },
  '00 S1.4': {
    about: 'proposal A',
    from: `${PAMU_2013}, as later mails sum it up`,
    unverified: 'its text was not found: a reconstruction',
  },
  '00 S1.5': {
    about: 'proposal B',
    from: `${PAMU_2013}, as later mails sum it up`,
    unverified: 'its text was not found: a reconstruction',
  },
  '00 S1.6': { about: 'proposal C, VFIO_GROUP_GET_MSI_FD', from: `${PAMU_2013}; in no tree that was read` },
  '00 S1.7': {
    about: 'two ioctls, one bank a call',
    from: `${PAMU_2013}; Freescale SDK vfio_iommu_fsl_pamu.c (nxp-archive/openil_linux)`,
  },
  '00 S1.8': { about: 'the kernel places banks from the top down', from: `${PAMU_2013} (Alex Williamson)` },
  '00 S1.9': { about: 'hot-plug may add banks', from: PAMU_2013 },
  '00 S1.10': { about: 'the host programs the message; the IOVA comes first', from: PAMU_2013 },
  '00 S1.11': { about: 'one bank for each group, never built', from: PAMU_2013 },
  '00 S1.12': {
    about: 'a mapped bank lets a device raise every interrupt of it',
    from: `${PAMU_2013}; Freescale SDK vfio_iommu_fsl_pamu.c: no isolation test at attach`,
  },
  '00 S1.13': {
    about: 'without a mapping every DMA is refused',
    from: `${PAMU_2013}; Linux 4.19 drivers/iommu/fsl_pamu.c boots with every LIODN open`,
  },
  '00 S1.14': {
    about: 'a change of attributes opens no hole',
    from: `${PAMU_2013}; Linux 4.19 drivers/iommu/fsl_pamu_domain.c: -EBUSY while enabled`,
  },
  '00 S1.15': {
    about: 'protection before the device fd',
    from: `${PAMU_2013}; VFIO_GROUP_GET_DEVICE_FD in drivers/vfio`,
  },
  '00 S1.16': { about: 'GET_IRQ_INFO counts vectors, not banks', from: PAMU_2013 },
}

export const THREAD_REGIONS: Chapter = {
  '00 S2': { about: 'the thread on relaxable regions', from: RELAXABLE_2019 },
  '00 S2.1': {
    about: 'the type DIRECT_RELAXABLE, 5.3',
    from: `${RELAXABLE_2019}; Linux 6.12 include/linux/iommu.h, drivers/iommu/iommu.c; Documentation/ABI/testing/sysfs-kernel-iommu_groups`,
  },
  '00 S2.2': {
    about: 'which RMRRs are relaxable: USB and graphics',
    from: `${RELAXABLE_2019}; commits c875d2c1b808, 18436afdc11a; Linux 6.12 drivers/iommu/intel/iommu.c device_rmrr_is_relaxable`,
  },
  '00 S2.3': { about: 'firmware used them until the driver took over', from: RELAXABLE_2019 },
  '00 S2.4': { about: 'why VFIO minds them', from: RELAXABLE_2019 },
  '00 S2.5': { about: 'a word of their own in sysfs', from: RELAXABLE_2019 },
  '00 S2.6': {
    about: 'rules for overlaps, not implemented',
    from: `${RELAXABLE_2019}; Linux 6.12 drivers/iommu/iommu.c iommu_insert_resv_region merges one type only`,
  },
  '00 S2.7': { about: 'the ISA bridge’s first 16 MiB', from: `${RELAXABLE_2019}; CONFIG_INTEL_IOMMU_FLOPPY_WA` },
}

export const THREAD_DOMAINS: Chapter = {
  '00 S3': { about: 'the thread on VT-d and default domains', from: DOMAINS_2019 },
  '00 S3.1': { about: 'default domains by the core', from: DOMAINS_2019 },
  '00 S3.2': { about: 'the type from the command line', from: DOMAINS_2019 },
  '00 S3.3': {
    about: 'the shared si_domain and who frees it',
    from: `${DOMAINS_2019}; drivers/iommu/iommu.c iommu_group_release; Linux 6.12: a static identity domain`,
    unverified: 'the freeing code of 6.12',
  },
  '00 S3.4': { about: 'is_attach_deferred for kdump', from: `${DOMAINS_2019}; AMD’s precedent, commit df3f7a6e8e85` },
  '00 S3.5': { about: 'the ISA bridge’s direct map as a region', from: DOMAINS_2019 },
  '00 S3.6': { about: 'find_domain and iommu_get_domain_for_dev differ', from: DOMAINS_2019 },
  '00 S3.7': { about: 'a driver that needs another type', from: DOMAINS_2019 },
  '00 S3.8': {
    about: 'iommu_request_dm_for_dev, iommu_request_dma_domain_for_dev',
    from: `${DOMAINS_2019}; history of include/linux/iommu.h: the second in 5.3–5.7, both removed for 5.8`,
    unverified: 'that the first came in 4.2',
  },
  '00 S3.9': { about: 'a swap only in groups of one device', from: DOMAINS_2019 },
  '00 S3.10': { about: 'identity devices in a group of their own', from: `${DOMAINS_2019}, on v3` },
  '00 S3.11': {
    about: '32-bit devices in an identity domain',
    from: `${DOMAINS_2019}; Linux 4.19 and 5.2 drivers/iommu/intel-iommu.c; 5.3 iommu_need_mapping`,
  },
  '00 S3.12': {
    about: 'two devices of a group want different types',
    from: `${DOMAINS_2019}; Linux 6.12 drivers/iommu/iommu.c iommu_get_default_domain_type`,
  },
  '00 S3.13': { about: 'dev_def_domain_type became iommu_ops.def_domain_type, 5.8', from: DOMAINS_2019 },
  '00 S3.14': {
    about: 'iommu_should_identity_map',
    from: `${DOMAINS_2019}; Linux 4.19 and 5.2 drivers/iommu/intel-iommu.c iommu_should_identity_map`,
  },
}

export const THREAD_IMS: Chapter = {
  '00 S4': { about: 'the thread on IMS and the PASID', from: IMS_2021 },
  '00 S4.1': { about: 'IMS, interrupt message store', from: `${IMS_2021}; irq-ims-msi.c of the same series` },
  '00 S4.2': {
    about: 'ims_array_alloc_msi_store checks for a PASID',
    from: `${IMS_2021}; irq-ims-msi.c of the same series`,
  },
  '00 S4.3': {
    about: 'who keeps the PASID: struct device, by the IOMMU',
    from: `${IMS_2021}; Linux 6.3 include/linux/msi.h msi_instance_cookie`,
  },
  '00 S4.4': { about: 'irq_set_auxdata, never merged', from: `${IMS_2021}; irq-ims-msi.c of the same series` },
  '00 S4.5': {
    about: 'vfio_set_ims_trigger',
    from: `${IMS_2021}; vfio_ims.c of the out-of-tree idxd code, 2022`,
  },
  '00 S4.6': { about: 'allocating the interrupts of the slots', from: IMS_2021 },
  '00 S4.7': {
    about: 'guest PASID to host PASID: ioasid_find_by_spid, never merged',
    from: `${IMS_2021}; ioasid postings, 2020–21`,
  },
  '00 S4.8': {
    about: 'iommu_aux_get_pasid, the default PASID',
    from: IMS_2021,
    unverified: 'that aux domains were removed in 5.19',
  },
  '00 S4.9': { about: 'the flow without vSVM, four steps', from: IMS_2021 },
  '00 S4.10': { about: 'the flow with vSVM, seven steps', from: IMS_2021 },
  '00 S4.11': { about: 'the guest’s MSIXPERM', from: `${IMS_2021}; the out-of-tree idxd code, 2019–2022` },
  '00 S4.12': { about: 'the PASID before the interrupt; nothing enforces it', from: IMS_2021 },
  '00 S4.13': { about: 'which layer owns the PASID', from: IMS_2021 },
  '00 S4.14': { about: 'names and call order of the series', from: IMS_2021 },
  '00 S4.15': { about: 'error 0x19', from: `${IMS_2021}; DSA specification 3.0 (341204-006)` },
  '00 S4.16': { about: 'which PASID work is submitted under', from: `${IMS_2021}; DSA specification 3.0 (341204-006)` },
  '00 S4.17': { about: 'PASID validation can be skipped', from: IMS_2021 },
  '00 S4.18': { about: 'what was merged', from: 'PCI/IMS core in Linux 6.2, absent in 6.12; idxd mdev never merged' },
}
