/**
 * Which functions the kernel does not trust: those behind an external-facing port.
 * Source: drivers/pci/probe.c set_pcie_untrusted; arch/x86/pci/acpi.c arch_pci_dev_is_removable, which trusts a switch
 * that is built in directly under the port and what hangs on it (seen on 6.12: reference 05.18).
 */
import type { PciFunction } from '../platform/schema'
import type { Board } from './board'
import type { KernelPolicy } from './policies/policy'

export function untrustedFunctions(board: Board, policy: KernelPolicy): Set<PciFunction> {
  const out = new Set<PciFunction>()
  if (policy.untrusted === 'none') return out
  for (const fn of board.scanOrder) {
    const [parent] = board.topology.bridgesAbove(fn)
    if (!parent) continue
    if (out.has(parent)) out.add(fn)
    else if (policy.untrusted === 'all-below' ? parent.externalFacing === true : tunnelled(fn, parent, board))
      out.add(fn)
  }
  return out
}

function tunnelled(fn: PciFunction, parent: PciFunction, board: Board): boolean {
  const root = board.topology.bridgesAbove(fn).find((b) => b.express?.type === 'root-port')
  if (!root || root.externalFacing !== true) return false
  return !switchDirectlyUnder(root, fn, parent, board)
}

function switchDirectlyUnder(root: PciFunction, fn: PciFunction, parent: PciFunction, board: Board): boolean {
  const above = board.topology.bridgesAbove(fn)
  switch (fn.express?.type) {
    case 'upstream-port':
      return parent === root
    case 'downstream-port':
      return parent.express?.type === 'upstream-port' && above[1] === root
    case 'endpoint':
      return (
        parent.express?.type === 'downstream-port' && above[1]?.express?.type === 'upstream-port' && above[2] === root
      )
    default:
      return false
  }
}
