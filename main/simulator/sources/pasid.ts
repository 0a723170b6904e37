/** PASIDs and VT-d's scalable mode. */
import type { Chapter } from './source'

export const PASID: Chapter = {
  '80': { about: 'PASIDs and VT-d', from: 'VT-d 5.10 §3, §6, §7, §9; Linux 6.12 drivers/iommu/intel/{iommu,pasid}.c' },
  '80 §1': {
    about: 'PASIDs',
    from: 'VT-d 5.10 §3; Linux include/uapi/linux/pci_regs.h (extended capability 0x001b), include/linux/iommu.h IOMMU_NO_PASID',
  },
  '80 §2': { about: 'look-up in scalable mode', from: 'VT-d 5.10 §3, §9' },
  '80 §3': {
    about: 'root, context and PASID entries',
    from: 'VT-d 5.10 §9; Linux 6.12 drivers/iommu/intel/pasid.c, pasid.h',
    unverified: 'replacing a live entry at once, 6.13',
  },
  '80 §4': { about: 'RID_PASID', from: 'VT-d 5.10 Table 30 (SCT.9); Linux include/linux/iommu.h IOMMU_NO_PASID' },
  '80 §5': { about: 'fault reasons', from: 'VT-d 5.10 §7, Table 30' },
  '80 §6': {
    about: 'invalidation and its order',
    from: 'VT-d 5.10 §6.5; Linux 6.12 drivers/iommu/intel/pasid.c intel_pasid_tear_down_entry',
  },
  '80 §7': {
    about: 'page requests and their draining',
    from: 'VT-d 5.10 §7.4–7.11; Linux 6.12 drivers/iommu/intel intel_iommu_drain_pasid_prq',
  },
  '80 §8': {
    about: 'IOASID sets and aux domains, not upstream',
    from: 'ioasid postings of 2020–21; drivers/iommu/ioasid.c of 5.5–6.4',
  },
  '80 §9': {
    about: 'ENQCMD and its PASID',
    from: 'DSA specification 3.0 (341204-006)',
    unverified: 'PASID translation of VMX',
  },
  '80 §10': {
    about: 'SIOV: one requester ID, many interfaces',
    from: 'derived from VT-d 5.10 §5.1 and the DSA specification',
  },
}
