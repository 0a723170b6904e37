/**
 * lspci without -n prints names instead of numbers. For the few devices whose number decides isolation, the name of the
 * PCI ID database says enough: a representative number of the same family.
 */
import type { PciFunction } from '../platform/schema'

const INTEL = 0x8086

const FAMILIES: readonly (readonly [RegExp, number])[] = [
  [/5 Series\/3400 Series Chipset.*PCI Express Root Port/, 0x3b42],
  [/6 Series\/C200 Series Chipset.*PCI Express Root Port/, 0x1c10],
  [/7 Series\/C216 Chipset.*PCI Express Root Port/, 0x1e10],
  [/8 Series\/C220 Series Chipset.*PCI Express Root Port/, 0x8c10],
  [/8 Series PCI Express Root Port/, 0x9c10],
  [/Wildcat Point-LP PCI Express Root Port/, 0x9c90],
  [/C600\/X79 series chipset PCI Express Root Port/, 0x1d10],
  [/C610\/X99 series chipset PCI Express Root Port/, 0x8d10],
  [/9 Series Chipset Family PCI Express Root Port/, 0x8c90],
  [/\bI350\b/, 0x1521],
  [/\b82576\b/, 0x10c9],
  [/\b82580\b/, 0x150e],
  [/\b82599/, 0x10fb],
  [/\b82598/, 0x10c6],
  [/\b82571/, 0x105e],
]

export interface Identity {
  readonly vendor: number
  readonly device: number
  /** Read off the name. */
  readonly byName: boolean
}

export function identityOf(fn: PciFunction): Identity {
  if (!fn.unknown.includes('device') || fn.name === undefined)
    return { vendor: fn.vendor, device: fn.device, byName: false }
  const name = fn.name
  const device = /\bIntel\b/.test(name) ? FAMILIES.find(([pattern]) => pattern.test(name))?.[1] : undefined
  if (device !== undefined) return { vendor: INTEL, device, byName: true }
  return { vendor: /\bIntel\b/.test(name) ? INTEL : fn.vendor, device: fn.device, byName: false }
}
