/**
 * Can a mediated virtual device of the idxd kind (a slice of a function with its own PASID, interrupts from an interrupt
 * message store) be put under this function, and how would its message travel on this platform?
 */
import { err, fault, nearest, ok, type Fault, type Result } from '../faults'
import { formatAddress, formatRequester, parseAddress, requesterId } from './address'
import { checkPlatform } from './check'
import type { Iommu, MsiController, PciFunction, Platform } from './schema'
import { topologyOf, type Topology } from './topology'

export interface Placement {
  /** Name of the IOMMU unit. */
  readonly iommu: string
  /** Name of the MSI controller that takes the message first: the remapping unit where there is one. */
  readonly msiController: string
  /** Hop by hop, for a person: from the function to the CPU. */
  readonly route: string[]
  /** What the model takes for granted though the platform does not say so, or says otherwise. */
  readonly warnings: Fault[]
}

const ECAP_SCALABLE_MODE = 43n
const ECAP_PASID = 40n
const EFR_GUEST_TRANSLATION = 4n

/**
 * Faults: PLATFORM_INVALID, PLATFORM_UNKNOWN_BDF (with the nearest address as a hint), PLATFORM_NOT_PLACEABLE.
 * Warning codes: PLACE_CONFIG_UNKNOWN, PLACE_NO_PASID, PLACE_NO_SCALABLE_MODE, PLACE_NO_REMAPPING, PLACE_NO_IMS,
 * PLACE_UNIT_OFF.
 */
export function placeable(platform: Platform, bdf: string): Result<Placement> {
  const problem = checkPlatform(platform)[0]
  if (problem)
    return err(fault('PLATFORM_INVALID', `platform ${platform.name}: ${problem.path.join('.')}: ${problem.message}`))
  const topology = topologyOf(platform)
  const found = findFunction(platform, topology, bdf)
  if (!found.ok) return found
  const fn = found.value
  if (fn.headerType !== 0)
    return err(
      fault('PLATFORM_NOT_PLACEABLE', `${fn.bdf} is a bridge (${kindOf(fn)}): it has no work queues to share`, {
        hint: hintEndpoint(platform, topology, fn),
      }),
    )
  const iommu = platform.iommus.find((unit) => unit.serves.includes(fn.bdf))
  if (!iommu) return err(notServed(platform, fn))
  const controller = controllerOf(platform, fn.bdf)
  if (!controller)
    return err(
      fault('PLATFORM_NOT_PLACEABLE', `${fn.bdf}: no MSI controller takes its messages`, {
        hint: platform.unknown.includes('msi-controllers')
          ? 'the input could not tell: capture the machine again as root'
          : 'a platform file names whom each of its msiControllers serves',
      }),
    )
  return ok({
    iommu: iommu.name,
    msiController: controller.name,
    route: routeOf(fn, iommu, controller, topology),
    warnings: assumptions(platform, fn, iommu, controller),
  })
}

/** The controller that takes a function's message first: a remapping unit before the local APICs behind it. */
export function controllerOf(platform: Platform, bdf: string): MsiController | undefined {
  const serving = platform.msiControllers.filter((controller) => controller.serves.includes(bdf))
  return serving.find((controller) => controller.kind !== 'x86-apic') ?? serving[0]
}

function findFunction(platform: Platform, topology: Topology, text: string): Result<PciFunction> {
  const address = parseAddress(text)
  const bdf = address ? formatAddress(address) : text
  const fn = topology.find(bdf)
  if (fn) return ok(fn)
  const near = nearest(
    bdf,
    platform.functions.map((other) => other.bdf),
  )
  return err(
    fault('PLATFORM_UNKNOWN_BDF', `${platform.name} has no function ${text}`, {
      hint: near === undefined ? 'the topology panel lists its functions' : `did you mean ${near}?`,
    }),
  )
}

function hintEndpoint(platform: Platform, topology: Topology, bridge: PciFunction): string {
  const below = topology.below(bridge).find((fn) => fn.headerType === 0)
  const any = below ?? platform.functions.find((fn) => fn.headerType === 0)
  return any ? `place it under an endpoint, such as ${any.bdf}` : 'this platform has no endpoint'
}

function notServed(platform: Platform, fn: PciFunction): Fault {
  const unknown = platform.unknown.includes('iommus')
  return fault(
    'PLATFORM_NOT_PLACEABLE',
    unknown
      ? `${fn.bdf}: which IOMMU unit serves it is not known, so neither is whether it can have a PASID domain`
      : `${fn.bdf} is served by no IOMMU unit, so it can have no PASID domain`,
    {
      hint: unknown
        ? 'firmware tables are missing or damaged in the input: capture the machine again as root'
        : platform.iommus.length === 0
          ? 'this platform has no IOMMU'
          : `served functions are listed with ${platform.iommus.map((unit) => unit.name).join(', ')}`,
    },
  )
}

function assumptions(platform: Platform, fn: PciFunction, iommu: Iommu, controller: MsiController): Fault[] {
  const warnings: Fault[] = []
  const add = (code: Fault['code'], message: string): void => {
    warnings.push(fault(code, message))
  }
  const unknown = (name: string): boolean => fn.unknown.includes(name)
  if (fn.configSize < 4096 && (unknown('pasid') || unknown('siov')))
    add(
      'PLACE_CONFIG_UNKNOWN',
      `${fn.bdf}: only ${fn.configSize} bytes of configuration space are known; the model assumes PASID and IMS`,
    )
  else if (!fn.pasid) add('PLACE_NO_PASID', `${fn.bdf} has no PASID capability; the model assumes one`)
  if (!unknown('siov') && fn.siov?.ims !== true)
    add(
      'PLACE_NO_IMS',
      fn.siov
        ? `${fn.bdf} says that it has no interrupt message store (SIOV capability bit 0); the model assumes one`
        : `${fn.bdf} has no scalable I/O virtualisation capability; the model assumes an interrupt message store`,
    )
  const pasidUnit = unitHasPasids(iommu)
  if (pasidUnit === false)
    add(
      'PLACE_NO_SCALABLE_MODE',
      `${iommu.name} does not translate by PASID (its capability registers); the model assumes it does`,
    )
  const cmdline = (platform.kernel.cmdline ?? '').split(/\s+/)
  const off = cmdline.find((word) => /^(iommu=off|(intel|amd)_iommu=([^ ]*,)?off)\b/.test(word))
  if (off !== undefined)
    add('PLACE_UNIT_OFF', `the recorded command line says ${off}; the model assumes that ${iommu.name} translates`)
  addRemapping(platform, iommu, controller, cmdline, add)
  return warnings
}

function addRemapping(
  platform: Platform,
  iommu: Iommu,
  controller: MsiController,
  cmdline: readonly string[],
  add: (code: Fault['code'], message: string) => void,
): void {
  if (controller.kind === 'gicv2m')
    add(
      'PLACE_NO_REMAPPING',
      `${controller.name} takes any write to its frame from any device: the requester is not checked`,
    )
  if (platform.arch !== 'x86') return
  const off = cmdline.find((word) => /^(intremap=off|nointremap)\b/.test(word))
  if (off !== undefined)
    add('PLACE_NO_REMAPPING', `the recorded command line says ${off}; the model assumes interrupt remapping`)
  else if (iommu.interruptRemapping === undefined)
    add('PLACE_NO_REMAPPING', `whether ${iommu.name} remaps interrupts is not known; the model assumes it`)
  else if (!iommu.interruptRemapping || controller.kind === 'x86-apic')
    add('PLACE_NO_REMAPPING', `${iommu.name} does not remap interrupts here; the model assumes it`)
}

/** From the capability registers, where they are known. */
function unitHasPasids(iommu: Iommu): boolean | undefined {
  const bit = (register: string, at: bigint): boolean | undefined => {
    const value = iommu.registers[register]
    return value === undefined ? undefined : ((BigInt(value) >> at) & 1n) === 1n
  }
  if (iommu.kind === 'vt-d') {
    const scalable = bit('ECAP_REG', ECAP_SCALABLE_MODE)
    return scalable === undefined ? undefined : scalable && bit('ECAP_REG', ECAP_PASID) === true
  }
  if (iommu.kind === 'amd-vi') return bit('EFR', EFR_GUEST_TRANSLATION)
  return iommu.kind === 'virtio-iommu' || iommu.kind === 'pamu' ? false : undefined
}

const kindOf = (fn: PciFunction): string =>
  fn.express?.type.replaceAll('-', ' ') ?? (fn.headerType === 2 ? 'CardBus bridge' : 'PCI bridge')

function routeOf(fn: PciFunction, iommu: Iommu, controller: MsiController, topology: Topology): string[] {
  const rid = formatRequester(requesterId(topology.address(fn)))
  const route = [`${fn.bdf} writes the message, requester ID ${rid}`]
  for (const bridge of topology.bridgesAbove(fn)) {
    const takes = bridge.express?.type === 'pcie-to-pci-bridge' || bridge.express === undefined
    const carries = takes ? ', which puts its own requester ID on it' : ''
    route.push(`${kindOf(bridge)} ${bridge.bdf}${carries}`)
  }
  const root = topology.root(fn)
  if (root.behind !== undefined) route.push(`${root.behind}, under whose requester ID it goes on`)
  const window = controller.doorbell ?? 'its doorbell'
  switch (controller.kind) {
    case 'vt-d-ir':
      route.push(`IOMMU unit ${iommu.name}: a write without PASID to 0xfeexxxxx is an interrupt request, not DMA`)
      route.push(`${controller.name}: the handle selects an IRTE, which checks the requester ID`)
      route.push('local APIC of the CPU that the IRTE names')
      break
    case 'amd-ir':
      route.push(`IOMMU unit ${iommu.name}: a write to 0xfeexxxxx is an interrupt request`)
      route.push(`${controller.name}: the requester ID selects a remapping table, the data its entry`)
      route.push('local APIC of the CPU that the entry names')
      break
    case 'x86-apic':
      route.push(`${iommu.name} lets it pass unchecked: the window at ${window} is not translated`)
      route.push('local APIC of the CPU that the address names')
      break
    case 'gicv3-its':
      route.push(`IOMMU unit ${iommu.name} translates the doorbell's address`)
      route.push(`${controller.name}: write to GITS_TRANSLATER at ${window}; DeviceID and EventID select an LPI`)
      route.push('redistributor of the CPU that the collection names')
      break
    case 'gicv2m':
      route.push(`IOMMU unit ${iommu.name} translates the doorbell's address`)
      route.push(`${controller.name}: write of an SPI number to SETSPI_NS at ${window}, from whomever`)
      route.push('GIC distributor and the CPU that the SPI is routed to')
      break
    case 'mpic':
      route.push(`IOMMU unit ${iommu.name} maps the MSI bank through a sub-window`)
      route.push(`${controller.name}: write to MSIIR at ${window} selects one of the bank's interrupts`)
      route.push('CPU that the interrupt is routed to')
      break
  }
  return route
}
