/** Boards: the words for parts, and how a node of the graph is named in an edit. */
import type { IommuPart, MsiPart, PartId } from '../../preload/contract'

export const PART_WORDS: Readonly<Record<PartId, string>> = {
  'root-port': 'Root port',
  switch: 'Switch',
  'downstream-port': 'Downstream port',
  'pcie-to-pci-bridge': 'PCIe to PCI bridge',
  'pci-bridge': 'PCI bridge',
  nic: 'Network adapter',
  'sriov-nic': 'SR-IOV adapter',
  nvme: 'NVMe drive',
  usb: 'USB controller',
  gpu: 'Display adapter',
  dsa: 'DSA (IDXD)',
  'pci-nic': 'Conventional adapter',
}
export const PARTS = Object.keys(PART_WORDS) as PartId[]

export const IOMMU_WORDS: Readonly<Record<IommuPart, string>> = {
  'vt-d': 'Intel VT-d unit',
  'amd-vi': 'AMD-Vi unit',
  'smmu-v3': 'Arm SMMUv3',
  'virtio-iommu': 'virtio-iommu',
  pamu: 'Freescale PAMU',
}
export const MSI_WORDS: Readonly<Record<MsiPart, string>> = {
  'x86-apic': 'x86 local APIC window',
  gicv2m: 'GICv2m frame',
  'gicv3-its': 'GICv3 ITS',
  mpic: 'MPIC MSI bank',
}

/** `iommu/dmar0` is the unit dmar0; functions and root buses are called as they are. */
export const nameOf = (id: string): string => id.replace(/^(iommu|msi)\//, '')

/** ACS capability and control bits (PCIe Base 6.0 §7.7.8), by Linux's short names. */
export const ACS_BITS = [
  { bit: 0, name: 'SV', words: 'Source Validation' },
  { bit: 1, name: 'TB', words: 'Translation Blocking' },
  { bit: 2, name: 'RR', words: 'P2P Request Redirect' },
  { bit: 3, name: 'CR', words: 'P2P Completion Redirect' },
  { bit: 4, name: 'UF', words: 'Upstream Forwarding' },
  { bit: 5, name: 'EC', words: 'P2P Egress Control' },
  { bit: 6, name: 'DT', words: 'Direct Translated P2P' },
] as const
