/** Interrupt messages, remapping entries, controllers, and the capabilities of PCI. */
import type { Chapter } from './source'

const PCI_REGS = 'Linux include/uapi/linux/pci_regs.h'

export const INTERRUPTS: Chapter = {
  '60': { about: 'interrupt messages', from: `VT-d 5.10 §3.15, §5.1–5.2, §9.9–9.11; ${PCI_REGS}; drivers/irqchip` },
  '60 §1': { about: 'x86 compatibility format', from: 'VT-d 5.10 §3.15, §5.1' },
  '60 §2': {
    about: 'VT-d remappable format',
    from: 'VT-d 5.10 §5.1; Linux 6.12 drivers/iommu/intel/irq_remapping.c',
  },
  '60 §3': {
    about: 'how VT-d takes an interrupt request',
    from: 'VT-d 5.10 §3.15, §5.1, Table 15',
    unverified: 'the bit layout of IRTA',
  },
  '60 §4': {
    about: 'IRTE, remapped',
    from: 'VT-d 5.10 §9.9; Linux 6.12 drivers/iommu/intel/irq_remapping.c set_msi_sid, modify_irte',
  },
  '60 §5': { about: 'IRTE, posted, and its descriptor', from: 'VT-d 5.10 §5.2, §9.10–9.11' },
  '60 §6': {
    about: 'AMD-Vi’s IRTE',
    from: 'Linux 6.3 and 6.12 drivers/iommu/amd/amd_iommu_types.h union irte, struct irte_ga',
    unverified: 'the width of the index in the data',
  },
  '60 §7': { about: 'GICv2m', from: 'Linux drivers/irqchip/irq-gic-v2m.c' },
  '60 §8': {
    about: 'GICv3 ITS',
    from: 'Linux drivers/irqchip/irq-gic-v3-its.c, include/linux/irqchip/arm-gic-v3.h',
    unverified: 'that a message for an unmapped DeviceID or EventID is dropped in silence',
  },
  '60 §9': { about: 'MPIC', from: 'Linux 4.19 arch/powerpc/sysdev/fsl_msi.c' },
  '60 §10': { about: 'the MSI capability', from: `${PCI_REGS}; drivers/pci/msi/msi.c` },
  '60 §11': {
    about: 'MSI-X',
    from: `${PCI_REGS}; drivers/pci/msi/msi.c`,
    unverified: 'semantics of mask and pending in the PCIe base specification',
  },
  '60 §12': {
    about: 'IMS',
    from: 'irq-ims-msi.c and .h of the 2020–21 series; Linux 6.2–6.8 kernel/irq/msi.c, drivers/pci/msi',
  },
  '60 §12.1': {
    about: 'IMS as an array of slots',
    from: 'irq-ims-msi.c and .h of the 2020–21 series; DSA specification 3.0',
  },
  '60 §12.2': { about: 'IMS in queue memory', from: 'irq-ims-msi.c and .h of the 2020–21 series' },
  '60 §13': { about: 'what is checked of a message, by target', from: 'derived from the formats above' },
}
