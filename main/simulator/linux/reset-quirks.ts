/**
 * Devices that Linux resets in their own way, or must not reset in a common one: pci_dev_reset_methods, quirk_no_flr,
 * quirk_no_pm_reset and quirk_no_bus_reset of drivers/pci/quirks.c as of Linux 6.12. Older kernels have fewer of them.
 */
import type { PciFunction } from '../platform/schema'
import { identityOf } from './names'

const INTEL = 0x8086
const AMD = 0x1022
const NVIDIA = 0x10de

type Ids = ReadonlyMap<number, readonly number[]>
const listed = (fn: PciFunction, ids: Ids): boolean => {
  const { vendor, device } = identityOf(fn)
  return ids.get(vendor)?.includes(device) ?? false
}

/** Reset by code of their own, whatever they offer: 82599 virtual functions, Ivy Bridge graphics, HiNIC virtual functions. */
const OWN: Ids = new Map([
  [INTEL, [0x10ed, 0x0156, 0x0166]],
  [0x19e5, [0x375e]],
])
/** delay_250ms_after_flr: they need rest after a function level reset. */
const SLOW_FLR: Ids = new Map([
  [INTEL, [0x0953, 0x0a54]],
  [0x025e, [0xf1ac]],
])
/** nvme_disable_and_flr, where it is an NVMe controller. */
const DISABLE_FIRST: Ids = new Map([[0x144d, [0xa804]]])
const NVME = 0x010802
const CHELSIO = 0x1425

/** Whether a device-specific method answers its probe. */
export function hasOwnReset(fn: PciFunction, flr: boolean): boolean {
  const { vendor, device } = identityOf(fn)
  if (listed(fn, OWN)) return true
  if (vendor === CHELSIO) return (device & 0xf000) === 0x4000
  return flr && (listed(fn, SLOW_FLR) || (listed(fn, DISABLE_FIRST) && fn.class === NVME))
}

const NO_FLR: Ids = new Map([
  [AMD, [0x1487, 0x148c, 0x149c, 0x7901]],
  [INTEL, [0x1502, 0x1503]],
])
const SOLIDRUN = 0xd063

export function mustNotFlr(fn: PciFunction): boolean {
  const { vendor, device } = identityOf(fn)
  return listed(fn, NO_FLR) || (vendor === SOLIDRUN && device === 0x1000 && fn.revision === 1)
}

/** Mellanox Spectrum: they claim to lose their state in D3hot, and do not. */
const NO_PM: Ids = new Map([[0x15b3, [0xcb84, 0xcf6c, 0xcf70, 0xcf80]]])
const ATI = 0x1002
const VGA = 0x0300

export function mustNotPmReset(fn: PciFunction, onRootBus: boolean): boolean {
  // Graphics of AMD: a reset through D3hot leaves the screen synchronised. On the root bus it is better than nothing.
  if (identityOf(fn).vendor === ATI && fn.class >> 8 === VGA) return !onRootBus
  return listed(fn, NO_PM)
}

const NO_BUS: Ids = new Map([
  [0x168c, [0x0030, 0x0032, 0x0033, 0x0034, 0x003c, 0x003e]], // Atheros
  [0x177d, [0xa100]], // root ports of Cavium CN8xxx
  [0x11c1, [0x5900, 0x5901]], // LSI FW643
  [0x104c, [0xb005]], // TI KeyStone C667x
])

export function mustNotBusReset(fn: PciFunction): boolean {
  const { vendor, device } = identityOf(fn)
  return listed(fn, NO_BUS) || (vendor === NVIDIA && (device & 0xffc0) === 0x2340)
}
