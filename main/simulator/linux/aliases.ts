/**
 * DMA aliases: under which other requester IDs a function's traffic may appear.
 * Source: drivers/pci/search.c pci_for_each_dma_alias and the alias quirks of drivers/pci/quirks.c (reference 10 §2).
 */
import type { PciFunction } from '../platform/schema'
import type { Board } from './board'

/** Devices that do DMA as another function of their own bus: devfns as the quirk computes them. */
export function aliasDevfns(fn: PciFunction, board: Board): readonly number[] {
  const id = fn.vendor * 0x10000 + fn.device
  const slot = board.slot(fn) << 3
  if (USE_FUNCTION_0.has(id)) return board.devfn(fn) === slot ? [] : [slot]
  if (USE_FUNCTION_1.has(id)) return board.devfn(fn) === slot + 1 ? [] : [slot + 1]
  if (
    id === 0x90050285 &&
    fn.subsystem?.vendor === 0x9005 &&
    (fn.subsystem.device === 0x02bb || fn.subsystem.device === 0x02bc)
  )
    return [0x08]
  if (id === 0x80862260 || id === 0x80862264) return [0x80, 0x88, 0x93]
  if (id === 0x10b587b0 || id === 0x10b587b1) return Array.from({ length: 256 }, (_, i) => i)
  if (PEX_VCA.has(id)) return Array.from({ length: 32 * 5 }, (_, i) => (Math.floor(i / 5) << 3) | (i % 5))
  return []
}

const USE_FUNCTION_0 = new Set([0x1180e832, 0x1180e476, 0x67303d40, 0x67303d41])
const USE_FUNCTION_1 = new Set([
  ...[
    0x9120, 0x9123, 0x9125, 0x9128, 0x9130, 0x9170, 0x9172, 0x917a, 0x9182, 0x9183, 0x91a0, 0x9215, 0x9220, 0x9230,
    0x9235,
  ].map((d) => 0x1b4b0000 + d),
  0x11030642,
  0x11030645,
  0x197b2392,
  0x1c280122,
])
const PEX_VCA = new Set([0x2954, 0x2955, 0x2956, 0x2958, 0x2959, 0x295a].map((d) => 0x80860000 + d))

const TRANSLATION_ROOT = new Set([0x14e49000, 0x14e49084])

/** The functions that the kernel's walk hands to its callback, in order: the device itself, then aliasing bridges upwards. */
export function aliasWalk(fn: PciFunction, board: Board): PciFunction[] {
  const start = board.topology.dmaFunction(fn)
  const out = [start]
  for (const bridge of board.topology.bridgesAbove(start)) {
    const id = bridge.vendor * 0x10000 + bridge.device
    if (TRANSLATION_ROOT.has(id)) break
    switch (bridge.express?.type) {
      case 'root-port':
      case 'upstream-port':
      case 'downstream-port':
        continue
      case 'pcie-to-pci-bridge':
      case 'pci-to-pcie-bridge':
      case undefined:
        out.push(bridge)
        continue
      default:
        continue
    }
  }
  return out
}

/** Whether one of two functions of a bus may carry the other's requester ID (pci_devs_are_dma_aliases). */
export function areAliases(a: PciFunction, b: PciFunction, board: Board): boolean {
  return (
    aliasDevfns(a, board).includes(board.devfn(b)) ||
    aliasDevfns(b, board).includes(board.devfn(a)) ||
    (a !== b && board.topology.dmaFunction(a) === board.topology.dmaFunction(b))
  )
}
