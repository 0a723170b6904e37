/** Names for PCI numbers: class codes of the PCI-SIG's list, and the few vendors one meets in captures. */
import type { PciFunction } from '../../preload/contract'

/** Base class and sub-class, 16 bits. */
const CLASSES: Record<number, string> = {
  0x0000: 'Unclassified',
  0x0100: 'SCSI controller',
  0x0101: 'IDE controller',
  0x0104: 'RAID controller',
  0x0106: 'SATA controller',
  0x0107: 'SAS controller',
  0x0108: 'NVMe controller',
  0x0200: 'Ethernet controller',
  0x0207: 'InfiniBand controller',
  0x0280: 'Network controller',
  0x0300: 'VGA controller',
  0x0302: '3D controller',
  0x0380: 'Display controller',
  0x0401: 'Audio device',
  0x0403: 'HD Audio',
  0x0480: 'Multimedia device',
  0x0500: 'RAM memory',
  0x0580: 'Memory controller',
  0x0600: 'Host bridge',
  0x0601: 'ISA bridge',
  0x0604: 'PCI bridge',
  0x0607: 'CardBus bridge',
  0x0680: 'Bridge',
  0x0700: 'Serial controller',
  0x0780: 'Communication controller',
  0x0800: 'PIC',
  0x0801: 'DMA controller',
  0x0805: 'SD host controller',
  0x0806: 'IOMMU',
  0x0807: 'RC event collector',
  0x0880: 'System peripheral',
  0x0c00: 'FireWire controller',
  0x0c03: 'USB controller',
  0x0c04: 'Fibre Channel',
  0x0c05: 'SMBus',
  0x0d80: 'Wireless controller',
  0x1000: 'Encryption controller',
  0x1080: 'Encryption controller',
  0x1101: 'Performance counters',
  0x1180: 'Signal processing',
  0x1200: 'Processing accelerator',
  0x1300: 'Instrumentation',
}

const BASE: Record<number, string> = {
  0x01: 'Storage controller',
  0x02: 'Network controller',
  0x03: 'Display controller',
  0x04: 'Multimedia controller',
  0x05: 'Memory controller',
  0x06: 'Bridge',
  0x07: 'Communication controller',
  0x08: 'System peripheral',
  0x09: 'Input device',
  0x0c: 'Serial bus controller',
  0x0d: 'Wireless controller',
  0x10: 'Encryption controller',
  0x11: 'Signal processing',
  0x12: 'Processing accelerator',
}

const VENDORS: Record<number, string> = {
  0x1000: 'Broadcom / LSI',
  0x1002: 'AMD / ATI',
  0x1022: 'AMD',
  0x10de: 'NVIDIA',
  0x10ec: 'Realtek',
  0x1234: 'QEMU VGA',
  0x144d: 'Samsung',
  0x14e4: 'Broadcom',
  0x15b3: 'Mellanox',
  0x1912: 'Renesas',
  0x1957: 'Freescale / NXP',
  0x1a03: 'ASPEED',
  0x1af4: 'Red Hat virtio',
  0x1b21: 'ASMedia',
  0x1b36: 'Red Hat QEMU',
  0x8086: 'Intel',
}

/** "8086:0b25" is the DSA of Sapphire Rapids, "8086:11fb" of Granite Rapids D, "8086:1212" of Diamond Rapids. */
const DSA = new Set([0x0b25, 0x11fb, 0x1212])

export const hex4 = (value: number): string => value.toString(16).padStart(4, '0')
export const idText = (f: Pick<PciFunction, 'vendor' | 'device'>): string => `${hex4(f.vendor)}:${hex4(f.device)}`
export const vendorName = (vendor: number): string | undefined => VENDORS[vendor]

export function className(f: Pick<PciFunction, 'class' | 'vendor' | 'device' | 'express'>): string {
  if (f.vendor === 0x8086 && DSA.has(f.device)) return 'DSA accelerator'
  const type = f.express?.type
  if (type === 'root-port') return 'Root port'
  if (type === 'upstream-port') return 'Switch upstream port'
  if (type === 'downstream-port') return 'Switch downstream port'
  if (type === 'pcie-to-pci-bridge') return 'PCIe-to-PCI bridge'
  if (type === 'pci-to-pcie-bridge') return 'PCI-to-PCIe bridge'
  return CLASSES[f.class >>> 8] ?? BASE[f.class >>> 16] ?? `Class ${f.class.toString(16).padStart(6, '0')}`
}

export const isBridge = (f: Pick<PciFunction, 'headerType' | 'bridge'>): boolean =>
  f.headerType !== 0 || f.bridge !== undefined

/** "01:00.0" when there is only segment 0, else the whole address. */
export const shortBdf = (bdf: string, segments: number): string => (segments > 1 ? bdf : bdf.replace(/^0000:/, ''))
