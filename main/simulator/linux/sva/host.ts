/**
 * What the host's kernel and CPU add to the ladder: instructions, the group's default domain, who may have PASIDs.
 * Sources: drivers/dma/idxd/init.c idxd_init_module, idxd_enable_system_pasid; drivers/iommu/amd/iommu.c
 * pdom_is_sva_capable; drivers/iommu/intel/iommu.c intel_iommu_set_dev_pasid; drivers/vfio/pci/vfio_pci_config.c.
 */
import type { PciFunction } from '../../platform/schema'
import { domainOf } from '../decision'
import type { Plan } from '../plan'
import { atLeast } from '../policies/policy'
import type { Served } from '../units'
import { RUNG, rung, type Rung } from './rung'

export function instructionRungs({ board }: Plan): Rung[] {
  const flags = board.platform.cpuFlags
  const instruction = (name: string, without: string): Rung => {
    const cite = '80 §9; drivers/dma/idxd/init.c idxd_init_module'
    if (!flags) return rung(name, null, 'the input does not show /proc/cpuinfo', cite)
    return flags.includes(name.toLowerCase())
      ? rung(name, true, 'in /proc/cpuinfo', cite)
      : rung(name, false, `not in /proc/cpuinfo: ${without}`, cite)
  }
  return [
    instruction(RUNG.movdir64b, 'idxd does not load (-ENODEV)'),
    instruction(RUNG.enqcmd, 'no shared work queue can be submitted to'),
  ]
}

/** What the group's default domain does to requests with a RUNG.pasid, and to those without. */
export function defaultDomainRung(plan: Plan, fn: PciFunction, served: Served): Rung {
  const group = plan.groups.find((g) => g.members.some((m) => m.fn === fn))
  const type = group ? domainOf(group.type, fn) : 'unknown'
  if (type === 'unknown')
    return rung(
      RUNG.defaultDomain,
      false,
      'none: there is nothing that a PASID could share',
      '20 §1; idxd_enable_system_pasid',
    )
  if (plan.kdump?.units.some((u) => u.unit === served.unit && u.tables === 'kept'))
    return rung(
      RUNG.defaultDomain,
      false,
      "the crashed kernel's context entries are in use: attaching a PASID is refused with -EBUSY",
      '20 §7; intel_iommu_set_dev_pasid, context_copied',
    )
  if (served.unit.kind === 'amd-vi' && type !== 'identity') {
    const second = plan.cmdline.amdPageTables === 2 && atLeast(plan.policy.version, 6, 2)
    return rung(
      RUNG.defaultDomain,
      second,
      second
        ? `${type} on v2 page tables: PASIDs stand beside it`
        : `${type} on v1 page tables cannot stand beside PASIDs: identity or amd_iommu=pgtbl_v2 can`,
      'drivers/iommu/amd/iommu.c pdom_is_sva_capable',
    )
  }
  return rung(
    RUNG.defaultDomain,
    true,
    type === 'identity'
      ? 'identity: requests without a PASID are not translated, those with one are'
      : `${type}: requests without a PASID go through its page table, those with one through their own`,
    '20 §1; 80 §4',
  )
}

/** Whether a domain of the DMA API can be attached to a PASID too. */
export function kernelPasidRung({ policy: { version } }: Plan, served: Served): Rung {
  const cite = 'drivers/dma/idxd/init.c idxd_enable_system_pasid'
  switch (served.unit.kind) {
    case 'vt-d':
      if (atLeast(version, 6, 6)) return rung(RUNG.kernelPasids, true, 'iommu_attach_device_pasid, since 6.6', cite)
      if (atLeast(version, 5, 19))
        return rung(RUNG.kernelPasids, false, 'idxd_enable_system_pasid is -EOPNOTSUPP from 5.19 to 6.5', cite)
      return atLeast(version, 5, 11)
        ? rung(
            RUNG.kernelPasids,
            true,
            "bound to the kernel's own page table (SVM_FLAG_SUPERVISOR_MODE), to 5.18",
            cite,
          )
        : rung(RUNG.kernelPasids, false, 'came with 5.11', cite)
    case 'smmu-v3':
      return rung(
        RUNG.kernelPasids,
        atLeast(version, 6, 11),
        atLeast(version, 6, 11) ? 'arm_smmu_s1_set_dev_pasid, since 6.11' : 'came with 6.11',
        'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c arm_smmu_s1_set_dev_pasid',
      )
    case 'amd-vi':
    case 'smmu-v2':
    case 'virtio-iommu':
    case 'pamu':
      return rung(
        RUNG.kernelPasids,
        false,
        `${served.unit.kind}: domains of the DMA API have no set_dev_pasid (-EOPNOTSUPP)`,
        'drivers/iommu/iommu.c iommu_attach_device_pasid',
      )
  }
}

export function guestPasidRung({ policy: { version } }: Plan): Rung {
  const shown = atLeast(version, 6, 15)
  return rung(
    RUNG.guestPasids,
    shown,
    shown
      ? 'VFIO_DEVICE_ATTACH_IOMMUFD_PT takes a RUNG.pasid, since 6.15'
      : 'vfio-pci hides PASID, ATS and PRI, and attaches the requester ID only; aux domains for mediated devices were never merged',
    shown ? 'drivers/vfio/device_cdev.c' : '00 S4.18; drivers/vfio/pci/vfio_pci_config.c pci_ext_cap_length',
  )
}
