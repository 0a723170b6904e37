/**
 * Bus numbers and addresses. As firmware does it: the buses below a bridge are its secondary … subordinate, the ranges nest,
 * and no bus of a segment occurs twice (PCI-to-PCI Bridge Architecture 1.2 §3.2.5). A new bus takes a free number where one
 * fits without moving anything; otherwise everything below that root is numbered anew, depth first.
 */
import { assert, err, fault, ok, type Result } from '../../faults'
import { formatAddress, parseAddress, type PciAddress } from '../address'
import type { PciFunction, Platform, Root } from '../schema'

export const LAST_BUS = 255

export function addressOf(fn: { bdf: string }): PciAddress {
  const address = parseAddress(fn.bdf)
  assert(address, `${fn.bdf} is a PCI address`)
  return address
}

/** The bus that children of a root or bridge sit on. */
export function busBelow(platform: Platform, parent: string): { segment: number; bus: number } {
  const root = platform.roots.find((r) => r.id === parent)
  if (root) return { segment: root.segment, bus: root.bus }
  const bridge = platform.functions.find((fn) => fn.bdf === parent)
  assert(bridge?.bridge, `${parent} is a bridge`)
  return { segment: addressOf(bridge).segment, bus: bridge.bridge.secondary }
}

export function rootOf(platform: Platform, parent: string): Root {
  const byBdf = new Map(platform.functions.map((fn) => [fn.bdf, fn]))
  let at = parent
  for (let up = byBdf.get(at); up; up = byBdf.get(at)) at = up.parent
  const root = platform.roots.find((r) => r.id === at)
  assert(root, `${parent} hangs on a root bus`)
  return root
}

/** Root bus up to the one before the next root bus of the segment. */
function rangeOf(platform: Platform, root: Root): { first: number; last: number } {
  const next = platform.roots.filter((r) => r.segment === root.segment && r.bus > root.bus).map((r) => r.bus)
  return { first: root.bus, last: Math.min(LAST_BUS + 1, ...next) - 1 }
}

function busesOf(platform: Platform, segment: number): Set<number> {
  const used = new Set(platform.roots.filter((r) => r.segment === segment).map((r) => r.bus))
  for (const fn of platform.functions) {
    if (addressOf(fn).segment !== segment) continue
    used.add(addressOf(fn).bus)
    if (fn.bridge) for (let bus = fn.bridge.secondary; bus <= fn.bridge.subordinate; bus++) used.add(bus)
  }
  return used
}

export interface Renamed {
  readonly platform: Platform
  /** Old address to new one, of functions that got another. */
  readonly moved: ReadonlyMap<string, string>
}

/**
 * A bridge that has no buses yet (secondary 0) gets one, and so do all below it.
 * Errors: PLATFORM_LINK where the root has no number left.
 */
export function giveBuses(platform: Platform, bridge: string): Result<Renamed> {
  const fn = platform.functions.find((f) => f.bdf === bridge)
  assert(fn?.bridge, `${bridge} is a bridge`)
  const alone = !platform.functions.some((f) => f.parent === bridge)
  const free = alone ? freeBus(platform, fn) : undefined
  return free === undefined
    ? renumber(platform, rootOf(platform, bridge))
    : ok({ platform: withBus(platform, fn, free), moved: new Map() })
}

/** A number right behind what the bridges above have already, so that nothing else has to move. */
function freeBus(platform: Platform, fn: PciFunction): number | undefined {
  const root = rootOf(platform, fn.bdf)
  const used = busesOf(platform, root.segment)
  const parent = platform.functions.find((f) => f.bdf === fn.parent)
  const start = parent?.bridge
    ? Math.max(parent.bridge.secondary, parent.bridge.subordinate)
    : Math.max(
        root.bus,
        ...platform.functions.flatMap((f) => (f.parent === root.id ? (f.bridge?.subordinate ?? 0) : 0)),
      )
  const bus = start + 1
  return bus <= rangeOf(platform, root).last && !used.has(bus) ? bus : undefined
}

function withBus(platform: Platform, fn: PciFunction, bus: number): Platform {
  const above = new Set<string>()
  for (let up = fn.parent; ;) {
    const bridge = platform.functions.find((f) => f.bdf === up)
    if (!bridge) break
    above.add(up)
    up = bridge.parent
  }
  return {
    ...platform,
    functions: platform.functions.map((f) => {
      if (f.bdf === fn.bdf) return { ...f, bridge: { primary: addressOf(f).bus, secondary: bus, subordinate: bus } }
      if (above.has(f.bdf) && f.bridge)
        return { ...f, bridge: { ...f.bridge, subordinate: Math.max(f.bridge.subordinate, bus) } }
      return f
    }),
  }
}

/** Everything below a root, numbered depth first in the order of addresses. */
export function renumber(platform: Platform, root: Root): Result<Renamed> {
  const { last } = rangeOf(platform, root)
  const children = new Map<string, PciFunction[]>()
  for (const fn of platform.functions) children.set(fn.parent, [...(children.get(fn.parent) ?? []), fn])
  const moved = new Map<string, string>()
  const buses = new Map<string, NonNullable<PciFunction['bridge']>>()
  let next = root.bus
  const walk = (parent: string, bus: number): void => {
    const here = [...(children.get(parent) ?? [])].sort((a, b) => (a.bdf < b.bdf ? -1 : 1))
    for (const fn of here) {
      const to = formatAddress({ ...addressOf(fn), segment: root.segment, bus: busOfFunction(fn, bus) })
      if (to !== fn.bdf) moved.set(fn.bdf, to)
    }
    for (const fn of here) {
      if (fn.headerType === 0) continue
      const secondary = ++next
      walk(fn.bdf, secondary)
      buses.set(fn.bdf, { primary: bus, secondary, subordinate: next })
    }
  }
  /** A virtual function may lie on the bus after its device's own: it keeps the distance. */
  const busOfFunction = (fn: PciFunction, bus: number): number => {
    const pf = fn.physfn === undefined ? undefined : platform.functions.find((f) => f.bdf === fn.physfn)
    return pf ? bus + addressOf(fn).bus - addressOf(pf).bus : bus
  }
  walk(root.id, root.bus)
  if (next > last)
    return err(
      fault(
        'PLATFORM_LINK',
        `${root.id} has no bus number left: its buses end at ${last.toString(16).padStart(2, '0')}`,
        {
          hint: 'take away a bridge, or use another root bus',
        },
      ),
    )
  const numbered = {
    ...platform,
    functions: platform.functions.map((fn) => {
      const bridge = buses.get(fn.bdf)
      return bridge ? { ...fn, bridge } : fn
    }),
  }
  return ok({ platform: rename(numbered, moved), moved })
}

/** Every place that names a function follows it to its new address. */
export function rename(platform: Platform, moved: ReadonlyMap<string, string>): Platform {
  if (moved.size === 0) return platform
  const to = (bdf: string): string => moved.get(bdf) ?? bdf
  return {
    ...platform,
    roots: platform.roots.map((r) => (r.behind === undefined ? r : { ...r, behind: to(r.behind) })),
    functions: platform.functions.map((fn) => ({
      ...fn,
      bdf: to(fn.bdf),
      parent: to(fn.parent),
      ...(fn.physfn === undefined ? {} : { physfn: to(fn.physfn) }),
    })),
    iommus: platform.iommus.map((unit) => ({ ...unit, serves: unit.serves.map(to) })),
    msiControllers: platform.msiControllers.map((unit) => ({ ...unit, serves: unit.serves.map(to) })),
    regions: platform.regions.map((region) => ({
      ...region,
      devices: region.devices.map(to),
      ...(region.named ? { named: region.named.map(to) } : {}),
    })),
  }
}
