/**
 * What a DMAR table says (Intel VT-d specification 5.10, chapter 8), as data.
 * `offset` is always the byte offset of the structure in the table, so that answers can point at their evidence.
 */
import { z } from 'zod'

const Hex64 = z.string().regex(/^0x[0-9a-f]{1,16}$/)

export const DeviceScope = z.object({
  offset: z.number(),
  type: z.enum(['endpoint', 'bridge', 'ioapic', 'hpet', 'namespace', 'unknown']),
  /** The type as written in the table. */
  code: z.number(),
  /** Defined for SIDP only; reserved elsewhere. */
  flags: z.number(),
  /** I/O APIC id, HPET number or ACPI device number. */
  enumerationId: z.number(),
  startBus: z.number(),
  path: z.array(z.object({ device: z.number(), function: z.number() })),
})

export const Drhd = z.object({
  offset: z.number(),
  flags: z.number(),
  /** Flag bit 0: serves every function of its segment that no other unit names. */
  includeAll: z.boolean(),
  /** Register set is 2^N × 4 KiB. */
  sizeCode: z.number(),
  segment: z.number(),
  base: Hex64,
  scopes: z.array(DeviceScope),
})

export const Rmrr = z.object({
  offset: z.number(),
  segment: z.number(),
  base: Hex64,
  /** Inclusive. */
  limit: Hex64,
  scopes: z.array(DeviceScope),
})

export const Dmar = z.object({
  revision: z.number(),
  /** Bits. */
  hostAddressWidth: z.number(),
  interruptRemapping: z.boolean(),
  x2apicOptOut: z.boolean(),
  dmaControlOptIn: z.boolean(),
  units: z.array(Drhd),
  reservedMemory: z.array(Rmrr),
  rootPortAts: z.array(
    z.object({ offset: z.number(), allPorts: z.boolean(), segment: z.number(), scopes: z.array(DeviceScope) }),
  ),
  affinity: z.array(z.object({ offset: z.number(), base: Hex64, proximityDomain: z.number() })),
  namespaceDevices: z.array(z.object({ offset: z.number(), deviceNumber: z.number(), name: z.string() })),
  soc: z.array(
    z.object({ offset: z.number(), atcRequired: z.boolean(), segment: z.number(), scopes: z.array(DeviceScope) }),
  ),
  properties: z.array(z.object({ offset: z.number(), segment: z.number(), scopes: z.array(DeviceScope) })),
})

export type DeviceScope = z.infer<typeof DeviceScope>
export type Drhd = z.infer<typeof Drhd>
export type Rmrr = z.infer<typeof Rmrr>
export type Dmar = z.infer<typeof Dmar>
