/** Boards: platforms that are drawn, as documents of the workspace. Text and picture are one document. */
import { z } from 'zod'
import { Platform } from '../../main/simulator/platform/schema'
import { PlanSubject } from './plan'
import { Problem } from './scenario'

export const PartId = z.enum([
  'root-port',
  'switch',
  'downstream-port',
  'pcie-to-pci-bridge',
  'pci-bridge',
  'nic',
  'nvme',
  'usb',
  'gpu',
  'sriov-nic',
  'dsa',
  'pci-nic',
])
export type PartId = z.infer<typeof PartId>
export const IommuPart = z.enum(['vt-d', 'amd-vi', 'smmu-v3', 'virtio-iommu', 'pamu'])
export type IommuPart = z.infer<typeof IommuPart>
export const MsiPart = z.enum(['x86-apic', 'gicv2m', 'gicv3-its', 'mpic'])
export type MsiPart = z.infer<typeof MsiPart>

const id = z.string().max(256)
export const PlatformEdit = z.discriminatedUnion('op', [
  z.object({ op: z.literal('add-part'), part: PartId, under: id }),
  z.object({ op: z.literal('add-function'), of: id }),
  z.object({ op: z.literal('add-root'), segment: z.number().int().min(0).max(0xffff) }),
  z.object({ op: z.literal('add-iommu'), kind: IommuPart }),
  z.object({ op: z.literal('add-msi'), kind: MsiPart }),
  z.object({ op: z.literal('remove'), what: id }),
  z.object({ op: z.literal('move'), what: id, under: id }),
  z.object({ op: z.literal('serve'), unit: id, what: id, on: z.boolean() }),
  z.object({ op: z.literal('remapping'), unit: id, on: z.boolean() }),
  z.object({ op: z.literal('set'), what: id, fields: z.record(z.string(), z.unknown()) }),
  z.object({ op: z.literal('name'), name: z.string().min(1).max(256) }),
  z.object({
    op: z.literal('kernel'),
    release: z.string().max(256).optional(),
    cmdline: z.string().max(8192).optional(),
  }),
])
export type PlatformEdit = z.infer<typeof PlatformEdit>

export const BoardText = z.object({ name: z.string().max(4096), text: z.string().max(32 * 1024 * 1024) })

export const boardCalls = {
  /** A machine as the text of a new board; or a bare one of an architecture. */
  'board.draft': {
    req: z.union([
      z.object({ from: PlanSubject }),
      z.object({ bare: z.enum(['x86', 'arm64', 'powerpc']), name: z.string().max(256) }),
    ]),
    res: z.object({ text: z.string() }),
  },
  /** What is wrong with the text; the platform where nothing is. */
  'board.check': { req: BoardText, res: z.object({ problems: z.array(Problem), platform: Platform.optional() }) },
  /**
   * One change of it: the text with only what changed written anew, and what to select then.
   * Errors: PLATFORM_LINK for a link that cannot be, PLATFORM_UNKNOWN, PLATFORM_UNKNOWN_BDF, PLATFORM_INVALID.
   */
  'board.edit': {
    req: BoardText.extend({ edit: PlatformEdit }),
    res: z.object({ text: z.string(), selected: z.string() }),
  },
} as const
