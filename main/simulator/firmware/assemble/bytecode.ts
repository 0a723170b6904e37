/** What AML says of ports and host bridges, put where they are: by firmware's own path for a function, else by its address. */
import { parseAddress } from '../../platform/address'
import type { PciFunction, PlatformWarning, Root } from '../../platform/schema'
import { topologyOf } from '../../platform/topology'
import { readAml, type AmlAnswers, type AmlDevice } from '../aml/answers'
import { parentOf, type AmlTable } from '../aml/namespace'
import type { PciTree } from '../sysfs/functions'

/** The same tree, with `externalFacing` and `preserveConfig`, or `unknown` where the bytecode computes them. */
export function withBytecode(pci: PciTree, tables: readonly AmlTable[], warnings: PlatformWarning[]): PciTree {
  if (tables.length === 0) return pci
  const answers = readAml(tables, warnings)
  const places = placesOf(pci, answers)
  const functions = pci.functions.map((fn) => marked(fn, places.devices.get(fn.bdf)))
  const roots = pci.roots.map((root): Root => {
    const preserve = places.bridges.get(root.id)
    if (preserve === true) return { ...root, preserveConfig: true }
    return preserve === 'unknown' ? { ...root, unknown: [...(root.unknown ?? []), 'preserve-config'] } : root
  })
  return { ...pci, functions, roots }
}

/** _RST counts for every function. For the property Linux asks root ports only; where the type is not known it is kept. */
function marked(unmarked: PciFunction, device: AmlDevice | undefined): PciFunction {
  const fn = device?.reset === true ? { ...unmarked, acpiReset: true } : unmarked
  if (!device || (fn.express ? fn.express.type !== 'root-port' : !fn.unknown.includes('express'))) return fn
  if (device.externalFacing === true) return { ...fn, externalFacing: true }
  return device.externalFacing === 'unknown' ? { ...fn, unknown: [...fn.unknown, 'external-facing'].sort() } : fn
}

interface Places {
  readonly devices: ReadonlyMap<string, AmlDevice>
  readonly bridges: ReadonlyMap<string, AmlAnswers['hostBridges'][number]['preserveConfig']>
}

function placesOf(pci: PciTree, answers: AmlAnswers): Places {
  const topology = topologyOf(pci)
  const byPath = new Map(answers.devices.map((device) => [device.path, device]))
  const below = new Map<string, AmlDevice[]>()
  for (const device of answers.devices) {
    const siblings = below.get(parentOf(device.path))
    if (siblings) siblings.push(device)
    else below.set(parentOf(device.path), [device])
  }
  const bridges = new Map<string, AmlAnswers['hostBridges'][number]['preserveConfig']>()
  const paths = new Map<string, string>()
  for (const root of pci.roots) {
    const said = topology.children(root.id).find((fn) => fn.acpiPath !== undefined)?.acpiPath
    const path = said === undefined ? undefined : parentOf(said)
    const bridge = answers.hostBridges.find((one) =>
      path === undefined ? one.segment === root.segment && one.bus === root.bus : one.path === path,
    )
    if (!bridge) continue
    bridges.set(root.id, bridge.preserveConfig)
    paths.set(root.id, bridge.path)
  }
  const devices = new Map<string, AmlDevice>()
  const visit = (parent: string): void => {
    for (const fn of topology.children(parent)) {
      const above = paths.get(parent)
      const found =
        fn.acpiPath !== undefined
          ? byPath.get(fn.acpiPath)
          : above === undefined
            ? undefined
            : below.get(above)?.find((device) => device.address === addressOf(fn))
      if (!found) continue
      devices.set(fn.bdf, found)
      paths.set(fn.bdf, found.path)
      visit(fn.bdf)
    }
  }
  for (const root of pci.roots) visit(root.id)
  return { devices, bridges }
}

/** As _ADR has it: device in the upper half, function in the lower. */
function addressOf(fn: PciFunction): number {
  const { device = 0, function: number = 0 } = parseAddress(fn.bdf) ?? {}
  return device * 0x10000 + number
}
