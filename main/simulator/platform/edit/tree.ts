/** Functions: where a part may sit, and adding, moving and taking away, with everything that hangs below. */
import { assert, err, fault, ok, type Fault, type Result } from '../../faults'
import { formatAddress } from '../address'
import type { PciFunction, Platform } from '../schema'
import { addressOf, busBelow, giveBuses, rename, renumber, rootOf } from './buses'
import { PARTS, type PartId, type Seat } from './parts'

export interface Placed {
  readonly platform: Platform
  /** What was added or moved, by its address now. */
  readonly id: string
  /** Old address to new one, of functions that were there before. */
  readonly moved: ReadonlyMap<string, string>
}

const LINK_TYPES = new Set(['root-port', 'downstream-port'])
const refusal = (message: string, hint: string): Fault => fault('PLATFORM_LINK', message, { hint })

/** What kind of bus lies below. Errors: PLATFORM_UNKNOWN_BDF, PLATFORM_LINK where there is none. */
export function seatBelow(platform: Platform, parent: string): Result<Seat> {
  if (platform.roots.some((r) => r.id === parent)) return ok('root')
  const fn = platform.functions.find((f) => f.bdf === parent)
  if (!fn) return err(fault('PLATFORM_UNKNOWN_BDF', `the board has no ${parent}`))
  if (fn.headerType === 0)
    return err(refusal(`${parent} is no bridge: nothing can hang below it`, 'choose a port, a bridge or a root bus'))
  if (fn.express && LINK_TYPES.has(fn.express.type)) return ok('link')
  return ok(fn.express?.type === 'upstream-port' ? 'inside-switch' : 'conventional')
}

const SEAT_WORDS: Readonly<Record<Seat, string>> = {
  root: 'a root bus',
  link: 'the link of a root port or a downstream port',
  'inside-switch': 'the bus inside a switch, below its upstream port',
  conventional: 'a conventional bus, below a bridge to PCI',
}
const list = (words: readonly string[]): string => words.join(' or ')

function refuseSeat(what: string, seats: readonly Seat[], seat: Seat, parent: string): Fault {
  return refusal(
    `${what} cannot sit on ${SEAT_WORDS[seat]} (${parent})`,
    `it belongs on ${list(seats.map((s) => SEAT_WORDS[s]))}`,
  )
}

/** Where a function that is there already may sit, from what it is. */
function seatsOf(fn: PciFunction): readonly Seat[] {
  switch (fn.express?.type) {
    case 'root-port':
    case 'rc-integrated-endpoint':
    case 'rc-event-collector':
      return ['root']
    case 'upstream-port':
    case 'endpoint':
    case 'legacy-endpoint':
    case 'pcie-to-pci-bridge':
      return ['link']
    case 'downstream-port':
      return ['inside-switch']
    case 'pci-to-pcie-bridge':
    case undefined:
      return ['conventional', 'root']
  }
}

/** A link has one device, number 0; other buses have 32. */
function freeDevice(platform: Platform, parent: string, seat: Seat): Result<number> {
  const { segment, bus } = busBelow(platform, parent)
  const used = new Map<number, string>()
  for (const fn of platform.functions) {
    const at = addressOf(fn)
    if (at.segment === segment && at.bus === bus) used.set(at.device, fn.bdf)
  }
  const taken = used.get(0)
  if (seat === 'link')
    return taken === undefined
      ? ok(0)
      : err(
          refusal(
            `the link below ${parent} has its device: ${taken}`,
            'add a function to that device, or put a switch below the port',
          ),
        )
  const first = seat === 'root' ? 1 : 0
  const free = Array.from({ length: 32 - first }, (_, i) => i + first).find((device) => !used.has(device))
  return free === undefined ? err(refusal(`all 32 devices below ${parent} are taken`, 'use another bus')) : ok(free)
}

const NO_BUS = { primary: 0, secondary: 0, subordinate: 0 }

/** Errors: PLATFORM_LINK, PLATFORM_UNKNOWN_BDF. */
export function addPart(platform: Platform, part: PartId, parent: string): Result<Placed> {
  const seat = seatBelow(platform, parent)
  if (!seat.ok) return seat
  const { seats, body, words } = PARTS[part]
  if (!seats.includes(seat.value)) return err(refuseSeat(`the ${words}`, seats, seat.value, parent))
  const device = freeDevice(platform, parent, seat.value)
  if (!device.ok) return device
  const { segment, bus } = busBelow(platform, parent)
  const bdf = formatAddress({ segment, bus, device: device.value, function: 0 })
  const integrated = seat.value === 'root' && body.express?.type === 'endpoint'
  const fn: PciFunction = {
    bdf,
    parent,
    ...body,
    ...(integrated && body.express ? { express: { ...body.express, type: 'rc-integrated-endpoint' } } : {}),
    ...(body.headerType === 1 ? { bridge: NO_BUS } : {}),
  }
  return seated(served({ ...platform, functions: insert(platform.functions, fn) }, fn, parent), bdf, part)
}

/** Another function of a device that is there. Errors: PLATFORM_LINK, PLATFORM_UNKNOWN_BDF. */
export function addFunction(platform: Platform, of: string): Result<Placed> {
  const model = platform.functions.find((fn) => fn.bdf === of)
  if (!model) return err(fault('PLATFORM_UNKNOWN_BDF', `the board has no function ${of}`))
  if (model.physfn !== undefined)
    return err(
      refusal(`${of} is a virtual function`, 'virtual functions come from SR-IOV: plan them in the Plan panel'),
    )
  const { segment, bus, device } = addressOf(model)
  const same = (fn: PciFunction): boolean => {
    const at = addressOf(fn)
    return at.segment === segment && at.bus === bus && at.device === device
  }
  const used = new Set(platform.functions.filter(same).map((fn) => addressOf(fn).function))
  const free = [1, 2, 3, 4, 5, 6, 7].find((n) => !used.has(n))
  if (free === undefined) return err(refusal(`the device of ${of} has its eight functions`, 'use another device'))
  const bdf = formatAddress({ segment, bus, device, function: free })
  const { bdf: _bdf, bridge, sriov: _own, acpiPath: _path, name: _name, ...body } = model
  const fn: PciFunction = { bdf, ...body, multifunction: true, ...(bridge ? { bridge: NO_BUS } : {}) }
  // Function 0 says that there are more (Header Type bit 7); Linux asks it alone.
  const functions = platform.functions.map((f) => (same(f) ? { ...f, multifunction: true } : f))
  return seated(served({ ...platform, functions: insert(functions, fn) }, fn, model.parent), bdf)
}

function seated(platform: Platform, bdf: string, part?: PartId): Result<Placed> {
  const fn = platform.functions.find((f) => f.bdf === bdf)
  if (!fn?.bridge) return ok({ platform, id: bdf, moved: new Map() })
  const numbered = giveBuses(platform, bdf)
  if (!numbered.ok) return numbered
  const id = numbered.value.moved.get(bdf) ?? bdf
  if (part !== 'switch') return ok({ ...numbered.value, id })
  // A switch with nothing below its upstream port is none.
  const port = addPart(numbered.value.platform, 'downstream-port', id)
  return port.ok
    ? ok({ platform: port.value.platform, id, moved: chain(numbered.value.moved, port.value.moved) })
    : port
}

/** What serves the bus serves the newcomer: the units of the bridge above, or of the neighbours on a root bus. */
function served(platform: Platform, fn: PciFunction, parent: string): Platform {
  const neighbour = platform.functions.find((f) => f.bdf === parent || (f.parent === parent && f.bdf !== fn.bdf))
  const takes = (unit: { serves: readonly string[] }, only: boolean): boolean =>
    neighbour ? unit.serves.includes(neighbour.bdf) : only
  const join = <T extends { serves: string[] }>(units: readonly T[]): T[] =>
    units.map((unit) => (takes(unit, units.length === 1) ? { ...unit, serves: [...unit.serves, fn.bdf].sort() } : unit))
  return { ...platform, iommus: join(platform.iommus), msiControllers: join(platform.msiControllers) }
}

const insert = (functions: readonly PciFunction[], fn: PciFunction): PciFunction[] =>
  [...functions, fn].sort((a, b) => (a.bdf < b.bdf ? -1 : 1))

function chain(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): Map<string, string> {
  const all = new Map([...a].map(([from, to]) => [from, b.get(to) ?? to] as const))
  const later = new Set(a.values())
  for (const [from, to] of b) if (!later.has(from)) all.set(from, to)
  return all
}

function below(platform: Platform, bdf: string): Set<string> {
  const all = new Set([bdf])
  for (let before = 0; before !== all.size;) {
    before = all.size
    for (const fn of platform.functions) if (all.has(fn.parent) || all.has(fn.physfn ?? '')) all.add(fn.bdf)
  }
  return all
}

/** With everything below it, its virtual functions too. Roots that it makes (VMD) must go first. Errors: PLATFORM_LINK. */
export function removeFunction(platform: Platform, bdf: string): Result<Placed> {
  const fn = platform.functions.find((f) => f.bdf === bdf)
  if (!fn) return err(fault('PLATFORM_UNKNOWN_BDF', `the board has no function ${bdf}`))
  const gone = below(platform, bdf)
  const made = platform.roots.find((r) => r.behind !== undefined && gone.has(r.behind))
  if (made) return err(refusal(`${made.behind} makes the root bus ${made.id}`, `take ${made.id} away first`))
  return ok({ platform: without(platform, gone), id: fn.parent, moved: new Map() })
}

export function without(platform: Platform, gone: ReadonlySet<string>): Platform {
  const stays = (bdf: string): boolean => !gone.has(bdf)
  return {
    ...platform,
    functions: platform.functions.filter((f) => stays(f.bdf)),
    iommus: platform.iommus.map((unit) => ({ ...unit, serves: unit.serves.filter(stays) })),
    msiControllers: platform.msiControllers.map((unit) => ({ ...unit, serves: unit.serves.filter(stays) })),
    regions: platform.regions.flatMap((region) => {
      const devices = region.devices.filter(stays)
      if (devices.length === 0 && region.devices.length > 0) return []
      return [{ ...region, devices, ...(region.named ? { named: region.named.filter(stays) } : {}) }]
    }),
  }
}

/** To another bus, with everything below it; what it is stays as it is. Errors: PLATFORM_LINK, PLATFORM_UNKNOWN_BDF. */
export function moveFunction(platform: Platform, bdf: string, parent: string): Result<Placed> {
  const fn = platform.functions.find((f) => f.bdf === bdf)
  if (!fn) return err(fault('PLATFORM_UNKNOWN_BDF', `the board has no function ${bdf}`))
  if (fn.parent === parent) return err(refusal(`${bdf} is on ${parent} already`, 'choose another bus'))
  if (fn.physfn !== undefined)
    return err(refusal(`${bdf} is a virtual function`, `move its physical function, ${fn.physfn}`))
  const family = below(platform, bdf)
  if (family.has(parent)) return err(refusal(`${parent} is below ${bdf}`, 'choose a bus outside it'))
  if ([...family].some((f) => platform.functions.some((other) => other.physfn === f)))
    return err(
      refusal(`${bdf} has virtual functions`, 'take them away first: their addresses follow from their device'),
    )
  const seat = seatBelow(platform, parent)
  if (!seat.ok) return seat
  const seats = seatsOf(fn)
  const integrated = fn.express?.type === 'rc-integrated-endpoint' && seat.value === 'link'
  if (!seats.includes(seat.value) && !integrated && !(fn.express?.type === 'endpoint' && seat.value === 'root'))
    return err(
      refuseSeat(
        `${bdf}, the ${fn.express?.type.replaceAll('-', ' ') ?? 'conventional function'},`,
        seats,
        seat.value,
        parent,
      ),
    )
  const device = freeDevice(platform, parent, seat.value)
  if (!device.ok) return device
  const to = formatAddress({ ...busBelow(platform, parent), device: device.value, function: 0 })
  const type =
    seat.value === 'root' && fn.express?.type === 'endpoint' ? 'rc-integrated-endpoint' : integrated ? 'endpoint' : null
  const changed = {
    ...platform,
    functions: platform.functions.map((f) =>
      f.bdf === bdf
        ? {
            ...f,
            parent,
            multifunction: false,
            ...(type && f.express ? { express: { ...f.express, type } as const } : {}),
          }
        : f,
    ),
  }
  const first = new Map([[bdf, to]])
  return rebuilt(reserved(rename(changed, first), to, family, first), to, first)
}

/** Its units are those of the new place. */
function reserved(
  platform: Platform,
  to: string,
  family: ReadonlySet<string>,
  moved: ReadonlyMap<string, string>,
): Platform {
  const names = new Set([...family].map((bdf) => moved.get(bdf) ?? bdf))
  const cleared: Platform = {
    ...platform,
    iommus: platform.iommus.map((u) => ({ ...u, serves: u.serves.filter((bdf) => !names.has(bdf)) })),
    msiControllers: platform.msiControllers.map((u) => ({ ...u, serves: u.serves.filter((bdf) => !names.has(bdf)) })),
  }
  return [...names].reduce((board, name) => {
    const fn = board.functions.find((f) => f.bdf === name)
    assert(fn, `${name} is on the board`)
    return served(board, fn, fn.bdf === to ? fn.parent : to)
  }, cleared)
}

function rebuilt(platform: Platform, bdf: string, before: ReadonlyMap<string, string>): Result<Placed> {
  const sorted = { ...platform, functions: [...platform.functions].sort((a, b) => (a.bdf < b.bdf ? -1 : 1)) }
  const numbered = renumberIfBridge(sorted, bdf)
  if (!numbered.ok) return numbered
  return ok({
    platform: numbered.value.platform,
    id: numbered.value.moved.get(bdf) ?? bdf,
    moved: chain(before, numbered.value.moved),
  })
}
const renumberIfBridge = (platform: Platform, bdf: string) =>
  platform.functions.find((f) => f.bdf === bdf)?.bridge
    ? renumber(platform, rootOf(platform, bdf))
    : ok({ platform, moved: new Map<string, string>() })
