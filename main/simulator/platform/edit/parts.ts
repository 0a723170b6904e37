/**
 * The parts that can be put on a board. Ids, vectors and capabilities are those that QEMU's device of the name shows (seen on
 * the machines that the built-in platforms were booted as), so that a board that is drawn can also be started there; the DSA
 * is the real part of the built-in Sapphire Rapids platform. What a part has beyond that is set in the inspector.
 */
import type { PciFunction } from '../schema'

export const PART_IDS = [
  'root-port',
  'switch',
  'downstream-port',
  'pcie-to-pci-bridge',
  'pci-bridge',
  'nic',
  'nvme',
  'usb',
  'gpu',
  'sriov-nic',
  'dsa',
  'pci-nic',
] as const
export type PartId = (typeof PART_IDS)[number]

/** Where a part fits: on a root bus, on a PCIe link, on the bus inside a switch, or on a conventional bus. */
export type Seat = 'root' | 'link' | 'inside-switch' | 'conventional'
export type Body = Omit<PciFunction, 'bdf' | 'parent' | 'bridge'>

export interface Part {
  readonly words: string
  readonly seats: readonly Seat[]
  readonly body: Body
}

const bridge = { class: 0x060400, headerType: 1, multifunction: false, configSize: 4096, busMaster: true, unknown: [] }
const endpoint = {
  headerType: 0,
  multifunction: false,
  configSize: 4096,
  busMaster: true,
  interruptPin: 1,
  unknown: [],
}
const express = (type: NonNullable<PciFunction['express']>['type'], flr = false, slot = false) => ({
  type,
  version: 2,
  slot,
  flr,
})
const msix = (vectors: number, bir: number, tableOffset: number, pbaOffset: number) => ({
  vectors,
  enabled: true,
  tableBir: bir,
  tableOffset,
  pbaBir: bir,
  pbaOffset,
})
/** SV TB RR CR UF DT: what a port of PCIe 3 and later has; Linux turns on SV, RR, CR and UF. */
const ACS = { cap: 0x5f, ctrl: 0x1d }

export const PARTS: Readonly<Record<PartId, Part>> = {
  'root-port': {
    words: 'PCIe root port',
    seats: ['root'],
    body: {
      ...bridge,
      vendor: 0x1b36,
      device: 0x000c,
      express: express('root-port', false, true),
      msix: msix(1, 0, 0, 2048),
      acs: ACS,
      interruptPin: 1,
      driver: 'pcieport',
    },
  },
  switch: {
    words: 'PCIe switch, upstream port',
    seats: ['link'],
    body: {
      ...bridge,
      vendor: 0x104c,
      device: 0x8232,
      express: express('upstream-port'),
      msi: { vectors: 1, enabled: false, maskable: true, address64: true },
      driver: 'pcieport',
    },
  },
  'downstream-port': {
    words: 'PCIe switch, downstream port',
    seats: ['inside-switch'],
    body: {
      ...bridge,
      vendor: 0x104c,
      device: 0x8233,
      express: express('downstream-port', false, true),
      msi: { vectors: 1, enabled: true, maskable: true, address64: true },
      acs: ACS,
      driver: 'pcieport',
    },
  },
  'pcie-to-pci-bridge': {
    words: 'PCIe to conventional PCI bridge',
    seats: ['link'],
    body: { ...bridge, vendor: 0x1b36, device: 0x000e, express: express('pcie-to-pci-bridge'), interruptPin: 1 },
  },
  'pci-bridge': {
    words: 'conventional PCI bridge',
    seats: ['root', 'conventional'],
    body: { ...bridge, configSize: 256, vendor: 0x1b36, device: 0x0001 },
  },
  nic: {
    words: 'network adapter (e1000e)',
    seats: ['link'],
    body: {
      ...endpoint,
      vendor: 0x8086,
      device: 0x10d3,
      class: 0x020000,
      express: { type: 'endpoint', version: 1, slot: false, flr: false },
      msi: { vectors: 1, enabled: false, maskable: false, address64: true },
      msix: msix(5, 3, 0, 8192),
      pm: { noSoftReset: false },
      driver: 'e1000e',
    },
  },
  nvme: {
    words: 'NVMe drive',
    seats: ['link'],
    body: {
      ...endpoint,
      vendor: 0x1b36,
      device: 0x0010,
      class: 0x010802,
      express: express('endpoint', true),
      msix: msix(65, 0, 8192, 12288),
      pm: { noSoftReset: true },
      driver: 'nvme',
    },
  },
  usb: {
    words: 'USB controller (xHCI)',
    seats: ['link', 'root'],
    body: {
      ...endpoint,
      vendor: 0x1b36,
      device: 0x000d,
      class: 0x0c0330,
      express: express('endpoint'),
      msix: msix(16, 0, 12288, 14336),
      driver: 'xhci_hcd',
    },
  },
  gpu: {
    words: 'display adapter (QEMU bochs-display)',
    seats: ['link', 'root'],
    body: {
      ...endpoint,
      vendor: 0x1234,
      device: 0x1111,
      class: 0x038000,
      interruptPin: 0,
      express: express('endpoint'),
      driver: 'bochs-drm',
    },
  },
  'sriov-nic': {
    words: 'network adapter with SR-IOV (igb)',
    seats: ['link'],
    body: {
      ...endpoint,
      vendor: 0x8086,
      device: 0x10c9,
      class: 0x020000,
      express: express('endpoint', true),
      msi: { vectors: 1, enabled: false, maskable: true, address64: true },
      msix: msix(10, 3, 0, 8192),
      sriov: { total: 8, initial: 8, enabled: 0, firstOffset: 128, stride: 2, vfDevice: 0x10ca },
      pm: { noSoftReset: false },
      ari: true,
      driver: 'igb',
    },
  },
  dsa: {
    words: 'Data Streaming Accelerator (IDXD)',
    seats: ['root'],
    body: {
      ...endpoint,
      vendor: 0x8086,
      device: 0x0b25,
      class: 0x088000,
      interruptPin: 0,
      express: express('rc-integrated-endpoint'),
      msix: msix(9, 0, 8192, 12288),
      ats: { enabled: true, stu: 0, queueDepth: 32 },
      pri: { enabled: true },
      pasid: { width: 20, exec: false, priv: true, enabled: true },
      siov: { ims: true },
      driver: 'idxd',
    },
  },
  'pci-nic': {
    words: 'conventional PCI network adapter (e1000)',
    seats: ['conventional', 'root'],
    body: { ...endpoint, configSize: 256, vendor: 0x8086, device: 0x100e, class: 0x020000, driver: 'e1000' },
  },
}
