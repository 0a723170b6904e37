/**
 * Who is below whom, from what a listing shows: paths (-P), the drawing of -t, bus numbers of bridges. Where none of them
 * tells, a function is put on a root bus of its own number; if it cannot be there, `unknown` says "parent".
 */
import { digits, parseAddress } from '../../platform/address'
import type { PciFunction, PlatformWarning, Root } from '../../platform/schema'
import type { PciTree } from '../sysfs/functions'
import { warning } from '../warnings'
import type { Forest } from './forest'

interface Placed {
  readonly fn: PciFunction
  readonly segment: number
  readonly bus: number
}

export function placed(
  functions: PciFunction[],
  paths: ReadonlyMap<string, string>,
  forest: Forest | undefined,
  warnings: PlatformWarning[],
): PciTree {
  const all = functions
    .map((fn): Placed => {
      const { segment = 0, bus = 0 } = parseAddress(fn.bdf) ?? {}
      return { fn, segment, bus }
    })
    .sort((a, b) => a.segment - b.segment || (a.fn.bdf < b.fn.bdf ? -1 : a.fn.bdf > b.fn.bdf ? 1 : 0))
  const byBdf = new Map(all.map((one) => [one.fn.bdf, one]))
  for (const { fn } of all) borrowBuses(fn, forest)
  const bridges = all.filter(({ fn, bus }) => fn.bridge && fn.bridge.secondary > bus)
  const secondaryOf = new Map<string, string>()
  for (const { fn, segment } of bridges) if (fn.bridge) secondaryOf.set(`${segment}:${fn.bridge.secondary}`, fn.bdf)
  const innermost = narrowest(bridges)
  const blind = new Set(all.filter(({ fn }) => fn.headerType !== 0 && !fn.bridge).map(({ segment }) => segment))
  const roots = new Map<string, Root>()
  let guessed = 0
  for (const one of all) {
    const { fn, segment, bus } = one
    const drawn = forest?.above.has(fn.bdf) === true
    const shown = [
      paths.get(fn.bdf),
      forest?.above.get(fn.bdf),
      drawn ? undefined : secondaryOf.get(`${segment}:${bus}`),
    ].find((name) => name !== undefined && isAbove(name, one, byBdf))
    const parent = shown ?? (drawn ? undefined : innermost.get(segment)?.[bus])
    if (parent !== undefined) {
      fn.parent = parent
      continue
    }
    const id = `pci${digits(segment, 4)}:${digits(bus, 2)}`
    fn.parent = id
    roots.set(id, { id, segment, bus })
    if (!drawn && bus !== 0 && !mayBeOnRoot(fn, blind.has(segment))) {
      fn.unknown.push('parent')
      guessed++
    }
  }
  followPhysical(all, byBdf, roots)
  if (guessed > 0)
    warnings.push(
      warning(
        'TOPOLOGY_GUESSED',
        `the bridge above ${guessed} functions is not shown: they are taken to be on a root bus of their own number`,
      ),
    )
  settleHeaders(all, byBdf, warnings)
  for (const { fn } of all) fn.unknown.sort()
  behindVmd([...roots.values()], all, warnings)
  return {
    roots: [...roots.values()].sort((a, b) => a.segment - b.segment || a.bus - b.bus),
    functions: all.map(({ fn }) => fn),
    hostDevice: new Map(),
  }
}

function borrowBuses(fn: PciFunction, forest: Forest | undefined): void {
  const drawn = forest?.buses.get(fn.bdf)
  if (!drawn || fn.bridge) return
  fn.bridge = { primary: parseAddress(fn.bdf)?.bus ?? 0, ...drawn }
  fn.unknown = fn.unknown.filter((name) => name !== 'bridge')
}

/** Segment → bus → the bridge with the narrowest range of buses that holds it. */
function narrowest(bridges: readonly Placed[]): Map<number, string[]> {
  const width = ({ fn }: Placed): number => (fn.bridge ? fn.bridge.subordinate - fn.bridge.secondary : 0)
  const bySegment = new Map<number, string[]>()
  for (const { fn, segment } of bridges.toSorted((a, b) => width(b) - width(a))) {
    const buses = bySegment.get(segment) ?? []
    bySegment.set(segment, buses)
    for (let bus = fn.bridge?.secondary ?? 0; bus <= (fn.bridge?.subordinate ?? -1); bus++) buses[bus] = fn.bdf
  }
  return bySegment
}

/** A bridge that is there, on a lower bus of the same segment: so the tree can have no circle. */
function isAbove(name: string, { segment, bus }: Placed, byBdf: ReadonlyMap<string, Placed>): boolean {
  const above = byBdf.get(name)
  return above !== undefined && above.segment === segment && above.bus < bus
}

/** What can sit on a root bus that is not number 0; `blind` where bridges do not show their buses. */
function mayBeOnRoot(fn: PciFunction, blind: boolean): boolean {
  switch (fn.express?.type) {
    case 'root-port':
    case 'rc-integrated-endpoint':
    case 'rc-event-collector':
      return true
    case 'endpoint':
    case 'legacy-endpoint':
    case 'upstream-port':
    case 'downstream-port':
    case 'pcie-to-pci-bridge':
    case 'pci-to-pcie-bridge':
      return false
    case undefined:
      return !blind || fn.class >>> 8 === 0x0600
  }
}

/** A virtual function on a bus of its own hangs where its physical function hangs. */
function followPhysical(all: readonly Placed[], byBdf: ReadonlyMap<string, Placed>, roots: Map<string, Root>): void {
  const used = new Set<string>()
  for (const { fn } of all) {
    const physical = fn.physfn === undefined ? undefined : byBdf.get(fn.physfn)?.fn
    if (physical) {
      fn.parent = physical.parent
      fn.unknown = fn.unknown.filter((name) => name !== 'parent')
    }
  }
  for (const { fn } of all) used.add(fn.parent)
  for (const id of [...roots.keys()]) if (!used.has(id)) roots.delete(id)
}

function settleHeaders(all: readonly Placed[], byBdf: ReadonlyMap<string, Placed>, warnings: PlatformWarning[]): void {
  for (const { fn } of all) {
    const above = byBdf.get(fn.parent)?.fn
    if (above?.headerType !== 0) continue
    above.headerType = 1
    warnings.push(
      warning('TOPOLOGY_GUESSED', `${above.bdf} has functions below it, so it is a bridge; its header says otherwise`),
    )
  }
}

const VMD_CLASS = 0x0104

/** Linux numbers the domains behind VMD endpoints from 0x10000, in the order in which it finds the endpoints. */
function behindVmd(roots: Root[], all: readonly Placed[], warnings: PlatformWarning[]): void {
  const far = roots.filter((root) => root.segment >= 0x10000).sort((a, b) => a.segment - b.segment)
  if (far.length === 0) return
  const endpoints = all.filter(
    ({ fn, segment }) =>
      segment < 0x10000 &&
      (fn.driver === 'vmd' ||
        (fn.vendor === 0x8086 && fn.class >>> 8 === VMD_CLASS && /Volume Management Device/.test(fn.name ?? ''))),
  )
  for (const root of far) {
    const endpoint = endpoints[root.segment - 0x10000]
    if (endpoint) root.behind = endpoint.fn.bdf
  }
  if (endpoints.length !== 1 || far.length !== 1)
    warnings.push(
      warning(
        'TOPOLOGY_GUESSED',
        `${far.length} domains behind volume management devices, of which ${endpoints.length} are shown: matched by order`,
      ),
    )
}
