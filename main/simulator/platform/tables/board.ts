/** The smaller tables, as data: MADT (ACPI 6.5 §5.2.12), MCFG (PCI Firmware 3.3 §4.1.2), VIOT (ACPI 6.5 §5.2.36). */
import { z } from 'zod'

const Hex64 = z.string().regex(/^0x[0-9a-f]{1,16}$/)

export const Madt = z.object({
  revision: z.number(),
  localInterruptController: Hex64,
  flags: z.number(),
  /** Local APICs, x2APICs or GIC CPU interfaces that are usable. */
  cpus: z.number(),
  ioApics: z.array(z.object({ offset: z.number(), id: z.number(), address: Hex64, gsiBase: z.number() })),
  distributors: z.array(
    z.object({ offset: z.number(), id: z.number(), base: Hex64, gsiBase: z.number(), version: z.number() }),
  ),
  redistributors: z.array(z.object({ offset: z.number(), base: Hex64, length: z.number() })),
  msiFrames: z.array(
    z.object({
      offset: z.number(),
      id: z.number(),
      base: Hex64,
      /** Flag bit 0: use the two fields below instead of the frame's own TYPER register. */
      overrideSpi: z.boolean(),
      spiCount: z.number(),
      spiBase: z.number(),
    }),
  ),
  its: z.array(z.object({ offset: z.number(), id: z.number(), base: Hex64 })),
})

export const Mcfg = z.object({
  revision: z.number(),
  allocations: z.array(
    z.object({ offset: z.number(), base: Hex64, segment: z.number(), startBus: z.number(), endBus: z.number() }),
  ),
})

const ViotNode = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('pci-range'),
    offset: z.number(),
    endpointStart: z.number(),
    segmentStart: z.number(),
    segmentEnd: z.number(),
    /** Requester IDs, inclusive. */
    bdfStart: z.number(),
    bdfEnd: z.number(),
    /** Offset of the IOMMU's node. */
    output: z.number(),
  }),
  z.object({ type: z.literal('mmio'), offset: z.number(), endpoint: z.number(), base: Hex64, output: z.number() }),
  z.object({ type: z.literal('virtio-iommu-pci'), offset: z.number(), segment: z.number(), bdf: z.number() }),
  z.object({ type: z.literal('virtio-iommu-mmio'), offset: z.number(), base: Hex64 }),
])

export const Viot = z.object({ revision: z.number(), nodes: z.array(ViotNode) })

/** `iommu-map` or `msi-map`: requester IDs inputBase … inputBase + length − 1 → outputBase … of the node `target`. */
export const DeviceTreeMap = z.object({
  inputBase: z.number(),
  target: z.string(),
  outputBase: z.number(),
  length: z.number(),
})

/** What a flattened device tree says about PCI host bridges, IOMMUs and MSI controllers. Nodes are named by path. */
export const DeviceTree = z.object({
  pciHosts: z.array(
    z.object({
      path: z.string(),
      /** Linux's name of the platform device: `4010000000.pcie`. */
      platformName: z.string(),
      segment: z.number().optional(),
      busRange: z.object({ start: z.number(), end: z.number() }).optional(),
      iommuMap: z.array(DeviceTreeMap).optional(),
      iommuMapMask: z.number(),
      msiMap: z.array(DeviceTreeMap).optional(),
      msiMapMask: z.number(),
      msiParent: z.string().optional(),
      /** PAMU: logical I/O device numbers that DMA of everything below carries. */
      liodns: z.array(z.number()).optional(),
      /** PAMU: the unit, where the boot loader is to write the numbers. */
      iommuParent: z.string().optional(),
      /** PAMU: block revision of the controller, by its name: `fsl,qoriq-pcie-v2.4` → 0x204. */
      revision: z.number().optional(),
      /** MPIC: the only bank that messages may go to; absent: any. */
      msiBank: z.string().optional(),
    }),
  ),
  iommus: z.array(
    z.object({
      path: z.string(),
      kind: z.enum(['smmu-v3', 'smmu-v2', 'pamu']),
      base: Hex64,
      /** `dma-coherent` at the node or above it. */
      coherent: z.boolean().optional(),
    }),
  ),
  /** Other devices that name a unit, with what they are told apart by. */
  masters: z
    .array(
      z.object({
        path: z.string(),
        platformName: z.string(),
        /** Path of the unit's node; for PAMU, whose units share their tables, of the first. */
        iommu: z.string(),
        ids: z.array(z.number()),
        /** What `iommu-addresses` of its memory regions ask for, inclusive. */
        reserved: z.array(z.object({ path: z.string(), start: Hex64, end: Hex64, identity: z.boolean() })).optional(),
      }),
    )
    .optional(),
  msiControllers: z.array(
    z.object({
      path: z.string(),
      kind: z.enum(['gicv2m', 'gicv3-its', 'mpic']),
      base: Hex64,
      /** MPIC: the register that a message is written to (MSIIR), at its alias where the node names one. */
      doorbell: Hex64.optional(),
      /** MPIC: interrupts of the bank that this system may use. */
      interrupts: z.array(z.object({ first: z.number(), count: z.number() })).optional(),
      spis: z.object({ base: z.number(), count: z.number() }).optional(),
    }),
  ),
})

export type Madt = z.infer<typeof Madt>
export type Mcfg = z.infer<typeof Mcfg>
export type Viot = z.infer<typeof Viot>
export type ViotNode = z.infer<typeof ViotNode>
export type DeviceTree = z.infer<typeof DeviceTree>
export type DeviceTreeMap = z.infer<typeof DeviceTreeMap>
