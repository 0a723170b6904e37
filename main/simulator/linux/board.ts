/** A platform with what grouping needs to know of it: the tree, who counts as multifunction, overrides. */
import { parseAddress, requesterId } from '../platform/address'
import type { PciFunction, Platform } from '../platform/schema'
import { topologyOf, type Topology } from '../platform/topology'
import { recordedAcs, type AcsControl } from './acs-control'
import type { CommandLine } from './cmdline'
import type { Version } from './policies/policy'

export interface AcsOverride {
  readonly downstream: boolean
  readonly multifunction: boolean
  readonly ids: readonly { readonly vendor: number; readonly device: number }[]
}

export interface Board {
  readonly platform: Platform
  readonly topology: Topology
  /** The planned kernel's release; undefined: one that knows every quirk. */
  readonly version?: Version
  /** An AMD IOMMU table is present. */
  readonly ivrs: boolean
  readonly override: AcsOverride
  /** Its access control as the planned kernel leaves it; undefined: it has no such capability, or it could not be read. */
  acs(fn: PciFunction): AcsControl | undefined
  /** Linux's flag: header type bit 7, or a function number above 0 found while scanning a slot; never for virtual functions. */
  multifunction(fn: PciFunction): boolean
  slot(fn: PciFunction): number
  /** The requester ID's low byte. */
  devfn(fn: PciFunction): number
  /** Functions on one bus, in order of devfn: same bridge above and same bus number. */
  sameBus(fn: PciFunction): readonly PciFunction[]
  /** All functions in the order in which the kernel finds them: a bus whole, then what is below its bridges. */
  readonly scanOrder: readonly PciFunction[]
}

/** Access control is the recorded one: `acsControls` says what another kernel makes of it. */
export function boardOf(platform: Platform, cmdline: CommandLine): Board {
  const topology = topologyOf(platform)
  const rid = new Map(platform.functions.map((f) => [f, requesterId(topology.address(f))]))
  const byBus = new Map<string, PciFunction[]>()
  const busKey = (f: PciFunction) => `${f.parent} ${(rid.get(f) ?? 0) >> 8}`
  for (const f of platform.functions) {
    const list = byBus.get(busKey(f))
    if (list) list.push(f)
    else byBus.set(busKey(f), [f])
  }
  for (const list of byBus.values()) list.sort((a, b) => (rid.get(a) ?? 0) - (rid.get(b) ?? 0))
  const devfn = (f: PciFunction) => (rid.get(f) ?? 0) & 0xff
  return {
    platform,
    topology,
    ivrs: platform.tables?.ivrs !== undefined,
    override: cmdline.acsOverride,
    acs: recordedAcs,
    multifunction: (f) => f.physfn === undefined && (f.multifunction || (devfn(f) & 7) > 0),
    slot: (f) => devfn(f) >> 3,
    devfn,
    sameBus: (f) => byBus.get(busKey(f)) ?? [],
    scanOrder: scan(platform, topology, rid),
  }
}

function scan(platform: Platform, topology: Topology, rid: ReadonlyMap<PciFunction, number>): PciFunction[] {
  const out: PciFunction[] = []
  const order = (list: readonly PciFunction[]) => [...list].sort((a, b) => (rid.get(a) ?? 0) - (rid.get(b) ?? 0))
  const stack = [...platform.roots]
    .sort((a, b) => a.segment - b.segment || a.bus - b.bus)
    .map((r) => r.id)
    .reverse()
  for (let parent = stack.pop(); parent !== undefined; parent = stack.pop()) {
    const here = order(topology.children(parent))
    out.push(...here)
    stack.push(...here.map((f) => f.bdf).reverse())
  }
  return out
}

/** For sorting answers: segment, then requester ID. */
export function byAddress(a: string, b: string): number {
  const x = parseAddress(a)
  const y = parseAddress(b)
  if (!x || !y) return a < b ? -1 : 1
  return x.segment - y.segment || requesterId(x) - requesterId(y)
}
