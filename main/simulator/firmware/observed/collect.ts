/** Gathers what lines and files say of groups: a device is in one group, and the last word on it counts. */
import { formatAddress, hex, parseAddress } from '../../platform/address'
import type { Observations, ObservedRegion } from '../../platform/observations'
import { byCodePoint } from '../tree'

/** Ids are small and dense in Linux; devices and regions of a real machine are far fewer. */
const GROUP_LIMIT = 1_000_000
const LIMIT = 1_000_000

export class Collected {
  private readonly groupOf = new Map<string, number>()
  private readonly ids = new Set<number>()
  private readonly types = new Map<number, string>()
  private readonly regions = new Map<string, ObservedRegion[]>()
  private readonly units = new Map<string, Set<string>>()
  private readonly resets = new Map<string, string[]>()
  private readonly warnings: Observations['warnings'] = []
  defaultDomain: string | undefined

  group(id: number): void {
    if (id < GROUP_LIMIT) this.ids.add(id)
  }

  /** Puts a device into a group, and takes it out of the one that it was in. */
  add(id: number, device: string): void {
    if (id >= GROUP_LIMIT || this.groupOf.size >= LIMIT) return
    this.ids.add(id)
    this.groupOf.set(fullName(device), id)
  }

  remove(device: string): void {
    this.groupOf.delete(fullName(device))
  }

  /** All that is known of devices so far belongs to a boot before. */
  startAgain(): void {
    this.groupOf.clear()
    this.ids.clear()
  }

  groupOfDevice(device: string): number | undefined {
    return this.groupOf.get(fullName(device))
  }

  hasDevices(): boolean {
    return this.groupOf.size > 0
  }

  type(id: number, word: string): void {
    this.group(id)
    this.types.set(id, word)
  }

  /** `place` tells whose region it is: see `groupPlace` and `devicePlace`; empty when nothing does. */
  region(place: string, region: ObservedRegion): void {
    const known = this.regions.get(place) ?? []
    this.regions.set(place, known)
    const again = known.some(
      (other) => other.start === region.start && other.end === region.end && other.type === region.type,
    )
    if (!again && known.length < 256) known.push(region)
  }

  serves(unit: string, device: string): void {
    const known = this.units.get(unit) ?? new Set()
    this.units.set(unit, known.add(fullName(device)))
  }

  /** The words of a `reset_method` file. */
  reset(device: string, words: string): void {
    const methods = words.split(/\s+/).filter((word) => /^[a-z_]{1,20}$/.test(word))
    if (methods.length > 0 && this.resets.size < LIMIT) this.resets.set(fullName(device), methods.slice(0, 16))
  }

  warn(code: string, message: string): void {
    if (this.warnings.length < 100) this.warnings.push({ code, message })
  }

  result(): Observations {
    const devices = new Map<number, string[]>([...this.ids].map((id) => [id, []]))
    for (const [device, id] of this.groupOf) devices.get(id)?.push(device)
    const loose: Observations['loose'] = []
    for (const [place, reserved] of this.regions) {
      const device = place.startsWith(DEVICE) ? place.slice(DEVICE.length) : undefined
      const id = device === undefined ? groupOfPlace(place) : this.groupOf.get(device)
      if (id === undefined) loose.push({ ...(device === undefined ? {} : { device }), reserved })
      else if (!this.regions.has(groupPlace(id)) || place === groupPlace(id)) {
        this.ids.add(id)
        if (!devices.has(id)) devices.set(id, [])
        this.regions.set(groupPlace(id), reserved)
      }
    }
    const groups = [...devices]
      .sort((a, b) => a[0] - b[0])
      .map(([id, members]) => {
        const type = this.types.get(id)
        const reserved = this.regions.get(groupPlace(id))
        return {
          id,
          devices: members.sort(byCodePoint),
          ...(type === undefined ? {} : { type }),
          ...(reserved ? { reserved } : {}),
        }
      })
      // A group that lost every device to another one is gone; one that is only named has something to say.
      .filter(({ devices: members, type, reserved }) => members.length > 0 || type !== undefined || reserved)
    const units = [...this.units].map(([name, served]) => ({ name, devices: [...served].sort(byCodePoint) }))
    return {
      groups,
      units: units.sort((a, b) => byCodePoint(a.name, b.name)),
      loose,
      resets: [...this.resets]
        .map(([device, methods]) => ({ device, methods }))
        .sort((a, b) => byCodePoint(a.device, b.device)),
      ...(this.defaultDomain === undefined ? {} : { defaultDomain: this.defaultDomain }),
      warnings: this.warnings,
    }
  }
}

const GROUP = 'group '
const DEVICE = 'device '
export const groupPlace = (id: number): string => `${GROUP}${id}`
export const devicePlace = (device: string): string => `${DEVICE}${fullName(device)}`
const groupOfPlace = (place: string): number | undefined =>
  place.startsWith(GROUP) ? Number(place.slice(GROUP.length)) : undefined

/** `01:00.0` → `0000:01:00.0`; every other name stays. */
export function fullName(device: string): string {
  const address = parseAddress(device)
  return address ? formatAddress(address) : device.slice(0, 200)
}

const REGION = /(?:^|[\s:])0x([0-9a-f]{1,16})\s+0x([0-9a-f]{1,16})\s+(direct-relaxable|direct|reserved|msi)\s*$/i

/** A line of a reserved_regions file, also behind `path:` as grep prints it. */
export function regionOf(line: string): ObservedRegion | undefined {
  const match = REGION.exec(line)
  if (!match) return undefined
  const [, start = '0', end = '0', type = ''] = match
  return { start: hex(BigInt(`0x${start}`)), end: hex(BigInt(`0x${end}`)), type: type.toLowerCase() }
}

export const isDomainType = (word: string): boolean => /^(?:DMA|DMA-FQ|identity|blocked|unmanaged)$/.test(word)
