/** What an IVRS table says (AMD I/O Virtualization specification, chapter 5), as data. */
import { z } from 'zod'

const Hex64 = z.string().regex(/^0x[0-9a-f]{1,16}$/)

/** A device entry inside an IVHD block. Device ids are requester IDs (bus:device.function) of the block's segment. */
export const IvhdEntry = z.object({
  offset: z.number(),
  kind: z.enum([
    'pad',
    'all',
    'select',
    'range-start',
    'range-end',
    'alias-select',
    'alias-range-start',
    'extended-select',
    'extended-range-start',
    'special',
    'acpi-hid',
    'unknown',
  ]),
  type: z.number(),
  deviceId: z.number(),
  /** Data setting byte: 0 INIT pass, 1 EINT pass, 2 NMI pass, 5:4 system management, 6 LINT0, 7 LINT1. */
  data: z.number(),
  /** Alias entries: the requester ID that appears on the bus. */
  sourceId: z.number().optional(),
  /** Extended entries: bit 31 ATS disabled. */
  extended: z.number().optional(),
  /** Special devices: I/O APIC id or HPET number, its requester ID, and which of them. */
  special: z
    .object({
      handle: z.number(),
      sourceId: z.number(),
      variety: z.enum(['ioapic', 'hpet', 'unknown']),
      code: z.number(),
    })
    .optional(),
  acpi: z
    .object({ hid: z.string(), cid: z.string(), uidType: z.number(), uid: z.union([z.string(), Hex64]).optional() })
    .optional(),
})

export const Ivhd = z.object({
  offset: z.number(),
  /** 0x10, 0x11 or 0x40. */
  type: z.number(),
  flags: z.number(),
  /** Requester ID of the IOMMU itself. */
  deviceId: z.number(),
  capabilityOffset: z.number(),
  base: Hex64,
  segment: z.number(),
  info: z.number(),
  /** Feature reporting (0x10) or attributes (0x11, 0x40). */
  attributes: z.number(),
  /** Extended feature register images, blocks 0x11 and 0x40. */
  efr: Hex64.optional(),
  efr2: Hex64.optional(),
  entries: z.array(IvhdEntry),
})

export const Ivmd = z.object({
  offset: z.number(),
  /** 0x20 all devices, 0x21 one device, 0x22 range deviceId … auxiliary. */
  type: z.number(),
  /** 0 unity, 1 read, 2 write, 3 exclusion range. */
  flags: z.number(),
  deviceId: z.number(),
  auxiliary: z.number(),
  segment: z.number(),
  start: Hex64,
  /** Bytes. */
  length: Hex64,
})

export const Ivrs = z.object({
  revision: z.number(),
  info: z.number(),
  hardware: z.array(Ivhd),
  memory: z.array(Ivmd),
  /** Type and IOMMU device id of every block in table order: Linux picks one IVHD type by that order. */
  order: z.array(z.object({ type: z.number(), deviceId: z.number() })),
})

export type IvhdEntry = z.infer<typeof IvhdEntry>
export type Ivhd = z.infer<typeof Ivhd>
export type Ivmd = z.infer<typeof Ivmd>
export type Ivrs = z.infer<typeof Ivrs>
