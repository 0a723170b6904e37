/**
 * Access Control Services as Linux tests them when it makes groups.
 * Source: drivers/pci/pci.c pci_acs_flags_enabled, pci_acs_enabled, pci_acs_path_enabled (reference 10 §1).
 */
import type { PciFunction } from '../platform/schema'
import { quirkVerdict } from './acs-quirks'
import type { Board } from './board'
import { because, type Reason } from './reason'

export const ACS_SV = 0x01
export const ACS_TB = 0x02
export const ACS_RR = 0x04
export const ACS_CR = 0x08
export const ACS_UF = 0x10
export const ACS_EC = 0x20
export const ACS_DT = 0x40
/** What grouping asks of every hop: REQ_ACS_FLAGS of drivers/iommu/iommu.c. */
export const ACS_REQUIRED = ACS_SV | ACS_RR | ACS_CR | ACS_UF

const BITS: readonly (readonly [number, string])[] = [
  [ACS_SV, 'SV'],
  [ACS_TB, 'TB'],
  [ACS_RR, 'RR'],
  [ACS_CR, 'CR'],
  [ACS_UF, 'UF'],
  [ACS_EC, 'EC'],
  [ACS_DT, 'DT'],
]
export const acsWords = (mask: number): string =>
  BITS.flatMap(([bit, word]) => (mask & bit ? [word] : [])).join('|') || 'none'

/** Three answers: a truncated configuration space makes ACS unknown, never absent. */
export interface Isolation {
  readonly isolated: boolean
  /** The input could not show it: the answer then rests on this assumption. */
  readonly assumed?: string
  readonly reason: Reason
}

/** F: the capability's control register has all required bits that the capability offers (egress control counts as offered). */
function flagsEnabled(fn: PciFunction, board: Board, required: number): Isolation {
  const acs = board.acs(fn)
  if (!acs) {
    const unknown = fn.unknown.includes('acs')
    const what = `${fn.bdf} ${kindOf(fn)}`
    // Ports of the last decade have the capability and Linux enables it: the likelier of two guesses, said as such.
    if (unknown) {
      return {
        isolated: true,
        assumed: `${fn.bdf}: its ACS capability could not be read, taken as present and enabled`,
        reason: because('ACS unknown, taken as enabled', '10 §1.1', `${what}: configuration space incomplete`),
      }
    }
    return { isolated: false, reason: because('no ACS capability', '10 §1.1', `${what}: no ACS capability`) }
  }
  const { cap, ctrl, recorded } = acs
  const wanted = required & (cap | ACS_EC)
  const missing = wanted & ~ctrl
  // A bit that is off for certain decides alone.
  const guessed = (missing & ~acs.unknown) === 0 ? missing & acs.unknown : 0
  const was = recorded === undefined ? '' : ` where the input recorded ${acsWords(recorded)}`
  return {
    isolated: missing === 0,
    ...(guessed
      ? {
          assumed: `${fn.bdf}: the firmware leaves ACS ${acsWords(guessed)} off, as after reset (the recorded kernel wrote over it)`,
        }
      : {}),
    reason: because(
      missing === 0 ? 'ACS enabled' : 'ACS bits off',
      recorded === undefined ? '10 §1.1' : '10 §1.1, §5; pci_enable_acs',
      `${fn.bdf} ${kindOf(fn)}: ACS capability ${acsWords(cap)}, control ${acsWords(ctrl)}${was}${missing ? `, missing ${acsWords(missing)}` : ''}`,
    ),
  }
}

/** A: this function keeps its peers apart. */
export function isolates(fn: PciFunction, board: Board, required = ACS_REQUIRED): Isolation {
  const overridden = overrideVerdict(fn, board.override)
  if (overridden) return overridden
  const quirk = quirkVerdict(fn, board.topology, required, board.ivrs, board.version)
  if (quirk) return quirk
  if (!fn.express) {
    return { isolated: false, reason: because('not PCIe', '10 §1.2', `${fn.bdf} is a conventional PCI function`) }
  }
  switch (fn.express.type) {
    case 'pcie-to-pci-bridge':
    case 'pci-to-pcie-bridge':
    case 'rc-event-collector':
      return {
        isolated: false,
        reason: because('bridge to conventional PCI or event collector', '10 §1.2', `${fn.bdf} ${kindOf(fn)}`),
      }
    case 'root-port':
    case 'downstream-port':
      return flagsEnabled(fn, board, required)
    case 'endpoint':
    case 'legacy-endpoint':
    case 'upstream-port':
    case 'rc-integrated-endpoint':
      if (board.multifunction(fn)) return flagsEnabled(fn, board, required)
      return {
        isolated: true,
        reason: because('single-function endpoint or upstream port', '10 §1.2', `${fn.bdf} ${kindOf(fn)}`),
      }
  }
}

/** The out-of-tree pcie_acs_override= parameter: an assertion, not isolation. */
function overrideVerdict(fn: PciFunction, override: Board['override']): Isolation | undefined {
  const type = fn.express?.type
  const port = type === 'root-port' || type === 'downstream-port'
  const peer =
    type === 'endpoint' || type === 'upstream-port' || type === 'legacy-endpoint' || type === 'rc-integrated-endpoint'
  const named = override.ids.some((x) => x.vendor === fn.vendor && x.device === fn.device)
  if (!type || !((override.downstream && port) || (override.multifunction && peer && fn.multifunction) || named))
    return undefined
  return {
    isolated: true,
    reason: because(
      'pcie_acs_override asserts isolation that the hardware does not give',
      '10 §5',
      `${fn.bdf} ${kindOf(fn)}`,
    ),
  }
}

export const kindOf = (fn: PciFunction): string =>
  fn.express
    ? fn.express.type.replaceAll('-', ' ')
    : fn.headerType === 1
      ? 'conventional bridge'
      : 'conventional function'
