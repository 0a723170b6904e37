/**
 * What a kernel was seen to do on a machine: IOMMU groups with their types and reserved regions, whom each IOMMU unit
 * serves, how it would reset each function.
 * Never an input of a plan; a plan is compared with it.
 */
import { z } from 'zod'
import { Hex } from './schema'

export const ObservedRegion = z.object({
  start: Hex,
  /** Inclusive. */
  end: Hex,
  /** sysfs's word: direct, direct-relaxable, reserved, msi. */
  type: z.string(),
})

export const ObservedGroup = z.object({
  id: z.number().int(),
  /** PCI addresses in full (`0000:01:00.0`), other devices by their name (`ff6000000.qman-portal`); in order of name. */
  devices: z.array(z.string()),
  /** sysfs's word: DMA, DMA-FQ, identity, blocked, unmanaged. */
  type: z.string().optional(),
  /** In the kernel's order. */
  reserved: z.array(ObservedRegion).optional(),
})

export const Observations = z.object({
  /** In order of id. */
  groups: z.array(ObservedGroup),
  /** IOMMU units by sysfs's name, and whom each was seen to serve. */
  units: z.array(z.object({ name: z.string(), devices: z.array(z.string()) })).default([]),
  /** Reserved regions of which the input does not say whose they are, or of a device whose group it does not name. */
  loose: z.array(z.object({ device: z.string().optional(), reserved: z.array(ObservedRegion) })).default([]),
  /** sysfs's `reset_method` of each function; functions without the file are left out. In order of address. */
  resets: z.array(z.object({ device: z.string(), methods: z.array(z.string()) })).default([]),
  /** "Default domain type" of the boot log: Translated, Passthrough. */
  defaultDomain: z.string().optional(),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })).default([]),
})

export type ObservedRegion = z.infer<typeof ObservedRegion>
export type ObservedGroup = z.infer<typeof ObservedGroup>
export type Observations = z.infer<typeof Observations>

/** Whether anything was seen at all. */
export const isEmpty = (seen: Observations): boolean =>
  seen.groups.length === 0 && seen.units.length === 0 && seen.loose.length === 0

/** The group of a device; undefined where none was seen. */
export const groupOf = (seen: Observations, device: string): ObservedGroup | undefined =>
  seen.groups.find((group) => group.devices.includes(device))
