/**
 * Who is dragged into a hot reset, VFIO's reset of a whole slot or bus: what VFIO_DEVICE_GET_PCI_HOT_RESET_INFO lists and
 * whether user space may ask for it. A PCIe slot and the bus below its port have the same functions, so one rule does.
 * Sources: drivers/vfio/pci/vfio_pci_core.c (vfio_pci_ioctl_get_pci_hot_reset_info, vfio_pci_dev_set_resettable),
 * drivers/pci/pci.c (pci_probe_reset_bus, pci_bus_resettable).
 */
import type { PciFunction } from '../platform/schema'
import type { Board } from './board'
import type { Plan } from './plan'
import { because, type Reason } from './reason'
import { isOwnBus } from './reset'
import { mustNotBusReset } from './reset-quirks'

export interface HotReset {
  /** Whether user space that owns every group in `groups` may do it. */
  readonly possible: boolean
  /** What GET_PCI_HOT_RESET_INFO answers; absent: it lists `affected`. */
  readonly errno?: 'ENODEV' | 'EPERM'
  /** In the kernel's order; `group` is the place in the plan's groups, null without one. */
  readonly affected: readonly { readonly bdf: string; readonly group: number | null }[]
  /** Groups that user space must own. */
  readonly groups: readonly number[]
  readonly because: readonly Reason[]
}

/** Asked once for every function of a plan. */
const known = new WeakMap<Plan, ReadonlyMap<PciFunction, number>>()

function placesOf(plan: Plan): ReadonlyMap<PciFunction, number> {
  const places = known.get(plan) ?? new Map(plan.groups.flatMap((g, i) => g.members.map((m) => [m.fn, i] as const)))
  known.set(plan, places)
  return places
}

const GIVEN = 'vfio_pci_core.c vfio_pci_dev_set_resettable'

export function hotReset(plan: Plan, fn: PciFunction): HotReset {
  const { board } = plan
  const refused = notResettable(board, fn)
  if (refused) return { possible: false, errno: 'ENODEV', affected: [], groups: [], because: [refused] }
  const places = placesOf(plan)
  const functions = walkBus(board, fn)
  const affected = functions.map((f) => ({ bdf: f.bdf, group: places.get(f) ?? null }))
  const groups = [...new Set(affected.flatMap((a) => (a.group === null ? [] : [a.group])))].sort((a, b) => a - b)
  const loose = functions.filter((f) => !places.has(f)).map((f) => f.bdf)
  const bridges = functions.filter((f) => f.headerType !== 0).map((f) => f.bdf)
  const scope = because(
    'the bus is reset as a whole, with all that is below it',
    'pci.c pci_bus_reset',
    `${affected.length} functions below ${fn.parent}`,
  )
  if (loose.length > 0) {
    const reason = because(
      "a function without a group cannot be shown to be the same user's",
      'vfio_pci_core.c vfio_pci_fill_devs',
      ...loose,
    )
    return { possible: false, errno: 'EPERM', affected, groups, because: [scope, reason] }
  }
  if (bridges.length > 0)
    return {
      possible: false,
      affected,
      groups,
      because: [scope, because('every function must be bound to vfio-pci, which takes no bridge', GIVEN, ...bridges)],
    }
  const owned = because("every function must be bound to vfio-pci, and its group be the same user's", GIVEN)
  return { possible: true, affected, groups, because: [scope, owned] }
}

function notResettable(board: Board, fn: PciFunction): Reason | undefined {
  const bridge = board.topology.find(fn.parent)
  if (!bridge) return because('a root bus has no bridge above that could reset it', 'pci.c pci_bus_reset', fn.parent)
  if (!isOwnBus(board, fn))
    return because('the bus of its number has no bridge of its own', 'drivers/pci/iov.c virtfn_add_bus', fn.bdf)
  const against = [bridge, ...walkBus(board, fn)].filter((f) => mustNotBusReset(f))
  if (against.length === 0) return undefined
  return because('a bus reset breaks a device', 'quirks.c quirk_no_bus_reset', ...against.map((f) => f.bdf))
}

/** As pci_walk_bus: each function of the bus, and behind a bridge at once what is below. Buses of virtual functions are no part. */
function walkBus(board: Board, fn: PciFunction): PciFunction[] {
  const out: PciFunction[] = []
  const stack = [...board.sameBus(fn)].reverse()
  for (let f = stack.pop(); f; f = stack.pop()) {
    out.push(f)
    const below = board.topology.children(f.bdf).filter((c) => isOwnBus(board, c))
    stack.push(...below.sort((a, b) => board.devfn(b) - board.devfn(a)))
  }
  return out
}
