/**
 * A platform: what is on the board, as far as it decides where DMA and interrupts go.
 * The same shape is imported from a machine, built in, written inline in a scenario and sent to the window.
 *
 * Absent means "the input says it is not there"; `unknown` lists what the input could not say.
 * Addresses are hex strings (64 bit), small registers are numbers.
 */
import { z } from 'zod'
import { FirmwareTables } from './tables'

/** `0000:01:00.0`: lower case, four or more domain digits (VMD domains have five). */
export const Bdf = z
  .string()
  .regex(/^[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/, 'a PCI address such as 0000:01:00.0')
export const Hex = z.string().regex(/^0x[0-9a-f]+$/, 'a hex number such as 0xfee00000')

export const ExpressType = z.enum([
  'endpoint',
  'legacy-endpoint',
  'root-port',
  'upstream-port',
  'downstream-port',
  'pcie-to-pci-bridge',
  'pci-to-pcie-bridge',
  'rc-integrated-endpoint',
  'rc-event-collector',
])

export const PciFunction = z.object({
  bdf: Bdf,
  /** The bridge above (its BDF) or the id of the root bus it sits on (`pci0000:00`). */
  parent: z.string(),
  vendor: z.number().int(),
  device: z.number().int(),
  /** 24 bits: base class, sub-class, programming interface. */
  class: z.number().int(),
  revision: z.number().int().optional(),
  subsystem: z.object({ vendor: z.number().int(), device: z.number().int() }).optional(),
  /** Header layout: 0 function, 1 PCI-to-PCI bridge, 2 CardBus bridge. */
  headerType: z.number().int().min(0).max(2),
  multifunction: z.boolean().default(false),
  /** Bytes of configuration space that the input had: 0, 64, 256 or 4096. Capabilities beyond are unknown. */
  configSize: z.number().int().default(0),
  bridge: z.object({ primary: z.number(), secondary: z.number(), subordinate: z.number() }).optional(),
  express: z
    .object({
      type: ExpressType,
      version: z.number().int(),
      slot: z.boolean().default(false),
      /** Device Capabilities bit 28, Function Level Reset. Absent: the input did not show the register. */
      flr: z.boolean().optional(),
      /** Device Capabilities 2 bit 21, End-End TLP Prefix Supported: what carries a PASID. Absent: not shown. */
      tlpPrefix: z.boolean().optional(),
    })
    .optional(),
  busMaster: z.boolean().optional(),
  /** Interrupt Pin register: 0 no INTx, 1 … 4 INTA … INTD. Absent: the input did not show it. */
  interruptPin: z.number().int().min(0).max(4).optional(),
  /** Power management capability. NoSoftReset is bit 3 of PMCSR: D3hot to D0 keeps the function's state. */
  pm: z.object({ noSoftReset: z.boolean() }).optional(),
  /** Conventional PCI Advanced Features: AF Capabilities bits 0 (transactions pending) and 1 (function level reset). */
  af: z.object({ tp: z.boolean(), flr: z.boolean() }).optional(),
  msi: z
    .object({ vectors: z.number(), enabled: z.boolean(), maskable: z.boolean(), address64: z.boolean() })
    .optional(),
  msix: z
    .object({
      vectors: z.number(),
      enabled: z.boolean(),
      tableBir: z.number(),
      tableOffset: z.number(),
      pbaBir: z.number(),
      pbaOffset: z.number(),
    })
    .optional(),
  acs: z.object({ cap: z.number(), ctrl: z.number() }).optional(),
  ats: z.object({ enabled: z.boolean(), stu: z.number(), queueDepth: z.number() }).optional(),
  pri: z.object({ enabled: z.boolean() }).optional(),
  pasid: z.object({ width: z.number(), exec: z.boolean(), priv: z.boolean(), enabled: z.boolean() }).optional(),
  sriov: z
    .object({
      total: z.number(),
      initial: z.number(),
      enabled: z.number(),
      firstOffset: z.number(),
      stride: z.number(),
      vfDevice: z.number(),
    })
    .optional(),
  /** Scalable I/O virtualisation DVSEC (vendor 8086, id 5): whether the device has an interrupt message store. */
  siov: z.object({ ims: z.boolean() }).optional(),
  /** DVSEC of a CXL port (vendor 1e98, id 3). */
  cxlPort: z.boolean().optional(),
  ari: z.boolean().optional(),
  /** Requester IDs that this function's traffic may also carry are computed by the planner, not stored here. */
  driver: z.string().optional(),
  physfn: Bdf.optional(),
  numaNode: z.number().int().optional(),
  /** Width of the DMA mask that its driver set (sysfs `dma_mask_bits`; 32 as long as no driver has). */
  dmaMaskBits: z.number().int().min(0).max(64).optional(),
  /** Registers of chipsets that the kernel's quirks read, by the manual's name: GGC, VTISOCHCTRL. */
  registers: z.record(z.string(), Hex).optional(),
  /** Firmware says `ExternalFacingPort`: what hangs below may be a stranger's. Absent: it does not say so. */
  externalFacing: z.boolean().optional(),
  /** Firmware's name for it (`\_SB_.PCI0.S10_`), by which AML speaks of it. */
  acpiPath: z.string().optional(),
  /** Firmware has a `_RST` method for it. Absent: it has none, or the input has no bytecode. */
  acpiReset: z.boolean().optional(),
  /** What the input calls it, for a person. */
  name: z.string().optional(),
  /** Capabilities that the input could not show (short configuration space, `<access denied>`), and other facts by name. */
  unknown: z.array(z.string()).default([]),
  /** Those of `unknown` of which the input shows that they are there, though not what is in them. */
  present: z.array(z.string()).optional(),
})

export const Root = z.object({
  id: z.string(),
  segment: z.number().int(),
  bus: z.number().int(),
  /** The function that makes this root bus out of itself (a VMD endpoint): DMA of everything on it carries its requester ID. */
  behind: Bdf.optional(),
  /** Host bridge `_DSM` function 5 returned 0: the firmware's configuration is kept (and RMR nodes count). */
  preserveConfig: z.boolean().optional(),
  /** Freescale: block revision of the PCI controller above it (BRR1 bits 15:0), such as 0x204. */
  controllerRevision: z.number().int().optional(),
  /** What the input could not say: "preserve-config", where the bytecode computes the answer. */
  unknown: z.array(z.string()).optional(),
})

export const IommuKind = z.enum(['vt-d', 'amd-vi', 'smmu-v3', 'smmu-v2', 'virtio-iommu', 'pamu'])
export const Iommu = z.object({
  /** sysfs's name: dmar0, ivhd0, smmu3.0x0000000009050000. */
  name: z.string(),
  kind: IommuKind,
  segment: z.number().int().optional(),
  base: Hex.optional(),
  /** Capability registers verbatim, by the manual's name (CAP_REG, ECAP_REG, EFR …). */
  registers: z.record(z.string(), Hex).default({}),
  /** Whether it can remap interrupts on this platform (hardware and firmware say so); undefined: not known. */
  interruptRemapping: z.boolean().optional(),
  /** Arm SMMUs: firmware says that table walks are cache coherent (IORT COHACC override, `dma-coherent`). Absent: not known. */
  coherent: z.boolean().optional(),
  /** Functions it serves, by its firmware table (not by what a kernel was seen to do). */
  serves: z.array(Bdf),
  /** Where that was read: "DMAR DRHD at 0x30, INCLUDE_PCI_ALL". */
  source: z.string(),
})

export const MsiControllerKind = z.enum(['x86-apic', 'vt-d-ir', 'amd-ir', 'gicv2m', 'gicv3-its', 'mpic'])
export const MsiController = z.object({
  name: z.string(),
  kind: MsiControllerKind,
  /** Address that a device writes to. */
  doorbell: Hex.optional(),
  /** Size in bytes of the doorbell range. */
  size: Hex.optional(),
  /** Base of the frame or register block that the doorbell is part of. */
  base: Hex.optional(),
  /** GICv2m: the shared peripheral interrupts that a write to the frame can raise. */
  spis: z.object({ base: z.number().int(), count: z.number().int() }).optional(),
  /** MPIC: the interrupts of the bank that a write to it can raise. */
  interrupts: z.array(z.object({ first: z.number().int(), count: z.number().int() })).optional(),
  /** Functions whose messages it takes. */
  serves: z.array(Bdf),
  source: z.string(),
})

/**
 * A region that firmware asks to be mapped or kept free (RMRR, IVMD, IORT RMR, a device tree's `iommu-addresses`), or a page of
 * an ITS that a HiSilicon Hi161x lets through untranslated.
 */
export const FirmwareRegion = z.object({
  kind: z.enum(['rmrr', 'ivmd', 'rmr', 'iommu-addresses', 'its-page']),
  start: Hex,
  end: Hex,
  devices: z.array(Bdf),
  /** Names of those that are not on PCI. */
  platformDevices: z.array(z.string()).optional(),
  /** RMRR: those of `devices` that its scopes name; the others hang below a bridge that they name. */
  named: z.array(Bdf).optional(),
  /** IVMD block with the exclusion flag. */
  exclusion: z.boolean().optional(),
  /** RMR with the flag "remapping permitted". */
  relaxable: z.boolean().optional(),
  /** `iommu-addresses`: the memory region lies at the very same addresses; else they are only kept free. */
  identity: z.boolean().optional(),
  source: z.string(),
})

/** A device that is not on PCI, whose DMA a unit checks. */
export const PlatformDevice = z.object({
  /** As sysfs has it (`1003000.pcie`) or, where only the kernel's scan tells that, as the firmware does (`\\_SB_.COM0`). */
  name: z.string(),
  /** Name of the unit. */
  iommu: z.string(),
  /** What its requests are told apart by: StreamIDs, LIODNs, AMD's device ids. Empty: one of its own. */
  ids: z.array(z.number().int()),
  source: z.string(),
})

export const Warning = z.object({
  code: z.string(),
  message: z.string(),
  file: z.string().optional(),
  offset: z.number().optional(),
})

export const Platform = z.object({
  doorbellPlatform: z.literal(1),
  name: z.string(),
  arch: z.enum(['x86', 'arm64', 'powerpc', 'unknown']),
  source: z.string(),
  kernel: z
    .object({
      release: z.string().optional(),
      cmdline: z.string().optional(),
      /** Build options that the input had (IOMMU, VFIO, PCI …): `CONFIG_INTEL_IOMMU_DEFAULT_ON` → `y`, absent ones `n`. */
      config: z.record(z.string(), z.string()).optional(),
      /** Last byte of RAM that it lists. */
      ramEnd: Hex.optional(),
    })
    .default({}),
  /** x86: which of pdpe1gb, la57, movdir64b, enqcmd /proc/cpuinfo lists. Absent: the input did not show it. */
  cpuFlags: z.array(z.string()).optional(),
  roots: z.array(Root),
  functions: z.array(PciFunction),
  iommus: z.array(Iommu),
  msiControllers: z.array(MsiController),
  regions: z.array(FirmwareRegion).default([]),
  /** Absent: the input describes none. */
  platformDevices: z.array(PlatformDevice).optional(),
  /** What the input could not say about the board as a whole: "iommus", "msi-controllers", "regions", "bytecode" (DSDT, SSDT). */
  unknown: z.array(z.string()).default([]),
  /** The firmware's own tables, for reasons that point at their evidence. */
  tables: FirmwareTables.optional(),
  /** What was taken for granted because no input said it. */
  assumptions: z.array(z.string()).default([]),
  warnings: z.array(Warning).default([]),
})

export type Platform = z.infer<typeof Platform>
export type PciFunction = z.infer<typeof PciFunction>
export type Root = z.infer<typeof Root>
export type Iommu = z.infer<typeof Iommu>
export type MsiController = z.infer<typeof MsiController>
export type PlatformDevice = z.infer<typeof PlatformDevice>
export type FirmwareRegion = z.infer<typeof FirmwareRegion>
export type PlatformWarning = z.infer<typeof Warning>

/**
 * Which of our own two YAML formats a text is: a platform has its version as a key of its own level. Inside a scenario the
 * same key is indented, below `platform:`.
 */
export const isPlatformText = (text: string): boolean =>
  !/^["']?doorbell["']?\s*:/m.test(text) &&
  (/^["']?doorbellPlatform["']?\s*:/m.test(text) || /^\s*\{\s*"doorbellPlatform"\s*:/.test(text))
