/**
 * How one function is reset, in the order in which Linux tries the ways (drivers/pci/pci.c pci_reset_fn_methods).
 * The sysfs file `reset_method` shows the same list: it is compared with, never read for the plan.
 */
import type { PciFunction } from '../platform/schema'
import type { Board } from './board'
import type { KernelPolicy } from './policies/policy'
import { because, type Reason } from './reason'
import { hasOwnReset, mustNotBusReset, mustNotFlr, mustNotPmReset } from './reset-quirks'

export const RESET_METHODS = ['device_specific', 'acpi', 'flr', 'af_flr', 'pm', 'bus', 'cxl_bus'] as const
export type ResetMethod = (typeof RESET_METHODS)[number]

export interface FunctionReset {
  readonly methods: readonly ResetMethod[]
  /** Ways of which the input does not show whether the function has them. */
  readonly unknown: readonly ResetMethod[]
  /**
   * Whether VFIO can reset it alone (VFIO_DEVICE_FLAGS_RESET): it tries when it opens the device. `bus` is listed of the
   * first function found on a bus, and works only while it is the only one. Undefined: the input does not decide.
   */
  readonly works: boolean | undefined
  readonly because: readonly Reason[]
}

interface Answer {
  readonly has: boolean | undefined
  /** A quirk takes away what the function may offer: worth a reason, though it is a no. */
  readonly forbidden?: true
  readonly reason: Reason
}

const forbidden = (rule: string, cite: string, fn: PciFunction): Answer => ({
  has: false,
  forbidden: true,
  reason: because(rule, cite, fn.bdf),
})

export function functionReset(board: Board, fn: PciFunction, policy: KernelPolicy): FunctionReset {
  const answers = RESET_METHODS.flatMap((method): (Answer & { method: ResetMethod })[] => {
    const answer = ask(board, fn, policy, method)
    return answer ? [{ method, ...answer }] : []
  })
  const methods = answers.filter((a) => a.has === true).map((a) => a.method)
  const unknown = answers.filter((a) => a.has === undefined).map((a) => a.method)
  const alone = isAlone(board, fn)
  const certain = methods.some((m) => (m === 'bus' || m === 'cxl_bus' ? alone : true))
  const reasons = answers.filter((a) => a.has !== false || a.forbidden).map((a) => a.reason)
  if (methods.includes('bus') && !alone)
    reasons.push(
      because(
        'the list was made when it was the first function found on its bus; resetting the bus alone for it is refused now',
        'drivers/pci/pci.c pci_parent_bus_reset, drivers/pci/probe.c pci_device_add',
        fn.headerType === 0 ? `${board.sameBus(fn).length} functions on the bus` : `${fn.bdf} is a bridge`,
      ),
    )
  return { methods, unknown, works: certain ? true : unknown.length > 0 ? undefined : false, because: reasons }
}

const isAlone = (board: Board, fn: PciFunction): boolean => board.sameBus(fn).length === 1 && fn.headerType === 0

function ask(board: Board, fn: PciFunction, policy: KernelPolicy, method: ResetMethod): Answer | undefined {
  const onRootBus = board.topology.find(fn.parent) === undefined
  const hidden = (name: string): boolean => fn.unknown.includes(name)
  switch (method) {
    case 'device_specific': {
      const has = hasOwnReset(fn, flrOf(fn) === true)
      return { has, reason: because('Linux has a reset of its own for it', 'quirks.c pci_dev_reset_methods', fn.bdf) }
    }
    case 'acpi':
      if (!policy.reset.acpi) return undefined
      return {
        has: fn.acpiReset === true,
        reason: because('firmware has _RST', 'pci-acpi.c pci_dev_acpi_reset', fn.bdf),
      }
    case 'flr':
      if (mustNotFlr(fn)) return forbidden('function level reset hangs it', 'quirks.c quirk_no_flr', fn)
      return {
        has: flrOf(fn),
        reason: because(
          flrOf(fn) === undefined ? 'the input does not show Device Capabilities' : 'Device Capabilities bit 28 is set',
          'PCIe 6.0 §7.5.3.3; pci.c pcie_reset_flr',
          fn.bdf,
        ),
      }
    case 'af_flr':
      if (mustNotFlr(fn)) return undefined
      return {
        has: hidden('af') ? undefined : fn.af?.tp === true && fn.af.flr,
        reason: because(
          hidden('af') ? 'the input does not show Advanced Features' : 'Advanced Features has both TP and FLR',
          'pci.c pci_af_flr',
          fn.bdf,
        ),
      }
    case 'pm':
      if (mustNotPmReset(fn, onRootBus)) return forbidden('D3hot does not reset it', 'quirks.c quirk_no_pm_reset', fn)
      return {
        has: hidden('pm') ? undefined : fn.pm !== undefined && !fn.pm.noSoftReset,
        reason: because(
          hidden('pm') ? 'the input does not show power management' : 'NoSoftReset is 0: it loses its state in D3hot',
          'PMCSR bit 3; pci.c pci_pm_reset',
          fn.bdf,
        ),
      }
    case 'bus':
      return busAnswer(board, fn, policy, onRootBus)
    case 'cxl_bus': {
      const bridge = board.topology.find(fn.parent)
      if (!policy.reset.cxlBus || !bridge) return undefined
      return {
        // DVSECs of all vendors share one capability id: where those are not shown, this one is not either.
        has: bridge.cxlPort === true ? true : bridge.unknown.includes('siov') ? undefined : false,
        reason: because('whether the port above is a CXL port', 'pci.c cxl_reset_bus_function', bridge.bdf),
      }
    }
  }
}

/** Absent Express: no such register. Undefined: not shown. */
function flrOf(fn: PciFunction): boolean | undefined {
  if (fn.express) return fn.express.flr
  return fn.unknown.includes('express') ? undefined : false
}

function busAnswer(board: Board, fn: PciFunction, policy: KernelPolicy, onRootBus: boolean): Answer {
  if (mustNotBusReset(fn)) return forbidden('a bus reset breaks it', 'quirks.c quirk_no_bus_reset', fn)
  const first = board.sameBus(fn).find((f) => f.physfn === undefined) === fn
  const has = !onRootBus && isOwnBus(board, fn) && (policy.reset.listed === 'at-discovery' ? first : isAlone(board, fn))
  return {
    has,
    reason: because(
      policy.reset.listed === 'at-discovery'
        ? 'no other function had been found on its bus when it was'
        : 'it is alone on its bus',
      'pci.c pci_parent_bus_reset',
      fn.bdf,
    ),
  }
}

/** Virtual functions may have bus numbers beyond the bridge's own bus: such a bus has no bridge that could reset it. */
export function isOwnBus(board: Board, fn: PciFunction): boolean {
  const secondary = board.topology.find(fn.parent)?.bridge?.secondary
  return secondary === undefined || board.topology.address(fn).bus === secondary
}
