/** The PCI tree as an index: who is below whom, and under which requester IDs a function's traffic arrives. */
import { assert } from '../faults'
import { parseAddress, requesterId, type PciAddress } from './address'
import type { PciFunction, Root } from './schema'

export interface Topology {
  readonly roots: readonly Root[]
  readonly functions: readonly PciFunction[]
  /** Undefined for an address that the platform does not have. */
  find(bdf: string): PciFunction | undefined
  address(fn: PciFunction): PciAddress
  /** Directly below a bridge (its BDF) or on a root bus (its id). */
  children(parent: string): readonly PciFunction[]
  /** Bridges above, nearest first; empty on a root bus. */
  bridgesAbove(fn: PciFunction): readonly PciFunction[]
  root(fn: PciFunction): Root
  /** The function and everything below it. */
  below(fn: PciFunction): readonly PciFunction[]
  /** The function whose requester ID its DMA carries beyond its root bus: itself, or the VMD endpoint it is behind. */
  dmaFunction(fn: PciFunction): PciFunction
  /**
   * Requester IDs that its traffic may carry at the root, its own first: PCIe-to-PCI bridges take ownership with
   * (secondary bus, 00.0), other bridges to conventional PCI with their own id (10 §2, without the quirks).
   */
  requesters(fn: PciFunction): readonly number[]
}

/** The platform must have passed `checkPlatform`: parents exist, and nothing is above itself. */
export function topologyOf(platform: { roots: readonly Root[]; functions: readonly PciFunction[] }): Topology {
  const { roots, functions } = platform
  const byBdf = new Map(functions.map((fn) => [fn.bdf, fn]))
  const rootById = new Map(roots.map((root) => [root.id, root]))
  const addresses = new Map<PciFunction, PciAddress>()
  const childrenOf = new Map<string, PciFunction[]>()
  for (const fn of functions) {
    const address = parseAddress(fn.bdf)
    assert(address, `${fn.bdf} is a PCI address`)
    addresses.set(fn, address)
    const siblings = childrenOf.get(fn.parent)
    if (siblings) siblings.push(fn)
    else childrenOf.set(fn.parent, [fn])
  }

  const address = (fn: PciFunction): PciAddress => {
    const known = addresses.get(fn)
    assert(known, `${fn.bdf} belongs to this topology`)
    return known
  }
  const bridgesAbove = (fn: PciFunction): PciFunction[] => {
    const above: PciFunction[] = []
    for (let up = byBdf.get(fn.parent); up; up = byBdf.get(up.parent)) above.push(up)
    return above
  }
  const root = (fn: PciFunction): Root => {
    const found = rootById.get((bridgesAbove(fn).at(-1) ?? fn).parent)
    assert(found, `${fn.bdf} hangs on a root bus`)
    return found
  }
  const below = (fn: PciFunction): PciFunction[] => {
    const all = [fn]
    for (let i = 0; i < all.length; i++) all.push(...(childrenOf.get(all[i]?.bdf ?? '') ?? []))
    return all
  }
  const dmaFunction = (fn: PciFunction): PciFunction => {
    const { behind } = root(fn)
    return (behind === undefined ? undefined : byBdf.get(behind)) ?? fn
  }
  const requesters = (fn: PciFunction): number[] => {
    const start = dmaFunction(fn)
    const ids = [requesterId(address(start))]
    for (const bridge of bridgesAbove(start)) {
      const taken = takenOver(bridge, address(bridge))
      if (taken !== undefined) ids.push(taken)
    }
    return ids
  }
  return {
    roots,
    functions,
    find: (bdf) => byBdf.get(bdf),
    address,
    children: (parent) => childrenOf.get(parent) ?? [],
    bridgesAbove,
    root,
    below,
    dmaFunction,
    requesters,
  }
}

function takenOver(bridge: PciFunction, address: PciAddress): number | undefined {
  switch (bridge.express?.type) {
    case undefined: // conventional, or its type is not known
    case 'pci-to-pcie-bridge':
      return requesterId(address)
    case 'pcie-to-pci-bridge':
      return (bridge.bridge?.secondary ?? 0) << 8
    case 'root-port':
    case 'upstream-port':
    case 'downstream-port':
    case 'endpoint':
    case 'legacy-endpoint':
    case 'rc-integrated-endpoint':
    case 'rc-event-collector':
      return undefined
  }
}
