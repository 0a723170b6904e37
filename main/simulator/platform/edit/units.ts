/**
 * Root buses, IOMMU units and MSI controllers. Bases and capability registers are those of QEMU's machines (q35 with
 * intel-iommu or amd-iommu, virt with SMMUv3, GICv2m or ITS) and of the P4080's MPIC, as on the built-in platforms.
 */
import { err, fault, ok, type Fault, type Result } from '../../faults'
import { digits, hex } from '../address'
import type { Iommu, MsiController, Platform } from '../schema'
import { addressOf, LAST_BUS, rootOf } from './buses'
import { without, type Placed } from './tree'

export const IOMMU_KINDS = ['vt-d', 'amd-vi', 'smmu-v3', 'virtio-iommu', 'pamu'] as const
export const MSI_KINDS = ['x86-apic', 'gicv2m', 'gicv3-its', 'mpic'] as const
export type UnitKind = (typeof IOMMU_KINDS)[number]
export type MsiKind = (typeof MSI_KINDS)[number]

const refusal = (message: string, hint: string): Fault => fault('PLATFORM_LINK', message, { hint })
const SOURCE = 'drawn'

const ARCH: Readonly<Record<UnitKind | MsiKind, readonly Platform['arch'][]>> = {
  'vt-d': ['x86'],
  'amd-vi': ['x86'],
  'smmu-v3': ['arm64'],
  'virtio-iommu': ['x86', 'arm64'],
  pamu: ['powerpc'],
  'x86-apic': ['x86'],
  gicv2m: ['arm64'],
  'gicv3-its': ['arm64'],
  mpic: ['powerpc'],
}

function refuseArch(platform: Platform, kind: UnitKind | MsiKind): Fault | null {
  if (platform.arch === 'unknown' || ARCH[kind].includes(platform.arch)) return null
  return refusal(`${kind} is no part of ${platform.arch} machines`, `it belongs to ${ARCH[kind].join(' and ')}`)
}

/** sysfs's names: dmar0, ivhd0, smmu3.0x0000000009050000. */
function unitOf(kind: UnitKind, n: number): Omit<Iommu, 'serves'> {
  const at = (first: number, step: number): string => hex(first + n * step)
  switch (kind) {
    case 'vt-d':
      return {
        name: `dmar${n}`,
        kind,
        segment: 0,
        base: at(0xfed90000, 0x1000),
        registers: { VER_REG: '0x10', CAP_REG: '0xd2008c22260286', ECAP_REG: '0x480080f00f4a' },
        interruptRemapping: true,
        source: SOURCE,
      }
    case 'amd-vi':
      return {
        name: `ivhd${n}`,
        kind,
        segment: 0,
        base: at(0xfed80000, 0x80000),
        registers: {},
        interruptRemapping: true,
        source: SOURCE,
      }
    case 'smmu-v3': {
      const base = 0x9050000 + n * 0x20000
      return {
        name: `smmu3.0x${digits(base, 16)}`,
        kind,
        base: hex(base),
        registers: {},
        coherent: true,
        source: SOURCE,
      }
    }
    case 'virtio-iommu':
      return { name: `virtio-iommu${n}`, kind, registers: {}, source: SOURCE }
    case 'pamu':
      return { name: `iommu${n}`, kind, base: at(0xffe020000, 0x1000), registers: {}, source: SOURCE }
  }
}

function controllerOf(kind: MsiKind, n: number): Omit<MsiController, 'serves'> {
  switch (kind) {
    case 'x86-apic':
      return { name: 'x86-apic', kind, doorbell: '0xfee00000', size: '0x100000', source: 'architecture' }
    case 'gicv2m': {
      const base = 0x8020000 + n * 0x1000
      return {
        name: `gicv2m@${hex(base)}`,
        kind,
        doorbell: hex(base + 0x40), // MSI_SETSPI_NS
        size: '0x4',
        base: hex(base),
        spis: { base: 80 + 64 * n, count: 64 },
        source: SOURCE,
      }
    }
    case 'gicv3-its': {
      const base = 0x8080000 + n * 0x20000
      // GITS_TRANSLATER is in the second 64 KiB frame.
      return {
        name: `its@${hex(base)}`,
        kind,
        doorbell: hex(base + 0x10040),
        size: '0x4',
        base: hex(base),
        source: SOURCE,
      }
    }
    case 'mpic': {
      const base = 0xffe041600 + n * 0x200
      return {
        name: `msi@${hex(base)}`,
        kind,
        base: hex(base),
        doorbell: hex(0xffe044140 + n * 0x1000), // MSIIR at its alias in a page of its own
        size: '0x4',
        interrupts: [{ first: 0, count: 256 }],
        source: SOURCE,
      }
    }
  }
}

function fresh<T extends { name: string }>(used: readonly { name: string }[], make: (n: number) => T): T | null {
  const names = new Set(used.map((u) => u.name))
  for (let n = 0; n <= used.length; n++) {
    const unit = make(n)
    if (!names.has(unit.name)) return unit
  }
  return null
}

const still = (platform: Platform, id: string): Result<Placed> => ok({ platform, id, moved: new Map() })

/**
 * An IOMMU that serves every function which no other one serves. A VT-d or AMD unit brings its interrupt remapping.
 * Errors: PLATFORM_LINK where the architecture has no such unit.
 */
export function addIommu(platform: Platform, kind: UnitKind): Result<Placed> {
  const wrong = refuseArch(platform, kind)
  if (wrong) return err(wrong)
  const other = platform.iommus.find((u) => u.kind !== kind && u.kind !== 'virtio-iommu' && kind !== 'virtio-iommu')
  if (other)
    return err(
      refusal(
        `the board has ${other.kind} (${other.name}): no machine has it beside ${kind}`,
        `take ${other.name} away first`,
      ),
    )
  const taken = new Set(platform.iommus.flatMap((u) => u.serves))
  const serves = platform.functions.map((fn) => fn.bdf).filter((bdf) => !taken.has(bdf))
  const unit = fresh(platform.iommus, (n) => unitOf(kind, n))
  if (!unit) return err(refusal(`there is no room for another ${kind}`, 'one serves any number of functions'))
  const remapping = kind === 'vt-d' ? 'vt-d-ir' : kind === 'amd-vi' ? 'amd-ir' : null
  return still(
    {
      ...platform,
      iommus: [...platform.iommus, { ...unit, serves }],
      msiControllers: remapping
        ? [
            ...platform.msiControllers,
            {
              name: irOf(unit.name),
              kind: remapping,
              doorbell: '0xfee00000',
              size: '0x100000',
              serves,
              source: SOURCE,
            },
          ]
        : platform.msiControllers,
    },
    unit.name,
  )
}

/** Remapping belongs to its unit: it takes the messages of what the unit serves. */
const irOf = (unit: string): string => `${unit}-ir`

/** One that takes the messages of every function which no other one takes. Errors: PLATFORM_LINK. */
export function addController(platform: Platform, kind: MsiKind): Result<Placed> {
  const wrong = refuseArch(platform, kind)
  if (wrong) return err(wrong)
  const unit = fresh(platform.msiControllers, (n) => controllerOf(kind, n))
  if (!unit) return err(refusal(`the board has its ${kind}`, 'there is one for all CPUs'))
  const taken = new Set(platform.msiControllers.flatMap((u) => u.serves))
  const serves = platform.functions.map((fn) => fn.bdf).filter((bdf) => !taken.has(bdf))
  return still({ ...platform, msiControllers: [...platform.msiControllers, { ...unit, serves }] }, unit.name)
}

/** A root bus behind the last one of its segment. Errors: PLATFORM_LINK where no bus number is left. */
export function addRoot(platform: Platform, segment: number): Result<Placed> {
  const used = [
    ...platform.roots.filter((r) => r.segment === segment).map((r) => r.bus),
    ...platform.functions.flatMap((fn) =>
      fn.bridge && addressOf(fn).segment === segment ? [fn.bridge.subordinate] : [],
    ),
  ]
  // Room for what may still be put below the one before.
  const last = Math.max(-1, ...used)
  const bus = last < 0 ? 0 : Math.min(last + 32, LAST_BUS)
  if (bus <= last) return err(refusal(`segment ${segment} has no bus number left`, 'use another segment'))
  const id = `pci${digits(segment, 4)}:${digits(bus, 2)}`
  return still({ ...platform, roots: [...platform.roots, { id, segment, bus }] }, id)
}

/** Units, controllers and empty root buses. Errors: PLATFORM_LINK, PLATFORM_UNKNOWN. */
export function removeUnit(platform: Platform, name: string): Result<Placed> {
  if (platform.iommus.some((u) => u.name === name))
    return still(
      {
        ...platform,
        iommus: platform.iommus.filter((u) => u.name !== name),
        msiControllers: platform.msiControllers.filter((u) => u.name !== irOf(name)),
      },
      '',
    )
  const controller = platform.msiControllers.find((u) => u.name === name)
  if (controller) {
    const owner = platform.iommus.find((u) => irOf(u.name) === name)
    if (owner)
      return err(
        refusal(
          `${name} is the interrupt remapping of ${owner.name}`,
          `say there that it has none, or take ${owner.name} away`,
        ),
      )
    return still({ ...platform, msiControllers: platform.msiControllers.filter((u) => u.name !== name) }, '')
  }
  const root = platform.roots.find((r) => r.id === name)
  if (!root) return err(fault('PLATFORM_UNKNOWN', `the board has no ${name}`))
  if (platform.roots.length === 1) return err(refusal(`${name} is the last root bus`, 'a board has one at least'))
  const gone = new Set(platform.functions.filter((fn) => rootOf(platform, fn.parent).id === name).map((fn) => fn.bdf))
  return still(without({ ...platform, roots: platform.roots.filter((r) => r.id !== name) }, gone), '')
}

/**
 * Whether a unit serves a function and all below it, or a root bus. A function has one IOMMU: another one gives it up, and
 * the remapping of both follows. Errors: PLATFORM_UNKNOWN, PLATFORM_LINK.
 */
export function serve(platform: Platform, unit: string, what: string, on: boolean): Result<Placed> {
  const iommu = platform.iommus.find((u) => u.name === unit)
  const controller = platform.msiControllers.find((u) => u.name === unit)
  if (!iommu && !controller) return err(fault('PLATFORM_UNKNOWN', `the board has no unit ${unit}`))
  const owner = platform.iommus.find((u) => irOf(u.name) === unit)
  if (owner) return err(refusal(`${unit} takes what ${owner.name} serves`, `connect ${owner.name} instead`))
  const names = reach(platform, what)
  if (names.size === 0) return err(fault('PLATFORM_UNKNOWN_BDF', `the board has no function ${what}`))
  const give = (serves: readonly string[], mine: boolean): string[] => {
    const rest = serves.filter((bdf) => !names.has(bdf))
    return mine && on ? [...rest, ...names].sort() : rest
  }
  const mineOr = <T extends { name: string; serves: string[] }>(
    units: readonly T[],
    one: string,
    others: boolean,
  ): T[] => units.map((u) => (u.name === one || (others && on) ? { ...u, serves: give(u.serves, u.name === one) } : u))
  if (!iommu) return still({ ...platform, msiControllers: mineOr(platform.msiControllers, unit, false) }, unit)
  const iommus = mineOr(platform.iommus, unit, true)
  const of = new Map(iommus.map((u) => [irOf(u.name), u.serves]))
  return still(
    {
      ...platform,
      iommus,
      msiControllers: platform.msiControllers.map((c) => ({ ...c, serves: of.get(c.name) ?? c.serves })),
    },
    unit,
  )
}

function reach(platform: Platform, what: string): Set<string> {
  const names = new Set<string>()
  const byBdf = new Map(platform.functions.map((f) => [f.bdf, f]))
  for (const fn of platform.functions) {
    for (let at: string | undefined = fn.bdf; at !== undefined; at = byBdf.get(at)?.parent)
      if (at === what) names.add(fn.bdf)
  }
  return names
}

/** Whether a VT-d or AMD unit can remap interrupts: its remapping comes and goes with it. */
export function setRemapping(platform: Platform, name: string, on: boolean): Result<Placed> {
  const unit = platform.iommus.find((u) => u.name === name)
  if (!unit) return err(fault('PLATFORM_UNKNOWN', `the board has no unit ${name}`))
  if (unit.kind !== 'vt-d' && unit.kind !== 'amd-vi')
    return err(refusal(`${unit.kind} does not remap interrupts`, 'its messages are translated as DMA is'))
  const others = platform.msiControllers.filter((c) => c.name !== irOf(name))
  const own: MsiController = {
    name: irOf(name),
    kind: unit.kind === 'vt-d' ? 'vt-d-ir' : 'amd-ir',
    doorbell: '0xfee00000',
    size: '0x100000',
    serves: unit.serves,
    source: unit.source,
  }
  return still(
    {
      ...platform,
      iommus: platform.iommus.map((u) => (u.name === name ? { ...u, interruptRemapping: on } : u)),
      msiControllers: on ? [...others, own] : others,
    },
    name,
  )
}
