/**
 * The three things that firmware's bytecode decides about devices: which root ports lead out of the machine (device
 * property ExternalFacingPort, Linux drivers/pci/pci-acpi.c pci_acpi_set_external_facing), whether a host bridge's
 * configuration must be kept (_DSM function 5, pci_acpi_preserve_config), and which functions it can reset (_RST).
 */
import type { PlatformWarning } from '../../platform/schema'
import { constantOf, isText, resultOf, UNKNOWN, type Data } from './evaluate'
import { namespaceOf, type AmlTable, type Namespace } from './namespace'

/** "unknown": the bytecode computes it. */
export type Answer = boolean | 'unknown'

export interface AmlDevice {
  /** `\_SB_.PCI0.RP01`. */
  readonly path: string
  /** _ADR: device 31:16, function 15:0; undefined when absent or computed. */
  readonly address: number | undefined
  readonly externalFacing: Answer
  /** It has a _RST method, by which Linux can reset the function (drivers/pci/pci-acpi.c pci_dev_acpi_reset). */
  readonly reset: boolean
}

export interface AmlHostBridge {
  readonly path: string
  /** _SEG and _BBN; 0 where absent, undefined where computed. */
  readonly segment: number | undefined
  readonly bus: number | undefined
  readonly preserveConfig: Answer
}

export interface AmlAnswers {
  readonly devices: readonly AmlDevice[]
  readonly hostBridges: readonly AmlHostBridge[]
}

export function readAml(tables: readonly AmlTable[], warnings: PlatformWarning[]): AmlAnswers {
  const space = namespaceOf(tables, warnings)
  const paths = [...space.devices]
  return {
    devices: paths.map((path) => ({
      path,
      address: numberOf(space, `${path}._ADR`),
      externalFacing: externalFacing(space, path),
      reset: has(space, `${path}._RST`),
    })),
    hostBridges: paths
      .filter((path) => isHostBridge(space, path))
      .map((path) => ({
        path,
        segment: has(space, `${path}._SEG`) ? numberOf(space, `${path}._SEG`) : 0,
        bus: has(space, `${path}._BBN`) ? numberOf(space, `${path}._BBN`) : 0,
        preserveConfig: preserveConfig(space, path),
      })),
  }
}

const has = (space: Namespace, path: string): boolean => space.names.has(path) || space.methods.has(path)

/** A named value, or what a method without arguments returns. */
const dataOf = (space: Namespace, path: string): Data | undefined =>
  space.names.has(path) ? constantOf(space, path) : resultOf(space, path, [])

function numberOf(space: Namespace, path: string): number | undefined {
  const data = dataOf(space, path)
  return typeof data === 'number' ? data : undefined
}

/** PNP0A03 and PNP0A08 as compressed EISA ids (big-endian in memory), or as text. */
const HOST_BRIDGE_IDS = [0x030ad041, 0x080ad041]

function isHostBridge(space: Namespace, path: string): boolean {
  const ids = [dataOf(space, `${path}._HID`), dataOf(space, `${path}._CID`)].flatMap((data) =>
    Array.isArray(data) ? (data as readonly Data[]) : data === undefined ? [] : [data],
  )
  return ids.some(
    (id) => (typeof id === 'number' && HOST_BRIDGE_IDS.includes(id)) || (isText(id) && /^PNP0A0[38]$/.test(id.text)),
  )
}

/** As it stands in memory: the first three fields little-endian. */
function guid(text: string): Uint8Array {
  const bytes = text.replaceAll('-', '').match(/../g) ?? []
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
  return Uint8Array.from(order, (i) => parseInt(bytes[i] ?? '', 16))
}

/** Linux takes a property under any of these (drivers/acpi/property.c prp_guids). */
const PROPERTY_GUIDS = [
  'daffd814-6eba-4d8c-8a91-bc9bbf4aa301', // device properties
  '6211e2c0-58a3-4af3-90e1-927a4e0c55a4', // hotplug in D3
  'efcc06cc-73ac-4bc3-bff0-76143807c389', // external facing port
  'c44d002f-69f9-4e7d-a904-a7baabdf43f7', // Thunderbolt IMR_VALID
  '6c501103-c189-4296-ba72-9bf5a26ebe5d', // Thunderbolt WAKE_SUPPORTED
  '5025030f-842f-4ab4-a561-99a5189762d0', // storage needs D3
].map(guid)
const PROPERTY = 'ExternalFacingPort'

function externalFacing(space: Namespace, device: string): Answer {
  const path = `${device}._DSD`
  if (!has(space, path)) return space.unclear.has(device) ? UNKNOWN : false
  const data = dataOf(space, path)
  const found = Array.isArray(data) ? propertyIn(data as readonly Data[]) : data === UNKNOWN ? UNKNOWN : false
  // What cannot be computed cannot hold the property either, unless its name stands in the bytes.
  return found === UNKNOWN && !mentions(space, path) ? false : found
}

function propertyIn(list: readonly Data[]): Answer {
  let unclear = false
  for (let i = 0; i + 1 < list.length; i += 2) {
    const [id, properties] = [list[i], list[i + 1]]
    if (id === UNKNOWN || properties === UNKNOWN) unclear = true
    if (!(id instanceof Uint8Array) || !Array.isArray(properties)) continue
    if (!PROPERTY_GUIDS.some((known) => known.every((byte, at) => byte === id[at]))) continue
    for (const property of properties as readonly Data[]) {
      if (!Array.isArray(property)) continue
      const [name, value] = property as readonly Data[]
      if (!isText(name) || name.text !== PROPERTY) continue
      return value === UNKNOWN ? UNKNOWN : typeof value === 'number' && value !== 0
    }
  }
  return unclear ? UNKNOWN : false
}

function mentions(space: Namespace, path: string): boolean {
  const piece = space.names.get(path) ?? space.methods.get(path)
  if (!piece) return false
  const bytes = piece.data.subarray(piece.start, piece.end)
  const word = [...PROPERTY].map((letter) => letter.charCodeAt(0))
  for (let at = bytes.indexOf(word[0] ?? 0); at >= 0; at = bytes.indexOf(word[0] ?? 0, at + 1))
    if (word.every((byte, i) => bytes[at + i] === byte)) return true
  // A method can call another one, or return a name, that holds it.
  return space.methods.has(path)
}

const PCI_DSM = guid('e5c937d0-3553-4d7a-9117-ea4d19c3434d')

/** Linux asks revision 1, function 5; 0 as an integer means keep, everything else means nothing. */
function preserveConfig(space: Namespace, bridge: string): Answer {
  const path = `${bridge}._DSM`
  if (!space.methods.has(path)) return space.unclear.has(bridge) ? UNKNOWN : false
  const result = resultOf(space, path, [PCI_DSM, 1, 5, []])
  return result === UNKNOWN ? UNKNOWN : result === 0
}
