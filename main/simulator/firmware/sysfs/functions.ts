/** sysfs → PCI functions and root buses of a platform. */
import { assert, err, fault, ok, type Result } from '../../faults'
import { digits, parseAddress } from '../../platform/address'
import type { PciFunction, PlatformWarning, Root } from '../../platform/schema'
import { decodeConfigSpace, type ConfigSpace } from '../config-space/decode'
import type { Files } from '../tree'
import { warning } from '../warnings'
import { functionAboveRoot, locateFunctions, type Located } from './locate'

export interface PciTree {
  readonly roots: Root[]
  readonly functions: PciFunction[]
  /** What sysfs calls the device above a root bus: `4010000000.pcie`. */
  readonly hostDevice: ReadonlyMap<string, string>
}

export function readPciTree(files: Files, warnings: PlatformWarning[]): Result<PciTree> {
  const located = locateFunctions(files)
  if (located.length === 0)
    return err(
      fault('CAPTURE_NO_PCI', 'no PCI function under sys/devices or sys/bus/pci/devices', {
        hint: 'make the capture with resources/capture.sh on the machine itself',
      }),
    )
  const functions = located.map((at) => readFunction(files, at, warnings))
  const roots = new Map<string, Root>()
  const hostDevice = new Map<string, string>()
  guessParents(located, functions, warnings)
  settleParents(functions, located, warnings)
  for (const [i, fn] of functions.entries()) {
    const at = located[i]
    assert(at, 'functions stand in the order of what was located')
    const id = rootOf(fn, functions, at)
    if (roots.has(id)) continue
    const [segment = '', bus = ''] = id.slice(3).split(':')
    const behind = at.above ? functionAboveRoot(at.folder) : undefined
    roots.set(id, { id, segment: parseInt(segment, 16), bus: parseInt(bus, 16), ...(behind ? { behind } : {}) })
    const parts = at.folder.split('/')
    const above = parts[parts.indexOf(id) - 1]
    if (at.above && above !== undefined && behind === undefined && above !== 'devices') hostDevice.set(id, above)
  }
  return ok({ roots: [...roots.values()].sort(byPlace), functions, hostDevice })
}

const byPlace = (a: Root, b: Root): number => a.segment - b.segment || a.bus - b.bus

function rootOf(fn: PciFunction, functions: readonly PciFunction[], at: Located): string {
  if (at.above?.[0] !== undefined) return at.above[0]
  let id = fn.parent
  for (let hops = 0; !id.startsWith('pci') && hops < functions.length; hops++)
    id = functions.find((other) => other.bdf === id)?.parent ?? id
  return id
}

function readFunction(files: Files, at: Located, warnings: PlatformWarning[]): PciFunction {
  const { bdf, folder } = at
  const file = `${folder}/config`
  const { space, warnings: odd } = decodeConfigSpace(files.bytes(file) ?? new Uint8Array(), file)
  warnings.push(...odd)
  /** Attribute files come first: a virtual function's configuration space has all ones for its ids. */
  const number: ReadNumber = (name, most, fallback) =>
    readNumber(files, `${folder}/${name}`, most, warnings) ?? fallback
  const kind = number('class', 0xffffff, space.class) ?? 0
  const header = space.headerType ?? headerFromClass(files, folder, kind)
  const subsystem = readSubsystem(number, space)
  const numaNode = number('numa_node', 0xffff, undefined)
  const dmaMaskBits = number('dma_mask_bits', 64, undefined)
  const driver = files.linkName(`${folder}/driver`)
  const physfn = files.linkName(`${folder}/physfn`)
  const acpiPath = files.text(`${folder}/firmware_node/path`)
  const revision = number('revision', 0xff, space.revision)
  return {
    bdf,
    parent: at.above?.at(-1) ?? '',
    vendor: number('vendor', 0xffff, space.vendor) ?? 0xffff,
    device: number('device', 0xffff, space.device) ?? 0xffff,
    class: kind,
    ...(revision === undefined ? {} : { revision }),
    ...(subsystem ? { subsystem } : {}),
    headerType: header,
    multifunction: space.multifunction ?? false,
    configSize: space.size,
    ...busNumbers(number, space, header),
    ...(space.busMaster === undefined ? {} : { busMaster: space.busMaster }),
    ...(space.interruptPin === undefined ? {} : { interruptPin: space.interruptPin }),
    ...capabilities(space),
    ...(driver === undefined ? {} : { driver }),
    ...(physfn !== undefined && parseAddress(physfn) ? { physfn } : {}),
    ...(numaNode === undefined ? {} : { numaNode }),
    ...(dmaMaskBits === undefined ? {} : { dmaMaskBits }),
    ...(acpiPath === undefined ? {} : { acpiPath }),
    unknown: space.headerType === undefined ? ['header-type', ...space.unknown] : space.unknown,
  }
}

type ReadNumber = (name: string, most: number, fallback: number | undefined) => number | undefined

function capabilities(space: ConfigSpace): Partial<PciFunction> {
  const { express, msi, msix, pm, af, acs, ari, ats, pri, pasid, sriov, siov, cxlPort, registers } = space
  const all = { express, msi, msix, pm, af, acs, ats, pri, pasid, sriov, siov, cxlPort, ari, registers }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function readSubsystem(number: ReadNumber, space: ConfigSpace): PciFunction['subsystem'] {
  const vendor = number('subsystem_vendor', 0xffff, space.subsystem?.vendor)
  const device = number('subsystem_device', 0xffff, space.subsystem?.device)
  return vendor === undefined || device === undefined ? undefined : { vendor, device }
}

/** The kernel's bus numbers, where it tells them, are those it used; the register may be stale. */
function busNumbers(number: ReadNumber, space: ConfigSpace, header: number): Pick<PciFunction, 'bridge'> {
  if (header === 0) return {}
  const secondary = number('secondary_bus_number', 0xff, space.bridge?.secondary)
  const subordinate = number('subordinate_bus_number', 0xff, space.bridge?.subordinate)
  if (secondary === undefined || subordinate === undefined) return {}
  return { bridge: { primary: space.bridge?.primary ?? 0, secondary, subordinate } }
}

function headerFromClass(files: Files, folder: string, kind: number): 0 | 1 | 2 {
  if (kind >>> 8 === 0x0607) return 2
  return kind >>> 8 === 0x0604 || files.has(`${folder}/secondary_bus_number`) ? 1 : 0
}

/** `0x8086`, `255`, `-1` (the kernel's "none": unknown); a value of another form is a warning and unknown. */
function readNumber(files: Files, path: string, most: number, warnings: PlatformWarning[]): number | undefined {
  const text = files.text(path)
  if (text === undefined || text === '' || text === '-1') return undefined
  if (/^(?:0x[0-9a-f]{1,8}|[0-9]{1,9})$/i.test(text) && Number(text) <= most) return Number(text)
  warnings.push(warning('CAPTURE_BAD_VALUE', `not a number up to ${most}: "${text.slice(0, 40)}"`, { file: path }))
  return undefined
}

/** Without device paths: a function sits below the bridge whose secondary bus is its own bus, else on a root bus. */
function guessParents(located: readonly Located[], functions: PciFunction[], warnings: PlatformWarning[]): void {
  const without = located.filter((at) => !at.above)
  if (without.length === 0) return
  warnings.push(
    warning(
      'TOPOLOGY_GUESSED',
      `no device path for ${without.length} of ${located.length} functions: their place follows from bridge bus numbers`,
    ),
  )
  const bridgeOf = new Map<string, string>()
  for (const fn of functions) {
    const address = parseAddress(fn.bdf)
    if (fn.bridge && address && fn.bridge.secondary > address.bus)
      bridgeOf.set(`${address.segment}:${fn.bridge.secondary}`, fn.bdf)
  }
  for (const fn of functions) {
    if (fn.parent !== '') continue
    const address = parseAddress(fn.bdf)
    assert(address, 'only PCI addresses are located')
    const root = `pci${digits(address.segment, 4)}:${digits(address.bus, 2)}`
    fn.parent = bridgeOf.get(`${address.segment}:${address.bus}`) ?? root
  }
}

/**
 * Makes one tree of what a damaged capture may have left: a parent that is missing or that would be its own ancestor
 * gives way to the next one above that is there; a function that has others below is a bridge, whatever its header says.
 */
function settleParents(functions: PciFunction[], located: readonly Located[], warnings: PlatformWarning[]): void {
  const byBdf = new Map(functions.map((fn) => [fn.bdf, fn]))
  const settled = new Set<string>()
  for (const [i, fn] of functions.entries()) {
    const above = located[i]?.above ?? [fn.parent]
    const usable = above.findLast(
      (name) => name.startsWith('pci') || (byBdf.has(name) && !isBelow(name, fn.bdf, byBdf)),
    )
    const parent = usable ?? `pci${fn.bdf.slice(0, fn.bdf.lastIndexOf(':'))}`
    if (parent !== fn.parent) {
      warnings.push(
        warning('TOPOLOGY_GUESSED', `${fn.bdf}: ${fn.parent} above it cannot be; taken to be below ${parent}`),
      )
      fn.parent = parent
    }
    settled.add(parent)
  }
  for (const name of settled) {
    const bridge = byBdf.get(name)
    if (bridge?.headerType !== 0) continue
    bridge.headerType = 1
    warnings.push(
      warning('TOPOLOGY_GUESSED', `${name} has functions below it, so it is a bridge; its header says otherwise`),
    )
  }
}

/** Whether `name` is `bdf` or hangs below it. */
function isBelow(name: string, bdf: string, byBdf: ReadonlyMap<string, PciFunction>): boolean {
  let up: string | undefined = name
  for (let hops = 0; up !== undefined && hops <= byBdf.size; hops++) {
    if (up === bdf) return true
    up = byBdf.get(up)?.parent
  }
  return up !== undefined // went round without end
}
