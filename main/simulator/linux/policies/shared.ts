/** What several eras have in common. */

/** pci_msi_setup_msi_irqs falls back to arch_setup_msi_irqs, which finds no controller of the bus: -EINVAL. */
export const BEFORE_5_10 = {
  reset: { listed: 'at-reset', acpi: false, cxlBus: false },
  noMsiDomain: 'EINVAL',
  coherentOnly: false,
  cdev: false,
} as const

/** As merged, not as argued in the threads. */
export const MERGED = { msiVerdict: 'isolation', relaxableOverlap: 'list', identity: 'group' } as const
