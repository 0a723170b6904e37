import { Platform, type PciFunction } from '../../preload/contract'

const fn = (
  bdf: string,
  parent: string,
  vendor: number,
  device: number,
  cls: number,
  more: Partial<PciFunction> = {},
): PciFunction => ({
  bdf,
  parent,
  vendor,
  device,
  class: cls,
  headerType: 0,
  multifunction: false,
  configSize: 4096,
  unknown: [],
  ...more,
})
const port = (bdf: string, parent: string, secondary: number, more: Partial<PciFunction> = {}): PciFunction =>
  fn(bdf, parent, 0x8086, 0x352a, 0x060400, {
    headerType: 1,
    bridge: { primary: 0, secondary, subordinate: secondary },
    express: { type: 'root-port', version: 2, slot: true },
    acs: { cap: 0x1f, ctrl: 0x1d },
    driver: 'pcieport',
    ...more,
  })

const functions: PciFunction[] = [
  fn('0000:00:00.0', 'pci0000:00', 0x8086, 0x09a2, 0x088000),
  fn('0000:00:1f.0', 'pci0000:00', 0x8086, 0x1b81, 0x060100, { multifunction: true }),
  fn('0000:00:1f.4', 'pci0000:00', 0x8086, 0x1bc9, 0x0c0500, { driver: 'i801_smbus' }),
  port('0000:00:0e.0', 'pci0000:00', 1),
  fn('0000:01:00.0', '0000:00:0e.0', 0x144d, 0xa80a, 0x010802, {
    driver: 'nvme',
    express: { type: 'endpoint', version: 2, slot: false },
    msix: { vectors: 130, enabled: true, tableBir: 0, tableOffset: 0x3000, pbaBir: 0, pbaOffset: 0x2000 },
  }),
  port('0000:00:0f.0', 'pci0000:00', 2),
  fn('0000:02:00.0', '0000:00:0f.0', 0x15b3, 0x101d, 0x020000, {
    driver: 'mlx5_core',
    multifunction: true,
    express: { type: 'endpoint', version: 2, slot: false },
    ats: { enabled: true, stu: 0, queueDepth: 32 },
    sriov: { total: 8, initial: 8, enabled: 2, firstOffset: 2, stride: 1, vfDevice: 0x101e },
  }),
  fn('0000:02:00.2', '0000:00:0f.0', 0x15b3, 0x101e, 0x020000, { physfn: '0000:02:00.0', driver: 'vfio-pci' }),
  fn('0000:02:00.3', '0000:00:0f.0', 0x15b3, 0x101e, 0x020000, { physfn: '0000:02:00.0' }),
  fn('0000:6a:00.0', 'pci0000:6a', 0x8086, 0x09a2, 0x088000),
  fn('0000:6a:01.0', 'pci0000:6a', 0x8086, 0x0b25, 0x088000, {
    driver: 'idxd',
    express: { type: 'rc-integrated-endpoint', version: 2, slot: false },
    ats: { enabled: true, stu: 0, queueDepth: 32 },
    pri: { enabled: true },
    pasid: { width: 20, exec: false, priv: true, enabled: true },
    siov: { ims: true },
    msix: { vectors: 9, enabled: true, tableBir: 0, tableOffset: 0x2000, pbaBir: 0, pbaOffset: 0x3000 },
  }),
  fn('0000:6a:02.0', 'pci0000:6a', 0x8086, 0x0cfe, 0x088000, {
    express: { type: 'rc-integrated-endpoint', version: 2, slot: false },
    pasid: { width: 20, exec: false, priv: true, enabled: false },
  }),
]
const on = (prefix: string[]): string[] =>
  functions.map((f) => f.bdf).filter((b) => prefix.some((p) => b.startsWith(p)))

/** Parsed, so that whatever the schema fills in by itself is there. */
export const smallPlatform: Platform = Platform.parse({
  doorbellPlatform: 1,
  name: 'spr-dsa',
  arch: 'x86',
  source: 'built in',
  kernel: { release: '6.12.0', cmdline: 'intel_iommu=on,sm_on' },
  roots: [
    { id: 'pci0000:00', segment: 0, bus: 0 },
    { id: 'pci0000:6a', segment: 0, bus: 0x6a },
  ],
  functions,
  iommus: [
    {
      name: 'dmar0',
      kind: 'vt-d',
      segment: 0,
      base: '0xc5ffc000',
      registers: { CAP_REG: '0x19ed008c40780c66', ECAP_REG: '0x3ee9e86f050df' },
      interruptRemapping: true,
      serves: on(['0000:6a']),
      source: 'DMAR DRHD at 0x30',
    },
    {
      name: 'dmar1',
      kind: 'vt-d',
      segment: 0,
      base: '0xd1ffc000',
      registers: { CAP_REG: '0x19ed008c40780c66' },
      interruptRemapping: true,
      serves: on(['0000:00', '0000:01', '0000:02']),
      source: 'DMAR DRHD at 0x58, INCLUDE_PCI_ALL',
    },
  ],
  msiControllers: [
    {
      name: 'apic',
      kind: 'vt-d-ir',
      doorbell: '0xfee00000',
      size: '0x100000',
      serves: functions.map((f) => f.bdf),
      source: 'architectural',
    },
  ],
  regions: [],
  warnings: [],
})

/** As big as one likes: `ports` root ports with one function each. */
export function widePlatform(name: string, ports: number): Platform {
  const wide: PciFunction[] = []
  for (let i = 0; i < ports; i++) {
    const bus = (i + 1).toString(16).padStart(2, '0')
    const above = `0000:00:${(i % 32).toString(16).padStart(2, '0')}.${Math.floor(i / 32)}`
    wide.push(port(above, 'pci0000:00', i + 1))
    wide.push(fn(`0000:${bus}:00.0`, above, 0x8086, 0x10c9, 0x020000, { driver: 'igb' }))
  }
  const all = wide.map((f) => f.bdf)
  return {
    ...smallPlatform,
    name,
    source: `${name}.tar.gz`,
    roots: [{ id: 'pci0000:00', segment: 0, bus: 0 }],
    functions: wide,
    iommus: [{ name: 'dmar0', kind: 'vt-d', registers: {}, serves: all, source: 'DMAR DRHD at 0x30, INCLUDE_PCI_ALL' }],
    msiControllers: [{ name: 'apic', kind: 'x86-apic', doorbell: '0xfee00000', serves: all, source: 'architectural' }],
    warnings: [
      { code: 'CONFIG_SPACE_TRUNCATED', message: '0000:01:00.0: only 64 bytes of configuration space were readable' },
    ],
  }
}
