/** PCIe ordering, ACPI tables, and what lspci and sysfs print. */
import type { Chapter } from './source'

const NO_BASE = 'the PCIe base specification was not at hand'

export const ORDERING: Chapter = {
  '85': {
    about: 'PCIe ordering',
    from: 'IDT PEB383 manual, ordering; public summaries of the PCIe ordering table',
    unverified: NO_BASE,
  },
  '85 §1': {
    about: 'which transaction may pass which',
    from: 'IDT PEB383 manual, ordering; public summaries of the PCIe ordering table',
    unverified: NO_BASE,
  },
  '85 §2': {
    about: 'data before its MSI',
    from: 'follows from the ordering table: an MSI is a posted write; DSA specification 3.0',
    unverified: 'that an MSI has RO and no-snoop clear; the base specification was not at hand',
  },
  '85 §3': {
    about: 'CPU stores to a device, read-back',
    from: 'read-back follows from the ordering table; Linux writel, writel_relaxed and readl',
    unverified: 'architecture statements on UC, WC, MOVDIR64B and ENQCMD',
  },
  '85 §5': {
    about: 'mask and pending',
    from: 'Linux drivers/pci/msi (the sequence)',
    unverified: `mask and pending: ${NO_BASE}`,
  },
  '85 §6': { about: 'traps and interrupts of a guest', from: 'derived from KVM, QEMU hw/vfio/pci.c and VFIO' },
  '85 §7': { about: 'litmus tests', from: 'derived from the ordering table' },
}

export const ACPI: Chapter = {
  '90': { about: 'ACPI tables', from: 'Linux 6.12 include/acpi/actbl1.h, actbl2.h; VT-d 5.10 §8' },
  '90 §1': { about: 'DMAR', from: 'VT-d 5.10 §8; Linux 6.12 include/acpi/actbl1.h' },
  '90 §2': {
    about: 'IVRS',
    from: 'Linux 6.12 include/acpi/actbl2.h, drivers/iommu/amd/init.c get_highest_supported_ivhd_type',
    unverified: 'names of some low bits',
  },
  '90 §3': { about: 'IORT', from: 'Linux 6.12 include/acpi/actbl2.h, drivers/acpi/arm64/iort.c iort_id_map' },
}

export const LSPCI: Chapter = {
  '95': {
    about: 'lspci and sysfs',
    from: 'pciutils lspci.c, ls-caps.c, ls-ecaps.c, lib/dump.c; Linux 6.12 pci_regs.h',
  },
  '95 §2': { about: 'what lspci -vvv prints', from: 'pciutils ls-caps.c, ls-ecaps.c' },
  '95 §3': {
    about: 'config space',
    from: 'Linux 6.12 include/uapi/linux/pci_regs.h; pciutils tests/cap-pasid-pri',
    unverified: 'the limit of 48 capabilities, the flags of the SIOV DVSEC',
  },
}
