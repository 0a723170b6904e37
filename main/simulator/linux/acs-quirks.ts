/**
 * Devices that isolate without saying so: the table pci_dev_acs_enabled of drivers/pci/quirks.c as of Linux 6.18
 * (reference 10 §4). A verdict of a quirk overrides the capability. Sunrise and Union Point, whose control register lies
 * elsewhere, are put right where configuration space is decoded.
 */
import type { PciFunction } from '../platform/schema'
import type { Topology } from '../platform/topology'
import { identityOf } from './names'
import { atLeast, type Version } from './policies/policy'
import { because, type Reason } from './reason'

export interface QuirkVerdict {
  readonly isolated: boolean
  readonly assumed?: string
  readonly reason: Reason
}

const SV = 0x01
const TB = 0x02
const RR = 0x04
const CR = 0x08
const UF = 0x10
const EC = 0x20
const DT = 0x40
const PORT = SV | RR | CR | UF
const MULTIFUNCTION = SV | TB | RR | CR | UF | DT

const range = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step)

const INTEL = 0x8086

/** Root ports of older platform controller hubs: no capability, equivalent chipset registers that Linux sets when it can. */
const PCH = new Set([
  ...range(0x3b42, 0x3b51), // Ibex Peak
  ...range(0x1c10, 0x1c1f), // Cougar Point
  ...range(0x1e10, 0x1e1f), // Panther Point
  ...range(0x8c10, 0x8c1f), // Lynx Point-H
  ...range(0x9c10, 0x9c1b), // Lynx Point-LP
  ...range(0x9c90, 0x9c9b), // Wildcat Point
  ...range(0x1d10, 0x1d1e, 2), // Patsburg
  ...range(0x8d10, 0x8d1e), // Wellsburg
  ...range(0x8c90, 0x8c9e, 2), // Lynx Point, 9 series
])

/** Multi-function devices whose vendors say that there is no peer-to-peer traffic between functions. */
const ENDPOINTS: ReadonlyMap<number, ReadonlySet<number>> = new Map([
  [0x1924, new Set([0x0903, 0x0923, 0x0a03])],
  [
    INTEL,
    new Set([
      ...[
        0x10c6,
        0x10db,
        0x10dd,
        0x10e1,
        0x10f1,
        ...range(0x10f7, 0x10fc),
        0x1507,
        0x1514,
        0x151c,
        0x1529,
        0x152a,
        0x154d,
        0x154f,
        0x1551,
        0x1558,
      ],
      ...[0x1509, 0x150e, 0x150f, 0x1510, 0x1511, 0x1516, 0x1527], // 82580
      ...[0x10c9, 0x10e6, 0x10e7, 0x10e8, 0x150a, 0x150d, 0x1518, 0x1526], // 82576
      ...[0x10a7, 0x10a9, 0x10d6], // 82575
      ...range(0x1521, 0x1524), // I350
      ...[0x105e, 0x105f, 0x1060, 0x10d9], // 82571
      ...[0x15b7, 0x15b8], // I219
    ]),
  ],
  [0x19a2, new Set([0x0710])],
  [0x10df, new Set([0x0720])],
  [0x177d, new Set([0xa026, 0xa059, 0xa060])],
  [0x14e4, new Set([0x16d7, 0x1750, 0x1751, 0x1752, ...range(0x1760, 0x1763)])],
  [0x1d17, new Set([0x3038, 0x3104, 0x9083])],
])

/** Root ports that do not forward peer-to-peer traffic, by vendor and device alone. */
const PORTS: ReadonlyMap<number, ReadonlySet<number>> = new Map([
  [0x17cb, new Set([0x0400, 0x0401, 0x0115])],
  [0x1dbf, new Set([0x0401])],
  [0x10e8, new Set([0xe004])],
  [0x1def, new Set(range(0xe005, 0xe00c))],
  [0x14e4, new Set([0xd714])],
  [0x0014, new Set([0x3c09, 0x3c19, 0x3c29, ...range(0x7a09, 0x7a69, 0x10)])],
  [
    0x1957,
    new Set([
      ...range(0x8d80, 0x8d83),
      ...range(0x8da0, 0x8da1),
      ...range(0x8d90, 0x8d93),
      ...range(0x8db0, 0x8db1),
      ...range(0x8d88, 0x8d8b),
      ...range(0x8da8, 0x8da9),
      ...range(0x8d98, 0x8d9b),
      ...range(0x8db8, 0x8db9),
    ]),
  ],
])

const WANGXUN = 0x8088
const WANGXUN_NETWORK = new Set([
  ...range(0x0100, 0x010f), // 1G
  ...[0x1001, 0x2001], // 10G
  ...[0x5010, 0x5025, 0x5040, 0x5110, 0x5125, 0x5140], // 40G, 25G, 10G
])

const AMD_SOUTH_BRIDGE: ReadonlyMap<number, ReadonlySet<number>> = new Map([
  [0x1002, new Set([0x4385, 0x439c, 0x4383, 0x439d, 0x4384, 0x4399])],
  [0x1022, new Set([0x780f, 0x7809])],
])

/** The quirk's verdict on whether the function has the required bits; undefined where no quirk speaks. */
export function quirkVerdict(
  fn: PciFunction,
  topology: Topology,
  required: number,
  ivrs: boolean,
  version?: Version,
): QuirkVerdict | undefined {
  const { vendor, device, byName } = identityOf(fn)
  const says = (wanted: number, granted: number, rule: string): QuirkVerdict => ({
    isolated: (wanted & ~granted) === 0,
    reason: because(
      rule,
      '10 §4; drivers/pci/quirks.c pci_dev_acs_enabled',
      byName ? `${fn.bdf} is ${fn.name ?? ''}` : `${fn.bdf} is ${idOf(fn)}`,
    ),
  })
  const has = (table: ReadonlyMap<number, ReadonlySet<number>>) => table.get(vendor)?.has(device) ?? false
  const type = fn.express?.type
  if (has(AMD_SOUTH_BRIDGE) && fn.multifunction && topology.bridgesAbove(fn).length === 0 && ivrs) {
    return says(required & (RR | CR | EC | DT), RR | CR, 'AMD south bridge function under an AMD IOMMU')
  }
  if (has(ENDPOINTS)) return says(required, MULTIFUNCTION, 'multi-function device known to keep its functions apart')
  // 3247bd10a450
  if (vendor === INTEL && type === 'rc-integrated-endpoint' && (version === undefined || atLeast(version, 5, 8)))
    return says(required, PORT, 'Intel root complex integrated endpoint')
  if (vendor === INTEL && type === 'root-port' && PCH.has(device)) {
    return {
      ...says(required, PORT, 'Intel PCH root port: chipset registers isolate as ACS would'),
      assumed: `${fn.bdf}: Linux could enable the PCH's isolation (the LPC bridge's root complex base is readable)`,
    }
  }
  if (has(PORTS)) return says(required, PORT, 'port known not to forward peer-to-peer traffic')
  if (
    vendor === 0x177d &&
    type === 'root-port' &&
    (inRange(device, 0xa000, 0xa7ff) || device === 0xaf84 || device === 0xb884)
  )
    return says(required, PORT, 'Cavium ThunderX root port')
  if (vendor === 0x1c36 && device === 0x0031 && type === 'root-port')
    return says(required, PORT, 'Annapurna Labs root port')
  if (vendor === 0x1d17 && (type === 'root-port' || type === 'downstream-port')) {
    const known = inRange(device, 0x0710, 0x071e) || device === 0x0721 || inRange(device, 0x0723, 0x0752)
    return says(required, known ? PORT : 0, 'Zhaoxin port')
  }
  // pci_quirk_wangxun_nic_acs ends in `return false`, not -ENOTTY: of the vendor's other devices the capability is never looked at.
  if (vendor === WANGXUN)
    return WANGXUN_NETWORK.has(device)
      ? says(required, PORT, 'Wangxun network function: peer-to-peer traffic goes upstream')
      : says(required, 0, 'Wangxun device that the quirk does not know')
  return undefined
}

const inRange = (x: number, lo: number, hi: number): boolean => x >= lo && x <= hi
const hex4 = (n: number): string => n.toString(16).padStart(4, '0')
const idOf = (fn: PciFunction): string => `${hex4(fn.vendor)}:${hex4(fn.device)}`
